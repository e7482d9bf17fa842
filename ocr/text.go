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
	Models    []Model     `json:"models,omitempty"`    // that read it, one for each of Languages
	// Script is what the page's letters look like, as Tesseract names scripts ("Cyrillic"),
	// where that is sure enough and no language asked for is written so. See [Text.Suggest].
	Script string  `json:"script,omitempty"`
	Blocks []Block `json:"blocks,omitempty"` // in reading order
}

// Model is one file of language data that read a text: names stay when models are
// replaced, and a text should say what read it.
type Model struct {
	Name   string `json:"name"`   // as in Languages
	SHA256 string `json:"sha256"` // of the file, lower-case hexadecimal
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
	// Noise says that this is most likely no text at all ([Text.MarkNoise]): it is kept here,
	// and left out of what people read, search and are given, until somebody looks after it.
	Noise bool `json:"noise,omitempty"`
}

// Baseline is the line that the letters stand on.
type Baseline struct {
	X0 float64 `json:"x0"`
	Y0 float64 `json:"y0"`
	X1 float64 `json:"x1"`
	Y1 float64 `json:"y1"`
}

// Word is one word: as the engine read it, or as a person put it right. Who did so
// and when is in the journal, not here.
type Word struct {
	Box        image.Rectangle `json:"box"`
	Text       string          `json:"text"`
	Confidence float64         `json:"confidence"` // 0 to 1; 1 once a person has corrected or checked it
	Language   string          `json:"language,omitempty"`
	// Raw is what the engine read, where it is not Text. Of words that were merged it
	// is all they were, parted by spaces; of one that was divided it is with the first
	// part, and the others are Added.
	Raw       string `json:"raw,omitempty"`
	Corrected bool   `json:"corrected,omitempty"` // a person changed it or where it begins and ends (ALTO's CS)
	Checked   bool   `json:"checked,omitempty"`   // a person looked at it and left it as it was read
	Added     bool   `json:"added,omitempty"`     // the engine read nothing here that is not in the Raw of the word before
	// Unreadable says that a person cannot read it either. Text stays, but nobody is
	// to find it: a search leaves it out and plain text has [Gap] for it. TEI has gap
	// with reason="illegible" for that; neither ALTO nor PAGE has a word of its own.
	Unreadable bool `json:"unreadable,omitempty"`
}

// Gap stands in plain text for each word that nobody can read.
const Gap = "[...]"

// AsRead is what the engine read, empty for a word that it did not read.
func (w Word) AsRead() string {
	switch {
	case w.Raw != "":
		return w.Raw
	case w.Added:
		return ""
	}
	return w.Text
}

// Plain is the word as people read it: its text, or [Gap].
func (w Word) Plain() string {
	if w.Unreadable {
		return Gap
	}
	return w.Text
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
// a page without words. What nobody can read does not count.
func (t *Text) Confidence() float64 {
	var sum, n float64
	for w := range t.WithoutNoise().Words {
		if w.Unreadable {
			continue
		}
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
// between paragraphs. Hyphens at line ends stay. An unreadable word is a [Gap].
func (t *Text) Plain() string {
	var b strings.Builder
	for _, block := range t.WithoutNoise().Blocks {
		for _, par := range block.Paragraphs {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			for _, line := range par.Lines {
				for i, w := range line.Words {
					if i > 0 {
						b.WriteByte(' ')
					}
					b.WriteString(w.Plain())
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

	// Words are words that the page may hold and the language's dictionary lacks, such as
	// names. They are no limit to what is read but make it likelier: of two readings that
	// the picture allows almost alike, the one in a dictionary wins. A word with a letter
	// that the model does not know has no effect. An entry of several words counts as
	// these. Case matters.
	Words []string

	// Patterns are shapes that words may have, in Tesseract's notation: \d is a digit, \c
	// a letter, \a a small one, \A a capital one, \n a letter or digit, \p a mark of
	// punctuation, \* any number of what stands before it, \\ a backslash, and any other
	// character itself: 19\d\d, \A\a\*-\d\d. They work as Words do, but must say the
	// punctuation that clings to the word, too: '\d\d was seen to do nothing for "'95,",
	// '\d\d\p to help. They pull harder than words: one that is too general bends words
	// that were read well.
	Patterns []string
}

// Engine reads one page at a time; it is not safe for concurrent use. Text comes
// back with Size as the image's; a page without text gives an empty tree.
type Engine interface {
	Version() string
	Recognise(ctx context.Context, img Image, o Options) (*Text, error)
}
