package workbench

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"recto/archive"
	"recto/scan"
)

// Profiles lists the capture profiles: those that come with Recto, each in the form
// that the archive gave it, then the archive's own by name.
func (w *Workbench) Profiles(ctx context.Context) ([]archive.Profile, error) {
	own, err := w.cat.Profiles(ctx)
	if err != nil {
		return nil, err
	}
	all := archive.ShippedProfiles()
	for _, p := range own {
		if i := slices.IndexFunc(all, func(q archive.Profile) bool { return q.Name == p.Name }); i >= 0 {
			all[i] = p
		} else {
			all = append(all, p)
		}
	}
	return all, nil
}

// profile finds one by name, whatever its case.
func (w *Workbench) profile(ctx context.Context, name string) (archive.Profile, error) {
	all, err := w.Profiles(ctx)
	if err != nil {
		return archive.Profile{}, err
	}
	var names []string
	for _, p := range all {
		if strings.EqualFold(p.Name, name) {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return archive.Profile{}, About(name, fmt.Errorf("profile %q: %w; there are %s", name, ErrNotFound, strings.Join(names, ", ")))
}

// profileOf is the profile of a batch: none where it names none, or one that is gone.
func (w *Workbench) profileOf(ctx context.Context, b BatchInfo) (archive.Profile, error) {
	if b.Profile == "" {
		return archive.Profile{}, nil
	}
	p, err := w.profile(ctx, b.Profile)
	if errors.Is(err, ErrNotFound) {
		return archive.Profile{}, nil
	}
	return p, err
}

// SaveProfile keeps a profile in the archive. Where it is locked, or is to be, the
// supervisor's word is asked for.
func (w *Workbench) SaveProfile(ctx context.Context, p archive.Profile, word string) error {
	p.Name = strings.TrimSpace(p.Name)
	if err := checkProfile(p); err != nil {
		return About(p.Name, err)
	}
	old, err := w.profile(ctx, p.Name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if p.Locked || old.Locked {
		if err := w.supervise(ctx, word); err != nil {
			return About(p.Name, err)
		}
	}
	return w.record(ctx, "", event(archive.ProfileSaved, p))
}

// RemoveProfile takes a profile of the archive away; one that comes with Recto is
// as it came then.
func (w *Workbench) RemoveProfile(ctx context.Context, name, word string) error {
	p, err := w.profile(ctx, name)
	if err != nil {
		return err
	}
	if p.Shipped {
		return About(name, fmt.Errorf("%w: profile %q comes with Recto and cannot be removed", ErrUsage, p.Name))
	}
	if p.Locked {
		if err := w.supervise(ctx, word); err != nil {
			return About(name, err)
		}
	}
	return w.record(ctx, "", event(archive.ProfileRemoved, archive.Named{Name: p.Name}))
}

func checkProfile(p archive.Profile) error {
	switch {
	case p.Name == "" || p.Name == "-" || len(p.Name) > 100:
		return fmt.Errorf("%w: a profile wants a name of 1 to 100 characters", ErrUsage)
	case p.Depth != 0 && p.Depth != 1 && p.Depth != 8 && p.Depth != 16:
		return fmt.Errorf("%w: %d bits a sample: give 1, 8 or 16", ErrUsage, p.Depth)
	case p.Resolution < 0 || p.Resolution > 10_000:
		return fmt.Errorf("%w: a resolution of %g dpi", ErrUsage, p.Resolution)
	case p.Sides < 0 || p.Sides > 2:
		return fmt.Errorf("%w: a sheet has 1 or 2 sides, not %d", ErrUsage, p.Sides)
	case p.Duplex != "" && p.Duplex != "manual":
		return fmt.Errorf("%w: duplex is empty or \"manual\", not %q", ErrUsage, p.Duplex)
	case p.Separation.Every < 0:
		return fmt.Errorf("%w: a unit every %d pages", ErrUsage, p.Separation.Every)
	}
	if _, err := regexp.Compile(p.Separation.Pattern); err != nil {
		return fmt.Errorf("%w: the pattern of separators: %v", ErrUsage, err)
	}
	return nil
}

// HasSupervisor tells whether there is a word that unlocks profiles.
func (w *Workbench) HasSupervisor(ctx context.Context) (bool, error) {
	hash, err := w.cat.Supervisor(ctx)
	return hash != "", err
}

// SetSupervisor changes the word that unlocks profiles; the first one needs no old
// one. It keeps volunteers from slips, not intruders from the files: whoever may
// write to the archive's folder can do anything to it.
func (w *Workbench) SetSupervisor(ctx context.Context, old, word string) error {
	has, err := w.HasSupervisor(ctx)
	if err != nil {
		return err
	}
	if has {
		if err := w.supervise(ctx, old); err != nil {
			return err
		}
	}
	if len(word) < 4 || len(word) > 72 { // bcrypt reads no more
		return fmt.Errorf("%w: the supervisor's word wants 4 to 72 characters", ErrUsage)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(word), bcrypt.DefaultCost)
	if err != nil {
		return err
	}
	return w.record(ctx, "", event(archive.SupervisorSet, archive.Supervisor{Hash: string(hash)}))
}

// supervise checks the supervisor's word.
func (w *Workbench) supervise(ctx context.Context, word string) error {
	hash, err := w.cat.Supervisor(ctx)
	switch {
	case err != nil:
		return err
	case hash == "":
		return fmt.Errorf("%w: this archive has no supervisor's word yet; set one first", ErrLocked)
	case word == "":
		return fmt.Errorf("%w: the supervisor's word is needed", ErrLocked)
	case bcrypt.CompareHashAndPassword([]byte(hash), []byte(word)) != nil:
		return fmt.Errorf("%w: that is not the supervisor's word", ErrLocked)
	}
	return nil
}

// Under is what to scan under a profile with what was asked for besides. A locked
// one takes nothing besides but a device, where it names none.
func Under(p archive.Profile, t scan.Ticket) (scan.Ticket, error) {
	var refused []string
	settle := func(name string, says bool, asked bool, same bool, take func()) {
		switch {
		case asked && !same && p.Locked && (says || name != "device"):
			refused = append(refused, name)
		case says && !asked:
			take()
		}
	}
	settle("device", p.Device != "", t.Device != "", t.Device == p.Device, func() { t.Device = p.Device })
	settle("source", p.Source != "", t.Source != "", strings.EqualFold(t.Source, p.Source), func() { t.Source = p.Source })
	settle("mode", p.Mode != "", t.Mode != "", strings.EqualFold(t.Mode, p.Mode), func() { t.Mode = p.Mode })
	settle("depth", p.Depth != 0, t.Depth != 0, t.Depth == p.Depth, func() { t.Depth = p.Depth })
	settle("resolution", p.Resolution != 0, t.DPI != 0, t.DPI == p.Resolution, func() { t.DPI = p.Resolution })
	settle("area", p.Area != scan.Area{}, t.Area != scan.Area{}, t.Area == p.Area, func() { t.Area = p.Area })
	if p.Locked && len(t.Options) > 0 {
		refused = append(refused, "options")
	}
	if len(refused) > 0 {
		return t, About(p.Name, fmt.Errorf("%w: profile %q is locked: leave out %s", ErrLocked, p.Name, strings.Join(refused, ", ")))
	}
	t.Options = append(slices.Clone(p.Options), t.Options...)
	return t, nil
}
