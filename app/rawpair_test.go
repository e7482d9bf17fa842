package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recto/archive/premis"
)

// rawFile is the least that is taken for a camera's raw file (Canon CR2): its header
// and one directory with one strip.
func rawFile(text string) []byte {
	b := []byte("II*\x00\x10\x00\x00\x00CR\x02\x00\x00\x00\x00\x00\x02\x00")
	for _, e := range [][2]uint16{{273, 46}, {279, uint16(len(text))}} {
		b = binary.LittleEndian.AppendUint16(b, e[0])
		b = append(b, 4, 0, 1, 0, 0, 0)
		b = binary.LittleEndian.AppendUint32(b, uint32(e[1]))
	}
	return append(append(b, 0, 0, 0, 0), text...)
}

// TestRawPairs takes a camera's shots through the whole line: the raw file is the
// master, its JPEG is read; one that came alone fails alone and says what to do.
func TestRawPairs(t *testing.T) {
	dir := t.TempDir()
	in, a, to := filepath.Join(dir, "in"), filepath.Join(dir, "a"), filepath.Join(dir, "to")
	jpeg, err := os.ReadFile(filepath.Join(root, "assets", "samples", "letter-1.jpg"))
	if err == nil {
		err = os.Mkdir(in, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(in, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("IMG_1.CR2", rawFile("one"))
	put("IMG_1.JPG", jpeg)
	put("IMG_2.CR2", rawFile("two"))
	line := func(code int, args ...string) answer {
		t.Helper()
		r := recto(t, args...)
		if r.code != code {
			t.Fatalf("%v: exit %d, want %d\n%s%s", args, r.code, code, r.stdout, r.stderr)
		}
		return r
	}
	has := func(r answer, parts ...string) {
		t.Helper()
		for _, p := range parts {
			if !strings.Contains(r.stdout, p) {
				t.Errorf("%q is not in %s", p, r.stdout)
			}
		}
	}
	line(0, "init", a)
	line(0, "import", "--archive", a, "--batch", "shots", in)
	line(0, "import", "--archive", a, "--batch", "shots", in) // nothing twice
	has(line(0, "batch", "inspect", "--archive", a, "--batch", "shots"), "raw-alone", "RAW file without its JPEG")
	r := line(1, "process", "--archive", a, "--batch", "shots", "--lang", "eng")
	has(r, "a camera's raw file without its JPEG", "RAW+JPEG")
	masters, _ := filepath.Glob(filepath.Join(a, "masters", "*", "*"))
	if len(masters) != 5 { // two raw files, two sidecars, one JPEG
		t.Errorf("%q", masters)
	}
	has(line(0, "search", "--archive", a, "orchard"), `"number": 1`)
	line(0, "verify", "--archive", a)

	// The JPEG comes later: a page of its own, that says so; once.
	put("IMG_2.JPG", jpeg)
	line(0, "import", "--archive", a, "--batch", "shots", in)
	line(0, "import", "--archive", a, "--batch", "shots", in)
	if masters, _ = filepath.Glob(filepath.Join(a, "masters", "*", "*")); len(masters) != 7 {
		t.Errorf("%q", masters)
	}
	has(line(1, "process", "--archive", a, "--batch", "shots", "--lang", "eng", "--retry"), "a camera's raw file without its JPEG")
	has(line(0, "list", "--archive", a, "pages", "--batch", "shots"), "had come without it")

	// Both files of a shot are in its package; the catalogue is made of the journal.
	line(1, "document", "--archive", a, "--batch", "shots", "--title", "T")
	line(0, "export", "--archive", a, "--format", "bagit", "--to", to, "--incomplete", "test", "T")
	packed, _ := filepath.Glob(filepath.Join(to, "T", "data", "masters", "*"))
	var names []string
	for _, p := range packed {
		names = append(names, filepath.Base(p))
	}
	if got := fmt.Sprint(names); got != "[0001.cr2 0001.working.jpg 0002.cr2 0003.jpg]" {
		t.Error(got)
	}
	line(0, "verify", filepath.Join(to, "T"))
	d, err := premis.Read(bytes.NewReader(read(t, filepath.Join(to, "T", "data", "metadata", "preservation", "premis.xml"))))
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, o := range d.Objects {
		told = append(told, o.ID[0].Value+" "+o.PUID)
		for _, r := range o.Relations {
			told = append(told, "of "+r.Objects[0].Value)
		}
	}
	if got := strings.Join(told[:4], ", "); got != "masters/0001.cr2 , masters/0001.working.jpg fmt/43, masters/0002.cr2 , masters/0003.jpg fmt/43" {
		t.Error(got)
	}
	if i := slices.Index(told, "alto/page-0001.xml fmt/101"); i < 0 || told[i+1] != "of masters/0001.working.jpg" {
		t.Errorf("the text is not told to be that of the working image: %q", told)
	}
	if err := os.Remove(filepath.Join(a, "catalogue.db")); err != nil {
		t.Fatal(err)
	}
	line(0, "rebuild", "--archive", a)
	line(0, "verify", "--archive", a)

	// The working image is proved like the master.
	working, _ := filepath.Glob(filepath.Join(a, "masters", "*", "*.working.jpg"))
	if len(working) != 1 {
		t.Fatal(working)
	}
	os.Chmod(working[0], 0o644)
	if err := os.WriteFile(working[0], append(jpeg, 'x'), 0o644); err != nil {
		t.Fatal(err)
	}
	has(line(1, "verify", "--archive", a), filepath.Base(working[0]))
}
