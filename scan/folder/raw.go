package folder

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"recto/scan"
)

// jpegEndings are those of a JPEG that a camera writes beside its raw file.
var jpegEndings = []string{".jpg", ".jpeg", ".jpe"}

func hasRawExtension(name string) bool {
	return slices.Contains(scan.RawExtensions, strings.ToLower(filepath.Ext(name)))
}

func hasJPEGExtension(name string) bool {
	return slices.Contains(jpegEndings, strings.ToLower(filepath.Ext(name)))
}

// rawByName holds for raw files that are TIFFs by all that their tags tell.
func rawByName(name string) bool {
	return slices.Contains([]string{".3fr", ".iiq"}, strings.ToLower(filepath.Ext(name)))
}

// stem is what the files of one shot have in common: the name without its ending
// (DCF 2.0, 3.3: the same file name in the same folder is the same object).
func stem(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }

// raw gives a camera's raw file, with its JPEG where it has one.
func (w *walk) raw(o scan.Origin, name string) error {
	s := scan.Sheet{Origin: o, Format: scan.RAW, Open: opener(o.Path)}
	name = strings.TrimSpace("a camera's raw file " + strings.TrimSpace("("+name+")"))
	if jpeg := w.jpegs[string(o.Path)]; jpeg != "" {
		c, err := w.companion(jpeg)
		if err == nil {
			s.Companion, s.Pixels, s.DPI, s.Orientation = &c, c.Pixels, c.DPI, c.Orientation
			s.Origin.Note = fmt.Sprintf("%s; %s is its working image", name, c.Origin.Path.Line())
			return w.to.Sheet(s)
		}
		if w.sha256 != "" { // a watch looks after the JPEG itself
			return w.to.Sheet(alone(s, name))
		}
		// What cannot be read now comes as a file of its own, and says so.
		if err := w.to.Sheet(alone(s, name)); err != nil {
			return err
		}
		return w.file(jpeg, false)
	}
	return w.to.Sheet(alone(s, name))
}

func alone(s scan.Sheet, name string) scan.Sheet {
	s.Origin.Note = name + " without its JPEG: it is kept, and nothing can be seen of it"
	return s
}

// companion makes the sheet of a working image.
func (w *walk) companion(path string) (scan.Sheet, error) {
	o := w.origin(path)
	f, info, err := open(path)
	if err != nil {
		w.given[o.Absolute]-- // it will come by as itself
		return scan.Sheet{}, err
	}
	defer f.Close()
	o.Size, o.Modified = info.Size(), info.ModTime()
	h := readHeader(scan.JPEG, f, o.Size)
	return scan.Sheet{
		Origin: o, Format: scan.JPEG, Pixels: h.pixels, DPI: h.dpi, Orientation: h.orientation, Open: opener(o.Path),
	}, nil
}

func opener(path scan.Path) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		f, _, err := open(string(path))
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", path.Line(), unreadable(err))
		}
		return f, nil
	}
}

// pair finds the shots in a folder: raw files whose JPEG lies beside them. It gives
// the names of these JPEGs, which do not come as sheets of their own. dir ends with
// a separator, names are in natural order; of several raw files the first has the JPEG.
func (w *walk) pair(dir string, names []string) (joined map[string]bool) {
	raws := map[string]string{}
	for _, n := range names {
		if hasRawExtension(n) && raws[stem(n)] == "" {
			raws[stem(n)] = n
		}
	}
	if len(raws) == 0 {
		return nil
	}
	joined = map[string]bool{}
	for _, n := range names {
		raw := raws[stem(n)]
		if raw == "" || !hasJPEGExtension(n) || w.jpegs[dir+raw] != "" {
			continue
		}
		if isRaw(dir+raw) && isJPEG(dir+n) {
			w.jpegs[dir+raw] = dir + n
			joined[n] = true
		}
	}
	return joined
}

// pairArguments does the same for what was given by name: a raw file brings its JPEG
// along, whether that was given, too, or only lies beside it. It tells which of the
// paths come with another.
func (w *walk) pairArguments(paths []scan.Path) map[int]bool {
	joined := map[int]bool{}
	for _, p := range paths {
		raw := string(p)
		if !hasRawExtension(raw) || w.jpegs[raw] != "" || !isRaw(raw) {
			continue
		}
		for i, q := range paths {
			if hasJPEGExtension(string(q)) && !joined[i] && stem(string(q.Absolute())) == stem(string(p.Absolute())) && isJPEG(string(q)) {
				w.jpegs[raw], joined[i] = string(q), true
				break
			}
		}
		if w.jpegs[raw] == "" {
			w.jpegs[raw] = jpegBeside(raw)
		}
	}
	return joined
}

// jpegBeside finds the JPEG of a raw file; empty where there is none.
func jpegBeside(raw string) string {
	for _, e := range jpegEndings {
		for _, e := range []string{e, strings.ToUpper(e), strings.ToUpper(e[:2]) + e[2:]} {
			if isJPEG(stem(raw) + e) {
				return stem(raw) + e
			}
		}
	}
	return ""
}

// contentOf tells a file by its content; the zero kind where it cannot be read.
func contentOf(path string) kind {
	f, info, err := open(path)
	if err != nil {
		return kind{}
	}
	defer f.Close()
	return contentIn(f, info.Size(), path)
}

// contentIn tells an open file by its content, a raw file that begins like a TIFF
// included.
func contentIn(f *os.File, size int64, path string) kind {
	k := sniff(head(f, sniffLen))
	if k.format == scan.TIFF {
		if t, err := openTIFF(f, size); err == nil {
			if raw, ok := rawKind(t); ok || rawByName(path) {
				raw.format = scan.RAW
				return raw
			}
		}
	}
	return k
}

func isRaw(path string) bool { return contentOf(path).format == scan.RAW }

func isJPEG(path string) bool { return contentOf(path).format == scan.JPEG }
