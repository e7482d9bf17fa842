package spool

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var errDead = errors.New("the process is dead")

// power is a disk that can fail or be cut off at one call, and that knows what of
// the calls before it a power cut would undo.
type power struct {
	t     *testing.T
	calls []string // "op name", as they came

	at   int    // the call, from 1, that is refused; 0 for none
	with error  // how; errDead refuses all calls from then on
	lies string // a call, as in calls without digits, that the disk acknowledges without doing it

	unsynced map[string]bool // files whose bytes are in memory only
	names    []change        // changes to folders that are in memory only, oldest first
}

type change struct {
	dir  string
	undo func() error
}

func (p *power) before(op string, paths ...string) error {
	n := len(p.calls) + 1
	call := op + " " + kind(paths[0])
	p.calls = append(p.calls, call)
	if p.at != 0 && (n == p.at || n > p.at && p.with == errDead) {
		if op == "write" { // half a write is a write, too
			if f, err := os.OpenFile(paths[0], os.O_WRONLY|os.O_APPEND, 0); err == nil {
				f.WriteString("half")
				f.Close()
			}
		}
		return p.with
	}
	if p.unsynced == nil {
		p.unsynced = map[string]bool{}
	}
	lies := p.lies == call
	path := paths[0]
	switch op {
	case "mkdir":
		if _, err := os.Stat(path); err != nil {
			p.names = append(p.names, change{filepath.Dir(path), func() error { return os.RemoveAll(path) }})
		}
	case "create":
		p.names = append(p.names, change{filepath.Dir(path), func() error { return os.RemoveAll(path) }})
		p.unsynced[path] = true
	case "write":
		p.unsynced[path] = true
	case "sync":
		if !lies {
			delete(p.unsynced, path)
		}
	case "rename":
		to := paths[1]
		p.names = append(p.names, change{filepath.Dir(to), func() error { return os.Rename(to, path) }})
		if p.unsynced[path] {
			delete(p.unsynced, path)
			p.unsynced[to] = true
		}
	case "remove": // taken as done at once: nothing of worth is ever removed
		delete(p.unsynced, path)
	case "syncdir":
		if !lies {
			p.names = slices.DeleteFunc(p.names, func(c change) bool { return c.dir == path })
		}
	}
	return nil
}

// cut pulls the plug: bytes that were not synced are gone and, where forget is
// set, so are names in folders that were not synced.
func (p *power) cut(forget bool) {
	for path := range p.unsynced {
		os.Chmod(path, 0o600)
		os.Truncate(path, 0)
	}
	if forget {
		for _, c := range slices.Backward(p.names) {
			c.undo()
		}
	}
}

// kind makes a path comparable between runs: without the root and the IDs.
func kind(path string) string {
	dir, name := filepath.Split(path)
	parent := filepath.Base(dir)
	switch {
	case name == "masters" || name == "tmp":
		return name
	case parent == "masters":
		return "masters/B"
	case strings.HasPrefix(filepath.Base(filepath.Dir(filepath.Clean(dir))), "masters"):
		return "masters/B/P" + filepath.Ext(name)
	case parent == "tmp":
		return "tmp/P" + filepath.Ext(name)
	}
	return "root"
}
