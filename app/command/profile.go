package command

import (
	"fmt"
	"os"
	"strings"

	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

type profileVerb struct {
	List       profileListVerb       `cmd:"" help:"List the capture profiles."`
	Save       profileSaveVerb       `cmd:"" help:"Make a profile, or change one."`
	Remove     profileRemoveVerb     `cmd:"" help:"Remove a profile; one that came with Recto is as it came then."`
	Supervisor profileSupervisorVerb `cmd:"" help:"Set the supervisor's word, which locks and unlocks profiles."`
}

// asProfiles is in every profile verb, which all answer with the profiles.
type asProfiles struct{ inArchive }

func (asProfiles) nothing(_ *session, failures []failure) any {
	return map[string]any{"profiles": []any{}, "failures": failures}
}

func (s *session) profiles(w *workbench.Workbench) error {
	all, err := w.Profiles(s.ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		s.say("%-16s %s", line(p.Name), settingsOf(p))
		if p.Note != "" {
			s.say("                 %s", line(p.Note))
		}
	}
	if s.json {
		s.print(map[string]any{"profiles": list(all), "failures": []failure{}})
	}
	return nil
}

// settingsOf tells what a profile sets, in words.
func settingsOf(p archive.Profile) string {
	var words []string
	add := func(said bool, format string, args ...any) {
		if said {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(p.Device != "", "%s", line(p.Device))
	add(p.Source != "", "%s", line(p.Source))
	add(p.Mode != "", "%s", line(p.Mode))
	add(p.Resolution != 0, "%g dpi", p.Resolution)
	add(p.Depth != 0, "%d bit", p.Depth)
	add(p.Area != scan.Area{}, "%g x %g mm", p.Area.Width, p.Area.Height)
	add(len(words) == 0, "as the device is set")
	add(p.Locked, "(locked)")
	return strings.Join(words, " ")
}

type profileListVerb struct{ asProfiles }

func (profileListVerb) Help() string { return "Example:  recto profile list --archive ~/archive" }

func (v profileListVerb) Run(s *session) error {
	w, err := v.look(s)
	if err != nil {
		return err
	}
	defer w.Close()
	return s.profiles(w)
}

// word is the supervisor's, out of a file or the environment: on the command line
// everybody on the machine could read it.
type word struct {
	WordFile string `placeholder:"FILE" help:"File with the supervisor's word on its first line; without it the environment's RECTO_SUPERVISOR."`
}

func (w word) read() (string, error) { return wordIn(w.WordFile, "RECTO_SUPERVISOR") }

func wordIn(file, variable string) (string, error) {
	if file == "" {
		return os.Getenv(variable), nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", workbench.About(file, fmt.Errorf("%w: %w", scan.ErrUnreadable, err))
	}
	first, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSuffix(first, "\r"), nil
}

type profileSaveVerb struct {
	asProfiles
	word
	kept
	Name       string   `arg:"" help:"Name of the profile."`
	Note       *string  `help:"What it is for."`
	Sides      *sides   `placeholder:"N" help:"Images that a sheet gives: 1 or 2."`
	Manual     *bool    `name:"manual-duplex" negatable:"" help:"Duplex by hand: all fronts, then all backs."`
	Series     *string  `placeholder:"L" help:"Label of a batch's first page: 1r, 1, i. Empty for none."`
	Lang       string   `placeholder:"eng+deu" help:"Languages of the text."`
	Patch      *bool    `negatable:"" help:"Patch codes T, 2 and 3 begin a unit."`
	Codes      []string `placeholder:"KIND" help:"Barcodes that begin a unit: qr, code-128, code-39, data-matrix; none for none."`
	Pattern    *string  `placeholder:"RE2" help:"Text that such a code must match; without it only cover sheets and planned units count."`
	Blank      *bool    `name:"blank-separates" negatable:"" help:"An empty sheet begins a unit."`
	Every      *sheets  `placeholder:"N" help:"A unit every so many pages; 0 for none."`
	Keep       *bool    `name:"keep-separators" negatable:"" help:"Separator sheets stay in the unit that they begin, blank ones in the one before; otherwise they go to the bin."`
	LeastDPI   *dots    `name:"least-dpi" placeholder:"DPI" help:"Flag pages of fewer dots an inch."`
	LengthOff  *percent `name:"length-tolerance" placeholder:"PERCENT" help:"Flag sheets whose length is further off their neighbours'."`
	BlanksOkay *bool    `name:"blanks-welcome" negatable:"" help:"Blank pages are counted and not flagged."`
	Lock       *bool    `negatable:"" help:"Nobody scans otherwise than the profile says, and only with the supervisor's word can it be changed."`
}

func (profileSaveVerb) Help() string {
	return "Example:  recto profile save --archive ~/archive --source duplex --mode color --resolution 300 --patch 'Court files'\n\n" +
		"What is not given stays as the profile of that name has it."
}

// kept is onDevice for what a profile keeps.
type kept struct {
	Device     *string  `placeholder:"ID" help:"The device; empty: whoever scans chooses."`
	Source     *string  `placeholder:"S" help:"flatbed, adf, duplex, or in the device's own words."`
	Mode       *string  `placeholder:"M" help:"color, gray, lineart, or in the device's own words."`
	Depth      *depth   `placeholder:"N" help:"Bits a sample: 1, 8 or 16."`
	Resolution *dots    `placeholder:"DPI" help:"Dots an inch."`
	Area       *area    `placeholder:"X,Y,W,H" help:"Part of the glass in millimetres; empty for all of it."`
	Option     []string `sep:"none" placeholder:"NAME=VALUE" help:"Any other option of the device."`
}

// take puts a flag that was given into a field.
func take[F, T any](to *T, from *F, as func(F) T) {
	if from != nil {
		*to = as(*from)
	}
}

func same[T any](v T) T { return v }

func (v profileSaveVerb) Run(s *session) error {
	secret, err := v.read()
	if err != nil {
		return err
	}
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	all, err := w.Profiles(s.ctx)
	if err != nil {
		return err
	}
	p := archive.Profile{Name: v.Name}
	for _, q := range all {
		if strings.EqualFold(q.Name, v.Name) {
			p = q
		}
	}
	take(&p.Note, v.Note, same)
	take(&p.Device, v.Device, same)
	take(&p.Source, v.Source, same)
	take(&p.Mode, v.Mode, same)
	take(&p.Depth, v.Depth, func(d depth) int { return int(d) })
	take(&p.Resolution, v.Resolution, func(d dots) float64 { return float64(d) })
	take(&p.Area, v.Area, func(a area) scan.Area { return scan.Area(a) })
	take(&p.Sides, v.Sides, func(n sides) int { return int(n) })
	take(&p.Duplex, v.Manual, func(by bool) string { return map[bool]string{true: "manual"}[by] })
	take(&p.Series, v.Series, same)
	take(&p.Separation.Patch, v.Patch, same)
	take(&p.Separation.Pattern, v.Pattern, same)
	take(&p.Separation.Blank, v.Blank, same)
	take(&p.Separation.Every, v.Every, func(n sheets) int { return int(n) })
	take(&p.Separation.Keep, v.Keep, same)
	take(&p.Quality.LeastDPI, v.LeastDPI, func(d dots) float64 { return float64(d) })
	take(&p.Quality.MostLength, v.LengthOff, func(n percent) float64 { return float64(n) / 100 })
	take(&p.Quality.BlanksWelcome, v.BlanksOkay, same)
	take(&p.Locked, v.Lock, same)
	if v.Lang != "" {
		if p.Languages, err = languages(v.Lang); err != nil {
			return err
		}
	}
	if len(v.Option) > 0 {
		if p.Options, err = parseSettings(v.Option); err != nil {
			return err
		}
	}
	if len(v.Codes) > 0 {
		if p.Separation.Codes, err = codeKinds(v.Codes); err != nil {
			return err
		}
	}
	if err := w.SaveProfile(s.ctx, p, secret); err != nil {
		return err
	}
	return s.profiles(w)
}

func codeKinds(words []string) ([]scan.CodeKind, error) {
	var out []scan.CodeKind
	for _, word := range words {
		switch k := scan.CodeKind(word); k {
		case scan.QR, scan.Code128, scan.Code39, scan.DataMatrix:
			out = append(out, k)
		case "none":
		default:
			return nil, usage("--codes takes qr, code-128, code-39, data-matrix or none, not %q", word)
		}
	}
	return out, nil
}

type profileRemoveVerb struct {
	asProfiles
	word
	Name string `arg:"" help:"Name of the profile."`
}

func (profileRemoveVerb) Help() string {
	return "Example:  recto profile remove --archive ~/archive 'Court files'"
}

func (v profileRemoveVerb) Run(s *session) error {
	secret, err := v.read()
	if err != nil {
		return err
	}
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.RemoveProfile(s.ctx, v.Name, secret); err != nil {
		return err
	}
	return s.profiles(w)
}

type profileSupervisorVerb struct {
	asProfiles
	word
	NewWordFile string `placeholder:"FILE" help:"File with the new word on its first line; without it the environment's RECTO_SUPERVISOR_NEW."`
}

func (profileSupervisorVerb) Help() string {
	return "Example:  RECTO_SUPERVISOR_NEW='...' recto profile supervisor --archive ~/archive\n\n" +
		"A word that is there already is asked for as well. It keeps volunteers from slips; whoever may write to the archive's files can do anything to them."
}

func (v profileSupervisorVerb) Run(s *session) error {
	old, err := v.read()
	if err != nil {
		return err
	}
	secret, err := wordIn(v.NewWordFile, "RECTO_SUPERVISOR_NEW")
	if err != nil {
		return err
	}
	if secret == "" {
		return usage("no new word was given: put it into RECTO_SUPERVISOR_NEW, or into a file for --new-word-file")
	}
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.SetSupervisor(s.ctx, old, secret); err != nil {
		return err
	}
	s.note("The supervisor's word is set.")
	return s.profiles(w)
}
