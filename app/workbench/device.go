package workbench

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"recto/app/worker"
	"recto/scan"
	"recto/scan/escl"
	"recto/scan/sane"
)

// Devices lists what this machine can scan from. It may take seconds: the network is
// asked. What one kind of device has to say against it does not keep the others
// from being listed. No archive is needed.
func Devices(ctx context.Context) ([]scan.Device, error) {
	return devicesAt(os.TempDir(), "").list(ctx)
}

// DeviceOptions tells what a device has to set once these settings were made.
func DeviceOptions(ctx context.Context, device string, set []scan.Setting) ([]scan.Option, error) {
	return devicesAt(os.TempDir(), "").options(ctx, device, set)
}

// ForgetDevice forgets the certificate that a network scanner was trusted with, so
// that the next one is trusted.
func ForgetDevice(device string) error {
	s, _, err := devicesAt(os.TempDir(), "").of(device)
	if err != nil {
		return err
	}
	f, ok := s.(interface{ Forget(device string) error })
	if !ok {
		return About(device, fmt.Errorf("%w: only network scanners have certificates", ErrUsage))
	}
	return About(device, f.Forget(device))
}

// Devices is the function of that name.
func (w *Workbench) Devices(ctx context.Context) ([]scan.Device, error) { return w.devices.list(ctx) }

// DeviceOptions is the function of that name.
func (w *Workbench) DeviceOptions(ctx context.Context, device string, set []scan.Setting) ([]scan.Option, error) {
	return w.devices.options(ctx, device, set)
}

// devices are the ways to devices, by the beginnings of their IDs.
type devices []struct {
	kind   string
	source scan.Scanner
}

func (all devices) list(ctx context.Context) ([]scan.Device, error) {
	found := make([][]scan.Device, len(all))
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i, s := range all {
		wg.Go(func() {
			for d, err := range s.source.Devices(ctx) {
				if err != nil {
					errs[i] = errors.Join(errs[i], fmt.Errorf("%s: %w", s.kind, err))
					continue
				}
				found[i] = append(found[i], d)
			}
		})
	}
	wg.Wait()
	return slices.Concat(found...), errors.Join(errs...)
}

func (all devices) options(ctx context.Context, device string, set []scan.Setting) ([]scan.Option, error) {
	s, id, err := all.of(device)
	if err != nil {
		return nil, err
	}
	o, err := s.Options(ctx, id, set)
	return o, About(device, err)
}

// of finds the way to a device and gives its whole ID: a name that begins with no
// kind is one of SANE's, as scanimage -L lists them.
func (all devices) of(device string) (scan.Scanner, string, error) {
	if device == "" {
		return nil, "", fmt.Errorf("%w: which device? Neither the profile nor you named one", ErrUsage)
	}
	kind, _, _ := strings.Cut(device, ":")
	for _, s := range all {
		if s.kind == kind {
			return s.source, device, nil
		}
	}
	return all[0].source, all[0].kind + ":" + device, nil
}

// PreviewScan has a quick look at what lies on the glass. Nothing is kept.
func (w *Workbench) PreviewScan(ctx context.Context, t scan.Ticket) (image.Image, error) {
	s, id, err := w.devices.of(t.Device)
	if err != nil {
		return nil, err
	}
	t.Device, t.Preview, t.Sheets = id, true, 1
	g := &glance{w: w, ctx: ctx}
	if err := s.Scan(ctx, t, g); err != nil && !(errors.Is(err, errFound) && g.seen != nil) {
		return nil, About(t.Device, err)
	}
	if g.seen == nil {
		return nil, About(t.Device, scan.ErrNoPaper)
	}
	return g.seen, nil
}

// glance takes the first sheet and shows it.
type glance struct {
	w    *Workbench
	ctx  context.Context
	seen image.Image
}

func (g *glance) Sheet(s scan.Sheet) error {
	from, err := s.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.CreateTemp(g.w.tmp(), "preview-*"+s.Format.Extension())
	if err != nil {
		return diskError(err)
	}
	defer os.Remove(to.Name())
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Close()); err != nil {
		return diskError(err)
	}
	if g.seen, err = g.w.pixels(g.ctx, worker.View{Master: scan.Path(to.Name()), Orientation: s.Orientation}); err != nil {
		return err
	}
	return errFound
}

func (g *glance) Reject(r scan.Reject) error   { return r.Err }
func (*glance) Ignore(scan.Path, string) error { return nil }

// devicesAt gives the ways to devices; images on their way lie in dir, and drivers
// run in children of program (empty: this one). Network
// scanners that do not announce themselves are named in the environment's
// RECTO_SCANNERS, with commas between them.
func devicesAt(dir, program string) devices {
	var driver []string
	if program != "" {
		driver = []string{program, "sane"}
	}
	var named []string
	for name := range strings.SplitSeq(os.Getenv("RECTO_SCANNERS"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			named = append(named, name)
		}
	}
	return devices{
		{"sane", sane.New(sane.Config{Dir: dir, Command: driver})},
		{"escl", escl.New(escl.Config{Dir: dir, Devices: named, Trust: trusted(), Jobs: jobsKept()})},
	}
}

// jobsKept is the folder for jobs of network scanners on their way, which outlive an
// archive that is closed or moved. Empty where this user has no folder for such things.
func jobsKept() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	dir = filepath.Join(dir, "recto", "jobs")
	if os.MkdirAll(dir, 0o700) != nil {
		return ""
	}
	return dir
}

// trusted is the file with the keys of network scanners that sign their own
// certificates: they belong to the machine and its user, not to an archive. Empty
// where this user has no folder for settings.
func trusted() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	dir = filepath.Join(dir, "recto")
	if os.MkdirAll(dir, 0o700) != nil {
		return ""
	}
	return filepath.Join(dir, "scanners.json")
}
