package separate

import (
	"image"
	"math"
	"slices"
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"

	"recto/scan"
)

// Reading an area: strips are cut out of it and made dark and light; only a row
// with the start of a code in it goes to the decoder, which is slow and is wrong
// about rows of type more often than this room can afford.

const leastRuns = 19 // of the shortest code: Code 128 with one character (ISO/IEC 15417, 4.2)

// reading is what is known of an area so far.
type reading struct {
	votes   map[string]int
	remains map[scan.CodeKind]int // strips with characters in a row
	starts  int                   // rows that begin like a code
	most    int                   // runs in a row
}

// readArea reads what stands in an area: the kind of a code of ours and its text,
// no text where it cannot be read.
func readArea(s *sight, img *image.Gray, a area, left *purse) (scan.CodeKind, string) {
	r := reading{votes: map[string]int{}, remains: map[scan.CodeKind]int{}}
	type part struct{ at, high float64 }
	first := []part{{0, 0.3}, {-0.25, 0.16}, {0.25, 0.16}}
	more := []part{{0, 0.06}, {-0.36, 0.1}, {0.36, 0.1}, {-0.12, 0.12}, {0.12, 0.12}}
	var strips [][]float64
	for _, p := range first {
		strips = append(strips, s.strip(img, a, p.at, p.high, left))
		if kind, text := r.read(strips[len(strips)-1], true); kind != "" {
			return kind, text
		}
	}
	if r.most < leastRuns {
		return "", ""
	}
	like := alike(strips[1], strips[2]) // bars run through from one side to the other
	if r.fragments() == 0 && like < 0.6 {
		return "", ""
	}
	for _, p := range more {
		if kind, text := r.read(s.strip(img, a, p.at, p.high, left), true); kind != "" {
			return kind, text
		}
	}
	if r.fragments()+r.starts > 0 || like > 0.8 {
		for _, turn := range []float64{0.012, -0.012} {
			b := a
			b.angle += turn
			for _, p := range append(first, more...) {
				if kind, text := r.read(s.strip(img, b, p.at, p.high, left), false); kind != "" {
					return kind, text
				}
			}
		}
	}
	for _, k := range []scan.CodeKind{scan.Code128, scan.Code39} {
		if r.remains[k] >= 3 && a.high >= 0.15*s.dpi && !slices.ContainsFunc(strips, foreign) {
			return k, ""
		}
	}
	return "", ""
}

func (r *reading) fragments() int { return r.remains[scan.Code128] + r.remains[scan.Code39] }

// read tries a strip every way. judge: what cannot be read is to be counted too.
func (r *reading) read(strip []float64, judge bool) (scan.CodeKind, string) {
	for _, bits := range bitsOf(strip) {
		runs, dark := runsOfBits(bits)
		r.most = max(r.most, len(runs))
		if len(runs) < leastRuns {
			continue
		}
		for _, back := range []bool{false, true} {
			if back {
				slices.Reverse(runs)
				dark = dark == (len(runs)%2 == 1)
			}
			for _, kind := range []scan.CodeKind{scan.Code128, scan.Code39} {
				for _, at := range starts(kind, runs, dark) {
					r.starts++
					if text, ok := r.decoded(kind, runs, at); ok {
						return kind, text
					}
				}
			}
		}
		if !judge {
			continue
		}
		if fragment128(runs) {
			r.remains[scan.Code128]++
			break
		} else if fragment39(runs) {
			r.remains[scan.Code39]++
			break
		}
	}
	return "", ""
}

// decoded gives the text of a row from a start on, once it has been read often
// enough to be believed: Code 39 has no check character (ISO/IEC 16388, 4.2).
func (r *reading) decoded(kind scan.CodeKind, runs []int, at int) (string, bool) {
	reader, need := oned.NewCode128Reader(), 1
	if kind == scan.Code39 {
		reader, need = oned.NewCode39Reader(), 2
	}
	res, err := reader.(oned.RowDecoder).DecodeRow(0, rowOf(runs, at), nil)
	if err != nil || res == nil {
		return "", false
	}
	text := res.GetText()
	if kind == scan.Code39 && len(strings.TrimSpace(text)) < 3 || text == "" {
		return "", false
	}
	k := string(kind) + "\x00" + text
	r.votes[k]++
	return text, r.votes[k] >= need
}

// rowOf draws runs for a decoder from the space in front of a dark one on.
func rowOf(runs []int, at int) *gozxing.BitArray {
	from := max(0, at-1)
	n := 0
	for _, r := range runs[from:] {
		n += r
	}
	row := gozxing.NewBitArray(n)
	x := 0
	for i, r := range runs[from:] {
		if (from+i-at)%2 == 0 {
			for k := range r {
				row.Set(x + k)
			}
		}
		x += r
	}
	return row
}

const mostStarts = 4 // of a kind in a row

// starts gives the dark runs at which a code may begin, with a quiet zone of at
// least half a character in front.
func starts(kind scan.CodeKind, runs []int, dark bool) []int {
	var out []int
	n, begins := 6, start128
	if kind == scan.Code39 {
		n, begins = 9, start39
	}
	first := 0
	if !dark {
		first = 1
	}
	for i := first; i+n <= len(runs) && len(out) < mostStarts; i += 2 {
		if !begins(runs[i : i+n]) {
			continue
		}
		total := 0
		for _, r := range runs[i : i+n] {
			total += r
		}
		if i < 2 || 2*runs[i-1] >= total {
			out = append(out, i)
		}
	}
	return out
}

// start128 tells start A, B or C: they differ in the last two spaces and bars
// (ISO/IEC 15417, table 1).
func start128(r []int) bool {
	total := 0
	for _, v := range r {
		total += v
	}
	m := float64(total) / 11
	for _, p := range [3][6]float64{{2, 1, 1, 4, 1, 2}, {2, 1, 1, 2, 1, 4}, {2, 1, 1, 2, 3, 2}} {
		off, worst := 0.0, 0.0
		for i, v := range r {
			d := math.Abs(float64(v) - p[i]*m)
			off, worst = off+d, max(worst, d)
		}
		if worst <= 0.7*m && off <= 0.25*float64(total) {
			return true
		}
	}
	return false
}

// start39 tells the asterisk: second, fifth and seventh of nine are wide
// (ISO/IEC 16388, table 1).
func start39(r []int) bool {
	widest, least := 0, math.MaxInt
	for i, v := range r {
		if i == 1 || i == 4 || i == 6 {
			least = min(least, v)
		} else {
			widest = max(widest, v)
		}
	}
	return least > widest
}

// foreign tells whether a strip is a linear code of another kind, which is none of
// ours and no reason to trouble anybody.
func foreign(strip []float64) bool {
	for _, bits := range bitsOf(strip) {
		runs, dark := runsOfBits(bits)
		for range 2 {
			at := 0
			if !dark {
				at = 1
			}
			if at < len(runs) {
				row := rowOf(runs, at)
				for _, r := range []gozxing.Reader{oned.NewMultiFormatUPCEANReader(nil), oned.NewITFReader()} {
					if res, err := r.(oned.RowDecoder).DecodeRow(0, row, nil); err == nil && res != nil {
						return true
					}
				}
			}
			slices.Reverse(runs)
			dark = dark == (len(runs)%2 == 1)
		}
	}
	return false
}

func runsOfBits(bits []bool) (runs []int, dark bool) {
	runs = make([]int, 0, 64)
	n := 0
	for i := range bits {
		if i > 0 && bits[i] != bits[i-1] {
			runs = append(runs, n)
			n = 0
		}
		n++
	}
	return append(runs, n), len(bits) > 0 && bits[0]
}
