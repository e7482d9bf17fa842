package ocr

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// missing skips a test for want of a tool or material, which CI must have.
func missing(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// real gives the bytes of an installed model.
func real(t *testing.T, name string) []byte {
	t.Helper()
	dir, _, err := Models()
	if err != nil {
		missing(t, err.Error())
	}
	b, err := os.ReadFile(ModelFile(dir, name))
	if err != nil {
		missing(t, err.Error())
	}
	return b
}

// put writes a model into a folder.
func put(t *testing.T, dir, name string, b []byte) string {
	t.Helper()
	file := ModelFile(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// floating changes a model that counts in integers into one that says of itself that it
// does not.
func floating(t *testing.T, b []byte) []byte {
	t.Helper()
	b = slices.Clone(b)
	end := int64(binary.LittleEndian.Uint64(b[4+8*(networkPart+1):]))
	b[end-28] &^= 1
	return b
}

// joined makes one model of the parts of two.
func namesJoined(t *testing.T, a, b []byte) []byte {
	t.Helper()
	const parts = 24
	split := func(model []byte) [parts][]byte {
		var out [parts][]byte
		end := int64(len(model))
		for i := int(model[0]) - 1; i >= 0; i-- { // their number may be smaller
			if o := int64(binary.LittleEndian.Uint64(model[4+8*i:])); o != -1 {
				out[i], end = model[o:end], o
			}
		}
		return out
	}
	pa, pb := split(a), split(b)
	head, body := binary.LittleEndian.AppendUint32(nil, parts), []byte{}
	for i := range parts {
		p := pa[i]
		if p == nil {
			p = pb[i]
		}
		if p == nil {
			head = binary.LittleEndian.AppendUint64(head, ^uint64(0))
			continue
		}
		head = binary.LittleEndian.AppendUint64(head, uint64(4+8*parts+len(body)))
		body = append(body, p...)
	}
	return append(head, body...)
}

func TestInspect(t *testing.T) {
	eng, osd := real(t, "eng"), real(t, "osd")
	dir := t.TempDir()
	for name, c := range map[string]struct {
		b    []byte
		kind Kind
	}{
		"eng":  {eng, FastKind},
		"osd":  {osd, LegacyKind},
		"best": {floating(t, eng), BestKind},
		"both": {namesJoined(t, eng, osd), LegacyFastKind},
		"old":  {namesJoined(t, floating(t, eng), osd), LegacyBestKind},
		"zip":  {[]byte("PK\x03\x04 and so on"), UnknownKind},
	} {
		file := put(t, dir, name, c.b)
		got, err := Inspect(name, file)
		if err != nil || got.Kind != c.kind {
			t.Errorf("%s: %+v, %v, want %s", name, got, err, c.kind)
		}
		if name == "zip" {
			continue
		}
		// Tesseract's own tool says the same.
		tool, err := exec.LookPath("combine_tessdata")
		if err != nil {
			missing(t, "combine_tessdata is not installed: apt install tesseract-ocr")
		}
		parts, _ := exec.Command(tool, "-d", file).CombinedOutput()
		network, _ := exec.Command(tool, "-l", file).CombinedOutput()
		version, _, _ := strings.Cut(strings.TrimPrefix(string(parts), "Version:"), "\n")
		if version == "Pre-4.0.0" { // its word for none
			version = ""
		}
		var theirs Kind
		switch shapes := strings.Contains(string(parts), ":inttemp:"); {
		case shapes && strings.Contains(string(network), "int_mode=1"):
			theirs = LegacyFastKind
		case shapes && strings.Contains(string(network), "int_mode=0"):
			theirs = LegacyBestKind
		case shapes:
			theirs = LegacyKind
		case strings.Contains(string(network), "int_mode=1"):
			theirs = FastKind
		case strings.Contains(string(network), "int_mode=0"):
			theirs = BestKind
		}
		if theirs != c.kind || got.Version != version {
			t.Errorf("%s: combine_tessdata says %q and %q, we %q and %q", name, theirs, version, c.kind, got.Version)
		}
	}
}

// Nothing that is installed is taken for damaged.
func TestInstalledModelsAreWhole(t *testing.T) {
	dir, names, err := Models()
	if err != nil {
		missing(t, err.Error())
	}
	for _, name := range names {
		got, err := Inspect(name, ModelFile(dir, name))
		if err != nil || got.Kind == UnknownKind {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Whatever is missing at the end of a model is seen, as far as a part is cut.
func TestInspectDamaged(t *testing.T) {
	eng := real(t, "eng")
	dir := t.TempDir()
	head := int64(4 + 8*24)
	network := int64(binary.LittleEndian.Uint64(eng[4+8*(networkPart+1):]))
	swap := func(part int, offset int64) []byte {
		b := slices.Clone(eng)
		binary.LittleEndian.PutUint64(b[4+8*part:], uint64(offset))
		return b
	}
	for name, b := range map[string][]byte{
		"empty":           nil,
		"byte":            eng[:1],
		"half table":      eng[:100],
		"table":           eng[:head],
		"part of network": eng[:network/2],
		"half":            eng[:len(eng)/2],
		"without version": eng[:len(eng)-100],
		"zeros":           make([]byte, len(eng)),
		"text":            []byte(strings.Repeat("no model ", 1000)),
		"html":            []byte("<!DOCTYPE html><html><body>404: not found</body></html>"),
		"parts crossed":   swap(networkPart, network+5000000),
		"part in table":   swap(networkPart, 10),
		"negative":        swap(networkPart, -2),
		"no recogniser":   swap(networkPart, -1),
		"network moved":   swap(networkPart+1, network-5),
	} {
		file := put(t, dir, name, b)
		_, err := Inspect(name, file)
		var m *ModelError
		if !errors.Is(err, ErrDamagedModel) || !errors.As(err, &m) || m.Name != name || m.File != file {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !strings.Contains(err.Error(), file) || !strings.Contains(m.Remedy(), file) {
			t.Errorf("%s: error %q, remedy %q", name, err, m.Remedy())
		}
	}
	if _, err := Inspect("dir", dir); !errors.Is(err, ErrDamagedModel) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Inspect("none", filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// as runs f with the rights of another user over files, which root can have.
func as(t *testing.T, user int, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "only root can act as another user")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := syscall.Setfsuid(user); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setfsuid(0)
	f()
}

func TestUnreadableModel(t *testing.T) {
	dir := t.TempDir()
	file := put(t, dir, "eng", real(t, "eng"))
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(file, 0o600)); err != nil {
		t.Fatal(err)
	}
	check := func() {
		_, hashed := HashModel("eng", file)
		for _, err := range []error{(Library{dir}).Check([]string{"eng"}), hashed} {
			var m *ModelError
			if !errors.Is(err, fs.ErrPermission) || !errors.As(err, &m) || !strings.Contains(m.Remedy(), "right to read") {
				t.Errorf("error %v", err)
			}
		}
	}
	if os.Geteuid() == 0 {
		as(t, 65534, check)
		return
	}
	if err := os.Chmod(file, 0); err != nil {
		t.Fatal(err)
	}
	check()
}

func TestLibrary(t *testing.T) {
	eng, osd := real(t, "eng"), real(t, "osd")
	system, best, above := t.TempDir(), t.TempDir(), t.TempDir()
	put(t, system, "eng", eng)
	put(t, system, "deu", eng)
	put(t, system, "osd", osd)
	put(t, best, "eng", floating(t, eng))
	put(t, best, "deu", eng[:len(eng)/2])
	put(t, filepath.Join(above, "tessdata"), "script/Fraktur", eng)
	t.Setenv("TESSDATA_PREFIX", system)
	t.Setenv(ModelFolders, strings.Join([]string{best, "", above, best + "/"}, string(filepath.ListSeparator)))

	l, err := Installed()
	if want := (Library{best, filepath.Join(above, "tessdata"), system}); err != nil || !slices.Equal(l, want) {
		t.Fatalf("Installed() = %q, %v, want %q", l, err, want)
	}
	if got, want := l.Names(), []string{"deu", "eng", "script/Fraktur"}; !slices.Equal(got, want) {
		t.Errorf("names %q", got)
	}
	for name, want := range map[string]string{"eng": best, "script/Fraktur": l[1], "osd": system, "fra": "", "../eng": ""} {
		if got := l.Dir(name); got != want {
			t.Errorf("%s is taken from %q, want %q", name, got, want)
		}
	}
	if err := l.Check([]string{"eng", "script/Fraktur", "osd"}); err != nil {
		t.Error(err)
	}
	// The damaged one is not passed over for the whole one behind it.
	if err := l.Check([]string{"eng", "deu"}); !errors.Is(err, ErrDamagedModel) || !strings.Contains(err.Error(), best) {
		t.Errorf("damaged: %v", err)
	}
	for what, spoil := range map[string]func(file string) error{
		"a folder":          func(f string) error { return os.Mkdir(f, 0o755) },
		"a link to nowhere": func(f string) error { return os.Symlink("nowhere", f) },
		"a pipe":            func(f string) error { return syscall.Mkfifo(f, 0o600) },
		"an empty file":     func(f string) error { return os.WriteFile(f, nil, 0o644) },
	} {
		file := ModelFile(best, "osd")
		if err := spoil(file); err != nil {
			t.Fatal(err)
		}
		var m *ModelError
		if err := l.Check([]string{"osd"}); !errors.As(err, &m) || m.File != file {
			t.Errorf("%s: %v", what, err)
		}
		if i := slices.IndexFunc(l.List(), func(e Entry) bool { return e.Dir == best && e.Name == "osd" }); i < 0 || l.List()[i].Err == nil {
			t.Errorf("%s is not listed as damaged", what)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	var lack *MissingLanguageError
	if err := l.Check([]string{"fra", "eng", "spa", "fra"}); !errors.As(err, &lack) || !slices.Equal(lack.Names, []string{"fra", "spa"}) {
		t.Errorf("missing: %v", err)
	} else {
		for _, dir := range l {
			if !strings.Contains(err.Error(), dir) {
				t.Errorf("%q does not say that it looked in %s", err, dir)
			}
		}
	}

	sum := sha256.Sum256(eng)
	var got []string
	for _, e := range l.List() {
		got = append(got, fmt.Sprintf("%s %s %s %v %v", filepath.Base(e.Dir), e.Name, e.Kind, e.Hidden, e.Err != nil))
		if e.Dir == system && e.Name == "eng" && (e.SHA256 != hex.EncodeToString(sum[:]) || e.Size != int64(len(eng)) || e.Version == "") {
			t.Errorf("%+v", e)
		}
	}
	want := []string{
		filepath.Base(best) + " deu  false true",
		filepath.Base(best) + " eng best false false",
		"tessdata script/Fraktur fast false false",
		filepath.Base(system) + " deu fast true false",
		filepath.Base(system) + " eng fast true false",
		filepath.Base(system) + " osd legacy false false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestFurtherFoldersOfNoUse(t *testing.T) {
	t.Setenv("TESSDATA_PREFIX", tessdata(t, "eng"))
	file := put(t, t.TempDir(), "eng", nil)
	for name, c := range map[string]struct {
		dir string
		err error
	}{
		"not there": {filepath.Join(t.TempDir(), "none"), fs.ErrNotExist},
		"empty":     {t.TempDir(), ErrNoModels},
		"a file":    {file, syscall.ENOTDIR},
	} {
		t.Setenv(ModelFolders, c.dir)
		l, err := Installed()
		var f *FolderError
		if l != nil || !errors.Is(err, c.err) || !errors.As(err, &f) || f.Dir != c.dir {
			t.Fatalf("%s: %q, %v", name, l, err)
		}
		if !strings.Contains(err.Error(), c.dir) || !strings.Contains(f.Remedy(), ModelFolders) {
			t.Errorf("%s: error %q, remedy %q", name, err, f.Remedy())
		}
	}
	// Further folders are enough, and none at all is no error of theirs.
	t.Setenv("TESSDATA_PREFIX", t.TempDir())
	dir := tessdata(t, "deu")
	t.Setenv(ModelFolders, dir)
	if l, err := Installed(); err != nil || !slices.Equal(l, Library{dir}) {
		t.Errorf("only further folders: %q, %v", l, err)
	}
	t.Setenv(ModelFolders, "")
	if _, err := Installed(); !errors.Is(err, ErrNoModels) {
		t.Errorf("no folder: %v", err)
	}
}

// A file that has become another is hashed anew, one that stays is not read again.
func TestHashModel(t *testing.T) {
	dir := t.TempDir()
	file := put(t, dir, "eng", []byte("one"))
	when := time.Now().Add(-time.Hour)
	sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	touch := func(when time.Time) {
		if err := os.Chtimes(file, when, when); err != nil {
			t.Fatal(err)
		}
	}
	touch(when)
	if got, err := HashModel("eng", file); err != nil || got != sum("one") {
		t.Errorf("first: %q, %v", got, err)
	}
	put(t, dir, "eng", []byte("two"))
	touch(when) // as if nothing had happened: this is what the cache goes by
	if got, err := HashModel("eng", file); err != nil || got != sum("one") {
		t.Errorf("an unchanged file was read again: %q, %v", got, err)
	}
	touch(when.Add(time.Second))
	if got, err := HashModel("eng", file); err != nil || got != sum("two") {
		t.Errorf("changed: %q, %v", got, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := HashModel("eng", file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed: %v", err)
	}
}

// A folder that goes away after it was found is told, and neither that the model is not
// installed nor is the next folder's of the same name taken for it.
func TestFurtherFolderGoesAway(t *testing.T) {
	dir, whole := t.TempDir(), real(t, "eng")
	put(t, dir, "eng", whole)
	put(t, dir, "qqq", whole)
	t.Setenv("TESSDATA_PREFIX", tessdata(t, "eng"))
	t.Setenv(ModelFolders, dir)
	l, err := Installed()
	if err != nil || l.Check([]string{"eng", "qqq"}) != nil {
		t.Fatalf("%q, %v, %v", l, err, l.Check([]string{"eng", "qqq"}))
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"eng", "qqq"} {
		var f *FolderError
		if err := l.Check([]string{name}); !errors.As(err, &f) || f.Dir != dir {
			t.Errorf("%s: %v", name, err)
		}
	}
}
