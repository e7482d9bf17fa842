// Command bench measures Recto beside its peers on the same pages in one run: bare
// tesseract, which is the floor, and ocrmypdf. It reports wall and CPU seconds a
// page, peak memory, PDF bytes and, where ground truth lies beside the checkout,
// accuracy by kind of page. Figures are ratios first: absolute times belong to one
// machine.
//
//	go run ./app/bench -recto bin/recto
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

var (
	recto   = flag.String("recto", "bin/recto", "the program to measure")
	scans   = flag.String("scans", "../shared/scans", "folder with MANIFEST.tsv and ground truth")
	jobs    = flag.Int("jobs", 2, "workers for all")
	only    = flag.String("only", "", "measure only these, with commas: tesseract, ocrmypdf, recto, speed, capture, memory, none; what was read before is told again from -keep")
	every   = flag.Bool("pages", false, "tell the accuracy of each page, too")
	keep    = flag.String("keep", "", "folder for all output (default: a temporary one)")
	flat    = flag.Int("flat", 500, "pages of the large batch whose memory is compared with a small one's")
	version = "17.13.0" // of ocrmypdf
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	out := *keep
	if out == "" {
		dir, err := os.MkdirTemp("", "recto-bench-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		out = dir
	}
	bin, err := filepath.Abs(*recto)
	if err != nil {
		return err
	}
	pages, err := manifest(*scans)
	if errors.Is(err, os.ErrNotExist) {
		fmt.Printf("SKIPPED: no scans at %s; only memory is measured\n", *scans)
	} else if err != nil {
		return err
	}
	fmt.Printf("%s, %d cores, %s, %d workers each, OMP_THREAD_LIMIT=1\n\n", time.Now().Format("2006-01-02"), runtime.NumCPU(), cpuName(), *jobs)
	os.Setenv("OMP_THREAD_LIMIT", "1")
	var rows []figures
	want := func(name string) bool { return *only == "" || slices.Contains(strings.Split(*only, ","), name) }
	if len(pages) > 0 {
		if want("tesseract") {
			rows = append(rows, each("tesseract", "tess", out, pages, tesseract))
		}
		if want("ocrmypdf") {
			peer, err := peers(version)
			if err != nil {
				return err
			}
			flags := []string{"--rotate-pages", "--deskew", "--clean"}
			rows = append(rows, each("ocrmypdf "+strings.Join(flags, " "), "ocrmypdf", out, pages, func(p page, dir string) *exec.Cmd { return ocrmypdf(peer, flags, p, dir) }))
		}
		if want("recto") {
			row, err := line(bin, out, pages)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		if len(rows) > 0 {
			table(rows)
			if err := report(out, pages); err != nil {
				return err
			}
		}
	}
	if want("speed") && len(pages) > 0 {
		if err := speed(bin, out); err != nil {
			return err
		}
	}
	if want("capture") {
		if err := capture(bin, out); err != nil {
			return err
		}
	}
	if want("memory") {
		return memory(bin, out)
	}
	return nil
}

// page is one scan of the manifest that has ground truth.
type page struct {
	path, lang, kind, dpi string
	capitals              bool // the truth does not tell capitals from small letters
}

func manifest(dir string) ([]page, error) {
	f, err := os.Open(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	col := map[string]int{}
	for i, name := range rows[0] {
		col[name] = i
	}
	var pages []page
	for _, row := range rows[1:] {
		if !strings.HasPrefix(row[col["has_gt"]], "yes") {
			continue
		}
		lang := row[col["language"]]
		if lang == "" {
			lang = "eng"
		}
		pages = append(pages, page{row[col["path"]], lang, row[col["kind"]], row[col["dpi"]], strings.Contains(row[col["properties"]], "case-insensitive")})
	}
	return pages, nil
}

// figures of one program over all pages.
type figures struct {
	name      string
	pages     int
	wall, cpu float64 // seconds in all
	peak      int64   // bytes, the largest single process
	pdf       int64   // bytes in all
	failed    int
}

// usage adds what a finished process and its children used.
func (f *figures) usage(s *os.ProcessState) {
	if s == nil {
		return
	}
	f.cpu += s.UserTime().Seconds() + s.SystemTime().Seconds()
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		f.peak = max(f.peak, u.Maxrss<<10)
	}
}

// each runs a program once a page, on jobs pages at a time.
func each(name, dir, out string, pages []page, command func(p page, dir string) *exec.Cmd) figures {
	f := figures{name: name, pages: len(pages)}
	dir = filepath.Join(out, dir)
	var mu sync.Mutex
	var wg sync.WaitGroup
	queue := make(chan page)
	began := time.Now()
	for range *jobs {
		wg.Go(func() {
			for p := range queue {
				to := filepath.Join(dir, p.path)
				os.MkdirAll(filepath.Dir(to), 0o755)
				cmd := command(p, to)
				err := cmd.Run()
				mu.Lock()
				f.usage(cmd.ProcessState)
				if err != nil {
					f.failed++
					os.WriteFile(to+".txt", nil, 0o644)
				}
				if info, err := os.Stat(to + ".pdf"); err == nil {
					f.pdf += info.Size()
				}
				mu.Unlock()
			}
		})
	}
	for _, p := range pages {
		queue <- p
	}
	close(queue)
	wg.Wait()
	f.wall = time.Since(began).Seconds()
	return f
}

func source(p page) string { return filepath.Join(*scans, p.path) }

func tesseract(p page, to string) *exec.Cmd {
	in := source(p)
	if strings.HasSuffix(in, ".pdf") { // it reads no PDF: give it the pixels, outside the measured time
		exec.Command("pdftoppm", "-r", "300", "-png", "-singlefile", in, to+".in").Run()
		in = to + ".in.png"
	}
	return exec.Command("tesseract", in, to, "--psm", "3", "-l", p.lang, "txt", "pdf")
}

func ocrmypdf(python string, flags []string, p page, to string) *exec.Cmd {
	args := append([]string{"-m", "ocrmypdf", "-q", "--jobs", "1", "--output-type", "pdfa", "--image-dpi", "300", "--force-ocr", "-l", p.lang, "--sidecar", to + ".txt"}, flags...)
	return exec.Command(python, append(args, source(p), to+".pdf")...)
}

// peers makes a Python environment with ocrmypdf.
func peers(version string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "recto-bench", "ocrmypdf-"+version)
	python := filepath.Join(dir, "bin", "python")
	if exec.Command(python, "-c", "import ocrmypdf").Run() == nil {
		return python, nil
	}
	for _, cmd := range [][]string{{"python3", "-m", "venv", dir}, {filepath.Join(dir, "bin", "pip"), "-q", "install", "ocrmypdf==" + version}} {
		if b, err := exec.Command(cmd[0], cmd[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd, " "), err, b)
		}
	}
	return python, nil
}

// line runs Recto over the same pages: one digitise a language, all of its pages
// in one go, as its users would.
func line(bin, out string, pages []page) (figures, error) {
	f := figures{name: "recto digitise", pages: len(pages)}
	dir := filepath.Join(out, "recto")
	byLang := map[string][]page{}
	var langs []string
	for _, p := range pages {
		if len(byLang[p.lang]) == 0 {
			langs = append(langs, p.lang)
		}
		byLang[p.lang] = append(byLang[p.lang], p)
	}
	began := time.Now()
	for n, lang := range langs {
		args := []string{"digitise", "--json", "--archive", filepath.Join(out, "archive"), "--each", "--lang", lang, "--jobs", fmt.Sprint(*jobs), "--out", filepath.Join(dir, fmt.Sprint(n))}
		for _, p := range byLang[lang] {
			args = append(args, source(p))
		}
		var answer, errs bytes.Buffer
		cmd := exec.Command(bin, args...)
		cmd.Stdout, cmd.Stderr = &answer, &errs
		err := cmd.Run()
		f.usage(cmd.ProcessState)
		var got struct {
			Documents []struct {
				Pages []struct{ State string }
			}
			Files []string
		}
		if jerr := json.Unmarshal(answer.Bytes(), &got); jerr != nil {
			return f, fmt.Errorf("recto: %w: %w\n%s", err, jerr, errs.String())
		}
		if err != nil {
			f.failed++
		}
		// One PDF and one text a path, in order.
		var pdfs, texts []string
		for _, file := range got.Files {
			switch filepath.Ext(file) {
			case ".pdf":
				pdfs = append(pdfs, file)
			case ".txt":
				texts = append(texts, file)
			}
		}
		if len(texts) != len(byLang[lang]) {
			return f, fmt.Errorf("recto: %d texts for %d pages\n%s", len(texts), len(byLang[lang]), errs.String())
		}
		for i, p := range byLang[lang] {
			to := filepath.Join(dir, p.path)
			os.MkdirAll(filepath.Dir(to), 0o755)
			b, err := os.ReadFile(texts[i])
			if err != nil {
				return f, err
			}
			if err := os.WriteFile(to+".txt", b, 0o644); err != nil {
				return f, err
			}
			if info, err := os.Stat(pdfs[i]); err == nil {
				f.pdf += info.Size()
			}
		}
	}
	f.wall = time.Since(began).Seconds()
	return f, nil
}

func table(rows []figures) {
	fmt.Println("| program | wall s/page | CPU s/page | CPU / tesseract | peak MB (one process) | PDF KB/page | failed |")
	fmt.Println("|---|---|---|---|---|---|---|")
	floor := 0.0
	for _, r := range rows {
		if r.name == "tesseract" {
			floor = r.cpu / float64(r.pages)
		}
	}
	for _, r := range rows {
		n := float64(r.pages)
		ratio := "-"
		if floor > 0 {
			ratio = fmt.Sprintf("%.2f", r.cpu/n/floor)
		}
		fmt.Printf("| %s | %.2f | %.2f | %s | %d | %d | %d |\n", r.name, r.wall/n, r.cpu/n, ratio, r.peak>>20, r.pdf/int64(r.pages)>>10, r.failed)
	}
	fmt.Println()
}

// report tells how well each program read each kind of page.
func report(out string, pages []page) error {
	programs := []struct{ name, dir string }{{"tesseract", "tess"}, {"ocrmypdf", "ocrmypdf"}, {"recto", "recto"}}
	all := map[string]map[string]*score{}
	var kinds []string
	count := func(kind, program string, s score) {
		if all[kind] == nil {
			all[kind] = map[string]*score{}
			kinds = append(kinds, kind)
		}
		if all[kind][program] == nil {
			all[kind][program] = &score{}
		}
		all[kind][program].add(s)
	}
	each := []string{"| page | words | tesseract | ocrmypdf | recto |", "|---|---|---|---|---|"}
	for _, p := range pages {
		truth, err := os.ReadFile(strings.TrimSuffix(source(p), filepath.Ext(p.path)) + ".gt.txt")
		if err != nil {
			return err
		}
		line := "| " + p.path
		for i, x := range programs {
			read, err := os.ReadFile(filepath.Join(out, x.dir, p.path+".txt"))
			if errors.Is(err, os.ErrNotExist) {
				if i == 0 {
					line += " | -"
				}
				line += " | -"
				continue
			}
			if err != nil {
				return err
			}
			a, b := string(truth), string(read)
			if p.capitals {
				a, b = strings.ToUpper(a), strings.ToUpper(b)
			}
			s := rate(a, b)
			if i == 0 {
				line += fmt.Sprintf(" | %d", s.words)
			}
			line += fmt.Sprintf(" | %.1f (%.1f)", s.wer(), s.cer())
			count(p.kind, x.name, s)
			if slices.Contains(hard, p.kind) {
				count("~ the hard kinds", x.name, s)
			}
			count("~~ all", x.name, s)
		}
		each = append(each, line+" |")
	}
	if *every {
		fmt.Println(strings.Join(each, "\n") + "\n")
	}
	slices.Sort(kinds)
	fmt.Println("| words wrong, % (CER %; word F1) | pages | tesseract | ocrmypdf | recto |")
	fmt.Println("|---|---|---|---|---|")
	for _, kind := range kinds {
		n := 0
		for _, p := range pages {
			if p.kind == kind || kind == "~~ all" || kind == "~ the hard kinds" && slices.Contains(hard, p.kind) {
				n++
			}
		}
		line := fmt.Sprintf("| %s | %d", strings.TrimLeft(kind, "~ "), n)
		for _, x := range programs {
			if s := all[kind][x.name]; s != nil {
				line += fmt.Sprintf(" | %.1f (%.1f; %.3f)", s.wer(), s.cer(), s.f1())
			} else {
				line += " | -"
			}
		}
		fmt.Println(line + " |")
	}
	fmt.Println()
	return nil
}

// hard are the kinds of page that scanning programs read badly.
var hard = []string{"skewed", "rotated", "noisy", "photo", "double-page", "typewritten", "newspaper"}

// memory compares the peaks of a small and a large batch: they must not differ.
func memory(bin, out string) error {
	samples, err := filepath.Glob("assets/samples/letter-1*.jpg")
	if err != nil || len(samples) == 0 {
		return errors.Join(err, errors.New("run it from the repository's root"))
	}
	fmt.Println("| pages | peak MB, workstation | peak MB, largest worker | CPU s/page |")
	fmt.Println("|---|---|---|---|")
	for _, n := range []int{10, *flat} {
		dir := filepath.Join(out, fmt.Sprintf("flat-%d", n))
		in := filepath.Join(dir, "in")
		if err := os.MkdirAll(in, 0o755); err != nil {
			return err
		}
		for i := range n {
			b, err := os.ReadFile(samples[i%len(samples)])
			if err != nil {
				return err
			}
			// A comment of its own makes each page's bytes its own.
			note := fmt.Sprintf("page %d", i)
			com := append([]byte{0xFF, 0xFE, 0, byte(len(note) + 2)}, note...)
			b = slices.Concat(b[:2], com, b[2:])
			if err := os.WriteFile(filepath.Join(in, fmt.Sprintf("page%d.jpg", i)), b, 0o644); err != nil {
				return err
			}
		}
		cmd := exec.Command(bin, "digitise", "--archive", filepath.Join(dir, "archive"), "--jobs", fmt.Sprint(*jobs), "--title", "Flat", "--out", filepath.Join(dir, "out"), in)
		if err := cmd.Start(); err != nil {
			return err
		}
		var own int64
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		for running := true; running; {
			select {
			case err = <-done:
				running = false
			case <-time.After(50 * time.Millisecond):
				own = max(own, peakOf(cmd.Process.Pid))
			}
		}
		if err != nil {
			return fmt.Errorf("recto digitise of %d pages: %w", n, err)
		}
		var f figures
		f.usage(cmd.ProcessState)
		fmt.Printf("| %d | %d | %d | %.2f |\n", n, own>>20, f.peak>>20, f.cpu/float64(n))
	}
	return nil
}

// peakOf reads a process's own peak of resident memory.
func peakOf(pid int) int64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(b)) {
		var kb int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kb); n == 1 {
			return kb << 10
		}
	}
	return 0
}

func cpuName() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return runtime.GOARCH
}
