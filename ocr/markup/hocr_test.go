package markup

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"recto/ocr"
)

// onPage puts hOCR elements on a page of 1000 by 500 pixels.
func onPage(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html><head><title></title><meta name='ocr-system' content='tesseract' /></head><body>
<div class='ocr_page' title='image "a;b &amp; c.png"; bbox 0 0 1000 500; ppageno 0; scan_res 300 300'>` + body + `</div></body></html>`
}

func parse(t *testing.T, hocr string) *ocr.Text {
	t.Helper()
	text, err := ParseHOCR([]byte(hocr))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestParseHOCR(t *testing.T) {
	got := parse(t, onPage(`
<div class='ocr_photo' title="bbox 0 0 10 10"></div>
<div class='ocr_separator' title="bbox 0 0 10 10"></div>
<div class='ocr_carea' title="bbox 10 20 300 100">
 <p class='ocr_par' lang='deu' title="bbox 10 20 300 100">
  <span class='ocr_header' title="bbox 10 20 300 60; baseline 0.01 -8; x_size 40.5; x_descenders 8; x_ascenders 10">
   <span class='ocrx_word' title='bbox 10 20 90 60; x_wconf 96'>Gr&#252;&szlig;e</span>
   <span class='ocrx_word' title='bbox 100 20 200 60; x_wconf 50' lang='eng'><strong>&lt;<em>R&amp;D</em>&gt;</strong></span>
  </span>
  <span class='ocr_line' title="bbox 10 60 300 100; x_size 40"><span class='ocrx_word' title='bbox 10 60 90 100; x_wconf 7'>&quot;x&#39;</span></span>
 </p>
</div>`))
	want := &ocr.Text{
		Size: image.Pt(1000, 500), DPI: 300,
		Blocks: []ocr.Block{{Box: image.Rect(10, 20, 300, 100), Paragraphs: []ocr.Paragraph{{
			Box: image.Rect(10, 20, 300, 100), Language: "deu",
			Lines: []ocr.Line{{
				Box: image.Rect(10, 20, 300, 60), XSize: 40.5, Baseline: ocr.Baseline{X0: 10, Y0: 52, X1: 300, Y1: 54.9},
				Words: []ocr.Word{
					{Box: image.Rect(10, 20, 90, 60), Text: "Grüße", Confidence: 0.96},
					{Box: image.Rect(100, 20, 200, 60), Text: "<R&D>", Confidence: 0.5, Language: "eng"},
				},
			}, {
				Box: image.Rect(10, 60, 300, 100), XSize: 40,
				Words: []ocr.Word{{Box: image.Rect(10, 60, 90, 100), Text: `"x'`, Confidence: 0.07}},
			}},
		}}}},
	}
	if !reflect.DeepEqual(got, want) {
		g, _ := json.MarshalIndent(got, "", " ")
		w, _ := json.MarshalIndent(want, "", " ")
		t.Errorf("got %s\nwant %s", g, w)
	}
}

func TestParseHOCRWithoutText(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":      "",
		"picture":      `<div class='ocr_photo' title="bbox 0 0 10 10"></div>`,
		"empty levels": `<div class='ocr_carea'><p class='ocr_par'><span class='ocr_line'></span></p></div>`,
		"white space":  `<span class='ocr_line'><span class='ocrx_word'> &#160; </span></span>`,
		"control":      "<span class='ocr_line'><span class='ocrx_word'>&#1;\x02</span></span>",
		"loose text":   "text that is in no word",
	} {
		if text := parse(t, onPage(body)); len(text.Blocks) != 0 || text.Size != image.Pt(1000, 500) {
			t.Errorf("%s: %+v", name, text)
		}
	}
}

func TestParseHOCRRightToLeft(t *testing.T) {
	text := parse(t, onPage(`<div class='ocr_carea'><p class='ocr_par' dir='rtl' lang='heb'>
<span class='ocr_line' title='bbox 10 10 200 40; baseline 0 -5'>
<span class='ocrx_word' dir='rtl' title='bbox 150 10 200 40'>שלום</span><span class='ocrx_word' title='bbox 10 10 140 40'>עולם</span></span></p></div>`))
	p := text.Blocks[0].Paragraphs[0]
	if !p.RTL || p.Language != "heb" {
		t.Errorf("paragraph %+v", p)
	}
	if got := text.Plain(); got != "שלום עולם\n" {
		t.Errorf("order: %q", got)
	}
	if want := (ocr.Baseline{X0: 10, Y0: 35, X1: 200, Y1: 35}); p.Lines[0].Baseline != want {
		t.Errorf("baseline %v, want %v", p.Lines[0].Baseline, want)
	}
}

// The lines are 200 pixels long and as thick as each case says; letters are 40
// high, 10 of that below the baseline.
func TestBaseline(t *testing.T) {
	for _, c := range []struct {
		name, title string
		turn        int
		want        ocr.Baseline
	}{
		{"level", "bbox 100 100 300 140; baseline 0 -10", 0, ocr.Baseline{X0: 100, Y0: 130, X1: 300, Y1: 130}},
		{"rising", "bbox 100 100 300 140; baseline -0.1 -5", 0, ocr.Baseline{X0: 100, Y0: 135, X1: 300, Y1: 115}},
		{"constant", "bbox 100 100 300 140; baseline -10", 0, ocr.Baseline{X0: 100, Y0: 130, X1: 300, Y1: 130}},
		{"none", "bbox 100 100 300 140", 0, ocr.Baseline{}},
		{"no box", "baseline 0 -10", 0, ocr.Baseline{}},
		{"absurd", "bbox 100 100 300 140; baseline 0 9999", 0, ocr.Baseline{}},
		{"steep", "bbox 100 100 300 140; baseline 5 0", 0, ocr.Baseline{}},
		{"90", "bbox 100 100 140 300; textangle 90; x_size 40; x_descenders 10", 90, ocr.Baseline{X0: 130, Y0: 300, X1: 130, Y1: 100}},
		{"180", "bbox 100 100 300 140; textangle 180; x_size 40; x_descenders 10", 180, ocr.Baseline{X0: 300, Y0: 110, X1: 100, Y1: 110}},
		{"270", "bbox 100 100 140 300; textangle 270; x_size 40; x_descenders 10", 270, ocr.Baseline{X0: 110, Y0: 100, X1: 110, Y1: 300}},
		{"-90", "bbox 100 100 140 300; textangle -90; x_size 40; x_descenders 10", 270, ocr.Baseline{X0: 110, Y0: 100, X1: 110, Y1: 300}},
		{"90 without descenders", "bbox 110 100 140 300; textangle 90; x_size 40; x_descenders 10", 90, ocr.Baseline{X0: 140, Y0: 300, X1: 140, Y1: 100}},
		{"90 thick", "bbox 90 100 150 300; textangle 90; x_size 40; x_descenders 10", 90, ocr.Baseline{X0: 140, Y0: 300, X1: 140, Y1: 100}},
		{"90 without sizes", "bbox 100 100 140 300; textangle 90", 90, ocr.Baseline{X0: 140, Y0: 300, X1: 140, Y1: 100}},
		{"360", "bbox 100 100 300 140; textangle 360; baseline 0 -10", 0, ocr.Baseline{X0: 100, Y0: 130, X1: 300, Y1: 130}},
		{"slightly turned", "bbox 100 100 300 140; textangle 7; baseline 0 -10", 0, ocr.Baseline{X0: 100, Y0: 130, X1: 300, Y1: 130}},
	} {
		text := parse(t, onPage(fmt.Sprintf(`<span class='ocr_line' title='%s'><span class='ocrx_word' title='bbox 100 100 110 110'>x</span></span>`, c.title)))
		l := text.Blocks[0].Paragraphs[0].Lines[0]
		if l.Turn != c.turn || l.Baseline != c.want {
			t.Errorf("%s: turn %d, baseline %v, want %d, %v", c.name, l.Turn, l.Baseline, c.turn, c.want)
		}
	}
}

// Each case is one word, whatever is wrong around it.
func TestParseHOCRTolerates(t *testing.T) {
	box := image.Rect(10, 10, 50, 30)
	for name, body := range map[string]string{
		"word alone":         `<span class='ocrx_word' title='bbox 10 10 50 30; x_wconf 90'>word</span>`,
		"line alone":         `<span class='ocr_line'><span class='ocrx_word' title='bbox 10 10 50 30; x_wconf 90'>word</span></span>`,
		"no quotes":          `<span class=ocr_line><span class=ocrx_word title="bbox 10 10 50 30;x_wconf 90">word`,
		"nothing closed":     `<div class='ocr_carea'><p class='ocr_par'><span class='ocr_line'><span class='ocrx_word' title='bbox 10 10 50 30; x_wconf 90'>word`,
		"stray ends":         `</b></p><span class='ocrx_word' title='bbox 10 10 50 30; x_wconf 90'></i>word</span></span></div>`,
		"several classes":    `<span class='x ocrx_word y' title='bbox 10 10 50 30; x_wconf 90'>word</span>`,
		"upper case":         `<SPAN CLASS='ocrx_word' TITLE='BBOX 10 10 50 30; X_WCONF 90'>word</SPAN>`,
		"box of the line":    `<span class='ocr_line' title='bbox 10 10 50 30'><span class='ocrx_word' title='bbox 50 30 10 10; x_wconf 90'>word</span></span>`,
		"box not numbers":    `<span class='ocr_line' title='bbox 10 10 50 30'><span class='ocrx_word' title='bbox a b c d; x_wconf 90'>word</span></span>`,
		"box of NaN":         `<span class='ocr_line' title='bbox 10 10 50 30'><span class='ocrx_word' title='bbox NaN 1 Inf 1e300; x_wconf 90'>word</span></span>`,
		"box off the page":   `<span class='ocr_line' title='bbox 10 10 50 30'><span class='ocrx_word' title='bbox 5000 5000 5010 5010; x_wconf 90'>word</span></span>`,
		"fractions":          `<span class='ocrx_word' title='bbox 10.0 10.2 50.0 30.9; x_wconf 90.0'>word</span>`,
		"doubled properties": `<span class='ocrx_word' title=';;bbox 10 10 50 30;;x_wconf 90;bbox'>word</span>`,
		"marked up":          `<span class='ocrx_word' title='bbox 10 10 50 30; x_wconf 90'><span class='ocrx_cinfo'>wo</span><br><i>rd</i><!-- x --></span>`,
		"spaces inside":      "<span class='ocrx_word' title='bbox 10 10 50 30; x_wconf 90'>\n word\t</span>",
		"unknown class":      `<section class='ocr_chapter'><span class='ocrx_word' title='bbox 10 10 50 30; x_wconf 90'>word</span></section>`,
		"empty neighbours":   `<span class='ocr_line'><span class='ocrx_word'> </span><span class='ocrx_word' title='bbox 10 10 50 30; x_wconf 90'>word</span></span>`,
		"control characters": "<span class='ocrx_word' title='bbox 10 10 50 30; x_wconf 90'>wo\x01\u0086r\x7fd</span>",
	} {
		text := parse(t, onPage(body))
		var words []ocr.Word
		for w := range text.Words {
			words = append(words, *w)
		}
		want := ocr.Word{Box: box, Text: "word", Confidence: 0.9}
		if len(words) != 1 || words[0] != want {
			t.Errorf("%s: words %+v", name, words)
			continue
		}
		b := text.Blocks[0]
		for _, got := range []image.Rectangle{b.Box, b.Paragraphs[0].Box, b.Paragraphs[0].Lines[0].Box} {
			if got != box {
				t.Errorf("%s: box %v, want %v", name, got, box)
			}
		}
	}
}

func TestParseHOCRText(t *testing.T) {
	for in, want := range map[string]string{
		"e\u0301":             "é",
		"a\xffb":              "a\uFFFDb",
		"&#x10FFFF;&#xD800;":  "\U0010FFFF\uFFFD",
		"\u05E9\u200Fx":       "\u05E9\u200Fx", // marks of direction stay
		"می\u200Cخواهم":       "می\u200Cخواهم",
		"&nbsp;a&nbsp; b":     "a b",
		"👩\u200D🚀":            "👩\u200D🚀",
		"&amp;lt;&bogus;&amp": "&lt;&bogus;&",
		"soft\u00AD":          "soft\u00AD",
	} {
		text := parse(t, onPage("<span class='ocrx_word'>"+in+"</span>"))
		if got := text.Plain(); got != want+"\n" {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestParseHOCRConfidence(t *testing.T) {
	for in, want := range map[string]float64{"96": 0.96, "-5": 0, "250": 1, "NaN": 0, "x": 0, "": 0} {
		text := parse(t, onPage("<span class='ocrx_word' title='x_wconf "+in+"'>x</span>"))
		if got := text.Confidence(); math.Abs(got-want) > 1e-9 {
			t.Errorf("x_wconf %q: %v, want %v", in, got, want)
		}
	}
}

func TestParseHOCRErrors(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":   "",
		"no page":   "<html><body><span class='ocrx_word'>x</span></body></html>",
		"text":      "no mark-up at all",
		"binary":    "\x00\x01\x02\xff",
		"two pages": onPage("") + onPage(""),
	} {
		if text, err := ParseHOCR([]byte(in)); text != nil || !errors.Is(err, ErrHOCR) {
			t.Errorf("%s: %v, %v", name, text, err)
		}
	}
}

// A depth or a number of elements that nobody prints must not take long.
func TestParseHOCRHostile(t *testing.T) {
	const n = 200_000
	for name, body := range map[string]string{
		"deep":       strings.Repeat("<b>", n) + "<span class='ocrx_word'>x</span>",
		"stray ends": strings.Repeat("<i>", 60) + strings.Repeat("</b>", n),
		"words":      strings.Repeat("<span class='ocrx_word'>x", n),
		"classes":    "<span class='" + strings.Repeat("ocrx_word ", n) + "'>x</span>",
		"properties": "<span class='ocrx_word' title='" + strings.Repeat("bbox 1 1 2 2;", n) + "'>x</span>",
	} {
		if _, err := ParseHOCR([]byte(onPage(body))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseHOCR(f *testing.F) {
	f.Add([]byte(onPage("")))
	f.Add([]byte(onPage(`<div class='ocr_carea' title="bbox 1 2 3 4"><p class='ocr_par' dir='rtl' lang='deu'><span class='ocr_line' title="bbox 10 20 30 40; baseline 0.1 -2; textangle 180; x_size 9; x_descenders 2"><span class='ocrx_word' title='bbox 1 2 3 4; x_wconf 9'>x&amp;-</span></span><span class='ocr_caption'><span class='ocrx_word'>y</span></span></p></div>`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, err := ParseHOCR(b)
		if err != nil {
			if !errors.Is(err, ErrHOCR) {
				t.Fatal(err)
			}
			return
		}
		frame := image.Rectangle{Max: text.Size}
		for w := range text.Words {
			if w.Text == "" || !utf8.ValidString(w.Text) || w.Confidence < 0 || w.Confidence > 1 {
				t.Fatalf("word %+v", w)
			}
			if !frame.Empty() && !w.Box.In(frame) {
				t.Fatalf("word %+v outside %v", w, frame)
			}
		}
		checkXML(t, text, Info{File: "a", Number: 1})
	})
}
