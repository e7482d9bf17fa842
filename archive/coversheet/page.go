package coversheet

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"

	"recto/archive"
)

// Where things are on a sheet, from above, in points. Between the patch codes
// nothing comes nearer to them than a quarter of an inch.
const (
	margin    = 20 * mm
	textTop   = 47 * mm // below the heading
	qrSide    = 56 * mm
	quiet     = 11 * mm // white around the square: at least four of its modules, of which it has 21 or more
	barHeight = 18 * mm
	below     = 37 * mm // from the bottom edge to the lowest letters

	barBottom         = below + 9*mm // these three from the bottom edge too
	qrBottom          = barBottom + barHeight + quiet
	descriptionBottom = qrBottom + qrSide + quiet
)

const titleLabel = "Title"

// item is a line of the description of a unit.
type item struct {
	label, text string
	bold        bool
	full, least float64 // size in points where there is room, and where there is none
	most        int     // lines, where there is too much for the sheet; the title takes what is left
	size        float64
	lines       []line
}

// smaller are the sizes tried, of the full one, until a description fits.
var smaller = []float64{1, 0.85, 0.72, 0.6, 0.5, 0.42, 0.36}

const (
	leading   = 1.22 // between base lines, of the size
	labelSize = 9.0
	itemGap   = 11.0
	noteSize  = 8.0
)

// draw gives the content stream of a unit's sheet.
func (d *document) draw(u archive.Unit) ([]byte, error) {
	if err := Check(u); err != nil {
		return nil, err
	}
	width, height := d.paper.width, d.paper.height
	room := width - 2*margin
	var marks bars
	marks.patches(width, height)
	if err := marks.code128(payload(u.Code), patchEdge, barBottom, width-2*patchEdge, barHeight); err != nil {
		return nil, err
	}
	if err := marks.qr(payload(u.Code), margin, qrBottom, qrSide); err != nil {
		return nil, err
	}
	// Two rules: below the heading, and above the codes.
	marks.add(margin, height-42*mm, room, 1.2)
	marks.add(margin, descriptionBottom, room, 0.5)

	var out bytes.Buffer
	out.WriteString("0 g\n")
	out.Write(marks.Bytes())
	out.WriteString("f\n")

	d.put(&out, d.bold, "COVER SHEET", 13, margin, height-39.5*mm, room, left)
	d.put(&out, d.sans, "This side up, on top of the unit's sheets", 11, margin, height-39.5*mm, room, right)

	if err := d.describe(&out, u, height-textTop, descriptionBottom+4*mm, room); err != nil {
		return nil, err
	}

	x := margin + qrSide + quiet
	y := qrBottom + qrSide - 12
	for i, step := range []string{
		"This side up, lay on top of the unit's sheets.",
		"Scan it with them, in one stack with other units if you like. The pages that follow are filed under this unit.",
		"Nothing may cover or cross the bars and the square. If one is damaged, print this sheet again.",
	} {
		face := d.face(i == 0)
		for _, l := range d.set.lines(face, step, (width-margin-x)*em/12.5) {
			face.show(&out, l, x, y, 12.5)
			y -= 12.5 * 1.3
		}
		y -= 7
	}
	d.put(&out, d.bold, u.Code, 16, margin, below+1.5*mm, room, centre)
	return out.Bytes(), nil
}

// describe sets what the unit says of itself between top and bottom.
func (d *document) describe(out *bytes.Buffer, u archive.Unit, top, bottom, room float64) error {
	expected := "not counted"
	if u.Expected > 0 {
		expected = strconv.Itoa(u.Expected)
	}
	all := []item{
		{label: "Reference", text: u.Reference, bold: true, full: 30, least: 15, most: 4},
		{label: titleLabel, text: u.Title, full: 21, least: 7.5},
		{label: "Container", text: u.Container, full: 16, least: 10, most: 2},
		{label: "Expected sheets", text: expected, full: 16, least: 10, most: 1},
	}
	lacking := false
	kept := all[:0]
	for _, it := range all {
		var missing bool
		it.text, missing = d.face(it.bold).legible(it.text)
		lacking = lacking || missing
		if it.text != "" {
			kept = append(kept, it)
		}
	}
	if lacking {
		bottom += noteSize * 1.5
	}
	for i, s := range smaller {
		if d.measure(kept, s, room) <= top-bottom {
			break
		}
		if i == len(smaller)-1 {
			d.cut(kept, top-bottom, room)
			d.shortened = append(d.shortened, u.Reference)
		}
	}
	y := top
	for _, it := range kept {
		y -= labelSize
		d.put(out, d.sans, it.label, labelSize, margin, y, room, left)
		y -= 0.25 * it.size
		for _, l := range it.lines {
			y -= it.size
			x := margin
			if l.right {
				x += room - l.width*it.size/em
			}
			d.face(it.bold).show(out, l, x, y, it.size)
			y -= it.size * (leading - 1)
		}
		y -= itemGap
	}
	if lacking {
		d.numbered = append(d.numbered, u.Reference)
		d.put(out, d.sans, "In brackets: characters that this sheet's font lacks, by their Unicode numbers.", noteSize, margin, bottom-noteSize*1.2, room, left)
	}
	return nil
}

func (d *document) face(bold bool) *typeface {
	if bold {
		return d.bold
	}
	return d.sans
}

// measure breaks items into lines at a scale and gives their height.
func (d *document) measure(items []item, scale, room float64) float64 {
	sum := 0.0
	for i := range items {
		it := &items[i]
		it.size = max(it.full*scale, it.least)
		it.lines = d.set.lines(d.face(it.bold), it.text, room*em/it.size)
		sum += labelSize + itemGap + 0.25*it.size + float64(len(it.lines))*it.size*leading
	}
	return sum
}

// cut leaves lines out where there is too much even for small letters, and says so:
// the catalogue has the whole.
func (d *document) cut(items []item, height, room float64) {
	title := -1
	for i := range items {
		if items[i].label == titleLabel {
			title = i
			continue
		}
		d.shorten(&items[i], items[i].most, room)
	}
	if title < 0 {
		return
	}
	rest := height
	for i, it := range items {
		rest -= labelSize + itemGap + 0.25*it.size
		if i != title {
			rest -= float64(len(it.lines)) * it.size * leading
		}
	}
	d.shorten(&items[title], max(2, int(rest/(items[title].size*leading))), room)
}

func (d *document) shorten(it *item, most int, room float64) {
	if len(it.lines) <= most {
		return
	}
	mark := d.set.lines(d.face(it.bold), "… (cut here; the catalogue has all of it)", room*em/it.size)
	it.lines = append(it.lines[:max(1, most-1)], mark[0])
}

// side is where a line stands.
type side int

const (
	left side = iota
	centre
	right
)

// put shows one line of text; what is too broad for the room is set smaller.
func (d *document) put(out *bytes.Buffer, t *typeface, text string, size, x, y, room float64, s side) {
	for _, l := range d.set.lines(t, text, 1e6) {
		size = min(size, room*em/max(l.width, 1))
		x += float64(s) / 2 * (room - l.width*size/em)
		t.show(out, l, x, y, size)
	}
}

// number writes at most three decimals, and no more than needed.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', 3, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	return cmp.Or(strings.TrimPrefix(s, "-0"), "0")
}
