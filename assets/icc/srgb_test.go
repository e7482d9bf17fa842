package icc

import (
	"encoding/binary"
	"math"
	"testing"
)

// The profile is read back as a consumer does: by its tag table.
func TestSRGB(t *testing.T) {
	p := SRGB()
	be := binary.BigEndian
	if int(be.Uint32(p)) != len(p) || len(p)%4 != 0 {
		t.Fatalf("the header says %d bytes, there are %d", be.Uint32(p), len(p))
	}
	if string(p[12:24]) != "mntrRGB XYZ " || string(p[36:40]) != "acsp" {
		t.Fatalf("header %q", p[12:40])
	}
	tags := map[string][]byte{}
	for i := range int(be.Uint32(p[128:])) {
		e := p[132+12*i:]
		offset, size := be.Uint32(e[4:]), be.Uint32(e[8:])
		if offset%4 != 0 || int(offset+size) > len(p) {
			t.Fatalf("tag %s lies at %d, %d bytes", e[:4], offset, size)
		}
		tags[string(e[:4])] = p[offset : offset+size]
	}
	for _, name := range []string{"desc", "cprt", "wtpt", "rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"} {
		if tags[name] == nil {
			t.Errorf("no tag %s", name)
		}
	}

	white := func(i int) (sum float64) {
		for _, name := range []string{"rXYZ", "gXYZ", "bXYZ"} {
			sum += float64(int32(be.Uint32(tags[name][8+4*i:]))) / 65536
		}
		return sum
	}
	for i, want := range []float64{0.9642, 1, 0.8249} {
		if got := white(i); math.Abs(got-want) > 0.0004 {
			t.Errorf("the colorants sum to %.4f in component %d, want %.4f", got, i, want)
		}
	}

	curve := tags["gTRC"]
	n := int(be.Uint32(curve[8:]))
	at := func(v float64) float64 { // linear interpolation, as a colour engine does
		x := v * float64(n-1)
		i := min(int(x), n-2)
		a, b := float64(be.Uint16(curve[12+2*i:])), float64(be.Uint16(curve[14+2*i:]))
		return (a + (b-a)*(x-float64(i))) / 65535
	}
	for v := range 256 { // back through the inverse: every 8-bit value must survive
		l := at(float64(v) / 255)
		s := 12.92 * l
		if l > 0.0031308 {
			s = 1.055*math.Pow(l, 1/2.4) - 0.055
		}
		if math.Abs(s*255-float64(v)) > 0.25 {
			t.Errorf("value %d comes back as %.3f", v, s*255)
		}
	}
}
