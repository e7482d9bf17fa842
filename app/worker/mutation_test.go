package worker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"recto/scan"
)

// wholeMasters are small pages with text in every format, and in many of its forms.
func wholeMasters(t *testing.T) (names []string, files [][]byte) {
	t.Helper()
	magick, err := exec.LookPath("convert")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("NOT TESTED: ImageMagick: ", err)
	}
	source := filepath.Join("..", "..", "assets", "samples", "letter-1.jpg")
	dir := t.TempDir()
	for _, f := range []struct {
		name string
		args []string
	}{
		{"grey.png", nil}, {"colour.png", []string{"-fill", "red", "-tint", "40"}}, {"palette.png", []string{"-colors", "16", "-type", "Palette"}},
		{"deep.png", []string{"-depth", "16"}}, {"alpha.png", []string{"-alpha", "set"}}, {"bits.png", []string{"-monochrome"}},
		{"plain.jpg", nil}, {"steps.jpg", []string{"-interlace", "JPEG"}}, {"cmyk.jpg", []string{"-colorspace", "CMYK"}},
		{"raw.tif", []string{"-compress", "None"}}, {"lzw.tif", []string{"-compress", "LZW"}}, {"zip.tif", []string{"-compress", "Zip"}},
		{"g4.tif", []string{"-monochrome", "-compress", "Group4"}}, {"g3.tif", []string{"-monochrome", "-compress", "Fax"}},
		{"jpeg.tif", []string{"-compress", "JPEG"}}, {"big.tif", []string{"-compress", "RLE", "-endian", "MSB"}},
		{"page.jp2", nil}, {"page.webp", nil}, {"exact.webp", []string{"-define", "webp:lossless=true"}},
		{"page.bmp", nil}, {"page.pgm", nil}, {"page.ppm", []string{"-fill", "blue", "-tint", "30"}}, {"page.pbm", []string{"-monochrome"}}, {"page.pam", nil},
	} {
		out := filepath.Join(dir, f.name)
		args := append([]string{source, "-crop", "620x260+40+160", "+repage"}, f.args...)
		if b, err := exec.Command(magick, append(args, out)...).CombinedOutput(); err != nil {
			t.Logf("%s cannot be made here: %v: %s", f.name, err, b)
			continue
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		names, files = append(names, f.name), append(files, b)
	}
	return names, files
}

// mutated spoils a file in one to four places.
func mutated(r *rand.Rand, whole []byte, other []byte) []byte {
	b := bytes.Clone(whole)
	for range 1 + r.IntN(4) {
		if len(b) < 16 {
			break
		}
		at := r.IntN(len(b))
		if r.IntN(2) == 0 { // what a file says of itself stands at its start, as a rule
			at = r.IntN(min(len(b), 256))
		}
		n := min(1+r.IntN(64), len(b)-at)
		switch r.IntN(9) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b[at] = []byte{0, 1, 0x7f, 0x80, 0xff}[r.IntN(5)]
		case 2: // numbers at the limits of what they may be
			v := []uint32{0, 1, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, uint32(len(b))}[r.IntN(8)]
			if at+4 <= len(b) && r.IntN(2) == 0 {
				binary.BigEndian.PutUint32(b[at:], v)
			} else if at+4 <= len(b) {
				binary.LittleEndian.PutUint32(b[at:], v)
			}
		case 3:
			b = b[:at]
		case 4:
			clear(b[at:][:n])
		case 5:
			for i := range b[at:][:n] {
				b[at+i] = byte(r.Uint32())
			}
		case 6:
			b = slices.Delete(b, at, at+n)
		case 7:
			b = slices.Insert(b, at, b[at:at+n]...)
		case 8: // the rest of another file
			b = append(b[:at:at], other[min(at, len(other)):]...)
		}
	}
	return b
}

// TestMutations: whatever a file holds costs its own page, within the time limit, and is
// reported as what it is; the next page is read as ever.
func TestMutations(t *testing.T) {
	names, files := wholeMasters(t)
	count := 240
	if os.Getenv("RECTO_SOAK") == "1" {
		count = 10_000
	}
	if testing.Short() {
		count = 24
	}
	const limit = 60 * time.Second
	p := NewPool(Config{Command: []string{os.Args[0], "worker"}, Size: 2, Time: limit})
	defer p.Close()
	dir := t.TempDir()
	read := func(name string, content []byte) (Reading, error) {
		master := filepath.Join(dir, name)
		if err := os.WriteFile(master, content, 0o644); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(master)
		defer os.Remove(master + ".bin")
		var got Reading
		err := p.Call(t.Context(), "read", Read{
			Master: scan.Path(master), DPI: 150, Languages: []string{"eng"}, Rendition: scan.Path(master + ".bin"), Thumbnail: scan.Path(master + ".jpg"),
		}, &got, nil)
		os.Remove(master + ".jpg")
		return got, err
	}
	words := map[string]string{}
	for i, name := range names {
		got, err := read(name, files[i])
		if err != nil || got.Text == nil {
			t.Fatalf("%s as it is: %v", name, err)
		}
		words[name] = got.Text.Plain()
	}
	type outcome struct {
		err  error
		took time.Duration
	}
	outcomes := make([]outcome, count)
	var wg sync.WaitGroup
	next := make(chan int)
	for range p.Size() {
		wg.Go(func() {
			for i := range next {
				r := rand.New(rand.NewPCG(uint64(i), 20261123))
				which, other := r.IntN(len(files)), r.IntN(len(files))
				began := time.Now()
				_, err := read(fmt.Sprintf("%d-%s", i, names[which]), mutated(r, files[which], files[other]))
				outcomes[i] = outcome{err, time.Since(began)}
			}
		})
	}
	for i := range count {
		next <- i
	}
	close(next)
	wg.Wait()
	told := map[string]int{}
	for i, o := range outcomes {
		kind := "read"
		for _, known := range []error{
			scan.ErrEmpty, scan.ErrNotImage, scan.ErrTruncated, scan.ErrDamaged, scan.ErrTooLarge, scan.ErrUnsupported, scan.ErrMemory, scan.ErrCrashed,
		} {
			if errors.Is(o.err, known) {
				kind = known.Error()
				break
			}
		}
		told[kind]++
		switch {
		case errors.Is(o.err, scan.ErrTimeout) || o.took > 2*limit:
			t.Errorf("mutation %d hangs: %v, %v", i, o.took, o.err)
		case o.err != nil && kind == "read":
			t.Errorf("mutation %d is not told as what it is: %v", i, o.err)
		case errors.Is(o.err, scan.ErrCrashed):
			t.Logf("mutation %d: %v", i, o.err)
		}
	}
	t.Logf("%d mutations: %v", count, told)
	if crashed := told[scan.ErrCrashed.Error()]; crashed*100 > count {
		t.Errorf("%d of %d end a worker", crashed, count)
	}
	for i, name := range names {
		if got, err := read(name, files[i]); err != nil || got.Text == nil || got.Text.Plain() != words[name] {
			t.Errorf("%s is read otherwise than before: %v", name, err)
		}
	}
}
