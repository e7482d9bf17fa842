package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"recto/scan"
)

// look takes what has settled, in natural order.
func (s *watching) look() error {
	now := time.Now()
	var ripe []*waiting
	for _, f := range s.waiting {
		if !f.next.IsZero() && !now.Before(f.next) {
			ripe = append(ripe, f)
		}
	}
	inOrder(s.root, ripe, func(f *waiting) string { return f.path })
	for _, f := range ripe {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		if s.waiting[f.path] != f { // it came with another
			continue
		}
		if err := s.try(f); err != nil {
			return err
		}
		s.report()
	}
	return nil
}

// try looks at a file for the second time and takes it if it can be taken. The error
// is the receiver's or the context's.
func (s *watching) try(f *waiting) error {
	if s.entry(f.path, nil, true); s.waiting[f.path] != f || time.Now().Before(f.next) {
		return nil // it is gone, or another than it was
	}
	switch {
	case f.reject != nil && f.ignore == "" && !errors.Is(f.reject, scan.ErrLoop):
		return s.trouble(f, f.reject)
	case f.reject != nil:
		s.finish(f, settled{})
		s.status.Rejected++
		return s.to.Reject(scan.Reject{Origin: s.origin(f), Err: f.reject})
	case f.ignore != "":
		s.finish(f, settled{})
		s.status.Ignored++
		return s.to.Ignore(scan.Path(f.path), f.ignore)
	case unfinished(f.path):
		return s.later(f, func() error {
			s.status.Ignored++
			return s.to.Ignore(scan.Path(f.path), "an unfinished copy, by its name; it is taken when it gets its own")
		})
	}
	return s.file(f)
}

// unfinished tells names that programs give to what they have not finished: browsers,
// rsync (".NAME.XXXXXX"), office programs' locks, safe-saving programs.
func unfinished(path string) bool {
	name := filepath.Base(path)
	lower := strings.ToLower(name)
	switch filepath.Ext(lower) {
	case ".part", ".partial", ".crdownload", ".download", ".tmp", ".temp", ".filepart", ".opdownload", ".!ut", ".swp", ".lck", ".lock":
		return true
	}
	if strings.HasPrefix(name, "~") || strings.HasPrefix(lower, ".~lock.") || strings.HasPrefix(lower, ".nfs") || strings.HasSuffix(name, "~") {
		return true
	}
	// rsync: a dot, the name, and six letters that mkstemp(3) has chosen.
	if inner, ok := strings.CutPrefix(name, "."); ok {
		if ext := filepath.Ext(inner); len(ext) == 7 && filepath.Ext(stem(inner)) != "" && !hasImageExtension(inner) {
			return !strings.ContainsFunc(ext[1:], func(r rune) bool {
				return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
			})
		}
	}
	return false
}

// origin begins the origin of a file.
func (s *watching) origin(f *waiting) scan.Origin {
	return scan.Origin{
		Path: scan.Path(f.path), Absolute: scan.Path(f.path).Absolute(), Argument: scan.Path(s.given).Absolute(), Count: 1,
		Size: f.stamp.size, Modified: time.Unix(0, f.stamp.modified),
	}
}

// finish is done with a file in the state that it was found in.
func (s *watching) finish(f *waiting, d settled) {
	d.path, d.stamp = f.path, f.stamp
	s.done[f.path] = &d
	if d.sha256 != "" {
		if info, err := os.Lstat(f.path); err == nil {
			d.link = info.Mode()&fs.ModeSymlink != 0
		}
		s.inodes[f.stamp.inode] = &d
	}
	s.forget(f)
}

// later tells of a file, once, when it has not changed for long.
func (s *watching) later(f *waiting, tell func() error) error {
	switch due := f.changed.Add(s.c.Late); {
	case f.told:
		f.next = time.Time{}
		return nil
	case time.Now().Before(due):
		f.next = due
		return nil
	}
	f.told, f.next = true, time.Time{}
	s.told++
	return tell()
}

// trouble keeps a file that cannot be taken as it is now: it is told as a state at
// once, and as a reject when waiting has not helped.
func (s *watching) trouble(f *waiting, err error) error {
	s.troubles.put(f.path, err)
	terr := s.later(f, func() error {
		if errors.Is(err, scan.ErrEmpty) && !hasImageExtension(f.path) {
			s.status.Ignored++
			return s.to.Ignore(scan.Path(f.path), "empty")
		}
		s.status.Rejected++
		return s.to.Reject(scan.Reject{Origin: s.origin(f), Err: err})
	})
	if errors.Is(err, scan.ErrUnreadable) { // its stamp will not tell that it can be read again
		if again := time.Now().Add(s.c.Rescan); f.next.IsZero() || again.Before(f.next) {
			f.next = again
		}
	}
	return terr
}

// file takes a regular file that has settled.
func (s *watching) file(f *waiting) error {
	o := s.origin(f)
	s.growing.drop(f.path)
	if s.c.Known != nil && s.c.Known(o) && !s.lateJPEG(f) {
		s.status.Known++
		s.finish(f, settled{})
		return nil
	}
	in, info, err := open(f.path)
	if err != nil {
		return s.trouble(f, unreadable(err))
	}
	defer in.Close()
	if st := stampOf(info); st != f.stamp {
		s.change(f, st)
		return nil
	}
	k := contentIn(in, info.Size(), f.path)
	if err := complete(k, in, info.Size()); err != nil {
		return s.trouble(f, err)
	}
	s.troubles.drop(f.path)
	if f.ready.IsZero() {
		// The other file of a shot is waited for from here on: before this, a slow receiver
		// may have kept everybody from looking whether it is there.
		f.ready = time.Now()
	}
	var jpeg *waiting
	note := ""
	switch {
	case k.format == scan.RAW:
		wait := false
		if jpeg, note, wait = s.jpegOf(f); wait {
			return nil
		}
	case k.format == scan.JPEG && hasJPEGExtension(f.path):
		wait := false
		if note, wait = s.rawOf(f); wait {
			return nil
		}
	}
	sha, err := digest(s.ctx, in)
	if err != nil {
		if s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		return s.trouble(f, unreadable(err))
	}
	if before := s.done[f.path]; before != nil && before.sha256 == sha { // touched, or on a disk that was away
		s.finish(f, *before)
		return nil
	}
	if old := s.formerly(f, sha); old != nil {
		if s.done[old.path] == old {
			delete(s.done, old.path)
		}
		s.finish(f, *old)
		s.status.Ignored++
		return s.to.Ignore(scan.Path(f.path), "taken already, as "+scan.Path(old.path).Line()+": it has another name now")
	}
	o.SHA256 = sha
	if s.c.Known != nil && s.c.Known(o) && jpeg == nil && note == "" {
		s.status.Known++
		s.finish(f, settled{sha256: sha})
		return nil
	}
	return s.take(f, jpeg, sha, note, k)
}

// formerly gives what a file was taken as that has another name now, nil for a new
// one: the same inode, size, time and bytes, and not at the old place any more.
func (s *watching) formerly(f *waiting, sha string) *settled {
	d := s.inodes[f.stamp.inode]
	if d == nil || !d.sheet || d.path == f.path || d.stamp != f.stamp || d.sha256 != sha {
		return nil
	}
	look := os.Lstat // a link that stands at the old place now is not the file
	if d.link {
		look = os.Stat // a link was what was taken: link and file are two sources, too
	}
	info, err := look(d.path)
	if err == nil && stampOf(info).inode != f.stamp.inode || errors.Is(err, fs.ErrNotExist) {
		return d
	}
	return nil // two names of one file are two sources
}

// take gives a file, and with a raw file its JPEG.
func (s *watching) take(f, jpeg *waiting, sha, note string, k kind) error {
	w := newWalk(s.ctx, s.c.Expand, s.ticket, &s.to)
	w.argument = scan.Path(s.given).Absolute()
	w.sha256, w.stamp = sha, f.stamp
	if jpeg != nil {
		w.jpegs[f.path] = jpeg.path
	}
	s.to = tally{to: s.to.to, note: note}
	err := w.file(f.path, false)
	if errors.Is(err, scan.ErrUnreadable) && s.ctx.Err() == nil {
		if s.to.sheets > 0 { // of several pages
			err = s.to.Reject(scan.Reject{Origin: s.origin(f), Err: err})
		} else if _, gone := os.Lstat(f.path); errors.Is(gone, fs.ErrNotExist) {
			s.forget(f) // its new name is told, or seen at the next look
			s.all = true
			return nil
		} else {
			return s.trouble(f, err)
		}
	}
	if err != nil {
		return err
	}
	if s.to.sheets+s.to.rejects+s.to.ignores == 0 { // it was written to just now
		s.all = true
		return nil
	}
	switch {
	case s.to.sheets > 0:
		s.status.Taken++
	case s.to.rejects > 0:
		s.status.Rejected++
	default:
		s.status.Ignored++
	}
	s.finish(f, settled{sha256: sha, sheet: s.to.sheets > 0, alone: k.format == scan.RAW && !s.to.companion})
	if s.again(f); !s.to.companion {
		return nil
	}
	sum, err := digestOf(s.ctx, jpeg.path)
	if err != nil && s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	if s.waiting[jpeg.path] == jpeg {
		s.status.Taken++
	}
	s.finish(jpeg, settled{sha256: sum, sheet: true})
	s.again(jpeg)
	return nil
}

// again has a file come once more that changed while it was copied: the spool has
// refused it.
func (s *watching) again(f *waiting) {
	if info, err := os.Stat(f.path); err == nil && stampOf(info) != f.stamp {
		s.done[f.path].sha256 = ""
		s.see(f.path, stampOf(info))
	}
}

// jpegOf finds the JPEG of a raw file, nil for none; wait says that it may still come.
func (s *watching) jpegOf(f *waiting) (jpeg *waiting, note string, wait bool) {
	now := time.Now()
	for _, path := range s.shots[stem(f.path)] {
		if !hasJPEGExtension(path) {
			continue
		}
		if p := s.waiting[path]; p != nil {
			if p.told || now.Sub(f.ready) >= s.c.Pair+s.c.Late { // it is not to be had
				continue
			}
			if now.Sub(p.changed) < s.c.Settle || !jpegComplete(p) {
				f.next = now.Add(s.c.Settle)
				return nil, "", true
			}
			return p, "", false
		}
		if d := s.done[path]; d != nil && d.sheet && s.owner(path, f.path) == "" {
			if info, err := os.Stat(path); err == nil && stampOf(info) == d.stamp {
				return &waiting{path: path, stamp: d.stamp}, scan.Path(filepath.Base(path)).Line() + " came before its raw file and is a page of its own, too", false
			}
		}
	}
	if due := f.ready.Add(s.c.Pair); now.Before(due) {
		f.next = due
		return nil, "", true
	}
	return nil, "", false
}

// owner is the raw file, other than one, that has a JPEG; empty for none.
func (s *watching) owner(jpeg, but string) string {
	for _, path := range s.shots[stem(jpeg)] {
		if d := s.done[path]; path != but && hasRawExtension(path) && d != nil && d.sheet && !d.alone {
			return path
		}
	}
	return ""
}

// jpegComplete tells whether a file is a JPEG now and as it was when it had settled.
func jpegComplete(p *waiting) bool {
	in, info, err := open(p.path)
	if err != nil {
		return false
	}
	defer in.Close()
	k := contentIn(in, info.Size(), p.path)
	return k.format == scan.JPEG && stampOf(info) == p.stamp && complete(k, in, info.Size()) == nil
}

// rawOf tells what a JPEG has to do with a raw file of its name: it waits for one that
// is still coming, which will bring it along.
func (s *watching) rawOf(f *waiting) (note string, wait bool) {
	now := time.Now()
	for _, path := range s.shots[stem(f.path)] {
		if !hasRawExtension(path) {
			continue
		}
		name := scan.Path(filepath.Base(path)).Line()
		if p := s.waiting[path]; p != nil {
			if !p.told && now.Sub(f.ready) < s.c.Pair+s.c.Late {
				f.next = now.Add(s.c.Settle)
				return "", true
			}
			return "the JPEG of " + name + ", which is not to be had", false
		}
		switch d := s.done[path]; {
		case d == nil || !d.sheet:
		case d.alone:
			return "the JPEG of the camera's raw file " + name + ", which came without it", false
		default:
			return "another JPEG of the camera's raw file " + name + " than the one that it came with", false
		}
	}
	if due := f.ready.Add(s.c.Pair); s.raws[filepath.Dir(f.path)] && now.Before(due) {
		f.next = due
		return "", true
	}
	return "", false
}

// lateJPEG tells whether a raw file that is known has a JPEG beside it that is not:
// then both are given, and the receiver takes what it lacks.
func (s *watching) lateJPEG(f *waiting) bool {
	if !hasRawExtension(f.path) {
		return false
	}
	return slices.ContainsFunc(s.shots[stem(f.path)], func(path string) bool {
		p := s.waiting[path]
		return hasJPEGExtension(path) && p != nil && !p.told && !s.c.Known(s.origin(p))
	})
}

// tally passes on what a file gives and counts it.
type tally struct {
	to                       scan.Receiver
	note                     string
	sheets, rejects, ignores int
	companion                bool // a sheet had one
}

func (t *tally) Sheet(x scan.Sheet) error {
	x.Origin.Note = strings.TrimPrefix(strings.TrimSuffix(x.Origin.Note+"; "+t.note, "; "), "; ")
	if err := t.to.Sheet(x); err != nil {
		return err
	}
	t.sheets++
	t.companion = t.companion || x.Companion != nil
	return nil
}

func (t *tally) Reject(r scan.Reject) error {
	t.rejects++
	return t.to.Reject(r)
}

func (t *tally) Ignore(path scan.Path, reason string) error {
	t.ignores++
	return t.to.Ignore(path, reason)
}
