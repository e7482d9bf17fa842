package escl

import (
	"fmt"
	"image"
	"io"
	"math"

	"recto/scan"
)

// convertRaw writes samples without a header as a TIFF. Their geometry is what the
// device says of the image, or else what was asked for; either has to account for
// every byte.
func (j *job) convertRaw(p *picture, r io.Reader, size int64, told rawSize, w io.WriteSeeker) error {
	ra := j.raster()
	ra.Bits, ra.Channels = modeSamples(j.settings.mode)
	if ra.Bits != 8 {
		return fmt.Errorf("%w: raw samples of %s: nothing says in which order their bits and bytes come; choose another format", scan.ErrUnsupported, j.settings.mode)
	}
	width, height := int64(told.Width), int64(told.Height)
	if width == 0 {
		width = int64(math.Round(float64(j.settings.w) / perInch * float64(j.settings.resolution)))
	}
	if err := sides(width, 1); err != nil {
		return err
	}
	ra.Width = int(width)
	row := int64(ra.Row())
	step := max(row, int64(told.Row)) // rows may be padded
	if height == 0 {
		height = size / step
	}
	if err := sides(width, height); err != nil {
		return err
	}
	switch {
	case size < step*height:
		return fmt.Errorf("%w: %d bytes for %d by %d pixels", scan.ErrTruncated, size, width, height)
	case size > step*height:
		return fmt.Errorf("%w: %d bytes are no %d by %d pixels of %s", scan.ErrDamaged, size, width, height, j.settings.mode)
	}
	t, err := scan.NewTIFFWriter(w, ra)
	if err != nil {
		return err
	}
	if step == row {
		_, err = io.Copy(t, r)
	} else {
		line := make([]byte, step)
		for range height {
			if _, err = io.ReadFull(r, line); err == nil {
				_, err = t.Write(line[:row])
			}
			if err != nil {
				break
			}
		}
	}
	if err != nil {
		return err
	}
	rows, err := t.Close()
	if err == nil && int64(rows) != height {
		err = fmt.Errorf("%w: %d rows of %d", scan.ErrTruncated, rows, height)
	}
	p.pixels, p.density, p.bits, p.channels = image.Pt(ra.Width, rows), ra.Density, ra.Bits, ra.Channels
	return err
}
