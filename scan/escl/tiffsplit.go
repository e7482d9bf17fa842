package escl

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"recto/scan"
)

// mostImages bounds the images of one TIFF: more than a feeder holds.
const mostImages = 1000

// images finds the directories of a TIFF that are neither thumbnails nor masks; with an
// error, those before it.
func (t *tiffFile) images() ([]int64, error) {
	var list, seen []int64
	for at := t.first; at != 0; {
		if slices.Contains(seen, at) || len(seen) == mostImages {
			return list, fmt.Errorf("%w: the directories of a TIFF go round", scan.ErrDamaged)
		}
		seen = append(seen, at)
		d, next, err := t.directory(at)
		if err != nil {
			return list, err
		}
		if t.one(d, 254, 0)&(1|4) == 0 || len(seen) == 1 {
			list = append(list, at)
		}
		at = next
	}
	return list, nil
}

// copyImage writes one image as a TIFF of its own: its tags and its strips or tiles as
// they are, no sample is touched. Tags that point elsewhere in the file (SubIFDs, Exif,
// GPS, Interoperability) stay behind.
func (t *tiffFile) copyImage(at int64, w io.WriteSeeker) error {
	d, _, err := t.directory(at)
	if err != nil {
		return err
	}
	if t.one(d, 259, 1) == 6 {
		return fmt.Errorf("%w: several images with JPEG of the old kind in one TIFF; choose another format", scan.ErrUnsupported)
	}
	for _, tag := range []uint16{330, 34665, 34853, 40965} {
		delete(d, tag)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	here := int64(0)
	write := func(b []byte) {
		n, _ := out.Write(b) // Flush tells
		here += int64(n)
	}
	head := make([]byte, 8)
	_, err = t.r.ReadAt(head[:4], 0)
	write(head)
	offsetsTag, countsTag := uint16(273), uint16(279)
	if _, tiles := d[324]; tiles {
		offsetsTag, countsTag = 324, 325
	}
	offsets, counts := t.values(d, offsetsTag, maxStrips), t.values(d, countsTag, maxStrips)
	if len(counts) != len(offsets) {
		return fmt.Errorf("%w: %d strips, %d lengths of strips", scan.ErrDamaged, len(offsets), len(counts))
	}
	moved := make([]byte, 0, 4*len(offsets))
	for i, from := range offsets {
		moved = t.order.AppendUint32(moved, uint32(here))
		n, e := io.Copy(out, io.NewSectionReader(t.r, from, counts[i]))
		here += n
		err = errors.Join(err, e)
		if here%2 == 1 {
			write([]byte{0})
		}
	}
	var entries []byte
	for _, tag := range slices.Sorted(maps.Keys(d)) {
		f := d[tag]
		value := make([]byte, fieldSizes[f.kind]*f.count)
		if tag == offsetsTag {
			f.kind, value = 4, moved
		} else if _, e := t.r.ReadAt(value, f.at); e != nil && len(value) > 0 {
			err = errors.Join(err, e)
		}
		entries = t.order.AppendUint16(entries, tag)
		entries = t.order.AppendUint16(entries, f.kind)
		entries = t.order.AppendUint32(entries, uint32(f.count))
		if len(value) <= 4 {
			entries = append(append(entries, value...), make([]byte, 4-len(value))...)
			continue
		}
		entries = t.order.AppendUint32(entries, uint32(here))
		write(value)
		if here%2 == 1 {
			write([]byte{0})
		}
	}
	first := here
	write(t.order.AppendUint16(nil, uint16(len(d))))
	write(entries)
	write(make([]byte, 4))
	if err = errors.Join(err, out.Flush()); err != nil {
		return err
	}
	if here > 1<<32-1 {
		return fmt.Errorf("%w: %d bytes", scan.ErrTooLarge, here)
	}
	if _, err := w.Seek(4, io.SeekStart); err != nil {
		return err
	}
	_, err = w.Write(t.order.AppendUint32(nil, uint32(first)))
	return err
}
