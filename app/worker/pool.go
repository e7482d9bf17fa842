package worker

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"recto/scan"
)

// Config of a pool; zero values mean the defaults.
type Config struct {
	Command []string      // the child's command line; default: this binary with the verb "worker"
	Size    int           // children at most; default 1
	Time    time.Duration // without any sign of life from a child, it is killed; default 5 minutes
	Memory  int64         // bytes of writable memory a child may have; default 3 GiB
	Recycle int           // requests after which a child is replaced (the engine leaks strings); default 200
	Dir     string        // working directory of the children
	Nice    int           // by how much the children stand back behind everybody else (nice(2)); default 0
}

// Pool runs requests in child processes, at most Size at a time.
type Pool struct {
	config Config
	slots  chan *child // a nil child: the slot is free but nothing runs in it yet
	closed chan struct{}
	once   sync.Once

	mu      sync.Mutex
	alive   map[*child]bool
	held    bool
	holding atomic.Int64 // times that the children were held: while they are, no time passes for them
}

// NewPool starts nothing yet: children start when first needed.
func NewPool(c Config) *Pool {
	if len(c.Command) == 0 {
		self, err := os.Executable()
		if err != nil {
			self = os.Args[0]
		}
		c.Command = []string{self, "worker"}
	}
	if c.Size < 1 {
		c.Size = 1
	}
	if c.Time == 0 {
		c.Time = 5 * time.Minute
	}
	if c.Memory == 0 {
		c.Memory = 3 << 30
	}
	if c.Recycle == 0 {
		c.Recycle = 200
	}
	p := &Pool{config: c, slots: make(chan *child, c.Size), closed: make(chan struct{}), alive: map[*child]bool{}}
	for range c.Size {
		p.slots <- nil
	}
	return p
}

// Memory is how many bytes each child may write to.
func (p *Pool) Memory() int64 { return p.config.Memory }

// Hold stops the children where they are, within a page, or lets them go on. No time
// passes for them meanwhile.
func (p *Pool) Hold(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == on {
		return
	}
	p.held = on
	p.holding.Add(1)
	for c := range p.alive {
		c.hold(on)
	}
}

func (c *child) hold(on bool) {
	signal := syscall.SIGCONT
	if on {
		signal = syscall.SIGSTOP
	}
	_ = c.cmd.Process.Signal(signal) // one that has just ended need not be held
}

// Size is the number of children that can work at once.
func (p *Pool) Size() int { return p.config.Size }

// Close ends all children as soon as their requests are done.
func (p *Pool) Close() {
	p.once.Do(func() {
		close(p.closed)
		for range p.config.Size {
			if c := <-p.slots; c != nil {
				p.forget(c)
				c.stop()
			}
		}
	})
}

var errClosed = errors.New("the workers have been shut down")

// Call runs one request and decodes the child's answer into out. item, if not
// nil, is called for each partial result in order; its error cancels the request.
// A child that crashes is replaced and the request tried once more, unless items
// were handed out already. When ctx ends the child is killed mid-page.
func (p *Pool) Call(ctx context.Context, verb string, in, out any, item func(json.RawMessage) error) error {
	data, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("worker %s: %w", verb, err)
	}
	line, err := json.Marshal(request{verb, data})
	if err != nil {
		return fmt.Errorf("worker %s: %w", verb, err)
	}
	var c *child
	select {
	case <-p.closed:
		return errClosed
	default:
	}
	select {
	case c = <-p.slots:
	case <-ctx.Done():
		return ctx.Err()
	case <-p.closed:
		return errClosed
	}
	defer func() { p.slots <- c }()
	for try := 1; ; try++ {
		if c == nil {
			if c, err = p.start(); err != nil {
				return err
			}
		}
		items := 0
		err = c.run(ctx, p, line, out, func(m json.RawMessage) error {
			items++
			if item == nil {
				return nil
			}
			return item(m)
		})
		if c.dead || c.served >= p.config.Recycle || c.rss > p.config.Memory/2 {
			p.forget(c)
			c.stop()
			c = nil
		}
		if err == nil || ctx.Err() != nil || try == 2 || items > 0 || !errors.Is(err, scan.ErrCrashed) {
			return err
		}
	}
}

// child is one running process. Its fields belong to whoever took it off the slots.
type child struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	replies chan reply // closed when the output ends
	errors  tail
	served  int
	rss     int64
	dead    bool
	stopped sync.Once
	scratch *scratch // nil where none could be made: not every request needs one
}

func (p *Pool) start() (*child, error) {
	c := &child{replies: make(chan reply, 16)}
	c.cmd = exec.Command(p.config.Command[0], p.config.Command[1:]...)
	c.cmd.Dir = p.config.Dir
	// One thread a worker: with Tesseract's own threads two pages at once take five times as long.
	// One heap: Go calls C from any thread, and glibc would give each thread one (253 MB against 150).
	c.cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1", "MALLOC_ARENA_MAX=1", fmt.Sprintf("%s=%d", memoryVariable, p.config.Memory))
	c.cmd.Stderr = &c.errors
	c.cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:   true,            // Ctrl-C is the parent's to handle
		Pdeathsig: syscall.SIGKILL, // also where it is held and cannot see that its parent has gone
	}
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	if s, err := newScratch(); err == nil {
		c.scratch = s
		c.cmd.Env = append(c.cmd.Env, "TMPDIR="+s.dir)
		c.cmd.ExtraFiles = []*os.File{s.lock}
	}
	if err := begin(c.cmd); err != nil {
		c.scratch.remove()
		return nil, fmt.Errorf("start worker: %w", err)
	}
	if p.config.Nice > 0 { // its threads inherit it; a system that refuses is none the worse
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, c.cmd.Process.Pid, p.config.Nice)
	}
	c.in = in
	p.mu.Lock()
	p.alive[c] = true
	if p.held {
		c.hold(true)
	}
	p.mu.Unlock()
	go func() {
		defer close(c.replies)
		r := bufio.NewReaderSize(out, 1<<20)
		for {
			line, err := r.ReadBytes('\n')
			if err != nil {
				return
			}
			var answer reply
			if json.Unmarshal(line, &answer) != nil {
				return // not our protocol: as good as a crash
			}
			c.replies <- answer
		}
	}()
	return c, nil
}

func (p *Pool) forget(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.alive, c)
}

// begin starts a command on a thread that lives as long as the program: a child's
// Pdeathsig comes when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG).
func begin(cmd *exec.Cmd) error {
	starter.Do(func() {
		go func() {
			runtime.LockOSThread()
			for start := range starts {
				start()
			}
		}()
	})
	done := make(chan error)
	starts <- func() { done <- cmd.Start() }
	return <-done
}

var (
	starter sync.Once
	starts  = make(chan func())
)

// run sends one request and waits for its end.
func (c *child) run(ctx context.Context, p *Pool, line []byte, out any, item func(json.RawMessage) error) error {
	c.served++
	c.errors.reset()
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return c.crashed()
	}
	limit, held := p.config.Time, p.holding.Load()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			c.kill()
			return ctx.Err()
		case <-timer.C:
			if now := p.holding.Load(); now != held || now%2 == 1 { // held meanwhile, or still
				held = now
				timer.Reset(limit)
				continue
			}
			c.kill()
			return fmt.Errorf("%w (%v)", scan.ErrTimeout, limit)
		case answer, ok := <-c.replies:
			if !ok {
				return c.crashed()
			}
			if !answer.Final {
				if err := item(answer.Item); err != nil {
					c.kill()
					return err
				}
				if _, err := c.in.Write([]byte(`{"verb":"go"}` + "\n")); err != nil {
					return c.crashed()
				}
				timer.Reset(limit)
				continue
			}
			c.rss = answer.RSS
			if answer.Problem != nil && answer.Fault != nil {
				return answer.Fault.error(answer.Problem)
			}
			if answer.Problem != nil {
				return answer.Problem
			}
			if out == nil {
				return nil
			}
			return json.Unmarshal(answer.Data, out)
		}
	}
}

// crashed reaps the child and says how it ended.
func (c *child) crashed() error {
	c.dead = true
	c.in.Close()
	for range c.replies { // its reader must be through before Wait closes the pipe
	}
	err := c.cmd.Wait()
	last := c.errors.last()
	// A thread's stack is memory too: the limit stops it as EAGAIN.
	if c.errors.has("std::bad_alloc", "out of memory", "cannot allocate memory", "Cannot allocate memory", "pthread_create failed") {
		return fmt.Errorf("%w: %s", scan.ErrMemory, last)
	}
	if last == "" && err != nil {
		last = err.Error()
	}
	return fmt.Errorf("%w: %s", scan.ErrCrashed, last)
}

func (c *child) kill() {
	c.dead = true
	c.cmd.Process.Kill()
}

// stop ends the child, however it is, and reaps it.
func (c *child) stop() {
	c.stopped.Do(func() {
		c.in.Close() // a healthy child leaves at once
		done := make(chan struct{})
		go func() {
			select {
			case <-done:
			case <-time.After(2 * time.Second):
				c.cmd.Process.Kill()
			}
		}()
		for range c.replies {
		}
		c.cmd.Wait()
		close(done)
		c.scratch.remove()
	})
}

// tail keeps the last lines that a child wrote to its standard error.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	// A Go crash prints its reason first and stacks after it: keep the head, drop the rest.
	if len(t.buf) > 64<<10 {
		t.buf = t.buf[:64<<10]
	}
	return len(b), nil
}

func (t *tail) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = t.buf[:0]
}

func (t *tail) has(any ...string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range any {
		if bytes.Contains(t.buf, []byte(s)) {
			return true
		}
	}
	return false
}

// last gives one line fit for a message: the first of a crash report.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range bytes.Lines(t.buf) {
		line = bytes.TrimSpace(line)
		for _, mark := range []string{"fatal error:", "panic:", "SIG", "terminate called", "contains_unichar", "ASSERT", "runtime/cgo:"} {
			if bytes.Contains(line, []byte(mark)) {
				return string(line[:min(len(line), 200)])
			}
		}
	}
	return ""
}
