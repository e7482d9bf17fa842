package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/alecthomas/kong"

	"recto/app/workbench"
	"recto/ocr"
	"recto/scan"
)

// verbs is the command line: one field a verb.
type verbs struct {
	Window      windowVerb      `cmd:"" default:"withargs" help:"Open the workstation window (what recto does without a verb)."`
	Init        initVerb        `cmd:"" help:"Make an archive."`
	Import      importVerb      `cmd:"" help:"Take images and PDFs into a batch."`
	Devices     devicesVerb     `cmd:"" help:"List what can be scanned from, or what a device has to set."`
	Scan        scanVerb        `cmd:"" help:"Scan sheets into a batch."`
	Watch       watchVerb       `cmd:"" help:"Take files into a batch as they appear in a folder."`
	Batch       batchVerb       `cmd:"" help:"Make and describe batches, count, sign off, divide, put backs between fronts."`
	Profile     profileVerb     `cmd:"" help:"Capture profiles: the settings of a kind of work under a name."`
	Coversheets coversheetsVerb `cmd:"" help:"Print sheets with barcodes to lie on top of units that are going to be scanned."`
	Process     processVerb     `cmd:"" help:"Straighten and read the pages of a batch."`
	Prepare     prepareVerb     `cmd:"" help:"Show how pages are prepared before they are read."`
	Document    documentVerb    `cmd:"" help:"Make a document of a batch's pages, as PDF/A."`
	Page        pageVerb        `cmd:"" help:"Arrange pages: move, rotate, bin, restore, undo, redo."`
	Text        textVerb        `cmd:"" help:"Show, correct and write the text of pages."`
	Digitise    digitiseVerb    `cmd:"" help:"Import, process, make documents and catalogue them in one go."`
	Dismiss     dismissVerb     `cmd:"" help:"Do without a source that could not be taken in."`
	List        listVerb        `cmd:"" help:"List batches, documents or pages."`
	Show        showVerb        `cmd:"" help:"Show one batch, document or page with its history."`
	Search      searchVerb      `cmd:"" help:"Search the text of all pages."`
	Export      exportVerb      `cmd:"" help:"Deliver documents as verified packages."`
	Verify      verifyVerb      `cmd:"" help:"Check an archive's fixity, or a package from anyone."`
	Rebuild     rebuildVerb     `cmd:"" help:"Make the catalogue anew from what lies on disk."`
	Doctor      doctorVerb      `cmd:"" help:"Tell what this machine has and lacks."`

	Version kong.VersionFlag `help:"Print the version and leave."`
}

// asJSON is in every verb.
type asJSON struct {
	JSON bool `name:"json" help:"Print exactly one JSON value on standard output, in failure too."`
}

func (asJSON) nothing(_ *session, list []failure) any { return map[string]any{"failures": list} }

// inArchive is in every verb that works on an archive.
type inArchive struct {
	asJSON
	Archive string `required:"" placeholder:"DIR" env:"RECTO_ARCHIVE" help:"The archive's folder."`
}

// session is what a verb runs in.
type session struct {
	ctx    context.Context
	out    *result   // what the verb is there for
	err    io.Writer // progress and messages
	args   []string
	json   bool
	tty    bool
	about  string // what a failure is about that says nothing of it: the archive as the user gave it
	mu     sync.Mutex
	window func(archive string) error
}

// result is standard output. It remembers what could not be written: a result that
// did not arrive is no success, whatever the verb has done.
type result struct {
	to  io.Writer
	err error
}

func (r *result) Write(b []byte) (int, error) {
	n, err := r.to.Write(b)
	if r.err == nil {
		r.err = err
	}
	return n, err
}

// Config of one run of the program.
type Config struct {
	Args   []string // without the program's name
	Out    io.Writer
	Err    io.Writer
	Window func(archive string) error // opens the window; nil where there is none
}

// leave ends a verb with an exit code after it has printed all there is to say.
type leave int

func (l leave) Error() string { return fmt.Sprintf("exit code %d", int(l)) }

// Main runs one verb and returns the exit code: 0 all done, 1 part or all of it
// failed, 2 flags or arguments that do not parse, 130 cancelled.
func Main(c Config) (code int) {
	if len(c.Args) > 0 && c.Args[0] == "help" { // as people type it
		c.Args = append(slices.Clone(c.Args[1:]), "--help")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() { // a second Ctrl-C ends it at once; what is durable stays so
		<-ctx.Done()
		stop()
	}()
	s := &session{ctx: ctx, out: &result{to: c.Out}, err: c.Err, window: c.Window, args: c.Args, json: given(c.Args, "json")}
	if f, ok := c.Err.(*os.File); ok {
		s.tty = isTerminal(f)
	}
	type exit int
	defer func() { // kong leaves through its Exit function after --help and --version
		switch x := recover().(type) {
		case nil:
		case exit:
			code = int(x)
		default:
			panic(x)
		}
		if s.out.err != nil {
			fmt.Fprintf(c.Err, "recto: the result could not be written to standard output: %v\n  What was done is done; make room where the output goes and ask again.\n", s.out.err)
			if code == 0 {
				code = 1
			}
		}
	}()
	var v verbs
	parser, err := kong.New(&v,
		kong.Name("recto"),
		kong.Description("Recto turns paper into an archive: scans in, searchable PDF/A out, catalogued, packaged and verified."),
		kong.Writers(s.out, c.Err), kong.Exit(func(n int) { panic(exit(n)) }),
		kong.Vars{"version": "recto " + workbench.Version}, kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.UsageOnError(), kong.Bind(s), kong.KindMapper(reflect.String, kong.MapperFunc(words)),
	)
	if err != nil {
		fmt.Fprintln(c.Err, "recto:", err)
		return 2
	}
	verb := func() nothing { return asked(parser.Model.Node, c.Args) }
	k, err := parser.Parse(c.Args)
	if err == nil {
		err = noneEmpty(k)
	}
	if err != nil && s.out.err != nil { // that of --help
		return 1
	}
	if err != nil {
		s.usage(err, verb())
		return 2
	}
	err = k.Run()
	var l leave
	switch {
	case err == nil:
		return 0
	case errors.As(err, &l):
		return int(l)
	case errors.Is(err, errUsage):
		s.usage(err, verb())
		return 2
	}
	return s.fail(err, verb())
}

// nothing is a verb's JSON where nothing came of it: its own fields, empty, with
// what failed.
type nothing interface {
	nothing(s *session, failures []failure) any
}

// asked finds the verb that the words ask for, also in a command line that does
// not parse.
func asked(node *kong.Node, words []string) nothing {
	for _, word := range words {
		if i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == word }); i >= 0 {
			node = node.Children[i]
		}
	}
	if v, ok := node.Target.Interface().(nothing); ok {
		return v
	}
	return asJSON{}
}

// noneEmpty refuses empty strings: most often a script's variable that was not
// set; as a path it would mean the current folder, as languages those of the default.
func noneEmpty(k *kong.Context) error {
	for _, group := range k.Selected().AllFlags(false) {
		for _, f := range group {
			if text, ok := f.Target.Interface().(string); ok && (f.Set || f.Required && len(f.Xor) == 0) && strings.TrimSpace(text) == "" {
				return usage("--%s is empty", f.Name)
			}
			if list, ok := f.Target.Interface().([]string); ok && f.Set && (len(list) == 0 || slices.Contains(list, "")) {
				return usage("--%s is empty", f.Name)
			}
		}
	}
	for _, p := range k.Selected().Positional {
		list, _ := p.Target.Interface().([]string)
		if text, ok := p.Target.Interface().(string); ok && p.Set && text == "" || slices.Contains(list, "") {
			return usage("an empty <%s> was given", p.Name)
		}
	}
	return nil
}

// words takes a value as it was typed. Kong's own way leads through JSON and replaces
// every byte that is not UTF-8, of which file names may have some.
func words(c *kong.DecodeContext, target reflect.Value) error {
	t, err := c.Scan.PopValue("string")
	if err != nil {
		return err
	}
	text, ok := t.Value.(string)
	if !ok {
		return fmt.Errorf("expected a word but got %v", t.Value)
	}
	target.SetString(text)
	return nil
}

// errUsage marks arguments that parse as words and make no sense together.
var errUsage = errors.New("usage")

func usage(format string, args ...any) error {
	return fmt.Errorf("%w: %w", errUsage, fmt.Errorf(format, args...))
}

// usage tells that the command line was not understood.
func (s *session) usage(err error, v nothing) {
	const remedy = "See recto --help, or recto VERB --help for an example."
	fmt.Fprintf(s.err, "recto: %v\n%s\n", err, remedy)
	if s.json {
		s.print(v.nothing(s, []failure{{Path: s.about, Reason: err.Error(), Remedy: remedy}}))
	}
}

// given looks for a switch before the flags are parsed, so that even a command
// line that does not parse is answered as it was asked.
func given(args []string, name string) bool {
	if i := slices.Index(args, "--"); i >= 0 {
		args = args[:i]
	}
	return slices.ContainsFunc(args, func(word string) bool {
		value, ok := strings.CutPrefix(word, "--"+name)
		return ok && slices.Contains([]string{"", "=true", "=1", "=yes"}, value) // what kong takes for yes
	})
}

// failure is a thing that could not be done, in every verb's JSON.
type failure struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy"`

	stopped bool // by the user: no fault
}

// failureOf is a failure of what the error says it is about; where it does not say,
// of path, or else of what the verb works on.
func (s *session) failureOf(path scan.Path, err error) failure {
	if path == "" {
		path = scan.Path(s.about)
	}
	if about := workbench.Subject(err); about != "" {
		path = about
	}
	f := failure{path.String(), err.Error(), workbench.Explain(err).Remedy, errors.Is(err, context.Canceled)}
	if f.stopped { // wherever that was
		f.Reason = "stopped"
	}
	return f
}

// fail reports an error that ended a verb: to people, and in JSON with the verb's
// own shape around it. It gives the exit code.
func (s *session) fail(err error, v nothing) int {
	x := workbench.Explain(err)
	f := s.failureOf("", err)
	if f.stopped {
		fmt.Fprintf(s.err, "recto: %s\n  %s\n", x.Title, x.Remedy)
	} else {
		fmt.Fprintf(s.err, "recto: %s: %v\n  %s\n", x.Title, err, x.Remedy)
	}
	if s.json {
		s.print(v.nothing(s, []failure{f}))
	}
	return x.Exit
}

// print writes the one JSON value.
func (s *session) print(v any) {
	e := json.NewEncoder(s.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil && s.out.err == nil {
		s.out.err = err
	}
}

// say prints a line for people, when nobody asked for JSON.
func (s *session) say(format string, args ...any) {
	if !s.json {
		fmt.Fprintf(s.out, format+"\n", args...)
	}
}

// note prints a line about what is going on, whole, from any goroutine.
func (s *session) note(format string, args ...any) {
	line := fmt.Sprintf(format+"\n", args...)
	s.mu.Lock()
	defer s.mu.Unlock()
	io.WriteString(s.err, line)
}

// complain lists failures for people.
func (s *session) complain(list []failure) {
	for _, f := range list {
		where := scan.Path(f.Path).Line()
		if where != "" {
			where += ": "
		}
		what := "FAILED "
		if f.stopped {
			what = "STOPPED"
		}
		s.note("%s %s%s\n        %s", what, where, f.Reason, f.Remedy)
	}
}

// open opens the archive to work in it.
func (a inArchive) open(s *session, o workbench.Options) (*workbench.Workbench, error) {
	s.about = a.Archive
	return s.opened(workbench.Open(s.ctx, a.Archive, o))
}

// look opens the archive to read: beside a writer too.
func (a inArchive) look(s *session) (*workbench.Workbench, error) {
	s.about = a.Archive
	return s.opened(workbench.OpenToLook(s.ctx, a.Archive))
}

func (s *session) opened(w *workbench.Workbench, err error) (*workbench.Workbench, error) {
	if err != nil {
		return nil, err
	}
	s.repaired(w)
	return w, nil
}

// repaired tells what opening the archive has mended.
func (s *session) repaired(w *workbench.Workbench) {
	for _, line := range w.Repaired() {
		s.note("Repaired: %s", line)
	}
}

// languages parses --lang; an empty flag means that nobody asked.
func languages(flag string) ([]string, error) {
	if flag == "" {
		return nil, nil
	}
	names, err := ocr.ParseLanguages(flag)
	return names, workbench.About(flag, err)
}

// list never gives null in JSON.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
