package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// realWindow is the program's window on a display of its own, driven by keys from
// outside and judged by the state that it writes and by what the verbs see.
type realWindow struct {
	t       *testing.T
	display string
	state   string
	screen  string // file that the display paints into
	log     bytes.Buffer
	cmd     *exec.Cmd
}

func openWindow(t *testing.T, archive string, env ...string) *realWindow {
	t.Helper()
	return openWindowAs(t, nil, t.TempDir(), archive, env...)
}

// openWindowAs opens the window as who says, which may be nil, with dir as home.
func openWindowAs(t *testing.T, who func(*exec.Cmd), dir, archive string, env ...string) *realWindow {
	t.Helper()
	if testing.Short() {
		t.Skip("a real window is slow")
	}
	for _, name := range []string{"Xvfb", "xdotool", "matchbox-window-manager"} {
		tool(t, name)
	}
	paint := t.TempDir()
	w := &realWindow{t: t, state: filepath.Join(dir, "state.json"), screen: filepath.Join(paint, "Xvfb_screen0")}
	os.MkdirAll(filepath.Join(dir, ".cache"), 0o700)
	r, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// -r: xdotool lets go of Ctrl before the key, which a slow machine would repeat
	// alone as a letter typed.
	server := exec.Command("Xvfb", "-displayfd", "3", "-noreset", "-r", "-screen", "0", "1400x900x24", "-nolisten", "tcp", "-fbdir", paint)
	server.ExtraFiles = []*os.File{pipe}
	w.start(server)
	pipe.Close()
	number := make([]byte, 16)
	n, err := r.Read(number)
	if err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	w.display = ":" + strings.TrimSpace(string(number[:n]))
	w.start(w.command("matchbox-window-manager", "-use_titlebar", "no"))
	w.cmd = w.command(program, "window", "--archive", archive)
	if who != nil {
		who(w.cmd)
	}
	w.cmd.Env = append(os.Environ(), "DISPLAY="+w.display, "FYNE_SCALE=1", "FYNE_THEME=light", "RECTO_WINDOW_STATE="+w.state, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"), "HOME="+dir)
	w.cmd.Env = append(w.cmd.Env, env...)
	w.cmd.Stdout, w.cmd.Stderr = &w.log, &w.log
	w.start(w.cmd)
	return w
}

func (w *realWindow) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "DISPLAY="+w.display)
	return c
}

func (w *realWindow) start(c *exec.Cmd) {
	w.t.Helper()
	if err := c.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Process.Kill(); c.Wait() })
}

// ownPreferences is Fyne looking at its preferences while it writes them anew: it
// keeps what it has, and looks again when they are written.
var ownPreferences = regexp.MustCompile(`(?m)^.*Fyne error:  Preferences load error:\n.*Cause: EOF\n.*At: .*\n?`)

// calm fails the test when the window has complained of itself.
func (w *realWindow) calm() {
	w.t.Helper()
	said := ownPreferences.ReplaceAllString(w.log.String(), "")
	for _, bad := range []string{"panic:", "DATA RACE", "Fyne error"} {
		if strings.Contains(said, bad) {
			w.t.Errorf("the window says %q:\n%s", bad, said)
		}
	}
}

// keys presses keys, one after the other.
func (w *realWindow) keys(names ...string) {
	w.t.Helper()
	if out, err := w.command("xdotool", append([]string{"key", "--delay", "60"}, names...)...).CombinedOutput(); err != nil {
		w.t.Fatalf("xdotool: %v %s", err, out)
	}
}

func (w *realWindow) typed(text string) {
	w.t.Helper()
	if out, err := w.command("xdotool", "type", "--delay", "40", text).CombinedOutput(); err != nil {
		w.t.Fatalf("xdotool: %v %s", err, out)
	}
}

// until waits for the window to be in a state.
func (w *realWindow) until(what string, ok func(map[string]any) bool) map[string]any {
	w.t.Helper()
	var s map[string]any
	for range 600 {
		s = nil
		if b, err := os.ReadFile(w.state); err == nil && json.Unmarshal(b, &s) == nil && ok(s) {
			return s
		}
		time.Sleep(50 * time.Millisecond)
	}
	b, _ := json.MarshalIndent(s, "", " ")
	w.t.Fatalf("the window never came to: %s\n%s\n%s", what, b, w.log.String())
	return nil
}

// pixel is the colour at a place of the display, read from its file: an X window
// dump (XWDFile.h), whose header has big-endian numbers of 32 bits.
func (w *realWindow) pixel(x, y int) [3]byte {
	w.t.Helper()
	b, err := os.ReadFile(w.screen)
	if err != nil {
		w.t.Fatal(err)
	}
	field := func(n int) int { return int(binary.BigEndian.Uint32(b[4*n:])) }
	header, bits, line, colours := field(0), field(11), field(12), field(19)
	at := header + 12*colours + y*line + x*bits/8
	return [3]byte(b[at : at+3])
}

func (w *realWindow) close() {
	w.t.Helper()
	w.cmd.Process.Signal(os.Interrupt)
	done := make(chan struct{})
	go func() { w.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		w.cmd.Process.Kill()
		<-done
	}
}

func screen(name string) func(map[string]any) bool {
	return func(s map[string]any) bool { return s["screen"] == name && s["busy"] == false }
}

func shown(s map[string]any) []string {
	var out []string
	list, _ := s["order"].([]any)
	for _, id := range list {
		out = append(out, id.(string))
	}
	return out
}

// TestWindow does in the window what a person does on a first afternoon, with the
// real core beneath, and finds it all again with the verbs.
func TestWindow(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a")
	recto(t, "digitise", "--archive", archive, "--lang", "eng+deu", "--title", "Year", sample("title.png"), sample("letter-1.jpg"), sample("letter-2-verso.jpg"), sample("letter-10.jpg")).want(t, 0)
	w := openWindow(t, archive)
	w.until("the list of batches", func(s map[string]any) bool { return screen("batches")(s) && s["count"] == 1.0 })

	// Arrange: bin the blank verso, move the title page, take back and do again.
	w.keys("F4")
	s := w.until("four pages", func(s map[string]any) bool { return screen("arrange")(s) && len(shown(s)) == 4 })
	ids := shown(s)
	w.keys("Home", "Right", "Right", "Delete")
	w.until("a page in the bin", func(s map[string]any) bool {
		return reflect.DeepEqual(shown(s), []string{ids[0], ids[1], ids[3]})
	})
	w.keys("Home", "ctrl+Down")
	w.until("a page moved", func(s map[string]any) bool {
		return reflect.DeepEqual(shown(s), []string{ids[1], ids[0], ids[3]})
	})
	w.keys("ctrl+z")
	w.until("the move undone", func(s map[string]any) bool {
		return reflect.DeepEqual(shown(s), []string{ids[0], ids[1], ids[3]})
	})
	w.keys("ctrl+z")
	w.until("the bin undone", func(s map[string]any) bool { return reflect.DeepEqual(shown(s), ids) })
	w.keys("ctrl+y")
	w.until("the bin done again", func(s map[string]any) bool { return len(shown(s)) == 3 })

	// Page: the text beside the image, boxes on it.
	w.keys("F6")
	w.until("a page with words", func(s map[string]any) bool { return screen("page")(s) && s["page"] != nil })
	w.keys("Next")
	w.until("the next page", func(s map[string]any) bool {
		n, _ := s["words"].(float64)
		return screen("page")(s) && n > 50
	})

	// Catalogue: search as you type, open the hit, see it lit.
	w.keys("F8")
	w.until("the catalogue", screen("catalogue"))
	w.typed("lupins")
	w.until("one hit", func(s map[string]any) bool { return s["query"] == "lupins" && s["total"] == 1.0 && s["busy"] == false })
	w.keys("Return")
	w.until("the hit lit on its page", func(s map[string]any) bool { return screen("page")(s) && s["lit"] == 1.0 })

	// Every screen opens by its key, and help shows.
	for key, name := range map[string]string{"F2": "batches", "F3": "capture", "F4": "arrange", "F9": "export"} {
		w.keys(key)
		w.until(name, screen(name))
	}
	w.keys("F1")
	w.until("the keys", func(s map[string]any) bool { d, _ := s["dialog"].(string); return d != "" })
	w.keys("Escape")
	w.until("no dialog", func(s map[string]any) bool { return s["dialog"] == nil })

	// The drawer is not only open, it can be seen: it has another colour than the list below it.
	w.keys("F2")
	w.until("batches", screen("batches"))
	list := w.pixel(1300, 600)
	w.keys("F12")
	w.until("the drawer", func(s map[string]any) bool { return s["drawer"] == true })
	for range 40 {
		if w.pixel(1300, 600) != list {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if w.pixel(1300, 600) == list {
		t.Error("the drawer is open and cannot be seen")
	}
	w.calm()
	w.close()

	pages := recto(t, "list", "pages", "--archive", archive, "--batch", "Year").want(t, 0).list(t, "pages")
	if len(pages) != 3 || pages[2].(map[string]any)["id"] != ids[3] {
		t.Errorf("the verbs see other pages than the window showed: %v", pages)
	}
	if bin := recto(t, "list", "bin", "--archive", archive, "--batch", "Year").list(t, "pages"); len(bin) != 1 || bin[0].(map[string]any)["id"] != ids[2] {
		t.Errorf("the bin: %v", bin)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}

// TestWindowText corrects a word in the window as a person does, with real keys, and
// finds it with the verbs; what the keys type goes into the field, not to the commands.
func TestWindowText(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a")
	recto(t, "digitise", "--archive", archive, "--lang", "eng", "--title", "Letters", sample("letter-1.jpg"), sample("letter-10.jpg")).want(t, 0)
	w := openWindow(t, archive)
	w.until("the list of batches", func(s map[string]any) bool { return screen("batches")(s) && s["count"] == 1.0 })
	w.keys("F8")
	w.until("the catalogue", screen("catalogue"))
	w.typed("lupins")
	w.until("one hit", func(s map[string]any) bool { return s["query"] == "lupins" && s["total"] == 1.0 && s["busy"] == false })
	w.keys("Return")
	s := w.until("the hit lit on its page", func(s map[string]any) bool { return screen("page")(s) && s["lit"] == 1.0 })
	page, _ := s["page"].(string)

	edits := func(on bool) func(map[string]any) bool {
		return func(s map[string]any) bool { return (s["editing"] == true) == on && s["busy"] == false }
	}
	w.keys("Return")
	w.until("a word that is edited", edits(true))
	w.typed("mustard pulse") // m, s, u, l and p are commands while no word is edited
	w.keys("Return")
	w.until("two corrected words", func(s map[string]any) bool { return s["corrected"] == 2.0 && edits(false)(s) })
	w.keys("ctrl+z")
	w.until("none", func(s map[string]any) bool { return s["corrected"] == nil && s["busy"] == false })
	w.keys("ctrl+y")
	w.until("both again", func(s map[string]any) bool { return s["corrected"] == 2.0 && s["busy"] == false })
	w.keys("Return")
	w.until("a word that is edited", edits(true))
	w.typed("gone")
	w.keys("Escape")
	w.until("the word as it was", func(s map[string]any) bool { return s["screen"] == "page" && edits(false)(s) })
	w.keys("alt+Return") // checked already: the next doubtful word, or none
	w.keys("shift+p")
	w.until("the preparation", func(s map[string]any) bool { return s["dialog"] == "prepare" })
	w.keys("Escape")
	w.until("no dialog", func(s map[string]any) bool { return s["dialog"] == nil })
	w.calm()
	w.close()

	text := recto(t, "text", "show", "--archive", archive, page).want(t, 0).text(t, "text")
	if !strings.Contains(text, "mustard pulse") || strings.Contains(text, "lupins") || strings.Contains(text, "gone") {
		t.Errorf("the verbs read:\n%s", text)
	}
	if raw := recto(t, "text", "show", "--archive", archive, "--raw", page).want(t, 0).text(t, "text"); !strings.Contains(raw, "lupins") {
		t.Errorf("what was read is gone:\n%s", raw)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}
