package spool

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recto/scan"
)

// TestToldPageKeepsItsSidecar: when a master is lost, what is known of it stays.
func TestToldPageKeepsItsSidecar(t *testing.T) {
	root := t.TempDir()
	s, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	batch := scan.BatchID(scan.NewID())
	var pages []scan.Page
	for range 2 {
		p, err := s.Append(t.Context(), batch, Info{Name: "B"}, sheet([]byte("some bytes")))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
		if err := os.Remove(filepath.Join(root, filepath.FromSlash(p.Master))); err != nil {
			t.Fatal(err)
		}
	}
	s.Told(func(id scan.PageID) bool { return id == pages[0].ID })
	r, err := s.Recover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Removed) != 1 || !strings.Contains(r.Removed[0], string(pages[1].ID)) || len(r.Strange) != 1 {
		t.Errorf("%+v", r)
	}
}
