package workbench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"recto/app/job"
	"recto/archive"
	"recto/scan"
)

// CopyOut writes NAME.pdf, NAME.txt and NAME/page-NNNN.xml (ALTO) of a document
// to a folder. NAME comes from name, or the title where that is empty; a name that
// is taken by anything but this document's own, untouched earlier output becomes
// NAME-2, NAME-3 ... The paths of all files are returned.
func (w *Workbench) CopyOut(ctx context.Context, d DocumentInfo, name, dir string, p *job.Progress) ([]string, error) {
	if name == "" {
		name = d.Title
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, diskError(err)
	}
	held, err := holdOut(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer held.Close() // a nil one as well
	own, err := w.ownOutput(ctx, d.ID, dir)
	if err != nil {
		return nil, err
	}
	base := SafeName(name)
	chosen := ""
	for n := 1; chosen == ""; n++ {
		try := base
		if n > 1 {
			try = fmt.Sprintf("%s-%d", base, n)
		}
		free, err := own.available(dir, try)
		if err != nil {
			return nil, diskError(err)
		}
		if free {
			chosen = try
		}
	}
	pages, err := w.documentPages(ctx, d.Document)
	if err != nil {
		return nil, err
	}
	// What will be written is recorded first, so that a kill in between leaves
	// nothing that the next run would not know as this document's own.
	files := []archive.File{{Path: scan.Path(chosen + ".pdf"), SHA256: d.Fixity.SHA256}, {}}
	var text strings.Builder
	alto := map[string]int{}
	for i, page := range pages {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if i > 0 {
			text.WriteByte('\f') // a form feed between pages, as pdftotext does
		}
		if page.State == scan.Failed || page.State == scan.New {
			continue
		}
		b, plain, err := w.alto(ctx, i+1, page)
		if err != nil {
			return nil, err
		}
		text.WriteString(plain)
		file := filepath.Join(chosen, fmt.Sprintf("page-%04d.xml", i+1))
		alto[file] = i
		files = append(files, archive.File{Path: scan.Path(file), SHA256: digest(b)})
	}
	files[1] = archive.File{Path: scan.Path(chosen + ".txt"), SHA256: digest([]byte(text.String()))}
	if !slices.Equal(own.last, files) {
		if err := w.record(ctx, "", event(archive.DocumentCopied, archive.Copied{
			Document: d.ID, Directory: scan.Path(dir), Name: chosen, Files: files,
		})); err != nil {
			return nil, err
		}
	}
	p.Stage("Copying", len(files))
	if len(alto) > 0 {
		if err := makeDir(filepath.Join(dir, chosen)); err != nil {
			return nil, err
		}
	}
	var paths []string
	for n, f := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := filepath.Join(dir, string(f.Path))
		paths = append(paths, to)
		if have, err := fileDigest(to); err == nil && have == f.SHA256 {
			p.Step()
			continue
		}
		switch n {
		case 0:
			err = copyFile(to, w.path(filepath.FromSlash(d.PDF)), f.SHA256)
		case 1:
			err = writeFile(to, []byte(text.String()))
		default:
			i := alto[string(f.Path)]
			var b []byte
			if b, _, err = w.alto(ctx, i+1, pages[i]); err == nil {
				err = writeFile(to, b)
			}
		}
		if err != nil {
			return nil, err
		}
		p.Step()
	}
	own.sweep(dir, files)
	return paths, nil
}

// alto gives a page's ALTO file and its plain text.
func (w *Workbench) alto(ctx context.Context, number int, page PageInfo) ([]byte, string, error) {
	var b bytes.Buffer
	t, err := w.markup(ctx, &b, ALTO, number, page)
	if err != nil {
		return nil, "", err
	}
	return b.Bytes(), t.Plain(), nil
}

// output is what a document has ever had in a folder.
type output struct {
	sums map[string][]string // relative path to digests
	last []archive.File      // as recorded last
}

func (w *Workbench) ownOutput(ctx context.Context, id archive.DocumentID, dir string) (*output, error) {
	// From the events, because what was recorded last need not have been written.
	events, err := w.cat.Events(ctx, string(id), 1<<20)
	if err != nil {
		return nil, err
	}
	own := &output{sums: map[string][]string{}}
	for _, e := range slices.Backward(events) {
		var c archive.Copied
		if e.Type != archive.DocumentCopied || json.Unmarshal(e.Data, &c) != nil || string(c.Directory) != dir {
			continue
		}
		for _, f := range c.Files {
			own.sums[string(f.Path)] = append(own.sums[string(f.Path)], f.SHA256)
		}
		own.last = c.Files
	}
	return own, nil
}

// is tells whether a file in dir is this document's and as it was left.
func (o *output) is(dir, file string) bool {
	sums, ours := o.sums[file]
	if !ours {
		return false
	}
	have, err := fileDigest(filepath.Join(dir, file))
	return err == nil && slices.Contains(sums, have)
}

// available tells whether NAME.pdf, NAME.txt and NAME are free in dir, or this
// document's own.
func (o *output) available(dir, name string) (bool, error) {
	for _, file := range []string{name + ".pdf", name + ".txt"} {
		if _, err := os.Lstat(filepath.Join(dir, file)); errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return false, err
		}
		if !o.is(dir, file) {
			return false, nil
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, nil // a file of that name, or a folder that we may not read
	}
	for _, e := range entries {
		// Our own temporary files are what a kill left.
		if !o.is(dir, filepath.Join(name, e.Name())) && !strings.HasPrefix(e.Name(), ".tmp-") {
			return false, nil
		}
	}
	return len(o.sums) > 0, nil
}

// sweep removes what is this document's, nobody touched and is not among files:
// pages that are no longer in it.
func (o *output) sweep(dir string, files []archive.File) {
	now := map[string]bool{}
	for _, f := range files {
		now[string(f.Path)] = true
	}
	for file := range o.sums {
		if !now[file] && o.is(dir, file) {
			os.Remove(filepath.Join(dir, file))
			if sub := filepath.Dir(file); sub != "." {
				os.Remove(filepath.Join(dir, sub)) // only when it is empty
			}
		}
	}
}

// copyFile copies a file of any size, whole or not at all, and checks it on the way.
func copyFile(to, from, sum string) error {
	src, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	defer src.Close()
	tmp, err := os.CreateTemp(filepath.Dir(to), ".tmp-*")
	if err != nil {
		return diskError(err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(tmp, h), src); err != nil {
		return diskError(err)
	}
	if hex.EncodeToString(h.Sum(nil)) != sum {
		return fmt.Errorf("%s: %w", from, scan.ErrChanged)
	}
	return diskError(settle(tmp, to))
}

func fileDigest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file", path)
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// checkFile reads a file and compares it with what it should be.
func checkFile(path string, want scan.Fixity) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	a, b := sha256.New(), sha512.New()
	n, err := io.Copy(io.MultiWriter(a, b), f)
	if err != nil {
		return fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	if n != want.Size || hex.EncodeToString(a.Sum(nil)) != want.SHA256 || want.SHA512 != "" && hex.EncodeToString(b.Sum(nil)) != want.SHA512 {
		return fmt.Errorf("%s: %w", path, scan.ErrChanged)
	}
	return nil
}

// SafeName makes a title a file name that every file system takes: NFC, no
// separators, wildcards or control characters, no dot or space at either end, no
// reserved device name, at most 120 bytes.
func SafeName(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.ToValidUTF8(s, "_")) {
		switch {
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError:
			b.WriteByte('_')
		case strings.ContainsRune(`/\:*?"<>|`, r):
			b.WriteByte('-')
		default:
			b.WriteRune(r)
		}
	}
	name := strings.Trim(b.String(), " .-")
	for len(name) > 120 {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	name = strings.TrimRight(name, " .")
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch {
	case name == "":
		return "document"
	case stem == "CON" || stem == "PRN" || stem == "AUX" || stem == "NUL",
		len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9':
		return name + "_"
	}
	return name
}
