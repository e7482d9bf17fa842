package pdfa

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recto/archive/archivetest"
	"recto/scan"
)

func sha(b []byte) [32]byte { return sha256.Sum256(b) }

// endless gives bytes that differ from page to page without holding any.
type endless uint64

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	r := rand.NewPCG(uint64(e), uint64(off))
	for i := 0; i < len(p); i += 8 {
		v := r.Uint64()
		for j := i; j < min(i+8, len(p)); j++ {
			p[j] = byte(v >> (8 * (j - i)))
		}
	}
	return len(p), nil
}

// anonymous is the memory of this process that no file backs, in bytes: what
// counts where memory is short. 0 where the system does not tell.
func anonymous() (kb int) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "RssAnon:")
	fmt.Sscan(rest, &kb)
	return kb << 10
}

// 200 pages of 2 MB: memory does not grow with them.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 800 MB")
	}
	const pages, bytesAPage = 200, 2 << 20
	_, text := verso(t, image.Pt(1000, 1000), "Many words on every page", "of a large document")
	leaves := iter.Seq2[Leaf, error](func(yield func(Leaf, error) bool) {
		for i := range pages {
			l := Leaf{
				Rendition: &scan.Rendition{Filter: "FlateDecode", Size: image.Pt(1000, 1000), Bits: 8, Colours: 1, Spans: []scan.Span{{Length: bytesAPage}}},
				Open:      func() (io.ReaderAt, io.Closer, error) { return endless(i), nil, nil },
				Frame:     image.Pt(1000, 1000), Map: scan.Affine{A: 1, E: 1}, DPI: 100, Text: text,
			}
			if !yield(l, nil) {
				return
			}
		}
	})
	before := anonymous()
	if before == 0 {
		archivetest.Missing(t, "this system does not tell how much memory is in use")
	}
	path := filepath.Join(t.TempDir(), "out.pdf")
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		most := 0
		for tick := time.Tick(2 * time.Millisecond); ; {
			select {
			case <-stop:
				done <- most
				return
			case <-tick:
				most = max(most, anonymous())
			}
		}
	}()
	r, err := Write(t.Context(), path, meta, leaves, filepath.Dir(path))
	close(stop)
	most := <-done
	if err != nil {
		t.Fatal(err)
	}
	s, err := Check(t.Context(), path)
	if err != nil || s.Pages != pages {
		t.Fatalf("%d pages, %v", s.Pages, err)
	}
	t.Logf("%d MB written; %d MB of anonymous memory more than before", r.Fixity.Size>>20, (most-before)>>20)
	if most-before > 32<<20 {
		t.Errorf("%d MB of anonymous memory for %d pages of 2 MB", (most-before)>>20, pages)
	}
}

// A file that something has happened to gives an error or other digests, never a
// panic, and never a claim that all is as it was.
func TestCheckDamage(t *testing.T) {
	grey, text := verso(t, image.Pt(200, 100), "Check")
	path, r := written(t, meta, jpegLeaf(t, grey, text), jpegLeaf(t, tinted(grey), text))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again := func(b []byte) (Summary, error) {
		p := filepath.Join(t.TempDir(), "damaged.pdf")
		if err := os.WriteFile(p, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return Check(t.Context(), p)
	}
	dice := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		if _, err := again(whole[:dice.IntN(len(whole))]); err == nil {
			t.Error("a truncated file passes")
		}
	}
	image := bytes.Index(whole, []byte("/DCTDecode"))
	start := image + bytes.Index(whole[image:], []byte("stream\n")) + 7
	for range 50 {
		b := bytes.Clone(whole)
		b[start+dice.IntN(1000)] ^= 0x55
		if s, err := again(b); err == nil && s.Images[0] == r.Images[0] {
			t.Error("a changed image passes")
		}
	}
	for range 500 { // anywhere: only a panic or an endless loop would be wrong
		b := bytes.Clone(whole)
		for range 1 + dice.IntN(4) {
			b[dice.IntN(len(b))] = byte(dice.IntN(256))
		}
		_, _ = again(b)
	}
}
