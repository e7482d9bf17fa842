package scan

import (
	"bytes"
	"errors"
	"image"
	"io"
	"os"
	"testing"
	"time"

	"golang.org/x/image/tiff"
)

func written(t *testing.T, r Raster, rows ...[]byte) (string, int, error) {
	t.Helper()
	f, err := os.Create(t.TempDir() + "/x.tif")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := NewTIFFWriter(f, r)
	if err != nil {
		return "", 0, err
	}
	for _, b := range rows {
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	n, err := w.Close()
	return f.Name(), n, err
}

func decoded(t *testing.T, name string) image.Image {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	img, err := tiff.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// An independent decoder sees the samples that went in, whatever the pieces.
func TestTIFF(t *testing.T) {
	for _, r := range []Raster{
		{Width: 13, Bits: 1, Channels: 1, BlackIs1: true}, {Width: 13, Bits: 1, Channels: 1}, {Width: 13, Bits: 8, Channels: 1},
		{Width: 13, Bits: 8, Channels: 3}, {Width: 13, Bits: 16, Channels: 1}, {Width: 13, Bits: 16, Channels: 3},
		{Width: 700_001, Bits: 8, Channels: 3}, // a strip a row
	} {
		r.Density, r.Make, r.Time = Density{300, 300}, "Noname", time.Now()
		data := make([]byte, 5*r.Row())
		for i := range data {
			data[i] = byte(i * 37)
		}
		name, rows, err := written(t, r, data[:1], data[1:r.Row()+1], data[r.Row()+1:], []byte{1})
		if err != nil || rows != 5 {
			t.Fatalf("%+v: %d rows, %v", r, rows, err)
		}
		img := decoded(t, name)
		if img.Bounds().Size() != image.Pt(r.Width, 5) {
			t.Errorf("%+v: size %v", r, img.Bounds())
		}
		for _, p := range []image.Point{{0, 0}, {12, 0}, {5, 3}, {12, 4}} {
			at := p.Y * r.Row()
			want := uint32(0)
			switch r.Bits {
			case 1:
				bit := data[at+p.X/8] >> (7 - p.X%8) & 1
				if (bit == 1) != r.BlackIs1 {
					want = 0xffff
				}
			case 8:
				want = uint32(data[at+p.X*r.Channels]) * 0x101
			case 16:
				want = uint32(data[at+p.X*2*r.Channels]) | uint32(data[at+p.X*2*r.Channels+1])<<8
			}
			if red, _, _, _ := img.At(p.X, p.Y).RGBA(); red != want {
				t.Errorf("%d bits, %d channels, %v: %x, want %x", r.Bits, r.Channels, p, red, want)
			}
		}
	}
}

func TestTIFFRefuses(t *testing.T) {
	if _, _, err := written(t, Raster{Width: 8, Bits: 8, Channels: 1}, []byte("short")); !errors.Is(err, ErrTruncated) {
		t.Errorf("half a row: %v", err)
	}
	for _, r := range []Raster{{}, {Width: 8, Bits: 4, Channels: 1}, {Width: 8, Bits: 8, Channels: 4}, {Width: 8, Bits: 1, Channels: 3}} {
		if _, err := NewTIFFWriter(&nowhere{}, r); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	w, err := NewTIFFWriter(&nowhere{}, Raster{Width: 1 << 20, Bits: 16, Channels: 3})
	if err != nil {
		t.Fatal(err)
	}
	row := make([]byte, 6<<20)
	for range 1000 {
		if _, err = w.Write(row); err != nil {
			break
		}
	}
	if _, end := w.Close(); !errors.Is(err, ErrTooLarge) || !errors.Is(end, ErrTooLarge) {
		t.Errorf("6 GB: %v, %v", err, end)
	}
}

type nowhere struct{}

func (nowhere) Write(b []byte) (int, error)        { return len(b), nil }
func (nowhere) Seek(n int64, _ int) (int64, error) { return n, nil }

var _ io.WriteSeeker = nowhere{}
