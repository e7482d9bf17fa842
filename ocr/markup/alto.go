package markup

import (
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"recto/ocr"
)

// Info is what a file says besides the text.
type Info struct {
	File        string // name of the image, for people and for METS
	Identifier  string // of the page, global
	Number      int    // of the page in its document, from 1
	Preparation string // what was done to the image before it was read: the positions are in the result
	Settings    string // of the recognition, besides the languages

	// PAGE must have the first two, ALTO holds none of them.
	Creator string    // who made the text; empty: the engine
	Time    time.Time // when it was made
	Changed time.Time // when it was last changed; zero: never
}

// ALTO writes one page as ALTO 4.4, positions in pixels of the tree's frame. Each
// paragraph is a TextBlock, a block of several a ComposedBlock around them. Both
// parts of a word that is broken over two lines carry the whole word. Characters
// that XML cannot hold are left out. The same input gives the same bytes.
func ALTO(w io.Writer, t *ocr.Text, i Info) error {
	if t == nil {
		return errors.New("write ALTO: no text")
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write ALTO: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(newALTO(t, i)); err != nil {
		return fmt.Errorf("write ALTO: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write ALTO: %w", err)
	}
	return nil
}

func newALTO(t *ocr.Text, i Info) *altoFile {
	p := altoPage{ID: "page", Number: i.Number, Width: t.Size.X, Height: t.Size.Y}
	var languages []string
	for _, name := range t.Languages {
		if tag := language(name); tag != "" {
			languages = append(languages, tag)
		}
	}
	if len(languages) > 0 {
		p.Language, p.Others = languages[0], strings.Join(languages[1:], " ")
	}
	c := composer{page: &p}
	for b := range t.Blocks {
		c.block(&t.Blocks[b])
	}
	p.Print.altoBox = box(c.printed)
	if c.words > 0 {
		p.Confidence = share(t.Confidence())
	}
	d := altoDescription{
		Unit:   "pixel",
		Source: altoSource{File: safe(i.File), Identifier: safe(i.Identifier)},
	}
	if i.Preparation != "" {
		d.Processing = append(d.Processing, altoProcessing{
			ID: "preparation", Category: "preOperation", Description: "image preparation",
			Settings: safe(i.Preparation),
		})
	}
	if t.Engine != "" {
		d.Processing = append(d.Processing, altoProcessing{
			ID: "recognition", Category: "contentGeneration", Description: "text recognition",
			Settings: settings(t, i), Software: software(t.Engine),
		})
	}
	for _, step := range d.Processing {
		p.Processing = strings.TrimPrefix(p.Processing+" "+step.ID, " ")
	}
	return &altoFile{
		Namespace: "http://www.loc.gov/standards/alto/ns-v4#",
		XSI:       "http://www.w3.org/2001/XMLSchema-instance",
		Location:  "http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-4.xsd",
		Version:   "4.4", Description: d, Page: p,
	}
}

// settings is what another run needs to give the same text.
func settings(t *ocr.Text, i Info) string {
	var s []string
	if len(t.Languages) > 0 {
		s = append(s, "languages "+strings.Join(t.Languages, "+"))
	}
	if t.DPI > 0 {
		s = append(s, "dpi "+decimal(t.DPI, 0))
	}
	if i.Settings != "" {
		s = append(s, i.Settings)
	}
	for _, m := range t.Models {
		s = append(s, "model "+m.Name+" sha256:"+m.SHA256)
	}
	return safe(strings.Join(s, "; "))
}

// software splits "Tesseract 5.3.0".
func software(engine string) *altoSoftware {
	name, version := engine, ""
	if at := strings.LastIndexByte(engine, ' '); at > 0 {
		name, version = engine[:at], engine[at+1:]
	}
	return &altoSoftware{Name: safe(name), Version: safe(version)}
}

// composer adds blocks to a page and counts what it has added, for the IDs.
type composer struct {
	page    *altoPage
	printed image.Rectangle

	groups, blocks, lines, words int
}

func (c *composer) block(b *ocr.Block) {
	broken := joints(b)
	var blocks []altoBlock
	for p := range b.Paragraphs {
		blocks = append(blocks, c.paragraph(b, &b.Paragraphs[p], broken)...)
	}
	if len(blocks) == 0 {
		return
	}
	c.printed = c.printed.Union(b.Box)
	if len(blocks) == 1 {
		c.page.Print.Blocks = append(c.page.Print.Blocks, blocks[0])
		return
	}
	c.groups++
	c.page.Print.Blocks = append(c.page.Print.Blocks, altoComposed{
		ID: id("group", c.groups), altoBox: box(b.Box), Blocks: blocks,
	})
}

// paragraph gives a TextBlock for the lines that are turned alike, which is all of
// them as a rule: ALTO knows rotation of blocks only.
func (c *composer) paragraph(b *ocr.Block, p *ocr.Paragraph, broken map[*ocr.Word]joint) []altoBlock {
	var out []altoBlock
	turn := -1
	inherited := c.page.Language
	if l := first(language(p.Language), language(b.Language)); l != "" {
		inherited = l
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		parts := c.parts(l, inherited, broken)
		if len(parts) == 0 {
			continue
		}
		if turn != l.Turn {
			turn = l.Turn
			c.blocks++
			block := altoBlock{ID: id("block", c.blocks), altoBox: box(p.Box), Rotation: turn}
			if inherited != c.page.Language {
				block.Language = inherited
			}
			if p.RTL {
				block.Direction = "rtl"
			}
			out = append(out, block)
		}
		c.lines++
		last := &out[len(out)-1]
		last.Lines = append(last.Lines, altoLine{
			ID: id("line", c.lines), altoBox: box(l.Box), Baseline: points(l.Baseline), Parts: parts,
		})
	}
	return out
}

func (c *composer) parts(l *ocr.Line, inherited string, broken map[*ocr.Word]joint) []any {
	var parts []any
	for i := range l.Words {
		w := &l.Words[i]
		s := altoString{altoBox: box(w.Box), Content: safe(w.Plain()), Confidence: share(w.Confidence), Corrected: w.Corrected || w.Checked}
		j := broken[w]
		if j.hyphen != "" {
			s.Content = safe(strings.TrimSuffix(w.Text, j.hyphen))
		}
		if s.Content == "" {
			continue
		}
		s.Kind, s.Whole = j.kind, safe(j.whole)
		if tag := language(w.Language); tag != inherited {
			s.Language = tag
		}
		c.words++
		s.ID = id("word", c.words)
		if len(parts) > 0 {
			parts = append(parts, altoGap{})
		}
		parts = append(parts, s)
		if j.hyphen != "" {
			parts = append(parts, altoHyphen{Content: j.hyphen})
		}
	}
	return parts
}

// joint is what a part of a broken word has to say.
type joint struct {
	kind   string // HypPart1 or HypPart2
	whole  string
	hyphen string // that the first part ends in
}

// joints finds the words of a block that are broken over two lines. Of a word over
// three, which hardly occurs, ALTO can hold the first joint only.
func joints(b *ocr.Block) map[*ocr.Word]joint {
	found := map[*ocr.Word]joint{}
	var last *ocr.Word
	for p := range b.Paragraphs {
		for l := range b.Paragraphs[p].Lines {
			words := b.Paragraphs[p].Lines[l].Words
			if len(words) == 0 {
				continue
			}
			next := &words[0]
			if last != nil && found[last].kind == "" {
				if whole, ok := ocr.Rejoin(last.Text, next.Text); ok {
					_, hyphen := ocr.CutHyphen(last.Text)
					found[last] = joint{"HypPart1", whole, hyphen}
					found[next] = joint{"HypPart2", whole, ""}
				}
			}
			last = &words[len(words)-1]
		}
	}
	return found
}

func id(kind string, n int) string { return kind + "_" + strconv.Itoa(n) }

func box(r image.Rectangle) altoBox { return altoBox{r.Min.X, r.Min.Y, r.Dx(), r.Dy()} }

// language is the tag of a Tesseract name, empty where it says nothing.
func language(name string) string {
	if tag := ocr.BCP47(name); tag != "und" {
		return tag
	}
	return ""
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// points gives "x,y x,y", or nothing for a baseline that is not known.
func points(b ocr.Baseline) string {
	if b == (ocr.Baseline{}) {
		return ""
	}
	var out []string
	for _, v := range []float64{b.X0, b.Y0, b.X1, b.Y1} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return ""
		}
		out = append(out, decimal(v, 1))
	}
	return out[0] + "," + out[1] + " " + out[2] + "," + out[3]
}

// share is a number from 0 to 1.
func share(v float64) string {
	if !(v > 0) { // NaN too
		return "0"
	}
	return decimal(min(v, 1), 3)
}

// decimal writes at most so many places, without zeros at the end.
func decimal(v float64, places int) string {
	s := strconv.FormatFloat(v, 'f', places, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

// safe leaves out what XML 1.0 cannot hold (2.2, Char) and replaces bytes that are
// not UTF-8.
func safe(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\uFFFE' || r == '\uFFFF' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
