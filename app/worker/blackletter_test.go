package worker

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"recto/ocr"
	"recto/scan"
)

// A page in Fraktur type that is to be read as German is read with the model for such
// type; one in Roman type is not.
func TestBlackletter(t *testing.T) {
	scans := filepath.Join("..", "..", "..", "shared", "scans")
	_, installed, err := ocr.Models()
	if _, gone := os.Stat(scans); gone != nil || err != nil || !slices.Contains(installed, "frk") {
		if os.Getenv("CI") != "" {
			t.Fatalf("the scans or the model frk are missing: %v %v", gone, err)
		}
		t.Skip("SKIPPED: the scans or the model frk are missing")
	}
	p := NewPool(Config{Command: []string{os.Args[0], "worker"}})
	defer p.Close()
	for _, c := range []struct {
		page      string
		languages []string
		want      []string
	}{
		{"kant/INPUT_0020.tif", []string{"deu"}, []string{"deu", "frk"}},
		{"kant/INPUT_0020.tif", []string{"frk"}, []string{"frk"}},
		{"nubis/1dkv_1863_1.jpg", []string{"deu"}, []string{"deu"}}, // French, and read badly as German
	} {
		var r Reading
		in := Read{Master: scan.Path(filepath.Join(scans, c.page)), DPI: 300, Languages: c.languages, Rendition: scan.Path(filepath.Join(t.TempDir(), "r"))}
		if err := p.Call(context.Background(), "read", in, &r, nil); err != nil {
			t.Fatal(err)
		}
		if r.Text == nil || !slices.Equal(r.Text.Languages, c.want) {
			t.Errorf("%s as %v: %v", c.page, c.languages, r.Text.Languages)
		}
		t.Logf("%s as %v: read as %v at %.2f in %d tries", c.page, c.languages, r.Text.Languages, r.Confidence, r.Tries)
	}
}
