package worker

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"recto/scan"
)

// The test binary is its own child: "worker" is the real one, "trouble" does what
// a request says, which no well-behaved child would.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "worker":
			os.Exit(Main())
		case "trouble":
			trouble()
		case "parent":
			parent()
		case "untidy":
			untidy()
		}
	}
	os.Exit(m.Run())
}

func trouble() {
	limitMemory()
	lines := bufio.NewScanner(os.Stdin)
	served := 0
	for lines.Scan() {
		var r request
		json.Unmarshal(lines.Bytes(), &r)
		var what string
		json.Unmarshal(r.Data, &what)
		served++
		if first, then, ok := strings.Cut(what, ", "); ok && first == "litter" {
			os.MkdirTemp("", "recto-models-")
			what = then
		}
		switch what {
		case "segfault":
			fmt.Fprintln(os.Stderr, "SIGSEGV: segmentation violation in a decoder")
			syscall.Kill(os.Getpid(), syscall.SIGSEGV)
			time.Sleep(time.Minute)
		case "exit":
			os.Exit(7)
		case "once":
			if flag := os.Getenv("TROUBLE_FLAG"); flag != "" {
				if _, err := os.Stat(flag); err != nil {
					os.WriteFile(flag, nil, 0o644)
					os.Exit(7)
				}
			}
		case "hang":
			time.Sleep(time.Hour)
		case "hog":
			var all [][]byte
			for range 4096 {
				b := make([]byte, 16<<20)
				for i := 0; i < len(b); i += 4096 {
					b[i] = 1
				}
				all = append(all, b)
			}
			fmt.Fprintln(os.Stderr, len(all))
		case "babble":
			fmt.Println("this is not the protocol")
			continue
		case "items":
			for i := range 3 {
				fmt.Printf(`{"item":%d}`+"\n", i)
				lines.Scan() // "go"
			}
		}
		b, _ := json.Marshal(reply{Final: true, Data: json.RawMessage(fmt.Sprintf(`{"pid":%d,"served":%d}`, os.Getpid(), served))})
		fmt.Printf("%s\n", b)
	}
	os.Exit(0)
}

type told struct{ Pid, Served int }

func troubled(t *testing.T, c Config) *Pool {
	t.Helper()
	c.Command = []string{os.Args[0], "trouble"}
	p := NewPool(c)
	t.Cleanup(p.Close)
	return p
}

func call(p *Pool, what string) (told, error) {
	var out told
	err := p.Call(context.Background(), "test", what, &out, nil)
	return out, err
}

// TestTrouble: whatever a child does costs its own request only, and says so.
func TestTrouble(t *testing.T) {
	patient := troubled(t, Config{Memory: 512 << 20})
	hasty := troubled(t, Config{Time: 2 * time.Second})
	for _, c := range []struct {
		what string
		want error
	}{
		{"segfault", scan.ErrCrashed}, {"exit", scan.ErrCrashed}, {"hang", scan.ErrTimeout}, {"hog", scan.ErrMemory}, {"babble", scan.ErrCrashed},
	} {
		if c.what == "hog" && watched {
			continue
		}
		p := patient
		if c.what == "hang" {
			p = hasty
		}
		if _, err := call(p, c.what); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the message has more than one line: %v", c.what, err)
		}
		if got, err := call(p, "fine"); err != nil || got.Served != 1 {
			t.Errorf("after %s: %+v %v; want a fresh child", c.what, got, err)
		}
	}
}

// TestSecondTry: a crash that does not come again costs nothing but time.
func TestSecondTry(t *testing.T) {
	t.Setenv("TROUBLE_FLAG", filepath.Join(t.TempDir(), "crashed"))
	p := troubled(t, Config{})
	if got, err := call(p, "once"); err != nil || got.Served != 1 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestRecycle(t *testing.T) {
	p := troubled(t, Config{Recycle: 3})
	pids := map[int]int{}
	for range 9 {
		got, err := call(p, "fine")
		if err != nil {
			t.Fatal(err)
		}
		pids[got.Pid]++
	}
	if len(pids) != 3 {
		t.Errorf("9 requests at 3 a child were served by %v", pids)
	}
}

func TestItems(t *testing.T) {
	p := troubled(t, Config{})
	var got []string
	err := p.Call(context.Background(), "test", "items", nil, func(m json.RawMessage) error {
		got = append(got, string(m))
		return nil
	})
	if err != nil || strings.Join(got, " ") != "0 1 2" {
		t.Errorf("%v %v", got, err)
	}
	stop := errors.New("enough")
	if err := p.Call(context.Background(), "test", "items", nil, func(json.RawMessage) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
	if _, err := call(p, "fine"); err != nil {
		t.Error(err)
	}
}

// TestCancel kills the child in the middle of its page, soon.
func TestCancel(t *testing.T) {
	p := troubled(t, Config{})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := p.Call(ctx, "test", "hang", nil, nil)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if d := time.Since(began); d > 30*time.Second {
		t.Errorf("it took %v", d)
	}
	if _, err := call(p, "fine"); err != nil {
		t.Error(err)
	}
}

// TestParallel keeps to the number of children, with the race detector watching.
func TestParallel(t *testing.T) {
	p := troubled(t, Config{Size: 3})
	var mu sync.Mutex
	pids := map[int]bool{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			got, err := call(p, "fine")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			pids[got.Pid] = true
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(pids) > 3 {
		t.Errorf("%d children", len(pids))
	}
	p.Close()
	if _, err := call(p, "fine"); err == nil {
		t.Error("a closed pool answers")
	}
}

// TestHold: a child that is held does nothing and is not taken for one that hangs; let
// go, it ends its work; cancelled meanwhile, it is gone.
func TestHold(t *testing.T) {
	p := troubled(t, Config{Time: 300 * time.Millisecond})
	if _, err := call(p, "fine"); err != nil {
		t.Fatal(err)
	}
	p.Hold(true)
	time.Sleep(100 * time.Millisecond) // a signal takes a moment
	answer := make(chan error, 1)
	go func() {
		_, err := call(p, "fine")
		answer <- err
	}()
	select {
	case err := <-answer:
		t.Fatalf("a held child answers: %v", err)
	case <-time.After(time.Second):
	}
	p.Hold(false)
	if err := <-answer; err != nil {
		t.Error(err)
	}
	p.Hold(true)
	time.Sleep(100 * time.Millisecond) // a signal takes a moment
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := p.Call(ctx, "test", "fine", nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	p.Hold(false)
	if _, err := call(p, "fine"); err != nil {
		t.Error(err)
	}
}

// parent starts a pool, gives its child a page to hang on, and waits to be killed.
func parent() {
	p := NewPool(Config{Command: []string{os.Args[0], "worker"}})
	if err := p.Call(context.Background(), "hello", struct{}{}, &Hello{}, nil); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	c := <-p.slots
	p.Hold(len(os.Args) > 2)
	fmt.Println(c.cmd.Process.Pid)
	time.Sleep(time.Hour)
}

// TestOrphan: a child ends when its parent was killed, also one that was held.
func TestOrphan(t *testing.T) {
	for _, args := range [][]string{{"parent"}, {"parent", "held"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) { orphan(t, args) })
	}
}

func orphan(t *testing.T, args []string) {
	cmd := exec.Command(os.Args[0], args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	var pid int
	if _, err := fmt.Sscan(line, &pid); err != nil {
		t.Fatalf("the parent says %q", line)
	}
	cmd.Process.Kill()
	cmd.Wait()
	gone(t, pid)
}

// TestRead has the real child read a page with nothing on it and one that is cut.
func TestRead(t *testing.T) {
	p := NewPool(Config{Command: []string{os.Args[0], "worker"}})
	defer p.Close()
	dir := t.TempDir()
	img := image.NewGray(image.Rect(0, 0, 800, 1100))
	for i := range img.Pix {
		img.Pix[i] = 250
	}
	img.SetGray(5, 5, color.Gray{0})
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	// A name that is not UTF-8 must come through the pipe.
	page := filepath.Join(dir, "blank\xff.jpg")
	os.WriteFile(page, b.Bytes(), 0o644)
	cut := filepath.Join(dir, "cut.jpg")
	os.WriteFile(cut, b.Bytes()[:b.Len()*2/3], 0o644)
	var r Reading
	in := Read{Master: scan.Path(page), Languages: []string{"eng"}, Rendition: scan.Path(filepath.Join(dir, "r")), Thumbnail: scan.Path(filepath.Join(dir, "t.jpg"))}
	if err := p.Call(context.Background(), "read", in, &r, nil); err != nil {
		t.Fatal(err)
	}
	if r.State != scan.Blank || r.Text != nil || r.Stored != [2]int{800, 1100} || !r.Pixels.DPIEstimated || r.Rendition == nil || !r.Rendition.Master {
		t.Errorf("%+v", r)
	}
	// Few dots an inch are what a large page of a PDF was rendered with.
	in.DPI, r = 40, Reading{}
	if err := p.Call(context.Background(), "read", in, &r, nil); err != nil || r.Pixels.DPI != 40 || r.Pixels.DPIEstimated {
		t.Errorf("40 dpi: %+v, %v", r.Pixels, err)
	}
	clear(img.Pix)
	b.Reset()
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	black := filepath.Join(dir, "black.jpg")
	os.WriteFile(black, b.Bytes(), 0o644)
	in.Master, r = scan.Path(black), Reading{}
	if err := p.Call(context.Background(), "read", in, &r, nil); err != nil || r.State != scan.Done || r.Confidence != 0 {
		t.Errorf("a black page: %+v, %v", r, err)
	}
	in.Master = scan.Path(cut)
	if err := p.Call(context.Background(), "read", in, &r, nil); !errors.Is(err, scan.ErrTruncated) {
		t.Errorf("a cut file: %v", err)
	}
	var v Viewed
	into := filepath.Join(dir, "view")
	if err := p.Call(context.Background(), "view", View{Master: scan.Path(page), Orientation: 6, Into: scan.Path(into)}, &v, nil); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(into); v.Width != 1100 || v.Height != 800 || info.Size() != int64(v.Width*v.Height*v.Samples) {
		t.Errorf("view: %+v", v)
	}
}
