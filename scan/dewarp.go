package scan

import "image"

// Back gives the position on the page that is shown at (x, y) of the flattened page,
// both of this size in pixels with (0,0) the outer corner of the first one. The grid's
// points lie in the middles of Columns by Rows equal cells over the flattened page;
// between them it is linear, and beyond the outer ones it goes on as they are. A step
// without a grid, or with one of the wrong length, leaves everything where it is.
func (d Dewarp) Back(size image.Point, x, y float64) (float64, float64) {
	return x, y + d.at(size, x, y)
}

// Forth gives the position on the flattened page of what is at (x, y) of the page:
// what Back undoes, to a hundredth of a pixel where lines don't cross each other.
func (d Dewarp) Forth(size image.Point, x, y float64) (float64, float64) {
	v := y
	for range 30 { // the displacement changes slowly: each step comes nearer
		next := y - d.at(size, x, v)
		if near := next - v; near < 0.001 && near > -0.001 {
			return x, next
		}
		v = next
	}
	return x, v
}

// at is by how much what is shown at (x, y) had to move up.
func (d Dewarp) at(size image.Point, x, y float64) float64 {
	if d.Columns < 1 || d.Rows < 1 || len(d.Up) != d.Columns*d.Rows || size.X < 1 || size.Y < 1 {
		return 0
	}
	c, u := cell(x*float64(d.Columns)/float64(size.X)-0.5, d.Columns)
	r, v := cell(y*float64(d.Rows)/float64(size.Y)-0.5, d.Rows)
	value := func(r, c int) float64 { return float64(d.Up[min(r, d.Rows-1)*d.Columns+min(c, d.Columns-1)]) }
	top := value(r, c)*(1-u) + value(r, c+1)*u
	low := value(r+1, c)*(1-u) + value(r+1, c+1)*u
	return top*(1-v) + low*v
}

// cell gives the point before at among n, and how far it is from there to the next.
func cell(at float64, n int) (int, float64) {
	at = min(max(at, 0), float64(n-1))
	i := min(int(at), max(n-2, 0))
	return i, at - float64(i)
}
