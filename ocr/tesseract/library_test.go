package tesseract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recto/ocr"
)

// put writes a model into a folder.
func put(t *testing.T, dir, name string, b []byte) string {
	t.Helper()
	file := ocr.ModelFile(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func openLibrary(t *testing.T, dirs ...string) *Engine {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir()) // to see what is left behind
	e, err := New(Config{Library: dirs, Parse: parse})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// left are the temporary folders that are there.
func left(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(os.TempDir(), "recto-*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// Models out of several folders read one page together, and the text says which.
func TestSeveralFolders(t *testing.T) {
	eng, deu, frk, osd := modelFile(t, "eng"), modelFile(t, "deu"), modelFile(t, "frk"), modelFile(t, "osd")
	system, further := t.TempDir(), filepath.Join(t.TempDir(), "a folder+of ~models")
	put(t, system, "eng", eng)
	put(t, system, "deu", eng) // hidden by the true one
	put(t, system, "osd", osd)
	put(t, further, "deu", deu)
	put(t, further, "script/Fraktur", frk)
	page := load(t, "gt_structure_text/clauren_mimil_1815_0040.jpg")
	page.Size.Y /= 3
	page.Grey = page.Grey[:page.Size.X*page.Size.Y]
	plainFrk, err := newEngine(t, "deu", "frk").Recognise(context.Background(), page, ocr.Options{Languages: []string{"deu", "frk"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []ocr.Model{{Name: "deu", SHA256: sum(deu)}, {Name: "frk", SHA256: sum(frk)}}; !slices.Equal(plainFrk.Models, want) {
		t.Errorf("models %v, want %v", plainFrk.Models, want)
	}

	e := openLibrary(t, further, system)
	for _, c := range []struct {
		languages []string
		mode      int
		models    []ocr.Model
		left      int
	}{
		{[]string{"deu", "script/Fraktur"}, 0, []ocr.Model{{Name: "deu", SHA256: sum(deu)}, {Name: "script/Fraktur", SHA256: sum(frk)}}, 0}, // one folder
		{[]string{"eng", "deu", "script/Fraktur"}, 0, []ocr.Model{{Name: "eng", SHA256: sum(eng)}, {Name: "deu", SHA256: sum(deu)}, {Name: "script/Fraktur", SHA256: sum(frk)}}, 0},
		{[]string{"deu"}, 1, []ocr.Model{{Name: "deu", SHA256: sum(deu)}}, 1}, // osd lies in the other
		{[]string{"eng"}, 1, []ocr.Model{{Name: "eng", SHA256: sum(eng)}}, 0},
	} {
		text, err := e.Recognise(context.Background(), page, ocr.Options{Languages: c.languages, Mode: c.mode})
		if err != nil {
			t.Fatalf("%q: %v", c.languages, err)
		}
		if !slices.Equal(text.Models, c.models) || !slices.Equal(text.Languages, c.languages) || !slices.Equal(e.reader.languages(), c.languages) {
			t.Errorf("%q: %q loaded, %v", c.languages, e.reader.languages(), text.Models)
		}
		if len(words(text)) < 20 {
			t.Errorf("%q: %q", c.languages, words(text))
		}
		if len(c.languages) == 2 && !slices.Equal(words(text), words(plainFrk)) {
			t.Errorf("it reads %q, from one folder %q", words(text), words(plainFrk))
		}
		if got := left(t); len(got) != c.left {
			t.Errorf("%q: %q are there", c.languages, got)
		}
	}
	if o, err := e.Orientation(context.Background(), page); err != nil {
		t.Errorf("orientation: %+v, %v", o, err)
	}
	if _, err := e.Recognise(context.Background(), page, ocr.Options{Languages: []string{"deu"}, Mode: 12}); err != nil || len(left(t)) != 1 {
		t.Errorf("%v, %q", err, left(t))
	}
	e.Close()
	if got := left(t); got != nil {
		t.Errorf("%q were left behind", got)
	}
}

// Where no folder can be made, the languages of one folder can still be read.
func TestNoPlaceForLinks(t *testing.T) {
	eng := modelFile(t, "eng")
	a, b := t.TempDir(), t.TempDir()
	put(t, a, "one", eng)
	put(t, b, "two", eng)
	e := openLibrary(t, a, b)
	t.Setenv("TMPDIR", filepath.Join(a, "none"))
	if _, err := e.Recognise(context.Background(), plain(64, 64, 255), ocr.Options{Languages: []string{"one", "two"}}); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "several folders") {
		t.Errorf("two folders: %v", err)
	}
	if _, err := e.Recognise(context.Background(), plain(64, 64, 255), ocr.Options{Languages: []string{"two"}}); err != nil {
		t.Errorf("one folder: %v", err)
	}
}

// A model that is taken away, or made another, while the engine runs.
func TestModelsThatChange(t *testing.T) {
	eng, fra := modelFile(t, "eng"), modelFile(t, "fra")
	dir := t.TempDir()
	file := put(t, dir, "eng", eng)
	e := openLibrary(t, dir)
	// A page that is hard to read, where the dictionary decides.
	page := load(t, "gt_structure_text/clauren_mimil_1815_0040.jpg")
	page.Size.Y /= 2
	page.Grey = page.Grey[:page.Size.X*page.Size.Y]
	read := func() (*ocr.Text, error) { return e.Recognise(context.Background(), page, english) }
	first, err := read()
	if err != nil || first.Models[0].SHA256 != sum(eng) {
		t.Fatal(first, err)
	}

	// Removed: said at once, and good again once it is back.
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	var lack *ocr.MissingLanguageError
	if text, err := read(); text != nil || !errors.As(err, &lack) || lack.Dir != dir {
		t.Errorf("removed: %v", err)
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	if text, err := read(); err != nil || !slices.Equal(words(text), words(first)) {
		t.Errorf("put back: %v", err)
	}

	// Replaced by another, as by an update: the next page is read by that one, with its
	// own dictionary, and says so.
	put(t, dir, "eng", fra)
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(file, later, later); err != nil {
		t.Fatal(err)
	}
	want, err := newEngine(t, "fra").Recognise(context.Background(), page, ocr.Options{Languages: []string{"fra"}})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(words(want), words(first)) {
		t.Fatal("both models read alike: this proves nothing")
	}
	if text, err := read(); err != nil || !slices.Equal(words(text), words(want)) || text.Models[0].SHA256 != sum(fra) {
		t.Errorf("replaced: %v, %q, want %q", err, words(text), words(want))
	}

	// Broken: said, with the file.
	put(t, dir, "eng", fra[:1000])
	if _, err := read(); !errors.Is(err, ocr.ErrDamagedModel) || !strings.Contains(err.Error(), file) {
		t.Errorf("broken: %v", err)
	}
	put(t, dir, "eng", eng)
	if text, err := read(); err != nil || !slices.Equal(words(text), words(first)) {
		t.Errorf("mended: %v", err)
	}

	// Taken away between the engine's start and its first page, and before orientation.
	e = openLibrary(t, dir)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := read(); !errors.Is(err, ocr.ErrMissingLanguage) {
		t.Errorf("removed before the first page: %v", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := read(); !errors.Is(err, ocr.ErrMissingLanguage) {
		t.Errorf("no folder: %v", err)
	}
	if _, err := e.Orientation(context.Background(), page); !errors.Is(err, ocr.ErrMissingLanguage) {
		t.Errorf("orientation: %v", err)
	}
}

// Thirty languages: none, some, all of them there.
func TestThirtyLanguages(t *testing.T) {
	deu := modelFile(t, "deu")
	dir := t.TempDir()
	var all []string
	for i := range 30 {
		all = append(all, fmt.Sprintf("lang%d", i))
	}
	e := openLibrary(t, dir, t.TempDir())
	page := load(t, "tesseract/phototest.tif")
	page.Size.Y /= 8
	page.Grey = page.Grey[:page.Size.X*page.Size.Y]
	read := func() (*ocr.Text, error) {
		return e.Recognise(context.Background(), page, ocr.Options{Languages: all})
	}
	var lack *ocr.MissingLanguageError
	if _, err := read(); !errors.As(err, &lack) || !slices.Equal(lack.Names, all) || !strings.Contains(lack.Remedy(), "lang29.traineddata") {
		t.Errorf("none there: %v", err)
	}
	for _, name := range all[:15] {
		put(t, dir, name, deu)
	}
	if _, err := read(); !errors.As(err, &lack) || !slices.Equal(lack.Names, all[15:]) {
		t.Errorf("half of them there: %v", err)
	}
	for _, name := range all[15:] {
		put(t, dir, name, deu)
	}
	text, err := read()
	if err != nil || len(text.Models) != 30 || !slices.Equal(e.reader.languages(), all) {
		t.Errorf("all there: %v, %q", err, e.reader.languages())
	}
	put(t, dir, all[17], deu[:len(deu)/2])
	if _, err := read(); !errors.Is(err, ocr.ErrDamagedModel) || !strings.Contains(err.Error(), all[17]) {
		t.Errorf("one damaged: %v", err)
	}
}
