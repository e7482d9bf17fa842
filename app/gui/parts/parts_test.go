package parts

import (
	"image"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// inWindow shows a part at a size in the test driver.
func inWindow(t *testing.T, o fyne.CanvasObject, w, h float32) {
	t.Helper()
	test.NewTempApp(t)
	win := test.NewTempWindow(t, o)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
}

func newTestGrid(t *testing.T, n int) *Grid {
	g := NewGrid(nil)
	g.Count = func() int { return n }
	g.Tile = func(i int) Tile {
		return Tile{Image: image.NewRGBA(image.Rect(0, 0, 10, 14)), Caption: "x", Badge: Badge{theme.ErrorIcon(), "failed", Bad}}
	}
	g.SetTileWidth(100)
	inWindow(t, g, 465, 400)
	return g
}

func press(g *Grid, i int, m fyne.KeyModifier) fyne.Position {
	p := g.layout().Place(i).AddXY(40, 60)
	g.surface.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p}, Button: desktop.MouseButtonPrimary, Modifier: m})
	return p
}

func click(g *Grid, i int, m fyne.KeyModifier) {
	press(g, i, m)
	g.surface.MouseUp(&desktop.MouseEvent{})
}

func TestGridDrawsOnlyWhatIsSeen(t *testing.T) {
	g := newTestGrid(t, 5000)
	r := test.TempWidgetRenderer(t, g.surface)
	if n := len(r.Objects()); n == 0 || n > 6*20 {
		t.Errorf("%d objects for 5000 tiles", n)
	}
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	if first, end := g.Shown(); end != 5000 || first < 4900 {
		t.Errorf("at the end %d to %d are shown", first, end)
	}
	if g.Selected.Cursor() != 4999 {
		t.Errorf("cursor at %d", g.Selected.Cursor())
	}
}

func TestGridMouse(t *testing.T) {
	g := newTestGrid(t, 20)
	opened := -1
	g.OnOpen = func(i int) { opened = i }
	click(g, 2, 0)
	click(g, 5, fyne.KeyModifierShift)
	click(g, 9, fyne.KeyModifierControl)
	if got := g.Selected.Chosen(); !slices.Equal(got, []int{2, 3, 4, 5, 9}) {
		t.Fatalf("chosen %v", got)
	}
	click(g, 4, 0) // one of several: let go without a drag it is chosen alone
	if got := g.Selected.Chosen(); !slices.Equal(got, []int{4}) {
		t.Errorf("chosen %v", got)
	}
	click(g, 4, 0)
	if opened != 4 {
		t.Errorf("the double click opened %d", opened)
	}
}

func TestGridDragMovesTheSelection(t *testing.T) {
	g := newTestGrid(t, 20)
	var moved []int
	gap := -1
	g.OnMove = func(chosen []int, at int) { moved, gap = chosen, at }
	click(g, 1, 0)
	click(g, 3, fyne.KeyModifierControl)
	from := press(g, 3, 0)
	to := g.layout().Place(7).AddXY(5, 60)
	g.surface.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: to}, Dragged: fyne.NewDelta(to.X-from.X, to.Y-from.Y)})
	g.surface.MouseUp(&desktop.MouseEvent{})
	g.surface.DragEnd()
	if !slices.Equal(moved, []int{1, 3}) || gap != 7 {
		t.Errorf("%v to gap %d, want 1 and 3 to 7", moved, gap)
	}
	// Escape during a drag takes it back.
	moved = nil
	press(g, 3, 0)
	g.surface.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: to}, Dragged: fyne.NewDelta(3, 3)})
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	g.surface.DragEnd()
	if moved != nil {
		t.Errorf("a drag given up moved %v", moved)
	}
	// In the bin nothing is moved.
	g.SetFixed(true)
	press(g, 3, 0)
	g.surface.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: to}, Dragged: fyne.NewDelta(3, 3)})
	g.surface.DragEnd()
	if moved != nil {
		t.Errorf("a fixed grid moved %v", moved)
	}
}

func TestGridRubberBand(t *testing.T) {
	g := newTestGrid(t, 10)
	g.surface.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(3, 3)}})
	g.surface.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(180, 100)}, Dragged: fyne.NewDelta(177, 97)})
	g.surface.DragEnd()
	if got := g.Selected.Chosen(); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("the band chose %v", got)
	}
}

func TestGridPassesOtherKeysOn(t *testing.T) {
	var got []string
	g := newTestGrid(t, 3)
	g.Keys = &Keys{Key: func(k fyne.KeyName) bool { got = append(got, string(k)); return true },
		Rune: func(r rune) bool { got = append(got, string(r)); return true }}
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF2})
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	g.TypedRune('[')
	if !slices.Equal(got, []string{"Delete", "F2", "["}) {
		t.Errorf("passed on %q", got)
	}
}

func TestTable(t *testing.T) {
	table := NewTable(nil, RowHeight, Column{Title: "A", Width: 80}, Column{Title: "B", Flex: 1, Right: true})
	n := 1000
	table.Count = func() int { return n }
	table.Row = func(i int) []Cell {
		return []Cell{{Icon: theme.InfoIcon(), Text: "row"}, {Text: "a rather long text that is cut", Sub: "found here", Marks: [][2]int{{0, 5}}}}
	}
	inWindow(t, table, 300, 300)
	if objects := len(test.TempWidgetRenderer(t, table.body).Objects()); objects > 200 {
		t.Errorf("%d objects for 1000 rows", objects)
	}
	table.Select(500)
	if table.scroll.Offset.Y == 0 {
		t.Error("the chosen row is out of sight")
	}
	table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	if table.Current() != 501 {
		t.Errorf("cursor at %d", table.Current())
	}
	n = 3 // rows went away
	table.Refresh()
	if table.Current() != 2 {
		t.Errorf("cursor at %d of 3", table.Current())
	}
	n = 0
	table.Refresh()
	if table.Current() != -1 {
		t.Errorf("cursor at %d of none", table.Current())
	}
	table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
}

func TestPieces(t *testing.T) {
	for _, c := range []struct {
		s     string
		marks [][2]int
		want  []Piece
	}{
		{"plain", nil, []Piece{{"plain", false}}},
		{"a harbour b", [][2]int{{2, 9}}, []Piece{{"a ", false}, {"harbour", true}, {" b", false}}},
		{"ab", [][2]int{{0, 1}, {1, 2}}, []Piece{{"a", true}, {"b", true}}},
		{"abcd", [][2]int{{0, 3}, {1, 2}, {2, 99}, {-4, -1}, {9, 12}}, []Piece{{"abc", true}, {"d", true}}},
		{"", [][2]int{{0, 4}}, nil},
	} {
		if got := Pieces(c.s, c.marks); !slices.Equal(got, c.want) {
			t.Errorf("%q %v: %v, want %v", c.s, c.marks, got, c.want)
		}
	}
}

func TestShorten(t *testing.T) {
	test.NewTempApp(t)
	if got := Shorten("short", 500, 13, fyne.TextStyle{}); got != "short" {
		t.Errorf("%q", got)
	}
	long := Shorten("a title that goes on for rather longer than the column is wide", 100, 13, fyne.TextStyle{})
	if w := fyne.MeasureText(long, 13, fyne.TextStyle{}).Width; w > 100 || []rune(long)[len([]rune(long))-1] != '…' {
		t.Errorf("%q is %v wide", long, w)
	}
	if got := Shorten("two\nlines\tand a tab", 500, 13, fyne.TextStyle{}); got != "two lines and a tab" {
		t.Errorf("%q", got)
	}
	if got := Shorten("x", 0, 13, fyne.TextStyle{}); got != "" {
		t.Errorf("%q in no room", got)
	}
}

func TestTextPane(t *testing.T) {
	p := NewTextPane(nil)
	inWindow(t, p, 200, 120)
	var words []PaneWord
	for i := range 60 {
		words = append(words, PaneWord{Text: "harbour", Break: i%10 == 9, Space: i%20 == 19, Lit: i == 3, State: WordState(i % 5)})
	}
	p.SetWords(words)
	if len(p.rows) < 10 || p.rows[len(p.rows)-1].end != 60 {
		t.Fatalf("%d rows up to word %d", len(p.rows), p.rows[len(p.rows)-1].end)
	}
	for _, row := range p.rows {
		if last := len(row.x) - 1; row.x[last]+row.w[last] > 200 {
			t.Errorf("a row of words %d to %d is too long", row.first, row.end)
		}
	}
	at := -1
	p.OnCursor = func(i int) { at = i }
	p.SetCursor(30)
	if p.scroll.Offset.Y == 0 {
		t.Error("the cursor is out of sight")
	}
	p.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	p.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	p.TypedKey(&fyne.KeyEvent{Name: fyne.KeyUp})
	if at != 31 {
		t.Errorf("right, down, up: word %d, want 31", at)
	}
	p.SetWords(nil)
	p.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	if p.Cursor() != -1 {
		t.Errorf("cursor at %d without words", p.Cursor())
	}
}

func TestPageView(t *testing.T) {
	p := NewPageView(nil)
	inWindow(t, p, 400, 300)
	p.SetPage(NewPyramid(image.NewGray(image.Rect(0, 0, 1000, 1000))))
	p.paint(400, 300)
	if p.Percent() != 28 { // 300 less two margins of 12
		t.Errorf("fitted at %d %%", p.Percent())
	}
	var x, y float64
	p.OnTap = func(px, py float64) { x, y = px, py }
	p.MouseDown(&desktop.MouseEvent{})
	p.MouseUp(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(200, 150)}, Button: desktop.MouseButtonPrimary})
	if int(x+0.5) != 500 || int(y+0.5) != 500 {
		t.Errorf("the middle is (%v, %v)", x, y)
	}
	x = -1
	p.MouseDown(&desktop.MouseEvent{})
	p.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(5, 5)})
	p.MouseUp(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	if x != -1 {
		t.Error("a drag counts as a click")
	}
	// A word that is to be seen before the window has a size is seen once it has.
	q := NewPageView(nil)
	q.SetPage(NewPyramid(image.NewGray(image.Rect(0, 0, 3000, 3000))))
	q.Reveal(image.Rect(2900, 2900, 2950, 2950))
	q.view.Mode, q.view.Scale = Free, 1
	q.paint(200, 200)
	if r := q.view.ToView(image.Rect(2900, 2900, 2950, 2950)); !r.In(image.Rect(0, 0, 200, 200)) {
		t.Errorf("the word lies at %v", r)
	}
	q.Marks = []Mark{{Box: image.Rect(-5000, -5000, 90000, 90000), Stroke: boxInk, Fill: boxInk, Dashed: true, Thick: true}}
	q.paint(200, 200)
	q.SetPage(nil)
	q.paint(200, 200)
}

var boxInk = image.NewNRGBA(image.Rect(0, 0, 1, 1)).NRGBAAt(0, 0)

func TestEntryLetsCommandsThrough(t *testing.T) {
	var got []string
	e := NewEntry(&Keys{Key: func(k fyne.KeyName) bool { got = append(got, string(k)); return true },
		Shortcut: func(s fyne.Shortcut) bool { got = append(got, s.ShortcutName()); return true },
		Rune:     func(r rune) bool { got = append(got, string(r)); return true }}, "")
	inWindow(t, e, 200, 40)
	test.Type(e, "[x")
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF2})
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	e.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyK, Modifier: fyne.KeyModifierControl})
	e.TypedShortcut(&fyne.ShortcutUndo{})
	if !slices.Equal(got, []string{"F2", "Escape", "CustomDesktop:Control+K"}) {
		t.Errorf("let through %q", got)
	}
	if e.Text == "" {
		t.Error("typing was lost")
	}
}

func TestNoticeFits(t *testing.T) {
	n := Notice(theme.ErrorIcon(), Bad, "A title", "A text that is long enough to need two lines in a window this narrow, or even three of them")
	inWindow(t, n, 300, 300)
	for _, o := range test.LaidOutObjects(n) {
		if text, ok := o.(*canvas.Text); ok && text.Size().Width > 300 {
			t.Errorf("%q is %v wide", text.Text, text.Size().Width)
		}
	}
}

// TestColumnsGiveWay: what does not fit is left out by rank, then all shrink.
func TestColumnsGiveWay(t *testing.T) {
	table := &Table{Columns: []Column{{Width: 100}, {Width: 100, Flex: 1, Spare: 1}, {Width: 50, Spare: 2}}}
	for _, c := range []struct {
		total float32
		want  []float32
	}{
		{310, []float32{100, 150, 50}},
		{260, []float32{100, 100, 50}},
		{250, []float32{100, 140, 0}},
		{180, []float32{100, 0, 0}},
		{60, []float32{50, 0, 0}},
	} {
		if got := table.widths(c.total); !slices.Equal(got, c.want) {
			t.Errorf("%v wide: %v, want %v", c.total, got, c.want)
		}
	}
}

// What a narrow table cuts off or leaves out of the row at the cursor stands in
// full below the rows, and the row stays in sight.
func TestTableTellsTheRest(t *testing.T) {
	test.NewTempApp(t)
	title := "Correspondence concerning the weir and the footbridge"
	table := NewTable(nil, RowHeight, Column{Title: "State", Width: 90}, Column{Title: "Title", Width: 100, Flex: 1}, Column{Title: "Made", Width: 150, Spare: 1})
	table.Telling = true
	table.Count = func() int { return 20 }
	table.Row = func(i int) []Cell {
		if i == 0 {
			return []Cell{{Text: "whole"}, {Text: "short"}, {Text: Nothing}}
		}
		return []Cell{{Text: "cut"}, {Text: title}, {Text: "yesterday"}}
	}
	w := test.NewWindow(table)
	defer w.Close()
	w.Resize(fyne.NewSize(240, 260))
	table.Refresh()
	table.Select(0)
	if table.foot.Visible() {
		t.Errorf("of a row that can be read is told %q", table.rest.Text)
	}
	rows := table.scroll.Size().Height
	first, end := table.Shown()
	table.Select(end - 2)
	if want := "Title: " + title + " · Made: yesterday"; !table.foot.Visible() || table.rest.Text != want {
		t.Errorf("told is %q, not %q", table.rest.Text, want)
	}
	if table.scroll.Size().Height >= rows {
		t.Error("the foot covers rows")
	}
	if now, after := table.Shown(); now < first || table.Current() >= after {
		t.Errorf("row %d is not in sight, but %d to %d", table.Current(), now, after)
	}
	w.Resize(fyne.NewSize(900, 260))
	if table.foot.Visible() {
		t.Errorf("with room for all is told %q", table.rest.Text)
	}
}
