package bagit

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"recto/archive"
)

// asNobody calls f with the file access of a user who is not root, who may do
// anything, on folders that this user can reach. That access belongs to a thread,
// which ends with its goroutine.
func asNobody(t *testing.T, dir string, f func()) {
	t.Helper()
	if err := os.Chmod(filepath.Dir(filepath.Dir(dir)), 0o755); err != nil { // t.TempDir's own is private
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		const nobody = 65534
		if os.Geteuid() == 0 {
			if _, err := unix.SetfsuidRetUid(nobody); err != nil {
				t.Errorf("setfsuid: %v", err)
				return
			}
		}
		f()
	}()
	<-done
}

func TestUnreadable(t *testing.T) {
	for _, path := range []string{page, "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha512.txt", "bagit.txt", "data/masters"} {
		dir := write(t, member("masters/0001.tif", "x"), member("text/0001.xml", "text"))
		if err := os.Chmod(filepath.Join(dir, path), 0); err != nil {
			t.Fatal(err)
		}
		var findings []archive.Finding
		asNobody(t, dir, func() {
			var err error
			if findings, err = Validate(t.Context(), dir, nil); err != nil {
				t.Error(err)
			}
		})
		if !slices.ContainsFunc(findings, func(f archive.Finding) bool {
			return f.Code == "bagit-unreadable" && f.Path == path && f.Severity == archive.Error
		}) {
			t.Errorf("%s: %+v", path, findings)
		}
		os.Chmod(filepath.Join(dir, path), 0o755)
	}
}

// FuzzValidate gives the validator tag files of any bytes. It must come back,
// with bounded findings, and never follow a path out of the bag.
func FuzzValidate(f *testing.F) {
	f.Add("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", some64+"  data/a\n", "Payload-Oxum: 1.1\n", "http://x - data/a\n")
	f.Add("BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-16\n", "\xfe\xff\x00a\x00 \x00b", "\xff\xfea\x00", "")
	f.Add("BagIt-Version : 0.93\rTag-File-Character-Encoding:ISO-8859-1", `\`+some64+` *./data/\n%0a`, "A:\n\tb\n :", "a b c")
	f.Add("BagIt-Version: 0.96\nTag-File-Character-Encoding: ISO-2022-JP\n", some64+"  ../../../etc/passwd\n", " x", "file:///etc/passwd 1 /etc/passwd")
	f.Fuzz(func(t *testing.T, declared, manifest, info, fetch string) {
		dir := t.TempDir()
		put(t, declared, dir, "bagit.txt")
		put(t, manifest, dir, "manifest-sha256.txt")
		put(t, info, dir, "bag-info.txt")
		put(t, fetch, dir, "fetch.txt")
		put(t, "a", dir, "data", "a")
		if err := os.Symlink("/etc/passwd", filepath.Join(dir, "data", "out")); err != nil {
			t.Fatal(err)
		}
		if archive.Valid(judge(t, dir)) {
			t.Error("a bag with a link out of it is valid")
		}
	})
}

// FuzzNames checks that a name that Write takes comes back from the manifest.
func FuzzNames(f *testing.F) {
	for _, m := range slices.Concat(odd, percents) {
		f.Add(m.Name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if portable(name) != nil {
			return
		}
		encoded := percent.Replace(name)
		if strings.ContainsAny(encoded, "\r\n") || decode(encoded, latest) != name {
			t.Errorf("%q is written as %q and read as %q", name, encoded, decode(encoded, latest))
		}
		if danger("data/"+name) != "" {
			t.Errorf("%q is taken and not read", name)
		}
	})
}
