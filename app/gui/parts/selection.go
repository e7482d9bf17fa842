package parts

import (
	"slices"

	"fyne.io/fyne/v2"
)

// Selection is what is chosen in a row of things numbered from 0, with the cursor
// that the keys move and the anchor from which Shift extends.
type Selection struct {
	cursor, anchor int
	set            map[int]bool
}

// Cursor is where the keys are; 0 at first.
func (s *Selection) Cursor() int { return s.cursor }

// Has tells whether i is chosen.
func (s *Selection) Has(i int) bool { return s.set[i] }

// Len is how many are chosen.
func (s *Selection) Len() int { return len(s.set) }

// Chosen lists what is chosen, ascending.
func (s *Selection) Chosen() []int {
	out := make([]int, 0, len(s.set))
	for i := range s.set {
		out = append(out, i)
	}
	slices.Sort(out)
	return out
}

// Choose replaces the choice; the cursor goes to the first of it.
func (s *Selection) Choose(at ...int) {
	s.set = map[int]bool{}
	for _, i := range at {
		s.set[i] = true
	}
	if len(at) > 0 {
		s.cursor, s.anchor = at[0], at[0]
	}
}

// Click is a click or a key at i: alone it chooses i, with extend everything
// from the anchor to i, with toggle it adds or takes i away.
func (s *Selection) Click(i int, extend, toggle bool) {
	switch {
	case extend:
		if !toggle {
			s.set = map[int]bool{}
		}
		for k := min(i, s.anchor); k <= max(i, s.anchor); k++ {
			s.add(k)
		}
		s.cursor = i
		return
	case toggle:
		if s.set[i] {
			delete(s.set, i)
		} else {
			s.add(i)
		}
	default:
		s.set = map[int]bool{i: true}
	}
	s.cursor, s.anchor = i, i
}

func (s *Selection) add(i int) {
	if s.set == nil {
		s.set = map[int]bool{}
	}
	s.set[i] = true
}

// Step moves the cursor by a key in rows of columns, page rows a screen, and
// tells whether the key is one that moves. Shift extends.
func (s *Selection) Step(key fyne.KeyName, shift bool, columns, page, count int) bool {
	to := s.cursor
	switch key {
	case fyne.KeyLeft:
		to--
	case fyne.KeyRight:
		to++
	case fyne.KeyUp:
		if to >= columns {
			to -= columns
		}
	case fyne.KeyDown:
		switch {
		case to+columns < count:
			to += columns
		case to/columns < (count-1)/columns: // the last row is shorter
			to = count - 1
		}
	case fyne.KeyHome:
		to = 0
	case fyne.KeyEnd:
		to = count - 1
	case fyne.KeyPageUp:
		to = max(to-page*columns, to%columns)
	case fyne.KeyPageDown:
		if to+page*columns < count {
			to += page * columns
		} else {
			to = count - 1
		}
	default:
		return false
	}
	if count > 0 {
		if len(s.set) == 0 && to != s.cursor && s.cursor == s.anchor && (key == fyne.KeyLeft || key == fyne.KeyRight || key == fyne.KeyUp || key == fyne.KeyDown) {
			to = s.cursor // the first key shows where the cursor is
		}
		s.Click(min(max(to, 0), count-1), shift, false)
	}
	return true
}

// All chooses everything.
func (s *Selection) All(count int) {
	for i := range count {
		s.add(i)
	}
}

// Limit drops what lies behind the end after the row became shorter.
func (s *Selection) Limit(count int) {
	for i := range s.set {
		if i >= count {
			delete(s.set, i)
		}
	}
	s.cursor = max(min(s.cursor, count-1), 0)
	s.anchor = max(min(s.anchor, count-1), 0)
}
