package parts

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
)

func TestSelectionClicks(t *testing.T) {
	type click struct {
		at             int
		extend, toggle bool
	}
	for _, c := range []struct {
		name   string
		clicks []click
		want   []int
		cursor int
	}{
		{"one", []click{{at: 3}}, []int{3}, 3},
		{"the last click counts", []click{{at: 3}, {at: 5}}, []int{5}, 5},
		{"shift extends forwards", []click{{at: 2}, {at: 5, extend: true}}, []int{2, 3, 4, 5}, 5},
		{"shift extends backwards", []click{{at: 5}, {at: 2, extend: true}}, []int{2, 3, 4, 5}, 2},
		{"shift again turns about the anchor", []click{{at: 4}, {at: 6, extend: true}, {at: 2, extend: true}}, []int{2, 3, 4}, 2},
		{"ctrl adds and takes away", []click{{at: 1}, {at: 4, toggle: true}, {at: 6, toggle: true}, {at: 4, toggle: true}}, []int{1, 6}, 4},
		{"ctrl+shift adds a range", []click{{at: 1}, {at: 5, toggle: true}, {at: 7, extend: true, toggle: true}}, []int{1, 5, 6, 7}, 7},
	} {
		var s Selection
		for _, k := range c.clicks {
			s.Click(k.at, k.extend, k.toggle)
		}
		if !slices.Equal(s.Chosen(), c.want) || s.Cursor() != c.cursor {
			t.Errorf("%s: %v, cursor %d; want %v, %d", c.name, s.Chosen(), s.Cursor(), c.want, c.cursor)
		}
	}
}

func TestSelectionKeys(t *testing.T) {
	// Ten things in rows of four, two rows a screen.
	for _, c := range []struct {
		from  int
		key   fyne.KeyName
		shift bool
		want  []int
	}{
		{0, fyne.KeyRight, false, []int{1}}, {0, fyne.KeyLeft, false, []int{0}}, {9, fyne.KeyRight, false, []int{9}},
		{1, fyne.KeyDown, false, []int{5}}, {5, fyne.KeyUp, false, []int{1}}, {1, fyne.KeyUp, false, []int{1}},
		{7, fyne.KeyDown, false, []int{9}}, // the last row is shorter
		{9, fyne.KeyDown, false, []int{9}},
		{5, fyne.KeyHome, false, []int{0}}, {5, fyne.KeyEnd, false, []int{9}},
		{1, fyne.KeyPageDown, false, []int{9}}, {9, fyne.KeyPageUp, false, []int{1}}, {2, fyne.KeyPageUp, false, []int{2}},
		{2, fyne.KeyRight, true, []int{2, 3}}, {2, fyne.KeyEnd, true, []int{2, 3, 4, 5, 6, 7, 8, 9}},
	} {
		var s Selection
		s.Choose(c.from)
		if !s.Step(c.key, c.shift, 4, 2, 10) || !slices.Equal(s.Chosen(), c.want) {
			t.Errorf("%s from %d: %v, want %v", c.key, c.from, s.Chosen(), c.want)
		}
	}
	var s Selection
	if s.Step(fyne.KeyDelete, false, 4, 2, 10) {
		t.Error("Delete moves the cursor")
	}
	if !s.Step(fyne.KeyEnd, false, 4, 2, 0) || s.Len() != 0 {
		t.Error("a key chooses something in an empty row")
	}
}

func TestSelectionLimit(t *testing.T) {
	var s Selection
	s.Choose(8, 2, 9)
	s.Limit(5)
	if !slices.Equal(s.Chosen(), []int{2}) || s.Cursor() != 4 {
		t.Errorf("%v, cursor %d", s.Chosen(), s.Cursor())
	}
	s.Limit(0)
	if s.Len() != 0 || s.Cursor() != 0 {
		t.Errorf("%v, cursor %d in an empty row", s.Chosen(), s.Cursor())
	}
}
