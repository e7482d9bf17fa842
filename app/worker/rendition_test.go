package worker_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recto/app/worker"
	"recto/archive/archivetest"
	"recto/archive/pdfa"
	"recto/scan"
	"recto/scan/prepare"
	"recto/scan/scantest"
)

// The rendition's maker and the PDF's writer never meet but here: what one promises
// the other must place, and judges from outside must see the master's pixels in it.
func TestRenditionsInPDF(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "all.pdf")
	masters := scantest.Masters(t, t.TempDir())
	var leaves []pdfa.Leaf
	for _, m := range masters {
		r, err := prepare.Render(m.Path, nil, filepath.Join(dir, m.Name+".rendition"), prepare.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		leaves = append(leaves, leaf(m.Path, r))
	}
	now := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	_, err := pdfa.Write(t.Context(), path, pdfa.Meta{Title: "Renditions", Created: now, Modified: now}, func(yield func(pdfa.Leaf, error) bool) {
		for _, l := range leaves {
			if !yield(l, nil) {
				return
			}
		}
	}, dir)
	if err != nil {
		t.Fatal(err)
	}
	archivetest.VeraPDF(t, "2u", path)
	archivetest.Qpdf(t, path)

	pdfimages := archivetest.Tool(t, "pdfimages")
	out, err := exec.Command(pdfimages, "-list", path).CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err != nil || len(lines) != 2+len(masters) {
		t.Fatalf("pdfimages: %v\n%s", err, out)
	}
	root := filepath.Join(t.TempDir(), "image")
	if out, err := exec.Command(pdfimages, "-png", path, root).CombinedOutput(); err != nil {
		t.Fatalf("pdfimages: %v\n%s", err, out)
	}
	for i, m := range masters {
		t.Run(m.Name, func(t *testing.T) {
			r := leaves[i].Rendition
			listed(t, lines[2+i], r)
			if m.Want == nil || r.ICC != nil || r.Bits == 16 { // poppler converts colours, and shows 8 bits
				return
			}
			f, err := os.Open(fmt.Sprintf("%s-%03d.png", root, i))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			img, err := png.Decode(f)
			if err != nil {
				t.Fatal(err)
			}
			if err := alike(img, m.Want, m.Near); err != nil {
				t.Error(err)
			}
		})
	}
}

func leaf(master string, r scan.Rendition) pdfa.Leaf {
	return pdfa.Leaf{Rendition: &r, DPI: 150, Frame: r.Size, Map: scan.Affine{A: 1, E: 1}, Open: func() (io.ReaderAt, io.Closer, error) {
		if !r.Master {
			master = r.File
		}
		f, err := os.Open(master)
		return f, f, err
	}}
}

// listed compares what poppler lists of an image with its rendition.
func listed(t *testing.T, line string, r *scan.Rendition) {
	f := strings.Fields(line) // page num type width height color comp bpc enc ...
	coding := map[string]string{"DCTDecode": "jpeg", "FlateDecode": "image", "CCITTFaxDecode": "ccitt", "JPXDecode": "jpx"}[r.Filter]
	bits := r.Bits
	if r.Filter == "JPXDecode" {
		bits = 8
	}
	want := fmt.Sprintf("%d %d %d %d %s", r.Size.X, r.Size.Y, r.Colours, bits, coding)
	if len(f) < 9 || strings.Join([]string{f[3], f[4], f[6], f[7], f[8]}, " ") != want {
		t.Errorf("pdfimages lists %q, want %s", line, want)
	}
}

func alike(got, want image.Image, near int) error {
	if got.Bounds() != want.Bounds() {
		return fmt.Errorf("%v pixels, want %v", got.Bounds(), want.Bounds())
	}
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			gr, gg, gb, _ := got.At(x, y).RGBA()
			wr, wg, wb, a := want.At(x, y).RGBA()
			white := 0xFFFF - a
			for i, d := range []int{int(gr) - int(wr+white), int(gg) - int(wg+white), int(gb) - int(wb+white)} {
				if d > near || -d > near {
					return fmt.Errorf("sample %d of pixel %d,%d is off by %d", i, x, y, d)
				}
			}
		}
	}
	return nil
}

// A fax has half as many rows as columns to the inch. It is read, shown and put into
// the PDF as the paper was, and the PDF holds its own pixels.
func TestFax(t *testing.T) {
	dir := t.TempDir()
	full := filepath.Join("..", "..", "assets", "samples", "letter-1.jpg")
	pic, err := prepare.Decode(full, prepare.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer pic.Close()
	paper := pic.View()
	size := image.Pt(paper.Bounds().Dx(), paper.Bounds().Dy()/2)
	half := image.NewGray(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			half.Set(x, y, paper.At(x, 2*y))
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, half, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	fax := filepath.Join(dir, "fax.jpg")
	density := "\xff\xe0\x00\x10JFIF\x00\x01\x02\x01\x00\xc8\x00\x64\x00\x00" // 200 by 100 dpi
	if err := os.WriteFile(fax, []byte("\xff\xd8"+density+b.String()[2:]), 0o644); err != nil {
		t.Fatal(err)
	}
	p := worker.NewPool(worker.Config{Command: []string{os.Args[0], "worker"}})
	defer p.Close()
	read := func(master string) (r worker.Reading) {
		in := worker.Read{Master: scan.Path(master), DPI: 200, Languages: []string{"eng"}, Rendition: scan.Path(filepath.Join(dir, "r"))}
		if err := p.Call(t.Context(), "read", in, &r, nil); err != nil {
			t.Fatal(err)
		}
		return r
	}
	want, got := read(full), read(fax)
	if r := got.Rendition; !r.Master || r.Size != size || r.Square != size.Add(image.Pt(0, size.Y)) || got.Stored != [2]int{r.Square.X, r.Square.Y} {
		t.Errorf("rendition %+v, stored %v", r, got.Stored)
	}
	boxes := map[string][]image.Rectangle{}
	for w := range want.Text.Words {
		boxes[w.Text] = append(boxes[w.Text], w.Box)
	}
	words, found := 0, 0
	for w := range got.Text.Words {
		words++
		if slices.ContainsFunc(boxes[w.Text], func(b image.Rectangle) bool {
			d := w.Box.Min.Sub(b.Min)
			return max(d.X, -d.X, d.Y, -d.Y) <= 12
		}) {
			found++
		}
	}
	if words < 50 || found*10 < words*8 {
		t.Errorf("%d of %d words are where they are on the paper", found, words)
	}
	var v worker.Viewed
	into := scan.Path(filepath.Join(dir, "view"))
	if err := p.Call(t.Context(), "view", worker.View{Master: scan.Path(fax), Orientation: 1, Into: into}, &v, nil); err != nil || v.Width != size.X || v.Height != 2*size.Y {
		t.Errorf("view %+v, %v", v, err)
	}

	l := leaf(fax, *got.Rendition)
	l.DPI, l.Text = got.Pixels.DPI, got.Text
	l.Frame, l.Map = got.Rendition.Frame(1, got.Recipe)
	path := filepath.Join(dir, "fax.pdf")
	now := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	if _, err := pdfa.Write(t.Context(), path, pdfa.Meta{Title: "Fax", Created: now, Modified: now}, func(yield func(pdfa.Leaf, error) bool) { yield(l, nil) }, dir); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(archivetest.Tool(t, "pdfimages"), "-list", path).CombinedOutput()
	f := strings.Fields(string(out[bytes.LastIndexByte(bytes.TrimSpace(out), '\n')+1:]))
	if err != nil || len(f) < 14 || f[12] != "200" || f[13] != "100" {
		t.Errorf("pdfimages: %v\n%s\nwant 200 by 100 pixels an inch", err, out)
	}
}
