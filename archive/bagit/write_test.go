package bagit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"recto/archive"
	"recto/scan"
)

var day = time.Date(2026, 3, 1, 23, 30, 0, 0, time.FixedZone("", -5*3600))

func info() Info {
	return Info{Date: day, Agent: "Recto test", Organization: "Archive of Ærø", Identifier: "0195-doc",
		Description: strings.Repeat("Letters, bound in two volumes; ", 9) + "end",
		Extra:       []Field{{"Internal-Sender-Identifier", "box 7\r\nBagging-Date: 1066-10-14"}, {"Bag-Count", ""}}}
}

// member is a file of the given content.
func member(name, content string) archive.Member {
	return archive.Member{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

func each(members ...archive.Member) iter.Seq2[archive.Member, error] {
	return func(yield func(archive.Member, error) bool) {
		for _, m := range members {
			if !yield(m, nil) {
				return
			}
		}
	}
}

// odd are names that a bag must carry: some file systems and tools trip over them.
var odd = []archive.Member{
	member("masters/0001.tif", strings.Repeat("II*\x00", 100_000)),
	member("masters/0002.tif", ""),
	member("with space and  two.txt", "a"),
	member("Ærøskøbing/日本語/Núñez \U0001F4DC.xml", "b"),
	member("decomposed/Nu\u0301n\u0303ez.txt", "c"),
	member("line\nfeed.txt", "d"),
	member("carriage\rreturn.txt", "e"),
	member("-rf", "f"),
	member("#comment.txt", "g"),
	member(".hidden/.keep", ""),
	member("data/data.txt", "h"),
	member("bagit.txt", "i"),
	member("manifest-sha256.txt", "j"),
	member(" leading space", "k"),
	member("dir1/~tilde.txt", "l"),
	member("équipe'&$(x);!=+,@[]{}^`.txt", "m"),
	member("no-break\u00A0space.txt", "n"),
	member("עברית.txt", "o"),
}

// percents are right by RFC 8493, 2.1.3, and beyond bagit-python 1.9.0, which
// decodes no %25.
var percents = []archive.Member{
	member("100%.txt", "p"),
	member("%0A.txt", "q"),
	member("a%2525.txt", "r"),
	member("% \n%0d\r%.txt", "s"),
}

func write(t *testing.T, members ...archive.Member) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bag")
	if _, err := Write(t.Context(), dir, info(), each(members...)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func judge(t *testing.T, dir string) []archive.Finding {
	t.Helper()
	findings, err := Validate(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWriteIsValid(t *testing.T) {
	all := slices.Concat(odd, percents)
	dir := write(t, all...)
	if findings := judge(t, dir); len(findings) != 0 {
		t.Errorf("%+v", findings)
	}
	for _, m := range all {
		in, _ := m.Open()
		want, _ := io.ReadAll(in)
		if got := read(t, dir, "data", m.Name); got != string(want) {
			t.Errorf("%q holds %d bytes, want %d", m.Name, len(got), len(want))
		}
	}
	for _, want := range []string{"  data/line%0Afeed.txt\n", "  data/100%25.txt\n", "  data/%250A.txt\n"} {
		if !strings.Contains(read(t, dir, "manifest-sha512.txt"), want) {
			t.Errorf("the manifest lacks %q", want)
		}
	}
	if !Is(dir) || Is(filepath.Dir(dir)) {
		t.Error("Is")
	}
}

func TestWriteTwiceIsEqual(t *testing.T) {
	a, b := write(t, odd...), write(t, odd...)
	for _, name := range []string{"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sha512.txt", "tagmanifest-sha256.txt", "tagmanifest-sha512.txt"} {
		if read(t, a, name) != read(t, b, name) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bag")
	made, err := Write(t.Context(), dir, info(), each(member("a", "12345"), member("b/c", "67")))
	if err != nil {
		t.Fatal(err)
	}
	want := archive.Made{Files: 2, Bytes: 7, Manifest: fixityOf(read(t, dir, "tagmanifest-sha256.txt")).SHA256}
	if made != want {
		t.Errorf("%+v, want %+v", made, want)
	}
}

func TestEmptyBag(t *testing.T) {
	if findings := judge(t, write(t)); len(findings) != 0 {
		t.Errorf("%+v", findings)
	}
}

func TestBagInfo(t *testing.T) {
	dir := write(t, member("a", "12345"))
	text := read(t, dir, "bag-info.txt")
	for l := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(l, "\n")); n > 79 {
			t.Errorf("%d characters in %q", n, l)
		}
	}
	var got []Field
	if err := elements(strings.NewReader(text), nil, func(e element) {
		if e.fault != "" || e.blank {
			t.Errorf("%+v", e)
		}
		got = append(got, Field{e.label, e.value})
	}); err != nil {
		t.Fatal(err)
	}
	want := []Field{
		{"Source-Organization", "Archive of Ærø"}, {"External-Identifier", "0195-doc"},
		{"External-Description", info().Description}, {"Bagging-Date", "2026-03-01"}, {"Bag-Size", "5 B"},
		{"Payload-Oxum", "5.1"}, {"Bag-Software-Agent", "Recto test"},
		{"Internal-Sender-Identifier", "box 7 Bagging-Date: 1066-10-14"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestInfoRefused(t *testing.T) {
	for name, change := range map[string]func(*Info){
		"no date":          func(i *Info) { i.Date = time.Time{} },
		"computed label":   func(i *Info) { i.Extra = []Field{{"payload-OXUM", "1.1"}} },
		"empty label":      func(i *Info) { i.Extra = []Field{{"", "x"}} },
		"colon":            func(i *Info) { i.Extra = []Field{{"a:b", "x"}} },
		"line end":         func(i *Info) { i.Extra = []Field{{"a\nb", "x"}} },
		"white space ends": func(i *Info) { i.Extra = []Field{{" a", "x"}} },
	} {
		i := info()
		change(&i)
		dir := filepath.Join(t.TempDir(), "bag")
		if _, err := Write(t.Context(), dir, i, each()); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: something was written", name)
		}
	}
}

func TestSizeForPeople(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 KB", 999_949: "999.9 KB", 999_960: "1.0 MB", 42_600_000_000: "42.6 GB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestNamesRefused(t *testing.T) {
	for _, names := range [][]string{
		{""}, {"/etc/passwd"}, {"../x"}, {"a/../../x"}, {"a/.."}, {"~/x"}, {"~root/x"}, {"a//b"}, {"a/"}, {"./a"}, {"a/./b"},
		{"C:/x"}, {"c:x"}, {`\\server\x`}, {`a\b`}, {"a:b"}, {"a?"}, {"a*"}, {"a|b"}, {`a"b`}, {"<a>"}, {"nul"}, {"x/Con.txt"}, {"COM1.tar.gz"}, {"lpt9 .x"},
		{"a."}, {"a "}, {"a /b"}, {"tab\tx"}, {"line\u2028separator"}, {"no-break space\u00A0"}, {"ends\n"}, {"nul\x00"}, {"\xff"}, {strings.Repeat("x", 256)},
		{"a", "a"}, {"a", "A"}, {"x/a", "X/b"}, {"Nu\u0301n\u0303ez", "Núñez"}, {"STRASSE", "straße"}, {"a", "a/b"}, {"a/b", "a"},
	} {
		dir := filepath.Join(t.TempDir(), "bag")
		var members []archive.Member
		for _, n := range names {
			members = append(members, member(n, "x"))
		}
		if _, err := Write(t.Context(), dir, info(), each(members...)); !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", names, err)
		}
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: something was left", names)
		}
	}
	for _, name := range []string{"console", "com10", "COM", "null.txt", "a~", "..a", "a..b", "...b"} {
		if err := portable(name); err != nil {
			t.Error(err)
		}
	}
}

func TestKnownFixity(t *testing.T) {
	right := fixityOf("content")
	for name, c := range map[string]struct {
		known scan.Fixity
		ok    bool
	}{
		"right":        {right, true},
		"upper case":   {scan.Fixity{SHA256: strings.ToUpper(right.SHA256), SHA512: right.SHA512, Size: 7}, true},
		"one digest":   {scan.Fixity{SHA256: right.SHA256, Size: 7}, true},
		"wrong sha256": {scan.Fixity{SHA256: right.SHA512[:64], SHA512: right.SHA512, Size: 7}, false},
		"wrong sha512": {scan.Fixity{SHA256: right.SHA256, SHA512: right.SHA256 + right.SHA256, Size: 7}, false},
		"wrong size":   {scan.Fixity{SHA256: right.SHA256, SHA512: right.SHA512, Size: 8}, false},
	} {
		m := member("a", "content")
		m.Fixity = &c.known
		dir := filepath.Join(t.TempDir(), "bag")
		_, err := Write(t.Context(), dir, info(), each(member("0", "x"), m))
		if c.ok != (err == nil) || !c.ok && !errors.Is(err, scan.ErrChanged) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Lstat(dir); c.ok != (err == nil) {
			t.Errorf("%s: the folder: %v", name, err)
		}
	}
}

func TestWriteFails(t *testing.T) {
	boom := errors.New("boom")
	cancelled, cancel := context.WithCancel(t.Context())
	for name, c := range map[string]struct {
		ctx     context.Context
		members iter.Seq2[archive.Member, error]
		want    error
	}{
		"cannot be opened": {t.Context(), each(archive.Member{Name: "a", Open: func() (io.ReadCloser, error) { return nil, boom }}), boom},
		"cannot be read": {t.Context(), each(archive.Member{Name: "a", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), failing{boom})), nil
		}}), boom},
		"no next member": {t.Context(), func(yield func(archive.Member, error) bool) {
			_ = yield(member("a", "x"), nil) && yield(archive.Member{}, boom)
		}, boom},
		"cancelled": {cancelled, each(member("a", "x"), archive.Member{Name: "b", Open: func() (io.ReadCloser, error) {
			cancel()
			return io.NopCloser(bytes.NewReader(make([]byte, 10<<20))), nil
		}}), context.Canceled},
	} {
		dir := filepath.Join(t.TempDir(), "bag")
		if made, err := Write(c.ctx, dir, info(), c.members); !errors.Is(err, c.want) || made != (archive.Made{}) {
			t.Errorf("%s: %+v %v", name, made, err)
		}
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: something was left", name)
		}
	}
	taken := t.TempDir()
	if _, err := Write(t.Context(), taken, info(), each()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("taken: %v", err)
	}
	if _, err := os.Stat(taken); err != nil {
		t.Error("a folder that was there is gone")
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
