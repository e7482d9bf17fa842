package escl

import (
	"fmt"
	"path"
	"strings"

	"recto/scan"
)

// status is how a device is (eSCL, ScannerStatus).
type status struct {
	State   word      `xml:"State"` // Idle, Processing, Testing, Stopped, Down
	Reasons []word    `xml:"StateReasons>StateReason"`
	Feeder  word      `xml:"AdfState"`
	Jobs    []jobInfo `xml:"Jobs>JobInfo"`
}

type jobInfo struct {
	URI     word   `xml:"JobUri"`
	State   word   `xml:"JobState"` // Pending, Processing, Completed, Canceled, Aborted
	Reasons []word `xml:"JobStateReasons>JobStateReason"`
}

// feeders maps the states of a feeder (eSCL, AdfState) that are faults.
var feeders = map[word]struct {
	err    error
	detail string
}{
	"ScannerAdfJam":                 {scan.ErrJammed, ""},
	"ScannerAdfMultipickDetected":   {scan.ErrJammed, "several sheets went in at once"},
	"ScannerAdfMispick":             {scan.ErrJammed, "the feeder could not take the next sheet"},
	"ScannerAdfHatchOpen":           {scan.ErrCover, ""},
	"ScannerAdfDuplexPageTooShort":  {scan.ErrDeviceIO, "the sheet is too short for both sides to be scanned"},
	"ScannerAdfDuplexPageTooLong":   {scan.ErrDeviceIO, "the sheet is too long for both sides to be scanned"},
	"ScannerAdfInputTrayFailed":     {scan.ErrDeviceIO, "the feeder's tray has failed"},
	"ScannerAdfInputTrayOverloaded": {scan.ErrDeviceIO, "there is too much paper in the feeder"},
}

// trouble is the fault that the device is in, nil where it tells none. An empty
// feeder is none.
func (s *status) trouble(feeder bool) error {
	if s == nil {
		return nil
	}
	if f, ok := feeders[s.Feeder]; ok && feeder {
		if f.detail == "" {
			return f.err
		}
		return fmt.Errorf("%w: %s", f.err, f.detail)
	}
	if err := reasons(append(s.Reasons[:len(s.Reasons):len(s.Reasons)], s.Feeder), feeder); err != nil {
		return err
	}
	switch s.State {
	case "Stopped":
		return fmt.Errorf("%w: it has stopped and wants attention%s", scan.ErrDeviceIO, because(s.Reasons))
	case "Down":
		return fmt.Errorf("%w: it is out of order%s", scan.ErrDeviceIO, because(s.Reasons))
	}
	return nil
}

// reasons understands the keywords of the PWG Semantic Model (StateReasons,
// JobStateReasons), of which devices have their own spellings.
func reasons(all []word, feeder bool) error {
	for _, r := range all {
		l := strings.ToLower(string(r))
		switch {
		case strings.Contains(l, "jam") && feeder:
			return scan.ErrJammed
		case strings.Contains(l, "open") && (strings.Contains(l, "cover") || strings.Contains(l, "door") || strings.Contains(l, "interlock") || strings.Contains(l, "hatch")) && feeder:
			return scan.ErrCover
		case strings.Contains(l, "memory") || strings.Contains(l, "storagefull") || strings.Contains(l, "spoolareafull"):
			return scan.ErrDeviceMemory
		}
	}
	return nil
}

func because(all []word) string {
	if list := words(all); len(list) > 0 {
		return " (" + strings.Join(list, ", ") + ")"
	}
	return ""
}

// job finds what the device says of a job; its URI may be told with or without host.
func (s *status) job(location string) *jobInfo {
	if s == nil {
		return nil
	}
	for i, j := range s.Jobs {
		if j.URI != "" && path.Base(string(j.URI)) == path.Base(location) {
			return &s.Jobs[i]
		}
	}
	return nil
}

// outcome is why a job ended, nil where it did its work or nothing is known.
func (s *status) outcome(location string, feeder bool) error {
	if err := s.trouble(feeder); err != nil {
		return err
	}
	j := s.job(location)
	if j == nil {
		return nil
	}
	switch j.State {
	case "Canceled", "Cancelled":
		return fmt.Errorf("%w%s", scan.ErrStopped, because(j.Reasons))
	case "Aborted":
		if err := reasons(j.Reasons, feeder); err != nil {
			return err
		}
		return fmt.Errorf("%w: the device gave the job up%s", scan.ErrDeviceIO, because(j.Reasons))
	}
	return nil
}
