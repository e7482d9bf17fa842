package quality

import (
	"cmp"
	"math"
	"slices"

	"recto/scan"
)

const (
	mostApart = 235 // of 561 bits, two digests of one sheet; pages that have nothing to do with each other have about 265
	looked    = 12  // entries, the nearest, that are looked at more closely
	fitted    = 3   // of these, the most hopeful, that are compared in full

	// A sheet is fed twice in a row, or scanned again when somebody comes back to it. The
	// more pages lie in between the more there are that chance may make alike, such as one
	// printed form in a thousand hands: so much higher is the border for ten times as many.
	higher = 0.05
)

// borderAt is the border of the score for a page that came so many pages before, from 1.
func borderAt(before int) float64 { return border + higher*math.Log10(float64(before)) }

// Index finds a page that was captured before. A zero Index is empty. Finding one takes
// 10 ms at most, of 10,000 pages as of ten: only the nearest are compared. It must not be
// used from two goroutines at once.
type Index struct {
	// Kept gives a signature that was added, where somebody else keeps them: then a page
	// takes some 250 bytes and not 3.7 KB more. nil takes the page for like nothing.
	Kept func(scan.PageID) []byte

	ids     []scan.PageID
	digests []digest
	sigs    [][]byte
	at      map[scan.PageID]int
}

// Add puts a page in, or changes what is known of it; a signature of nil takes it
// out. It keeps sig, unless Kept does.
func (x *Index) Add(id scan.PageID, sig []byte) {
	x.Remove(id)
	if !wellFormed(sig) {
		return
	}
	if x.at == nil {
		x.at = map[scan.PageID]int{}
	}
	x.at[id] = len(x.ids)
	x.ids = append(x.ids, id)
	x.digests = append(x.digests, digestOf(sig))
	if x.Kept == nil {
		x.sigs = append(x.sigs, sig)
	}
}

func (x *Index) sig(entry int) []byte {
	if x.Kept == nil {
		return x.sigs[entry]
	}
	return x.Kept(x.ids[entry])
}

// Remove takes a page out, if it is in.
func (x *Index) Remove(id scan.PageID) {
	i, ok := x.at[id]
	if !ok {
		return
	}
	// The order of the others stays: of equal pages the first is the one that was doubled.
	x.ids = slices.Delete(x.ids, i, i+1)
	x.digests = slices.Delete(x.digests, i, i+1)
	if x.Kept == nil {
		x.sigs = slices.Delete(x.sigs, i, i+1)
	}
	delete(x.at, id)
	for id, j := range x.at {
		if j > i {
			x.at[id] = j - 1
		}
	}
}

// Len is the number of pages in it.
func (x *Index) Len() int { return len(x.ids) }

// Find gives the page whose signature is most like sig, where one is like it (see
// [Like]) and the more so, the more pages were added after it; of equals the one that
// was added first.
func (x *Index) Find(sig []byte) (id scan.PageID, score float64, ok bool) {
	return x.other("", sig)
}

// other is Find among all pages but one.
func (x *Index) other(self scan.PageID, sig []byte) (id scan.PageID, score float64, ok bool) {
	if !wellFormed(sig) {
		return "", 0, false
	}
	d := digestOf(sig)
	type near struct{ entry, apart int }
	var nearest []near // in order, looked at most
	for i := range x.digests {
		n := d.apart(&x.digests[i])
		if n > mostApart || len(nearest) == looked && n >= nearest[looked-1].apart || x.ids[i] == self {
			continue
		}
		if len(nearest) == looked {
			nearest = nearest[:looked-1]
		}
		at, _ := slices.BinarySearchFunc(nearest, n+1, func(e near, n int) int { return cmp.Compare(e.apart, n) })
		nearest = slices.Insert(nearest, at, near{i, n})
	}
	type candidate struct {
		way
		entry int
	}
	var hopeful []candidate
	g := unpacked(sig)
	for _, n := range nearest {
		for _, w := range waysOf(g, unpacked(x.sig(n.entry))) {
			hopeful = append(hopeful, candidate{w, n.entry})
		}
	}
	slices.SortFunc(hopeful, func(p, q candidate) int {
		return cmp.Or(cmp.Compare(q.hope, p.hope), cmp.Compare(p.entry, q.entry))
	})
	best := -1
	for _, c := range hopeful[:min(fitted, len(hopeful))] {
		if s := c.score(); s >= borderAt(len(x.ids)-c.entry) && (s > score || s == score && c.entry < best) {
			best, score = c.entry, s
		}
	}
	if best < 0 {
		return "", 0, false
	}
	return x.ids[best], score, true
}
