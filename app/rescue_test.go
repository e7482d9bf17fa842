package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// worked makes an archive in which much has happened: a read page that can be
// searched, a turned and a binned one, a document.
func worked(t *testing.T) (archive string) {
	t.Helper()
	dir := t.TempDir()
	archive = filepath.Join(dir, "a")
	sheets(t, dir, "1.pgm", "2.pgm", "3.pgm", "4.pgm")
	args := []string{"digitise", "--archive", archive, "--batch", "B", "--title", "T"}
	recto(t, append(args, sample("title.png"), filepath.Join(dir, "1.pgm"), filepath.Join(dir, "2.pgm"), filepath.Join(dir, "3.pgm"))...).want(t, 0)
	pages := recto(t, "list", "--archive", archive, "--batch", "B", "pages").want(t, 0)
	id := func(i int) string { return pages.list(t, "pages")[i].(map[string]any)["id"].(string) }
	recto(t, "page", "bin", "--archive", archive, id(2)).want(t, 0)
	recto(t, "page", "rotate", "--archive", archive, "--degrees", "90", id(1)).want(t, 0)
	recto(t, "digitise", "--archive", archive, "--batch", "B", filepath.Join(dir, "4.pgm")).want(t, 0)
	return archive
}

// story is what the archive tells of itself, without times.
func story(t *testing.T, archive string) string {
	t.Helper()
	var out []any
	pages := recto(t, "list", "--archive", archive, "--batch", "B", "pages").want(t, 0)
	for _, p := range pages.list(t, "pages") {
		p := p.(map[string]any)
		out = append(out, []any{p["number"], p["id"], p["source"], p["state"], p["recipe"], p["words"]})
	}
	documents := recto(t, "list", "--archive", archive, "documents").want(t, 0)
	for _, d := range documents.list(t, "documents") {
		d := d.(map[string]any)
		out = append(out, []any{d["id"], d["title"], d["state"], d["sha256"]})
	}
	out = append(out, recto(t, "search", "--archive", archive, "Registry").want(t, 0).at(t, "total"))
	b, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func journalOf(archive string) string { return filepath.Join(archive, "journal", "000001.jsonl") }

// lines cuts the journal's first segment into lines.
func lines(t *testing.T, archive string) [][]byte {
	t.Helper()
	all := bytes.SplitAfter(read(t, journalOf(archive)), []byte("\n"))
	return all[:len(all)-1] // behind the last newline is nothing
}

func put(t *testing.T, file string, b []byte) {
	t.Helper()
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestJournalCut: the end of the journal is lost, the catalogue still knows it.
func TestJournalCut(t *testing.T) {
	for _, way := range []string{"open", "rebuild", "all of it"} {
		t.Run(way, func(t *testing.T) {
			archive := worked(t)
			before := story(t, archive)
			all := lines(t, archive)
			kept := all[:len(all)/2]
			if way == "all of it" {
				kept = nil
			}
			put(t, journalOf(archive), bytes.Join(kept, nil))
			if way == "rebuild" {
				recto(t, "rebuild", "--archive", archive).want(t, 0)
			} else if a := recto(t, "list", "--archive", archive).want(t, 0); !strings.Contains(a.stderr, "written back") {
				t.Errorf("opening says nothing of it: %s", a.stderr)
			}
			if after := story(t, archive); after != before {
				t.Errorf("after the rescue:\n%s\nbefore:\n%s", after, before)
			}
			recto(t, "verify", "--archive", archive).want(t, 0)
			// Now the journal alone tells it all again.
			os.Remove(filepath.Join(archive, "catalogue.db"))
			recto(t, "rebuild", "--archive", archive).want(t, 0)
			if after := story(t, archive); after != before {
				t.Errorf("from the journal alone:\n%s\nbefore:\n%s", after, before)
			}
		})
	}
}

// TestJournalCutUnseen: nobody may write, so nothing is mended, but verify says it.
func TestJournalCutUnseen(t *testing.T) {
	if os.Geteuid() != 0 {
		lacking(t, "root (to be another user)")
	}
	archive := worked(t)
	all := lines(t, archive)
	put(t, journalOf(archive), bytes.Join(all[:len(all)-1], nil))
	os.Chmod(filepath.Dir(archive), 0o755)
	os.Chmod(filepath.Dir(filepath.Dir(archive)), 0o755)
	a := rectoIn(t, as(tool(t, "setpriv"), t.TempDir()), "verify", "--archive", archive).want(t, 1)
	if a.text(t, "findings.0.code") != "journal-short" || a.text(t, "findings.0.path") != "journal" {
		t.Error(a.stdout)
	}
}

// TestJournalLineLost: a line in the middle is damaged, that of a page's capture or
// of its batch. With the old catalogue or without it, a rebuild loses nothing.
func TestJournalLineLost(t *testing.T) {
	for _, kind := range []string{"page.captured", "batch.created"} {
		for _, old := range []bool{true, false} {
			name := kind + " without catalogue"
			if old {
				name = kind + " with catalogue"
			}
			t.Run(name, func(t *testing.T) {
				archive := worked(t)
				before := story(t, archive)
				all := lines(t, archive)
				for i, line := range all {
					if bytes.Contains(line, []byte(`"type":"`+kind+`"`)) {
						all[i] = bytes.Repeat([]byte("x"), len(line)-1)
						all[i] = append(all[i], '\n')
						break
					}
				}
				put(t, journalOf(archive), bytes.Join(all, nil))
				if !old {
					os.Remove(filepath.Join(archive, "catalogue.db"))
				}
				recto(t, "rebuild", "--archive", archive).want(t, 0)
				if after := story(t, archive); after != before {
					t.Errorf("after:\n%s\nbefore:\n%s", after, before)
				}
				// The damage itself stays told.
				a := recto(t, "verify", "--archive", archive).want(t, 1)
				for _, f := range a.list(t, "findings") {
					f := f.(map[string]any)
					if f["severity"] == "error" && !strings.HasPrefix(f["code"].(string), "journal-") {
						t.Errorf("verify: %v", f)
					}
				}
			})
		}
	}
}

// TestMarker: recto.json can be lost, cut short or another archive's.
func TestMarker(t *testing.T) {
	archive := worked(t)
	marker := filepath.Join(archive, "recto.json")
	was := read(t, marker)
	for name, b := range map[string][]byte{"empty": {}, "cut": was[:len(was)/2], "missing": nil} {
		if put(t, marker, b); b == nil {
			os.Remove(marker)
		}
		a := recto(t, "list", "--archive", archive).want(t, 1)
		if !strings.Contains(a.text(t, "failures.0.remedy"), "recto rebuild") {
			t.Errorf("%s: %s", name, a.stdout)
		}
		d := recto(t, "digitise", "--archive", archive, sample("title.png")).want(t, 1)
		if !strings.Contains(d.text(t, "failures.0.remedy"), "recto rebuild") {
			t.Errorf("%s: %s", name, d.stdout)
		}
		recto(t, "rebuild", "--archive", archive).want(t, 0)
		recto(t, "verify", "--archive", archive).want(t, 0)
		var before, after map[string]any
		json.Unmarshal(was, &before)
		json.Unmarshal(read(t, marker), &after)
		if before["archive"] != after["archive"] || before["format"] != after["format"] {
			t.Errorf("%s: now it says %v, before %v", name, after, before)
		}
	}
	for from, to := range map[string]string{`"archive": "0`: `"archive": "f`, `"created": "2`: `"created": "1`} {
		put(t, marker, bytes.Replace(was, []byte(from), []byte(to), 1))
		a := recto(t, "verify", "--archive", archive).want(t, 1)
		if a.text(t, "findings.0.code") != "archive-differs" {
			t.Error(a.stdout)
		}
		recto(t, "rebuild", "--archive", archive).want(t, 0)
		recto(t, "verify", "--archive", archive).want(t, 0)
	}
}

// TestStrangeFiles: verify names what is not the archive's, what a sidecar says
// otherwise, and a document that nobody knows.
func TestStrangeFiles(t *testing.T) {
	archive := worked(t)
	check := func(code, severity string) {
		t.Helper()
		want := 1
		if severity == "warning" {
			want = 0
		}
		a := recto(t, "verify", "--archive", archive).want(t, want)
		if got := a.list(t, "findings"); len(got) != 1 || a.text(t, "findings.0.code") != code || a.text(t, "findings.0.severity") != severity {
			t.Errorf("want one %s %s: %s", severity, code, a.stdout)
		}
	}
	masters, _ := filepath.Glob(filepath.Join(archive, "masters", "*"))
	stray := filepath.Join(masters[0], "notes.txt")
	put(t, stray, []byte("hello"))
	check("stray-file", "warning")
	os.Remove(stray)

	orphan := filepath.Join(archive, "documents", "01a2042b-9117-7303-9927-2e64e72710cf.pdf")
	put(t, orphan, []byte("%PDF"))
	check("document-unknown", "error")
	os.Remove(orphan)

	sidecars, _ := filepath.Glob(filepath.Join(masters[0], "*.json"))
	was := read(t, sidecars[0])
	os.Chmod(sidecars[0], 0o644)
	put(t, sidecars[0], bytes.Replace(was, []byte("title.png"), []byte("other.png"), 1))
	check("sidecar-differs", "error")
	put(t, sidecars[0], was)
	recto(t, "verify", "--archive", archive).want(t, 0)

	// A rebuild writes sidecars anew from the journal, and keeps what was there.
	title := sidecars[0]
	for _, s := range sidecars {
		if bytes.Contains(read(t, s), []byte("title.png")) {
			title = s
		}
	}
	was = read(t, title)
	for name, b := range map[string][]byte{"edited": bytes.Replace(was, []byte("title.png"), []byte("other.png"), 1), "cut": was[:200], "missing": nil} {
		os.Remove(title)
		if b != nil {
			put(t, title, b)
		}
		recto(t, "verify", "--archive", archive).want(t, 1)
		recto(t, "rebuild", "--archive", archive).want(t, 0)
		recto(t, "verify", "--archive", archive).want(t, 0)
		if !bytes.Contains(read(t, title), []byte("title.png")) {
			t.Errorf("%s: the origin is lost:\n%s", name, read(t, title))
		}
		kept, _ := filepath.Glob(title + ".aside-*")
		if len(kept) != map[bool]int{true: 1}[b != nil] || len(kept) == 1 && !bytes.Equal(read(t, kept[0]), b) {
			t.Errorf("%s: kept %q", name, kept)
		}
		for _, k := range kept {
			os.Remove(k)
		}
	}
}

// TestCatalogueReplaced: something else lies where the catalogue was; it is put
// aside, and what a link led to is left alone.
func TestCatalogueReplaced(t *testing.T) {
	archive := worked(t)
	before := story(t, archive)
	db := filepath.Join(archive, "catalogue.db")
	outside := filepath.Join(t.TempDir(), "outside.db")
	for name, put := range map[string]func() error{
		"a folder":      func() error { return os.Mkdir(db, 0o755) },
		"a link":        func() error { return os.Symlink(journalOf(archive), db) },
		"a link to air": func() error { return os.Symlink(outside, db) },
	} {
		if err := errors.Join(os.Remove(db), put()); err != nil {
			t.Fatal(name, err)
		}
		if after := story(t, archive); after != before {
			t.Errorf("%s:\n%s\nbefore:\n%s", name, after, before)
		}
	}
	if _, err := os.Lstat(outside); err == nil {
		t.Error("a catalogue was made outside of the archive")
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}

// TestMasterChangedBeforeReading: a page is not read from bytes that nobody captured.
func TestMasterChangedBeforeReading(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a")
	sheets(t, dir, "1.pgm", "2.pgm")
	recto(t, "digitise", "--archive", archive, "--batch", "B", filepath.Join(dir, "1.pgm"), filepath.Join(dir, "2.pgm")).want(t, 0)
	page := recto(t, "list", "--archive", archive, "--batch", "B", "pages").want(t, 0).list(t, "pages")[0].(map[string]any)
	master := filepath.Join(archive, page["master"].(string))
	was := read(t, master)
	put(t, master, append(bytes.Clone(was[:len(was)-1]), was[len(was)-1]^1))
	recto(t, "page", "rotate", "--archive", archive, "--degrees", "180", page["id"].(string)).want(t, 0)
	a := recto(t, "process", "--archive", archive).want(t, 1)
	if !strings.Contains(a.text(t, "failures.0.reason"), "changed") {
		t.Error(a.stdout)
	}
	d := recto(t, "document", "--archive", archive, "--batch", "B").want(t, 1)
	if d.text(t, "document.state") != "incomplete" {
		t.Error(d.stdout)
	}
	put(t, master, was)
	recto(t, "process", "--archive", archive, "--retry").want(t, 0)
	recto(t, "document", "--archive", archive, "--batch", "B").want(t, 0)
}

// TestLastLineChanged: even the last line of the journal vouches for itself.
func TestLastLineChanged(t *testing.T) {
	archive := worked(t)
	b := read(t, journalOf(archive))
	at := bytes.LastIndex(b, []byte(`"complete"`))
	put(t, journalOf(archive), append(append(bytes.Clone(b[:at]), `"complexe"`...), b[at+len(`"complete"`):]...))
	a := recto(t, "verify", "--archive", archive).want(t, 1)
	if a.text(t, "findings.0.code") != "journal-line-changed" {
		t.Error(a.stdout)
	}
}

// TestTextLost: a rebuild says which texts it could not read, and the next process
// reads those pages again.
func TestTextLost(t *testing.T) {
	archive := worked(t)
	before := story(t, archive)
	texts, _ := filepath.Glob(filepath.Join(archive, "texts", "*", "*.json"))
	os.Remove(texts[0])
	a := recto(t, "rebuild", "--archive", archive).want(t, 1)
	if got := a.list(t, "failures"); len(got) != 1 || !strings.Contains(a.text(t, "failures.0.path"), filepath.Base(texts[0])) {
		t.Error(a.stdout)
	}
	recto(t, "process", "--archive", archive).want(t, 0)
	recto(t, "verify", "--archive", archive).want(t, 0)
	if after := story(t, archive); after != before {
		t.Errorf("after:\n%s\nbefore:\n%s", after, before)
	}
}

// TestSidecarOnExport: a package does not carry a story that the archive does not
// know.
func TestSidecarOnExport(t *testing.T) {
	archive := worked(t)
	sidecars, _ := filepath.Glob(filepath.Join(archive, "masters", "*", "*.json"))
	was := read(t, sidecars[0])
	for name, b := range map[string][]byte{"cut": was[:300], "changed": bytes.Replace(was, []byte("title.png"), []byte("other.png"), 1)} {
		put(t, sidecars[0], b)
		a := recto(t, "export", "--archive", archive, "--to", filepath.Join(t.TempDir(), "to"), "T").want(t, 1)
		if !strings.Contains(a.text(t, "failures.0.reason"), filepath.Base(sidecars[0])) {
			t.Errorf("%s: %s", name, a.stdout)
		}
	}
	put(t, sidecars[0], was)
	recto(t, "export", "--archive", archive, "--to", filepath.Join(t.TempDir(), "to"), "T").want(t, 0)
}

// TestLookWithoutCatalogue: what may not be written to and has lost its catalogue
// can still be looked at and searched; verify says what is missing.
func TestLookWithoutCatalogue(t *testing.T) {
	if os.Geteuid() != 0 {
		lacking(t, "root (to be another user)")
	}
	archive := worked(t)
	for at := archive; at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		os.Chmod(at, 0o755)
	}
	nobody := as(tool(t, "setpriv"), t.TempDir())
	look := func() string {
		var all []string
		for _, args := range [][]string{{"list", "pages", "--batch", "B"}, {"list", "documents"}, {"search", "registry"}} {
			all = append(all, rectoIn(t, nobody, append(args, "--archive", archive)...).want(t, 0).stdout)
		}
		return strings.Join(all, "\n")
	}
	before := look()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		os.Remove(filepath.Join(archive, "catalogue.db"+suffix))
	}
	if after := look(); after != before {
		t.Errorf("without the catalogue:\n%s\nwith it:\n%s", after, before)
	}
	a := rectoIn(t, nobody, "verify", "--archive", archive).want(t, 1)
	if got := a.list(t, "findings"); len(got) != 1 || a.text(t, "findings.0.code") != "catalogue-missing" {
		t.Error(a.stdout)
	}
}

// TestCatalogueEdited: verify compares what people look at with the journal.
func TestCatalogueEdited(t *testing.T) {
	archive := worked(t)
	recto(t, "verify", "--archive", archive).want(t, 0)
	for _, change := range []string{
		`UPDATE documents SET state = 'bomplete'`, `UPDATE pages SET place = 100000 - place`, `UPDATE batches SET title = 'X'`,
		`UPDATE pages SET confidence = 1`, `DELETE FROM arrangements`, `UPDATE events SET actor = 'nobody'`,
	} {
		db, err := sql.Open("sqlite3", filepath.Join(archive, "catalogue.db"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(change); err != nil {
			t.Fatal(change, err)
		}
		db.Close()
		a := recto(t, "verify", "--archive", archive).want(t, 1)
		if !strings.Contains(a.stdout, "catalogue-differs") {
			t.Errorf("%s: %s", change, a.stdout)
		}
		recto(t, "rebuild", "--archive", archive).want(t, 0)
		recto(t, "verify", "--archive", archive).want(t, 0)
	}
}
