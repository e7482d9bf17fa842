package sane

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"recto/scan"
)

// The test binary is its own child.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "sane" {
		os.Exit(Main(os.Args[2:]))
	}
	if os.Getenv("GORACE") == "" {
		os.Setenv("GORACE", "atexit_sleep_ms=0") // a second each by default, and there are hundreds of children
	}
	code := m.Run()
	if backend != "" {
		os.RemoveAll(backend)
	}
	os.Exit(code)
}

// device makes SANE's own test device the only one there is, with these lines in its
// configuration, and gives a source of it.
func device(t testing.TB, c Config, lines ...string) *Source {
	t.Helper()
	if _, err := exec.LookPath("scanimage"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("scanimage is not installed: apt install sane-utils")
		}
		t.Skip("LEFT OUT: scanimage is not installed, and with it probably SANE's test device")
	}
	backends(t, "test", append([]string{"resolution_min 1.0", "resolution_max 1200.0", "resolution_quant 1.0", "resolution 50.0"}, lines...)...)
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	return New(c)
}

// backends configures SANE for this test alone.
func backends(t testing.TB, name string, lines ...string) string {
	t.Helper()
	dir := t.TempDir()
	for file, content := range map[string]string{"dll.conf": name, name + ".conf": strings.Join(lines, "\n")} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SANE_CONFIG_DIR", dir)
	return dir
}

// set makes settings of pairs: "mode", "Color", "depth", "8".
func set(pairs ...string) []scan.Setting {
	var all []scan.Setting
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, scan.Setting{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}
