package main

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

// TestDiskFull works on a disk that is too small: what was taken stays, the message
// names the disk, and with room made the same command finishes.
func TestDiskFull(t *testing.T) {
	if os.Geteuid() != 0 {
		lacking(t, "root (to mount a small disk)")
	}
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1600k", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: this machine does not let us mount a small disk: %s", out)
	}
	t.Cleanup(func() { exec.Command("umount", "-l", disk).Run() })
	archive := filepath.Join(disk, "archive")
	args := []string{"digitise", "--archive", archive, "--title", "Full", sample("letter-1.jpg"), sample("letter-10.jpg"), sample("letter-2-verso.jpg"), sample("spread.jpg"), sample("title.png")}
	a := recto(t, args...).want(t, 1)
	all := a.list(t, "failures")
	last := all[len(all)-1].(map[string]any)
	if !strings.Contains(last["reason"].(string), "disk is full") || !strings.Contains(last["remedy"].(string), "Free some space") {
		t.Errorf("the message is %v", last)
	}
	before := recto(t, "list", "--archive", archive).want(t, 0) // looking wants no room
	full := func() (err error) {
		f, err := os.Create(filepath.Join(disk, "fill"))
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
		return err
	}
	if err := full(); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if a := recto(t, "list", "--archive", archive).want(t, 0); a.stdout != before.stdout {
		t.Errorf("on the full disk %s\nbefore %s", a.stdout, before.stdout)
	}
	if err := os.Remove(filepath.Join(disk, "fill")); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-o", "remount,size=64m", disk).CombinedOutput(); err != nil {
		t.Fatalf("remount: %v %s", err, out)
	}
	if v := recto(t, "verify", "--archive", archive); v.code != 0 {
		t.Errorf("with room again the archive is not valid:\n%s", v.stdout)
	}
	b := recto(t, args...).want(t, 0)
	if n := len(b.list(t, "document.pages")); n != 6 || b.text(t, "document.state") != "complete" {
		t.Errorf("%d pages after there was room again\nbefore: %s\nafter: %s", n, before.stdout, b.stdout)
	}
}

// TestReadOnlyArchive looks at an archive that may not be written to, and is told
// so when it tries to write.
func TestReadOnlyArchive(t *testing.T) {
	if os.Geteuid() != 0 {
		lacking(t, "root (to become somebody else)")
	}
	setpriv := tool(t, "setpriv")
	dir := openDir(t)
	archive := filepath.Join(dir, "archive")
	recto(t, "digitise", "--archive", archive, "--title", "Kept", sample("letter-1.jpg")).want(t, 0)
	nobody := as(setpriv, dir)
	if hits := rectoIn(t, nobody, "search", "--archive", archive, "lupins").want(t, 0); hits.at(t, "total").(float64) != 1 {
		t.Error(hits.stdout)
	}
	rectoIn(t, nobody, "verify", "--archive", archive).want(t, 0)
	a := rectoIn(t, nobody, "import", "--archive", archive, sample("title.png")).want(t, 1)
	if !strings.Contains(a.text(t, "failures.0.reason"), "cannot be written") {
		t.Error(a.stdout)
	}
}

// TestMissingLanguage stops before anything is touched and names the package.
func TestMissingLanguage(t *testing.T) {
	dir := t.TempDir()
	a := recto(t, "digitise", "--archive", filepath.Join(dir, "a"), "--lang", "eng+xho", sample("letter-1.jpg")).want(t, 1)
	if !strings.Contains(a.text(t, "failures.0.remedy"), "tesseract-ocr-xho") || a.at(t, "document") != nil {
		t.Error(a.stdout)
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
		t.Error("an archive was made for nothing")
	}
	if b := recto(t, "digitise", "--archive", filepath.Join(dir, "a"), "--lang", "../../etc", sample("letter-1.jpg")).want(t, 1); !strings.Contains(b.text(t, "failures.0.reason"), "not a name") {
		t.Error(b.stdout)
	}
}

// TestNoModels has no Tesseract data at all.
func TestNoModels(t *testing.T) {
	dir := t.TempDir()
	bare := func(c *exec.Cmd) { c.Env = append(os.Environ(), "TESSDATA_PREFIX="+dir) }
	a := rectoIn(t, bare, "digitise", "--archive", filepath.Join(dir, "a"), sample("letter-1.jpg")).want(t, 1)
	if !strings.Contains(a.text(t, "failures.0.remedy"), "apt install tesseract-ocr") {
		t.Error(a.stdout)
	}
	d := rectoIn(t, bare, "doctor").want(t, 1)
	if d.at(t, "ok") != false {
		t.Error(d.stdout)
	}
}

// TestNewerSchema refuses to touch what a later version has made.
func TestNewerSchema(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a")
	recto(t, "digitise", "--archive", archive, sample("title.png")).want(t, 0)
	marker := filepath.Join(archive, "recto.json")
	old := read(t, marker)
	os.WriteFile(marker, []byte(strings.Replace(string(old), `"format": 1`, `"format": 99`, 1)), 0o644)
	a := recto(t, "import", "--archive", archive, sample("letter-1.jpg")).want(t, 1)
	if !strings.Contains(a.text(t, "failures.0.reason"), "newer") || !strings.Contains(a.text(t, "failures.0.reason"), "99") {
		t.Error(a.stdout)
	}
	os.WriteFile(marker, old, 0o644)
	db, err := sql.Open("sqlite3", filepath.Join(archive, "catalogue.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	b := recto(t, "list", "--archive", archive).want(t, 1)
	if !strings.Contains(b.text(t, "failures.0.reason"), "newer") {
		t.Error(b.stdout)
	}
}

// TestTwoAtOnce has two Rectos on one archive: the second is told who works there,
// looking goes on, and nothing is lost.
func TestTwoAtOnce(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a")
	recto(t, "init", archive).want(t, 0)
	first := exec.Command(program, "digitise", "--archive", archive, "--title", "First", sample("spread.jpg"), sample("letter-1.jpg"), sample("letter-10.jpg"))
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	defer first.Process.Kill()
	works := func() bool {
		found, _ := filepath.Glob(filepath.Join(archive, "masters", "*", "*.jpg"))
		return len(found) > 0
	}
	for end := time.Now().Add(time.Minute); !works(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the first Recto did not begin")
		}
	}
	// Held still, so that no machine is fast enough to finish before the second has looked.
	first.Process.Signal(syscall.SIGSTOP)
	second := recto(t, "import", "--archive", archive, sample("title.png")).want(t, 1)
	if !strings.Contains(second.text(t, "failures.0.reason"), "another Recto") || !strings.Contains(second.text(t, "failures.0.reason"), "process") {
		t.Error(second.stdout)
	}
	recto(t, "list", "--archive", archive).want(t, 0)
	first.Process.Signal(syscall.SIGCONT)
	if err := first.Wait(); err != nil {
		t.Fatal(err)
	}
	recto(t, "import", "--archive", archive, sample("title.png")).want(t, 0)
	recto(t, "verify", "--archive", archive).want(t, 0)
}

// TestCancel stops on Ctrl-C with exit code 130, leaves a valid archive, and goes
// on when run again.
func TestCancel(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a")
	args := []string{"digitise", "--archive", archive, "--title", "C", "--jobs", "1", sample("spread.jpg"), sample("letter-1.jpg"), sample("letter-10.jpg")}
	a := rectoIn(t, func(c *exec.Cmd) {
		go func() {
			for range 200 {
				if found, _ := filepath.Glob(filepath.Join(archive, "masters", "*", "*.jpg")); len(found) == 3 {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			time.Sleep(300 * time.Millisecond)
			if c.Process != nil {
				c.Process.Signal(os.Interrupt)
			}
		}()
	}, args...).want(t, 130)
	if a.at(t, "document") != nil {
		t.Error(a.stdout)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
	if b := recto(t, args...).want(t, 0); len(b.list(t, "document.pages")) != 4 { // the spread is two
		t.Error(b.stdout)
	}
}

// TestChangedMaster is found, and named.
func TestChangedMaster(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a")
	recto(t, "digitise", "--archive", archive, "--title", "C", sample("letter-1.jpg"), sample("title.png")).want(t, 0)
	masters, _ := filepath.Glob(filepath.Join(archive, "masters", "*", "*.jpg"))
	if len(masters) != 1 {
		t.Fatal(masters)
	}
	b := read(t, masters[0])
	b[len(b)/2] ^= 1
	os.Chmod(masters[0], 0o644)
	os.WriteFile(masters[0], b, 0o644)
	a := recto(t, "verify", "--archive", archive).want(t, 1)
	if a.text(t, "findings.0.code") != "master-changed" || !strings.HasSuffix(masters[0], a.text(t, "findings.0.path")) {
		t.Error(a.stdout)
	}
	os.Remove(masters[0])
	a = recto(t, "verify", "--archive", archive).want(t, 1)
	if a.text(t, "findings.0.code") != "master-missing" {
		t.Error(a.stdout)
	}
}
