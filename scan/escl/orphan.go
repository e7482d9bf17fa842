package escl

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"recto/scan"
)

// A program that is killed cannot delete its job: the device goes on waiting for somebody
// to fetch the next image and is busy for everybody else until it gives up, and a sheet
// may have gone through its feeder that nobody has kept. So each job is on record in a
// file while it runs. The file is locked; the kernel takes the lock away with the
// process, however that ends. Whoever scans next deletes the job and tells of the sheet.

// record is a job that runs. A nil record notes nothing.
type record struct{ file *os.File }

// entry is the first line of a record; behind it is one byte for each image kept.
type entry struct {
	Device string    `json:"device"` // host and port
	Job    string    `json:"job"`    // address
	Feeder bool      `json:"feeder"`
	Begun  time.Time `json:"begun"`
}

const (
	// A device gives up a job that nobody fetches within minutes, and may then name
	// another one, of somebody else, the same.
	mostForgotten = 10 * time.Minute
	// Who comes to the scanner on another day does not find yesterday's sheets in it.
	mostTold = 12 * time.Hour
	jobFiles = "job-*"
)

// note puts a job on record. One that cannot be is scanned all the same.
func (s *Source) note(j *job) *record {
	if s.jobs == "" {
		return nil
	}
	line, err := json.Marshal(entry{hostPort(j.c.root), j.location, j.settings.feeder(), time.Now().UTC()})
	if err != nil {
		return nil
	}
	f, err := os.CreateTemp(s.jobs, jobFiles)
	if err != nil {
		return nil
	}
	r := &record{f}
	if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err == nil {
		_, err = f.Write(append(line, '\n'))
	}
	if err != nil {
		r.end()
		return nil
	}
	return r
}

// kept notes that one more image is kept.
func (r *record) kept() {
	if r != nil {
		_, _ = r.file.Write([]byte{'.'})
	}
}

// end strikes the job off.
func (r *record) end() {
	if r != nil {
		os.Remove(r.file.Name())
		r.file.Close()
	}
}

// settle deletes the jobs that killed programs have left at a device. When the paper of
// one may lie behind its feeder the next run of the feeder ends before it begins, once:
// the sheets that it would give are not the ones that come next.
func (s *Source) settle(ctx context.Context, c *client, feeder bool) error {
	if s.jobs == "" {
		return nil
	}
	names, err := filepath.Glob(filepath.Join(globbed(s.jobs), jobFiles))
	if err != nil {
		return nil
	}
	var told error
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil { // nobody runs it
			if err := s.settleOne(ctx, c, feeder, f); err != nil {
				told = err
			}
		}
		f.Close()
	}
	return told
}

func (s *Source) settleOne(ctx context.Context, c *client, feeder bool, f *os.File) error {
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil
	}
	line, images, _ := strings.Cut(string(b), "\n")
	var e entry
	if json.Unmarshal([]byte(line), &e) != nil { // begun this moment, or cut off before the first line was whole
		if info, err := f.Stat(); err == nil && time.Since(info.ModTime()) > mostForgotten {
			os.Remove(f.Name())
		}
		return nil
	}
	age := time.Since(e.Begun)
	if info, err := f.Stat(); err == nil {
		age = time.Since(info.ModTime()) // of the last image
	}
	if age < 0 || age > mostTold {
		os.Remove(f.Name())
		return nil
	}
	if e.Device != hostPort(c.root) {
		return nil
	}
	if u, err := url.Parse(e.Job); err == nil && hostPort(u) == e.Device && age < mostForgotten {
		if a, err := c.do(ctx, http.MethodDelete, e.Job, nil, c.times.Answer, c.times.Answer); err == nil {
			a.done()
		}
	}
	if ctx.Err() != nil || e.Feeder && !feeder {
		return ctx.Err() // the paper is still to be told of
	}
	os.Remove(f.Name())
	if !e.Feeder {
		return nil
	}
	return &scan.LostError{
		Lost: fmt.Sprintf("the sheet behind its image %d may have gone through the feeder and was not kept", len(images)),
		Err:  fmt.Errorf("%w: it began at %s and gave %d", scan.ErrCutOff, e.Begun.Local().Format("15:04"), len(images)),
	}
}

// globbed is a path that means itself in a pattern.
func globbed(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
