package parts

import "fyne.io/fyne/v2"

// Layout places n tiles of one size in rows, left to right and top to bottom, in
// a strip of the given width. Lengths are Fyne's device-independent pixels.
type Layout struct {
	Count int
	Width float32
	Tile  fyne.Size
	Gap   float32
}

// Columns is how many tiles a row holds, at least one.
func (l Layout) Columns() int {
	if c := int((l.Width - l.Gap) / (l.Tile.Width + l.Gap)); c > 1 {
		return c
	}
	return 1
}

// Rows is how many rows there are.
func (l Layout) Rows() int { return (l.Count + l.Columns() - 1) / l.Columns() }

// Height is what all rows need.
func (l Layout) Height() float32 { return float32(l.Rows())*l.pitch() + l.Gap }

func (l Layout) pitch() float32 { return l.Tile.Height + l.Gap }

// Place is the upper left corner of tile i.
func (l Layout) Place(i int) fyne.Position {
	c := l.Columns()
	return fyne.NewPos(l.Gap+float32(i%c)*(l.Tile.Width+l.Gap), l.Gap+float32(i/c)*l.pitch())
}

// At is the tile under p, -1 between tiles and behind the last.
func (l Layout) At(p fyne.Position) int {
	if p.X < l.Gap || p.Y < l.Gap {
		return -1
	}
	col, row := int((p.X-l.Gap)/(l.Tile.Width+l.Gap)), int((p.Y-l.Gap)/l.pitch())
	i := row*l.Columns() + col
	if col >= l.Columns() || i >= l.Count {
		return -1
	}
	if o := l.Place(i); p.X > o.X+l.Tile.Width || p.Y > o.Y+l.Tile.Height {
		return -1
	}
	return i
}

// Gap number k is the place before tile k; Count is the place behind the last.
// DropGap is the one that a tile let go at p would go to.
func (l Layout) DropGap(p fyne.Position) int {
	if l.Count == 0 {
		return 0
	}
	row := int((p.Y - l.Gap/2) / l.pitch())
	row = min(max(row, 0), l.Rows()-1)
	col := int((p.X - l.Gap + l.Tile.Width/2 + l.Gap) / (l.Tile.Width + l.Gap))
	col = min(max(col, 0), l.Columns())
	return min(row*l.Columns()+col, l.Count)
}

// Bar is where the insertion bar for gap k stands. A gap at the end of a row is
// also the start of the next; the bar stands where the pointer is: in row.
func (l Layout) Bar(k int, p fyne.Position) (fyne.Position, fyne.Size) {
	size := fyne.NewSize(3, l.Tile.Height)
	if k > 0 && (k == l.Count || (k%l.Columns() == 0 && p.Y < l.Place(k).Y-l.Gap/2)) {
		at := l.Place(k - 1)
		return fyne.NewPos(at.X+l.Tile.Width+l.Gap/2-1.5, at.Y), size
	}
	at := l.Place(k)
	return fyne.NewPos(at.X-l.Gap/2-1.5, at.Y), size
}

// Visible is the half-open range of tiles that show when height is visible from
// offset on.
func (l Layout) Visible(offset, height float32) (first, end int) {
	if l.Count == 0 {
		return 0, 0
	}
	c := l.Columns()
	first = max(int((offset-l.Gap)/l.pitch()), 0) * c
	end = (int((offset+height-l.Gap)/l.pitch()) + 1) * c
	return min(first, l.Count), min(max(end, 0), l.Count)
}

// Touched are the tiles that a rubber band between two corners touches.
func (l Layout) Touched(a, b fyne.Position) []int {
	x0, x1 := min(a.X, b.X), max(a.X, b.X)
	y0, y1 := min(a.Y, b.Y), max(a.Y, b.Y)
	first, end := l.Visible(y0, y1-y0)
	var hit []int
	for i := first; i < end; i++ {
		o := l.Place(i)
		if o.X < x1 && o.X+l.Tile.Width > x0 && o.Y < y1 && o.Y+l.Tile.Height > y0 {
			hit = append(hit, i)
		}
	}
	return hit
}
