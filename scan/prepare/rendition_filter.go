package prepare

// filter makes rows smaller to compress by PNG's five filters (ISO/IEC 15948, 9).
type filter struct {
	reach     int    // bytes back to the same sample of the pixel before
	row, last []byte // each with `reach` zeros before it
	coded     [5][]byte
}

func newFilter(r *raster) *filter {
	f := &filter{reach: r.bits / 8 * r.colours}
	f.row, f.last = make([]byte, f.reach+r.stride()), make([]byte, f.reach+r.stride())
	for i := range f.coded {
		f.coded[i] = make([]byte, 1+r.stride())
		f.coded[i][0] = byte(i)
	}
	return f
}

// current is where the next row belongs.
func (f *filter) current() []byte { return f.row[f.reach:] }

// next gives the row in current as it is best stored, with its filter's number
// before it: the one whose bytes, taken as signed, have the least sum of absolutes.
// It is valid until the following call.
func (f *filter) next() []byte {
	n := len(f.row) - f.reach
	here, left := f.row[f.reach:][:n], f.row[:n]
	up, corner := f.last[f.reach:][:n], f.last[:n]
	none, sub, above, mean, paeth := f.coded[0][1:][:n], f.coded[1][1:][:n], f.coded[2][1:][:n], f.coded[3][1:][:n], f.coded[4][1:][:n]
	var sum [5]int
	for i, x := range here {
		a, b, c := int(left[i]), int(up[i]), int(corner[i])
		v := int(x)
		none[i] = x
		d1, d2, d3 := byte(v-a), byte(v-b), byte(v-(a+b)>>1)
		sub[i], above[i], mean[i] = d1, d2, d3
		pa, pb := b-c, a-c
		pc := abs(pa + pb)
		pa, pb = abs(pa), abs(pb)
		p := c
		if pb <= pc {
			p = b
		}
		if pa <= pb && pa <= pc {
			p = a
		}
		d4 := byte(v - p)
		paeth[i] = d4
		sum[0] += abs(int(int8(x)))
		sum[1] += abs(int(int8(d1)))
		sum[2] += abs(int(int8(d2)))
		sum[3] += abs(int(int8(d3)))
		sum[4] += abs(int(int8(d4)))
	}
	best := 0
	for i, s := range sum {
		if s < sum[best] {
			best = i
		}
	}
	f.row, f.last = f.last, f.row
	return f.coded[best]
}

func abs(x int) int {
	m := x >> 63
	return (x ^ m) - m
}
