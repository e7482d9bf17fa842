package markup

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"recto/ocr"
)

// write gives the ALTO of a tree, written twice alike.
func write(t *testing.T, text *ocr.Text, i Info) string {
	t.Helper()
	var a, b bytes.Buffer
	if err := errors.Join(ALTO(&a, text, i), ALTO(&b, text, i)); err != nil {
		t.Fatal(err)
	}
	if a.String() != b.String() {
		t.Error("the same tree gave different files")
	}
	return a.String()
}

// checkXML tells whether what is written can be read again.
func checkXML(t *testing.T, text *ocr.Text, i Info) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(write(t, text, i)))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// lines makes lines of words parted by spaces.
func lines(texts ...string) []ocr.Line {
	var out []ocr.Line
	for i, text := range texts {
		l := ocr.Line{Box: image.Rect(10, 40*i, 500, 40*i+30), Baseline: ocr.Baseline{X0: 10, Y0: float64(40*i) + 24.25, X1: 500, Y1: float64(40*i) + 25}, XSize: 30}
		for j, w := range strings.Fields(text) {
			l.Words = append(l.Words, ocr.Word{Box: image.Rect(10+50*j, 40*i, 50+50*j, 40*i+30), Text: w, Confidence: 0.915})
		}
		out = append(out, l)
	}
	return out
}

func onePage(paragraphs ...[]ocr.Line) *ocr.Text {
	b := ocr.Block{Box: image.Rect(10, 0, 500, 400)}
	for _, l := range paragraphs {
		b.Paragraphs = append(b.Paragraphs, ocr.Paragraph{Box: image.Rect(10, 0, 500, 200), Language: "eng", Lines: l})
	}
	return &ocr.Text{Size: image.Pt(1000, 800), DPI: 300, Languages: []string{"eng", "deu", "frk"}, Engine: "Tesseract 5.3.0", Blocks: []ocr.Block{b}}
}

func TestALTO(t *testing.T) {
	text := onePage(lines("The Archi-", "vist reads"), lines("No-", "Where und"))
	text.Blocks[0].Paragraphs[1].Lines[1].Words[1].Language = "deu"
	got := write(t, text, Info{File: "page-0001.tif", Identifier: "0190", Number: 7, Preparation: "orient 90°", Settings: "mode 3"})
	for _, want := range []string{
		`<MeasurementUnit>pixel</MeasurementUnit>`,
		`<fileName>page-0001.tif</fileName>`,
		`<fileIdentifier>0190</fileIdentifier>`,
		`<processingStepSettings>orient 90°</processingStepSettings>`,
		`<processingStepSettings>languages eng+deu+frk; dpi 300; mode 3</processingStepSettings>`,
		`<softwareName>Tesseract</softwareName>`,
		`<softwareVersion>5.3.0</softwareVersion>`,
		`PHYSICAL_IMG_NR="7" WIDTH="1000" HEIGHT="800" PROCESSINGREFS="preparation recognition" PC="0.915" LANG="en" OTHERLANGS="de de-Latf"`,
		`<PrintSpace HPOS="10" VPOS="0" WIDTH="490" HEIGHT="400">`,
		`<ComposedBlock ID="group_1" HPOS="10" VPOS="0" WIDTH="490" HEIGHT="400">`,
		`BASELINE="10,24.2 500,25"`,
		`CONTENT="Archi" SUBS_TYPE="HypPart1" SUBS_CONTENT="Archivist" WC="0.915"></String>` + "\n       <HYP CONTENT=\"-\"></HYP>",
		`CONTENT="vist" SUBS_TYPE="HypPart2" SUBS_CONTENT="Archivist"`,
		`CONTENT="No-" WC=`, // the next line does not go on with it
		`CONTENT="und" WC="0.915" LANG="de"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
	if n := strings.Count(got, "<SP>"); n != 3 {
		t.Errorf("%d spaces, want 3", n)
	}
	if t.Failed() {
		t.Log(got)
	}
}

func TestALTORotation(t *testing.T) {
	l := lines("up", "turned", "turned too")
	l[1].Turn, l[2].Turn = 90, 90
	got := write(t, onePage(l), Info{Number: 1})
	if strings.Count(got, "<TextBlock ") != 2 || strings.Count(got, `ROTATION="90"`) != 1 {
		t.Error(got)
	}
}

func TestALTORefuses(t *testing.T) {
	if err := ALTO(io.Discard, nil, Info{}); err == nil {
		t.Error("no text gave no error")
	}
	full := errors.New("disk full")
	if err := ALTO(failing{full}, onePage(), Info{}); !errors.Is(err, full) {
		t.Errorf("a writer's error became %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// altoTrees are trees of every kind, good and bad.
func altoTrees() map[string]*ocr.Text {
	hostile := onePage(lines("a<b>&\"'c", "\x00\x01\x1b]x\uFFFE\uFFFF\t\n\r", "\xff\xfe", "👩‍🚀🎉", "]]>", "\u2028", "a-", "\x00"))
	hostile.Engine, hostile.Languages = "\x00 <&> \xff", []string{"no language", "", "<", "chi_sim_vert", "script/Fraktur"}
	odd := onePage(lines("x", "y"))
	odd.Blocks[0].Paragraphs[0].Lines[0].Words[0].Confidence = math.NaN()
	odd.Blocks[0].Paragraphs[0].Lines[0].Baseline = ocr.Baseline{X0: math.NaN(), Y1: math.Inf(1)}
	odd.Blocks[0].Paragraphs[0].Lines[1].Words[0].Confidence = 7
	odd.Blocks[0].Paragraphs[0].Lines[1].Words[0].Box = image.Rectangle{Min: image.Pt(9, 9), Max: image.Pt(-9, math.MinInt32)}
	odd.Blocks = append(odd.Blocks, ocr.Block{}, ocr.Block{Paragraphs: []ocr.Paragraph{{}, {Lines: []ocr.Line{{}, {Words: []ocr.Word{{}, {}}}}}}})
	rtl := onePage(lines("שלום עולם"))
	rtl.Languages = []string{"heb"}
	rtl.Blocks[0].Paragraphs[0].RTL, rtl.Blocks[0].Paragraphs[0].Language = true, "heb"
	turned := onePage(lines("a", "b"))
	turned.Blocks[0].Paragraphs[0].Lines[1].Turn = 270
	return map[string]*ocr.Text{
		"zero":          {},
		"empty page":    {Size: image.Pt(2480, 3508), DPI: 300, Languages: []string{"eng"}, Engine: "Tesseract 5.3.0"},
		"one paragraph": onePage(lines("The Archi-", "vist reads")),
		"two":           onePage(lines("The Archi-", "vist"), lines("reads")),
		"broken twice":  onePage(lines("a-", "b-", "c")),
		"broken over":   onePage(lines("Archi-"), lines("vist")),
		"hostile":       hostile,
		"odd":           odd,
		"rtl":           rtl,
		"turned":        turned,
	}
}

func TestALTOIsValid(t *testing.T) {
	schemas := shared(t, "schemas")
	dir := t.TempDir()
	var files []string
	for name, text := range altoTrees() {
		info := Info{File: "\x00 <n&m>\n\xff.tif", Identifier: "0190-<&>", Number: 1, Preparation: "\x01 deskew <1.30°>", Settings: "&"}
		checkXML(t, text, info)
		file := filepath.Join(dir, name+".xml")
		if err := os.WriteFile(file, []byte(write(t, text, info)), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	validate(t, schemas, files)
}

func validate(t *testing.T, schemas string, files []string) {
	t.Helper()
	validateBy(t, schemas, "alto-4.4.xsd", files)
}

// validateBy judges files by a schema. xmllint ends 0 only when all are valid.
func validateBy(t *testing.T, schemas, schema string, files []string) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		missing(t, "xmllint is not installed: apt install libxml2-utils")
	}
	cmd := exec.Command("xmllint", append([]string{"--nonet", "--noout", "--schema", filepath.Join(schemas, schema)}, files...)...)
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(schemas, "catalog.xml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// shared finds a folder of test material beside the repository.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(dir, "..", "shared", name)
	if _, err := os.Stat(dir); err != nil {
		missing(t, "no folder ../shared/"+name+" beside the repository")
	}
	return dir
}

// missing skips a test for want of a tool or material, which CI must have.
func missing(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}
