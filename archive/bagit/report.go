package bagit

import (
	"fmt"

	"recto/archive"
	"recto/scan"
)

// maxFindings bounds the memory that a hopeless or hostile bag can take.
const maxFindings = 10_000

// report collects findings.
type report struct {
	list    []archive.Finding
	dropped int
	worst   archive.Severity
}

func (r *report) add(s archive.Severity, code, path, remedy, format string, args ...any) {
	if len(r.list) >= maxFindings {
		r.dropped++
		if r.worst != archive.Error {
			r.worst = s
		}
		return
	}
	r.list = append(r.list, archive.Finding{
		Code: "bagit-" + code, Path: scan.Path(path).String(), Severity: s,
		Message: fmt.Sprintf(format, args...), Remedy: remedy,
	})
}

func (r *report) fail(code, path, remedy, format string, args ...any) {
	r.add(archive.Error, code, path, remedy, format, args...)
}

func (r *report) warn(code, path, remedy, format string, args ...any) {
	r.add(archive.Warning, code, path, remedy, format, args...)
}

// strict fails where the bag's version forbids something and warns where an
// earlier version left it open.
func (r *report) strict(forbidden bool, code, path, remedy, format string, args ...any) {
	s := archive.Warning
	if forbidden {
		s = archive.Error
	}
	r.add(s, code, path, remedy, format, args...)
}

func (r *report) full() bool { return r.dropped > 0 }

func (r *report) findings() []archive.Finding {
	if r.dropped == 0 {
		return r.list
	}
	return append(r.list, archive.Finding{
		Code: "bagit-more-findings", Severity: r.worst,
		Message: fmt.Sprintf("there is more to say, after the first %d findings the rest is left out", maxFindings),
		Remedy:  "Ask for the package again.",
	})
}

// The remedies that fit more than one finding.
const (
	askAgain  = "Ask the sender for the bag again, or for this file."
	mendTag   = "Ask the sender to make the bag again; the payload itself may be sound."
	leaveIt   = "Nothing needs to be done; other tools may refuse the bag."
	untrusted = "Do not unpack or complete this bag with other tools; ask the sender."
)
