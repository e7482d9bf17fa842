package tesseract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"recto/ocr"
)

// modelFile gives the bytes of an installed model.
func modelFile(t *testing.T, name string) []byte {
	t.Helper()
	dir, _, err := ocr.Models()
	if err != nil {
		missing(t, err.Error())
	}
	b, err := os.ReadFile(ocr.ModelFile(dir, name))
	if err != nil {
		missing(t, err.Error())
	}
	return b
}

func TestMissingAndDamagedModels(t *testing.T) {
	good := modelFile(t, "eng")
	dir := t.TempDir()
	for name, b := range map[string][]byte{
		"good":        good,
		"empty":       nil,
		"text":        []byte("this is no model, it only has the name of one"),
		"zeros":       make([]byte, 4096),
		"headless":    good[:2],
		"halftable":   good[:60],
		"cut":         good[:len(good)/2],
		"manyparts":   append([]byte{0xff, 0xff, 0xff, 0x7f}, good[4:]...),
		"script/Good": good,
	} {
		file := ocr.ModelFile(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(ocr.ModelFile(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	e := open(t, dir)
	for _, c := range []struct {
		languages []string
		err       error
	}{
		{[]string{"good"}, nil},
		{[]string{"nosuch"}, ocr.ErrMissingLanguage},
		{[]string{"good", "nosuch"}, ocr.ErrMissingLanguage},
		{[]string{"folder"}, ocr.ErrDamagedModel},
		{[]string{"script/Good", "good"}, nil},
		{[]string{"good+script/Good"}, nil},
		{[]string{"empty"}, ocr.ErrDamagedModel},
		{[]string{"good", "text"}, ocr.ErrDamagedModel},
		{[]string{"zeros"}, ocr.ErrDamagedModel},
		{[]string{"headless"}, ocr.ErrDamagedModel},
		{[]string{"halftable"}, ocr.ErrDamagedModel},
		{[]string{"cut"}, ocr.ErrDamagedModel},
		{[]string{"manyparts"}, ocr.ErrDamagedModel},
		{nil, ocr.ErrLanguageName},
		{[]string{""}, ocr.ErrLanguageName},
		{[]string{"../good"}, ocr.ErrLanguageName},
		{[]string{"~good"}, ocr.ErrLanguageName},
		{[]string{"good"}, nil}, // nothing of that harms what is right
	} {
		_, err := e.Recognise(context.Background(), plain(64, 64, 255), ocr.Options{Languages: c.languages})
		if !errors.Is(err, c.err) {
			t.Errorf("%q: %v, want %v", c.languages, err, c.err)
		}
	}

	var lack *ocr.MissingLanguageError
	if _, err := e.Orientation(context.Background(), plain(64, 64, 255)); !errors.As(err, &lack) || lack.Names[0] != "osd" {
		t.Errorf("orientation without its model: %v", err)
	}
	if _, err := e.Recognise(context.Background(), plain(64, 64, 255), ocr.Options{Languages: []string{"good"}, Mode: 1}); !errors.As(err, &lack) {
		t.Errorf("a mode with orientation without its model: %v", err)
	}
}

func TestModelHash(t *testing.T) {
	sum := sha256.Sum256(modelFile(t, "eng"))
	e := newEngine(t, "eng")
	for range 2 {
		if got, err := e.ModelHash("eng"); err != nil || got != hex.EncodeToString(sum[:]) {
			t.Errorf("ModelHash = %q, %v, want %x", got, err, sum)
		}
	}
	for _, name := range []string{"nosuch", "../eng", ""} {
		if _, err := e.ModelHash(name); !errors.Is(err, ocr.ErrMissingLanguage) {
			t.Errorf("ModelHash(%q): %v", name, err)
		}
	}
}

func TestNew(t *testing.T) {
	if _, err := New(Config{Data: t.TempDir()}); err == nil {
		t.Error("no parser gave no error")
	}
	if _, err := New(Config{Parse: parse}); !errors.Is(err, ocr.ErrNoModels) {
		t.Errorf("no folder: %v", err)
	}
}
