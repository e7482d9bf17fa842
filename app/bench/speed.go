package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/tiff"
)

// speed compares the processor time of import and process, so of the whole line up to
// the stored text, with that of bare tesseract writing nothing but text, for kinds of
// batch; and the wall time of one worker with that of two.
func speed(bin, out string) error {
	clean, err := cleanPages()
	if err != nil {
		return err
	}
	if len(clean) == 0 {
		return errors.New("no clean pages in the manifest")
	}
	blank := slices.Clone(clean)
	for i, p := range clean {
		blank = slices.Insert(blank, 2*i+1, bareBack(p.img, uint64(i)))
	}
	kinds := []struct {
		name  string
		dpi   int
		pages []sheet
	}{
		{"clean, 300 dpi", 300, clean},
		{"600 dpi", 600, altered(clean, twice)},
		{"every second page blank", 300, blank},
		{"turned by 90, 180, 270 degrees", 300, altered(clean, quarters)},
	}
	fmt.Println("| batch | pages | CPU s/page, tesseract | recto | CPU / tesseract | wall, 1 worker / 2 |")
	fmt.Println("|---|---|---|---|---|---|")
	for n, k := range kinds {
		dir := filepath.Join(out, fmt.Sprintf("speed-%d", n))
		files, err := written(filepath.Join(dir, "in"), k.pages, k.dpi)
		if err != nil {
			return err
		}
		var floor figures
		for i, file := range files {
			cmd := exec.Command("tesseract", file, filepath.Join(dir, "t"), "--psm", "3", "-l", k.pages[i].lang)
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("%s: %w", cmd, err)
			}
			floor.usage(cmd.ProcessState)
		}
		// One archive a language, as each batch has one.
		langs := map[string][]string{}
		for i, file := range files {
			langs[k.pages[i].lang] = append(langs[k.pages[i].lang], file)
		}
		var walls [2]float64
		var own figures
		for jobs := 1; jobs <= 2; jobs++ {
			own = figures{}
			for lang, files := range langs {
				archive := filepath.Join(dir, fmt.Sprint(lang, jobs))
				made := exec.Command(bin, "init", archive)
				in := exec.Command(bin, append([]string{"import", "--archive", archive, "--title", "Speed"}, files...)...)
				process := exec.Command(bin, "process", "--archive", archive, "--lang", lang, "--jobs", fmt.Sprint(jobs))
				for _, cmd := range []*exec.Cmd{made, in, process} {
					began := time.Now()
					if b, err := cmd.CombinedOutput(); err != nil {
						return fmt.Errorf("%s: %w\n%s", cmd, err, b)
					}
					if cmd == process {
						walls[jobs-1] += time.Since(began).Seconds()
					}
					own.usage(cmd.ProcessState)
				}
			}
		}
		count := float64(len(files))
		fmt.Printf("| %s | %d | %.2f | %.2f | %.2f | %.2f |\n", k.name, len(files), floor.cpu/count, own.cpu/count, own.cpu/floor.cpu, walls[0]/walls[1])
	}
	fmt.Println()
	return nil
}

// sheet is a page made for a batch.
type sheet struct {
	img  image.Image
	lang string
}

// cleanPages are the manifest's clean pages and columns of about 300 dpi, each so often
// that a language, which is a batch, has two dozen: what a run needs to begin is not what
// a page needs.
func cleanPages() ([]sheet, error) {
	pages, err := manifest(*scans)
	if err != nil {
		return nil, err
	}
	var out []sheet
	for _, p := range pages {
		if (p.kind != "clean" && p.kind != "columns") || (p.dpi != "300" && p.dpi != "300e") {
			continue
		}
		f, err := os.Open(source(p))
		if err != nil {
			return nil, err
		}
		img, _, err := image.Decode(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.path, err)
		}
		out = append(out, sheet{img, p.lang})
	}
	const batch = 24
	of := map[string]int{}
	for _, p := range out {
		of[p.lang]++
	}
	var all []sheet
	for i := range batch {
		for _, p := range out {
			if i < batch/of[p.lang] {
				all = append(all, p)
			}
		}
	}
	return all, nil
}

func altered(pages []sheet, how func(image.Image, int) image.Image) []sheet {
	out := slices.Clone(pages)
	for i := range out {
		out[i].img = how(out[i].img, i)
	}
	return out
}

// twice is a picture at twice its resolution.
func twice(img image.Image, _ int) image.Image {
	size := img.Bounds().Size()
	to := image.NewGray(image.Rect(0, 0, 2*size.X, 2*size.Y))
	draw.CatmullRom.Scale(to, to.Bounds(), img, img.Bounds(), draw.Src, nil)
	return to
}

// quarters turns the pictures of a batch in turns by 90, 180 and 270 degrees.
func quarters(img image.Image, n int) image.Image {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	turn := n%3 + 1
	to := image.NewGray(image.Rect(0, 0, w, h))
	if turn != 2 {
		to = image.NewGray(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			u, v := h-1-y, x
			switch turn {
			case 2:
				u, v = w-1-x, h-1-y
			case 3:
				u, v = y, w-1-x
			}
			to.Set(u, v, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return to
}

// bareBack is the back of a page without writing: its paper, as a scanner would see it.
func bareBack(img image.Image, seed uint64) sheet {
	b := img.Bounds()
	r := rand.New(rand.NewPCG(seed, 1))
	var tones []uint8
	for range 2000 {
		at := img.At(b.Min.X+r.IntN(b.Dx()), b.Min.Y+r.IntN(b.Dy()))
		tones = append(tones, color.GrayModel.Convert(at).(color.Gray).Y)
	}
	slices.SortFunc(tones, cmp.Compare)
	paper := float64(min(tones[len(tones)*3/4], 245))
	to := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	for i := range to.Pix {
		to.Pix[i] = uint8(min(255, max(0, paper+3*r.NormFloat64())))
	}
	return sheet{to, "eng"}
}

// written puts the pages into a folder as JPEGs that name their resolution.
func written(dir string, pages []sheet, dpi int) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var files []string
	for i, p := range pages {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, p.img, &jpeg.Options{Quality: 92}); err != nil {
			return nil, err
		}
		// JFIF 1.02 (ECMA TR/98, 10.1): density in dots per inch; and a comment that makes
		// each page's bytes its own.
		head := append([]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02\x01"), binary.BigEndian.AppendUint32(nil, uint32(dpi)<<16|uint32(dpi))...)
		head = append(head, 0, 0)
		note := fmt.Sprintf("page %d", i)
		head = append(append(head, 0xFF, 0xFE, 0, byte(len(note)+2)), note...)
		file := filepath.Join(dir, fmt.Sprintf("%03d-%s.jpg", i, strings.ReplaceAll(p.lang, "+", "-")))
		if err := os.WriteFile(file, slices.Concat(head, b.Bytes()[2:]), 0o644); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}
