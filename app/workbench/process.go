package workbench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"recto/app/job"
	"recto/app/worker"
	"recto/archive"
	"recto/archive/catalogue"
	"recto/ocr"
	"recto/scan"
)

// DefaultLanguages is what pages are read in when nobody says anything else.
var DefaultLanguages = []string{"eng"}

// ProcessRequest says which pages to look at.
type ProcessRequest struct {
	Batch     scan.BatchID
	Languages []string      // empty: the batch's, else DefaultLanguages. Given ones read pages again that were read in others.
	Words     []string      // that dictionaries lack, for pages that have none of their own; see ocr.Options
	Patterns  []string      // see ocr.Options
	Pages     []scan.PageID // empty: all that are new or were prepared by stages of older versions
	Retry     bool          // look again at pages that failed
	Corrected bool          // read pages again although their text was corrected: those corrections count no longer
	// Processed, if not nil, hears of each page once its result is durable; it is
	// called by several goroutines.
	Processed func(PageInfo)
}

// ProcessResult counts what came of it.
type ProcessResult struct {
	Done, Blank int
	Failed      []PageInfo
	Kept        int       // pages that were to be read again and were not, because their text was corrected
	Restored    int       // pages whose corrected text was lost on disk, and was made again as it was
	Lost        []Failure // pages that were left as they are: what could not be of those whose corrected text was lost, and those that a newer Recto prepared
}

// CheckLanguages tells whether the models for these languages are installed and whole, and
// the one for the way up whole, where it is installed.
// The error wraps ocr.ErrNoModels, ocr.ErrMissingLanguage or ocr.ErrDamagedModel and
// names the remedy.
func CheckLanguages(languages []string) error {
	library, err := ocr.Installed()
	if err != nil {
		return err
	}
	if len(library.Missing([]string{"osd"})) == 0 {
		languages = append(slices.Clone(languages), "osd")
	}
	return library.Check(languages)
}

// checkWords tells whether words and patterns are such as Tesseract takes.
func checkWords(words, patterns []string) error {
	if _, err := ocr.UserWords(words); err != nil {
		return err
	}
	_, err := ocr.UserPatterns(patterns)
	return err
}

// Languages lists the models that are installed.
func (w *Workbench) Languages() []string {
	library, err := ocr.Installed()
	if err != nil {
		return nil
	}
	return library.Names()
}

// Process looks at pages in worker processes: each is measured, prepared and
// read, and its result is durable before it counts. A page that cannot be decoded
// fails alone and says why.
func (w *Workbench) Process(ctx context.Context, r ProcessRequest, p *job.Progress) (ProcessResult, error) {
	b, err := w.cat.Batch(ctx, r.Batch)
	if err != nil {
		return ProcessResult{}, w.missing(err, "batch", string(r.Batch))
	}
	explicit := len(r.Languages) > 0
	languages := r.Languages
	if !explicit {
		languages = b.Languages
	}
	if len(languages) == 0 {
		languages = DefaultLanguages
	}
	if err := CheckLanguages(languages); err != nil {
		return ProcessResult{}, err
	}
	if err := checkWords(r.Words, r.Patterns); err != nil {
		return ProcessResult{}, err
	}
	all, err := w.Pages(ctx, r.Batch, false)
	if err != nil {
		return ProcessResult{}, err
	}
	unread, err := w.cat.Unread(ctx)
	if err != nil {
		return ProcessResult{}, err
	}
	lost := map[scan.PageID]bool{} // their texts
	for _, u := range unread {
		lost[u.Page] = true
	}
	var todo []PageInfo
	kept, restored := 0, 0
	var without []Failure
	corrected := map[scan.PageID]bool{} // pages whose corrected text is lost, and what it was made of
	for _, page := range all {
		asked := len(r.Pages) == 0 || slices.Contains(r.Pages, page.ID)
		if asked && page.Corrections > 0 && (lost[page.ID] || !w.wholeText(page)) {
			whole, err := w.restored(ctx, page, lost[page.ID])
			if err != nil {
				return ProcessResult{}, err
			}
			delete(lost, page.ID)
			switch {
			case whole:
				restored++
			case r.Corrected:
				todo = append(todo, page)
				continue
			default: // it must be read as it was then
				if err := CheckLanguages(page.Languages); err != nil {
					without = append(without, Failure{page.Origin.Path, About(string(page.ID), fmt.Errorf("the corrected text of page %d is lost, and the page cannot be read as it was: %w", page.Number, err))})
					continue
				}
				corrected[page.ID] = true
				todo = append(todo, page)
				continue
			}
		}
		done := page.State == scan.Done || page.State == scan.Blank
		again := page.State == scan.New || done && page.Recipe.Outdated() || lost[page.ID] || r.Retry && page.State == scan.Failed ||
			len(r.Pages) > 0 || explicit && page.State == scan.Done && !slices.Equal(page.Languages, languagesOf(page, languages))
		if asked && again && page.Corrections > 0 && !r.Corrected {
			kept++
			continue
		}
		if asked && again {
			todo = append(todo, page)
		}
	}
	o := asked{Options: ocr.Options{Languages: languages, Words: r.Words, Patterns: r.Patterns}, lost: corrected}
	result, err := w.processPages(ctx, todo, o, r.Processed, p)
	result.Kept, result.Restored = kept, result.Restored+restored
	result.Lost = append(result.Lost, without...)
	return result, err
}

// asked is how pages of one run are to be read, and by what.
type asked struct {
	ocr.Options
	hello worker.Hello
	lost  map[scan.PageID]bool // whose corrected text is to be made again of what is read
	back  func()               // is called where that was done
}

// processPages keeps every worker busy; the first error that is not a page's own
// stops the rest.
func (w *Workbench) processPages(ctx context.Context, todo []PageInfo, o asked, told func(PageInfo), p *job.Progress) (ProcessResult, error) {
	p.Stage("Reading", len(todo))
	var (
		result ProcessResult
		mu     sync.Mutex
		wg     sync.WaitGroup
		failed error
	)
	queue := &line{todo: slices.Clone(todo), looked: &w.looked}
	o.back = func() {
		mu.Lock()
		defer mu.Unlock()
		result.Restored++
	}
	if len(todo) > 0 { // without an answer the first page tells why
		w.read.Call(ctx, "hello", struct{}{}, &o.hello, nil)
	}
	defer p.OnPause(w.read.Hold)()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for range w.read.Size() {
		wg.Go(func() {
			for {
				if p.Gate(ctx) != nil {
					return
				}
				page, some := queue.next()
				if !some {
					return
				}
				for again := true; again; {
					after, err := w.processPage(ctx, page, o)
					var own *leftAlone
					if errors.As(err, &own) { // the others go on
						err = nil
					}
					if err == nil && told != nil {
						told(after)
					}
					again = false
					if err == nil { // a page that turns out to be two is followed by its other half
						page, again, err = w.secondHalf(ctx, page, after)
					}
					mu.Lock()
					if own != nil {
						result.Lost = append(result.Lost, Failure{own.page.Origin.Path, own.error})
					}
					switch {
					case err != nil:
						if failed == nil {
							failed = err
							cancel(err)
						}
						mu.Unlock()
						return // a page that was not finished does not count
					case after.State == scan.Done:
						result.Done++
					case after.State == scan.Blank:
						result.Blank++
					case after.State == scan.Failed:
						result.Failed = append(result.Failed, after)
					}
					mu.Unlock()
				}
				p.Step()
			}
		})
	}
	wg.Wait()
	if failed == nil && ctx.Err() != nil {
		failed = context.Cause(ctx)
	}
	slices.SortFunc(result.Failed, func(a, b PageInfo) int { return a.Number - b.Number })
	return result, failed
}

// line is the pages that wait to be read. What somebody looks at goes first, and what
// comes behind it.
type line struct {
	mu     sync.Mutex
	todo   []PageInfo
	looked *atomic.Pointer[scan.PageID]
	last   scan.PageID // what was looked at when a page was taken last
	at     int         // of the page behind that one
}

func (l *line) next() (PageInfo, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.todo) == 0 {
		return PageInfo{}, false
	}
	if id := l.looked.Load(); id != nil && *id != l.last {
		l.last = *id
		if i := slices.IndexFunc(l.todo, func(p PageInfo) bool { return p.ID == *id }); i >= 0 {
			l.at = i
		}
	}
	if l.at >= len(l.todo) {
		l.at = 0
	}
	p := l.todo[l.at]
	l.todo = slices.Delete(l.todo, l.at, l.at+1)
	return p, true
}

// processPage reads one page and records what came of it. The error is for what
// concerns all pages: a full disk, no engine, a cancel.
func (w *Workbench) processPage(ctx context.Context, page PageInfo, o asked) (PageInfo, error) {
	if o.lost[page.ID] {
		o.Languages = page.Languages
	}
	if err := page.ByHand.Known(); err != nil {
		return page, &leftAlone{page, About(string(page.ID), fmt.Errorf("page %d: %w", page.Number, err))}
	}
	rendition := w.path(renditionsDir, string(page.Batch), string(page.ID))
	if err := makeDir(filepath.Dir(rendition)); err != nil { // not more: where the archive's disk is gone nothing is to be made
		return page, err
	}
	thumb, err := w.newTemp("thumb-*")
	if err != nil {
		return page, err
	}
	defer os.Remove(thumb)
	ask := worker.Read{
		Master: w.working(page.Page), Orientation: page.Orientation, DPI: page.DPI,
		ByHand: page.ByHand, Languages: o.Languages, Words: o.Words, Patterns: o.Patterns, Rendition: scan.Path(rendition + ".bin"), Thumbnail: scan.Path(thumb),
	}
	key := w.key(page, ask, o.hello)
	var reading worker.Reading
	// What is read must be what was captured: nobody would see it on the finished page.
	if err = w.spool.Check(ctx, page.Page); err == nil {
		err = seen(page.Page)
	}
	if err == nil {
		if before, text, found := w.already(ctx, key); found {
			reading = worker.Reading{
				State: before.State, Recipe: before.Recipe, Text: text, Confidence: before.Confidence,
				Pixels: *before.Measures, Stored: [2]int{before.Stored.X, before.Stored.Y},
			}
		} else {
			err = w.read.Call(ctx, "read", ask, &reading, nil)
		}
	}
	err = w.masterFault(page.Page, err)
	if ctx.Err() != nil {
		return page, ctx.Err()
	}
	done := archive.Processed{Page: page.ID, State: scan.Failed, Languages: languagesOf(page, o.Languages)}
	switch {
	case err != nil && !ownFault(err):
		return page, fmt.Errorf("page %d of %s: %w", page.Number, page.Origin.Path.Line(), diskError(err))
	case err != nil && o.lost[page.ID]: // what there is of its text stays
		return page, &leftAlone{page, About(string(page.ID), &damage{
			fmt.Errorf("the corrected text of page %d is lost, and the page cannot be read anew: %w", page.Number, err),
			Explain(err).Remedy + " Then run recto process again.",
		})}
	case err != nil:
		done.Problem = scan.ProblemOf(err)
	default:
		if o.lost[page.ID] {
			back, err := w.readBack(ctx, page, reading)
			var broken *damage
			switch {
			case errors.As(err, &broken):
				return page, &leftAlone{page, err}
			case err != nil:
				return page, err
			case back:
				o.back()
				return w.Page(context.WithoutCancel(ctx), page.ID)
			}
		}
		done.State, done.Recipe, done.Measures = reading.State, reading.Recipe, &reading.Pixels
		done.Seconds = reading.Seconds
		if reading.Text != nil {
			done.Engine, done.Confidence = reading.Text.Engine, reading.Confidence
			for range reading.Text.WithoutNoise().Words {
				done.Words++
			}
			if done.Text, done.TextSHA256, err = w.saveText(page, reading.Text); err != nil {
				return page, err
			}
		}
		if key == w.key(page, ask, o.hello) { // else a model was replaced meanwhile
			done.Key = key
		}
		page.Recipe = reading.Recipe
		if reading.Rendition != nil {
			if err := w.saveRendition(page.Page, *reading.Rendition); err != nil {
				return page, err
			}
			w.keepThumbnail(page, thumb)
		}
	}
	// Somebody may have set something by hand meanwhile: what was read is of no use then.
	if now, err := w.Page(ctx, page.ID); err != nil {
		return page, err
	} else if !now.ByHand.Equal(page.ByHand) {
		return w.processPage(ctx, now, o)
	}
	// The header of the file may not have told its size; now it is known.
	if reading.Stored[0] > 0 {
		done.Stored = image.Pt(reading.Stored[0], reading.Stored[1])
	}
	changes := []change{event(archive.PageProcessed, done)}
	spread, found, err := w.found(ctx, page, reading.Recipe)
	if err != nil {
		return page, err
	}
	if found {
		changes = append(changes, event(archive.PagesParted, archive.Parted{Batch: page.Batch, Auto: true, Spreads: []archive.Spread{spread}}))
	}
	if err := w.record(context.WithoutCancel(ctx), "", changes...); err != nil {
		return page, err
	}
	after, err := w.Page(context.WithoutCancel(ctx), page.ID)
	if err != nil || !o.lost[page.ID] {
		return after, err
	}
	if after, err = w.apply(ctx, page, after); errors.As(err, new(*damage)) {
		err = &leftAlone{after, err}
	}
	return after, err
}

// leftAlone is why a page was left as it is: its corrected text could not be made again,
// or this program cannot prepare it as it is set.
type leftAlone struct {
	page PageInfo
	error
}

func (l *leftAlone) Unwrap() error { return l.error }

// ownFault tells whether a failure is the page's own and the rest can go on.
func ownFault(err error) bool {
	for _, e := range []error{
		scan.ErrEmpty, scan.ErrNotImage, scan.ErrTruncated, scan.ErrDamaged, scan.ErrTooLarge, scan.ErrUnsupported,
		scan.ErrCrashed, scan.ErrTimeout, scan.ErrMemory, scan.ErrChanged, scan.ErrUnreadable, scan.ErrMissing,
		scan.ErrNoWorkingImage,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// saveText makes a text tree durable. Its name carries its digest: reading a page
// again never overwrites what was read before.
func (w *Workbench) saveText(page PageInfo, t *ocr.Text) (file, sum string, err error) {
	b, err := json.Marshal(t)
	if err != nil {
		return "", "", err
	}
	sum = digest(b)
	dir := w.path(textsDir, string(page.Batch))
	if err := makeDir(dir); err != nil {
		return "", "", err
	}
	name := fmt.Sprintf("%s-%s.json", page.ID, sum[:12])
	if err := writeFile(filepath.Join(dir, name), b); err != nil {
		return "", "", fmt.Errorf("text of page %d: %w", page.Number, err)
	}
	return path.Join(textsDir, string(page.Batch), name), sum, nil
}

// makeDir makes a folder, and its entry in the parent durable.
func makeDir(dir string) error {
	if err := os.Mkdir(dir, 0o755); err == nil {
		return diskError(syncDir(filepath.Dir(dir)))
	} else if !errors.Is(err, fs.ErrExist) {
		return diskError(err)
	}
	return nil
}

// saveRendition keeps what the PDF will need of a page, as durably as a text: it
// can be made again, but nobody would know that it must be.
func (w *Workbench) saveRendition(page scan.Page, r scan.Rendition) error {
	file := w.path(renditionsDir, string(page.Batch), string(page.ID)+".json")
	r.File = "" // it stands beside
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return writeFile(file, b)
}

// rendition gives a page's image for a PDF and the file that its spans lie in. That
// file has been read and is what it was: the master as captured, or what was made
// of it; what is not is made again.
func (w *Workbench) rendition(ctx context.Context, page scan.Page) (*scan.Rendition, string, error) {
	base := w.path(renditionsDir, string(page.Batch), string(page.ID))
	if err := seen(page); err != nil {
		return nil, "", err
	}
	master := w.working(page)
	var r scan.Rendition
	b, err := os.ReadFile(base + ".json")
	known := err == nil && json.Unmarshal(b, &r) == nil
	if known && !r.Master {
		if sum, err := fileDigest(base + ".bin"); err == nil && sum == r.SHA256 {
			return &r, base + ".bin", nil
		}
	}
	if err := w.spool.Check(ctx, page); err != nil {
		return nil, "", w.masterFault(page, err)
	}
	if known && r.Master {
		return &r, string(master), nil
	}
	if err := makeDir(filepath.Dir(base)); err != nil {
		return nil, "", err
	}
	r = scan.Rendition{}
	if err := w.read.Call(ctx, "render", worker.Render{Master: master, Into: scan.Path(base + ".bin")}, &r, nil); err != nil {
		return nil, "", w.masterFault(page, err)
	}
	if err := w.saveRendition(page, r); err != nil {
		return nil, "", err
	}
	if r.Master {
		return &r, string(master), nil
	}
	return &r, base + ".bin", nil
}

// newTemp makes an empty temporary file in the archive.
func (w *Workbench) newTemp(pattern string) (string, error) {
	f, err := os.CreateTemp(w.tmp(), pattern)
	if err != nil {
		return "", diskError(err)
	}
	return f.Name(), f.Close()
}

// tmp is where scratch files go: into the archive, or elsewhere when that may
// not be written to.
func (w *Workbench) tmp() string {
	if w.readOnly {
		return os.TempDir()
	}
	return w.path(tmpDir)
}

// thumbPath names a page's thumbnail; another recipe has another one.
func (w *Workbench) thumbPath(page PageInfo) string {
	sum := digest([]byte(fmt.Sprint(page.Orientation, page.Recipe.Place())))
	return w.path(thumbsDir, string(page.Batch), fmt.Sprintf("%s-%s.jpg", page.ID, sum[:8]))
}

// keepThumbnail moves a fresh thumbnail into its place; it is only a cache.
func (w *Workbench) keepThumbnail(page PageInfo, file string) {
	to := w.thumbPath(page)
	if makeDir(filepath.Dir(to)) == nil {
		os.Rename(file, to)
	}
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// missing makes a look-up error fit for people.
func (w *Workbench) missing(err error, what, name string) error {
	if errors.Is(err, catalogue.ErrNotFound) {
		return About(name, fmt.Errorf("%s %q: %w", what, name, ErrNotFound))
	}
	return err
}

// View gives the page's pixels as its recipe shows it: *image.Gray or
// *image.RGBA, full size. It takes a worker some tenths of a second.
func (w *Workbench) View(ctx context.Context, id scan.PageID) (image.Image, error) {
	page, err := w.Page(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := seen(page.Page); err != nil {
		return nil, err
	}
	img, err := w.pixels(ctx, w.viewOf(page, "", 0))
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", id, err)
	}
	return img, nil
}

// pixels has a worker decode an image, full size.
func (w *Workbench) pixels(ctx context.Context, ask worker.View) (image.Image, error) {
	file, err := w.newTemp("view-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file)
	ask.Into = scan.Path(file)
	var v worker.Viewed
	if err := w.view.Call(ctx, "view", ask, &v, nil); err != nil {
		return nil, err
	}
	pix, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if len(pix) != v.Width*v.Height*v.Samples {
		return nil, fmt.Errorf("%w: %d bytes of pixels came", scan.ErrDamaged, len(pix))
	}
	r := image.Rect(0, 0, v.Width, v.Height)
	if v.Samples == 1 {
		return &image.Gray{Pix: pix, Stride: v.Width, Rect: r}, nil
	}
	return &image.RGBA{Pix: pix, Stride: 4 * v.Width, Rect: r}, nil
}

func (w *Workbench) viewOf(page PageInfo, into string, longest int) worker.View {
	r := page.Recipe
	if page.State == scan.New {
		r = page.ByHand
	}
	return worker.View{Master: w.working(page.Page), Orientation: page.Orientation, Recipe: r, Into: scan.Path(into), Longest: longest}
}

// Thumbnail gives the page at most 320 pixels long, from the cache where it is there.
func (w *Workbench) Thumbnail(ctx context.Context, id scan.PageID) (*image.RGBA, error) {
	page, err := w.Page(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := seen(page.Page); err != nil {
		return nil, err
	}
	v := w.viewOf(page, "", worker.ThumbnailSize)
	page.Recipe = v.Recipe
	b, err := os.ReadFile(w.thumbPath(page))
	if err != nil {
		into, err := w.newTemp("thumb-*")
		if err != nil {
			return nil, err
		}
		defer os.Remove(into)
		v.Into = scan.Path(into)
		if err := w.view.Call(ctx, "view", v, nil, nil); err != nil {
			return nil, err
		}
		if b, err = os.ReadFile(into); err != nil {
			return nil, err
		}
		if !w.readOnly {
			w.keepThumbnail(page, into)
		}
	}
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("thumbnail of page %s: %w", id, err)
	}
	return rgba(img), nil
}

// working is where the file lies that a page's pixels come from: its master, or what
// stands for that. Ask seen first.
func (w *Workbench) working(page scan.Page) scan.Path {
	file, _, _ := page.Working()
	return scan.Path(w.path(filepath.FromSlash(file)))
}

// seen tells why there is nothing to be seen of a page, nil where there is.
func seen(page scan.Page) error {
	if page.RawAlone() {
		return scan.ErrNoWorkingImage
	}
	return nil
}
