package folder

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recto/scan"
	"recto/scan/scantest"
)

// inProcess expands PDFs without a process of their own.
type inProcess struct{ dir string }

func (p inProcess) Expand(ctx context.Context, file string, dpi float64, to func(Extracted) error) error {
	dir, err := os.MkdirTemp(p.dir, "pdf")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return ExpandPDF(ctx, file, dir, dpi, to)
}

// shared gives a folder that lies beside the repository, or skips.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("real scans are not here: %v", err)
	}
	return path
}

// scanAll scans paths and gives all events.
func scanAll(t *testing.T, paths ...string) []scantest.Event {
	t.Helper()
	var ticket scan.Ticket
	for _, p := range paths {
		ticket.Paths = append(ticket.Paths, scan.Path(p))
	}
	var r scantest.Recorder
	if err := New(Config{Expand: inProcess{t.TempDir()}}).Scan(t.Context(), ticket, &r); err != nil {
		t.Fatal(err)
	}
	return r.Events
}

// TestSharedScans takes every real scan in; the multi-page ones give their pages.
func TestSharedScans(t *testing.T) {
	root := shared(t, "scans")
	sheets := map[string][]scan.Sheet{}
	for _, e := range scanAll(t, root) {
		switch {
		case e.Reject != nil:
			t.Errorf("%s: %v", e.Reject.Origin.Path, e.Reject.Err)
		case e.Sheet != nil:
			rel, _ := filepath.Rel(root, string(e.Sheet.Origin.Path))
			sheets[rel] = append(sheets[rel], *e.Sheet)
			if testing.Verbose() {
				t.Logf("%s %d/%d %s %v %g o%d %s", rel, e.Sheet.Origin.Index, e.Sheet.Origin.Count, e.Sheet.Format,
					e.Sheet.Pixels, e.Sheet.DPI, e.Sheet.Orientation, e.Sheet.Origin.Note)
			}
		case hasImageExtension(string(e.Ignored)):
			t.Errorf("%s ignored: %s", e.Ignored, e.Reason)
		}
	}
	f, err := os.Open(filepath.Join(root, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pages := map[string]int{
		"ocrmypdf/cardinal.pdf": 4, "paperless/patch-code-t-middle.pdf": 3, "paperless/several-patcht-codes.pdf": 7,
		"paperless/barcode-fax-image.pdf": 3, "paperless/split-by-asn-1.pdf": 10,
	}
	lines := bufio.NewScanner(f)
	lines.Scan() // the heading
	for lines.Scan() {
		path, _, _ := strings.Cut(lines.Text(), "\t")
		want := max(1, pages[path])
		if len(sheets[path]) != want {
			t.Errorf("%s: %d sheets, want %d", path, len(sheets[path]), want)
		}
		for _, s := range sheets[path] {
			if s.Pixels.X == 0 || s.Pixels.Y == 0 {
				t.Errorf("%s: no size in pixels", path)
			}
			if s.Origin.Count != want {
				t.Errorf("%s: count %d, want %d", path, s.Origin.Count, want)
			}
		}
	}
}
