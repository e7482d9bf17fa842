package markup

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	xlanguage "golang.org/x/text/language"

	"recto/ocr"
)

// HOCR writes one page as hOCR 1.2 in XHTML, positions in pixels of the tree's frame.
// [ParseHOCR] gives the same tree again, but for what hOCR has no place for: Engine and
// Languages (they are in the head), boxes outside of the frame, the ends of a baseline
// within its box, and characters that it does not take. Languages keep the names of the
// models, as Tesseract's own hOCR has them. Words stay as they are printed, hyphens at
// line ends included. A quotation mark in the name of the image, which hOCR cannot
// hold, becomes an apostrophe. The same input gives the same bytes. The error is the
// writer's.
func HOCR(w io.Writer, t *ocr.Text, i Info) error {
	if t == nil {
		return errors.New("write hOCR: no text")
	}
	b := bufio.NewWriter(w)
	h := hocrWriter{w: b, frame: frame(t.Size).Intersect(image.Rect(0, 0, far-1, far-1))}
	h.head(t, i)
	h.page(t, i)
	if err := b.Flush(); err != nil { // it keeps the first error
		return fmt.Errorf("write hOCR: %w", err)
	}
	return nil
}

// hocrWriter counts what it has written, for the IDs.
type hocrWriter struct {
	w     *bufio.Writer
	frame image.Rectangle

	blocks, paragraphs, lines, words int
}

func (h *hocrWriter) head(t *ocr.Text, i Info) {
	io.WriteString(h.w, xml.Header+`<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml">
 <head>
  <title>`+escaped(i.File)+`</title>
  <meta http-equiv="Content-Type" content="text/html;charset=utf-8" />
`)
	meta := func(name, content string) {
		if content != "" {
			fmt.Fprintf(h.w, "  <meta name=\"%s\" content=\"%s\" />\n", name, escaped(content))
		}
	}
	system := t.Engine
	if system == "" {
		system = "unknown" // hOCR wants the field
	}
	meta("ocr-system", system)
	meta("ocr-capabilities", "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_lang ocrp_dir ocrp_wconf")
	meta("ocr-number-of-pages", "1")
	var languages, scripts []string
	for _, name := range t.Languages {
		tag, err := xlanguage.Parse(ocr.BCP47(name))
		if err != nil {
			continue
		}
		if base, c := tag.Base(); c == xlanguage.Exact && !slices.Contains(languages, base.String()) {
			languages = append(languages, base.String())
		}
		if script, c := tag.Script(); c >= xlanguage.High && !slices.Contains(scripts, script.String()) {
			scripts = append(scripts, script.String())
		}
	}
	meta("ocr-langs", strings.Join(languages, " "))
	meta("ocr-scripts", strings.Join(scripts, " "))
	meta("dcterms.identifier", i.Identifier)
	meta("dcterms.creator", i.Creator)
	if created, err := dateTime(i.Time); err == nil {
		meta("dcterms.created", created)
	}
	if changed, err := dateTime(i.Changed); err == nil {
		meta("dcterms.modified", changed)
	}
	meta("preparation", i.Preparation)
	meta("recognition", settings(t, i))
	io.WriteString(h.w, " </head>\n <body>\n")
}

func (h *hocrWriter) page(t *ocr.Text, i Info) {
	title := []string{fmt.Sprintf("bbox 0 0 %d %d", h.frame.Max.X, h.frame.Max.Y)}
	if i.File != "" {
		title = slices.Insert(title, 0, `image "`+strings.ReplaceAll(i.File, `"`, "'")+`"`)
	}
	if i.Number > 0 {
		title = append(title, "ppageno "+strconv.Itoa(i.Number-1)) // counts from 0
	}
	if t.DPI > 0 && t.DPI < far {
		dpi := number(t.DPI)
		title = append(title, "scan_res "+dpi+" "+dpi)
	}
	h.open(2, "div", "ocr_page", "page_1", "", false, title)
	h.end()
	for b := range t.Blocks {
		h.block(&t.Blocks[b])
	}
	io.WriteString(h.w, "  </div>\n </body>\n</html>\n")
}

func (h *hocrWriter) block(b *ocr.Block) {
	if !slices.ContainsFunc(b.Paragraphs, hasText) {
		return
	}
	h.blocks++
	h.open(3, "div", "ocr_carea", id("block_1", h.blocks), b.Language, false, h.bbox(b.Box))
	h.end()
	for i := range b.Paragraphs {
		p := &b.Paragraphs[i]
		if !hasText(*p) {
			continue
		}
		h.paragraphs++
		h.open(4, "p", "ocr_par", id("par_1", h.paragraphs), p.Language, p.RTL, h.bbox(p.Box))
		h.end()
		for l := range p.Lines {
			h.line(&p.Lines[l])
		}
		io.WriteString(h.w, "    </p>\n")
	}
	io.WriteString(h.w, "   </div>\n")
}

func hasText(p ocr.Paragraph) bool { return slices.ContainsFunc(p.Lines, hasWords) }

func hasWords(l ocr.Line) bool {
	return slices.ContainsFunc(l.Words, func(w ocr.Word) bool { return clean(safe(w.Text)) != "" })
}

func (h *hocrWriter) line(l *ocr.Line) {
	if !hasWords(*l) {
		return
	}
	h.lines++
	h.open(5, "span", "ocr_line", id("line_1", h.lines), "", false, append(h.bbox(l.Box), h.shape(l)...))
	h.end()
	for i := range l.Words {
		w := &l.Words[i]
		text := clean(safe(w.Plain()))
		if text == "" {
			continue
		}
		h.words++
		title := append(h.bbox(w.Box), "x_wconf "+decimal(100*within(w.Confidence), 4))
		h.open(6, "span", "ocrx_word", id("word_1", h.words), w.Language, false, title)
		io.WriteString(h.w, ">"+escaped(text)+"</span>\n")
	}
	io.WriteString(h.w, "     </span>\n")
}

// open writes a start tag up to its closing bracket.
func (h *hocrWriter) open(depth int, element, class, id, language string, rtl bool, title []string) {
	fmt.Fprintf(h.w, "%*s<%s class=\"%s\" id=\"%s\"", depth, "", element, class, id)
	if language = clean(safe(language)); language != "" {
		fmt.Fprintf(h.w, " lang=\"%s\"", escaped(language))
	}
	if rtl {
		io.WriteString(h.w, ` dir="rtl"`)
	}
	if len(title) > 0 {
		fmt.Fprintf(h.w, " title=\"%s\"", escaped(strings.Join(title, "; ")))
	}
}

func (h *hocrWriter) end() { io.WriteString(h.w, ">\n") }

// bbox is nothing for a box that has no part of the page in it.
func (h *hocrWriter) bbox(r image.Rectangle) []string {
	if r = h.cut(r); r.Empty() {
		return nil
	}
	return []string{fmt.Sprintf("bbox %d %d %d %d", r.Min.X, r.Min.Y, r.Max.X, r.Max.Y)}
}

// cut gives the part of a box that is on the page, where its size is known.
func (h *hocrWriter) cut(r image.Rectangle) image.Rectangle {
	if h.frame.Empty() {
		return r.Intersect(image.Rect(0, 0, far-1, far-1))
	}
	return r.Intersect(h.frame)
}

// shape tells how a line runs. hOCR's baseline is meant for lines that run from left to
// right, and Tesseract gives turned ones none; where the letters of those stand is said
// by their height and what of it lies below the line, as [ParseHOCR] has it.
func (h *hocrWriter) shape(l *ocr.Line) []string {
	var title []string
	size := 0.0
	if l.XSize > 0 && l.XSize < far {
		size = l.XSize
		title = append(title, "x_size "+number(size))
	}
	box, turn := h.cut(l.Box), quarters(l.Turn)
	known := l.Baseline != ocr.Baseline{} && !box.Empty()
	for _, v := range []float64{l.Baseline.X0, l.Baseline.Y0, l.Baseline.X1, l.Baseline.Y1} {
		known = known && math.Abs(v) < far
	}
	if turn != 0 {
		title = append(title, "textangle "+strconv.Itoa(turn))
		if known {
			below, thickness := depth(box, turn, l.Baseline)
			title = append(title, "x_descenders "+number(below+max(size-thickness, 0)))
		}
		return title
	}
	if known && l.Baseline.X0 < l.Baseline.X1 {
		b := l.Baseline
		slope := (b.Y1 - b.Y0) / (b.X1 - b.X0)
		offset := b.Y0 + slope*(float64(box.Min.X)-b.X0) - float64(box.Max.Y)
		p := properties{box: box, slope: slope, offset: offset, sloped: true}
		if p.baseline() != (ocr.Baseline{}) { // one that a reader would believe
			title = append(title, "baseline "+number(slope)+" "+number(offset))
		}
	}
	return title
}

// depth is how much of a turned line lies below its baseline, and how thick it is.
func depth(box image.Rectangle, turn int, b ocr.Baseline) (below, thickness float64) {
	x, y := (b.X0+b.X1)/2, (b.Y0+b.Y1)/2
	switch turn {
	case 90:
		below, thickness = float64(box.Max.X)-x, float64(box.Dx())
	case 180:
		below, thickness = y-float64(box.Min.Y), float64(box.Dy())
	default: // 270
		below, thickness = x-float64(box.Min.X), float64(box.Dx())
	}
	return min(max(below, 0), thickness), thickness
}

// number is the shortest that reads back as the same.
func number(v float64) string {
	if v == 0 { // no "-0"
		return "0"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// within is a number from 0 to 1.
func within(v float64) float64 {
	if !(v > 0) { // NaN too
		return 0
	}
	return min(v, 1)
}

// escaped is text for XML, without what it cannot hold.
func escaped(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(safe(s))) // a Builder gives no error
	return b.String()
}
