package pdfa

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"

	"recto/ocr"
)

// layer writes the operators that put words on a page, one text object a line on
// the line's baseline. Words are stretched (Tz) to fill their boxes, and so is
// the space between them, so that neither a reader that looks at gaps nor one
// that looks at spaces sees anything but one space. A line ends in a space for
// readers that join lines without asking where they lie.
type layer struct {
	out    bytes.Buffer
	chars  *charset
	frame  image.Point // pixels
	scale  float64     // points a pixel
	height float64     // of the page in points: y points up there
	size   float64     // font size now set, points
	tz     string      // horizontal scaling now set
	rise   string      // how far above the axis letters stand now, points
}

// Shares of the em, which is the line's size.
const (
	share     = advance / 1000.0               // width of a letter that is not stretched
	middle    = (ascent + descent) / 2 / 1000. // height of the em's middle above the baseline
	narrowest = 0.05                           // a space between words that touch
	inOrder   = 0.1                            // how far behind the last word's start the next must start
	joinable  = 1.0                            // widest gap between ideographs that is no gap
)

const (
	closing    = "50" // Tz of the space that ends a line: a quarter of an em
	tzDecimals = 3    // what rounding takes, the next word or space gives back
	longest    = 8000 // letters a string; PDF/A-2 allows 32,767 bytes (6.1.13)
)

// place is one word on its line's axis, from and to in pixels.
type place struct {
	from, to float64
	letters  []rune
}

// text writes all lines in reading order. mode is the text rendering mode: 3 is
// invisible, 0 shows boxes.
func (l *layer) text(t *ocr.Text, language string, mode int) {
	var lines bytes.Buffer
	l.out, lines = lines, l.out
	for _, block := range t.Blocks {
		for _, par := range block.Paragraphs {
			for i := range par.Lines {
				l.line(&par.Lines[i], par.RTL)
			}
		}
	}
	l.out, lines = lines, l.out
	if lines.Len() == 0 {
		return
	}
	if language != "" {
		fmt.Fprintf(&l.out, "/Span <</Lang (%s)>> BDC\n", language)
	}
	fmt.Fprintf(&l.out, "%d Tr\n", mode)
	l.out.Write(lines.Bytes())
	if language != "" {
		l.out.WriteString("EMC\n")
	}
}

func (l *layer) line(line *ocr.Line, rtl bool) {
	a := axisOf(line, l.frame)
	var words []place
	for _, w := range line.Words {
		if s := letters(w.Text); len(s) > 0 && !w.Unreadable { // what nobody can read nobody is to find
			from, to := a.extent(clamp(w.Box, l.frame))
			words = append(words, place{from, max(to, from+narrowest*a.size), s})
			rtl = rtl || rightToLeft(s)
		}
	}
	if len(words) == 0 {
		return
	}
	if rtl {
		slices.SortStableFunc(words, func(a, b place) int { return cmp.Compare(a.from, b.from) })
		for i := range words {
			if rightToLeft(words[i].letters) {
				words[i].letters = visual(words[i].letters)
			}
		}
	}

	l.out.WriteString("BT\n")
	if size := a.size * l.scale; size != l.size {
		l.size = size
		fmt.Fprintf(&l.out, "/F0 %s Tf\n", number(size, 4))
	}
	var pen float64
	moved := true // the pen is not where the next word starts
	for i, w := range words {
		if moved {
			l.move(a, w.from)
			pen = w.from
		}
		end, next := w.to, math.Inf(1)
		last := w.letters[len(w.letters)-1]
		space := !ideographic(last)
		joined := i+1 < len(words) && words[i+1].from > w.from+inOrder*a.size
		if i+1 < len(words) {
			next = words[i+1].from
			space = space || !ideographic(words[i+1].letters[0])
		}
		switch {
		case joined && space:
			end = min(end, next-narrowest*a.size)
		case joined && next-end <= joinable*a.size:
			end = next
		default:
			joined = false
		}

		l.raise(-a.slope * (w.from + w.to) / 2 * l.scale)
		pen += l.show(w.letters, end-pen, a.size)
		switch {
		case joined && space:
			pen += l.show([]rune{' '}, next-pen, a.size)
		case space:
			l.stretch(closing)
			l.string([]rune{' '})
		}
		moved = !joined
	}
	l.out.WriteString("ET\n")
}

// move puts the pen at t on the axis.
func (l *layer) move(a axis, t float64) {
	x, y := (a.x+t*a.ux)*l.scale, l.height-(a.y+t*a.uy)*l.scale
	fmt.Fprintf(&l.out, "%s %s %s %s %s %s Tm\n", number(a.ux, 6), number(-a.uy, 6), number(a.uy, 6), number(a.ux, 6),
		number(x, 4), number(y, 4))
}

// show writes letters so that they are wide pixels wide and gives how wide they
// have become.
func (l *layer) show(letters []rune, wide, size float64) float64 {
	natural := float64(len(letters)) * share * size
	tz := number(100*wide/natural, tzDecimals)
	got, err := strconv.ParseFloat(tz, 64)
	if err != nil || got <= 0 {
		tz, got = "1", 1 // nothing, or backwards: a hundredth is as good as nothing and keeps the order
	}
	l.stretch(tz)
	l.string(letters)
	return natural * got / 100
}

func (l *layer) stretch(tz string) {
	if tz != l.tz {
		l.tz = tz
		l.out.WriteString(tz + " Tz\n")
	}
}

func (l *layer) raise(points float64) {
	if rise := number(points, 3); rise != l.rise && !(rise == "0" && l.rise == "") {
		l.rise = rise
		l.out.WriteString(rise + " Ts\n")
	}
}

func (l *layer) string(letters []rune) {
	for part := range slices.Chunk(letters, longest) {
		l.out.WriteByte('<')
		for _, r := range part {
			fmt.Fprintf(&l.out, "%04X", l.chars.cid(r))
		}
		l.out.WriteString("> Tj\n")
	}
}

// axis is the straight line that a line's letters stand on, in pixels of the
// frame: a point, the direction of reading from left to right of the glyphs, and
// the em.
//
// A baseline that slopes a little is not followed by turning the letters: readers
// that cut words where letters leave the baseline (poppler, half a point) would
// cut long words in two. The axis is then level, and every word is raised to where
// the baseline has got to in its middle.
type axis struct {
	x, y, ux, uy, size float64
	slope              float64 // pixels down for a pixel along
}

// level is the steepest slope that is made good by raising words: 3 degrees.
const level = 0.052

// axisOf takes the baseline where it makes sense. Without one, the em is centred
// on the line's box, so that highlights cover what is seen.
func axisOf(line *ocr.Line, frame image.Point) axis {
	box := line.Box.Canon()
	if box.Empty() {
		for _, w := range line.Words {
			box = box.Union(w.Box.Canon())
		}
	}
	box = clamp(box, frame)
	a := axis{ux: 1}
	across := box.Dy()
	switch ((line.Turn % 360) + 360) % 360 {
	case 90:
		a.ux, a.uy, across = 0, -1, box.Dx()
	case 180:
		a.ux = -1
	case 270:
		a.ux, a.uy, across = 0, 1, box.Dx()
	}
	a.size = line.XSize
	if !(a.size >= 1 && a.size <= float64(max(frame.X, frame.Y))) { // NaN too
		a.size = float64(max(across, 1))
	}

	b := line.Baseline
	dx, dy := b.X1-b.X0, b.Y1-b.Y0
	long := math.Hypot(dx, dy)
	inside := func(x, y float64) bool {
		w, h := float64(frame.X), float64(frame.Y)
		return x >= -w && x <= 2*w && y >= -h && y <= 2*h
	}
	if long >= 1 && inside(b.X0, b.Y0) && inside(b.X1, b.Y1) && (dx*a.ux+dy*a.uy)/long > math.Sqrt2/2 {
		along, down := dx*a.ux+dy*a.uy, dy*a.ux-dx*a.uy
		if a.x, a.y = b.X0, b.Y0; math.Abs(down/along) <= level {
			a.slope = down / along
		} else {
			a.ux, a.uy = dx/long, dy/long
		}
		return a
	}
	down := middle * a.size // from the middle of the em to the baseline
	a.x = float64(box.Min.X+box.Max.X)/2 - down*a.uy
	a.y = float64(box.Min.Y+box.Max.Y)/2 + down*a.ux
	return a
}

// extent gives where a box starts and ends on the axis, by its edges in the
// axis's main direction.
func (a axis) extent(box image.Rectangle) (from, to float64) {
	if math.Abs(a.ux) >= math.Abs(a.uy) {
		from, to = (float64(box.Min.X)-a.x)/a.ux, (float64(box.Max.X)-a.x)/a.ux
	} else {
		from, to = (float64(box.Min.Y)-a.y)/a.uy, (float64(box.Max.Y)-a.y)/a.uy
	}
	return min(from, to), max(from, to)
}

// clamp brings a box into the frame without losing it.
func clamp(r image.Rectangle, frame image.Point) image.Rectangle {
	r = r.Canon()
	in := func(p image.Point) image.Point {
		return image.Pt(min(max(p.X, 0), frame.X), min(max(p.Y, 0), frame.Y))
	}
	return image.Rectangle{Min: in(r.Min), Max: in(r.Max)}
}

// number writes v without an exponent, trailing zeros or a negative zero.
func number(v float64, decimals int) string {
	p := math.Pow10(decimals)
	v = math.Round(v*p) / p
	if v == 0 {
		return "0"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
