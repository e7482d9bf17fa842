package ocr

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tessdata makes a folder with empty models of these names.
func tessdata(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		file := ModelFile(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestModelsByEnvironment(t *testing.T) {
	dir := tessdata(t, "deu", "eng", "osd", "equ", "script/Fraktur", "backup/eng", "not a name")
	want := []string{"deu", "eng", "script/Fraktur"}

	t.Setenv("TESSDATA_PREFIX", dir)
	got, names, err := Models()
	if err != nil || got != dir || !slices.Equal(names, want) {
		t.Errorf("Models() = %q, %q, %v, want %q in %q", got, names, err, want, dir)
	}

	above := t.TempDir()
	if err := os.Symlink(dir, filepath.Join(above, "tessdata")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TESSDATA_PREFIX", above+"/")
	got, names, err = Models()
	if err != nil || got != filepath.Join(above, "tessdata") || !slices.Equal(names, want) {
		t.Errorf("folder above: Models() = %q, %q, %v", got, names, err)
	}
}

func TestNoModels(t *testing.T) {
	for name, prefix := range map[string]string{
		"empty folder": t.TempDir(),
		"no folder":    filepath.Join(t.TempDir(), "none"),
		"only osd":     tessdata(t, "osd"),
	} {
		t.Setenv("TESSDATA_PREFIX", prefix)
		dir, names, err := Models()
		var none *NoModelsError
		if !errors.Is(err, ErrNoModels) || !errors.As(err, &none) || dir != "" || names != nil {
			t.Fatalf("%s: Models() = %q, %q, %v", name, dir, names, err)
		}
		if !strings.Contains(err.Error(), prefix) || !strings.Contains(none.Remedy(), "apt install") {
			t.Errorf("%s: error %q, remedy %q", name, err, none.Remedy())
		}
	}
}

func TestFindTakesTheFirstWithModels(t *testing.T) {
	odd := filepath.Join(t.TempDir(), "odd [name]*")
	if err := os.Rename(tessdata(t, "fra"), odd); err != nil {
		t.Fatal(err)
	}
	dir, names, err := find([]string{"/nowhere", t.TempDir(), odd, tessdata(t, "eng")})
	if err != nil || dir != odd || !slices.Equal(names, []string{"fra"}) {
		t.Errorf("find = %q, %q, %v", dir, names, err)
	}
}

func TestVersionOrder(t *testing.T) {
	if !(version("5") > version("4.00") && version("10") > version("5") && version("4.00") > version("share") && version("NaN") < 0) {
		t.Error("versions of the data folder are not ordered by number")
	}
}

func TestParseLanguages(t *testing.T) {
	for in, want := range map[string][]string{
		"eng":                    {"eng"},
		"eng+deu":                {"eng", "deu"},
		" eng + deu ":            {"eng", "deu"},
		"eng+deu+eng":            {"eng", "deu"},
		"chi_sim+script/Fraktur": {"chi_sim", "script/Fraktur"},
		"":                       nil,
		"eng+":                   nil,
		"eng,deu":                nil,
		"~eng":                   nil,
		"../eng":                 nil,
		"/etc/passwd":            nil,
		"a/b/c":                  nil,
		"eng\x00":                nil,
		"e\nng":                  nil,
		"dëu":                    nil,
		"-l":                     nil,
	} {
		got, err := ParseLanguages(in)
		if !slices.Equal(got, want) || (want == nil) != errors.Is(err, ErrLanguageName) {
			t.Errorf("ParseLanguages(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestMissing(t *testing.T) {
	dir := tessdata(t, "eng", "script/Fraktur")
	got := Missing(dir, []string{"eng", "deu", "script/Fraktur", "osd", "../eng"})
	if want := []string{"deu", "osd", "../eng"}; !slices.Equal(got, want) {
		t.Errorf("Missing = %q, want %q", got, want)
	}
}

func TestMissingLanguageRemedy(t *testing.T) {
	for _, c := range []struct{ names, want string }{
		{"deu", "Install it: apt install tesseract-ocr-deu."},
		{"osd", "Install it: apt install tesseract-ocr-osd."},
		{"xyz", "Put xyz.traineddata into /usr/share/data."}, // no language, so no package
		{"chi_sim frk", "Install it: apt install tesseract-ocr-chi-sim tesseract-ocr-frk."},
		{"script/Fraktur", "Install it: apt install tesseract-ocr-script-frak."},
		{"script/HanS_vert", "Install it: apt install tesseract-ocr-script-hans-vert."},
		{"GT4HistOCR", "Put GT4HistOCR.traineddata into /usr/share/data."},
		{"script/Klingon deu", "Install it: apt install tesseract-ocr-deu. Put script/Klingon.traineddata into /usr/share/data."},
	} {
		err := error(&MissingLanguageError{Names: strings.Fields(c.names), Dir: "/usr/share/data"})
		var missing *MissingLanguageError
		if !errors.Is(err, ErrMissingLanguage) || !errors.As(err, &missing) {
			t.Fatalf("%v is not ErrMissingLanguage", err)
		}
		if got := missing.Remedy(); got != c.want {
			t.Errorf("%s: remedy %q, want %q", c.names, got, c.want)
		}
	}
	// Packages put nothing into a folder of one's own.
	own := &MissingLanguageError{Names: []string{"deu"}, Dir: "/home/models"}
	if got := own.Remedy(); got != "Put deu.traineddata into /home/models." {
		t.Errorf("remedy %q", got)
	}
}

func TestBCP47(t *testing.T) {
	for name, want := range map[string]string{
		"deu": "de", "eng": "en", "heb": "he", "grc": "grc", "kmr": "kmr", "fil": "fil",
		"frk": "de-Latf", "deu_latf": "de-Latf", "deu_frak": "de-Latf",
		"chi_sim": "zh-Hans", "chi_tra_vert": "zh-Hant", "jpn_vert": "ja",
		"srp_latn": "sr-Latn", "uzb_cyrl": "uz-Cyrl", "ita_old": "it", "kur_ara": "ku-Arab",
		"script/Fraktur": "und-Latf", "Fraktur": "und-Latf", "script/HanT_vert": "zh-Hant",
		"script/Canadian_Aboriginal": "und-Cans", "script/Vietnamese": "vi",
		"osd": "und", "equ": "und", "": "und", "GT4HistOCR": "und", "xyz": "und", "en": "und", "best/eng": "und",
	} {
		if got := BCP47(name); got != want {
			t.Errorf("BCP47(%q) = %q, want %q", name, got, want)
		}
	}
	language := regexp.MustCompile(`^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$`) // xsd:language
	for name, s := range scripts {
		if !language.MatchString(s.tag) || DebianPackage("script/"+name) != "tesseract-ocr-script-"+s.debian {
			t.Errorf("script %s: %+v", name, s)
		}
	}
}

func TestBlackletter(t *testing.T) {
	all := []string{"dan_frak", "deu", "deu_latf", "eng", "frk", "rus", "script/Fraktur"}
	for _, c := range []struct {
		languages, installed []string
		want                 string
	}{
		{[]string{"deu"}, all, "deu_latf"},
		{[]string{"eng", "deu"}, []string{"deu", "eng", "frk"}, "frk"},
		{[]string{"dan"}, all, "dan_frak"},
		{[]string{"eng"}, all, "script/Fraktur"},
		{[]string{"eng"}, []string{"eng", "frk"}, ""}, // German words would come of it
		{[]string{"rus"}, all, ""},
		{[]string{"deu", "frk"}, all, ""},
		{[]string{"script/Fraktur"}, all, ""},
		{[]string{"deu"}, []string{"deu"}, ""},
		{nil, all, ""},
	} {
		if got := Blackletter(c.languages, c.installed); got != c.want {
			t.Errorf("%v with %v: %q, want %q", c.languages, c.installed, got, c.want)
		}
	}
}
