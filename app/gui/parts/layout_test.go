package parts

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
)

// Ten tiles of 100 by 140 in rows of four: columns at 10, 120, 230, 340; rows at
// 10, 160, 310.
var ten = Layout{Count: 10, Width: 455, Tile: fyne.NewSize(100, 140), Gap: 10}

func TestLayoutAt(t *testing.T) {
	if ten.Columns() != 4 || ten.Rows() != 3 || ten.Height() != 460 {
		t.Fatalf("%d columns, %d rows, height %v", ten.Columns(), ten.Rows(), ten.Height())
	}
	for i := range ten.Count {
		p := ten.Place(i)
		for _, in := range []fyne.Position{p, p.AddXY(50, 70), p.AddXY(99, 139)} {
			if got := ten.At(in); got != i {
				t.Errorf("At(%v) = %d, want %d", in, got, i)
			}
		}
	}
	for _, out := range []fyne.Position{{X: 5, Y: 50}, {X: 115, Y: 50}, {X: 50, Y: 155}, {X: 450, Y: 50}, {X: 250, Y: 330}, {X: 50, Y: 900}, {X: -1, Y: -1}} {
		if got := ten.At(out); got != -1 {
			t.Errorf("At(%v) = %d, want none", out, got)
		}
	}
}

func TestLayoutDropGap(t *testing.T) {
	for _, c := range []struct {
		x, y float32
		gap  int
	}{
		{0, 0, 0}, {30, 50, 0}, {90, 50, 1}, {130, 50, 1}, {200, 50, 2}, {400, 50, 4}, {454, 50, 4},
		{12, 200, 4}, {100, 200, 5}, {454, 200, 8},
		{20, 320, 8}, {100, 320, 9}, {200, 320, 10}, {450, 320, 10}, {450, 9000, 10}, {-50, -50, 0},
	} {
		if got := ten.DropGap(fyne.NewPos(c.x, c.y)); got != c.gap {
			t.Errorf("DropGap(%v, %v) = %d, want %d", c.x, c.y, got, c.gap)
		}
	}
	if got := (Layout{Width: 400, Tile: fyne.NewSize(100, 140)}).DropGap(fyne.NewPos(50, 50)); got != 0 {
		t.Errorf("an empty grid has gap %d", got)
	}
}

// The bar of a gap between two rows stands in the row of the pointer.
func TestLayoutBar(t *testing.T) {
	end, _ := ten.Bar(4, fyne.NewPos(450, 60))
	start, _ := ten.Bar(4, fyne.NewPos(12, 220))
	if end.Y != ten.Place(3).Y || end.X <= ten.Place(3).X || start.Y != ten.Place(4).Y || start.X >= ten.Place(4).X {
		t.Errorf("bars at %v and %v", end, start)
	}
	if last, _ := ten.Bar(10, fyne.NewPos(450, 400)); last.X <= ten.Place(9).X {
		t.Errorf("the bar behind the last tile stands at %v", last)
	}
}

func TestLayoutVisible(t *testing.T) {
	for _, c := range []struct {
		offset, height float32
		first, end     int
	}{{0, 100, 0, 4}, {0, 200, 0, 8}, {170, 100, 4, 8}, {300, 400, 4, 10}, {9000, 400, 10, 10}, {-40, 80, 0, 4}} {
		if first, end := ten.Visible(c.offset, c.height); first != c.first || end != c.end {
			t.Errorf("Visible(%v, %v) = %d, %d, want %d, %d", c.offset, c.height, first, end, c.first, c.end)
		}
	}
}

func TestLayoutTouched(t *testing.T) {
	got := ten.Touched(fyne.NewPos(200, 200), fyne.NewPos(60, 20))
	if !slices.Equal(got, []int{0, 1, 4, 5}) {
		t.Errorf("the band touches %v", got)
	}
}

// A window narrower than a tile still has a column, and no size divides by zero.
func TestLayoutDegenerate(t *testing.T) {
	l := Layout{Count: 3, Width: 20, Tile: fyne.NewSize(100, 140), Gap: 10}
	if l.Columns() != 1 || l.Rows() != 3 {
		t.Errorf("%d columns, %d rows", l.Columns(), l.Rows())
	}
	empty := Layout{Width: 300, Tile: fyne.NewSize(100, 140), Gap: 10}
	if first, end := empty.Visible(0, 500); first != 0 || end != 0 || empty.At(fyne.NewPos(50, 50)) != -1 {
		t.Errorf("an empty grid shows %d to %d", first, end)
	}
}
