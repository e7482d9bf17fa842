package workbench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"recto/app/worker"
	"recto/ocr"
	"recto/scan/sane"
)

// CheckState is how one thing that Recto needs stands.
type CheckState string

// What the doctor can say of a thing.
const (
	OK      CheckState = "ok"
	Advice  CheckState = "advice"  // works without, better with
	Missing CheckState = "missing" // Recto cannot do its work
)

// Check is one thing that Recto needs or likes.
type Check struct {
	Name   string     `json:"name"`
	State  CheckState `json:"state"`
	Detail string     `json:"detail"`
	Remedy string     `json:"remedy"`
}

// Doctor tells what this machine has and lacks.
func Doctor(ctx context.Context) []Check {
	var out []Check
	add := func(name string, state CheckState, detail, remedy string) {
		out = append(out, Check{name, state, detail, remedy})
	}
	library, err := ocr.Installed()
	if err != nil {
		add("language models", Missing, err.Error(), Explain(err).Remedy)
	} else {
		models := library.List()
		for _, dir := range library {
			var names []string
			for _, m := range models {
				switch {
				case m.Dir != dir || m.Name == "osd" && !m.Hidden: // that one is told below
				case m.Err != nil:
					add("language model "+m.Name, Advice, m.Err.Error(), Explain(m.Err).Remedy)
				case m.Hidden:
				default:
					name := m.Name
					if m.Kind != ocr.FastKind && m.Kind != ocr.UnknownKind {
						name += " (" + string(m.Kind) + ")"
					}
					names = append(names, name)
					if m.Altered != "" {
						add("language model "+m.Name, Advice, fmt.Sprintf("%s is not the file that the package %s installed: it is damaged, or somebody put another in its place", ocr.ModelFile(dir, m.Name), m.Altered),
							"Unless that was meant: apt install --reinstall "+m.Altered)
					}
				}
			}
			if len(names) > 0 {
				add("language models", OK, fmt.Sprintf("%s in %s", strings.Join(names, " "), dir), "")
			}
		}
		switch err := library.Check([]string{"osd"}); {
		case err == nil:
			add("orientation model", OK, "osd", "")
		case errors.Is(err, ocr.ErrMissingLanguage):
			add("orientation model", Advice, "osd is not installed: pages that read badly cannot be turned with certainty", "apt install tesseract-ocr-osd")
		default:
			add("orientation model", Missing, err.Error(), Explain(err).Remedy)
		}
	}
	memory, err := workerMemory()
	pool := worker.NewPool(worker.Config{Size: 1, Time: 30 * time.Second, Memory: memory})
	defer pool.Close()
	var hello worker.Hello
	if err != nil {
		add("worker process", Missing, err.Error(), "Give "+WorkerMemory+" such a number, or take it out of the environment.")
	} else if err := pool.Call(ctx, "hello", struct{}{}, &hello, nil); err != nil {
		add("worker process", Missing, err.Error(), Explain(err).Remedy)
	} else {
		add("worker process", OK, fmt.Sprintf("%s, %s; each may write to %d MB (%s)", hello.Engine, hello.Leptonica, pool.Memory()>>20, WorkerMemory), "")
	}
	if version, err := sane.New(sane.Config{}).Version(ctx); err != nil {
		add("scanners", Advice, fmt.Sprintf("SANE cannot be used: %v; network scanners, files and hot folders can", err), "apt install libsane1 sane-utils, then look with recto devices")
	} else {
		add("scanners", OK, "SANE "+version+" (recto devices lists what is connected)", "")
	}
	if free, err := freeSpace("."); err == nil {
		state, remedy := OK, ""
		if free < 2<<30 {
			state, remedy = Advice, "A batch of 300 pages takes some gigabytes: free some space."
		}
		add("space on this disk", state, fmt.Sprintf("%.1f GB free", float64(free)/1e9), remedy)
	}
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		add("display", Advice, "there is none: the window cannot open, all verbs work", "Start from a desktop session to see the window.")
	} else {
		add("display", OK, os.Getenv("DISPLAY")+os.Getenv("WAYLAND_DISPLAY"), "")
	}
	return out
}
