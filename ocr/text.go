package ocr

import (
	"context"
	"image"
	"strings"
)

// Text is what was read on one page.
type Text struct {
	Size      image.Point `json:"size"` // of the frame that all boxes lie in
	DPI       float64     `json:"dpi"`
	Languages []string    `json:"languages,omitempty"` // asked for, ISO 639-2 as Tesseract names them: "eng", "deu"
	Engine    string      `json:"engine,omitempty"`    // name and version
	Blocks    []Block     `json:"blocks,omitempty"`    // in reading order
}

// Block is a region of running text: paragraphs of one column.
type Block struct {
	Box        image.Rectangle `json:"box"`
	Language   string          `json:"language,omitempty"`
	Paragraphs []Paragraph     `json:"paragraphs"`
}

// Paragraph is a run of lines that belong together.
type Paragraph struct {
	Box      image.Rectangle `json:"box"`
	Language string          `json:"language,omitempty"`
	RTL      bool            `json:"rtl,omitempty"`
	Lines    []Line          `json:"lines"`
}

// Line is one line of words in logical (reading) order.
type Line struct {
	Box image.Rectangle `json:"box"`
	// Baseline runs from (X0,Y0) to (X1,Y1) in reading direction of the glyphs'
	// left to right, absolute pixels. Zero where the engine gave none: then it is
	// the lower edge of the box, or for turned lines what Turn says.
	Baseline Baseline `json:"baseline"`
	XSize    float64  `json:"x_size"`         // ascender to descender, pixels
	Turn     int      `json:"turn,omitempty"` // degrees anticlockwise that the line is turned: 0, 90, 180, 270
	Words    []Word   `json:"words"`
}

// Baseline is the line that the letters stand on.
type Baseline struct {
	X0 float64 `json:"x0"`
	Y0 float64 `json:"y0"`
	X1 float64 `json:"x1"`
	Y1 float64 `json:"y1"`
}

// Word is one word as the engine read it.
type Word struct {
	Box        image.Rectangle `json:"box"`
	Text       string          `json:"text"`
	Confidence float64         `json:"confidence"` // 0 to 1
	Language   string          `json:"language,omitempty"`
}

// Words calls yield for every word in reading order.
func (t *Text) Words(yield func(*Word) bool) {
	for b := range t.Blocks {
		for p := range t.Blocks[b].Paragraphs {
			for l := range t.Blocks[b].Paragraphs[p].Lines {
				line := &t.Blocks[b].Paragraphs[p].Lines[l]
				for w := range line.Words {
					if !yield(&line.Words[w]) {
						return
					}
				}
			}
		}
	}
}

// Confidence is the mean over all words weighted by their letters, 0 to 1; 0 for
// a page without words.
func (t *Text) Confidence() float64 {
	var sum, n float64
	for w := range t.Words {
		k := float64(len([]rune(w.Text)))
		sum += w.Confidence * k
		n += k
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// Plain is the text as people read it: a line of words a line, an empty line
// between paragraphs. Hyphens at line ends stay.
func (t *Text) Plain() string {
	var b strings.Builder
	for _, block := range t.Blocks {
		for _, par := range block.Paragraphs {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			for _, line := range par.Lines {
				for i, w := range line.Words {
					if i > 0 {
						b.WriteByte(' ')
					}
					b.WriteString(w.Text)
				}
				b.WriteByte('\n')
			}
		}
	}
	return b.String()
}

// Image is what an engine reads: 8-bit grey rows without padding.
type Image struct {
	Size image.Point
	Grey []byte // len = Size.X * Size.Y
	DPI  float64
}

// Options of one recognition.
type Options struct {
	Languages []string // at least one
	Mode      int      // Tesseract's page segmentation mode; 0 means 3, fully automatic
}

// Engine reads one page at a time; it is not safe for concurrent use. Text comes
// back with Size as the image's; a page without text gives an empty tree.
type Engine interface {
	Version() string
	Recognise(ctx context.Context, img Image, o Options) (*Text, error)
}
