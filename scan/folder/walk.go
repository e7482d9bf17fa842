package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"recto/scan"
)

// visit takes one path: a file or a folder. above are the folders that lead to
// it, direct says that the user has named it.
func (w *walk) visit(path string, above []fs.FileInfo, direct bool) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return w.reject(w.origin(path), unreadable(err))
	case info.IsDir():
		if what := copied(filepath.Base(path)); what != "" && !direct {
			return w.to.Ignore(scan.Path(path), fmt.Sprintf("a folder of %s; give it by its own name to import what it holds", what))
		}
		return w.folder(path, info, above)
	case !info.Mode().IsRegular():
		if direct || hasImageExtension(path) {
			return w.reject(w.origin(path), fmt.Errorf("%s: %w", special(info.Mode()), scan.ErrUnreadable))
		}
		return w.to.Ignore(scan.Path(path), special(info.Mode()))
	}
	return w.file(path, direct)
}

// folder takes what is in a folder, in natural order. A folder that is one of
// those above it was reached by a link and would never end.
func (w *walk) folder(path string, info fs.FileInfo, above []fs.FileInfo) error {
	if slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
		return w.reject(w.origin(path), fmt.Errorf("a link that leads to a folder above it: %w", scan.ErrLoop))
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		if err := w.reject(w.origin(path), unreadable(err)); err != nil {
			return err
		}
	}
	keys := make([]sortKey, len(entries))
	for i, e := range entries {
		keys[i] = newSortKey(e.Name())
	}
	slices.SortFunc(keys, sortKey.compare)
	above = append(slices.Clip(above), info)
	if !os.IsPathSeparator(path[len(path)-1]) {
		path += string(os.PathSeparator)
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.raw
	}
	joined := w.pair(path, names)
	for _, k := range keys {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if joined[k.raw] {
			continue
		}
		if err := w.visit(path+k.raw, above, false); err != nil {
			return err
		}
	}
	return nil
}

// copies are hidden folders in which systems keep what was deleted, and smaller or
// older copies of what lies beside them: taken for pages, these would stand twice in
// the document. "*" stands for any ending.
var copies = []struct{ name, what string }{
	{".Trash", "deleted files"}, {".Trashes", "deleted files"}, {".Trash-*", "deleted files"}, {".@__thumb", "thumbnails"},
	{".thumbnails", "thumbnails"}, {".AppleDouble", "resource forks of macOS"}, {".snapshot", "older versions"},
	{".snapshots", "older versions"}, {".zfs", "older versions"}, {".git", "version control"}, {".hg", "version control"},
	{".svn", "version control"},
}

// copied says what a folder of this name keeps copies of, empty for any other.
func copied(name string) string {
	for _, c := range copies {
		if start, open := strings.CutSuffix(c.name, "*"); name == c.name || open && strings.HasPrefix(name, start) {
			return c.what
		}
	}
	return ""
}

func special(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe, not a file"
	case m&fs.ModeSocket != 0:
		return "a socket, not a file"
	case m&fs.ModeDevice != 0:
		return "a device, not a file"
	}
	return "not a regular file"
}

func unreadable(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the origin names the path
	}
	return fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
}

// open opens a regular file. It never blocks, even if a pipe has taken the
// file's place since it was looked at.
func open(path string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New(special(info.Mode()))
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// file takes one regular file.
func (w *walk) file(path string, direct bool) error {
	expected := direct || hasImageExtension(path)
	origin := w.origin(path)
	f, info, err := open(path)
	if err != nil {
		return w.reject(origin, unreadable(err))
	}
	defer f.Close()
	if w.sha256 != "" && stampOf(info) != w.stamp {
		return nil // another than was looked at
	}
	origin.Size, origin.Modified, origin.SHA256 = info.Size(), info.ModTime(), w.sha256
	start := make([]byte, sniffLen)
	n, err := io.ReadFull(f, start)
	start = start[:n]
	switch {
	case err != nil && err != io.EOF && err != io.ErrUnexpectedEOF:
		return w.reject(origin, unreadable(err))
	case n == 0 && expected:
		return w.reject(origin, scan.ErrEmpty)
	case n == 0:
		return w.to.Ignore(scan.Path(path), "empty")
	}
	k := sniff(start)
	switch {
	case k.format == scan.RAW:
		return w.raw(origin, k.name)
	case k.format == scan.TIFF:
		return w.tiff(origin, f)
	case k.format == scan.PDF:
		return w.pdf(origin, f)
	case k.format == scan.WebP && webpAnimated(start):
		return w.reject(origin, fmt.Errorf("an animated WebP (export its frames as TIFF): %w", scan.ErrUnsupported))
	case k.format != "":
		return w.plain(origin, k.format, f)
	case k.image:
		return w.reject(origin, unsupported(k))
	case expected && (direct || k.name != resourceFork):
		return w.reject(origin, fmt.Errorf("it looks like %s: %w", k.name, scan.ErrNotImage))
	}
	return w.to.Ignore(scan.Path(path), "not an image: "+k.name)
}

func unsupported(k kind) error {
	return fmt.Errorf("%s (%s): %w", k.name, k.remedy, scan.ErrUnsupported)
}

// plain gives a file that is one image as it is.
func (w *walk) plain(o scan.Origin, format scan.Format, f *os.File) error {
	h := readHeader(format, f, o.Size)
	return w.to.Sheet(scan.Sheet{
		Origin: o, Format: format, Pixels: h.pixels, DPI: h.dpi, Orientation: h.orientation,
		Open: opener(o.Path),
	})
}
