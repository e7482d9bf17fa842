package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

// TestBadInput gives one folder with all that goes wrong in real ones. Each is
// told with a reason and a remedy, and the good pages are all done.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	good := read(t, sample("letter-1.jpg"))
	png := read(t, sample("title.png"))
	tif := read(t, sample("bericht.tif"))
	write := func(name string, b []byte) {
		t.Helper()
		p := filepath.Join(in, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// What must fail, and a word of the reason it must give.
	bad := map[string]string{
		"empty.tif":       "empty",
		"cut.jpg":         "before it is complete",
		"cut.png":         "before it is complete",
		"cut.tif":         "before it is complete",
		"letter.jpg":      "text",
		"bomb.png":        "60000 x 60000",
		"zipbomb.png":     "", // any reason: what counts is that it ends
		"secret.pdf":      "password",
		"nopages.pdf":     "no pages",
		"sub/loop":        "itself",
		"missing-end.pdf": "",
	}
	write("empty.tif", nil)
	write("cut.jpg", good[:len(good)/2])
	write("cut.png", png[:len(png)/2])
	write("cut.tif", tif[:len(tif)*2/3])
	write("letter.jpg", []byte("Dear Agnes, this is no picture at all.\n"))
	write("bomb.png", hollowPNG(60000, 60000))
	write("zipbomb.png", hollowPNG(40000, 9000))
	write("secret.pdf", lockedPDF(t))
	write("nopages.pdf", emptyPDF())
	write("missing-end.pdf", []byte("%PDF-1.7\nthis was a PDF once"))
	write("sub/fine.jpg", good)
	if err := os.Symlink("..", filepath.Join(in, "sub", "loop")); err != nil {
		t.Fatal(err)
	}
	// What must work.
	fine := []string{"really-a-png.jpg", "new\nline.jpg", "emoji 😀.jpg", "bytes \xff\xfe.jpg", "e\u0301.jpg", "sub/fine.jpg"}
	for _, name := range fine[1:5] {
		write(name, good)
	}
	write("really-a-png.jpg", png)
	write("notes.txt", []byte("not a page"))

	archive := filepath.Join(dir, "archive")
	args := []string{"digitise", "--archive", archive, "--title", "Bad", "--out", filepath.Join(dir, "out"), in}
	a := recto(t, args...).want(t, 1)
	reasons := map[string]string{}
	for _, f := range a.list(t, "failures") {
		f := f.(map[string]any)
		rel := strings.TrimPrefix(f["path"].(string), in+"/")
		reasons[rel] = f["reason"].(string)
		if f["remedy"] == "" {
			t.Errorf("%s: no remedy", rel)
		}
	}
	for name, word := range bad {
		if name == "zipbomb.png" && reasons[name] == "" {
			continue // a large blank page is a page
		}
		if reasons[name] == "" || !strings.Contains(reasons[name], word) {
			t.Errorf("%s: reason %q should tell of %q", name, reasons[name], word)
		}
		delete(reasons, name)
	}
	delete(reasons, "zipbomb.png")
	for name, reason := range reasons {
		t.Errorf("%s failed and should not: %s", name, reason)
	}
	states := map[string]string{}
	duplicates := 0
	for _, p := range a.list(t, "document.pages") {
		p := p.(map[string]any)
		states[strings.TrimPrefix(p["source"].(string), in+"/")] = p["state"].(string)
		if p["state"] == "failed" && p["error"] == "" {
			t.Errorf("%v failed and does not say why", p["source"])
		}
		if d, ok := p["duplicate_of"]; ok && d != "" {
			duplicates++
		}
	}
	for _, name := range fine {
		if name == "bytes \xff\xfe.jpg" {
			name = "bytes %FF%FE.jpg"
		}
		if states[name] != "done" {
			t.Errorf("%q is %q, want done", name, states[name])
		}
	}
	if duplicates != 4 { // letter-1 five times
		t.Errorf("%d pages are flagged as duplicates, want 4", duplicates)
	}
	if got := a.list(t, "ignored"); len(got) != 1 || !strings.HasSuffix(got[0].(map[string]any)["path"].(string), "notes.txt") {
		t.Errorf("ignored: %v", got)
	}
	if s := a.text(t, "document.state"); s != "incomplete" {
		t.Errorf("the document is %s", s)
	}
	// It says so in the PDF, and nobody gets it as if it were whole.
	pdf := read(t, filepath.Join(dir, "out", "Bad.pdf"))
	if !bytes.Contains(pdf, []byte("incomplete")) {
		t.Error("the PDF's metadata does not say that it is incomplete")
	}
	x := recto(t, "export", "--archive", archive, "--to", filepath.Join(dir, "to"), a.text(t, "document.id")).want(t, 1)
	if !strings.Contains(x.text(t, "failures.0.reason"), "incomplete") {
		t.Errorf("export: %s", x.stdout)
	}
	recto(t, "export", "--archive", archive, "--to", filepath.Join(dir, "to"), "--incomplete", "the mill burnt down", a.text(t, "document.id")).want(t, 0)
	info := read(t, filepath.Join(dir, "to", "Bad", "bag-info.txt"))
	if !bytes.Contains(info, []byte("the mill burnt down")) {
		t.Errorf("bag-info.txt does not give the reason:\n%s", info)
	}
	recto(t, "verify", filepath.Join(dir, "to", "Bad")).want(t, 0)
	// Once more changes nothing and ends the same way.
	again := recto(t, args...).want(t, 1)
	if again.text(t, "document.sha256") != a.text(t, "document.sha256") || len(again.list(t, "failures")) != len(a.list(t, "failures")) {
		t.Errorf("running again changed something:\n%s\n%s", a.stdout, again.stdout)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}

// TestMended runs again after the sources were put right: the pages come to their
// places and the document becomes complete.
func TestMended(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	good, verso := read(t, sample("letter-1.jpg")), read(t, sample("letter-2-verso.jpg"))
	os.MkdirAll(in, 0o755)
	os.WriteFile(filepath.Join(in, "page1.jpg"), nil, 0o644)
	os.WriteFile(filepath.Join(in, "page2.jpg"), good, 0o644)
	os.WriteFile(filepath.Join(in, "page10.jpg"), verso, 0o644)
	os.WriteFile(filepath.Join(in, "page3.jpg"), nil, 0o644)
	args := []string{"digitise", "--archive", filepath.Join(dir, "a"), "--title", "Mended", "--out", filepath.Join(dir, "out"), in}
	a := recto(t, args...).want(t, 1)
	if a.text(t, "document.state") != "incomplete" {
		t.Fatal(a.stdout)
	}
	os.WriteFile(filepath.Join(in, "page1.jpg"), read(t, sample("letter-10.jpg")), 0o644)
	os.WriteFile(filepath.Join(in, "page3.jpg"), read(t, sample("title.png")), 0o644)
	b := recto(t, args...).want(t, 0)
	if b.text(t, "document.state") != "complete" || b.text(t, "document.id") != a.text(t, "document.id") {
		t.Error(b.stdout)
	}
	for i, want := range []string{"page1.jpg", "page2.jpg", "page3.jpg", "page10.jpg"} {
		if got := b.text(t, fmt.Sprintf("document.pages.%d.source", i)); filepath.Base(got) != want {
			t.Errorf("page %d is %s, want %s", i+1, got, want)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "out", "*.pdf")); len(files) != 1 {
		t.Errorf("its own earlier output was not overwritten: %v", files)
	}
}

// TestNoResolution: a file without dpi is worked with at an estimate, and that is said.
func TestNoResolution(t *testing.T) {
	dir := t.TempDir()
	b := read(t, sample("letter-1.jpg"))
	bare := append([]byte{0xFF, 0xD8}, b[2+18:]...) // without its JFIF segment
	file := filepath.Join(dir, "bare.jpg")
	os.WriteFile(file, bare, 0o644)
	a := recto(t, "digitise", "--archive", filepath.Join(dir, "a"), file).want(t, 0)
	if a.at(t, "document.pages.0.dpi_estimated") != true || a.at(t, "document.pages.0.dpi").(float64) < 70 {
		t.Error(a.stdout)
	}
}

// TestUnreadable has another user meet a file that only root may read.
func TestUnreadable(t *testing.T) {
	if os.Geteuid() != 0 {
		lacking(t, "root (to become somebody else)")
	}
	setpriv := tool(t, "setpriv")
	dir := openDir(t)
	os.WriteFile(filepath.Join(dir, "a.jpg"), read(t, sample("letter-1.jpg")), 0o644)
	os.WriteFile(filepath.Join(dir, "b.jpg"), read(t, sample("letter-10.jpg")), 0o600)
	a := rectoIn(t, as(setpriv, dir), "digitise", "--archive", filepath.Join(dir, "mine", "archive"), "--title", "T", filepath.Join(dir, "a.jpg"), filepath.Join(dir, "b.jpg")).want(t, 1)
	if len(a.list(t, "failures")) != 1 || !strings.HasSuffix(a.text(t, "failures.0.path"), "b.jpg") || !strings.Contains(a.text(t, "failures.0.reason"), "permission") {
		t.Error(a.stdout)
	}
	if a.text(t, "document.pages.0.state") != "done" || a.text(t, "document.state") != "incomplete" {
		t.Error(a.stdout)
	}
}

// openDir is a temporary folder that others may enter, with a folder "mine" of user 65534.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "recto-other-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	mine := filepath.Join(dir, "mine")
	for _, err := range []error{os.Chmod(dir, 0o755), os.Mkdir(mine, 0o755), os.Chown(mine, 65534, 65534)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// as runs the program as the user nobody.
func as(setpriv, home string) func(*exec.Cmd) {
	return func(c *exec.Cmd) {
		c.Args = append([]string{setpriv, "--reuid", "65534", "--regid", "65534", "--clear-groups", c.Path}, c.Args[1:]...)
		c.Path = setpriv
		c.Env = append(os.Environ(), "HOME="+filepath.Join(home, "mine"))
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// hollowPNG is a small file that claims to be a huge white page.
func hollowPNG(w, h int) []byte {
	var z bytes.Buffer
	zw, _ := zlib.NewWriterLevel(&z, 9)
	row := make([]byte, 1+(w+7)/8)
	for range min(h, 9000) {
		zw.Write(row)
	}
	zw.Close()
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, body []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(body)))
		c := append([]byte(kind), body...)
		out = append(out, c...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(c))
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	chunk("IHDR", append(head, 1, 0, 0, 0, 0))
	chunk("IDAT", z.Bytes())
	chunk("IEND", nil)
	return out
}

// lockedPDF is a one-page PDF that wants a password to be opened.
func lockedPDF(t *testing.T) []byte {
	t.Helper()
	api.DisableConfigDir()
	dir := t.TempDir()
	plain, locked := filepath.Join(dir, "plain.pdf"), filepath.Join(dir, "locked.pdf")
	if err := api.ImportImagesFile([]string{sample("title.png")}, plain, nil, nil); err != nil {
		t.Fatal(err)
	}
	c := model.NewAESConfiguration("open sesame", "owner", 256)
	if err := api.EncryptFile(plain, locked, c); err != nil {
		t.Fatal(err)
	}
	return read(t, locked)
}

// emptyPDF is a sound PDF without a single page.
func emptyPDF() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	one := b.Len()
	b.WriteString("1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n")
	two := b.Len()
	b.WriteString("2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n")
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 3\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \ntrailer\n<</Size 3/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", one, two, xref)
	return b.Bytes()
}
