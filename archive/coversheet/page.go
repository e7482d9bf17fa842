package coversheet

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"recto/archive"
)

// Where things are on a sheet, from above, in points. Between the patch codes
// nothing comes nearer to them than a quarter of an inch.
const (
	margin    = 20 * mm
	textTop   = 47 * mm // below the heading
	qrSide    = 72 * mm
	barHeight = 18 * mm
	below     = 37 * mm // from the bottom edge to the lowest letters
)

// item is a line of the description of a unit.
type item struct {
	label, text string
	bold        bool
	size        float64 // points
	most        int     // lines, where there is too much for the sheet
	lines       []line
}

// smaller are the sizes tried, of the full one, until a description fits.
var smaller = []float64{1, 0.85, 0.72, 0.6, 0.5, 0.42, 0.36}

const (
	leading   = 1.22 // between base lines, of the size
	labelSize = 8.5
	itemGap   = 9.0
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
	codeTop := below + 9*mm + barHeight // from the bottom
	if err := marks.code128(payload(u.Code), patchEdge, below+9*mm, width-2*patchEdge, barHeight); err != nil {
		return nil, err
	}
	qrBottom := codeTop + 4*mm
	quiet := 4.0 / 29 * qrSide // so that its modules begin at the margin, about
	if err := marks.qr(payload(u.Code), margin-quiet, qrBottom, qrSide); err != nil {
		return nil, err
	}
	// Two rules: below the heading, and above the codes.
	descriptionBottom := qrBottom + qrSide + 2*mm
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

	x := margin - quiet + qrSide + 4*mm
	y := qrBottom + qrSide - quiet - 12
	for _, step := range []string{
		"This side up, lay on top of the unit's sheets.",
		"Scan it with them, in one stack with other units if you like. The pages that follow are filed under this unit.",
		"Nothing may cover or cross the bars and the square. If one is damaged, print this sheet again.",
	} {
		for _, l := range d.set.lines(d.sans, step, (width-margin-x)*em/12.5) {
			d.sans.show(&out, l, x, y, 12.5)
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
		{label: "Reference", text: u.Reference, bold: true, size: 30, most: 8},
		{label: "Title", text: u.Title, size: 21, most: 1 << 20},
		{label: "Container", text: u.Container, size: 16, most: 4},
		{label: "Expected sheets", text: expected, size: 16, most: 1},
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
	note := ""
	if lacking {
		note = "In brackets: characters that this sheet's font lacks, by their Unicode numbers."
		bottom += noteSize * 1.5
	}
	for i, s := range smaller {
		if d.measure(kept, s, room) <= top-bottom {
			break
		}
		if i == len(smaller)-1 {
			d.cut(kept, s, top-bottom, room)
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
	if note != "" {
		d.put(out, d.sans, note, noteSize, margin, bottom-noteSize*1.2, room, left)
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
		it.size = full(it.label) * scale
		it.lines = d.set.lines(d.face(it.bold), it.text, room*em/it.size)
		sum += labelSize + itemGap + 0.25*it.size + float64(len(it.lines))*it.size*leading
	}
	return sum
}

// full is the size of an item where there is room.
func full(label string) float64 {
	switch label {
	case "Reference":
		return 30
	case "Title":
		return 21
	}
	return 16
}

// cut leaves lines out where there is too much even for small letters, and says how
// many characters are missing: the catalogue has them all.
func (d *document) cut(items []item, scale, height, room float64) {
	title := -1
	for i := range items {
		if items[i].label == "Title" {
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
	shown := it.lines[:max(1, most-1)]
	all := []rune(it.text)
	missing := len(all) - shown[len(shown)-1].runes
	mark := d.set.lines(d.face(it.bold), fmt.Sprintf("… %d more characters are in the catalogue", missing), room*em/it.size)
	it.lines = append(shown, mark[0])
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
