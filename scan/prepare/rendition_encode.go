package prepare

import (
	"bufio"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"recto/scan"
)

// raster is an image that gives its rows in a PDF's own order of samples: 16 bits
// big-endian, red before green before blue, no padding.
type raster struct {
	size    image.Point
	bits    int // of a sample, 8 or 16
	colours int
	row     func(y int, into []byte) error
}

// stride is the length of a row in bytes.
func (r *raster) stride() int { return r.size.X * r.bits / 8 * r.colours }

// level of compression. Scans are noise to zlib once they are filtered: level 6 makes
// them 8 % smaller and takes four times as long, longer than all else but reading.
const level = zlib.BestSpeed

// flate writes the rows with PNG predictors as one zlib stream. At any time it holds
// a few rows, never the image.
func (r *raster) flate(into string) (*scan.Rendition, error) {
	out, err := stored(into, func(w io.Writer) error {
		z, err := zlib.NewWriterLevel(w, level)
		if err != nil {
			return err
		}
		f := newFilter(r)
		for y := range r.size.Y {
			if err := r.row(y, f.current()); err != nil {
				return err
			}
			if _, err := z.Write(f.next()); err != nil {
				return err
			}
		}
		return z.Close()
	})
	if err != nil {
		return nil, err
	}
	out.Filter, out.Predictor = "FlateDecode", 15
	out.Size, out.Bits, out.Colours = r.size, r.bits, r.colours
	return out, nil
}

// stored writes a file by a temporary name beside it, so that it appears whole and
// durable or not at all, and gives where it lies, its length and its digest.
func stored(into string, write func(io.Writer) error) (_ *scan.Rendition, err error) {
	defer func() {
		switch {
		case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
			err = fmt.Errorf("store the rendition: %w: %w", scan.ErrNoSpace, err)
		case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
			err = fmt.Errorf("store the rendition: %w: %w", scan.ErrReadOnly, err)
		}
	}()
	f, err := os.CreateTemp(filepath.Dir(into), ".rendition-*")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	sum := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(f, sum), 256<<10)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	n := int64(0)
	if err == nil {
		n, err = f.Seek(0, io.SeekCurrent)
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil { // after a power cut a name may lead to zeros
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return &scan.Rendition{File: into, SHA256: hex.EncodeToString(sum.Sum(nil)), Spans: []scan.Span{{Length: n}}}, os.Rename(f.Name(), into)
}
