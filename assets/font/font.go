// Package font holds the letters that Recto prints where a reader must see them:
// DejaVu Sans Condensed 2.37, regular and bold. It imports nothing and knows
// nothing of PDF.
//
// Both are subsets without hints, made from Debian's fonts-dejavu-core 2.37-6 with
// fonttools 4.68 and this call; their licence is LICENSE.txt here:
//
//	SOURCE_DATE_EPOCH=0 pyftsubset DejaVuSansCondensed.ttf --output-file=sans.ttf \
//	  --layout-features='*' --no-hinting --glyph-names=no --drop-tables+=FFTM --name-IDs=0,1,2,3,4,5,6,13,14 \
//	  --unicodes=20-7E,A0-3FF,400-52F,531-58A,591-5F4,600-6FF,750-77F,10D0-10FF,1E00-1FFF,2000-206F,2070-209F,\
//	  20A0-20BF,2100-214F,2150-218F,2190-22FF,2500-257F,25A0-25FF,2C60-2C7F,A720-A7FF,FB00-FB06,FB13-FB17,\
//	  FB1D-FDFF,FE20-FE23,FE70-FEFF,FFFD
//
// So they hold Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic
// letters. What they lack - Chinese, Japanese, emoji - has to be shown otherwise.
package font

import _ "embed"

// Sans and Bold are TrueType files with glyf outlines. The caller must not change
// the bytes.
var (
	//go:embed sans.ttf
	Sans []byte
	//go:embed sans-bold.ttf
	Bold []byte
)

// Names are the fonts' PostScript names.
const (
	SansName = "DejaVuSansCondensed"
	BoldName = "DejaVuSansCondensed-Bold"
)
