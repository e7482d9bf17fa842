package main

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"recto/archive/archivetest"
)

// TestRealScans digitises every real scan there is, in its language. No page may
// be lost, every PDF must be PDF/A-2u for veraPDF and sound for qpdf, every ALTO
// file valid, and pdftotext must find the words that the text file has.
func TestRealScans(t *testing.T) {
	if testing.Short() {
		t.Skip("all real scans take minutes")
	}
	scans := shared(t, "scans")
	dir := t.TempDir()
	byLang := map[string][]string{}
	kinds := map[string]string{}
	var langs []string
	for _, row := range manifest(t, scans) {
		lang := row["language"]
		if lang == "" {
			lang = "eng"
		}
		if len(byLang[lang]) == 0 {
			langs = append(langs, lang)
		}
		byLang[lang] = append(byLang[lang], filepath.Join(scans, row["path"]))
		kinds[filepath.Join(scans, row["path"])] = row["kind"]
	}
	slices.Sort(langs)
	archive, out := filepath.Join(dir, "archive"), filepath.Join(dir, "out")
	var pdfs, altos []string
	pages := 0
	for _, lang := range langs {
		args := append([]string{"digitise", "--archive", archive, "--each", "--lang", lang, "--out", out}, byLang[lang]...)
		a := recto(t, args...).want(t, 0)
		docs := a.list(t, "documents")
		if len(docs) != len(byLang[lang]) {
			t.Fatalf("%s: %d documents of %d scans", lang, len(docs), len(byLang[lang]))
		}
		for i, d := range docs {
			d, ok := d.(map[string]any)
			if !ok {
				t.Errorf("%s came to nothing", byLang[lang][i])
				continue
			}
			for _, p := range d["pages"].([]any) {
				pages++
				p := p.(map[string]any)
				if p["source"] != byLang[lang][i] {
					t.Errorf("page of %v in the document of %s", p["source"], byLang[lang][i])
				}
				// Separator files hold empty pages too, and nobody wrote down which.
				if kind := kinds[byLang[lang][i]]; kind != "separator" && (kind == "blank") != (p["state"] == "blank") {
					t.Errorf("%v, a %s page, is %v", p["source"], kind, p["state"])
				}
			}
		}
		for _, f := range a.list(t, "files") {
			switch filepath.Ext(f.(string)) {
			case ".pdf":
				pdfs = append(pdfs, f.(string))
			case ".xml":
				altos = append(altos, f.(string))
			}
		}
	}
	if len(altos) != pages {
		t.Errorf("%d ALTO files of %d pages", len(altos), pages)
	}
	archivetest.VeraPDF(t, "2u", pdfs...)
	archivetest.Qpdf(t, pdfs...)
	validALTO(t, altos)
	for _, pdf := range pdfs {
		got, err := exec.Command(tool(t, "pdftotext"), pdf, "-").Output()
		if err != nil {
			t.Errorf("%s: %v", pdf, err)
		}
		// Letters, not words: pdftotext joins and parts words on curved lines.
		want, have := letters(read(t, strings.TrimSuffix(pdf, ".pdf")+".txt")), letters(got)
		missing, all := 0, 0
		for r, n := range want {
			all += n
			missing += max(0, n-have[r])
		}
		if missing*100 > all {
			t.Errorf("%s: pdftotext does not see %d of %d letters", filepath.Base(pdf), missing, all)
		}
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
	t.Logf("%d scans, %d pages", len(pdfs), pages)
}

// letters counts all that is no white space.
func letters(b []byte) map[rune]int {
	n := map[rune]int{}
	for _, r := range string(b) {
		if !unicode.IsSpace(r) {
			n[r]++
		}
	}
	return n
}

// manifest reads the table of the real scans.
func manifest(t *testing.T, scans string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(scans, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// validALTO judges files by the official schema.
func validALTO(t *testing.T, files []string) {
	t.Helper()
	schemas := shared(t, "schemas")
	cmd := exec.Command(tool(t, "xmllint"), append([]string{"--nonet", "--noout", "--schema", filepath.Join(schemas, "alto-4.4.xsd")}, files...)...)
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(schemas, "catalog.xml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(string(out), "\n")
		t.Errorf("ALTO: %v\n%s", err, strings.Join(lines[:min(len(lines), 20)], "\n"))
	}
}
