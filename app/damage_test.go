package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDamagedOnExport: what is wrong with the archive's own files is found when a
// document leaves it, under the file's own name and with what mends that file.
func TestDamagedOnExport(t *testing.T) {
	dir := t.TempDir()
	sound := filepath.Join(dir, "sound")
	recto(t, "digitise", "--archive", sound, "--title", "T", sample("letter-1.jpg")).want(t, 0)
	for name, c := range map[string]struct {
		file   string // of the archive
		remove bool
		remedy string
		out    bool // digitise --out needs it, too
	}{
		"master changed":  {"masters/*/*.jpg", false, "copy of the archive", false},
		"master missing":  {"masters/*/*.jpg", true, "copy of the archive", false},
		"sidecar missing": {"masters/*/*.json", true, "recto rebuild", false},
		"text changed":    {"texts/*/*.json", false, "recto process --page", true},
		"text missing":    {"texts/*/*.json", true, "recto process --page", true},
	} {
		archive := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		if err := os.CopyFS(archive, os.DirFS(sound)); err != nil {
			t.Fatal(err)
		}
		found, _ := filepath.Glob(filepath.Join(archive, filepath.FromSlash(c.file)))
		if len(found) != 1 {
			t.Fatal(name, found)
		}
		b := read(t, found[0])
		if err := os.Remove(found[0]); err != nil {
			t.Fatal(err)
		}
		if !c.remove { // another letter or pixel, in a file that reads as well as before
			b[len(b)/2] ^= 1
			if err := os.WriteFile(found[0], b, 0o444); err != nil {
				t.Fatal(err)
			}
		}
		a := recto(t, "export", "--archive", archive, "--to", filepath.Join(dir, "to"), "T").want(t, 1)
		all := []answer{a}
		if c.out {
			all = append(all, recto(t, "digitise", "--archive", archive, "--title", "T", "--out", filepath.Join(dir, "out"), sample("letter-1.jpg")).want(t, 1))
		}
		rel, _ := filepath.Rel(archive, found[0])
		for _, a := range all {
			if !strings.Contains(a.text(t, "failures.0.reason"), rel) || !strings.Contains(a.text(t, "failures.0.remedy"), c.remedy) || a.text(t, "failures.0.path") != "T" {
				t.Errorf("%s: %s", name, a.stdout)
			}
		}
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "to")); len(left) != 0 {
		t.Errorf("something was delivered: %v", left)
	}
	// A damaged PDF is made anew from what is sound.
	pdf, _ := filepath.Glob(filepath.Join(sound, "documents", "*.pdf"))
	if err := os.WriteFile(pdf[0], read(t, pdf[0])[100:], 0o644); err != nil {
		t.Fatal(err)
	}
	recto(t, "export", "--archive", sound, "--to", filepath.Join(dir, "to"), "T").want(t, 0)
	recto(t, "verify", "--archive", sound).want(t, 0)
}

// TestMasterMissing: a page whose master is gone says so, and not that a source is.
func TestMasterMissing(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a")
	args := []string{"digitise", "--archive", archive, "--title", "T", sample("letter-1.jpg"), sample("title.png")}
	recto(t, args...).want(t, 0)
	master, _ := filepath.Glob(filepath.Join(archive, "masters", "*", "*.jpg"))
	os.Remove(master[0])
	pdf, _ := filepath.Glob(filepath.Join(archive, "documents", "*.pdf"))
	os.Remove(pdf[0])
	a := recto(t, "export", "--archive", archive, "--to", filepath.Join(archive, "..", "to"), "T").want(t, 1)
	if !strings.Contains(a.text(t, "failures.0.reason"), filepath.Base(master[0])) {
		t.Error(a.stdout)
	}
	a = recto(t, "process", "--archive", archive, "--lang", "eng+deu").want(t, 1)
	if a.at(t, "done").(float64) != 1 || !strings.Contains(a.text(t, "failures.0.reason"), "the master is missing") || !strings.Contains(a.text(t, "failures.0.remedy"), "copy of the archive") {
		t.Error(a.stdout)
	}
}

// TestFileForFolder: a file stands where a folder is wanted.
func TestFileForFolder(t *testing.T) {
	dir := t.TempDir()
	archive, file := filepath.Join(dir, "a"), filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	digitise := []string{"digitise", "--archive", archive, "--title", "T", sample("title.png")}
	recto(t, digitise...).want(t, 0)
	for _, in := range []string{file, filepath.Join(file, "below")} {
		for _, args := range [][]string{
			{"init", in}, {"list", "--archive", in}, {"digitise", "--archive", in, sample("title.png")}, {"rebuild", "--archive", in},
			{"export", "--archive", archive, "--to", in, "T"}, append(digitise, "--out", in),
		} {
			a := recto(t, args...).want(t, 1)
			remedy := a.text(t, "failures.0.remedy")
			if a.text(t, "failures.0.path") != in || !strings.Contains(remedy, "Choose a folder") {
				t.Errorf("%q: %s", args, a.stdout)
			}
		}
	}
	if string(read(t, file)) != "mine" {
		t.Error("the file was changed")
	}
}

// TestGivenAwayReadOnly: an archive that cannot be written to still gives its
// documents away and can be asked what an import would take.
func TestGivenAwayReadOnly(t *testing.T) {
	if os.Geteuid() != 0 {
		lacking(t, "root (to become somebody else)")
	}
	setpriv := tool(t, "setpriv")
	dir := openDir(t)
	archive, to := filepath.Join(dir, "archive"), filepath.Join(dir, "mine", "to")
	recto(t, "digitise", "--archive", archive, "--title", "Kept", sample("letter-1.jpg")).want(t, 0)
	nobody := as(setpriv, dir)
	a := rectoIn(t, nobody, "export", "--archive", archive, "--to", to, "Kept").want(t, 0)
	if !strings.Contains(a.text(t, "packages.0.receipt"), "NOT recorded") {
		t.Error(a.stdout)
	}
	recto(t, "verify", filepath.Join(to, "Kept")).want(t, 0)
	p := rectoIn(t, nobody, "import", "--archive", archive, "--preview", sample("title.png"), sample("bericht.tif")).want(t, 0)
	if len(p.list(t, "items")) != 2 {
		t.Error(p.stdout)
	}
	// Who can record does.
	b := recto(t, "export", "--archive", archive, "--to", to, "Kept").want(t, 0)
	if strings.Contains(b.text(t, "packages.0.receipt"), "NOT recorded") || !strings.Contains(recto(t, "show", "--archive", archive, "Kept").stdout, "delivered") {
		t.Error(b.stdout)
	}
}

// TestArchiveGone: the archive's folder disappears while sheets are taken in or
// pages are read. No sheet and no page is blamed for it, nothing is made where it
// was, and with the folder back the same command finishes.
func TestArchiveGone(t *testing.T) {
	for _, word := range []string{"captured ", "read "} {
		dir := t.TempDir()
		archive, away := filepath.Join(dir, "a"), filepath.Join(dir, "away")
		args := []string{"digitise", "--archive", archive, "--title", "T", "--jobs", "1", sample("letter-1.jpg"), sample("letter-10.jpg"), sample("spread.jpg"), sample("title.png")}
		a := rectoIn(t, func(c *exec.Cmd) {
			c.Stderr = &onceSeen{word: word, do: func() { os.Rename(archive, away) }}
		}, args...).want(t, 1)
		if len(a.list(t, "failures")) != 1 || !strings.Contains(a.text(t, "failures.0.remedy"), "Connect the drive") || a.text(t, "failures.0.path") != archive {
			t.Errorf("gone after %q: %s", word, a.stdout)
		}
		if left, err := os.ReadDir(archive); err == nil {
			t.Errorf("gone after %q: %v was made in its place", word, left)
			os.RemoveAll(archive)
		}
		if err := os.Rename(away, archive); err != nil {
			t.Fatal(err)
		}
		b := recto(t, args...).want(t, 0)
		if len(b.list(t, "document.pages")) != 5 { // the spread is two
			t.Error(b.stdout)
		}
		recto(t, "verify", "--archive", archive).want(t, 0)
	}
}

// onceSeen does something when a word is written to it first.
type onceSeen struct {
	word string
	do   func()
}

func (o *onceSeen) Write(b []byte) (int, error) {
	if o.do != nil && strings.Contains(string(b), o.word) {
		o.do()
		o.do = nil
	}
	return len(b), nil
}
