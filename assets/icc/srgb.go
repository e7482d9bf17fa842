// Package icc makes the one colour profile that Recto needs: sRGB, as the output
// intent of a PDF/A whose pages carry no profile of their own. It is built from
// the published numbers and so belongs to nobody. It knows nothing of PDF.
package icc

import (
	"bytes"
	"encoding/binary"
	"math"
	"sync"
)

// SRGB gives an ICC version 2.1 display profile for IEC 61966-2-1 sRGB, about
// 2.6 KB. The bytes are always the same; the caller must not change them.
var SRGB = sync.OnceValue(build)

// Name is what the profile calls itself, and the registered name of the
// condition that it describes.
const Name = "sRGB IEC61966-2.1"

// samples of the tone curve. 1024 keep the largest error of a linear
// interpolation below a quarter of an 8-bit step, the steep foot included.
const samples = 1024

// build follows ICC.1:2001-04: a header (6.1), a tag table (6.2), and the tags
// that 6.3.3.2 requires of an RGB display profile.
func build() []byte {
	type tag struct {
		name string
		data []byte
	}
	curve := tone()
	tags := []tag{
		{"desc", description(Name)},
		{"cprt", text("CC0 1.0: no rights reserved")},
		{"wtpt", xyz(0.9642, 1, 0.8249)}, // the D50 of the connection space: the colorants are adapted to it
		{"rXYZ", xyz(0.43607, 0.22249, 0.01392)},
		{"gXYZ", xyz(0.38515, 0.71687, 0.09708)},
		{"bXYZ", xyz(0.14307, 0.06061, 0.71410)},
		{"rTRC", curve},
		{"gTRC", curve}, // the three share one curve: equal offsets are allowed
		{"bTRC", curve},
	}
	var table, body bytes.Buffer
	start := 128 + 4 + 12*len(tags)
	put(&table, uint32(len(tags)))
	offset := start
	for i, t := range tags {
		if i == 0 || &t.data[0] != &tags[i-1].data[0] {
			for body.Len()%4 != 0 {
				body.WriteByte(0)
			}
			offset = start + body.Len()
			body.Write(t.data)
		}
		table.WriteString(t.name)
		put(&table, uint32(offset), uint32(len(t.data)))
	}
	for body.Len()%4 != 0 {
		body.WriteByte(0)
	}

	var b bytes.Buffer
	put(&b, uint32(start+body.Len()), uint32(0), uint32(0x02100000))
	b.WriteString("mntrRGB XYZ ")
	put(&b, [6]uint16{2025, 1, 1, 0, 0, 0}) // a fixed date: equal input, equal bytes
	b.WriteString("acsp")
	put(&b, [7]uint32{})              // platform, flags, manufacturer, model, attributes, perceptual intent
	put(&b, fixed(0.9642, 1, 0.8249)) // D50
	put(&b, [12]uint32{})             // creator, reserved
	b.Write(table.Bytes())
	b.Write(body.Bytes())
	return b.Bytes()
}

// tone is the curve of IEC 61966-2-1 from a sample to linear light, as a
// curveType (6.5.3).
func tone() []byte {
	var b bytes.Buffer
	b.WriteString("curv")
	put(&b, uint32(0), uint32(samples))
	for i := range samples {
		v := float64(i) / (samples - 1)
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		put(&b, uint16(math.Round(v*65535)))
	}
	return b.Bytes()
}

// xyz is an XYZType (6.5.26).
func xyz(x, y, z float64) []byte {
	var b bytes.Buffer
	b.WriteString("XYZ ")
	put(&b, uint32(0), fixed(x, y, z))
	return b.Bytes()
}

// fixed gives s15Fixed16Numbers (5.3.4).
func fixed(x, y, z float64) [3]int32 {
	return [3]int32{int32(math.Round(x * 65536)), int32(math.Round(y * 65536)), int32(math.Round(z * 65536))}
}

// text is a textType (6.5.22).
func text(s string) []byte {
	return append([]byte("text\x00\x00\x00\x00"), s+"\x00"...)
}

// description is a textDescriptionType (6.5.17) with its ASCII part only.
func description(s string) []byte {
	var b bytes.Buffer
	b.WriteString("desc")
	put(&b, uint32(0), uint32(len(s)+1))
	b.WriteString(s + "\x00")
	b.Write(make([]byte, 4+4+2+1+67)) // no Unicode and no ScriptCode name
	return b.Bytes()
}

// put writes big-endian values; a bytes.Buffer takes all of them.
func put(b *bytes.Buffer, values ...any) {
	for _, v := range values {
		if err := binary.Write(b, binary.BigEndian, v); err != nil {
			panic(err) // only for types of no fixed size, and there are none
		}
	}
}
