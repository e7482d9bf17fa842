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
	on   bool   // all calls from then on are refused with that error
	done bool   // what is refused is done for all that: the answer is lost
	lies string // a call, as in calls without digits, that the disk acknowledges without doing it

	unsynced map[string]bool // files whose bytes are in memory only
	names    []change        // changes to folders that are in memory only, oldest first
}

type change struct {
	dir, path string
	doomed    bool // a sync of the folder failed: later ones take this for written (USENIX ATC 2020)
	undo      func() error
}

// watch has a spool work on this disk.
func (p *power) watch(s *Spool) { s.disk.before, s.disk.after = p.before, p.after }

func (p *power) refuses() bool {
	n := len(p.calls)
	return p.at != 0 && (n == p.at || n > p.at && (p.with == errDead || p.on))
}

func (p *power) before(op string, paths ...string) error {
	call := op + " " + kind(paths[0])
	p.calls = append(p.calls, call)
	path := paths[0]
	if p.refuses() && !p.done {
		switch op {
		case "write": // half a write is a write, too
			if f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0); err == nil {
				f.WriteString("half")
				f.Close()
			}
		case "syncdir":
			if p.with == errDead || p.on { // then the next process syncs anew, and no file system is known to lie to that one
				break
			}
			for i, c := range p.names {
				if c.dir == path {
					p.names[i].doomed = true
				}
			}
		}
		return p.with
	}
	if p.unsynced == nil {
		p.unsynced = map[string]bool{}
	}
	lies := p.lies == call
	switch op {
	case "mkdir":
		if _, err := os.Stat(path); err != nil {
			p.made(path)
		}
	case "create":
		p.made(path)
		p.unsynced[path] = true
	case "write":
		p.unsynced[path] = true
	case "sync":
		if !lies {
			delete(p.unsynced, path)
		}
	case "rename":
		to := paths[1]
		p.names = append(p.names, change{dir: filepath.Dir(to), path: to, undo: func() error { return os.Rename(to, path) }})
		if p.unsynced[path] {
			delete(p.unsynced, path)
			p.unsynced[to] = true
		}
	case "remove", "rmdir":
		p.removed(path)
	case "syncdir":
		if !lies {
			p.names = slices.DeleteFunc(p.names, func(c change) bool { return c.dir == path && !c.doomed })
		}
	}
	return nil
}

// made notes a new name, which is gone again while its folder is not synced.
func (p *power) made(path string) {
	p.names = append(p.names, change{dir: filepath.Dir(path), path: path, undo: func() error { return os.RemoveAll(path) }})
}

// removed notes that a name goes, which is there again while its folder is not synced.
func (p *power) removed(path string) {
	info, err := os.Lstat(path)
	if err != nil {
		return
	}
	var undo func() error
	if info.IsDir() {
		undo = func() error { return os.Mkdir(path, 0o777) }
	} else {
		content, err := os.ReadFile(path)
		if err != nil || p.unsynced[path] {
			content = nil
		}
		delete(p.unsynced, path)
		undo = func() error { return os.WriteFile(path, content, 0o444) }
	}
	// A name that was doomed is no more: the next one of that name is another.
	p.names = slices.DeleteFunc(p.names, func(c change) bool { return c.path == path && c.doomed })
	p.names = append(p.names, change{dir: filepath.Dir(path), path: path, undo: undo})
}

func (p *power) after(op string, paths ...string) error {
	if p.refuses() && p.done {
		return p.with
	}
	return nil
}

// cut pulls the plug: bytes that were not synced are gone and, where forget is
// set, so are names in folders that were not synced.
func (p *power) cut(forget bool) {
	keep := len(p.names)
	if forget {
		keep = 0
	}
	p.cutAfter(keep)
}

// cutAfter pulls the plug when so many of the names that were not synced have got
// to the disk by themselves, in their order.
func (p *power) cutAfter(keep int) {
	for path := range p.unsynced {
		os.Chmod(path, 0o600)
		os.Truncate(path, 0)
	}
	for i, c := range slices.Backward(p.names) {
		if i >= keep || c.doomed {
			c.undo()
		}
	}
}

// kind makes a path comparable between runs: without the root and the IDs.
func kind(path string) string {
	dir, name := filepath.Split(filepath.Clean(path))
	parent := filepath.Base(dir)
	switch {
	case name == "masters":
		return name
	case parent == "masters" && name == tmpDir:
		return "masters/tmp"
	case parent == "masters":
		return "masters/B"
	case parent == tmpDir:
		return "masters/tmp/P" + filepath.Ext(name)
	case strings.HasPrefix(filepath.Base(filepath.Dir(filepath.Clean(dir))), "masters"):
		return "masters/B/P" + filepath.Ext(name)
	}
	return "root"
}
