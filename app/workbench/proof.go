package workbench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"recto/app/job"
	"recto/archive"
	"recto/archive/bagit"
	"recto/archive/catalogue"
	"recto/archive/journal"
	"recto/scan"
	"recto/scan/spool"
)

// Verify checks the fixity of everything that is the truth of this archive, and
// that journal, catalogue and files on disk tell the same story. The outcome is
// an event, where it can be written. Without the disk of the masters nothing is
// checked, and the error says so.
func (w *Workbench) Verify(ctx context.Context, p *job.Progress) ([]archive.Finding, error) {
	if err := w.spool.There(); err != nil {
		return nil, w.whereabouts(err)
	}
	c := &checker{w: w, p: p}
	if err := c.all(ctx); err != nil {
		return nil, err
	}
	if err := w.spool.There(); err != nil { // it went meanwhile: what was found of the masters is not so
		return nil, w.whereabouts(err)
	}
	if !w.readOnly {
		err := w.record(ctx, "", event(archive.FixityChecked, archive.Checked{Files: c.files, Bytes: c.bytes, Findings: c.findings}))
		if err != nil {
			return nil, err
		}
	}
	return c.findings, nil
}

type checker struct {
	w        *Workbench
	p        *job.Progress
	findings []archive.Finding
	files    int
	bytes    int64
}

func (c *checker) find(code, path string, severity archive.Severity, message, remedy string) {
	c.findings = append(c.findings, archive.Finding{Code: code, Path: path, Severity: severity, Message: message, Remedy: remedy})
}

const restore = "Restore this file from a copy of the archive, and check the disk."

func (c *checker) all(ctx context.Context) error {
	w := c.w
	found, err := w.log.Verify(ctx)
	if err != nil {
		return err
	}
	sound := archive.Valid(found)
	c.findings = append(c.findings, found...)
	if found, err = w.cat.Check(ctx); err != nil {
		return err
	}
	c.findings = append(c.findings, found...)
	if w.lacks != nil {
		c.find("catalogue-missing", catalogueFile, archive.Error, plainMessage(w.lacks), "Run recto rebuild where the archive can be written to; this check was made with a catalogue of its own.")
	}
	if err := c.ends(ctx); err != nil {
		return err
	}
	if sound {
		if err := c.projection(ctx); err != nil {
			return err
		}
	}
	if a, err := w.cat.Archive(ctx); err != nil {
		return err
	} else if made, at, err := w.created(ctx); err != nil {
		return err
	} else if a.Archive != w.marker.Archive || !at.IsZero() && (made.Archive != w.marker.Archive || made.Format != w.marker.Format || !at.Equal(w.marker.Created)) {
		c.find("archive-differs", markerFile, archive.Error, fmt.Sprintf("it says that this is archive %s, made %s, and the journal says otherwise", w.marker.Archive, w.marker.Created.Format(time.RFC3339)), "Run recto rebuild: it writes the file anew from the journal.")
	}
	counts, err := w.cat.Counts(ctx)
	if err != nil {
		return err
	}
	known := map[scan.PageID]bool{}
	c.p.Stage("Checking", counts.Pages+counts.Binned)
	for row, err := range w.cat.AllPages(ctx) {
		if err != nil {
			return err
		}
		known[row.Page.ID] = true
		c.page(ctx, pageInfo(row))
		c.p.Step()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	for m, err := range w.spool.Masters(ctx) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			c.find("master-unreadable", "masters", archive.Error, plainMessage(err), restore)
			continue
		}
		if known[m.Page.ID] {
			continue
		}
		severity := archive.Error
		if w.readOnly { // beside a writer it may just be on its way in
			severity = archive.Warning
		}
		c.find("master-unknown", m.Page.Master, severity, "this master is in no batch", "Run recto rebuild: it takes the page into its batch.")
	}
	for _, file := range []string{markerFile, catalogueFile, lockFile} {
		c.plain(file)
	}
	strange, err := w.spool.Strange()
	if err != nil {
		c.find("master-unreadable", "masters", archive.Error, plainMessage(err), restore)
	}
	for _, file := range strange {
		c.stray(file)
	}
	return c.documents(ctx)
}

// plain finds links and the like: what they lead to is not kept by this archive.
func (c *checker) plain(file string) {
	if info, err := os.Lstat(c.w.path(filepath.FromSlash(file))); err == nil && !info.Mode().IsRegular() {
		c.find("not-a-file", file, archive.Error, "this is a link or something else that is no file: what it leads to may lie outside of the archive", "Put the file itself in its place.")
	}
}

// stray is a file that Recto did not write.
func (c *checker) stray(file string) {
	c.find("stray-file", scan.Path(file).String(), archive.Warning, "this file is none of the archive's", "Move it out of the archive if you know it.")
}

// ends compares how far journal and catalogue go. Beside a writer the catalogue may
// be newer than what was opened, so the journal is looked at once more then.
func (c *checker) ends(ctx context.Context) error {
	at, err := c.w.cat.Position(ctx)
	if err != nil {
		return err
	}
	end := int64(c.w.log.End())
	if at > end && c.w.readOnly {
		now, err := journal.OpenReadOnly(c.w.path(journalDir))
		if err != nil {
			return err
		}
		end = max(end, int64(now.End()))
		now.Close()
	}
	switch {
	case at < end:
		remedy := "Run recto rebuild."
		if c.w.readOnly {
			remedy = "Open the archive for writing once."
		}
		c.find("catalogue-behind", catalogueFile, archive.Error, fmt.Sprintf("the catalogue knows the journal up to entry %d of %d", at, end), remedy)
	case at > end:
		c.find("journal-short", journalDir, archive.Error, fmt.Sprintf("the journal ends at entry %d, the catalogue knows it up to entry %d: its end is lost", end, at), "Open the archive for writing once: what the catalogue still knows is written back.")
	}
	return nil
}

// projection makes a catalogue out of the journal and compares it with the one that
// people look at, table by table.
func (c *checker) projection(ctx context.Context) error {
	w := c.w
	c.p.Stage("Comparing the catalogue with the journal", 0)
	dir, err := os.MkdirTemp(w.tmp(), "verify-*")
	if err != nil {
		return diskError(err)
	}
	defer os.RemoveAll(dir)
	told, err := catalogue.Open(ctx, filepath.Join(dir, catalogueFile), catalogue.Options{Text: w.plainText})
	if err != nil {
		return err
	}
	defer told.Close()
	before, err := w.cat.Position(ctx)
	if err != nil {
		return err
	}
	if err := w.replay(ctx, told, 0); err != nil {
		return diskError(err)
	}
	// A text that is gone now was there when it was indexed; that is told elsewhere.
	if unread, err := told.Unread(ctx); err != nil || len(unread) > 0 {
		return err
	}
	mine, err := tables(ctx, w.cat)
	if err != nil {
		return err
	}
	theirs, err := tables(ctx, told)
	if err != nil {
		return err
	}
	if now, err := w.cat.Position(ctx); err != nil || now != before || now != int64(w.log.End()) {
		return err // beside a writer: what was compared is not of one moment
	}
	differs := func(table, how string) {
		c.find("catalogue-differs", catalogueFile, archive.Error, "its table "+table+" "+how, "Run recto rebuild: it makes the catalogue anew from the journal.")
	}
	for _, table := range slices.Sorted(maps.Keys(theirs)) {
		if mine[table] != theirs[table] {
			differs(table, "says otherwise than the journal")
		}
		delete(mine, table)
	}
	for _, table := range slices.Sorted(maps.Keys(mine)) {
		differs(table, "holds what the journal does not know")
	}
	return nil
}

// tables digests what a catalogue says, table by table; empty ones are left out.
func tables(ctx context.Context, cat *catalogue.Catalogue) (map[string]string, error) {
	d := digests{}
	if err := cat.Dump(ctx, &d); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for table, h := range d.of {
		out[table] = hex.EncodeToString(h.Sum(nil))
	}
	return out, nil
}

// digests takes the lines of a dump, each of which begins with its table's name.
type digests struct {
	of   map[string]hash.Hash
	rest []byte // of a line
}

func (d *digests) Write(b []byte) (int, error) {
	d.rest = append(d.rest, b...)
	for {
		line, rest, whole := bytes.Cut(d.rest, []byte("\n"))
		if !whole {
			return len(b), nil
		}
		table, _, _ := bytes.Cut(line, []byte("\t"))
		h := d.of[string(table)]
		if h == nil {
			if d.of == nil {
				d.of = map[string]hash.Hash{}
			}
			h = sha256.New()
			d.of[string(table)] = h
		}
		h.Write(line)
		h.Write([]byte("\n"))
		d.rest = rest
	}
}

// documents checks the finished PDFs, and that there are no others: one that nobody
// knows is what is left of a document that the journal has lost.
func (c *checker) documents(ctx context.Context) error {
	w := c.w
	entries, err := os.ReadDir(w.path(documentsDir)) // first: a document is known before it has a file
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.find("document-unreadable", documentsDir, archive.Error, plainMessage(err), restore)
	}
	documents, err := w.Documents(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, d := range documents {
		known[string(d.ID)+".pdf"] = true
	}
	for _, e := range entries {
		name := path.Join(documentsDir, e.Name())
		id, isPDF := strings.CutSuffix(e.Name(), ".pdf")
		switch {
		case known[e.Name()]:
		case isPDF && uuid.Validate(id) == nil:
			c.find("document-unknown", name, archive.Error, "nothing tells of this document: the journal may have lost its end", "Restore the journal from a copy of the archive, or make the document again and move this file out.")
		default:
			c.stray(name)
		}
	}
	for _, d := range documents {
		if d.PDF == "" {
			continue
		}
		c.files++
		c.bytes += d.Fixity.Size
		c.plain(d.PDF)
		err := checkFile(w.path(filepath.FromSlash(d.PDF)), d.Fixity)
		if err != nil && w.readOnly { // a writer may have written it anew meanwhile
			if now, nerr := w.Document(ctx, d.ID); nerr == nil && now.Fixity != d.Fixity {
				err = checkFile(w.path(filepath.FromSlash(now.PDF)), now.Fixity)
			}
		}
		if err != nil {
			c.find("document-damaged", d.PDF, archive.Error, plainMessage(err), "Make the document again: recto document --archive DIR --batch NAME --title T")
		}
	}
	return nil
}

// page checks one page's master, sidecar and text.
func (c *checker) page(ctx context.Context, page PageInfo) {
	if page.HalfOf == "" { // the master of a second half is that of the first
		c.master(ctx, page)
	}
	for _, text := range []string{page.Text, page.Raw} {
		c.text(text)
	}
}

func (c *checker) master(ctx context.Context, page PageInfo) {
	for _, f := range page.Files() {
		c.files++
		c.bytes += f.Fixity.Size
	}
	if err := c.w.spool.Check(ctx, page.Page); err != nil {
		code := "master-changed"
		switch {
		case errors.Is(err, fs.ErrNotExist):
			code = "master-missing"
		case errors.Is(err, scan.ErrUnreadable):
			code = "master-unreadable"
		}
		c.find(code, page.Master, archive.Error, plainMessage(err), restore)
	}
	c.sidecar(page.Page)
}

func (c *checker) text(file string) {
	if file == "" {
		return
	}
	c.files++
	c.plain(file)
	b, err := c.w.textBytes(file)
	c.bytes += int64(len(b))
	switch {
	case errors.Is(err, scan.ErrChanged):
		c.find("text-changed", file, archive.Error, plainMessage(err), Explain(err).Remedy)
	case err != nil:
		c.find("text-missing", file, archive.Error, plainMessage(err), Explain(err).Remedy)
	}
}

// sidecar checks that the file beside the master tells the same of it.
func (c *checker) sidecar(page scan.Page) {
	const remedy = "Run recto rebuild: it writes the sidecar anew from the journal and keeps what was there."
	file := sidecarOf(page)
	s, err := spool.ReadSidecar(c.w.path(filepath.FromSlash(file)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.find("sidecar-missing", file, archive.Error, "the sidecar of this master is missing", remedy)
	case err != nil:
		c.find("sidecar-damaged", file, archive.Error, plainMessage(err), remedy)
	default:
		if what := differs(s, page); what != "" {
			c.find("sidecar-differs", file, archive.Error, "the sidecar tells another "+what+" than the journal", remedy)
		}
	}
}

// sidecarOf is where the sidecar of a page lies, below the root.
func sidecarOf(page scan.Page) string {
	return strings.TrimSuffix(page.Master, path.Ext(page.Master)) + ".json"
}

// differs names what a sidecar says otherwise than the journal. One that was made
// anew from its master knows the digests only. Size and resolution may have been
// corrected by decoding.
func differs(s spool.Sidecar, page scan.Page) string {
	mine, theirs := s.Page, page
	switch {
	case mine.ID != theirs.ID || mine.Batch != theirs.Batch || mine.Master != theirs.Master:
		return "page"
	case mine.Fixity != theirs.Fixity:
		return "fixity"
	case mine.Companion.Master != theirs.Companion.Master || mine.Companion.Fixity != theirs.Companion.Fixity:
		return "working image"
	case s.Recovered:
		return ""
	case !mine.Origin.Modified.Equal(theirs.Origin.Modified):
		return "origin"
	case !mine.Captured.Equal(theirs.Captured) || mine.Operator != theirs.Operator:
		return "capture"
	}
	mine.Origin.Modified, theirs.Origin.Modified = time.Time{}, time.Time{}
	if !reflect.DeepEqual(normal(mine.Origin), normal(theirs.Origin)) {
		return "origin"
	}
	return ""
}

// normal is an origin as it is after its way through JSON: times of another zone
// and empty lists for none are no difference.
func normal(o scan.Origin) (m map[string]any) {
	b, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return m
}

func plainMessage(err error) string { return strings.ReplaceAll(err.Error(), "\n", " ") }

// VerifyPackage checks a package from anyone.
func VerifyPackage(ctx context.Context, path string, p *job.Progress) ([]archive.Finding, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	if IsArchive(path) {
		return nil, fmt.Errorf("%w: %s is a Recto archive; use recto verify --archive", ErrUsage, scan.Path(path).Line())
	}
	p.Stage("Checking", 0)
	return bagit.Validate(ctx, path, nil)
}
