package coversheet

import (
	"bytes"
	"errors"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"recto/archive"
	"recto/scan"
)

func tool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("SKIPPED: %s is not installed", name)
	}
}

func written(t *testing.T, o Options, units ...archive.Unit) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, units, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var samples = []archive.Unit{
	{Code: CodeFor("HStA 12/7"), Reference: "HStA 12/7", Title: "Letters from Anna Müller to the parish council of Großenhain", Container: "Box 3, folder 12", Expected: 24},
	{Code: strings.Repeat("W", MostCode), Reference: strings.Repeat("long ", 39), Title: strings.Repeat("A very long title that goes on. ", 60), Container: "<Box & \"3\">"},
	{Code: "a", Reference: "ארכיון 5/12", Title: "письма в совет – Επιστολές 中文 😀 e\u0301"},
}

// Both codes of each sheet are read back from what a printer and a scanner make of
// it, down to 150 dpi in black and white.
func TestCodesAreRead(t *testing.T) {
	tool(t, "pdftoppm")
	tool(t, "qpdf")
	for _, paper := range Papers {
		dir := t.TempDir()
		pdf := filepath.Join(dir, "x.pdf")
		if err := os.WriteFile(pdf, written(t, Options{Paper: paper}, samples...), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("qpdf", "--check", pdf).CombinedOutput(); err != nil {
			t.Errorf("qpdf: %v\n%s", err, out)
		}
		for _, look := range [][]string{{"-r", "150", "-gray"}, {"-r", "150", "-gray", "-aa", "no", "-aaVector", "no"}, {"-r", "300", "-gray"}} { // the second in black and white
			if paper != "a4" && len(look) > 3 {
				continue
			}
			args := append(look, "-png", pdf, filepath.Join(dir, "p"))
			if out, err := exec.Command("pdftoppm", args...).CombinedOutput(); err != nil {
				t.Fatalf("pdftoppm: %v\n%s", err, out)
			}
			for i, u := range samples {
				f, err := os.Open(filepath.Join(dir, []string{"p-1.png", "p-2.png", "p-3.png"}[i]))
				if err != nil {
					t.Fatal(err)
				}
				img, _, err := image.Decode(f)
				f.Close()
				if err != nil {
					t.Fatal(err)
				}
				m, err := gozxing.NewBinaryBitmapFromImage(img)
				if err != nil {
					t.Fatal(err)
				}
				hard := map[gozxing.DecodeHintType]interface{}{gozxing.DecodeHintType_TRY_HARDER: true}
				qr, err := qrcode.NewQRCodeReader().Decode(m, hard)
				if err != nil || qr.GetText() != scan.CoverPrefix+u.Code {
					t.Errorf("%s %v, sheet %d: QR code %v, %v", paper, look, i+1, qr, err)
				}
				bars, err := oned.NewCode128Reader().Decode(m, hard)
				if err != nil || bars.GetText() != scan.CoverPrefix+u.Code {
					t.Errorf("%s %v, sheet %d: Code 128 %v, %v", paper, look, i+1, bars, err)
				}
			}
		}
	}
}

// People read the sheet: its words are there, and what the font lacks is shown by
// its number.
func TestWords(t *testing.T) {
	tool(t, "pdftotext")
	pdf := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(pdf, written(t, Options{}, samples...), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", pdf, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"HStA 12/7", "Anna Müller", "Großenhain", "Box 3, folder 12", "24", "<Box & \"3\">", "письма", "Επιστολές"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not on the sheets:\n%s", want, out)
		}
	}
}

func TestWriteIsDeterministic(t *testing.T) {
	if !bytes.Equal(written(t, Options{}, samples...), written(t, Options{}, samples...)) {
		t.Error("the same units give other bytes")
	}
}

func TestWriteRefuses(t *testing.T) {
	for want, units := range map[error][]archive.Unit{
		ErrNoUnits: nil, ErrUnit: {{Reference: "a", Code: strings.Repeat("x", MostCode+1)}},
	} {
		var b bytes.Buffer
		if err := Write(&b, units, Options{}); !errors.Is(err, want) || b.Len() > 0 {
			t.Errorf("%v: %v, %d bytes written", want, err, b.Len())
		}
	}
	if err := Write(&bytes.Buffer{}, samples, Options{Paper: "a3"}); !errors.Is(err, ErrPaper) {
		t.Error(err)
	}
	for _, u := range []archive.Unit{{Code: "a"}, {Reference: "a"}, {Reference: "a", Code: "ü"}, {Reference: "a", Code: "a b"}, {Reference: "a\xff", Code: "a"}, {Reference: "a", Code: "a", Expected: -1}} {
		if err := Check(u); !errors.Is(err, ErrUnit) {
			t.Errorf("%+v: %v", u, err)
		}
	}
}

// A code tells a slip of the pen; the same reference gives the same code.
func TestCodeFor(t *testing.T) {
	a, b := CodeFor(" HStA 12/7 "), CodeFor("HStA 12/7")
	if a != b || a == CodeFor("HStA 12/8") || Mistyped(a) {
		t.Errorf("%s %s", a, b)
	}
	wrong := []byte(a)
	for i := range wrong {
		for _, c := range []byte(alphabet) {
			if c == a[i] {
				continue
			}
			wrong[i] = c
			if !Mistyped(string(wrong)) {
				t.Fatalf("%s for %s goes unnoticed", wrong, a)
			}
		}
		wrong[i] = a[i]
	}
}
