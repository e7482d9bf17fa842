package main

import (
	"math/rand/v2"
	"testing"
)

// table is the distance as one learns it.
func slow(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		before := row[0]
		row[0] = i + 1
		for j, y := range b {
			d := before
			if x != y {
				d++
			}
			before = row[j+1]
			row[j+1] = min(d, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func TestDistance(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 0))
	make := func(n int) (out []rune) {
		for range n {
			out = append(out, rune('a'+r.IntN(4)))
		}
		return out
	}
	for range 300 {
		a, b := make(r.IntN(200)), make(r.IntN(200))
		if got, want := distance(a, b), slow(a, b); got != want {
			t.Fatalf("%s and %s: %d, not %d", string(a), string(b), got, want)
		}
	}
}

func TestRate(t *testing.T) {
	for _, c := range []struct {
		truth, read             string
		letters, words          int
		found, inTruth, reading int
	}{
		{"Das Haus — „groß“", "Das  Haus -\n\"groß\"", 0, 0, 3, 3, 3},
		{"daſſ Gaͤrten", "dass Gärten", 0, 0, 2, 2, 2},
		{"one two three", "one tvo three four", 6, 2, 2, 3, 4},
		{"a b", "b a", 2, 2, 2, 2, 2},
		{"", "x", 1, 1, 0, 0, 1},
		{"word", "", 4, 1, 0, 1, 0},
	} {
		s := rate(c.truth, c.read)
		if s.wrongLetters != c.letters || s.wrongWords != c.words || s.found != c.found || s.truth != c.inTruth || s.read != c.reading {
			t.Errorf("%q read as %q: %+v", c.truth, c.read, s)
		}
	}
}
