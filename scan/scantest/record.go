package scantest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"recto/scan"
)

// Event is one call that a Receiver got. Exactly one of Sheet, Reject and
// Ignored is meant.
type Event struct {
	Sheet  *scan.Sheet // its Open is of no use any more
	SHA256 string      // of the sheet's bytes
	Size   int64       // of the sheet's bytes
	// Companion is the SHA-256 of the companion's bytes, where the sheet has one.
	Companion string
	Reject    *scan.Reject
	Ignored   scan.Path
	Reason    string
}

// String shows everything of the event that must not differ between two scans.
func (e Event) String() string {
	switch {
	case e.Sheet != nil:
		s := *e.Sheet
		s.Open = nil
		if c := s.Companion; c != nil {
			s.Companion = nil
			return fmt.Sprintf("%v with %v %s", Event{Sheet: &s, SHA256: e.SHA256, Size: e.Size}, Event{Sheet: c}, e.Companion)
		}
		if c := s.Origin.Capture; c != nil { // every run has its own times and name
			made := *c
			made.Run, made.Begun, made.Ended = "", time.Time{}, time.Time{}
			s.Origin.Capture = nil
			return fmt.Sprintf("sheet %+v by %+v %s %d", s, made, e.SHA256, e.Size)
		}
		return fmt.Sprintf("sheet %+v %s %d", s, e.SHA256, e.Size)
	case e.Reject != nil:
		return fmt.Sprintf("reject %+v: %v", e.Reject.Origin, e.Reject.Err)
	}
	return fmt.Sprintf("ignore %q: %s", string(e.Ignored), e.Reason)
}

// Recorder is a [scan.Receiver] that reads each sheet twice and notes what came.
type Recorder struct {
	Events []Event
	// After is called after each event, if it is set; its error is given to the
	// source.
	After func(Event) error
}

func (r *Recorder) note(e Event) error {
	r.Events = append(r.Events, e)
	if r.After != nil {
		return r.After(e)
	}
	return nil
}

// Sheet reads the sheet's bytes twice and fails if they differ.
func (r *Recorder) Sheet(s scan.Sheet) error {
	first, size, err := read(s)
	if err != nil {
		return err
	}
	second, _, err := read(s)
	if err != nil {
		return fmt.Errorf("opened again: %w", err)
	}
	if first != second {
		return fmt.Errorf("sheet %s gives other bytes when it is opened again", s.Origin.Path.Line())
	}
	e := Event{Sheet: &s, SHA256: first, Size: size}
	if s.Companion != nil {
		if e.Companion, _, err = read(*s.Companion); err != nil {
			return fmt.Errorf("companion of %s: %w", s.Origin.Path.Line(), err)
		}
	}
	return r.note(e)
}

// Reject notes a rejection.
func (r *Recorder) Reject(x scan.Reject) error { return r.note(Event{Reject: &x}) }

// Ignore notes an ignored file.
func (r *Recorder) Ignore(p scan.Path, reason string) error {
	return r.note(Event{Ignored: p, Reason: reason})
}

func read(s scan.Sheet) (string, int64, error) {
	f, err := s.Open()
	if err != nil {
		return "", 0, fmt.Errorf("open sheet %s: %w", s.Origin.Path.Line(), err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return "", n, fmt.Errorf("read sheet %s: %w", s.Origin.Path.Line(), err)
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}
