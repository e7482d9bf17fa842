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
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"recto/app/job"
	"recto/app/worker"
	"recto/archive"
	"recto/archive/catalogue"
	"recto/archive/journal"
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
	ErrMarker        = errors.New(markerFile + ", which tells what archive this is, is missing or damaged")
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
	ErrNotFile       = errors.New("a folder stands where a file should be")
	ErrDamaged       = errors.New("a file of the archive is missing or damaged")
	ErrTaken         = errors.New("another batch has this name")
	ErrLocked        = errors.New("this is locked")
	ErrPlanned       = errors.New("it belongs to another unit that is planned")
	ErrFileThere     = errors.New("the file is there already")
)

// marker is the content of recto.json: what makes a folder an archive.
type marker struct {
	Archive string    `json:"archive"` // UUIDv7
	Format  int       `json:"format"`
	Created time.Time `json:"created"`
	Program string    `json:"program"`
	Masters string    `json:"masters,omitempty"` // where the masters lie, if on another disk
}

const readme = `This folder is a Recto archive. Do not rename or edit anything in it.

masters/BATCH/PAGE.*     the page images as captured, never changed; PAGE.json beside each says
                         where it came from, with SHA-256 and SHA-512. "masters" may be a link to
                         another disk, or a disk mounted here; recto.json says so then
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
	Actor    string        // who works here; default: the system's user name
	Jobs     int           // worker processes; default: one a core
	ReadOnly bool          // look only: works beside a writer, on read-only media and without the masters
	Program  string        // that workers and drivers are children of; default: this one
	Progress *job.Progress // shows how far a rebuild has come; nil: nobody looks
	Reserve  int64         // bytes that importing leaves free on each disk; 0: 500 MB or 2 % of it, whichever is less
}

// WorkerMemory is the environment variable that says how much memory each worker process
// may write to, in MB.
const WorkerMemory = "RECTO_WORKER_MEMORY"

// workerMemory is that in bytes; 0 leaves it to the pool. The error is an ErrUsage.
func workerMemory() (int64, error) {
	const least, most = 512, 1 << 20
	value := os.Getenv(WorkerMemory)
	if value == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%w: %s wants a number of MB from %d to %d, not %q", ErrUsage, WorkerMemory, least, most, value)
	}
	return n << 20, nil
}

// Workbench is an open archive.
type Workbench struct {
	dir      string
	actor    string
	readOnly bool
	marker   marker
	repaired []string
	progress *job.Progress // of the opening

	lock   *os.File
	spool  *spool.Spool
	log    *journal.Journal
	cat    *catalogue.Catalogue
	read   *worker.Pool                // for batches of pages
	view   *worker.Pool                // for the page that somebody waits for
	glance *worker.Pool                // for quick looks beside a capture
	looked atomic.Pointer[scan.PageID] // the page whose text somebody asked for last

	devices  devices    // what can be scanned from
	scanning sync.Mutex // one run at a time: their pages would mix
	planning sync.Mutex // of units: what is looked up must still hold when it is recorded

	mu    sync.Mutex // journal and catalogue advance together
	stale bool       // the catalogue missed an event that the journal has
	left  []untold   // pages on the disk that could not be told of
	dirty bool       // something failed half-way: the next opening must look closely

	aside string // folder of a catalogue made for this look only, else empty
	lacks error  // why that was made
}

// IsArchive tells whether dir holds an archive of any version, be its marker lost.
func IsArchive(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, markerFile)); err == nil {
		return true
	}
	for _, part := range []string{"masters", journalDir} {
		info, err := os.Lstat(filepath.Join(dir, part)) // the disk that a link leads to may not be there
		if err != nil || !info.IsDir() && (part == journalDir || info.Mode().Type() != fs.ModeSymlink) {
			return false
		}
	}
	return true
}

// readMarker finds out what archive this is.
func (w *Workbench) readMarker() error {
	b, err := os.ReadFile(w.path(markerFile))
	switch {
	case errors.Is(err, fs.ErrNotExist) && !IsArchive(w.dir), errors.Is(err, unix.ENOTDIR):
		return fmt.Errorf("%s: %w", scan.Path(w.dir).Line(), ErrNotArchive)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w: %w", scan.Path(w.dir).Line(), scan.ErrUnreadable, err)
	}
	if err != nil || json.Unmarshal(b, &w.marker) != nil || w.marker.Archive == "" || w.marker.Format == 0 {
		w.marker = marker{}
		return fmt.Errorf("%s: %w", scan.Path(w.dir).Line(), ErrMarker)
	}
	return nil
}

// Open opens an archive, mends what a kill has left behind and says so in
// Repaired. Only one writer can have it open.
func Open(ctx context.Context, dir string, o Options) (*Workbench, error) {
	return open(ctx, dir, o, false)
}

// OpenToLook opens an archive for a verb that only looks. Where nobody else is at
// work that mends what a kill left, as any opening does; beside a writer, on
// read-only media or without the disk of the masters it reads what is there.
func OpenToLook(ctx context.Context, dir string) (*Workbench, error) {
	w, err := Open(ctx, dir, Options{Jobs: 1})
	if CanLook(err) || errors.Is(err, scan.ErrReadOnly) || errors.Is(err, scan.ErrNoSpace) {
		return Open(ctx, dir, Options{ReadOnly: true})
	}
	return w, err
}

// OpenToDeliver opens an archive for exports, which it records. An archive that
// may not be written to is opened to read.
func OpenToDeliver(ctx context.Context, dir string) (*Workbench, error) {
	w, err := Open(ctx, dir, Options{})
	if errors.Is(err, scan.ErrReadOnly) {
		return Open(ctx, dir, Options{ReadOnly: true})
	}
	return w, err
}

// Rebuild makes the catalogue anew from journal, masters and texts, and leaves
// the archive open. The old catalogue is put aside; one that was put aside before
// it is deleted.
func Rebuild(ctx context.Context, dir string, o Options) (*Workbench, error) {
	return open(ctx, dir, o, true)
}

func open(ctx context.Context, dir string, o Options, rebuild bool) (_ *Workbench, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	w := &Workbench{dir: dir, actor: actor(o.Actor), readOnly: o.ReadOnly, progress: o.Progress}
	if err := w.readMarker(); err != nil && !(rebuild && errors.Is(err, ErrMarker)) {
		return nil, err
	}
	if w.marker.Format > Format {
		return nil, w.newer(w.marker.Format)
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
	if w.spool, err = spool.Open(dir); err != nil {
		return nil, diskError(err)
	}
	if o.Reserve > 0 {
		w.spool.Reserve(o.Reserve)
	}
	if err := w.findMasters(); err != nil { // nothing was made or changed yet
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
	var mended journal.Repair
	if w.log, mended, err = journal.Open(w.path(journalDir)); err != nil {
		return nil, diskError(err)
	}
	w.repaired = append(w.repaired, mended.Done...)
	if w.log.End() == 0 && !rebuild { // every journal begins with its archive's making
		rebuild = true
		w.repaired = append(w.repaired, "The journal was empty. All was made anew from what lies on disk; recto verify tells what is missing.")
	}
	if rebuild {
		if err := w.reconcile(ctx); err != nil {
			return nil, err
		}
		err = w.reproject(ctx, aside("replaced"))
	} else {
		err = w.openCatalogue(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := w.settleMasters(ctx); err != nil {
		w.dirty = true // whatever was to be recovered still is
		return nil, err
	}
	if unclean || rebuild {
		if err := w.recover(ctx, rebuild); err != nil {
			return nil, err
		}
	}
	if rebuild {
		if err := w.retold(ctx); err != nil {
			return nil, err
		}
		if err := dropOlder(w.path(catalogueFile), "replaced"); err != nil {
			return nil, diskError(err)
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
	memory, err := workerMemory()
	if err != nil {
		return nil, err
	}
	w.devices = devicesAt(w.path(tmpDir), o.Program)
	var workers []string
	if o.Program != "" {
		workers = []string{o.Program, "worker"}
	}
	w.read = worker.NewPool(worker.Config{Size: jobs, Dir: dir, Command: workers, Memory: memory})
	w.view = worker.NewPool(worker.Config{Size: 1, Dir: dir, Time: time.Minute, Command: workers, Memory: memory})
	w.glance = worker.NewPool(worker.Config{Size: max(1, jobs/2), Dir: dir, Nice: 10, Command: workers, Memory: memory})
	return w, nil
}

func (w *Workbench) newer(format int) error {
	return fmt.Errorf("%s: %w: its layout is version %d, this Recto knows %d", scan.Path(w.dir).Line(), ErrNewerArchive, format, Format)
}

// openToRead opens beside a writer or on read-only media: nothing is mended.
func (w *Workbench) openToRead(ctx context.Context) (err error) {
	if w.spool, err = spool.Open(w.dir); err != nil {
		return diskError(err)
	}
	w.spool.Of(w.marker.Archive, w.marker.Masters != "") // absent they may be
	if w.log, err = journal.OpenReadOnly(w.path(journalDir)); err != nil {
		return diskError(err)
	}
	w.cat, err = catalogue.Open(ctx, w.path(catalogueFile), catalogue.Options{ReadOnly: true})
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, catalogue.ErrDamaged) || errors.Is(err, catalogue.ErrOlderSchema) || errors.Is(err, scan.ErrNoSpace) {
		err = w.projectAside(ctx, err)
	}
	if err != nil {
		return err
	}
	memory, err := workerMemory()
	w.read = worker.NewPool(worker.Config{Size: 1, Memory: memory})
	w.view = w.read
	return err
}

// projectAside makes a catalogue for this look only, out of the archive, where the
// archive has none that serves and may not be written to.
func (w *Workbench) projectAside(ctx context.Context, why error) (err error) {
	if w.aside, err = os.MkdirTemp("", "recto-look-*"); err != nil {
		return diskError(err)
	}
	w.lacks = why
	w.cat, err = catalogue.Open(ctx, filepath.Join(w.aside, catalogueFile), catalogue.Options{Text: w.plainText})
	if err != nil {
		return err
	}
	return w.replay(ctx, w.cat, 0)
}

// Close ends the workers and leaves the archive in order.
func (w *Workbench) Close() error {
	if w.read != nil {
		w.read.Close()
	}
	if w.view != nil && w.view != w.read {
		w.view.Close()
	}
	if w.glance != nil {
		w.glance.Close()
	}
	var errs []error
	if w.cat != nil {
		errs = append(errs, w.cat.Close())
	}
	if w.aside != "" {
		errs = append(errs, os.RemoveAll(w.aside))
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
