package markup

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"recto/ocr"
)

// writeHOCR gives the hOCR of a tree, written twice alike, and proves that it is XML.
func writeHOCR(t *testing.T, text *ocr.Text, i Info) string {
	t.Helper()
	var a, b bytes.Buffer
	if err := errors.Join(HOCR(&a, text, i), HOCR(&b, text, i)); err != nil {
		t.Fatal(err)
	}
	if a.String() != b.String() {
		t.Error("the same tree gave different files")
	}
	d := xml.NewDecoder(strings.NewReader(a.String()))
	for {
		if _, err := d.Token(); err == io.EOF {
			return a.String()
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestHOCR(t *testing.T) {
	text := onePage(lines("The Archi-", "vist reads"))
	l := &text.Blocks[0].Paragraphs[0].Lines[1]
	l.Turn, l.Baseline, l.Words[0].Language = 180, ocr.Baseline{X0: 500, Y0: 46, X1: 10, Y1: 46}, "frk"
	text.Blocks[0].Paragraphs[0].RTL = true
	i := pageInfo
	i.File = `a "b"; bbox 1 2 3 4.tif`
	got := writeHOCR(t, text, i)
	for _, want := range []string{
		`<meta name="ocr-system" content="Tesseract 5.3.0" />`,
		`<meta name="ocr-langs" content="en de" />`,
		`<meta name="ocr-scripts" content="Latn Latf" />`,
		`<meta name="dcterms.created" content="2024-02-29T11:00:00.5Z" />`,
		`<meta name="recognition" content="languages eng+deu+frk; dpi 300; mode 3" />`,
		`<div class="ocr_page" id="page_1" title="image &#34;a &#39;b&#39;; bbox 1 2 3 4.tif&#34;; bbox 0 0 1000 800; ppageno 6; scan_res 300 300">`,
		`<div class="ocr_carea" id="block_1_1" title="bbox 10 0 500 400">`,
		`<p class="ocr_par" id="par_1_1" lang="eng" dir="rtl" title="bbox 10 0 500 200">`,
		`<span class="ocr_line" id="line_1_1" title="bbox 10 0 500 30; x_size 30; baseline 0.001530612244897959 -5.75">`,
		`<span class="ocr_line" id="line_1_2" title="bbox 10 40 500 70; x_size 30; textangle 180; x_descenders 6">`,
		`<span class="ocrx_word" id="word_1_2" title="bbox 60 0 100 30; x_wconf 91.5">Archi-</span>`,
		`<span class="ocrx_word" id="word_1_3" lang="frk" title=`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}

func TestHOCRRefuses(t *testing.T) {
	if err := HOCR(io.Discard, nil, Info{}); err == nil {
		t.Error("no text gave no error")
	}
	full := errors.New("disk full")
	if err := HOCR(failing{full}, onePage(), Info{}); !errors.Is(err, full) {
		t.Errorf("a writer's error became %v", err)
	}
}

// What is written comes back as it was.
func TestHOCRComesBack(t *testing.T) {
	seeds(t, func(t *testing.T, r *rand.Rand) {
		text := likelyTree(r)
		equal(t, parse(t, writeHOCR(t, text, pageInfo)), text)
	})
}

// What could not be written as it was has become what can be, once and for all.
func TestHOCRSettles(t *testing.T) {
	trees := altoTrees()
	check := func(t *testing.T, text *ocr.Text) {
		t.Helper()
		once := parse(t, writeHOCR(t, text, pageInfo))
		equal(t, parse(t, writeHOCR(t, once, pageInfo)), once)
	}
	for _, text := range trees {
		check(t, text)
	}
	seeds(t, func(t *testing.T, r *rand.Rand) { check(t, wildTree(r)) })
}

// equal compares two trees; baselines, which are computed, to a millionth of a pixel.
func equal(t *testing.T, got, want *ocr.Text) {
	t.Helper()
	a, b := split(got), split(want)
	if !reflect.DeepEqual(a.tree, b.tree) || len(a.bases) != len(b.bases) {
		t.Errorf("got %s\nwant %s", a.json, b.json)
		return
	}
	for i := range a.bases {
		if math.Abs(a.bases[i]-b.bases[i]) > 1e-6 {
			t.Errorf("baseline %d: %v, want %v", i/4, a.bases[i], b.bases[i])
		}
	}
}

type parts struct {
	tree  *ocr.Text
	bases []float64
	json  []byte
}

// split takes the baselines out of a tree.
func split(text *ocr.Text) parts {
	var p parts
	p.json, _ = json.Marshal(text)
	p.tree = new(ocr.Text)
	json.Unmarshal(p.json, p.tree)
	for b := range p.tree.Blocks {
		for n := range p.tree.Blocks[b].Paragraphs {
			for i := range p.tree.Blocks[b].Paragraphs[n].Lines {
				l := &p.tree.Blocks[b].Paragraphs[n].Lines[i]
				p.bases = append(p.bases, l.Baseline.X0, l.Baseline.Y0, l.Baseline.X1, l.Baseline.Y1)
				l.Baseline = ocr.Baseline{}
			}
		}
	}
	return p
}

// Real pages too: what Tesseract wrote, written by us, reads as the same.
func TestHOCROfRealPages(t *testing.T) {
	scans := shared(t, "scans")
	dir := t.TempDir()
	var files, pages []string
	for _, c := range []struct {
		name    string
		options []string
	}{
		{"tesseract/phototest.tif", nil},
		{"tesseract/phototest-rotated-R.png", []string{"--psm", "1"}},
		{"tesseract/phototest-rotated-180.png", []string{"--psm", "1"}},
		{"tesseract/eurotext.tif", []string{"-l", "eng+deu+fra"}},
	} {
		text := parse(t, string(hocrOf(t, filepath.Join(scans, c.name), c.options...)))
		got := writeHOCR(t, text, pageInfo)
		equal(t, parse(t, got), text)
		files = append(files, save(t, dir, filepath.Base(c.name), got))
		pages = append(pages, save(t, dir, filepath.Base(c.name)+".page", writePAGE(t, text, pageInfo)))
		nested(t, writePAGE(t, text, pageInfo))
	}
	validateBy(t, shared(t, "schemas"), "page-2019-07-15.xsd", pages)
	wellFormed(t, files)
}

func TestHOCRIsWellFormed(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for name, text := range altoTrees() {
		files = append(files, save(t, dir, name, writeHOCR(t, text, Info{File: "\x00 <n&m>\n\xff\".tif", Number: 1})))
	}
	seeds(t, func(t *testing.T, r *rand.Rand) {
		files = append(files, save(t, dir, filepath.Base(t.Name()), writeHOCR(t, wildTree(r), pageInfo)))
	})
	wellFormed(t, files)
}

// wellFormed asks xmllint, which is stricter than encoding/xml.
func wellFormed(t *testing.T, files []string) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		missing(t, "xmllint is not installed: apt install libxml2-utils")
	}
	if out, err := exec.Command("xmllint", append([]string{"--nonet", "--noout"}, files...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestQuarters(t *testing.T) {
	for in, want := range map[int]int{0: 0, 90: 90, 180: 180, 270: 270, 360: 0, -90: 270, 7: 0, 91: 90, 359: 0} {
		if got := quarters(in); got != want {
			t.Errorf("quarters(%d) = %d, want %d", in, got, want)
		}
	}
}
