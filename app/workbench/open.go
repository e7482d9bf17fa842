package workbench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"recto/app/worker"
	"recto/archive"
	"recto/archive/catalogue"
	"recto/archive/journal"
	"recto/ocr"
	"recto/scan"
	"recto/scan/spool"
)

// Version of the program, as files and messages state it.
const Version = "0.1.0"

// Format is the version of the layout on disk that this program writes.
const Format = 1

// The layout of an archive below its root. The truth is in masters, texts and
// journal; everything else can be made again from them.
const (
	markerFile    = "recto.json"
	catalogueFile = "catalogue.db"
	lockFile      = "lock"
	sessionFile   = "session" // there while a writer is at work: left behind by a kill
	journalDir    = "journal"
	textsDir      = "texts"
	documentsDir  = "documents"
	renditionsDir = "renditions"
	thumbsDir     = "thumbnails"
	tmpDir        = "tmp"
)

// What can be wrong with an archive.
var (
	ErrNotArchive    = errors.New("this folder is not a Recto archive")
	ErrExists        = errors.New("the folder exists already and is not empty")
	ErrNewerArchive  = errors.New("the archive was made by a newer version of Recto")
	ErrBusy          = errors.New("another Recto is working on this archive")
	ErrNotFound      = errors.New("there is no such thing in this archive")
	ErrNothingToUndo = errors.New("there is nothing to undo")
	ErrNothingToRedo = errors.New("there is nothing to redo")
	ErrIncomplete    = errors.New("the document is incomplete")
	ErrNoPages       = errors.New("there are no pages")
	ErrUsage         = errors.New("that cannot be done")
	ErrVanished      = errors.New("the folder or its disk is not there any more")
	ErrNotFolder     = errors.New("a file stands where a folder should be")
	ErrDamaged       = errors.New("a file of the archive is missing or damaged")
)

// marker is the content of recto.json: what makes a folder an archive.
type marker struct {
	Archive string    `json:"archive"` // UUIDv7
	Format  int       `json:"format"`
	Created time.Time `json:"created"`
	Program string    `json:"program"`
}

const readme = `This folder is a Recto archive. Do not rename or edit anything in it.

masters/BATCH/PAGE.*     the page images as captured, never changed; PAGE.json beside each says
                         where it came from, with SHA-256 and SHA-512
journal/*.jsonl          everything that happened, one JSON object a line, each line carrying the
                         SHA-256 of the line before it
texts/BATCH/*.json       the recognised text of each page with its positions
documents/*.pdf          the finished documents as PDF/A
recto.json               the identity of this archive and the version of this layout

catalogue.db             a SQLite database for searching; "recto rebuild" makes it anew from the above
renditions, thumbnails, tmp   can be made again
`

// Options for opening an archive.
type Options struct {
	Actor    string // who works here; default: the system's user name
	Jobs     int    // worker processes; default: one a core
	ReadOnly bool   // look only: works beside a writer and on read-only media
}

// Workbench is an open archive.
type Workbench struct {
	dir      string
	actor    string
	readOnly bool
	marker   marker
	repaired []string

	lock  *os.File
	spool *spool.Spool
	log   *journal.Journal
	cat   *catalogue.Catalogue
	read  *worker.Pool // for batches of pages
	view  *worker.Pool // for the page that somebody waits for

	mu    sync.Mutex // journal and catalogue advance together
	stale bool       // the catalogue missed an event that the journal has
	dirty bool       // something failed half-way: the next opening must look closely
}

// Init makes an empty archive at dir, which must not exist or be empty. It is
// built beside and renamed into place: it appears whole or not at all.
func Init(ctx context.Context, dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(dir, markerFile)); err == nil {
			return fmt.Errorf("%s: %w: it is a Recto archive", scan.Path(dir).Line(), ErrExists)
		}
		return fmt.Errorf("%s: %w", scan.Path(dir).Line(), ErrExists)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return diskError(err)
	}
	if err := notInArchive(dir); err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return diskError(err)
	}
	sweepHalfMade(parent, filepath.Base(dir))
	tmp, err := os.MkdirTemp(parent, halfMade(filepath.Base(dir)))
	if err != nil {
		return diskError(err)
	}
	defer os.RemoveAll(tmp)
	held, err := holdDir(tmp)
	if err != nil {
		return fmt.Errorf("make archive: %w", err)
	}
	defer held.Close()
	if err := os.Chmod(tmp, 0o755); err != nil {
		return diskError(err)
	}
	m := marker{Archive: scan.NewID(), Format: Format, Created: time.Now().UTC(), Program: "Recto " + Version}
	for _, d := range []string{"masters", journalDir, textsDir, documentsDir, renditionsDir, thumbsDir, tmpDir} {
		if err := os.Mkdir(filepath.Join(tmp, d), 0o755); err != nil {
			return diskError(err)
		}
	}
	log, _, err := journal.Open(filepath.Join(tmp, journalDir))
	if err != nil {
		return diskError(err)
	}
	e, err := archive.NewEvent(archive.ArchiveCreated, actor(""), "", archive.Created{Archive: m.Archive, Format: Format})
	if err == nil {
		_, err = log.Append(ctx, e)
	}
	if cerr := log.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return diskError(err)
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(tmp, "README.txt"), []byte(readme)); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(tmp, markerFile), append(b, '\n')); err != nil {
		return err
	}
	if err := syncDir(tmp); err != nil {
		return diskError(err)
	}
	// rename(2) replaces an empty folder and refuses a full one.
	if err := os.Rename(tmp, dir); err != nil {
		return fmt.Errorf("make archive %s: %w", scan.Path(dir).Line(), diskError(err))
	}
	return diskError(syncDir(parent))
}

// halfMade is the name pattern of an archive under construction.
func halfMade(base string) string { return "." + base + ".recto-init-*" }

// sweepHalfMade removes what a killed Init left beside the archive.
func sweepHalfMade(parent, base string) {
	left, _ := filepath.Glob(filepath.Join(parent, halfMade(globEscape(base))))
	for _, d := range left {
		if held, err := holdDir(d); err == nil { // nobody is making it any more
			os.RemoveAll(d)
			held.Close()
		}
	}
}

// holdDir locks a folder until the returned file is closed or the process ends.
func holdDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func globEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}

// IsArchive tells whether dir holds an archive of any version.
func IsArchive(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, markerFile))
	return err == nil
}

// Open opens an archive, mends what a kill has left behind and says so in
// Repaired. Only one writer can have it open.
func Open(ctx context.Context, dir string, o Options) (*Workbench, error) {
	return open(ctx, dir, o, false)
}

func open(ctx context.Context, dir string, o Options, rebuild bool) (_ *Workbench, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	w := &Workbench{dir: dir, actor: actor(o.Actor), readOnly: o.ReadOnly}
	b, err := os.ReadFile(w.path(markerFile))
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENOTDIR):
		return nil, fmt.Errorf("%s: %w", scan.Path(dir).Line(), ErrNotArchive)
	case err != nil:
		return nil, fmt.Errorf("%s: %w: %w", scan.Path(dir).Line(), scan.ErrUnreadable, err)
	}
	if err := json.Unmarshal(b, &w.marker); err != nil || w.marker.Archive == "" {
		return nil, fmt.Errorf("%s: %w: %s is damaged", scan.Path(dir).Line(), ErrNotArchive, markerFile)
	}
	if w.marker.Format > Format {
		return nil, fmt.Errorf("%s: %w: its layout is version %d, this Recto knows %d", scan.Path(dir).Line(), ErrNewerArchive, w.marker.Format, Format)
	}
	defer func() {
		if err != nil {
			w.Close()
		}
	}()
	if w.readOnly {
		return w, w.openToRead(ctx)
	}
	if err := w.takeLock(ctx); err != nil {
		return nil, err
	}
	unclean := false
	if _, err := os.Stat(w.path(sessionFile)); err == nil {
		unclean = true
	}
	if err := writeFile(w.path(sessionFile), []byte(time.Now().UTC().Format(time.RFC3339)+"\n")); err != nil {
		return nil, err
	}
	for _, d := range []string{textsDir, documentsDir, renditionsDir, thumbsDir, tmpDir} {
		if err := os.MkdirAll(w.path(d), 0o755); err != nil {
			return nil, diskError(err)
		}
	}
	if err := clearDir(w.path(tmpDir)); err != nil {
		return nil, diskError(err)
	}
	if w.spool, err = spool.Open(dir); err != nil {
		return nil, diskError(err)
	}
	var mended journal.Repair
	if w.log, mended, err = journal.Open(w.path(journalDir)); err != nil {
		return nil, diskError(err)
	}
	w.repaired = append(w.repaired, mended.Done...)
	if rebuild {
		if err := setAside(w.path(catalogueFile), "replaced"); err != nil {
			return nil, diskError(err)
		}
	}
	if err := w.openCatalogue(ctx); err != nil {
		return nil, err
	}
	if unclean || rebuild {
		if err := w.recover(ctx); err != nil {
			return nil, err
		}
	}
	if len(w.repaired) > 0 {
		if err := w.record(ctx, "", event(archive.ArchiveRepaired, archive.Repaired{Done: w.repaired})); err != nil {
			return nil, err
		}
	}
	jobs := o.Jobs
	if jobs < 1 {
		jobs = runtime.NumCPU()
	}
	w.read = worker.NewPool(worker.Config{Size: jobs, Dir: dir})
	w.view = worker.NewPool(worker.Config{Size: 1, Dir: dir, Time: time.Minute})
	return w, nil
}

// openToRead opens beside a writer or on read-only media: nothing is mended.
func (w *Workbench) openToRead(ctx context.Context) (err error) {
	if w.spool, err = spool.Open(w.dir); err != nil {
		return diskError(err)
	}
	if w.log, err = journal.OpenReadOnly(w.path(journalDir)); err != nil {
		return diskError(err)
	}
	if w.cat, err = catalogue.Open(ctx, w.path(catalogueFile), catalogue.Options{ReadOnly: true}); err != nil {
		return err
	}
	w.read = worker.NewPool(worker.Config{Size: 1})
	w.view = w.read
	return nil
}

// openCatalogue opens the catalogue, makes it anew where it is missing or
// damaged, and brings it up to where the journal is.
func (w *Workbench) openCatalogue(ctx context.Context) error {
	file := w.path(catalogueFile)
	_, err := os.Stat(file)
	missing := errors.Is(err, fs.ErrNotExist)
	o := catalogue.Options{Text: w.plainText}
	w.cat, err = catalogue.Open(ctx, file, o)
	if errors.Is(err, catalogue.ErrDamaged) {
		if err := setAside(file, "damaged"); err != nil {
			return diskError(err)
		}
		w.repaired = append(w.repaired, "The catalogue was damaged. It was put aside and is made anew from the journal.")
		missing = true
		w.cat, err = catalogue.Open(ctx, file, o)
	}
	if err != nil {
		return err
	}
	at, err := w.cat.Position(ctx)
	if err != nil {
		return err
	}
	end := int64(w.log.End())
	if at > end {
		return &damage{fmt.Errorf("%s: the journal ends at entry %d, the catalogue knows %d", scan.Path(w.dir).Line(), end, at),
			"Restore the folder journal from a copy of the archive. Without a copy recto rebuild brings back what is left: all masters, but not the order, documents and history of the missing entries."}
	}
	if at == end {
		return nil
	}
	if !missing {
		w.repaired = append(w.repaired, fmt.Sprintf("%d journal entries had not reached the catalogue; they have now.", end-at))
	}
	return w.replay(ctx, at)
}

// replay applies the journal to the catalogue from a position on, in portions.
func (w *Workbench) replay(ctx context.Context, from int64) error {
	var events []archive.Event
	pos := from
	flush := func() error {
		if len(events) == 0 {
			return nil
		}
		err := w.cat.Apply(ctx, pos, events...)
		events = events[:0]
		return err
	}
	var damage *journal.Damage
	err := w.log.Replay(ctx, journal.Position(from), func(p journal.Position, e archive.Event) error {
		if int64(p) != pos+1 && len(events) > 0 { // a gap: positions of one portion follow each other
			if err := flush(); err != nil {
				return err
			}
		}
		pos = int64(p)
		events = append(events, e)
		if len(events) == 500 {
			return flush()
		}
		return nil
	})
	if errors.As(err, &damage) { // all that can be read has been given
		w.repaired = append(w.repaired, fmt.Sprintf("%d journal lines cannot be read and were passed over; recto verify names them.", damage.Lines))
	} else if err != nil {
		return err
	}
	return flush()
}

// recover finds masters that were made durable but not yet told of, and removes
// what a kill left half-made.
func (w *Workbench) recover(ctx context.Context) error {
	w.spool.Told(func(id scan.PageID) bool {
		_, err := w.cat.Page(ctx, id)
		return !errors.Is(err, catalogue.ErrNotFound)
	})
	found, err := w.spool.Recover(ctx)
	w.repaired = append(w.repaired, found.Done()...)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil { // one file that cannot be mended must not lock the rest away
		w.repaired = append(w.repaired, "Not all could be mended: "+plainMessage(err))
	}
	adopted := 0
	for m, err := range w.spool.Masters(ctx) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			w.repaired = append(w.repaired, "A master could not be looked at: "+plainMessage(err))
			continue
		}
		if _, err := w.cat.Page(ctx, m.Page.ID); err == nil {
			continue
		} else if !errors.Is(err, catalogue.ErrNotFound) {
			return err
		}
		if err := w.adopt(ctx, m); err != nil {
			return err
		}
		adopted++
	}
	if adopted > 0 {
		w.repaired = append(w.repaired, fmt.Sprintf("%d pages were safe on disk but not yet in the catalogue; they are now.", adopted))
	}
	return nil
}

// adopt takes a master that nobody knows into its batch.
func (w *Workbench) adopt(ctx context.Context, m spool.Found) error {
	if _, err := w.cat.Batch(ctx, m.Page.Batch); errors.Is(err, catalogue.ErrNotFound) {
		name := m.Sidecar.Batch.Name
		if name == "" {
			name = "Recovered"
		}
		name, err := w.freeBatchName(ctx, name)
		if err != nil {
			return err
		}
		b := archive.Batch{ID: m.Page.Batch, Name: name, Title: m.Sidecar.Batch.Title, Created: m.Page.Captured}
		if err := w.record(ctx, "found on disk", event(archive.BatchCreated, b)); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	return w.record(ctx, "found on disk", event(archive.PageCaptured, archive.Captured{Page: m.Page, Recovered: true}))
}

// Close ends the workers and leaves the archive in order.
func (w *Workbench) Close() error {
	if w.read != nil {
		w.read.Close()
	}
	if w.view != nil && w.view != w.read {
		w.view.Close()
	}
	var errs []error
	if w.cat != nil {
		errs = append(errs, w.cat.Close())
	}
	if w.log != nil {
		errs = append(errs, w.log.Close())
	}
	if w.lock != nil {
		if w.cat != nil && !w.dirty {
			os.Remove(w.path(sessionFile))
		}
		errs = append(errs, w.lock.Close()) // gives the lock back
	}
	return errors.Join(errs...)
}

// Repaired says in sentences what opening the archive has mended.
func (w *Workbench) Repaired() []string { return w.repaired }

// Directory is the archive's folder.
func (w *Workbench) Directory() string { return w.dir }

// lockPatience is how long opening waits for somebody who only looked in.
const lockPatience = 2 * time.Second

// takeLock makes this process the only writer. The kernel gives the lock back
// when the process ends, however it ends.
func (w *Workbench) takeLock(ctx context.Context) error {
	f, err := os.OpenFile(w.path(lockFile), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return diskError(err)
	}
	for waited := time.Duration(0); ; waited += lockPatience / 20 {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) || waited >= lockPatience || ctx.Err() != nil {
			break
		}
		time.Sleep(lockPatience / 20)
	}
	if err != nil {
		who, _ := os.ReadFile(f.Name())
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return fmt.Errorf("%s: %w (%s)", scan.Path(w.dir).Line(), ErrBusy, strings.TrimSpace(string(who)))
		}
		return fmt.Errorf("lock %s: %w", scan.Path(w.dir).Line(), diskError(err))
	}
	host, _ := os.Hostname()
	f.Truncate(0)
	fmt.Fprintf(f, "process %d on %s, %s\n", os.Getpid(), host, w.actor)
	w.lock = f
	return nil
}

// change is an event on its way into the journal.
type change struct {
	kind archive.EventType
	data any
}

func event(t archive.EventType, data any) change { return change{t, data} }

// record makes changes durable in the journal and then shows them in the
// catalogue. When it returns nil they may be told to the user. The context only
// stops it before it has begun: what is begun is finished.
func (w *Workbench) record(ctx context.Context, why string, changes ...change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.readOnly {
		return fmt.Errorf("%s: %w", scan.Path(w.dir).Line(), scan.ErrReadOnly)
	}
	events := make([]archive.Event, len(changes))
	for i, c := range changes {
		e, err := archive.NewEvent(c.kind, w.actor, why, c.data)
		if err != nil {
			return err
		}
		events[i] = e
	}
	ctx = context.WithoutCancel(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	pos, err := w.log.Append(ctx, events...)
	if err != nil {
		w.dirty = true
		return diskError(err)
	}
	if w.stale {
		from, err := w.cat.Position(ctx)
		if err == nil {
			err = w.replay(ctx, from)
		}
		w.stale = err != nil
		return diskError(err)
	}
	if err := w.cat.Apply(ctx, int64(pos), events...); err != nil {
		w.stale, w.dirty = true, true
		return fmt.Errorf("catalogue: %w", diskError(err))
	}
	return nil
}

// Text gives the recognised text of a page; nil without one.
func (w *Workbench) Text(ctx context.Context, id scan.PageID) (*ocr.Text, error) {
	p, err := w.Page(ctx, id)
	if err != nil || p.Text == "" {
		return nil, err
	}
	return w.textTree(p.Text)
}

func (w *Workbench) textTree(file string) (*ocr.Text, error) {
	b, err := w.textBytes(file)
	if err != nil {
		return nil, err
	}
	var t ocr.Text
	if err := json.Unmarshal(b, &t); err != nil {
		return nil, fmt.Errorf("text %s: %w", file, err)
	}
	return &t, nil
}

// plainText feeds the full-text index.
func (w *Workbench) plainText(file string) (string, error) {
	t, err := w.textTree(file)
	if err != nil {
		return "", err
	}
	return t.Plain(), nil
}

func (w *Workbench) path(parts ...string) string {
	return filepath.Join(append([]string{w.dir}, parts...)...)
}

func actor(name string) string {
	if name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}
