package folder

import (
	"fmt"

	"recto/scan"
)

const (
	maxPages   = 1 << 16 // of one TIFF: a book has less, a chain that is longer is hostile
	maxStrips  = 1 << 21 // strips or tiles of one page
	maxSubIFDs = 64      // looked at to tell a camera's raw file
)

// tiffPage is one page of a TIFF, or the place where one should be.
type tiffPage struct {
	at  int64 // offset of its directory
	err error // why it cannot be had
}

// tiffPages finds the pages of the main chain. Thumbnails and masks are no
// pages, unless there is nothing else. A chain that breaks off ends with a page
// that carries the error.
func tiffPages(t *tiffFile) []tiffPage {
	var pages, others []tiffPage
	seen := map[int64]bool{}
	for at := t.first; at != 0; {
		if seen[at] {
			pages = append(pages, tiffPage{at, fmt.Errorf("the TIFF directories form a loop: %w", scan.ErrDamaged)})
			break
		}
		if len(seen) == maxPages {
			pages = append(pages, tiffPage{at, fmt.Errorf("more than %d pages: %w", maxPages, scan.ErrTooLarge)})
			break
		}
		seen[at] = true
		d, err := t.readIFD(at)
		if err != nil {
			pages = append(pages, tiffPage{at, err})
			break
		}
		if t.uint(d, tagNewSubfileType, 0)&(1|4) != 0 || t.uint(d, tagSubfileType, 1) == 2 {
			others = append(others, tiffPage{at: at})
		} else {
			pages = append(pages, tiffPage{at: at})
		}
		at = d.next
	}
	if len(pages) == 0 {
		return others[:min(1, len(others))]
	}
	return pages
}

// rawKind tells a camera's raw file, which begins like a TIFF: it says so by its
// DNG version, or an image of it has a mosaic of colour filters (TIFF/EP) or a
// maker's own compression.
func rawKind(t *tiffFile) (kind, bool) {
	main, err := t.readIFD(t.first)
	if err != nil {
		return kind{}, false
	}
	if _, ok := main.find(tagDNGVersion); ok {
		return kind{format: scan.RAW, name: "DNG raw"}, true
	}
	dirs := []int64{t.first, main.next}
	if e, ok := main.find(tagSubIFDs); ok {
		if subs, err := t.uints(e, maxSubIFDs); err == nil {
			for _, at := range subs {
				dirs = append(dirs, int64(at))
			}
		}
	}
	for _, at := range dirs {
		d, err := t.readIFD(at)
		if err != nil {
			continue
		}
		photometric, compression := t.uint(d, tagPhotometric, 0), t.uint(d, tagCompression, 1)
		if photometric == 32803 || photometric == 34892 || compression == 34713 || compression == 32767 ||
			compression == 32770 || compression == 65535 { // CFA, LinearRaw; Nikon, Sony, Samsung, Pentax
			return kind{format: scan.RAW, name: "camera raw"}, true
		}
	}
	return kind{}, false
}
