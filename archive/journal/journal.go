package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"recto/archive"
	"recto/scan"
)

// segmentSize is where a new segment is begun, in bytes.
const segmentSize = 64 << 20

// Journal is an open journal. Its methods are safe for concurrent use.
type Journal struct {
	dir   string
	limit int64 // bytes after which a new segment is begun
	disk  disk

	waiting sync.Mutex
	queue   []*request // appends that wait for mu

	mu     sync.Mutex
	file   *os.File // the last segment; nil when it is open for reading only or closed
	number int      // of the last segment
	tail   tail     // what of it is durable
	broken error    // why no more can be appended
}

// request is one call of Append.
type request struct {
	events [][]byte
	done   bool
	end    Position
	err    error
}

// Open opens the journal in the folder dir for appending, makes what is missing
// and mends what an interruption left. The error wraps scan.ErrReadOnly or
// scan.ErrNoSpace where that is why.
func Open(dir string) (*Journal, Repair, error) {
	j := &Journal{dir: dir, limit: segmentSize}
	repair, err := j.open()
	if err != nil {
		return nil, Repair{}, fmt.Errorf("open journal: %w", err)
	}
	return j, repair, nil
}

func (j *Journal) open() (repair Repair, err error) {
	if err := j.disk.mkdir(j.dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return repair, err
	}
	segs, _, err := listSegments(j.dir)
	if err != nil {
		return repair, err
	}
	j.number = 1
	if len(segs) > 0 {
		j.number = segs[len(segs)-1].number
	}
	j.file, err = j.disk.open(filepath.Join(j.dir, nameOf(j.number)), os.O_RDWR|os.O_CREATE)
	if err != nil {
		return repair, err
	}
	defer func() {
		if err != nil {
			j.Close()
		}
	}()
	if len(segs) > 0 {
		if j.tail, err = findTail(segs); err != nil {
			return repair, err
		}
		if torn := segs[len(segs)-1].size - j.tail.whole; torn > 0 {
			if repair, err = j.cutOff(torn); err != nil {
				return repair, err
			}
		}
	}
	// Whoever was here before may have been killed between a write and its sync, or
	// before a new name was synced. What is read from now on must stay.
	return repair, errors.Join(j.disk.sync(j.file), j.disk.syncDir(j.dir), j.disk.syncDir(filepath.Dir(j.dir)))
}

// OpenReadOnly opens a journal for reading, also while another process appends
// to it. It sees what was there at this moment, without a torn end.
func OpenReadOnly(dir string) (*Journal, error) {
	segs, _, err := listSegments(dir)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &Journal{dir: dir, broken: scan.ErrReadOnly}
	if len(segs) > 0 {
		j.number = segs[len(segs)-1].number
		if j.tail, err = findTail(segs); err != nil {
			return nil, fmt.Errorf("open journal: %w", err)
		}
	}
	return j, nil
}

// End is the position of the last event.
func (j *Journal) End() Position {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.tail.end
}

// Close ends the use of the journal. Nothing is lost without it.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file, j.broken = nil, fs.ErrClosed
	return err
}

// Append adds events to the end, all of them or none; they are durable when it
// returns, with the position of the last. After an error none of them is in the
// journal, and it can be used further, unless it says that even taking them back
// failed: then it must be opened anew. Appends that wait for each other share one
// write and one sync. What has begun is not cancelled any more.
func (j *Journal) Append(ctx context.Context, events ...archive.Event) (Position, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if len(events) == 0 {
		return j.End(), nil
	}
	r := &request{}
	for _, e := range events {
		b, err := encodeEvent(e)
		if err != nil {
			return 0, fmt.Errorf("append to the journal: %w", err)
		}
		r.events = append(r.events, b)
	}
	j.waiting.Lock()
	j.queue = append(j.queue, r)
	j.waiting.Unlock()

	j.mu.Lock()
	defer j.mu.Unlock()
	if !r.done { // nobody before us has taken our events along
		j.flush()
	}
	if r.err != nil {
		return 0, fmt.Errorf("append to the journal: %w", r.err)
	}
	return r.end, nil
}

// flush writes all that waits.
func (j *Journal) flush() {
	j.waiting.Lock()
	queue := j.queue
	j.queue = nil
	j.waiting.Unlock()

	var b []byte
	next := j.tail
	for _, r := range queue {
		for i, event := range r.events {
			next.end++
			b, next.head = appendLine(b, next.end, next.head, i+1, len(r.events), event)
		}
		r.done, r.end = true, next.end
	}
	err := j.write(b)
	if err == nil {
		j.tail.whole += int64(len(b))
		j.tail.end, j.tail.head = next.end, next.head
	}
	for _, r := range queue {
		r.err = err
	}
}

// write puts b behind the durable end of the last segment, or of a new one.
func (j *Journal) write(b []byte) error {
	if j.broken != nil {
		return fmt.Errorf("nothing can be appended until it is opened anew: %w", j.broken)
	}
	if j.tail.whole >= j.limit {
		if err := j.turn(); err != nil {
			return err
		}
	}
	err := j.disk.write(j.file, b, j.tail.whole)
	if err == nil {
		err = j.disk.sync(j.file)
	}
	if err == nil {
		return nil
	}
	// After a failed sync the kernel takes the pages for clean (Rebello et al., "Can
	// Applications Recover from fsync Failures?", USENIX ATC 2020): syncing again
	// proves nothing, so the bytes are taken away and written anew by the next append.
	back := j.disk.truncate(j.file, j.tail.whole)
	if back == nil {
		back = j.disk.sync(j.file)
	}
	if back != nil {
		j.broken = fmt.Errorf("%w; taking it back: %w", err, back)
		return j.broken
	}
	return err
}

// turn begins a new segment. A file left by a turn that failed is used again.
func (j *Journal) turn() error {
	f, err := j.disk.open(filepath.Join(j.dir, nameOf(j.number+1)), os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	if info, e := f.Stat(); e != nil {
		err = e
	} else if info.Size() > 0 {
		err = fmt.Errorf("%s is there already: does another process write to this archive?", f.Name())
	} else {
		err = j.disk.syncDir(j.dir)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	j.file.Close() // all of it is synced
	j.file, j.number, j.tail.whole = f, j.number+1, 0
	return nil
}
