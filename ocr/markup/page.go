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

// ErrTime means that Info says no time that PAGE's metadata could hold: it must be
// there, and within the years 1 to 9999.
var ErrTime = errors.New("no time of creation is given")

// PAGE writes one page as PAGE content 2019-07-15 (PcGts), positions in pixels of the
// tree's frame. Each paragraph is a TextRegion (one more for lines turned otherwise),
// and the reading order is that of the tree. Words stay as they are printed, hyphens at
// line ends included.
//
// The format forbids points outside of the picture and of what is around them. So boxes
// are cut to the frame, an outline is as large as what lies in it, and what has no box
// of its own gets that of the line, the region or the page. Languages and scripts have
// names of the schema's own; "other" is only said where silence would mean the language
// of what lies around. Characters that XML cannot hold are left out. The same input
// gives the same bytes. The error wraps ErrTime or is the writer's.
func PAGE(w io.Writer, t *ocr.Text, i Info) error {
	if t == nil {
		return errors.New("write PAGE: no text")
	}
	created, err := dateTime(i.Time)
	if err != nil {
		return fmt.Errorf("write PAGE: %w", err)
	}
	changed := created
	if !i.Changed.IsZero() {
		if changed, err = dateTime(i.Changed); err != nil {
			return fmt.Errorf("write PAGE: %w", err)
		}
	}
	f := newPAGE(t, i)
	f.Metadata.Created, f.Metadata.Changed = created, changed
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write PAGE: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(f); err != nil {
		return fmt.Errorf("write PAGE: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write PAGE: %w", err)
	}
	return nil
}

// dateTime is a time as the schema wants it, in UTC.
func dateTime(t time.Time) (string, error) {
	t = t.UTC()
	if t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return "", ErrTime
	}
	return t.Format("2006-01-02T15:04:05.999Z"), nil
}

const pageSpace = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"

func newPAGE(t *ocr.Text, i Info) *pageFile {
	l := layout{frame: frame(t.Size)}
	p := pagePage{File: safe(i.File), Width: l.frame.Dx(), Height: l.frame.Dy()}
	if t.DPI > 0 && !math.IsInf(t.DPI, 0) {
		p.XResolution, p.Unit = decimal(t.DPI, 3), "PPI"
		p.YResolution = p.XResolution
	}
	for _, name := range t.Languages {
		said := speech(name)
		switch {
		case said.language == "" || said.language == p.Language:
		case p.Language == "":
			p.Language = said.language
		case p.Second == "":
			p.Second = said.language
		}
		switch {
		case said.script == "" || said.script == p.Script:
		case p.Script == "":
			p.Script = said.script
		case p.SecondScript == "":
			p.SecondScript = said.script
		}
	}
	around := tongue{p.Language, p.Script}
	for b := range t.Blocks {
		for n := range t.Blocks[b].Paragraphs {
			p.Regions = append(p.Regions, l.regions(&t.Blocks[b], &t.Blocks[b].Paragraphs[n], around)...)
		}
	}
	if len(p.Regions) > 0 {
		p.Confidence = share(t.Confidence())
		p.Order = &pageOrder{ID: "order"}
		for n := range p.Regions {
			p.Order.Regions = append(p.Order.Regions, pageReference{Index: n, Region: p.Regions[n].ID})
		}
	}
	return &pageFile{
		Namespace: pageSpace,
		XSI:       "http://www.w3.org/2001/XMLSchema-instance",
		Location:  pageSpace + " " + pageSpace + "/pagecontent.xsd",
		Metadata:  pageMetadata{Creator: creator(t, i), Items: steps(t, i), External: safe(i.Identifier)},
		Page:      p,
	}
}

// creator is who made the file; the format must have one.
func creator(t *ocr.Text, i Info) string {
	for _, s := range []string{i.Creator, t.Engine} {
		if s = strings.TrimSpace(safe(s)); s != "" {
			return s
		}
	}
	return "unknown"
}

// steps are what was done to image and text, in order.
func steps(t *ocr.Text, i Info) []pageItem {
	var items []pageItem
	if i.Preparation != "" {
		items = append(items, pageItem{Kind: "processingStep", Name: "preparation", Value: safe(i.Preparation)})
	}
	if t.Engine == "" {
		return items
	}
	var labels []pageLabel
	if len(t.Languages) > 0 {
		labels = append(labels, pageLabel{Kind: "languages", Value: safe(strings.Join(t.Languages, "+"))})
	}
	if i.Settings != "" {
		labels = append(labels, pageLabel{Kind: "settings", Value: safe(i.Settings)})
	}
	for _, m := range t.Models {
		labels = append(labels, pageLabel{Kind: "model", Value: safe(m.Name + " sha256:" + m.SHA256)})
	}
	item := pageItem{Kind: "processingStep", Name: "recognition", Value: safe(t.Engine)}
	if len(labels) > 0 {
		item.Labels = &pageLabels{Labels: labels}
	}
	return append(items, item)
}

// frame is the rectangle of the page, whatever is said of its size: the schema's
// numbers have 32 bits and no sign.
func frame(size image.Point) image.Rectangle {
	return image.Rect(0, 0, min(max(size.X, 0), math.MaxInt32), min(max(size.Y, 0), math.MaxInt32))
}

// layout makes regions and counts what it has made, for the IDs.
type layout struct {
	frame image.Rectangle

	blocks, lines, words int
}

// regions gives a TextRegion for each run of lines that are turned alike, which is all
// of them as a rule: PAGE knows the orientation of regions only.
func (l *layout) regions(b *ocr.Block, p *ocr.Paragraph, around tongue) []pageRegion {
	own := around
	for _, name := range []string{b.Language, p.Language} {
		own = own.then(speech(name))
	}
	whole := p.Box.Intersect(l.frame)
	if whole.Empty() {
		whole = b.Box.Intersect(l.frame)
	}
	if whole.Empty() {
		whole = l.frame
	}
	var out []pageRegion
	var turns []int
	var outlines []image.Rectangle
	var texts [][]string
	var sums []mean
	for i := range p.Lines {
		line, text, box, conf, ok := l.line(&p.Lines[i], whole, own)
		if !ok {
			continue
		}
		turn := quarters(p.Lines[i].Turn)
		n := len(out) - 1
		if n < 0 || turns[n] != turn {
			l.blocks++
			r := pageRegion{ID: id("region", l.blocks), Kind: "paragraph"}
			r.Language, r.Script = own.differs(around)
			if turn != 0 {
				r.Orientation = strconv.Itoa(clockwise(turn))
			}
			if p.RTL {
				r.Direction = "right-to-left"
			}
			n++
			out, turns, outlines, texts, sums = append(out, r), append(turns, turn), append(outlines, image.Rectangle{}), append(texts, nil), append(sums, mean{})
		}
		out[n].Lines = append(out[n].Lines, line)
		outlines[n] = outlines[n].Union(box)
		texts[n] = append(texts[n], text)
		sums[n].add(conf)
	}
	for n := range out {
		if len(out) == 1 { // all lines of the paragraph
			outlines[n] = outlines[n].Union(whole)
		}
		out[n].Coords = coords(outlines[n])
		out[n].Text = equivalent(strings.Join(texts[n], "\n"), sums[n].value())
	}
	return out
}

// line is false where there are no words in it.
func (l *layout) line(line *ocr.Line, whole image.Rectangle, around tongue) (out pageLine, text string, box image.Rectangle, sum mean, ok bool) {
	box = line.Box.Intersect(l.frame)
	var boxes []image.Rectangle
	var texts []string
	for i := range line.Words {
		w := &line.Words[i]
		content := safe(w.Plain())
		if strings.TrimSpace(content) == "" {
			continue
		}
		b := w.Box.Intersect(l.frame)
		box = box.Union(b)
		boxes, texts = append(boxes, b), append(texts, content)
		l.words++
		word := pageWord{ID: id("word", l.words), Text: equivalent(content, w.Confidence)}
		word.Language, word.Script = around.then(speech(w.Language)).differs(around)
		out.Words = append(out.Words, word)
		sum.letters(content, w.Confidence)
	}
	if len(out.Words) == 0 {
		return out, "", box, sum, false
	}
	if box.Empty() {
		box = whole
	}
	for i, b := range boxes {
		if b.Empty() {
			b = box
		}
		out.Words[i].Coords = coords(b)
	}
	l.lines++
	text = strings.Join(texts, " ")
	out.ID, out.Coords, out.Text = id("line", l.lines), coords(box), equivalent(text, sum.value())
	if points := l.baseline(line.Baseline); points != "" {
		out.Baseline = &pageCoords{Points: points}
	}
	return out, text, box, sum, true
}

// baseline gives the points of one that is known and lies on the page.
func (l *layout) baseline(b ocr.Baseline) string {
	if b == (ocr.Baseline{}) {
		return ""
	}
	for _, v := range []float64{b.X0, b.Y0, b.X1, b.Y1} {
		if !(math.Abs(v) < far) { // NaN too
			return ""
		}
	}
	at := func(x, y float64) (image.Point, bool) {
		p := image.Pt(int(math.Round(x)), int(math.Round(y)))
		in := image.Pt(min(max(p.X, 0), l.frame.Max.X), min(max(p.Y, 0), l.frame.Max.Y))
		d := p.Sub(in)
		return in, max(d.X, -d.X, d.Y, -d.Y) <= 1 // what lies farther off is no baseline on this page
	}
	p, ok := at(b.X0, b.Y0)
	q, also := at(b.X1, b.Y1)
	if !ok || !also {
		return ""
	}
	return point(p.X, p.Y) + " " + point(q.X, q.Y)
}

func point(x, y int) string { return strconv.Itoa(x) + "," + strconv.Itoa(y) }

// coords is the outline of a box, clockwise from the upper left. PAGE counts up to the
// width and height of the image, so the edges are those of image.Rectangle.
func coords(r image.Rectangle) pageCoords {
	return pageCoords{Points: strings.Join([]string{
		point(r.Min.X, r.Min.Y), point(r.Max.X, r.Min.Y), point(r.Max.X, r.Max.Y), point(r.Min.X, r.Max.Y),
	}, " ")}
}

func equivalent(text string, confidence float64) *pageText {
	return &pageText{Confidence: share(confidence), Unicode: text}
}

// quarters is a turn as the nearest of 0, 90, 180 and 270.
func quarters(turn int) int {
	q := int(math.Round(float64(turn)/90)) % 4 * 90
	if q < 0 {
		q += 360
	}
	return q
}

// clockwise is how far to rotate what is turned anticlockwise so that it stands
// upright, within PAGE's range of more than -180 to 180.
func clockwise(turn int) int {
	if turn > 180 {
		return turn - 360
	}
	return turn
}

// mean weighs confidences by letters, as ocr.Text does.
type mean struct{ sum, n float64 }

func (m *mean) add(o mean) { m.sum, m.n = m.sum+o.sum, m.n+o.n }

func (m *mean) letters(text string, confidence float64) {
	k := float64(len([]rune(text)))
	if !(confidence > 0) {
		confidence = 0
	}
	m.sum, m.n = m.sum+min(confidence, 1)*k, m.n+k
}

func (m *mean) value() float64 {
	if m.n == 0 {
		return 0
	}
	return m.sum / m.n
}
