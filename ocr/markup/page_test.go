package markup

import (
	"bytes"
	"errors"
	"image"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recto/ocr"
)

var noon = time.Date(2024, 2, 29, 12, 0, 0, 5e8, time.FixedZone("", 3600))

var pageInfo = Info{File: "page-0001.tif", Identifier: "0190", Number: 7, Preparation: "orient 90°", Settings: "mode 3", Creator: "Recto 1", Time: noon}

// writePAGE gives the PAGE of a tree, written twice alike.
func writePAGE(t *testing.T, text *ocr.Text, i Info) string {
	t.Helper()
	var a, b bytes.Buffer
	if err := errors.Join(PAGE(&a, text, i), PAGE(&b, text, i)); err != nil {
		t.Fatal(err)
	}
	if a.String() != b.String() {
		t.Error("the same tree gave different files")
	}
	return a.String()
}

func TestPAGE(t *testing.T) {
	text := onePage(lines("The Archi-", "vist reads"), lines("No-", "Where und"))
	text.Models = []ocr.Model{{Name: "eng", SHA256: "00ff"}}
	text.Blocks[0].Paragraphs[1].Language = "frk"
	text.Blocks[0].Paragraphs[1].Lines[1].Words[1].Language = "deu"
	text.Blocks[0].Paragraphs[1].Lines[1].Words[0].Language = "grc" // the schema has no name for it
	text.Blocks[0].Paragraphs[1].RTL = true
	got := writePAGE(t, text, pageInfo)
	for _, want := range []string{
		`<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"`,
		`<Metadata externalRef="0190">`,
		`<Creator>Recto 1</Creator>`,
		`<Created>2024-02-29T11:00:00.5Z</Created>`,
		`<LastChange>2024-02-29T11:00:00.5Z</LastChange>`,
		`<MetadataItem type="processingStep" name="preparation" value="orient 90°">`,
		`<MetadataItem type="processingStep" name="recognition" value="Tesseract 5.3.0">`,
		`<Label type="languages" value="eng+deu+frk">`,
		`<Label type="settings" value="mode 3">`,
		`<Label type="model" value="eng sha256:00ff">`,
		`<Page imageFilename="page-0001.tif" imageWidth="1000" imageHeight="800" imageXResolution="300" imageYResolution="300" imageResolutionUnit="PPI" ` +
			`primaryLanguage="English" secondaryLanguage="German" primaryScript="Latn - Latin" secondaryScript="Latf - Latin (Fraktur variant)" conf="0.915">`,
		`<RegionRefIndexed index="0" regionRef="region_1">`,
		`<RegionRefIndexed index="1" regionRef="region_2">`,
		`<TextRegion id="region_1" type="paragraph">`,
		`<TextRegion id="region_2" type="paragraph" readingDirection="right-to-left" primaryLanguage="German" primaryScript="Latf - Latin (Fraktur variant)">`,
		`<Coords points="10,0 500,0 500,200 10,200">`,
		`<Baseline points="10,24 500,25">`,
		`<Unicode>The Archi-</Unicode>`,
		`<Unicode>Archi-</Unicode>`,
		"<Unicode>The Archi-&#xA;vist reads</Unicode>",
		`primaryScript="Latn - Latin">`,
		`language="other"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
	// "und" is in German as its paragraph is, but not in Fraktur.
	if !regexp.MustCompile(`<Word id="word_7" primaryScript="Latn - Latin">`).MatchString(got) {
		t.Error("the last word's script is not said")
	}
	if t.Failed() {
		t.Log(got)
	}
}

func TestPAGETurnedLines(t *testing.T) {
	l := lines("up", "turned", "turned too", "down")
	l[1].Turn, l[2].Turn, l[3].Turn = 90, 90, 270
	got := writePAGE(t, onePage(l), pageInfo)
	if strings.Count(got, "<TextRegion ") != 3 || strings.Count(got, `orientation="90"`) != 1 || strings.Count(got, `orientation="-90"`) != 1 {
		t.Error(got)
	}
}

func TestPAGERefuses(t *testing.T) {
	if err := PAGE(io.Discard, nil, pageInfo); err == nil {
		t.Error("no text gave no error")
	}
	full := errors.New("disk full")
	if err := PAGE(failing{full}, onePage(), pageInfo); !errors.Is(err, full) {
		t.Errorf("a writer's error became %v", err)
	}
	for _, when := range []time.Time{{}, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)} {
		var b bytes.Buffer
		if err := PAGE(&b, onePage(), Info{Time: when}); !errors.Is(err, ErrTime) || b.Len() > 0 {
			t.Errorf("%v: %v and %d bytes", when, err, b.Len())
		}
		if err := PAGE(&b, onePage(), Info{Time: noon, Changed: when}); !when.IsZero() && !errors.Is(err, ErrTime) {
			t.Errorf("changed %v: %v", when, err)
		}
	}
}

func TestPAGEIsValid(t *testing.T) {
	schemas := shared(t, "schemas")
	dir := t.TempDir()
	info := Info{File: "\x00 <n&m>\n\xff.tif", Identifier: "0190-<&>", Preparation: "\x01 deskew <1.30°>", Settings: "&", Creator: "\x00", Time: noon, Changed: noon.Add(time.Hour)}
	var files []string
	for name, text := range altoTrees() {
		files = append(files, save(t, dir, name, writePAGE(t, text, info)))
	}
	validateBy(t, schemas, "page-2019-07-15.xsd", files)
}

// Both formats stay valid whatever the tree holds, and likely trees keep PAGE's rule
// that no point lies outside of what is around it.
func TestGeneratedTreesAreValid(t *testing.T) {
	schemas := shared(t, "schemas")
	dir := t.TempDir()
	var pages, altos []string
	seeds(t, func(t *testing.T, r *rand.Rand) {
		for kind, text := range map[string]*ocr.Text{"likely": likelyTree(r), "wild": wildTree(r)} {
			name := filepath.Base(t.Name()) + kind
			page := writePAGE(t, text, pageInfo)
			pages = append(pages, save(t, dir, name+".page", page))
			altos = append(altos, save(t, dir, name+".alto", write(t, text, pageInfo)))
			nested(t, page)
		}
	})
	validateBy(t, schemas, "page-2019-07-15.xsd", pages)
	validateBy(t, schemas, "alto-4.4.xsd", altos)
}

func save(t *testing.T, dir, name, content string) string {
	t.Helper()
	file := filepath.Join(dir, name+".xml")
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

var outline = regexp.MustCompile(`<(/?)(Page|TextRegion|TextLine|Word)\b|<Coords points="(\d+),(\d+) \d+,\d+ (\d+),(\d+) |imageWidth="(\d+)" imageHeight="(\d+)"`)

// nested tells whether each outline lies in the one around it.
func nested(t *testing.T, page string) {
	t.Helper()
	var around []image.Rectangle
	for _, m := range outline.FindAllStringSubmatch(page, -1) {
		n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v }
		switch {
		case m[2] != "" && m[1] == "":
			around = append(around, image.Rectangle{})
		case m[2] != "":
			around = around[:len(around)-1]
		case m[7] != "":
			around[len(around)-1] = image.Rect(0, 0, n(7), n(8))
		default:
			box, outer := image.Rect(n(3), n(4), n(5), n(6)), around[len(around)-2]
			around[len(around)-1] = box
			if box.Min.X < outer.Min.X || box.Min.Y < outer.Min.Y || box.Max.X > outer.Max.X || box.Max.Y > outer.Max.Y {
				t.Errorf("%v is not in %v", box, outer)
			}
		}
	}
}

// The names must be the schema's own.
func TestPAGENamesAreTheSchemas(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(shared(t, "schemas"), "page-2019-07-15.xsd"))
	if err != nil {
		t.Fatal(err)
	}
	values := func(name string) []string {
		_, after, _ := strings.Cut(string(b), `<simpleType name="`+name+`">`)
		part, _, _ := strings.Cut(after, "</simpleType>")
		var out []string
		for _, m := range regexp.MustCompile(`enumeration value="([^"]*)"`).FindAllStringSubmatch(part, -1) {
			out = append(out, m[1])
		}
		return out
	}
	languages, scripts := values("LanguageSimpleType"), values("ScriptSimpleType")
	if len(languages) < 100 || len(scripts) < 100 {
		t.Fatal("the schema's lists were not found")
	}
	used := map[string]bool{}
	for code, name := range pageLanguages {
		used[name] = true
		if !slices.Contains(languages, name) {
			t.Errorf("%s: %q is no language of the schema", code, name)
		}
	}
	for _, name := range languages {
		// These are Khmer and Punjabi once more.
		if !used[name] && !slices.Contains([]string{"other", "Cambodian", "Panjabi"}, name) {
			t.Errorf("no code has the language %q", name)
		}
	}
	for code, name := range pageScripts {
		if !slices.Contains(scripts, name) || !strings.HasPrefix(name, code+" - ") {
			t.Errorf("%s: %q is no script of the schema", code, name)
		}
	}
}

func TestSpeech(t *testing.T) {
	for name, want := range map[string]tongue{
		"":               {},
		"und":            {},
		"osd":            {},
		"<>":             {},
		"eng":            {"English", "Latn - Latin"},
		"frk":            {"German", "Latf - Latin (Fraktur variant)"},
		"deu_latf":       {"German", "Latf - Latin (Fraktur variant)"},
		"dan_frak":       {"Danish", "Latf - Latin (Fraktur variant)"},
		"script/Fraktur": {"", "Latf - Latin (Fraktur variant)"},
		"script/Latin":   {"", "Latn - Latin"},
		"script/Hangul":  {"Korean", "Kore - Korean (alias for Hangul + Han)"},
		"heb":            {"Hebrew", "Hebr - Hebrew"},
		"yid":            {"Yiddish", "Hebr - Hebrew"},
		"hin":            {"Hindi", "Deva - Devanagari (Nagari)"},
		"chi_sim_vert":   {"Chinese", "Hans - Han (Simplified variant)"},
		"chi_tra":        {"Chinese", "Hant - Han (Traditional variant)"},
		"jpn":            {"Japanese", "Jpan - Japanese"},
		"nor":            {"Norwegian", "Latn - Latin"},
		"tgl":            {"Tagalog", ""},
		"srp_latn":       {"Serbian", "Latn - Latin"},
		"rus":            {"Russian", "Cyrl - Cyrillic"},
		"grc":            {"other", ""}, // its script is guessed wrong
	} {
		if got := speech(name); got != want {
			t.Errorf("speech(%q) = %q, want %q", name, got, want)
		}
	}
}
