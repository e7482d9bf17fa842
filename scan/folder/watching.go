package folder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"recto/scan"
)

// watching is one scan of a watch.
type watching struct {
	ctx    context.Context
	c      WatchConfig
	root   string // with a separator at its end
	given  string // the same as given
	ticket scan.Ticket
	to     tally
	events *fsnotify.Watcher // nil: nobody tells

	waiting map[string]*waiting
	done    map[string]*settled
	inodes  map[inode]*settled  // what was read, whatever lies under its name now
	shots   map[string][]string // raw files and JPEGs by their path without ending
	raws    map[string]bool     // folders that have had raw files

	dirty  map[string]bool // paths to look at
	fresh  []*waiting      // found or changed at this look at everything
	all    bool            // look at everything as soon as may be
	rescan time.Time       // when to look at everything next
	rested time.Time       // not before this
	pass   int             // how often that was done
	active time.Time       // when something happened last

	status   Status
	told     int // of the waiting ones, those that were told of
	troubles set
	growing  set
	reported *counts
}

func newWatching(ctx context.Context, c WatchConfig, root string, t scan.Ticket, to scan.Receiver) *watching {
	s := &watching{
		ctx: ctx, c: c, root: root, given: root, ticket: t, to: tally{to: to}, waiting: map[string]*waiting{}, done: map[string]*settled{},
		inodes: map[inode]*settled{}, shots: map[string][]string{}, raws: map[string]bool{}, dirty: map[string]bool{}, all: true,
		active: time.Now(), troubles: set{of: map[string]error{}}, growing: set{of: map[string]error{}},
	}
	if !os.IsPathSeparator(root[len(root)-1]) {
		s.root += string(os.PathSeparator)
	}
	return s
}

// left gives the files that are awaited still.
func (s *watching) left() []Trouble {
	var out []Trouble
	for path, f := range s.waiting {
		if f.told || f.ignore != "" {
			continue
		}
		why := error(scan.ErrAwaited)
		if reason := cmp.Or(f.reject, s.troubles.of[path]); reason != nil {
			why = fmt.Errorf("%w: %v", why, reason)
		}
		out = append(out, Trouble{scan.Path(path), why})
	}
	inOrder(s.root, out, func(t Trouble) string { return string(t.Path) })
	return out
}

type inode struct{ dev, number uint64 }

// stamp is what tells one state of a file from another without reading it.
type stamp struct {
	inode
	size, modified int64
}

func stampOf(info fs.FileInfo) stamp {
	s := stamp{size: info.Size(), modified: info.ModTime().UnixNano()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		s.inode = inode{uint64(st.Dev), st.Ino}
	}
	return s
}

// waiting is a file that was found and has not been given. Times are of this
// process's steady clock.
type waiting struct {
	path    string
	stamp   stamp
	found   time.Time
	changed time.Time // when the stamp was seen to be new
	ready   time.Time // when it was first found to be complete; zero: not yet
	next    time.Time // when to look at it; zero: when it has changed
	pass    int
	told    bool

	ignore string // for what is no file: to be told with this reason ...
	reject error  // ... or with this error
}

// settled is a file that is done with.
type settled struct {
	link   bool // the path is a link that leads to the file
	path   string
	stamp  stamp
	sha256 string // empty where it was not read
	sheet  bool   // it was given as a sheet ...
	alone  bool   // ... a raw file without its JPEG
}

// set is a set of paths with what is the matter; changes counts them.
type set struct {
	of      map[string]error
	changes int

	sorted []string // as it was at a certain change
	at     int
}

func (s *set) put(path string, err error) {
	if old, ok := s.of[path]; !ok || (old == nil) != (err == nil) || err != nil && old.Error() != err.Error() {
		s.of[path] = err
		s.changes++
	}
}

func (s *set) drop(path string) {
	if _, ok := s.of[path]; ok {
		delete(s.of, path)
		s.changes++
	}
}

// first gives the first hundred in natural order.
func (s *set) first(root string) []string {
	if s.at != s.changes {
		s.at, s.sorted = s.changes, slices.Collect(maps.Keys(s.of))
		inOrder(root, s.sorted, func(p string) string { return p })
		s.sorted = slices.Clone(s.sorted[:min(len(s.sorted), 100)])
	}
	return s.sorted
}

// inOrder sorts by path as a walk through the folders comes by.
func inOrder[T any](root string, list []T, path func(T) string) {
	type keyed struct {
		keys []sortKey
		of   T
	}
	sorted := make([]keyed, len(list))
	for i, x := range list {
		sorted[i].of = x
		for part := range strings.SplitSeq(strings.TrimPrefix(path(x), root), string(os.PathSeparator)) {
			sorted[i].keys = append(sorted[i].keys, newSortKey(part))
		}
	}
	slices.SortFunc(sorted, func(a, b keyed) int {
		for i := range min(len(a.keys), len(b.keys)) {
			if c := a.keys[i].compare(b.keys[i]); c != 0 {
				return c
			}
		}
		return cmp.Compare(len(a.keys), len(b.keys))
	})
	for i, x := range sorted {
		list[i] = x.of
	}
}

// notice finds out what there is: everything where that is due, else what the system
// has told of.
func (s *watching) notice() {
	begun := time.Now()
	if s.all && !begun.Before(s.rested) || !begun.Before(s.rescan) {
		s.all = false
		clear(s.dirty)
		s.everything()
		took := time.Since(begun)
		s.rested = time.Now().Add(4 * took) // at most a fifth of the time goes into it
		s.rescan = time.Now().Add(max(s.c.Rescan, 4*took))
	} else {
		for path := range s.dirty {
			s.entry(path, nil, true)
		}
		clear(s.dirty)
	}
	// They settle together, so that what came together is given in its order.
	now := time.Now()
	for _, f := range s.fresh {
		f.changed, f.next = now, now.Add(s.c.Settle)
	}
	s.fresh = nil
}

// everything looks at all that lies in the folder.
func (s *watching) everything() {
	info, err := os.Stat(s.given)
	if err == nil && !info.IsDir() {
		err = errors.New("not a folder any more")
	}
	if err != nil {
		s.lost(err)
		return
	}
	s.pass++
	var closed []string // folders that nobody can look into now
	back := s.status.Err != nil
	if err := s.folder(s.root, info, nil, &closed); err != nil {
		s.lost(err)
		return
	}
	if back {
		s.status.Err, s.active = nil, time.Now()
	}
	if s.ctx.Err() != nil {
		return
	}
	for path, f := range s.waiting {
		if f.pass != s.pass && !slices.ContainsFunc(closed, func(c string) bool { return strings.HasPrefix(path, c) }) {
			s.forget(f)
		}
	}
	for path := range s.troubles.of {
		if s.waiting[path] == nil && !slices.Contains(closed, path+string(os.PathSeparator)) {
			s.troubles.drop(path)
		}
	}
}

// because is an error in plain words.
type because struct {
	words string
	error
}

func (b because) Error() string { return b.words }

func (b because) Unwrap() error { return b.error }

// unwatchable says of the folder itself why it cannot be read.
func unwatchable(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = because{"it is not there", err}
	case errors.Is(err, fs.ErrPermission):
		err = because{"you may not read it", err}
	}
	var path *fs.PathError
	if errors.As(err, &path) && error(path) == err {
		err = path.Err // who asked knows the path
	}
	return fmt.Errorf("%w: %w", scan.ErrNoFolder, err)
}

// lost tells that the folder itself cannot be read. What was waiting in it still is.
func (s *watching) lost(err error) {
	err = unwatchable(err)
	if s.status.Err == nil || s.status.Err.Error() != err.Error() {
		s.status.Err = err
	}
}

// folder looks at what lies in a folder, whose path ends with a separator. The error
// is that of reading its names.
func (s *watching) folder(path string, info fs.FileInfo, above []fs.FileInfo, closed *[]string) error {
	if s.events != nil {
		// Before its names are read: what comes after that is told. A folder that made
		// itself anew under this name gets a new watch.
		if err := s.events.Add(strings.TrimSuffix(path, string(os.PathSeparator))); err != nil {
			s.status.Events = false
		}
	}
	entries, err := os.ReadDir(path)
	if err != nil && len(entries) == 0 {
		return err
	}
	above = append(slices.Clip(above), info)
	for _, e := range entries {
		if s.ctx.Err() != nil {
			return nil
		}
		s.entryBelow(path+e.Name(), above, closed)
	}
	return nil
}

func (s *watching) entryBelow(path string, above []fs.FileInfo, closed *[]string) {
	info := s.entry(path, above, false)
	if info == nil {
		return
	}
	name := strings.TrimSuffix(path, string(os.PathSeparator))
	if err := s.folder(path+string(os.PathSeparator), info, above, closed); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		*closed = append(*closed, path+string(os.PathSeparator))
		s.see(name, stampOf(info)).reject = unreadable(err)
		return
	}
	if f := s.waiting[name]; f != nil { // it could not be read before
		s.forget(f)
	}
}

// entry looks at one name. It gives the info of a folder that is to be looked into;
// when alone, such a folder has everything looked at instead.
func (s *watching) entry(path string, above []fs.FileInfo, alone bool) fs.FileInfo {
	link, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		if f := s.waiting[path]; f != nil {
			s.forget(f)
		}
		if alone && path+string(os.PathSeparator) == s.root {
			s.all = true
		}
		return nil
	}
	var info fs.FileInfo
	if err == nil {
		info, err = os.Stat(path) // through a link
	}
	switch {
	case err != nil: // a link that leads nowhere, a folder that nobody may look into
		st := stamp{}
		if link != nil {
			st = stampOf(link)
		}
		s.see(path, st).reject = unreadable(err)
		return nil
	case info.IsDir() && alone:
		s.all = true
		return nil
	case info.IsDir():
		if what := copied(filepath.Base(path)); what != "" {
			s.once(path, info).ignore = fmt.Sprintf("a folder of %s; give it by its own name to import what it holds", what)
			return nil
		}
		if slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
			s.once(path, info).reject = fmt.Errorf("a link that leads to a folder above it: %w", scan.ErrLoop)
			return nil
		}
		return info
	case !info.Mode().IsRegular():
		f := s.once(path, info)
		if f.ignore = special(info.Mode()); hasImageExtension(path) {
			f.reject = fmt.Errorf("%s: %w", f.ignore, scan.ErrUnreadable)
		}
		return nil
	}
	f := s.see(path, stampOf(info))
	f.ignore, f.reject = "", nil
	return nil
}

// once is see for what is no file: its times do not count.
func (s *watching) once(path string, info fs.FileInfo) *waiting {
	st := stampOf(info)
	return s.see(path, stamp{inode: st.inode})
}

// see notes the state of a path. What is done with in this state gives a waiting that
// nobody waits for.
func (s *watching) see(path string, st stamp) *waiting {
	if d := s.done[path]; d != nil && d.stamp == st {
		return &waiting{}
	}
	now := time.Now()
	f := s.waiting[path]
	switch {
	case f == nil:
		f = &waiting{path: path, stamp: st, found: now, changed: now, next: now.Add(s.c.Settle)}
		s.waiting[path] = f
		s.active = now
		s.shot(path)
		s.fresh = append(s.fresh, f)
	case f.stamp != st:
		s.change(f, st)
		s.fresh = append(s.fresh, f)
	}
	f.pass = s.pass
	return f
}

// change notes that a file is still being written.
func (s *watching) change(f *waiting, st stamp) {
	now := time.Now()
	f.stamp, f.changed, f.ready, f.next = st, now, time.Time{}, now.Add(s.c.Settle)
	s.active = now
	if now.Sub(f.found) >= s.c.Late {
		s.growing.put(f.path, nil)
	}
}

// shot files a raw file or a JPEG under what both have in common.
func (s *watching) shot(path string) {
	raw := hasRawExtension(path)
	if raw {
		s.raws[filepath.Dir(path)] = true
	}
	if key := stem(path); (raw || hasJPEGExtension(path)) && !slices.Contains(s.shots[key], path) {
		s.shots[key] = append(s.shots[key], path)
		slices.Sort(s.shots[key])
	}
}

// forget drops a file that is not waited for any more.
func (s *watching) forget(f *waiting) {
	if s.waiting[f.path] != f {
		return
	}
	delete(s.waiting, f.path)
	if f.told {
		s.told--
	}
	s.troubles.drop(f.path)
	s.growing.drop(f.path)
	s.active = time.Now()
}
