package bagit

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"recto/archive"
)

// damage is one thing done to a sound bag of ours, and how it must be found.
type damage struct {
	name, code, path string
	severity         archive.Severity
	do               func(t *testing.T, dir string)
}

func edit(file string, change func(string) string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		before := read(t, dir, file)
		after := change(before)
		if after == before {
			t.Fatalf("%s stayed as it was", file)
		}
		put(t, after, dir, file)
	}
}

func put(t *testing.T, content string, path ...string) {
	t.Helper()
	p := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(file string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
}

func link(target, file string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		os.Remove(filepath.Join(dir, file))
		if err := os.Symlink(target, filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
}

func replace(old, new string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, new, 1) }
}

func appended(tail string) func(string) string {
	return func(s string) string { return s + tail }
}

const (
	page   = "data/masters/0001.tif"
	text   = "data/text/0001.xml"
	some32 = "0123456789abcdef0123456789abcdef"
	some64 = some32 + some32
)

var damages = []damage{
	{"a changed byte", "digest-mismatch", page, "error", edit(page, replace("x", "y"))},
	{"a truncated file", "digest-mismatch", page, "error", edit(page, func(s string) string { return s[:len(s)-1] })},
	{"a truncated file and the oxum", "oxum-mismatch", "data", "error", edit(page, func(s string) string { return s[:1] })},
	{"a file emptied", "digest-mismatch", page, "error", edit(page, func(string) string { return "" })},
	{"a byte more", "digest-mismatch", page, "error", edit(page, appended("x"))},
	{"a missing file", "file-missing", page, "error", remove(page)},
	{"a file renamed", "file-unlisted", "data/masters/1.tif", "error", func(t *testing.T, dir string) {
		if err := os.Rename(filepath.Join(dir, page), filepath.Join(dir, "data/masters/1.tif")); err != nil {
			t.Fatal(err)
		}
	}},
	{"two files swapped", "digest-mismatch", text, "error", func(t *testing.T, dir string) {
		a, b := read(t, dir, page), read(t, dir, text)
		put(t, b, dir, page)
		put(t, a, dir, text)
	}},
	{"an extra file", "file-unlisted", "data/extra", "error", func(t *testing.T, dir string) { put(t, "", dir, "data/extra") }},
	{"an extra folder with a file", "file-unlisted", "data/new/deep/extra", "error", func(t *testing.T, dir string) { put(t, "x", dir, "data/new/deep/extra") }},
	{"an extra hidden file", "file-unlisted", "data/.DS_Store", "error", func(t *testing.T, dir string) { put(t, "", dir, "data/.DS_Store") }},
	{"an extra empty folder", "empty-folder", "data/new", "warning", func(t *testing.T, dir string) { os.Mkdir(filepath.Join(dir, "data/new"), 0o755) }},
	{"an extra tag file", "tag-unlisted", "notes.txt", "warning", func(t *testing.T, dir string) { put(t, "x", dir, "notes.txt") }},
	{"a file with a name that is not UTF-8", "file-unlisted", "data/%FF", "error", func(t *testing.T, dir string) { put(t, "x", dir, "data/\xff") }},
	{"a file become a folder", "not-a-file", page, "error", func(t *testing.T, dir string) { remove(page)(t, dir); os.Mkdir(filepath.Join(dir, page), 0o755) }},
	{"no payload folder", "payload-missing", "data", "error", func(t *testing.T, dir string) { os.RemoveAll(filepath.Join(dir, "data")) }},

	{"a changed digest", "digest-mismatch", text, "error", edit("manifest-sha256.txt", func(s string) string {
		if s[0] == '0' {
			return "1" + s[1:]
		}
		return "0" + s[1:]
	})},
	{"a changed manifest line", "digest-mismatch", "manifest-sha256.txt", "error", edit("manifest-sha256.txt", strings.ToUpper)},
	{"a manifest line gone", "file-unlisted", text, "error", edit("manifest-sha512.txt", func(s string) string { _, s, _ = strings.Cut(s, "\n"); return s })},
	{"a manifest line twice", "listed-twice", text, "error", edit("manifest-sha512.txt", func(s string) string { a, _, _ := strings.Cut(s, "\n"); return s + a + "\n" })},
	{"a manifest truncated", "manifest-syntax", "manifest-sha512.txt", "error", edit("manifest-sha512.txt", func(s string) string { return s[:len(s)-130] })},
	{"a manifest empty", "file-unlisted", page, "error", edit("manifest-sha512.txt", func(string) string { return "" })},
	{"a manifest removed", "file-missing", "manifest-sha512.txt", "error", remove("manifest-sha512.txt")},
	{"all manifests removed", "manifest-missing", "manifest-sha512.txt", "error", func(t *testing.T, dir string) {
		remove("manifest-sha512.txt")(t, dir)
		remove("manifest-sha256.txt")(t, dir)
	}},
	{"a manifest that is no text", "encoding", "manifest-sha256.txt", "error", edit("manifest-sha256.txt", func(string) string { return "\x80\xff\n" })},
	{"a manifest with a byte-order mark", "byte-order-mark", "manifest-sha256.txt", "error", edit("manifest-sha256.txt", func(s string) string { return "\uFEFF" + s })},
	{"a manifest of an algorithm unknown", "algorithm-unsupported", "manifest-whirlpool.txt", "warning", func(t *testing.T, dir string) {
		put(t, some64+"  "+page+"\n"+some64+"  "+text+"\n", dir, "manifest-whirlpool.txt")
	}},
	{"another manifest that lists less", "file-unlisted", page, "error", func(t *testing.T, dir string) {
		put(t, "1cb251ec0d568de6a929b520c4aed8d1  "+text+"\n", dir, "manifest-md5.txt")
	}},
	{"another manifest that differs", "digest-mismatch", page, "error", func(t *testing.T, dir string) {
		put(t, "1cb251ec0d568de6a929b520c4aed8d1  "+text+"\n"+some32+"  "+page+"\n", dir, "manifest-md5.txt")
	}},
	{"a path that climbs out", "path-unsafe", "manifest-sha256.txt", "error", edit("manifest-sha256.txt", appended(some64+"  data/../../secret\n"))},
	{"an encoded path that climbs", "path-outside", "manifest-sha256.txt", "error", edit("manifest-sha256.txt", appended(some64+"  %2e%2e/secret\n"))},
	{"a path with backslashes", "path-outside", "manifest-sha256.txt", "error", edit("manifest-sha256.txt", appended(some64+`  data\masters\0001.tif`+"\n"))},
	{"a path to a tag file", "path-outside", "manifest-sha256.txt", "error", edit("manifest-sha256.txt", appended(some64+"  bag-info.txt\n"))},

	{"a changed tag file", "digest-mismatch", "bag-info.txt", "error", edit("bag-info.txt", replace("Recto", "Verso"))},
	{"a missing tag file", "file-missing", "bag-info.txt", "error", remove("bag-info.txt")},
	{"a wrong oxum", "oxum-mismatch", "data", "error", edit("bag-info.txt", replace("Payload-Oxum: ", "Payload-Oxum: 1"))},
	{"an oxum that is none", "oxum-syntax", "bag-info.txt", "error", edit("bag-info.txt", replace("Payload-Oxum: ", "Payload-Oxum: about "))},
	{"an oxum twice", "info-repeated", "bag-info.txt", "error", edit("bag-info.txt", appended("payload-oxum: 0.0\n"))},
	{"an element without a colon", "info-syntax", "bag-info.txt", "error", edit("bag-info.txt", appended("no colon\n"))},
	{"white space before a colon", "info-syntax", "bag-info.txt", "error", edit("bag-info.txt", appended("Label : value\n"))},
	{"a date that is none", "info-date", "bag-info.txt", "warning", edit("bag-info.txt", replace("Bagging-Date: 2026-03", "Bagging-Date: 2026-13"))},
	{"bagit.txt removed", "declaration-missing", "bagit.txt", "error", remove("bagit.txt")},
	{"bagit.txt empty", "declaration-syntax", "bagit.txt", "error", edit("bagit.txt", func(string) string { return "" })},
	{"bagit.txt huge", "declaration-syntax", "bagit.txt", "error", edit("bagit.txt", appended(strings.Repeat("x", 1<<20)))},
	{"bagit.txt longer", "declaration-syntax", "bagit.txt", "error", edit("bagit.txt", appended("\n"))},
	{"bagit.txt with its lines swapped", "declaration-syntax", "bagit.txt", "error", edit("bagit.txt", func(string) string {
		return "Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 1.0\n"
	})},
	{"a version to come", "version-unsupported", "bagit.txt", "error", edit("bagit.txt", replace("1.0", "2.0"))},
	{"an encoding unknown", "encoding-unsupported", "bagit.txt", "error", edit("bagit.txt", replace("UTF-8", "KLINGON-8"))},
	{"a tag manifest removed", "tagmanifest-missing", "tagmanifest-sha256.txt", "warning", remove("tagmanifest-sha256.txt")},
	{"a tag manifest without a manifest", "manifest-untagged", "manifest-sha256.txt", "error", edit("tagmanifest-sha256.txt", func(s string) string {
		lines := strings.SplitAfter(s, "\n")
		return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, "manifest-sha256") }), "")
	})},
	{"a tag manifest that lists the payload", "path-payload", "tagmanifest-sha256.txt", "error", edit("tagmanifest-sha256.txt", appended(some64+"  "+page+"\n"))},

	{"a file still to be fetched", "not-fetched", page, "error", func(t *testing.T, dir string) {
		remove(page)(t, dir)
		put(t, "https://example.org/0001.tif - "+page+"\n", dir, "fetch.txt")
	}},
	{"fetch.txt lists what no manifest does", "fetch-unlisted", "fetch.txt", "error", func(t *testing.T, dir string) {
		put(t, "https://example.org/a 10 data/other\n", dir, "fetch.txt")
	}},
	{"fetch.txt leads out", "path-unsafe", "fetch.txt", "error", func(t *testing.T, dir string) {
		put(t, "https://example.org/a 10 data/../../x\n", dir, "fetch.txt")
	}},
	{"fetch.txt without a URL", "fetch-url", "fetch.txt", "error", func(t *testing.T, dir string) { put(t, "0001.tif 10 "+page+"\n", dir, "fetch.txt") }},
	{"fetch.txt with a local URL", "fetch-url-unsafe", "fetch.txt", "warning", func(t *testing.T, dir string) { put(t, "file:///etc/passwd - "+page+"\n", dir, "fetch.txt") }},
	{"fetch.txt with a wrong length", "fetch-length", page, "warning", func(t *testing.T, dir string) { put(t, "https://example.org/a 10 "+page+"\n", dir, "fetch.txt") }},
	{"fetch.txt with a length that is none", "fetch-syntax", "fetch.txt", "error", func(t *testing.T, dir string) { put(t, "https://example.org/a -5 "+page+"\n", dir, "fetch.txt") }},

	{"a link out of the bag", "link-outside", page, "error", link("/etc/passwd", page)},
	{"a link up and out", "link-outside", page, "error", link("../../../../etc/passwd", page)},
	{"a link to nothing", "link-broken", page, "error", link("nothing", page)},
	{"a link to itself", "link-outside", page, "error", link("0001.tif", page)},
	{"a link to a folder", "link-folder", "data/again", "warning", link(".", "data/again")},
	{"a manifest linked from outside", "link-outside", "manifest-sha256.txt", "error", link("/etc/passwd", "manifest-sha256.txt")},
	{"bagit.txt linked from outside", "link-outside", "bagit.txt", "error", link("/etc/passwd", "bagit.txt")},
	{"a named pipe", "not-a-file", page, "error", func(t *testing.T, dir string) {
		remove(page)(t, dir)
		if err := syscall.Mkfifo(filepath.Join(dir, page), 0o644); err != nil {
			t.Fatal(err)
		}
	}},
}

func TestDamageIsFound(t *testing.T) {
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			dir := write(t, member("text/0001.xml", "text"), member("masters/0001.tif", strings.Repeat("x", 300_000)))
			d.do(t, dir)
			findings := judge(t, dir)
			d.want(t, findings)
			if d.severity == archive.Error && archive.Valid(findings) {
				t.Error("accepted")
			}
		})
	}
}

// TestDamageIsFoundWithoutTagManifests sees to it that what is wrong in a tag file
// is found by what it says, and not only by its digest.
func TestDamageIsFoundWithoutTagManifests(t *testing.T) {
	for _, d := range damages {
		if strings.Contains(d.code, "tag") || d.code == "path-payload" ||
			!strings.HasPrefix(d.path, "data") && (d.code == "file-missing" || d.code == "digest-mismatch") {
			continue // only a tag manifest can tell
		}
		t.Run(d.name, func(t *testing.T) {
			dir := write(t, member("text/0001.xml", "text"), member("masters/0001.tif", strings.Repeat("x", 300_000)))
			remove("tagmanifest-sha256.txt")(t, dir)
			remove("tagmanifest-sha512.txt")(t, dir)
			if findings := judge(t, dir); !archive.Valid(findings) {
				t.Fatalf("tag manifests are optional: %+v", findings)
			}
			d.do(t, dir)
			findings := judge(t, dir)
			d.want(t, findings)
			if archive.Valid(findings) != (d.severity == archive.Warning) {
				t.Errorf("valid is wrong: %+v", findings)
			}
		})
	}
}

func (d damage) want(t *testing.T, findings []archive.Finding) {
	t.Helper()
	if !slices.ContainsFunc(findings, func(f archive.Finding) bool {
		return f.Code == "bagit-"+d.code && f.Path == d.path && f.Severity == d.severity && f.Message != "" && f.Remedy != ""
	}) {
		t.Errorf("no %s bagit-%s at %s in %+v", d.severity, d.code, d.path, findings)
	}
}

// TestEveryByte flips bits all over a small bag: none may go unseen.
func TestEveryByte(t *testing.T) {
	dir := write(t, member("a", "content"), member("b/c", "more"))
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		sound := read(t, path)
		for i := range len(sound) {
			b := []byte(sound)
			b[i] ^= 1 << (i % 8)
			put(t, string(b), path)
			findings := judge(t, dir)
			// A tag manifest vouches for the others and not for itself: the case of
			// a digest's letters, and the width of a separator, mean nothing.
			same := strings.HasPrefix(name, "tagmanifest-") && (strings.EqualFold(string(b), sound) || bytes.Equal(bytes.ReplaceAll(b, []byte("\t"), []byte(" ")), []byte(sound)))
			if archive.Valid(findings) && !same {
				t.Errorf("%s: byte %d flipped from %q to %q is not seen: %+v", name, i, sound[i], b[i], findings)
			}
		}
		put(t, sound, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if findings := judge(t, dir); len(findings) > 0 {
		t.Error(findings)
	}
}

func TestOlderVersions(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		codes []string // of errors
	}{
		"one manifest may list one file": {map[string]string{
			"bagit.txt":         "BagIt-Version : 0.97 \r\nTag-File-Character-Encoding:UTF-8",
			"data/a":            "text",
			"data/b":            "",
			"manifest-md5.txt":  "1cb251ec0d568de6a929b520c4aed8d1 data/a\r",
			"manifest-sha1.txt": "da39a3ee5e6b4b0d3255bfef95601890afd80709\tdata/b\r\n",
		}, nil},
		"names encode line ends only": {map[string]string{
			"bagit.txt":        "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n",
			"data/100%25":      "text",
			"data/a\nb":        "text",
			"manifest-md5.txt": "1cb251ec0d568de6a929b520c4aed8d1  data/100%25\n1cb251ec0d568de6a929b520c4aed8d1  data/a%0ab\n",
		}, nil},
		"package-info.txt": {map[string]string{
			"bagit.txt":        "BagIt-Version: 0.95\nTag-File-Character-Encoding: UTF-8\n",
			"data/a":           "text",
			"package-info.txt": "Payload-Oxum: 5.1\n",
			"manifest-md5.txt": "1cb251ec0d568de6a929b520c4aed8d1 data/a\n",
		}, []string{"bagit-oxum-mismatch"}},
		"md5sum with a backslash": {map[string]string{
			"bagit.txt":        "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n",
			`data/a\b`:         "text",
			"manifest-md5.txt": `\1cb251ec0d568de6a929b520c4aed8d1 *data/a\\b` + "\n",
		}, nil},
		"an algorithm unknown alone": {map[string]string{
			"bagit.txt":              "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
			"data/a":                 "text",
			"manifest-whirlpool.txt": some64 + " data/a\n",
		}, []string{"bagit-algorithm-unsupported"}},
		"an empty file twice, by case": {map[string]string{
			"bagit.txt":        "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n",
			"data/a":           "text",
			"manifest-md5.txt": "1cb251ec0d568de6a929b520c4aed8d1 data/a\n" + some32 + " data/A\n",
		}, []string{"bagit-file-missing"}},
		"a system file that is not empty": {map[string]string{
			"bagit.txt":        "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n",
			"data/a":           "text",
			"manifest-md5.txt": "1cb251ec0d568de6a929b520c4aed8d1 data/a\n" + some32 + " data/Thumbs.db\n",
		}, []string{"bagit-file-missing"}},
		"sha3 and sha224": {map[string]string{
			"bagit.txt":            "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
			"data/a":               "",
			"manifest-sha3256.txt": "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a data/a\n",
			"manifest-sha224.txt":  "D14A028C2A3A2BC9476102BB288234C415A2B01F828EA62AC5B3E42F data/a\n",
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range c.files {
				put(t, content, dir, file)
			}
			var codes []string
			for _, f := range judge(t, dir) {
				t.Logf("%+v", f)
				if f.Severity == archive.Error {
					codes = append(codes, f.Code)
				}
			}
			if !slices.Equal(codes, c.codes) {
				t.Errorf("errors %q, want %q", codes, c.codes)
			}
		})
	}
}

func TestHostileBags(t *testing.T) {
	t.Run("a line without end", func(t *testing.T) {
		dir := write(t, member("a", "x"))
		put(t, strings.Repeat("a", 5*maxLine), dir, "manifest-sha256.txt")
		if archive.Valid(judge(t, dir)) {
			t.Error("accepted")
		}
	})
	t.Run("more missing files than anyone wants to read", func(t *testing.T) {
		dir := write(t, member("a", "x"))
		var b strings.Builder
		for i := range 5 * maxFindings {
			b.WriteString(some64 + "  data/")
			b.WriteString(strings.Repeat("x", i%7) + string(rune('A'+i%26)) + strings.Repeat("y", i/26%200) + strings.Repeat("z", i/5200) + "\n")
		}
		put(t, b.String(), dir, "manifest-sha256.txt")
		if findings := judge(t, dir); archive.Valid(findings) || len(findings) > maxFindings+1 {
			t.Errorf("%d findings", len(findings))
		}
	})
	t.Run("folders without end", func(t *testing.T) {
		dir := write(t, member("a", "x"))
		root, err := os.OpenRoot(filepath.Join(dir, "data"))
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		for range maxDepth + 10 {
			if err := root.Mkdir("d", 0o755); err != nil {
				t.Fatal(err)
			}
			next, err := root.OpenRoot("d")
			if err != nil {
				t.Fatal(err)
			}
			root.Close()
			root = next
		}
		if archive.Valid(judge(t, dir)) {
			t.Error("accepted")
		}
	})
	t.Run("a value without end", func(t *testing.T) {
		dir := write(t, member("a", "x"))
		put(t, "Payload-Oxum: 1"+strings.Repeat("\n 1", maxLine), dir, "bag-info.txt")
		if archive.Valid(judge(t, dir)) {
			t.Error("accepted")
		}
	})
}

func TestNotABag(t *testing.T) {
	dir := t.TempDir()
	zip := filepath.Join(dir, "bag.zip")
	put(t, "PK\x03\x04", zip)
	findings, err := Validate(t.Context(), zip, nil)
	if err != nil || len(findings) != 1 || findings[0].Code != "bagit-serialised-not-supported" || archive.Valid(findings) {
		t.Errorf("%v %v", findings, err)
	}
	if _, err := Validate(t.Context(), filepath.Join(dir, "none"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if archive.Valid(judge(t, t.TempDir())) {
		t.Error("an empty folder is a valid bag")
	}
}

func TestValidateStopsAndCounts(t *testing.T) {
	dir := write(t, member("a", strings.Repeat("x", 3*chunk)), member("b", "y"))
	var last, total int64
	if _, err := Validate(t.Context(), dir, func(d, n int64) {
		if d < last {
			t.Errorf("%d after %d", d, last)
		}
		last, total = d, n
	}); err != nil || last != total || total <= 3*chunk {
		t.Errorf("%d of %d: %v", last, total, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if findings, err := Validate(ctx, dir, func(int64, int64) { cancel() }); !errors.Is(err, context.Canceled) || findings != nil {
		t.Errorf("%v %v", findings, err)
	}
}
