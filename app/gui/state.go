package gui

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"recto/app/job"
)

// state is what the window shows, as JSON for tests that drive it from outside
// with keys and a pointer. It is written only when Config.StateFile asks for it.
type state struct {
	Screen     string     `json:"screen"`
	Archive    string     `json:"archive"`
	Looking    bool       `json:"looking,omitempty"` // for reading only
	Busy       bool       `json:"busy"`              // the screen waits for an answer
	Focus      string     `json:"focus"`
	Dialog     string     `json:"dialog,omitempty"`
	Title      string     `json:"dialog_title,omitempty"`
	Width      int        `json:"width"` // of what is drawn, in units of the scale
	Height     int        `json:"height"`
	Drawer     bool       `json:"drawer"`
	FullScreen bool       `json:"full_screen"`
	Message    string     `json:"message,omitempty"`
	Error      string     `json:"error,omitempty"` // what the screen or the last dialog complained about
	Batch      string     `json:"batch,omitempty"`
	Count      int        `json:"count"`  // things that the screen lists
	Cursor     int        `json:"cursor"` // from 0
	Selected   []string   `json:"selected,omitempty"`
	Order      []string   `json:"order,omitempty"` // page IDs as Arrange shows them
	Bin        bool       `json:"bin,omitempty"`
	Page       string     `json:"page,omitempty"`
	Number     int        `json:"number,omitempty"`
	Zoom       int        `json:"zoom,omitempty"` // per cent
	Boxes      bool       `json:"boxes,omitempty"`
	Words      int        `json:"words,omitempty"`
	Word       int        `json:"word"` // under the cursor, -1: none
	Lit        int        `json:"lit,omitempty"`
	Doubtful   int        `json:"doubtful,omitempty"`  // words
	Corrected  int        `json:"corrected,omitempty"` // words
	Editing    bool       `json:"editing,omitempty"`   // a word
	Drawing    bool       `json:"drawing,omitempty"`   // a box
	Raw        bool       `json:"raw,omitempty"`       // the text as it was read
	Query      string     `json:"query,omitempty"`
	Total      int        `json:"total,omitempty"`
	Paths      []string   `json:"paths,omitempty"`
	Ready      bool       `json:"ready,omitempty"` // the screen's main action can be done
	Jobs       []stateJob `json:"jobs,omitempty"`

	Capture *stateCapture `json:"capture,omitempty"`
	Prepare *statePrepare `json:"prepare,omitempty"`
}

// statePrepare is what the Prepare dialog shows.
type statePrepare struct {
	Page   string `json:"page"`
	Number int    `json:"number"`
	Right  bool   `json:"right,omitempty"` // half of what is to be cut
	View   string `json:"view"`            // "Before", "After", "As read", "Both"
	Busy   bool   `json:"busy"`
	Recipe string `json:"recipe"` // that the picture shows; empty: the page as it lies
	Size   [2]int `json:"size"`   // of the picture for the eye
	Lines  int    `json:"lines"`  // drawn on the master
	Says   string `json:"says"`
	Note   string `json:"note"`
	Fields bool   `json:"fields"` // are in sight
}

// stateCapture is what the Capture screen shows.
type stateCapture struct {
	Counter  string   `json:"counter"` // "37 of 120 sheets · 2 blank"
	Count    string   `json:"count"`   // "83 short"
	Device   string   `json:"device"`
	Dot      string   `json:"dot"` // "Ready"
	Profile  string   `json:"profile"`
	Label    string   `json:"label"` // of the next page
	Running  bool     `json:"running"`
	Progress string   `json:"progress"`
	Strip    []string `json:"strip"`
	Caption  string   `json:"caption"`
	Badges   []string `json:"badges"`
	Trouble  string   `json:"trouble,omitempty"` // title of what went wrong
	Duplex   string   `json:"duplex,omitempty"`  // "fronts 3", "backs 1 of 3"
	Preview  bool     `json:"preview,omitempty"`
	Compare  bool     `json:"compare,omitempty"`
	Watching string   `json:"watching,omitempty"` // folder
}

type stateJob struct {
	Title    string    `json:"title"`
	State    job.State `json:"state"`
	Done     int       `json:"done"`
	Total    int       `json:"total"`
	Summary  string    `json:"summary,omitempty"`
	Problems int       `json:"problems,omitempty"`
	Error    string    `json:"error,omitempty"`
}

// snapshot gathers the state.
func (w *window) snapshot() state {
	s := state{Screen: w.current.id(), Drawer: w.frame.drawer.Visible(), FullScreen: w.win.FullScreen(), Message: w.said,
		Error: w.lastError, Batch: string(w.batch), Word: -1, Busy: w.opening != "", Looking: w.core != nil && w.looking}
	size := w.win.Canvas().Size()
	s.Width, s.Height = int(size.Width), int(size.Height)
	if w.core != nil {
		s.Archive = w.core.Directory()
	}
	if f := w.win.Canvas().Focused(); f != nil {
		s.Focus = focusName(f)
	}
	if m := w.top(); m != nil {
		s.Dialog, s.Title = m.id, m.title
		if m.id == "prepare" {
			s.Prepare = w.preparer.dump()
		}
	}
	for _, j := range w.jobs.Jobs() {
		out, p := j.Outcome(), j.Progress()
		o := stateJob{Title: j.Title(), State: j.State(), Summary: out.Summary, Problems: len(out.Problems), Done: p.Done, Total: p.Total}
		if out.Err != nil {
			o.Error = out.Err.Error()
		}
		s.Jobs = append(s.Jobs, o)
	}
	w.current.dump(&s)
	return s
}

func focusName(f fyne.Focusable) string {
	name := fmt.Sprintf("%T", f)
	return strings.ToLower(name[strings.LastIndex(name, ".")+1:])
}

// dump writes the state soon; many changes at once give one file.
func (w *window) dump() {
	if w.cfg.StateFile == "" || w.dumping {
		return
	}
	w.dumping = true
	w.bridge.later(40*time.Millisecond, func() {
		w.dumping = false
		b, err := json.MarshalIndent(w.snapshot(), "", " ")
		if err != nil {
			return
		}
		file := w.cfg.StateFile
		w.bridge.spawn(func() {
			// Whoever reads must never see half a file.
			tmp, err := os.CreateTemp(filepath.Dir(file), ".state-*")
			if err != nil {
				return
			}
			_, err = tmp.Write(b)
			if cerr := tmp.Close(); err != nil || cerr != nil || os.Rename(tmp.Name(), file) != nil {
				_ = os.Remove(tmp.Name()) // a debugging aid: nobody to tell
			}
		})
	})
}
