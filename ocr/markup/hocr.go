package markup

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"

	"recto/ocr"
)

// ErrHOCR means that there is no page in what should be hOCR, or more than one.
var ErrHOCR = errors.New("the hOCR does not describe one page")

// ParseHOCR reads the hOCR of one page. It takes what it can: a level that is left
// out is put in, an element without a usable box gets that of its parts or of its
// line, boxes are cut to the page, and what holds no words is left out. Text is put
// into Unicode's normal form C, words in the order of the file. Languages stay as
// they are named there; a word has one only where the file gives it one, else it
// is in its paragraph's. Languages and Engine of the tree are not filled in. The
// error wraps ErrHOCR.
func ParseHOCR(b []byte) (*ocr.Text, error) {
	pages, err := tree(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHOCR, err)
	}
	if len(pages) != 1 {
		return nil, fmt.Errorf("%w: %d pages", ErrHOCR, len(pages))
	}
	p := pages[0]
	t := &ocr.Text{Size: p.box.Max, DPI: p.dpi} // positions count from the image's corner
	c := converter{frame: image.Rectangle{Max: t.Size}}
	for _, n := range lift(p.children, area) {
		if block, ok := c.block(n); ok {
			t.Blocks = append(t.Blocks, block)
		}
	}
	return t, nil
}

// level of the tree that an element stands for.
type level int

const (
	none level = iota
	page
	area
	paragraph
	line
	word
)

// levels are the classes of hOCR that hold text. Headers, captions and floats are
// lines to Tesseract; pictures and rules hold no text.
var levels = map[string]level{
	"ocr_page":      page,
	"ocr_carea":     area,
	"ocr_par":       paragraph,
	"ocr_line":      line,
	"ocrx_line":     line,
	"ocr_header":    line,
	"ocr_caption":   line,
	"ocr_textfloat": line,
	"ocrx_word":     word,
}

// node is an element that has a level. Its children have higher ones.
type node struct {
	level level
	properties
	language string
	rtl      bool
	text     []byte // of a word
	children []*node
}

// maxDepth is far more than any hOCR nests. Elements that lie deeper are not
// looked at, which keeps the search for the one that an end tag closes short.
const maxDepth = 64

// tree gives the pages in b. Broken nesting does no harm: a node belongs to the
// innermost open one of a lower level, whatever lies between.
func tree(b []byte) ([]*node, error) {
	root := &node{}
	type element struct {
		name string
		node *node // nil where it has no level
	}
	open := []element{{"", root}}
	// innermost open node below l
	below := func(l level) *node {
		for i := len(open) - 1; i > 0; i-- {
			if n := open[i].node; n != nil && n.level < l {
				return n
			}
		}
		return root
	}
	z := html.NewTokenizer(bytes.NewReader(b))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); err != io.EOF {
				return nil, err
			}
			return root.children, nil
		case html.StartTagToken:
			t := z.Token()
			if void[t.Data] || len(open) > maxDepth {
				continue
			}
			n := newNode(t.Attr)
			if n != nil {
				if parent := below(n.level); parent != root || n.level == page {
					parent.children = append(parent.children, n)
				}
			}
			open = append(open, element{t.Data, n})
		case html.EndTagToken:
			name, _ := z.TagName()
			for i := len(open) - 1; i > 0; i-- {
				if open[i].name == string(name) {
					open = open[:i]
					break
				}
			}
		case html.TextToken:
			if n := below(word + 1); n.level == word {
				n.text = append(n.text, z.Text()...)
			}
		}
	}
}

// void elements have no end tag (HTML, 13.1.2); those that hOCR may hold.
var void = map[string]bool{"meta": true, "link": true, "br": true, "hr": true, "img": true, "wbr": true}

// newNode is nil for an element without a level.
func newNode(attributes []html.Attribute) *node {
	var n node
	for _, a := range attributes {
		switch a.Key {
		case "class":
			for class := range strings.FieldsSeq(a.Val) {
				n.level = max(n.level, levels[class])
			}
		case "title":
			n.properties = parseProperties(a.Val)
		case "lang":
			n.language = clean(a.Val)
		case "dir":
			n.rtl = strings.EqualFold(a.Val, "rtl")
		}
	}
	if n.level == none {
		return nil
	}
	return &n
}

// lift puts nodes of the wanted level around those of higher ones.
func lift(nodes []*node, wanted level) []*node {
	var out []*node
	var around *node
	for _, n := range nodes {
		if n.level == wanted {
			out, around = append(out, n), nil
			continue
		}
		if around == nil {
			around = &node{level: wanted}
			out = append(out, around)
		}
		around.children = append(around.children, n)
	}
	return out
}

// converter turns nodes into the tree of ocr.Text. Its methods give false for what
// holds no words.
type converter struct{ frame image.Rectangle }

func (c *converter) block(n *node) (ocr.Block, bool) {
	b := ocr.Block{Language: n.language}
	var parts image.Rectangle
	for _, child := range lift(n.children, paragraph) {
		if p, ok := c.paragraph(child); ok {
			p.RTL = p.RTL || n.rtl
			b.Paragraphs = append(b.Paragraphs, p)
			parts = parts.Union(p.Box)
		}
	}
	b.Box = c.box(n, parts)
	return b, len(b.Paragraphs) > 0
}

func (c *converter) paragraph(n *node) (ocr.Paragraph, bool) {
	p := ocr.Paragraph{Language: n.language, RTL: n.rtl}
	var parts image.Rectangle
	for _, child := range lift(n.children, line) {
		if l, ok := c.line(child); ok {
			p.Lines = append(p.Lines, l)
			parts = parts.Union(l.Box)
		}
	}
	p.Box = c.box(n, parts)
	return p, len(p.Lines) > 0
}

func (c *converter) line(n *node) (ocr.Line, bool) {
	l := ocr.Line{XSize: n.xSize, Turn: n.turn}
	var parts image.Rectangle
	for _, child := range n.children {
		text := clean(string(child.text))
		if text == "" {
			continue
		}
		w := ocr.Word{Box: c.box(child, image.Rectangle{}), Text: text, Confidence: child.confidence, Language: child.language}
		l.Words = append(l.Words, w)
		parts = parts.Union(w.Box)
	}
	l.Box = c.box(n, parts)
	if n.turn != 0 { // then nothing but the box tells where the letters stand
		n.box = l.Box
	}
	l.Baseline = n.baseline()
	for i := range l.Words {
		if l.Words[i].Box.Empty() {
			l.Words[i].Box = l.Box
		}
	}
	return l, len(l.Words) > 0
}

// box is the node's box within the page, or else what encloses its parts.
func (c *converter) box(n *node, parts image.Rectangle) image.Rectangle {
	box := n.box
	if !c.frame.Empty() {
		box = box.Intersect(c.frame)
	}
	if box.Empty() {
		return parts
	}
	return box
}

// clean puts text into normal form C, without control characters, with single
// spaces, and with U+FFFD for bytes that are not UTF-8.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}
