package prepare

// #include <leptonica/allheaders.h>
// #include "copy.h"
import "C"

import (
	"math"
	"runtime"
	"slices"

	"recto/scan"
)

// Of ruled lines, in heights of x, or their guess where there is no text.
const (
	ruleLong   = 5.0  // a line is at least so long
	ruleThick  = 0.4  // and at most so thick, on average
	rulePiece  = 1.6  // a run of ink that may be a part of it
	ruleAspect = 12   // length to thickness
	ruleBridge = 0.6  // gaps in a line
	rulesMost  = 2000 // lines; what has more of them is no form
)

// WithoutLines takes out ruled lines that run across or down: long, thin and straight.
// What crosses them stays, so that letters which reach over a line lose nothing. It is
// for the recognition, of a picture that has been deskewed: on tables and forms letters
// next to lines are read better, or at all. Where there are no lines it gives the
// picture itself, sharing memory: both must be closed.
func (p *Picture) WithoutLines() (*Picture, error) {
	defer runtime.KeepAlive(p)
	e, x := p.editable()
	across := e.rules(x)
	e.turn()
	down := e.rules(x)
	e.turn()
	if len(across)+len(down) == 0 {
		return made(clone(p.pix), p.header, "lines")
	}
	for _, r := range across {
		e.wipe(r, x)
	}
	e.turn()
	for _, r := range down {
		e.wipe(r, x)
	}
	e.turn()
	return e.picture(p)
}

// Of forms, ledgers and tables.
const (
	leastRules = 3  // lines that tell one from a page with a line under its head
	manyRules  = 20 // lines that leave no doubt
)

// ProposeLines tells whether a picture that has been deskewed has ruled lines to take out,
// with how sure that is from 0 to 1. Whether that helps the recognition only the
// recognition can tell.
func (p *Picture) ProposeLines() (scan.Lines, bool) {
	defer runtime.KeepAlive(p)
	if p.vast() {
		return scan.Lines{}, false
	}
	e, x := p.editable()
	n := len(e.rules(x))
	e.turn()
	n += len(e.rules(x))
	return scan.Lines{Remove: true, Confidence: min(1, float64(n)/manyRules)}, n >= leastRules
}

// vast tells whether a picture is so large that nothing is proposed that costs several
// times its memory: a poster or a plan, whose letters are large as well.
func (p *Picture) vast() bool { s := p.Size(); return s.X*s.Y > 100_000_000 }

// editable is a picture's grey and ink in Go's memory.
type editable struct {
	w, h int
	grey []byte
	ink  []bool
}

// editable takes the ink from the paper as a sketch sees it, at full size, and gives the
// height of x in pixels, a guess where there is no text. The sketch is a fresh one: what
// was looked at before must not show in the pixels.
func (p *Picture) editable() (*editable, float64) {
	s := p.fresh()
	x, sure := s.xHeight()
	if !sure {
		x = EstimateDPI(p.Size()) / 15 // 10 points
	}
	size, grey := p.Grey()
	e := &editable{size.X, size.Y, grey, make([]bool, len(grey))}
	keep := int((1 - s.paper.contrast()) * 4096)
	for y := range e.h {
		ty := min(y/s.scale/tile, s.paper.tiles.Y-1)
		for tx := range s.paper.tiles.X {
			limit := byte(s.paper.level[ty*s.paper.tiles.X+tx] * keep >> 16)
			from, to := tx*tile*s.scale, (tx+1)*tile*s.scale
			if tx == s.paper.tiles.X-1 {
				to = e.w
			}
			for x := from; x < min(to, e.w); x++ {
				e.ink[y*e.w+x] = grey[y*e.w+x] < limit
			}
		}
	}
	return e, x
}

// turn swaps rows and columns.
func (e *editable) turn() {
	grey, ink := make([]byte, len(e.grey)), make([]bool, len(e.ink))
	const block = 32
	for by := 0; by < e.h; by += block {
		for bx := 0; bx < e.w; bx += block {
			for y := by; y < min(by+block, e.h); y++ {
				for x := bx; x < min(bx+block, e.w); x++ {
					grey[x*e.h+y], ink[x*e.h+y] = e.grey[y*e.w+x], e.ink[y*e.w+x]
				}
			}
		}
	}
	e.w, e.h, e.grey, e.ink = e.h, e.w, grey, ink
}

// picture gives the edited grey as a picture.
func (e *editable) picture(p *Picture) (*Picture, error) {
	to, err := newPix(p.Size(), 8)
	if err != nil {
		return nil, err
	}
	wpl, all := int(C.pixGetWpl(to)), words(to)
	for y := range e.h {
		row := all[y*wpl:][:wpl]
		clear(row)
		for x, g := range e.grey[y*e.w:][:e.w] {
			row[x/4] |= uint32(g) << (24 - 8*(x%4))
		}
	}
	h := p.header
	h.bits, h.samples, h.palette, h.alpha = 8, 1, false, false
	return newPicture(to, h), nil
}

// rules finds lines across: runs of ink that are long, joined with those that go on
// beside or within a row above or below.
func (e *editable) rules(x float64) [][]run {
	least, bridge := int32(max(8, rulePiece*x)), int32(max(2, ruleBridge*x))
	var list []run
	first, above := 0, 0
	for y := range e.h {
		above, first = first, len(list)
		row := e.ink[y*e.w:][:e.w]
		for at := 0; at < e.w; at++ {
			if !row[at] {
				continue
			}
			from := at
			for at < e.w && row[at] {
				at++
			}
			if int32(at-from) < least {
				continue
			}
			r := run{int32(y), int32(from), int32(at), int32(len(list))}
			list = append(list, r)
			if n := len(list) - 1; n > first && r.from-list[n-1].to <= bridge {
				join(list, int32(n), int32(n-1))
			}
			for i := above; i < first; i++ {
				if o := list[i]; o.y == r.y-1 && o.from < r.to+bridge && r.from < o.to+bridge {
					join(list, int32(len(list)-1), int32(i))
				}
			}
		}
	}
	groups := map[int32][]run{}
	var order []int32
	for i := range list {
		root := rootOf(list, int32(i))
		if groups[root] == nil {
			order = append(order, root)
		}
		groups[root] = append(groups[root], list[i])
	}
	var out [][]run
	for _, root := range order {
		g := groups[root]
		from, to, area := g[0].from, g[0].to, int32(0)
		for _, r := range g {
			from, to, area = min(from, r.from), max(to, r.to), area+r.to-r.from
		}
		long := float64(to - from)
		thick := float64(area) / long
		tall := float64(g[len(g)-1].y-g[0].y) + 1
		if long >= ruleLong*x && thick <= max(3, ruleThick*x) && long >= ruleAspect*thick && tall <= max(4, ruleThick*x)+long/50 {
			out = append(out, g)
		}
	}
	if len(out) > rulesMost {
		return nil
	}
	return out
}

// wipe makes paper of a line where nothing crosses it.
func (e *editable) wipe(rule []run, x float64) {
	from, to := rule[0].from, rule[0].to
	for _, r := range rule {
		from, to = min(from, r.from), max(to, r.to)
	}
	top, low := make([]int, to-from), make([]int, to-from) // of each column; low is exclusive
	for i := range top {
		top[i] = -1
	}
	for _, r := range rule {
		for at := r.from; at < r.to; at++ {
			i := at - from
			if top[i] < 0 {
				top[i] = int(r.y)
			}
			low[i] = int(r.y) + 1
		}
	}
	thick := 0
	var all []int
	for i := range top {
		if top[i] >= 0 {
			all = append(all, low[i]-top[i])
		}
	}
	slices.Sort(all)
	thick = all[len(all)/2]
	reach := int(math.Max(2, float64(thick)*0.75))
	for i := range top {
		if top[i] < 0 {
			continue
		}
		at := int(from) + i
		a, b := top[i], low[i]
		for a > 0 && top[i]-a <= reach && e.ink[(a-1)*e.w+at] {
			a--
		}
		for b < e.h && b-low[i] <= reach && e.ink[b*e.w+at] {
			b++
		}
		if top[i]-a > reach || b-low[i] > reach {
			continue // something crosses or touches
		}
		a, b = max(0, a-1), min(e.h, b+1) // the line's soft edges
		light := 0
		for _, y := range []int{a - 1, a - 2, b, b + 1} {
			if y >= 0 && y < e.h && !e.ink[y*e.w+at] {
				light = max(light, int(e.grey[y*e.w+at]))
			}
		}
		if light == 0 {
			continue
		}
		for y := a; y < b; y++ {
			e.grey[y*e.w+at], e.ink[y*e.w+at] = byte(max(light, int(e.grey[y*e.w+at]))), false
		}
	}
}
