package markup

import (
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recto/ocr"
)

// hocrOf reads a scan with Tesseract's own program.
func hocrOf(t *testing.T, scan string, options ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("tesseract"); err != nil {
		missing(t, "tesseract is not installed: apt install tesseract-ocr")
	}
	cmd := exec.Command("tesseract", append(append([]string{scan, "-"}, options...), "hocr")...)
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	return out
}

func TestRealPages(t *testing.T) {
	scans, schemas := shared(t, "scans"), shared(t, "schemas")
	dir := t.TempDir()
	var files []string
	for _, c := range []struct {
		name    string
		options []string
		turn    int  // of every line
		same    bool // as the ground truth, word by word
		empty   bool
	}{
		{"tesseract/phototest.tif", nil, 0, true, false},
		{"tesseract/phototest-rotated-R.png", []string{"--psm", "1"}, 270, true, false},
		{"tesseract/phototest-rotated-180.png", []string{"--psm", "1"}, 180, true, false},
		{"tesseract/eurotext.tif", []string{"-l", "eng+deu+fra"}, 0, false, false},
		{"naps2/blank1.jpg", nil, 0, false, true},
	} {
		scan := filepath.Join(scans, c.name)
		text, err := ParseHOCR(hocrOf(t, scan, c.options...))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if c.same {
			b, err := os.ReadFile(strings.TrimSuffix(scan, filepath.Ext(scan)) + ".gt.txt")
			if err != nil {
				t.Fatal(err)
			}
			if got, want := strings.Fields(text.Plain()), strings.Fields(string(b)); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", c.name, got, want)
			}
		}
		if c.empty && text.Confidence() > 0.5 {
			t.Errorf("%s: read %q with confidence %.2f", c.name, text.Plain(), text.Confidence())
		}
		checkGeometry(t, c.name, text, c.turn)

		text.Engine, text.Languages = "Tesseract 5", []string{"eng", "deu", "fra"}
		file := filepath.Join(dir, filepath.Base(c.name)+".xml")
		if err := os.WriteFile(file, []byte(write(t, text, Info{File: c.name, Number: 1})), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	validate(t, schemas, files)
}

// checkGeometry tells whether each line has a baseline that runs through its box
// the way the line does.
func checkGeometry(t *testing.T, name string, text *ocr.Text, turn int) {
	t.Helper()
	for _, b := range text.Blocks {
		for _, p := range b.Paragraphs {
			for _, l := range p.Lines {
				base := l.Baseline
				if l.Turn != turn || base == (ocr.Baseline{}) {
					t.Errorf("%s: a line turned by %d with baseline %v", name, l.Turn, base)
					continue
				}
				forward := map[int]bool{0: base.X1 > base.X0, 90: base.Y1 < base.Y0, 180: base.X1 < base.X0, 270: base.Y1 > base.Y0}
				around := l.Box.Inset(-l.Box.Dy() / 4)
				start, end := image.Pt(int(base.X0), int(base.Y0)), image.Pt(int(base.X1), int(base.Y1))
				if !forward[turn] || !start.In(around) || !end.In(around) {
					t.Errorf("%s: line %v turned by %d has baseline %v", name, l.Box, turn, base)
				}
				for _, w := range l.Words {
					if !w.Box.In(image.Rectangle{Max: text.Size}) || w.Box.Empty() {
						t.Errorf("%s: word %+v", name, w)
					}
				}
			}
		}
	}
}
