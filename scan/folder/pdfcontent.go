package folder

import (
	"bytes"
	"math"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

const (
	maxOperators = 2_000_000 // of one page, forms included
	maxDrawn     = 256 << 20 // bytes of content of one page, forms counted each time
	maxImages    = 1000      // of one page; more are not told apart
	maxStates    = 512       // q without Q
	maxOperands  = 64        // of one operator; later ones are dropped
)

// state is the part of the graphics state that decides whether something shows
// and where.
type state struct {
	ctm         matrix
	clip        rect // what the clip lets through, in default user space
	cutOut      bool // the clip is not a rectangle
	textMode    int  // Tr; 3 paints nothing
	translucent bool // alpha, blend mode or soft mask
	white       bool // the fill colour is white
}

// viewer runs content streams to learn what shows on a page: images by matrix,
// everything else by its first example.
type viewer struct {
	page   *pdfPage
	images []drawn
	other  string
	count  int // operators
	bytes  int // of content
	layers int // marked content that belongs to a layer, nesting
}

// shows notes something that is no image.
func (v *viewer) shows(what string) {
	if v.other == "" {
		v.other = what
	}
}

// run interprets one content stream (ISO 32000-1, annex A lists the operators).
func (v *viewer) run(content []byte, resources types.Dict, s state, depth int) {
	if v.bytes += len(content); v.bytes > maxDrawn {
		v.count = maxOperators // ends the forms above too
	}
	l := &lexer{b: content}
	var stack []state
	var path pathShape
	var marks []bool
	pending := false // W was said: the next painting operator clips
	for {
		op, args, ok := l.next()
		if !ok {
			return
		}
		if v.count++; v.count > maxOperators {
			v.shows("more than can be looked at")
			return
		}
		n := func(i int) float64 {
			if i < len(args) {
				return args[i].number
			}
			return 0
		}
		name := func() string {
			if len(args) == 0 {
				return ""
			}
			return args[len(args)-1].name
		}
		switch op {
		case "q":
			if len(stack) < maxStates {
				stack = append(stack, s)
			}
		case "Q":
			if len(stack) > 0 {
				s, stack = stack[len(stack)-1], stack[:len(stack)-1]
			}
		case "cm":
			s.ctm = matrix{n(0), n(1), n(2), n(3), n(4), n(5)}.then(s.ctm)
		case "gs":
			s.translucent = v.translucent(resources, name(), s.translucent)
		case "g":
			s.white = n(0) >= 1
		case "rg":
			s.white = n(0) >= 1 && n(1) >= 1 && n(2) >= 1
		case "k":
			s.white = len(args) == 4 && n(0)+n(1)+n(2)+n(3) == 0
		case "cs", "sc", "scn":
			s.white = false

		case "m", "l", "c", "v", "y", "h":
			path.other = true
		case "re":
			path.add(newRect(n(0), n(1), n(0)+n(2), n(1)+n(3)), s.ctm)
		case "W", "W*":
			pending = true
		case "n", "f", "F", "f*", "b", "b*", "B", "B*", "s", "S":
			if op != "n" && !path.nothing() {
				onPaper := v.other == "" && len(v.images) == 0
				if !(s.white && onPaper && op[0] == 'f') { // a white ground on white paper
					v.shows("lines or areas")
				}
			}
			if pending {
				if path.rects == 1 && !path.other && path.upright {
					s.clip = s.clip.intersect(path.rect)
				} else {
					s.cutOut = true
				}
			}
			path, pending = pathShape{}, false
		case "sh":
			v.shows("shading")
		case "BI":
			v.shows("an inline image")
			l.skipInlineImage()

		case "Tr":
			s.textMode = int(n(0))
		case "Tj", "TJ", "'", "\"":
			if s.textMode != 3 && len(args) > 0 && args[len(args)-1].text {
				v.shows("text")
			}

		case "BMC", "BDC":
			layer := op == "BDC" && len(args) > 0 && args[0].name == "OC"
			marks = append(marks, layer)
			if layer {
				v.layers++
			}
		case "EMC":
			if len(marks) > 0 {
				if marks[len(marks)-1] {
					v.layers--
				}
				marks = marks[:len(marks)-1]
			}
		case "Do":
			v.do(v.page.dict(resources["XObject"])[name()], resources, s, depth)
		}
	}
}

// translucent looks an external graphics state up (ISO 32000-1, table 58).
func (v *viewer) translucent(resources types.Dict, name string, was bool) bool {
	p := v.page
	gs := p.dict(p.dict(resources["ExtGState"])[name])
	for key, o := range gs {
		switch key {
		case "ca", "CA":
			if p.number(o) < 1 {
				return true
			}
		case "SMask":
			if p.name(o) != "None" {
				return true
			}
		case "BM":
			mode := p.name(o)
			if a := p.array(o); len(a) > 0 {
				mode = p.name(a[0])
			}
			if mode != "Normal" && mode != "Compatible" {
				return true
			}
		}
	}
	return was
}

// do paints an external object.
func (v *viewer) do(o types.Object, resources types.Dict, s state, depth int) {
	p := v.page
	sd, ok := p.value(o).(types.StreamDict)
	if !ok {
		p.lose("something that it draws")
		return
	}
	if v.layers > 0 || sd.Dict["OC"] != nil {
		v.shows("a layer")
		return
	}
	switch p.name(sd.Dict["Subtype"]) {
	case "Form":
		if depth >= maxForms {
			v.shows("very many forms within forms")
			return
		}
		if m := p.numbers(sd.Dict["Matrix"]); len(m) == 6 {
			s.ctm = matrix{m[0], m[1], m[2], m[3], m[4], m[5]}.then(s.ctm)
		}
		if b := p.numbers(sd.Dict["BBox"]); len(b) == 4 {
			q := newRect(b[0], b[1], b[2], b[3]).quad(s.ctm)
			if s.clip = s.clip.intersect(bounds(q[:])); !s.ctm.upright() {
				s.cutOut = true
			}
		}
		content, err := p.decoded(sd, maxContent)
		if err != nil {
			p.lose("a form")
			v.shows("a form that cannot be read")
			return
		}
		if own := p.dict(sd.Dict["Resources"]); own != nil {
			resources = own
		}
		v.run(content, resources, s, depth+1)
	case "Image":
		v.image(sd, s)
	default:
		p.lose("something that it draws")
		v.shows("an object of an unknown kind")
	}
}

// image notes an image. One that covers the whole page hides what was painted
// before it: scanning software that recognises text puts it there.
func (v *viewer) image(sd types.StreamDict, s state) {
	corners := rect{0, 0, 1, 1}.quad(s.ctm)
	all := area(corners[:])
	seen := area(cut(corners[:], s.clip))
	const point = 1.0 // 1/72 inch of the page's edge may stay free
	box := v.page.box
	if all == 0 || math.IsNaN(all) || seen == 0 {
		return // nothing of it shows
	}
	d := drawn{sd, s.ctm}
	if s.translucent || s.cutOut || seen < 0.9*all {
		v.shows("an image that is cut out or let shine through")
	} else if s.ctm.upright() && !hasMask(sd.Dict) {
		inner := rect{box.x0 + point, box.y0 + point, box.x1 - point, box.y1 - point}
		b := bounds(corners[:]).intersect(s.clip)
		if b.x0 <= inner.x0 && b.y0 <= inner.y0 && b.x1 >= inner.x1 && b.y1 >= inner.y1 {
			v.images, v.other = nil, ""
		}
	}
	if len(v.images) < maxImages {
		v.images = append(v.images, d)
	}
}

// hasMask tells whether parts of an image may be transparent.
func hasMask(d types.Dict) bool {
	for _, key := range []string{"SMask", "Mask", "ImageMask", "SMaskInData"} {
		if o, ok := d[key]; ok && o != nil && o != types.Boolean(false) && o != types.Integer(0) {
			return true
		}
	}
	return false
}

// pathShape remembers of a path whether it is one rectangle.
type pathShape struct {
	rect    rect // in default user space
	rects   int
	upright bool
	other   bool // it has lines or curves too
}

func (p *pathShape) add(r rect, ctm matrix) {
	q := r.quad(ctm)
	p.rect, p.upright = bounds(q[:]), ctm.upright()
	p.rects++
}

func (p pathShape) nothing() bool { return p.rects == 0 && !p.other }

// operand of an operator, as far as it matters here.
type operand struct {
	number float64
	name   string // of a name object, escapes undone
	text   bool   // a string, or an array with one, that is not empty
}

// lexer cuts a content stream into operators and their operands. It takes any
// bytes and always gets on.
type lexer struct {
	b  []byte
	at int
}

func (l *lexer) peek() byte {
	if l.at < len(l.b) {
		return l.b[l.at]
	}
	return 0
}

func (l *lexer) next() (op string, args []operand, ok bool) {
	args = make([]operand, 0, 6)
	add := func(o operand) {
		if len(args) < maxOperands {
			args = append(args, o)
		}
	}
	for l.space(); l.at < len(l.b); l.space() {
		switch c := l.b[l.at]; {
		case c == '/':
			add(operand{name: l.name()})
		case c == '(':
			add(operand{text: l.literal()})
		case c == '<' && l.at+1 < len(l.b) && l.b[l.at+1] == '<':
			l.nested()
			add(operand{})
		case c == '<':
			add(operand{text: l.hex()})
		case c == '[':
			add(operand{text: l.nested()})
		case c == '+' || c == '-' || c == '.' || '0' <= c && c <= '9':
			add(operand{number: l.number()})
		case delimiter(c):
			l.at++ // stray
		default:
			start := l.at
			for l.at < len(l.b) && !delimiter(l.b[l.at]) && !space(l.b[l.at]) {
				l.at++
			}
			return string(l.b[start:l.at]), args, true
		}
	}
	return "", nil, false
}

func space(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func delimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

// space skips white space and comments.
func (l *lexer) space() {
	for l.at < len(l.b) {
		switch c := l.b[l.at]; {
		case space(c):
			l.at++
		case c == '%':
			for l.at < len(l.b) && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

func (l *lexer) name() string {
	l.at++
	start := l.at
	for l.at < len(l.b) && !delimiter(l.b[l.at]) && !space(l.b[l.at]) {
		l.at++
	}
	s := string(l.b[start:l.at])
	if d, err := types.DecodeName(s); err == nil {
		return d
	}
	return s
}

// literal skips a string in parentheses and tells whether it holds anything.
func (l *lexer) literal() bool {
	start, depth := l.at+1, 0
	for ; l.at < len(l.b); l.at++ {
		switch l.b[l.at] {
		case '\\':
			l.at++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				l.at++
				return l.at-1 > start
			}
		}
	}
	l.at = len(l.b)
	return true
}

func (l *lexer) hex() bool {
	start := l.at + 1
	n := bytes.IndexByte(l.b[start:], '>')
	if n < 0 {
		l.at = len(l.b)
		return true
	}
	l.at = start + n + 1
	return n > 0
}

// nested skips an array or a dictionary, however deep, and tells whether a
// string that is not empty is inside.
func (l *lexer) nested() (text bool) {
	depth := 0
	for l.at < len(l.b) {
		switch c := l.b[l.at]; {
		case c == '[' || c == '<' && l.at+1 < len(l.b) && l.b[l.at+1] == '<':
			depth++
			l.at++
			if c == '<' {
				l.at++
			}
			continue
		case c == ']' || c == '>':
			depth--
			l.at++
			if c == '>' && l.peek() == '>' {
				l.at++
			}
		case c == '(':
			text = l.literal() || text
		case c == '<':
			text = l.hex() || text
		case c == '%':
			l.space()
		default:
			l.at++
		}
		if depth == 0 {
			return text
		}
	}
	return text
}

// number reads a number leniently: "--5" and "1.2.3" occur in the wild.
func (l *lexer) number() float64 {
	sign, value, scale, dot := 1.0, 0.0, 1.0, false
	for ; l.at < len(l.b); l.at++ {
		switch c := l.b[l.at]; {
		case c == '-':
			sign = -1
		case c == '+':
		case c == '.':
			dot = true
		case '0' <= c && c <= '9':
			if dot {
				scale /= 10
				value += float64(c-'0') * scale
			} else {
				value = value*10 + float64(c-'0')
			}
		default:
			return sign * value
		}
	}
	return sign * value
}

// skipInlineImage goes behind the EI of an inline image: the first that stands
// alone after ID (ISO 32000-1, 8.9.7 knows no better way).
func (l *lexer) skipInlineImage() {
	id := bytes.Index(l.b[l.at:], []byte("ID"))
	if id < 0 {
		l.at = len(l.b)
		return
	}
	for l.at += id + 2; ; {
		i := bytes.Index(l.b[l.at:], []byte("EI"))
		if i < 0 {
			l.at = len(l.b)
			return
		}
		end := l.at + i
		l.at = end + 2
		if space(l.b[end-1]) && (l.at >= len(l.b) || space(l.b[l.at])) {
			return
		}
	}
}
