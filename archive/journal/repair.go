package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Repair tells what Open found and mended; the zero value when all was well.
type Repair struct {
	Torn  string   // name in the journal's folder of the file that keeps what was cut off
	Bytes int64    // how many bytes that are
	Done  []string // the same for people, one sentence each
}

// cutOff takes the last torn bytes away, after it has put them aside: they were
// promised to nobody, but they may tell somebody what was going on.
func (j *Journal) cutOff(torn int64) (Repair, error) {
	name := "torn-" + time.Now().UTC().Format("20060102T150405.000000000Z") + ".txt"
	if err := j.copyTail(filepath.Join(j.dir, name), torn); err != nil {
		return Repair{}, fmt.Errorf("put the torn end of %s aside: %w", j.file.Name(), err)
	}
	if err := j.disk.truncate(j.file, j.tail.whole); err != nil {
		return Repair{}, err
	}
	if err := j.disk.sync(j.file); err != nil {
		return Repair{}, err
	}
	return Repair{name, torn, []string{fmt.Sprintf(
		"Cut off the unfinished end of journal segment %s, %d bytes that an interruption had left, and kept them in %s.",
		nameOf(j.number), torn, name)}}, nil
}

func (j *Journal) copyTail(path string, torn int64) (err error) {
	f, err := j.disk.open(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buf := make([]byte, min(torn, 1<<20))
	for at := int64(0); at < torn; {
		n, err := j.file.ReadAt(buf[:min(torn-at, int64(len(buf)))], j.tail.whole+at)
		if err != nil && err != io.EOF || n == 0 {
			return errors.Join(err, io.ErrUnexpectedEOF)
		}
		if err := j.disk.write(f, buf[:n], at); err != nil {
			return err
		}
		at += int64(n)
	}
	if err := j.disk.sync(f); err != nil {
		return err
	}
	return j.disk.syncDir(j.dir)
}
