package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The stories run the real binary: it is built once, and its worker processes are
// itself.
var (
	program string // the built program
	root    string // of the repository
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "recto-story-*")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		if root, err = filepath.Abs(".."); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		program = filepath.Join(dir, "recto")
		build := exec.Command("go", "build", "-tags", "x11,sqlite_fts5", "-o", program, ".")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
			return 1
		}
		// Other users must be able to run it: some stories are about permissions.
		os.Chmod(dir, 0o755)
		return m.Run()
	}())
}

// TestStories runs the verbs as a person would type them.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/stories",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("SAMPLES", filepath.Join(root, "assets", "samples"))
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
	})
}

// answer is what a verb gave.
type answer struct {
	code   int
	stdout string
	stderr string
	json   map[string]any
}

// recto runs a verb with --json and checks that exactly one JSON value came.
func recto(t *testing.T, args ...string) answer {
	t.Helper()
	return rectoIn(t, nil, args...)
}

func rectoIn(t *testing.T, change func(*exec.Cmd), args ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	if len(args) > 0 {
		args = append([]string{args[0], "--json"}, args[1:]...)
		if verb := args[0]; verb == "page" || verb == "batch" || verb == "profile" || verb == "text" { // the flag belongs behind the second word
			args = append([]string{verb, args[2], "--json"}, args[3:]...)
		}
	}
	cmd := exec.CommandContext(ctx, program, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if change != nil {
		change(cmd)
	}
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("recto %q: %v", args, err)
	}
	a := answer{code: cmd.ProcessState.ExitCode(), stdout: out.String(), stderr: errs.String()}
	d := json.NewDecoder(strings.NewReader(a.stdout))
	if err := d.Decode(&a.json); err != nil {
		t.Fatalf("recto %q: exit %d, standard output is no JSON: %v\n%s\n%s", args, a.code, err, a.stdout, a.stderr)
	}
	if d.More() {
		t.Fatalf("recto %q: more than one JSON value:\n%s", args, a.stdout)
	}
	return a
}

// want fails the test when the exit code is another one.
func (a answer) want(t *testing.T, code int) answer {
	t.Helper()
	if a.code != code {
		t.Fatalf("exit code %d, want %d\n%s\n%s", a.code, code, a.stdout, a.stderr)
	}
	if strings.Contains(a.stderr, "goroutine ") || strings.Contains(a.stdout, "goroutine ") {
		t.Fatalf("a stack trace reached the user:\n%s", a.stderr)
	}
	return a
}

// at walks into the answer: "document.pages.0.state".
func (a answer) at(t *testing.T, path string) any {
	t.Helper()
	var v any = a.json
	for key := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			got, ok := x[key]
			if !ok {
				t.Fatalf("no %q in %s (at %q)", key, a.stdout, path)
			}
			v = got
		case []any:
			var n int
			if _, err := fmt.Sscan(key, &n); err != nil || n >= len(x) {
				t.Fatalf("no element %q of %d in %s (at %q)", key, len(x), a.stdout, path)
			}
			v = x[n]
		default:
			t.Fatalf("%q leads nowhere in %s", path, a.stdout)
		}
	}
	return v
}

func (a answer) text(t *testing.T, path string) string {
	t.Helper()
	s, ok := a.at(t, path).(string)
	if !ok {
		t.Fatalf("%s is no string: %v", path, a.at(t, path))
	}
	return s
}

func (a answer) list(t *testing.T, path string) []any {
	t.Helper()
	l, ok := a.at(t, path).([]any)
	if !ok {
		t.Fatalf("%s is no list: %v", path, a.at(t, path))
	}
	return l
}

// sample is a scan of our own.
func sample(name string) string { return filepath.Join(root, "assets", "samples", name) }

// shared is the folder with real scans beside the checkout; without it a test
// skips loudly, and in CI it fails.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	p := filepath.Join(append([]string{root, "..", "shared"}, parts...)...)
	if _, err := os.Stat(p); err != nil {
		lacking(t, "the folder "+p)
	}
	return p
}

// lacking skips loudly, and fails where nothing may be missing.
func lacking(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing", what)
	}
	t.Skipf("SKIPPED: %s is missing", what)
}

// tool finds a program that a test needs.
func tool(t *testing.T, name string) string {
	t.Helper()
	p, err := exec.LookPath(name)
	if err != nil {
		lacking(t, name)
	}
	return p
}
