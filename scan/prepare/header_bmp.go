package prepare

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"recto/scan"
)

// bmpHeader reads the file and the information header ([MS-WMF] 2.2.2).
func bmpHeader(s *source) (header, error) {
	h := header{format: scan.BMP, bits: 8, samples: 3}
	b, err := s.at(0, 54)
	if err != nil {
		return h, fmt.Errorf("BMP header: %w", err)
	}
	le := binary.LittleEndian
	if le.Uint32(b[14:]) < 40 {
		return h, fmt.Errorf("%w: BMP of OS/2", scan.ErrUnsupported)
	}
	w, ht := int64(int32(le.Uint32(b[18:]))), int64(int32(le.Uint32(b[22:])))
	if ht < 0 { // rows from the top
		ht = -ht
	}
	depth, compression := int64(le.Uint16(b[28:])), le.Uint32(b[30:])
	h.width, h.height = int(w), int(ht)
	h.density = scan.Density{X: float64(int32(le.Uint32(b[38:]))), Y: float64(int32(le.Uint32(b[42:])))}
	if w <= 0 {
		return h, fmt.Errorf("%w: BMP of %d x %d pixels", scan.ErrDamaged, w, ht)
	}
	if depth < 16 {
		h.bits, h.palette = int(depth), true
	}
	masked := (compression == 3 || compression == 6) && (depth == 16 || depth == 32) // with masks of the colours' bits
	if compression != 0 && !masked {
		return h, fmt.Errorf("%w: BMP of %d bits a pixel with compression %d", scan.ErrUnsupported, depth, compression)
	}
	h.packed = depth == 16 || depth == 32
	if need := int64(le.Uint32(b[10:])) + (w*depth+31)/32*4*ht; need > s.size {
		return h, fmt.Errorf("%w: BMP needs %d bytes, the file has %d", scan.ErrTruncated, need, s.size)
	}
	return h, nil
}

// bmp gives the file as the decoder wants it: the pixels come straight after the
// headers and the palette, whatever lies between them in the file. bmpHeader has
// seen that there are enough.
func (s *source) bmp() io.Reader {
	le := binary.LittleEndian
	head := s.bytes(0, 54)
	front, used := 14+int64(le.Uint32(head[14:])), int64(le.Uint32(head[46:]))
	if depth := le.Uint16(head[28:]); depth > 8 {
		used = 0 // colours for displays that show fewer
	} else if used == 0 {
		used = 1 << depth
	}
	front += 4 * min(used, 256)
	rows := int64(le.Uint32(head[10:]))
	le.PutUint32(head[10:], uint32(front))
	if front > min(rows, s.size) {
		return bytes.NewReader(nil) // no room for the palette: damaged
	}
	return io.MultiReader(bytes.NewReader(head), s.section(scan.Span{Offset: 54, Length: front - 54}, scan.Span{Offset: rows, Length: s.size - rows}))
}
