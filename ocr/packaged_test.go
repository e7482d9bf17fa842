package ocr

import (
	"crypto/md5"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A model whose weights were damaged, or that was replaced by hand, is no longer what its
// package installed.
func TestAltered(t *testing.T) {
	dir := t.TempDir()
	model := filepath.Join(dir, "eng.traineddata")
	write := func(file, text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(model, "weights")
	if got := altered(dir, model); got != "" {
		t.Errorf("no package brought it, and it is said to be of %s", got)
	}
	sum := md5.Sum([]byte("weights"))
	write(filepath.Join(dir, "tesseract-ocr-eng.md5sums"), "00  usr/share/doc/copyright\n"+hex.EncodeToString(sum[:])+"  "+strings.TrimPrefix(model, "/")+"\n")
	if got := altered(dir, model); got != "" {
		t.Errorf("as it was installed: %s", got)
	}
	write(model, "weightz")
	if got := altered(dir, model); got != "tesseract-ocr-eng" {
		t.Errorf("damaged: %q", got)
	}
	link := filepath.Join(dir, "link.traineddata")
	if err := os.Symlink(model, link); err != nil {
		t.Fatal(err)
	}
	if got := altered(dir, link); got != "tesseract-ocr-eng" {
		t.Errorf("by a link: %q", got)
	}
}
