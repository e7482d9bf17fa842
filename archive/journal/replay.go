package journal

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"recto/archive"
	"recto/scan"
)

// Codes of findings.
const (
	CodeUnreadable = "journal-line-unreadable" // a line cannot be parsed, or a segment not be read
	CodeChanged    = "journal-line-changed"    // a line has other bytes than were written
	CodeBroken     = "journal-chain-broken"    // a line does not follow from the one before it
	CodeMissing    = "journal-segment-missing"
	CodeStrange    = "journal-strange-file" // a warning
	CodeMore       = "journal-more-findings"
)

// maxFindings is where a list ends: a disk gone bad must not fill the memory.
const maxFindings = 1000

// Damage is the error of a Replay that has given all events that can be read and
// passed over lines that cannot.
type Damage struct {
	Findings []archive.Finding // the first of them
	Lines    int               // how many there are in all
}

func (d *Damage) Error() string {
	return fmt.Sprintf("%d places in the journal cannot be read, the first in %s, %s", d.Lines, d.Findings[0].Path, d.Findings[0].Message)
}

func (d *Damage) add(f archive.Finding) {
	if d.Lines++; d.Lines <= maxFindings {
		d.Findings = append(d.Findings, f)
	}
}

// segments lists what counts at this moment.
func (j *Journal) segments() (segs []segment, strange []string, err error) {
	j.mu.Lock()
	number, whole := j.number, j.tail.whole
	j.mu.Unlock()
	segs, strange, err = listSegments(j.dir)
	if err != nil {
		return nil, nil, fmt.Errorf("read journal: %w: %w", scan.ErrUnreadable, err)
	}
	for i, s := range segs {
		if s.number >= number {
			if s.number == number {
				s.size = whole
				segs[i] = s
				i++
			}
			segs = segs[:i]
			break
		}
	}
	return segs, strange, nil
}

// Replay gives the events after the position from, in order, each with its own
// position, up to the one that was the last when it was called. An error of yield
// ends it and is returned. What cannot be read is passed over and told at the end
// by an error of type *[Damage]. It holds one line in memory; yield may append.
func (j *Journal) Replay(ctx context.Context, from Position, yield func(Position, archive.Event) error) error {
	segs, _, err := j.segments()
	if err != nil {
		return err
	}
	start := 0
	for i := len(segs) - 1; i > 0 && start == 0; i-- {
		if first := segs[i].first(); first > 0 && first <= from+1 {
			start = i
		}
	}
	var damage Damage
	for i, s := range segs[start:] {
		if gap, missing := j.gap(segs, start+i); missing {
			damage.add(gap)
		}
		var stop error // an error that is not the segment's
		err := s.read(func(l *lines) error {
			if stop = ctx.Err(); stop != nil {
				return stop
			}
			if seq := seqOf(l.text); seq > 0 && seq <= from {
				return nil
			}
			parsed, err := l.parse()
			if err != nil {
				damage.add(j.unreadable(s, l.number, err))
				return nil
			}
			if parsed.Seq > from {
				stop = yield(parsed.Seq, parsed.Event)
			}
			return stop
		})
		if stop != nil {
			return stop
		}
		if err != nil {
			damage.add(j.unreadable(s, 0, err))
		}
	}
	if damage.Lines > 0 {
		return &damage
	}
	return nil
}

// Verify reads the whole journal and checks every link of its chain. The error is
// for what kept it from doing so: a cancel, a folder that cannot be listed.
func (j *Journal) Verify(ctx context.Context) ([]archive.Finding, error) {
	segs, strange, err := j.segments()
	if err != nil {
		return nil, err
	}
	var damage Damage
	for _, name := range strange {
		damage.add(archive.Finding{
			Code: CodeStrange, Path: j.place(name), Severity: archive.Warning,
			Message: "this file does not belong to a journal", Remedy: "Move it out of the archive if you know it.",
		})
	}
	var (
		prev   digest   // of the line before
		seq    Position // of the line before
		doubt  bool     // the line before has been reported: what follows cannot fit
		before = "the start of the journal"
	)
	for i, s := range segs {
		if gap, missing := j.gap(segs, i); missing {
			damage.add(gap)
			doubt = true
		}
		err := s.read(func(l *lines) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			parsed, err := l.parse()
			switch {
			case err != nil:
				damage.add(j.unreadable(s, l.number, err))
				parsed.Seq = seq + 1
			case !doubt && (parsed.Prev != hex.EncodeToString(prev[:]) || parsed.Seq != seq+1):
				damage.add(j.brokenLink(s, l.number, parsed, seq, before))
			}
			altered := err == nil && changed(l.text, parsed)
			if altered {
				damage.add(archive.Finding{
					Code: CodeChanged, Path: j.place(nameOf(s.number)), Severity: archive.Error, Remedy: restore,
					Message: fmt.Sprintf("line %d was changed after it was written", l.number),
				})
			}
			doubt, prev, seq = err != nil || altered, l.sum, parsed.Seq
			before = fmt.Sprintf("line %d of %s", l.number, nameOf(s.number))
			return nil
		})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			damage.add(j.unreadable(s, 0, err))
			doubt = true
		}
	}
	if more := damage.Lines - len(damage.Findings); more > 0 {
		damage.Findings = append(damage.Findings, archive.Finding{
			Code: CodeMore, Path: j.place(""), Severity: archive.Error,
			Message: fmt.Sprintf("%d findings more", more), Remedy: "Mend the first ones and verify again.",
		})
	}
	return damage.Findings, nil
}

// place is a path below the archive's root, for people.
func (j *Journal) place(name string) string {
	return scan.Path(filepath.Join(filepath.Base(j.dir), name)).Line()
}

const restore = "Compare with a copy of the archive and restore this segment from it."

// unreadable is a finding on a line, or on a whole segment with line 0.
func (j *Journal) unreadable(s segment, line int, err error) archive.Finding {
	f := archive.Finding{
		Code: CodeUnreadable, Path: j.place(nameOf(s.number)), Severity: archive.Error,
		Message: fmt.Sprintf("the segment cannot be read: %v", err), Remedy: restore,
	}
	if line > 0 {
		f.Message = fmt.Sprintf("line %d is not an event that can be read: %v", line, err)
	}
	return f
}

func (j *Journal) brokenLink(s segment, number int, l line, seq Position, before string) archive.Finding {
	f := archive.Finding{Code: CodeBroken, Path: j.place(nameOf(s.number)), Severity: archive.Error, Remedy: restore}
	switch {
	case l.Seq > seq+1:
		f.Message = fmt.Sprintf("line %d: it is event %d and follows on event %d: those between are missing", number, l.Seq, seq)
	case l.Seq <= seq:
		f.Message = fmt.Sprintf("line %d: it is event %d, but event %d stands before it", number, l.Seq, seq)
	default:
		f.Message = fmt.Sprintf("line %d does not follow from %s: one of the two was changed after it was written", number, before)
	}
	return f
}

// gap is a finding when segments are missing before segs[i].
func (j *Journal) gap(segs []segment, i int) (archive.Finding, bool) {
	before := 0
	if i > 0 {
		before = segs[i-1].number
	}
	first, last := before+1, segs[i].number-1
	if first > last {
		return archive.Finding{}, false
	}
	f := archive.Finding{
		Code: CodeMissing, Path: j.place(nameOf(first)), Severity: archive.Error,
		Message: "the segment is missing", Remedy: "Restore it from a copy of the archive.",
	}
	if last > first {
		f.Message = fmt.Sprintf("the segments up to %s are missing", nameOf(last))
	}
	return f, true
}
