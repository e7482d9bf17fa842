package sane

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"recto/scan"
)

// child is the process of one call and all that its drivers forked.
type child struct {
	cmd    *exec.Cmd
	in     *os.File
	lines  chan reply    // closed when there are no more
	gone   chan struct{} // closed when nobody reads lines any more
	exited chan struct{}
	said   tail
	state  *os.ProcessState // once exited

	mu     sync.Mutex
	reaped bool // its process group may be another's
}

// spawn starts a child with its request. The pipes are ours and not exec's, because
// a process that a driver forked may hold them open when the child is long dead.
func spawn(command []string, r request) (*child, error) {
	line, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("sane: request: %w", err)
	}
	c := &child{lines: make(chan reply, 16), gone: make(chan struct{}), exited: make(chan struct{})}
	var theirs, ours [3]*os.File
	closeAll := func(files [3]*os.File) {
		for _, f := range files {
			if f != nil {
				f.Close()
			}
		}
	}
	for i := range theirs {
		from, to, err := os.Pipe()
		if err != nil {
			closeAll(theirs)
			closeAll(ours)
			return nil, fmt.Errorf("start sane: %w", err)
		}
		theirs[i], ours[i] = to, from
		if i == 0 {
			theirs[i], ours[i] = from, to
		}
	}
	c.in = ours[0]
	c.cmd = exec.Command(command[0], command[1:]...)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = theirs[0], theirs[1], theirs[2]
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is the parent's to handle
	err = c.cmd.Start()
	closeAll(theirs)
	if err != nil {
		closeAll(ours)
		return nil, fmt.Errorf("start sane: %w", err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(c.lines)
		in := bufio.NewReaderSize(ours[1], 1<<16)
		for {
			line, err := in.ReadBytes('\n')
			if err != nil {
				return
			}
			var answer reply
			if json.Unmarshal(line, &answer) != nil {
				return // not our protocol: as good as a crash
			}
			select {
			case c.lines <- answer:
			case <-c.gone:
				return
			}
		}
	}()
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		b := make([]byte, 4096)
		for {
			n, err := ours[2].Read(b)
			c.said.add(b[:n])
			if err != nil {
				return
			}
		}
	}()
	go func() {
		for unix.Waitid(unix.P_PID, c.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
		}
		// Still a zombie, so that its group's number is nobody else's.
		c.mu.Lock()
		syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
		c.reaped = true
		c.state, _ = c.cmd.Process.Wait()
		c.mu.Unlock()
		soon := time.Now().Add(time.Second)
		ours[1].SetReadDeadline(soon)
		ours[2].SetReadDeadline(soon)
		<-heard
		close(c.exited)
		<-read
		closeAll(ours)
	}()
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		c.kill()
		return nil, c.crashed()
	}
	return c, nil
}

func (c *child) order(verb string) {
	b, _ := json.Marshal(order{verb})
	c.in.Write(append(b, '\n')) // a child that is gone is noticed by its lines
}

// kill ends the child and what it forked, at once.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.reaped {
		syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// end waits until the child is gone, which after a while it is in any case. see
// gets the lines that it still has.
func (c *child) end(grace time.Duration, see func(reply)) {
	c.order("cancel")
	c.wait(grace, see)
}

// leaving is how long a driver may close its device and park its lamp once all is
// said; how it ends after that is of no interest.
const leaving = 10 * time.Second

func (c *child) wait(limit time.Duration, see func(reply)) {
	timer := time.AfterFunc(limit, c.kill)
	defer timer.Stop()
	for answer := range c.lines {
		see(answer)
	}
	c.in.Close()
	<-c.exited
}

// crashed says how the child ended that should not have.
func (c *child) crashed() error {
	<-c.exited
	how := c.state.String()
	if last := c.said.last(); last != "" {
		how += ", " + last
	}
	return fmt.Errorf("%w: %s", scan.ErrDriver, how)
}

// converse takes the child's replies until the final one, whose problem it returns.
// on handles all others and tells how long the next may take, 0 for as long as
// before. The child is gone when converse returns; see gets what it says after ctx
// or an error of on has ended the talk.
func (c *child) converse(ctx context.Context, patience, grace time.Duration, on func(reply) (time.Duration, error), see func(reply)) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	stop := func(err error) error {
		c.end(grace, see)
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return stop(err)
		}
		select {
		case <-ctx.Done():
			return stop(ctx.Err())
		case <-timer.C:
			c.kill()
			return stop(fmt.Errorf("%w: nothing came from it for %v, so it was ended", scan.ErrDriver, patience))
		case answer, ok := <-c.lines:
			if !ok {
				c.kill()
				c.in.Close()
				return c.crashed()
			}
			if answer.Final {
				if _, err := on(answer); err != nil {
					return stop(err)
				}
				c.wait(leaving, see) // the device is busy until its driver has closed it
				if answer.Problem != nil {
					return answer.Problem
				}
				return nil
			}
			longer, err := on(answer)
			if err != nil {
				return stop(err)
			}
			if longer > 0 {
				patience = longer
			}
			timer.Reset(patience)
		}
	}
}

// tail keeps what a child wrote to its standard error: the beginning, for a crash of
// Go prints its reason first and stacks after it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) add(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b[:min(len(b), 64<<10-len(t.buf))]...)
}

// last gives one line fit for a message, "" where nothing tells of a crash.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range bytes.Lines(t.buf) {
		line = bytes.TrimSpace(line)
		for _, mark := range []string{"fatal error:", "panic:", "SIG", "terminate called", "double free", "corrupt", "recto sane:"} {
			if bytes.Contains(line, []byte(mark)) {
				return readable(string(line[:min(len(line), 200)]))
			}
		}
	}
	return ""
}
