package deposit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"recto/archive"
	"recto/scan"
)

// The steps of a delivery, in order; Failed may follow any of them.
const (
	Built     = "built"     // written in full at the destination's side, hidden
	Sent      = "sent"      // durable there
	Verified  = "verified"  // read back from there and found whole
	Delivered = "delivered" // there under its name
	Failed    = "failed"
)

var (
	// ErrInvalid means that what was read back is not what was to be delivered.
	ErrInvalid = errors.New("the package was not stored correctly")
	// ErrGone means that the destination is not there, or not any more.
	ErrGone = errors.New("the destination is not there")
)

// Plan says what is to be delivered where.
type Plan struct {
	ID       string // of the delivery; empty: a new one
	Document archive.DocumentID
	Format   string // of the package: "bagit"
	Package  archive.Package
	To       archive.Destination
	Name     string // wished for; where it is taken by something else, NAME-2, NAME-3 ...
	Reason   string // why an incomplete document was let through, for the journal
	// Progress counts bytes of one step after the other; step is the one being
	// worked towards. Nil is allowed.
	Progress func(step string, done, total int64)
}

// Receipt says what lies at the destination now.
type Receipt struct {
	Delivery archive.Delivery  // the last step, as it was told
	Already  bool              // an equal package lay there: it was verified again and nothing was changed
	Cold     bool              // verified from the medium, not from this machine's memory, as far as that can be told
	Findings []archive.Finding // of the verification; warnings only
	Damaged  []Damaged         // equal packages at the destination that are not whole; they were left alone
}

// Damaged is a package of this document that was found broken.
type Damaged struct {
	Name     string
	Findings []archive.Finding
}

// Run carries a plan out. Each step is told to step, which makes it durable
// before it returns, before the next one begins; an error from it ends the run.
// Where the package is delivered already, only Verified and Delivered are told.
//
// After an error nothing is left at the destination, and Failed was told with the
// problem - except where telling was what failed: a package that has its name by then
// keeps it, and the next run finds it. Errors wrap [scan.ErrNoSpace],
// [scan.ErrReadOnly], [ErrGone], [ErrInvalid], the context's error, or what the
// package said; the same plan run again finishes the work.
func Run(ctx context.Context, p Plan, step func(archive.Delivery) error) (Receipt, error) {
	if p.ID == "" {
		p.ID = scan.NewID()
	}
	r := &run{Plan: p, tell: step}
	r.receipt.Delivery = archive.Delivery{
		ID: p.ID, Document: p.Document, Format: p.Format, To: p.To.Address(), Reason: p.Reason,
	}
	err := checkName(p.Name)
	if err == nil {
		err = r.deliver(ctx)
	}
	if err == nil {
		return r.receipt, nil
	}
	err = fmt.Errorf("delivery of %s to %s: %w", p.Name, p.To.Address(), err)
	if !errors.Is(err, errTold) {
		r.receipt.Delivery.Package, r.receipt.Delivery.Problem = "", scan.ProblemOf(err)
		err = errors.Join(err, r.at(Failed))
	}
	return r.receipt, err
}

// errTold marks errors of the callback.
var errTold = errors.New("the step could not be recorded")

// run is a delivery under way.
type run struct {
	Plan
	tell    func(archive.Delivery) error
	receipt Receipt
}

func (r *run) deliver(ctx context.Context) error {
	if err := r.To.Clear(ctx, r.Document); err != nil {
		return err
	}
	number, found, err := r.place(ctx)
	if err != nil || found {
		return err
	}
	_, size := r.Package.Size()
	staged, err := r.To.Stage(ctx, r.Document, r.ID, size)
	if err != nil {
		return err
	}
	if err := r.bring(ctx, staged, number); err != nil {
		return staged.Discard(err)
	}
	return nil
}

// bring takes a staged package through all its steps.
func (r *run) bring(ctx context.Context, staged archive.Staged, number int) error {
	d := &r.receipt.Delivery
	made, err := r.Package.Write(ctx, staged.Dir(), r.progress(Built))
	if err != nil {
		return err
	}
	d.Package, d.Files, d.Bytes, d.Manifest = scan.Path(staged.Dir()), made.Files, made.Bytes, made.Manifest
	if err := r.at(Built); err != nil {
		return err
	}
	if err := staged.Send(ctx); err != nil {
		return err
	}
	if err := r.at(Sent); err != nil {
		return err
	}
	dir, cold, err := staged.ReadBack(ctx)
	if err != nil {
		return err
	}
	if err := r.verify(ctx, dir); err != nil {
		return err
	}
	r.receipt.Cold = cold
	if err := r.at(Verified); err != nil {
		return err
	}
	for {
		d.Package, err = staged.Commit(ctx, numbered(r.Name, number))
		if err == nil {
			return r.at(Delivered)
		}
		if !errors.Is(err, fs.ErrExist) || number >= maxNumber {
			return err
		}
		number++ // taken in the meantime
	}
}

// verify judges what was read back, and that it is this package.
func (r *run) verify(ctx context.Context, dir string) error {
	findings, err := r.Package.Check(ctx, dir, r.progress(Verified))
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.Severity == archive.Error {
			return fmt.Errorf("%w: %s: %s", ErrInvalid, f.Path, f.Message)
		}
	}
	same, err := r.Package.Same(ctx, dir)
	if err != nil {
		return err
	}
	if !same {
		return fmt.Errorf("%w: a sound package was read back, but another one", ErrInvalid)
	}
	r.receipt.Findings = findings
	return nil
}

// maxNumber ends the search for a free name.
const maxNumber = 10_000

// place finds the first number whose name is free. found means that the package
// lies there already, whole; then all is done.
func (r *run) place(ctx context.Context) (free int, found bool, err error) {
	for number := 1; number <= maxNumber; number++ {
		name := numbered(r.Name, number)
		dir, err := r.To.Look(ctx, name)
		if errors.Is(err, fs.ErrNotExist) {
			return number, false, nil
		}
		if err != nil {
			return 0, false, err
		}
		same, err := r.Package.Same(ctx, dir)
		if err != nil {
			return 0, false, err
		}
		if !same {
			continue
		}
		findings, err := r.Package.Check(ctx, dir, r.progress(Verified))
		if err != nil {
			return 0, false, err
		}
		if archive.Valid(findings) {
			return number, true, r.already(dir, findings)
		}
		r.receipt.Damaged = append(r.receipt.Damaged, Damaged{name, findings})
	}
	return 0, false, fmt.Errorf("%s and %d more names are taken", r.Name, maxNumber-1)
}

func (r *run) already(dir string, findings []archive.Finding) error {
	r.receipt.Already, r.receipt.Findings = true, findings
	r.receipt.Delivery.Package = scan.Path(dir)
	r.receipt.Delivery.Files, r.receipt.Delivery.Bytes = r.Package.Size()
	if err := r.at(Verified); err != nil {
		return err
	}
	return r.at(Delivered)
}

// at tells a step.
func (r *run) at(step string) error {
	r.receipt.Delivery.Step = step
	if err := r.tell(r.receipt.Delivery); err != nil {
		return fmt.Errorf("%w: %s: %w", errTold, step, err)
	}
	return nil
}

func (r *run) progress(step string) archive.Progress {
	if r.Progress == nil {
		return nil
	}
	return func(done, total int64) { r.Progress(step, done, total) }
}

func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	return fmt.Sprintf("%s-%d", name, n)
}

// checkName refuses names that would leave the destination or hide in it.
func checkName(name string) error {
	if name == "" || strings.HasPrefix(name, ".") || strings.ContainsAny(name, "/\x00") || len(name) > 240 {
		return fmt.Errorf("%q cannot be the name of a package", name)
	}
	return nil
}
