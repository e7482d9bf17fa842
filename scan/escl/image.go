package escl

import (
	"errors"
	"fmt"
	"image"
	"io"
	"mime"
	"os"
	"slices"
	"strings"
	"time"

	"recto/scan"
)

// picture is an image that arrived whole.
type picture struct {
	name        string // of the file
	format      scan.Format
	pixels      image.Point
	density     scan.Density // in pixels an inch; zero where the file does not say
	dpi         float64
	orientation scan.Orientation
	bits        int
	channels    int
	note        string
}

// mediaTypes by what the first bytes say, whatever the device calls it.
var mediaTypes = []struct{ magic, media string }{
	{"II*\x00", "image/tiff"}, {"MM\x00*", "image/tiff"}, {"\x89PNG\r\n\x1a\n", "image/png"}, {"\xff\xd8\xff", "image/jpeg"}, {"%PDF-", "application/pdf"},
}

// load sees what a file from the device is, that it is whole, and makes a TIFF of PNG
// and raw samples. raw asks the device for the geometry of the latter. There are several
// where a device puts all sheets of a feeder into one TIFF; with an error, those that are
// whole.
func (j *job) load(name, called string, raw func() (rawSize, error)) ([]*picture, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	head := make([]byte, 16)
	n, _ := io.ReadFull(f, head)
	called, _, _ = mime.ParseMediaType(called)
	media := ""
	for _, m := range mediaTypes {
		if strings.HasPrefix(string(head[:n]), m.magic) {
			media = m.media
		}
	}
	if media == "" && j.settings.format == "application/octet-stream" && (called == "" || called == j.settings.format) {
		media = j.settings.format
	}
	p := &picture{name: name}
	switch media {
	case "image/tiff":
		var all []*picture
		all, err = j.several(f, info.Size())
		for _, p := range all {
			j.judge(p, media)
		}
		if len(all) > 0 {
			return all, err
		}
		if err == nil {
			err = readTIFF(p, f, info.Size())
		}
	case "image/jpeg":
		err = readJPEG(p, f, info.Size())
	case "image/png":
		err = j.transcode(p, func(w io.WriteSeeker) error {
			return convertPNG(p, io.NewSectionReader(f, 0, info.Size()), w, j.raster())
		})
	case "application/octet-stream":
		var size rawSize
		if size, err = raw(); err == nil {
			err = j.transcode(p, func(w io.WriteSeeker) error {
				return j.convertRaw(p, io.NewSectionReader(f, 0, info.Size()), info.Size(), size, w)
			})
		}
	case "application/pdf":
		return nil, fmt.Errorf("%w: the device sent a PDF where %s was asked for", scan.ErrUnsupported, j.settings.format)
	default:
		return nil, fmt.Errorf("%w: the device sent %d bytes that it calls %q", scan.ErrNotImage, info.Size(), line(called))
	}
	if err != nil {
		return nil, err
	}
	j.judge(p, media)
	return []*picture{p}, nil
}

// several parts a TIFF of more than one image; there is none where it has just one. With
// an error come those before it: their paper is through the feeder.
func (j *job) several(f io.ReaderAt, size int64) ([]*picture, error) {
	t, err := openTIFF(f, size)
	if err != nil {
		return nil, err
	}
	found, broken := t.images()
	if broken == nil && len(found) < 2 {
		return nil, nil
	}
	var all []*picture
	for i, at := range found {
		p := &picture{note: fmt.Sprintf("image %d of %d in one TIFF, with its tags and strips as they were", i+1, len(found))}
		if err := readTIFF(p, f, size, at); err != nil {
			return all, err
		}
		if err := j.transcode(p, func(w io.WriteSeeker) error { return t.copyImage(at, w) }); err != nil {
			return all, err
		}
		all = append(all, p)
	}
	return all, broken
}

// raster begins the description of samples that become a TIFF.
func (j *job) raster() scan.Raster {
	d := j.scanner.device
	dpi := float64(j.settings.resolution)
	return scan.Raster{Make: ascii(d.Vendor), Model: ascii(d.Model), Software: "eSCL " + ascii(j.scanner.spoken()), Time: time.Now(), Density: scan.Density{X: dpi, Y: dpi}}
}

// ascii is all that a TIFF's tags hold (TIFF 6.0, section 2, type 2).
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// transcode writes the TIFF of p beside its file.
func (j *job) transcode(p *picture, write func(io.WriteSeeker) error) error {
	f, err := os.CreateTemp(j.dir, "image-*.tif")
	if err != nil {
		return full(err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		os.Remove(f.Name())
		return full(err)
	}
	p.name, p.format = f.Name(), scan.TIFF
	return nil
}

// judge settles what the resolution is and notes where the image is not what was asked
// for.
func (j *job) judge(p *picture, media string) {
	var notes []string
	note := func(format string, v ...any) { notes = append(notes, fmt.Sprintf(format, v...)) }
	asked := j.settings
	if media != asked.format {
		note("%s was asked for, %s came", asked.format, media)
	}
	if p.format == scan.JPEG && media == asked.format {
		if slices.ContainsFunc(asked.profile.formats, lossless) {
			note("JPEG was chosen, which loses detail; the device has %s, too", strings.Join(slices.DeleteFunc(slices.Clone(asked.profile.formats), func(f string) bool { return !lossless(f) }), ", "))
		} else {
			note("the device offers nothing lossless")
		}
	}
	if p.format == scan.TIFF && media != "image/tiff" {
		note("the samples of %s as TIFF", media)
	}
	if bits, channels := modeSamples(asked.mode); bits != 0 && p.bits != 0 && (p.bits != bits || p.channels != channels) {
		note("%s was asked for, %d channels of %d bits came", asked.mode, p.channels, p.bits)
	}
	p.dpi = float64(asked.resolution)
	told := p.density.Finer()
	switch {
	case told >= 50 && told <= 4800 && told/p.dpi > 0.98 && told/p.dpi < 1.02:
	case j.fits(p, p.dpi): // the area asked for has as many pixels: the file is wrong or silent
		if told > 0 {
			note("the file says %.4g dpi", told)
		}
	case told > 96 && told <= 4800: // 72 and 96 are what firmware writes that knows nothing
		note("%d dpi were asked for, the file says %.4g", asked.resolution, told)
		p.dpi = told
	}
	p.note = strings.Join(append(notes, slices.DeleteFunc([]string{p.note}, func(s string) bool { return s == "" })...), "; ")
}

// fits tells whether the image is as wide as the area at this resolution. The length
// says nothing: a feeder ends with the paper.
func (j *job) fits(p *picture, dpi float64) bool {
	want := float64(j.settings.w) / perInch * dpi
	return want > 0 && float64(p.pixels.X) > 0.98*want && float64(p.pixels.X) < 1.02*want
}

// maxSide bounds an image's sides: 1 m at 4800 dpi has 189,000 pixels.
const maxSide = 1 << 20

func sides(w, h int64) error {
	if w < 1 || h < 1 || w > maxSide || h > maxSide {
		return fmt.Errorf("%w: %d by %d pixels", scan.ErrDamaged, w, h)
	}
	return nil
}
