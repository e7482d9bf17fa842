package scantest

import (
	"bytes"
	"compress/zlib"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"log"
	"math/big"
	"net"
	"testing"
	"time"

	"recto/scan"
)

// ESCLSample is what the virtual scanner sees: a sample of 16 bits at a place of the
// n-th image, in pixels from the corner of glass or sheet; channel 0 is red or grey.
// It is smooth, so that JPEG shows it nearly as it is, and no two places within an
// image's reach are mistaken for each other.
func ESCLSample(n, x, y, channel int) uint16 {
	v := (x*397 + y*151 + channel*30011 + n*17011) % (2 << 16)
	if v >= 1<<16 {
		v = 2<<16 - 1 - v
	}
	return uint16(v)
}

// ESCLRow gives the samples of a row in a colour mode as a TIFF of scan.TIFFWriter has
// them; with 1 bit, ink is 1.
func ESCLRow(n int, mode string, x, y, width int) []byte {
	var row []byte
	switch mode {
	case "BlackAndWhite1":
		row = make([]byte, (width+7)/8)
		for i := range width {
			if ESCLSample(n, x+i, y, 0) < 1<<15 {
				row[i/8] |= 0x80 >> (i % 8)
			}
		}
	case "Grayscale8", "RGB24":
		for i := range width {
			for c := range esclChannels(mode) {
				row = append(row, byte(ESCLSample(n, x+i, y, c)>>8))
			}
		}
	default:
		for i := range width {
			for c := range esclChannels(mode) {
				row = binary.LittleEndian.AppendUint16(row, ESCLSample(n, x+i, y, c))
			}
		}
	}
	return row
}

func esclChannels(mode string) int {
	if mode == "RGB24" || mode == "RGB48" {
		return 3
	}
	return 1
}

// Encode gives an image as the scanner sends it.
func (v *ESCL) Encode(n int, mode, format string, dpi, x, y, w, h int) []byte {
	var rows []byte
	for i := range h {
		rows = append(rows, ESCLRow(n, mode, x, y+i, w)...)
	}
	switch format {
	case "image/tiff":
		r := scan.Raster{Width: w, Bits: 8, Channels: esclChannels(mode), BlackIs1: true, Density: scan.Density{X: float64(dpi), Y: float64(dpi)}, Make: v.Maker, Model: v.Model}
		switch mode {
		case "BlackAndWhite1":
			r.Bits = 1
		case "Grayscale16", "RGB48":
			r.Bits = 16
		}
		f := &file{}
		t, err := scan.NewTIFFWriter(f, r)
		if err == nil {
			_, err = t.Write(rows)
		}
		if err == nil {
			_, err = t.Close()
		}
		if err != nil {
			panic(err)
		}
		return f.b
	case "image/png":
		return v.png(rows, mode, dpi, w, h)
	case "image/jpeg":
		var b bytes.Buffer
		if err := jpeg.Encode(&b, eightBits(n, mode, x, y, w, h), &jpeg.Options{Quality: 95}); err != nil {
			panic(err)
		}
		jfif := []byte{0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 2, 1, byte(dpi >> 8), byte(dpi), byte(dpi >> 8), byte(dpi), 0, 0}
		return append(append([]byte{0xff, 0xd8}, jfif...), b.Bytes()[2:]...)
	case "application/pdf":
		return []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	}
	return rows
}

// eightBits is the image as Go's encoders take it.
func eightBits(n int, mode string, x, y, w, h int) image.Image {
	if esclChannels(mode) == 1 {
		m := image.NewGray(image.Rect(0, 0, w, h))
		for i := range m.Pix {
			m.Pix[i] = byte(ESCLSample(n, x+i%w, y+i/w, 0) >> 8)
		}
		return m
	}
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		for c := range 3 {
			m.Pix[4*i+c] = byte(ESCLSample(n, x+i%w, y+i/w, c) >> 8)
		}
		m.Pix[4*i+3] = 0xff
	}
	return m
}

// png encodes by Go's encoder, whose filters are those of real files; 1 bit, which it
// does not have, without filters.
func (v *ESCL) png(rows []byte, mode string, dpi, w, h int) []byte {
	var b bytes.Buffer
	var err error
	switch mode {
	case "Grayscale8":
		err = png.Encode(&b, &image.Gray{Pix: rows, Stride: w, Rect: image.Rect(0, 0, w, h)})
	case "Grayscale16":
		err = png.Encode(&b, &image.Gray16{Pix: swapped(rows), Stride: 2 * w, Rect: image.Rect(0, 0, w, h)})
	case "RGB24":
		m := image.NewRGBA(image.Rect(0, 0, w, h))
		for i := range w * h {
			copy(m.Pix[4*i:], rows[3*i:3*i+3])
			m.Pix[4*i+3] = 0xff
		}
		err = png.Encode(&b, m)
	case "RGB48":
		m := image.NewRGBA64(image.Rect(0, 0, w, h))
		for i := range w * h {
			copy(m.Pix[8*i:], swapped(rows[6*i:6*i+6]))
			m.Pix[8*i+6], m.Pix[8*i+7] = 0xff, 0xff
		}
		err = png.Encode(&b, m)
	default:
		b.WriteString("\x89PNG\r\n\x1a\n")
		head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
		b.Write(pngChunk("IHDR", append(head, 1, 0, 0, 0, 0)))
		var data bytes.Buffer
		z := zlib.NewWriter(&data)
		n := (w + 7) / 8
		for y := range h {
			line := []byte{0}
			for _, x := range rows[y*n : (y+1)*n] {
				line = append(line, ^x) // black is zero
			}
			_, _ = z.Write(line)
		}
		_ = z.Close()
		b.Write(pngChunk("IDAT", data.Bytes()))
		b.Write(pngChunk("IEND", nil))
	}
	if err != nil {
		panic(err)
	}
	perMetre := uint32(float64(dpi)/0.0254 + 0.5)
	more := pngChunk("pHYs", append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, perMetre), perMetre), 1))
	if v.ICC != nil {
		var z bytes.Buffer
		zw := zlib.NewWriter(&z)
		_, _ = zw.Write(v.ICC)
		_ = zw.Close()
		more = append(more, pngChunk("iCCP", append([]byte("device\x00\x00"), z.Bytes()...))...)
	}
	const behind = 8 + 25 // signature and IHDR
	whole := b.Bytes()
	return append(append(whole[:behind:behind], more...), whole[behind:]...)
}

func pngChunk(name string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func swapped(b []byte) []byte {
	s := make([]byte, len(b))
	for i := 0; i+1 < len(b); i += 2 {
		s[i], s[i+1] = b[i+1], b[i]
	}
	return s
}

// file is an io.WriteSeeker in memory.
type file struct {
	b  []byte
	at int
}

func (f *file) Write(p []byte) (int, error) {
	if need := f.at + len(p); need > len(f.b) {
		f.b = append(f.b, make([]byte, need-len(f.b))...)
	}
	copy(f.b[f.at:], p)
	f.at += len(p)
	return len(p), nil
}

func (f *file) Seek(n int64, whence int) (int64, error) {
	if whence != io.SeekStart {
		return 0, fmt.Errorf("whence %d", whence)
	}
	f.at = int(n)
	return n, nil
}

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

// SelfSigned makes a certificate as devices do: their own key, and no authority that
// anybody trusts.
func SelfSigned(t testing.TB) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "Virtual 3000"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
