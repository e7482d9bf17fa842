package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// goPackage is what go list tells of a package.
type goPackage struct {
	ImportPath string
	Imports    []string
	CgoFiles   []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-tags", "x11,sqlite_fts5", "-json=ImportPath,Imports,CgoFiles", "recto/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	d := json.NewDecoder(bytes.NewReader(out))
	for d.More() {
		var p goPackage
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 15 {
		t.Fatalf("go list gave only %d packages", len(all))
	}
	return all
}

// order is the line that pages travel; imports point to the left only.
var order = []string{"scan", "ocr", "archive", "app"}

// TestImportLaw holds the law of the house: scan <- ocr <- archive <- app; a
// subfolder imports its own root, roots to its left and assets, never a sibling.
// app and archive/deposit join siblings; package formats may use archive/mets.
func TestImportLaw(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, "recto/")
		for _, i := range p.Imports {
			to, ours := strings.CutPrefix(i, "recto/")
			if !ours {
				continue
			}
			if why := unlawful(from, to); why != "" {
				t.Errorf("%s imports %s: %s", from, to, why)
			}
		}
	}
}

// unlawful says why an import is against the law, or nothing.
func unlawful(from, to string) string {
	fromRoom, fromSub, _ := strings.Cut(from, "/")
	toRoom, toSub, _ := strings.Cut(to, "/")
	testing := strings.HasSuffix(to, "test")
	switch {
	case fromRoom == "assets":
		return "assets imports nothing of ours"
	case toRoom == "assets":
		return ""
	case testing:
		return "only tests import a room of tests"
	case slices.Index(order, fromRoom) < slices.Index(order, toRoom):
		return "it lies to the right"
	case fromRoom == "app":
		if from == "app/job" {
			return "app/job imports nothing of ours"
		}
		if strings.HasPrefix(from, "app/workbench") && (strings.HasPrefix(to, "app/gui") || to == "app/command") {
			return "the core knows no window and no verbs"
		}
		if strings.HasPrefix(to, "app/gui") && from != "app" && !strings.HasPrefix(from, "app/gui") {
			return "only main knows the window"
		}
		return ""
	case from == "archive/deposit":
		return ""
	case toRoom != fromRoom && toSub != "":
		return "only the root of a room to the left"
	case toRoom == fromRoom && toSub != "" && fromSub != "" && to != "archive/mets":
		return "a sibling"
	case toRoom == fromRoom && fromSub == "":
		return "a root does not know its subfolders"
	}
	return ""
}

// TestLawItself makes sure that the law can be broken.
func TestLawItself(t *testing.T) {
	for _, x := range [][2]string{
		{"scan", "ocr"}, {"scan/folder", "scan/spool"}, {"ocr/tesseract", "ocr/markup"}, {"archive/pdfa", "scan/spool"}, {"archive", "archive/pdfa"},
		{"scan/folder", "app/worker"}, {"app/workbench", "app/gui"}, {"app/command", "app/gui/parts"}, {"assets/icon", "scan"}, {"app/job", "scan"}, {"scan/folder", "scan/scantest"},
	} {
		if unlawful(x[0], x[1]) == "" {
			t.Errorf("%s may import %s", x[0], x[1])
		}
	}
	for _, x := range [][2]string{{"scan/folder", "scan"}, {"archive/pdfa", "ocr"}, {"archive/deposit", "archive/bagit"}, {"app/worker", "scan/prepare"}, {"archive/pdfa", "assets/icc"}} {
		if why := unlawful(x[0], x[1]); why != "" {
			t.Errorf("%s may not import %s: %s", x[0], x[1], why)
		}
	}
}

// TestCgoFence keeps native code where it can be killed.
func TestCgoFence(t *testing.T) {
	allowed := []string{"recto/scan/prepare", "recto/scan/sane", "recto/ocr/tesseract"}
	for _, p := range packages(t) {
		if len(p.CgoFiles) > 0 && !slices.Contains(allowed, p.ImportPath) {
			t.Errorf("%s has cgo files: %v", p.ImportPath, p.CgoFiles)
		}
		for _, i := range p.Imports {
			if i == "github.com/otiai10/gosseract/v2" && p.ImportPath != "recto/ocr/tesseract" {
				t.Errorf("%s imports gosseract", p.ImportPath)
			}
			if i == "github.com/mattn/go-sqlite3" && p.ImportPath != "recto/archive/catalogue" {
				t.Errorf("%s imports the SQLite driver", p.ImportPath)
			}
			if strings.HasPrefix(i, "fyne.io/") && !strings.HasPrefix(p.ImportPath, "recto/app/gui") && !strings.HasPrefix(p.ImportPath, "recto/assets") {
				t.Errorf("%s imports Fyne", p.ImportPath)
			}
		}
	}
}
