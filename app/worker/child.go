package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"recto/scan"
)

// memoryVariable carries the memory limit to the child, in bytes.
const memoryVariable = "RECTO_WORKER_MEMORY"

// Main is the child: it serves requests until its standard input closes.
func Main() int {
	out, err := claimStdout()
	if err != nil {
		fmt.Fprintln(os.Stderr, "recto worker:", err)
		return 1
	}
	signal.Ignore(os.Interrupt)
	limitMemory()
	lines := make(chan []byte)
	go func() {
		r := bufio.NewReaderSize(os.Stdin, 64<<10)
		for {
			line, err := r.ReadBytes('\n')
			if err != nil {
				// The parent is gone or wants us gone, in the middle of a page or not.
				os.Exit(0)
			}
			lines <- line
		}
	}()
	s := &server{}
	w := bufio.NewWriterSize(out, 1<<20)
	send := func(r reply) error {
		b, err := json.Marshal(r)
		if err != nil {
			return err
		}
		w.Write(b)
		w.WriteByte('\n')
		return w.Flush()
	}
	for line := range lines {
		var r request
		answer := reply{Final: true}
		if err := json.Unmarshal(line, &r); err != nil {
			answer.Problem = scan.ProblemOf(fmt.Errorf("worker: request: %w", err))
		} else if data, err := s.serve(context.Background(), r, func(v any) error {
			b, err := json.Marshal(v)
			if err != nil {
				return err
			}
			if err := send(reply{Item: b}); err != nil {
				return err
			}
			<-lines // the parent has taken it
			return nil
		}); err != nil {
			answer.Problem, answer.Fault = scan.ProblemOf(err), faultOf(err)
		} else if answer.Data, err = json.Marshal(data); err != nil {
			answer.Problem = scan.ProblemOf(err)
		}
		answer.RSS = rss()
		if err := send(answer); err != nil {
			return 1
		}
	}
	return 0
}

// claimStdout keeps the protocol's pipe for us and points file descriptor 1 at
// standard error, because native libraries print where they like.
func claimStdout() (io.Writer, error) {
	fd, err := unix.Dup(1)
	if err != nil {
		return nil, err
	}
	unix.CloseOnExec(fd)
	if err := unix.Dup3(2, 1, 0); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "replies"), nil
}

// limitMemory bounds writable memory (RLIMIT_DATA counts the heap of C and Go
// alike since Linux 4.7, but not address space that is only reserved).
func limitMemory() {
	n, err := strconv.ParseUint(os.Getenv(memoryVariable), 10, 64)
	if err != nil || n == 0 {
		return
	}
	unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: n, Max: n})
	unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) // a page's pixels do not belong in a core file
	debug.SetMemoryLimit(int64(n) / 2)
}

// rss reads the resident memory of this process, 0 where /proc is missing.
func rss() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b))
	if len(f) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(f[1], 10, 64)
	return n * int64(os.Getpagesize())
}
