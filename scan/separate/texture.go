package separate

import (
	"image"

	"recto/scan"
)

// What an edge, a tear or a sticker has left of a matrix code need not hang
// together, may hang together with the bed of the scanner, and may have no eye and
// no border. It still is a compact piece of texture: colours change in it both ways
// about everywhere. Such pieces are put together from squares of the page; whether
// they are made of modules is for [sight.lattice] to say.

const (
	squareIn    = 0.08 // inches: two to four modules of the usual size
	mostFieldIn = 2.6  // a larger field is a paragraph or a picture
	leastFields = 4    // squares
	busyLines   = 2.5  // edges through two by two squares that change their colours as often, both ways together
	leastLines  = 0.75 // and either way
)

// field is a part of a sight: a box, and of that, where there are any, the squares
// that are in.
type field struct {
	box   image.Rectangle
	side  int // of a square, 0: all of the box is in
	wide  int // squares in a row
	label []int32
	mine  int32
}

func (f field) has(x, y int) bool {
	return f.side == 0 || f.label[y/f.side*f.wide+x/f.side] == f.mine
}

// findTextures gives the codes of which there are remains in the textures of a page.
func findTextures(s *sight, img *image.Gray, known []scan.Code, left *purse) []scan.Code {
	var out []scan.Code
	take := func(f field, is func(field) bool) {
		if !left.any() {
			return
		}
		b := f.box
		box := s.page(float64(b.Min.X), float64(b.Min.Y), float64(b.Max.X), float64(b.Max.Y), img.Bounds())
		if !overlapped(box, known) && !overlapped(box, out) && is(f) {
			// QR or Data Matrix: any profile that takes codes shows it to somebody
			out = append(out, scan.Code{Kind: scan.AnyCode, Unread: true, Box: box})
		}
	}
	whole := func(f field) bool { return s.lattice(f, false, left) }
	for _, f := range s.fields() {
		take(f, whole)
	}
	for side := range 4 {
		for _, f := range s.brinks(side) {
			take(f, func(f field) bool { return whole(f) || s.border(f, side, left) })
		}
	}
	return out
}

func overlapped(b image.Rectangle, codes []scan.Code) bool {
	for _, c := range codes {
		if c.Box.Overlaps(b) {
			return true
		}
	}
	return false
}

// fields finds the textures of a page that are of the size of a code.
func (s *sight) fields() []field {
	side := int(squareIn*s.dpi + 0.5)
	if side < 6 {
		return nil
	}
	w, h := s.size.X/side, s.size.Y/side
	if w < 3 || h < 3 {
		return nil
	}
	busy := closed(s.busy(side, w, h), w, h)
	label := make([]int32, (w+1)*(h+1)) // the rest at the right and below is of no square
	var out []field
	for start := range busy {
		if !busy[start] {
			continue
		}
		f := field{side: side, wide: w + 1, label: label, mine: int32(len(out) + 1)}
		n := f.spread(busy, start, w, h)
		long := float64(max(f.box.Dx(), f.box.Dy()))
		if n >= leastFields && long <= mostFieldIn*s.dpi {
			out = append(out, f)
		} else {
			f.forget()
		}
	}
	return out
}

// forget frees the label for the next.
func (f *field) forget() {
	for y := f.box.Min.Y; y < f.box.Max.Y; y += f.side {
		for x := f.box.Min.X; x < f.box.Max.X; x += f.side {
			if i := y/f.side*f.wide + x/f.side; f.label[i] == f.mine {
				f.label[i] = -1
			}
		}
	}
}

// spread takes all that is connected to a square into a field.
func (f *field) spread(busy []bool, start, w, h int) (n int) {
	stack := []int{start}
	busy[start] = false
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		x, y := i%w, i/w
		f.label[y*f.wide+x] = f.mine
		f.box = f.box.Union(image.Rect(x*f.side, y*f.side, (x+1)*f.side, (y+1)*f.side))
		n++
		for v := max(0, y-1); v <= min(h-1, y+1); v++ {
			for u := max(0, x-1); u <= min(w-1, x+1); u++ {
				if busy[v*w+u] {
					busy[v*w+u] = false
					stack = append(stack, v*w+u)
				}
			}
		}
	}
	return n
}

// busy marks the squares that are, with their neighbours, full of changes of colour
// both ways: a line, such as the edge of the sheet, is not.
func (s *sight) busy(side, w, h int) []bool {
	across, down := make([]int, w*h), make([]int, w*h)
	for y := 1; y < h*side; y++ {
		row, above := s.dark[y*s.size.X:][:s.size.X], s.dark[(y-1)*s.size.X:][:s.size.X]
		a, d := across[y/side*w:][:w], down[y/side*w:][:w]
		for t := range a {
			na, nd := 0, 0
			for x := max(1, t*side); x < (t+1)*side; x++ {
				if row[x] != row[x-1] {
					na++
				}
				if row[x] != above[x] {
					nd++
				}
			}
			a[t] += na
			d[t] += nd
		}
	}
	out := make([]bool, w*h)
	least, both := int(leastLines*2*float64(side)), int(busyLines*2*float64(side))
	for y := 0; y+1 < h; y++ {
		for x := 0; x+1 < w; x++ {
			i := y*w + x
			four := [4]int{i, i + 1, i + w, i + w + 1}
			a, d := 0, 0
			for _, k := range four {
				a, d = a+across[k], d+down[k]
			}
			if a >= least && d >= least && a+d >= both {
				for _, k := range four {
					out[k] = true
				}
			}
		}
	}
	return out
}

// closed fills the squares that most of their neighbours surround: the eyes of a
// code and its larger spots are even.
func closed(m []bool, w, h int) []bool {
	out := make([]bool, len(m))
	for i := range m {
		out[i] = m[i] || around(m, w, h, i) >= 5
	}
	return out
}

// around counts the neighbours of a square that are set; the edge of the page
// stands for what it has cut off.
func around(m []bool, w, h, i int) (n int) {
	for v := i/w - 1; v <= i/w+1; v++ {
		for u := i%w - 1; u <= i%w+1; u++ {
			if m[min(max(v, 0), h-1)*w+min(max(u, 0), w-1)] {
				n++
			}
		}
	}
	return n
}
