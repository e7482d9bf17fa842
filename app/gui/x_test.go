package gui

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"recto/app/job"
	"recto/app/workbench"
	"recto/scan"
)

// TestMain is also the window itself, on an archive in memory, where the tests
// below start it on a real display. To look at it:
//
//	go test -c -tags x11,no_animations,sqlite_fts5 -o window ./app/gui && GUI_TEST_WINDOW=5000 ./window
func TestMain(m *testing.M) {
	pages, err := strconv.Atoi(os.Getenv("GUI_TEST_WINDOW"))
	if err != nil {
		os.Exit(m.Run())
	}
	batches := 100
	if pages == 0 {
		batches = 0
	}
	core := newFake(batches, pages)
	core.dir, core.slow = os.TempDir(), 100*time.Millisecond
	cfg := Config{Version: "test", Operator: "M. Keeper", Explain: fakeExplain, Doctor: func(context.Context) []workbench.Check { return nil }, StateFile: os.Getenv("GUI_TEST_STATE"), Archive: core.dir,
		Open: func(_ context.Context, dir string, _ bool) (Core, error) {
			if os.Getenv("GUI_TEST_FAIL") != "" {
				return nil, fmt.Errorf("%s: %w", dir, scan.ErrNoSpace)
			}
			return core, nil
		},
		New: func(context.Context, string) error { return nil }}
	if os.Getenv("GUI_TEST_WELCOME") != "" {
		cfg.Archive = ""
	}
	if err := Run(cfg); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// display is a window on a virtual display of its own, driven with keys from
// outside.
type display struct {
	t     *testing.T
	name  string // ":71"
	state string // file
	log   *bytes.Buffer
}

// needTool skips, or fails in CI, where a program is missing.
func needTool(t *testing.T, names ...string) {
	t.Helper()
	for _, n := range names {
		if _, err := exec.LookPath(n); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is missing: apt install xvfb xdotool matchbox-window-manager", n)
			}
			t.Skipf("%s is missing: apt install xvfb xdotool matchbox-window-manager", n)
		}
	}
}

// newDisplay starts Xvfb, a window manager and command with the environment given.
func newDisplay(t *testing.T, command string, env ...string) *display {
	t.Helper()
	if testing.Short() {
		t.Skip("a real window is slow: not with -short")
	}
	needTool(t, "Xvfb", "xdotool", "matchbox-window-manager")
	dir := t.TempDir()
	d := &display{t: t, state: filepath.Join(dir, "state.json"), log: &bytes.Buffer{}}
	if err := os.Mkdir(filepath.Join(dir, ".cache"), 0o700); err != nil { // Fyne does not make it
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// -r: xdotool lets go of Ctrl before the key, which a slow machine would repeat
	// alone as a letter typed.
	server := exec.Command("Xvfb", "-displayfd", "3", "-noreset", "-r", "-screen", "0", "1400x900x24", "-nolisten", "tcp")
	server.ExtraFiles = []*os.File{write}
	d.start(server)
	_ = write.Close()
	number := make([]byte, 16)
	n, err := read.Read(number) // Xvfb writes it once it takes clients
	if err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	d.name = ":" + strings.TrimSpace(string(number[:n]))
	d.start(d.command("matchbox-window-manager", "-use_titlebar", "no"))
	window := d.command(command)
	window.Env = append(window.Env, "FYNE_SCALE=1", "FYNE_THEME=light", "GUI_TEST_STATE="+d.state,
		"XDG_CONFIG_HOME="+filepath.Join(dir, "config"), "HOME="+dir)
	window.Env = append(window.Env, env...)
	window.Stdout, window.Stderr = d.log, d.log
	t.Cleanup(func() { // after the window is gone
		for _, bad := range []string{"DATA RACE", "panic:", "Fyne error"} {
			if strings.Contains(d.log.String(), bad) {
				t.Errorf("the window says %q:\n%s", bad, d.log)
			}
		}
	})
	d.start(window)
	return d
}

func (d *display) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "DISPLAY="+d.name)
	return c
}

func (d *display) start(c *exec.Cmd) {
	d.t.Helper()
	if err := c.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
}

// read gives the state as it was written last.
func (d *display) read() (s state, err error) {
	b, err := os.ReadFile(d.state)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(b, &s)
}

// until waits for the state to be as it should.
func (d *display) until(what string, test func(state) bool) state {
	d.t.Helper()
	var s state
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		got, err := d.read()
		if err != nil && !os.IsNotExist(err) && !isHalf(err) {
			d.t.Fatal(err)
		}
		if s = got; err == nil && !s.Busy && test(s) {
			return s
		}
	}
	d.t.Fatalf("waited in vain for %s; state %+v\n%s", what, s, d.log)
	return s
}

func isHalf(err error) bool { _, ok := err.(*fs.PathError); return ok }

// keys types chords as xdotool names them: F4, ctrl+Down, bracketright.
func (d *display) keys(chords ...string) {
	d.t.Helper()
	d.do(append([]string{"key", "--delay", "40"}, chords...)...)
}

func (d *display) do(args ...string) {
	d.t.Helper()
	if out, err := d.command("xdotool", args...).CombinedOutput(); err != nil {
		d.t.Fatalf("xdotool %v: %v\n%s", args, err, out)
	}
}

func TestRealKeys(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d := newDisplay(t, self, "GUI_TEST_WINDOW=60")
	d.until("the batches", func(s state) bool { return s.Screen == "batches" && s.Count == 100 && s.Focus == "table" })
	d.keys("Return")
	first := d.until("the pages", func(s state) bool { return s.Screen == "arrange" && s.Count == 60 && s.Focus == "grid" })

	d.keys("Right", "shift+Right", "ctrl+Down")
	moved := d.until("the move", func(s state) bool { return len(s.Order) == 60 && s.Order[1] == first.Order[3] })
	if moved.Order[2] != first.Order[1] || moved.Order[3] != first.Order[2] || len(moved.Selected) != 2 {
		t.Errorf("moved to %v, chosen %v", moved.Order[:5], moved.Selected)
	}
	d.keys("ctrl+z")
	d.until("undo", func(s state) bool { return s.Order[1] == first.Order[1] })
	d.keys("Delete")
	d.until("the bin", func(s state) bool { return s.Count == 58 })
	d.keys("ctrl+z")
	d.until("undo of the bin", func(s state) bool { return s.Count == 60 })
	d.keys("bracketright")
	d.until("the turn", func(s state) bool { return strings.Contains(s.Message, "turned") })

	d.keys("Home", "Return")
	d.until("the page", func(s state) bool { return s.Screen == "page" && s.Number == 1 && s.Words > 0 && s.Zoom > 0 })
	d.keys("Next", "1")
	d.until("full size of page 2", func(s state) bool { return s.Number == 2 && s.Zoom == 100 })

	d.keys("ctrl+f")
	d.until("the search", func(s state) bool { return s.Screen == "catalogue" && s.Focus == "entry" })
	d.do("type", "--delay", "30", "harb")
	d.until("the hits", func(s state) bool { return s.Query == "harb" && s.Count > 0 })
	d.keys("Return")
	d.until("the hit on its page", func(s state) bool { return s.Screen == "page" && s.Lit > 0 })

	d.keys("F1")
	d.until("the keys", func(s state) bool { return s.Dialog == "keys" })
	d.keys("Escape", "F10")
	d.until("full screen", func(s state) bool { return s.FullScreen && s.Dialog == "" })
	d.keys("F10", "ctrl+k")
	d.until("the palette", func(s state) bool { return s.Dialog == "palette" })
	d.do("type", "--delay", "30", "verify")
	d.keys("Return")
	d.until("the job", func(s state) bool { return s.Drawer && len(s.Jobs) == 1 && s.Jobs[0].State == job.Done })
}

// A drag of the mouse reorders, and End reaches the last page, among five thousand.
func TestRealDrag(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d := newDisplay(t, self, "GUI_TEST_WINDOW=5000")
	d.until("the batches", func(s state) bool { return s.Screen == "batches" && s.Count == 100 })
	d.keys("Return")
	first := d.until("the pages", func(s state) bool { return s.Screen == "arrange" && s.Count == 5000 })
	// Tiles are 150 wide with gaps of 10, right of the rail.
	d.do("mousemove", "170", "220", "mousedown", "1", "mousemove", "250", "230", "mousemove", "420", "240", "mousemove", "498", "240", "mouseup", "1")
	s := d.until("the drop", func(s state) bool { return len(s.Order) > 4 && s.Order[0] != first.Order[0] })
	if s.Order[2] != first.Order[0] && s.Order[1] != first.Order[0] {
		t.Errorf("order %v", s.Order[:5])
	}
	d.keys("End")
	d.until("the last page", func(s state) bool { return s.Cursor == 4999 })
}
