package journal

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
)

var errDead = errors.New("the process is dead")

// power is a disk that can fail or be cut off at one call, and that knows what of
// the calls before it a power cut would undo.
type power struct {
	calls []string // "op name", as they came

	at   int    // the call, from 1, that is refused; 0 for none
	with error  // how; errDead refuses all calls from then on
	on   bool   // all calls from then on are refused with that error
	done bool   // what is refused is done for all that: the answer is lost
	lies string // a call, as in calls, that the disk acknowledges without doing it

	synced map[string]int64 // size of each file that was written to, as of its last sync
	names  []string         // files and folders whose names are in memory only
	taken  map[string]taken // what was cut off files that were not synced since
}

// taken is the end of a file that a power cut brings back.
type taken struct {
	at    int64
	bytes []byte
}

func (p *power) refuses() bool {
	n := len(p.calls)
	return p.at != 0 && (n == p.at || n > p.at && (p.with == errDead || p.on))
}

func (p *power) after(op, path string) error {
	if p.refuses() && p.done {
		return p.with
	}
	return nil
}

func (p *power) before(op, path string) error {
	call := op + " " + filepath.Base(path)
	if op == "syncdir" && filepath.Base(path) != "journal" {
		call = "syncdir root"
	}
	p.calls = append(p.calls, call)
	if p.refuses() && !p.done {
		if op == "write" { // half a write is a write, too
			if f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0); err == nil {
				f.WriteString(`{"seq":`)
				f.Close()
			}
		}
		return p.with
	}
	if p.synced == nil {
		p.synced = map[string]int64{}
	}
	lies := p.lies == call
	info, err := os.Stat(path)
	switch op {
	case "mkdir", "open":
		if err != nil {
			p.names = append(p.names, path)
		}
	case "write":
		if _, known := p.synced[path]; !known {
			p.synced[path] = info.Size()
		}
	case "sync":
		if _, known := p.synced[path]; known && !lies {
			p.synced[path] = info.Size()
		}
		if !lies {
			delete(p.taken, path)
		}
	case "truncate":
		// What is cut off here is always the end that a write has left, and that
		// write may have reached the disk by itself.
		if b, err := os.ReadFile(path); err == nil && !lies {
			if p.taken == nil {
				p.taken = map[string]taken{}
			}
			whole := p.synced[path]
			if _, known := p.synced[path]; !known {
				whole = info.Size()
			}
			p.taken[path] = taken{whole, b[min(whole, int64(len(b))):]}
		}
	case "syncdir":
		if !lies {
			p.names = slices.DeleteFunc(p.names, func(name string) bool { return filepath.Dir(name) == path })
		}
	}
	return nil
}

// cut pulls the plug. Bytes that were not synced are lost in one of three ways:
// gone, half gone, or zeros in a file that has grown already. Names that were not
// synced are forgotten.
func (p *power) cut(how int) {
	for path, end := range p.taken {
		if b, err := os.ReadFile(path); err == nil && int64(len(b)) >= end.at {
			os.WriteFile(path, append(b[:end.at:end.at], end.bytes...), 0o600)
			delete(p.synced, path)
		}
	}
	for path, size := range p.synced {
		b, err := os.ReadFile(path)
		if err != nil || int64(len(b)) <= size {
			continue
		}
		switch tail := b[size:]; how {
		case 0:
			b = b[:size]
		case 1:
			b = b[:size+int64(len(tail)/2)]
		case 2:
			clear(tail[:len(tail)/2])
		case 3:
			clear(tail)
		}
		os.WriteFile(path, b, 0o600)
	}
	for _, name := range slices.Backward(p.names) {
		os.RemoveAll(name)
	}
}
