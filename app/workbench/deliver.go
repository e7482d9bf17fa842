package workbench

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"recto/app/job"
	"recto/archive"
	"recto/archive/bagit"
	"recto/archive/deposit"
	"recto/archive/dublincore"
	"recto/scan"
)

// ExportRequest says what to deliver where.
type ExportRequest struct {
	Documents  []archive.DocumentID
	Format     string // "bagit"
	To         string // folder that gets a package folder a document
	Incomplete string // why incomplete documents may go; empty: they may not
}

// Delivered is what became of one document.
type Delivered struct {
	Document archive.DocumentID
	Title    string
	Package  scan.Path // where it lies; empty when it failed
	Files    int
	Bytes    int64
	Already  bool   // it lay there already and was verified again
	Note     string // how it was verified
	Err      error
}

// Export delivers documents as packages. Each is built beside its final place,
// read back and verified before it gets its name; every step is an event. One that
// fails does not keep the others from going. The error is for what ends it all.
func (w *Workbench) Export(ctx context.Context, r ExportRequest, p *job.Progress) ([]Delivered, error) {
	if r.Format != "" && r.Format != "bagit" {
		return nil, fmt.Errorf("%w: there is no package format %q", ErrUsage, r.Format)
	}
	to, err := filepath.Abs(r.To)
	if err != nil {
		return nil, err
	}
	if inside(w.dir, to) {
		return nil, About(r.To, fmt.Errorf("%w: %s lies in the archive itself", ErrUsage, scan.Path(to).Line()))
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return nil, About(r.To, fmt.Errorf("destination %s: %w", scan.Path(to).Line(), diskError(err)))
	}
	var out []Delivered
	for _, id := range r.Documents {
		d := Delivered{Document: id}
		d.Err = w.deliver(ctx, id, r, to, &d, p)
		out = append(out, d)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
	}
	return out, nil
}

func (w *Workbench) deliver(ctx context.Context, id archive.DocumentID, r ExportRequest, to string, out *Delivered, p *job.Progress) error {
	d, err := w.Document(ctx, id)
	if err != nil {
		return err
	}
	out.Title = d.Title
	pages, err := w.documentPages(ctx, d.Document)
	if err != nil {
		return err
	}
	if d.PDF == "" {
		return fmt.Errorf("%q has no PDF/A yet: %w", d.Title, ErrIncomplete)
	}
	// As things stand now, not as they stood when the PDF was written: masters, text
	// and PDF in a package must be of the same moment.
	if d, err = w.writeDocument(ctx, d.Document, pages, p); err != nil {
		return err
	}
	reasons := d.Reasons
	reason := ""
	if d.State != archive.Complete {
		if strings.TrimSpace(r.Incomplete) == "" {
			return fmt.Errorf("%q: %w: %s", d.Title, ErrIncomplete, strings.Join(reasons, "; "))
		}
		reason = strings.TrimSpace(r.Incomplete)
	}
	// Masters and texts vouch for themselves on their way; what the sidecars tell of
	// where the masters came from must be what the archive knows.
	c := &checker{w: w}
	for _, page := range pages {
		if page.HalfOf == "" {
			c.sidecar(page.Page)
		}
	}
	if err := c.fault(); err != nil {
		return err
	}
	info := bagit.Info{
		Date: time.Now(), Agent: "Recto " + Version, Identifier: string(d.ID), Description: d.Title,
	}
	if d.Reference != "" { // RFC 8493, 2.2.2: the sender's own name for the content
		info.Extra = append(info.Extra, bagit.Field{Label: "Internal-Sender-Identifier", Value: d.Reference})
	}
	if reason != "" {
		info.Extra = append(info.Extra, bagit.Field{Label: "Recto-Incomplete-Reason", Value: reason})
		for _, x := range reasons {
			info.Extra = append(info.Extra, bagit.Field{Label: "Recto-Incomplete", Value: x})
		}
	}
	batch, err := w.batchInfo(ctx, d.Batch)
	if err != nil {
		return err
	}
	if batch.SignatureHolds() {
		info.Extra = append(info.Extra, bagit.Field{Label: "Recto-Count", Value: batch.Short()},
			bagit.Field{Label: "Recto-Count-Signed-Off", Value: batch.Signed.Reason})
	}
	bag, err := bagit.NewPackage(ctx, info, w.members(ctx, d, pages))
	if err != nil {
		return w.blame(ctx, pages, fmt.Errorf("package of %q: %w", d.Title, err))
	}
	// What cannot be written to has no history to be continued: a write-protected copy
	// must still give its documents away. The package proves itself by its manifests and
	// names agent and date; what the archive will not know of is told with the receipt.
	// Looking beside a writer is another thing: who could record must.
	unrecorded := w.readOnly && unix.Access(w.path(journalDir), unix.W_OK) != nil
	stage := ""
	receipt, err := deposit.Run(ctx, deposit.Plan{
		Document: d.ID, Format: "bagit", Package: bag, To: deposit.Folder(to), Name: SafeName(d.Title), Reason: reason,
		Progress: func(step string, done, total int64) {
			const mb = 1 << 20
			if step != stage {
				stage = step
				p.Stage("Package "+step, int(total/mb)+1)
			}
			p.Set(int(done / mb))
		},
	}, func(e archive.Delivery) error {
		if unrecorded {
			return nil
		}
		return w.record(context.WithoutCancel(ctx), reason, event(archive.DeliveryStepped, e))
	})
	if err != nil {
		return w.blame(ctx, pages, err)
	}
	out.Package, out.Files, out.Bytes, out.Already = receipt.Delivery.Package, receipt.Delivery.Files, receipt.Delivery.Bytes, receipt.Already
	out.Note = "read back from the medium"
	if !receipt.Cold {
		out.Note = "read back, perhaps from this machine's memory: the system could not be made to read the medium"
	}
	if unrecorded {
		out.Note += "; NOT recorded in the archive, which cannot be written to: keep this receipt"
	}
	for _, damaged := range receipt.Damaged {
		out.Note += fmt.Sprintf("; an older package %q there is damaged and was left alone", damaged.Name)
	}
	return nil
}

// members gives what goes into a document's package: masters, what the sidecars tell
// of their capture, PDF/A, ALTO, Dublin Core, PREMIS.
func (w *Workbench) members(ctx context.Context, d DocumentInfo, pages []PageInfo) iter.Seq2[archive.Member, error] {
	return func(yield func(archive.Member, error) bool) {
		file := func(name, from string, f *scan.Fixity) bool {
			return yield(archive.Member{Name: name, Fixity: f, Open: func() (io.ReadCloser, error) { return os.Open(from) }}, nil)
		}
		made := func(name string, make func() ([]byte, error)) bool {
			return yield(archive.Member{Name: name, Open: func() (io.ReadCloser, error) {
				b, err := make()
				return io.NopCloser(bytes.NewReader(b)), err
			}}, nil)
		}
		if !made("metadata/dc.xml", func() ([]byte, error) { return w.dublinCore(d, pages).XML(), nil }) {
			return
		}
		if !made("metadata/pages.csv", func() ([]byte, error) { return pageList(d, pages) }) {
			return
		}
		if !made("metadata/preservation/premis.xml", func() ([]byte, error) { return w.premis(ctx, d, pages) }) {
			return
		}
		// BagIt writes % as %25 in manifests (RFC 8493, 2.1.3), which not every reader undoes.
		if !file("pdf/"+strings.ReplaceAll(SafeName(d.Title), "%", "_")+".pdf", w.path(filepath.FromSlash(d.PDF)), &d.Fixity) {
			return
		}
		for i, page := range pages {
			number := fmt.Sprintf("%04d", i+1)
			if masterNumber(pages, i) == i+1 {
				master := w.path(filepath.FromSlash(page.Master))
				if !file("masters/"+number+path.Ext(page.Master), master, &page.Fixity) {
					return
				}
				if c := page.Companion; c.Master != "" && !file("masters/"+number+".working"+path.Ext(c.Master), w.path(filepath.FromSlash(c.Master)), &c.Fixity) {
					return
				}
				if !file("metadata/capture/"+number+".json", w.path(filepath.FromSlash(sidecarOf(page.Page))), nil) {
					return
				}
			}
			if page.State != scan.Done && page.State != scan.Blank {
				continue
			}
			if !made("alto/page-"+number+".xml", func() ([]byte, error) {
				b, _, err := w.alto(ctx, i+1, page)
				return b, err
			}) {
				return
			}
		}
	}
}

// masterNumber is the number of the page, from 1, under which the master of page i of a
// package lies: both pages of a spread have one.
func masterNumber(pages []PageInfo, i int) int {
	return 1 + slices.IndexFunc(pages, func(p PageInfo) bool { return p.Master == pages[i].Master })
}

// pageList tells of each page what no other member does: its label, the side that it
// shows, the device that made it.
func pageList(d DocumentInfo, pages []PageInfo) ([]byte, error) {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	c.Write([]string{"number", "label", "side", "master", "sha256", "captured", "operator", "device", "source"})
	for i, p := range pages {
		device := ""
		if m := p.Origin.Capture; m != nil {
			device = strings.Join(strings.Fields(m.Device.Vendor+" "+m.Device.Model+" "+m.Device.Serial), " ")
		}
		c.Write([]string{fmt.Sprint(i + 1), d.Leaves[i].Label, string(p.side()), fmt.Sprintf("masters/%04d%s", masterNumber(pages, i), path.Ext(p.Master)), p.Fixity.SHA256,
			p.Captured.UTC().Format(time.RFC3339Nano), p.Operator, device, p.Origin.Path.String()})
	}
	c.Flush()
	return b.Bytes(), c.Error()
}

// dublinCore describes a document for people and harvesters.
func (w *Workbench) dublinCore(d DocumentInfo, pages []PageInfo) dublincore.Record {
	r := dublincore.Record{
		Title: []string{d.Title}, Identifier: []string{"urn:uuid:" + string(d.ID)}, Type: []string{"Text"},
		Format: []string{"application/pdf", Plural(len(pages), "page")}, Date: []string{d.Created.Format("2006-01-02")},
	}
	for l := range strings.SplitSeq(d.Language, "+") {
		if l != "" {
			r.Language = append(r.Language, bcp47(l))
		}
	}
	if d.Reference != "" {
		r.Identifier = append(r.Identifier, d.Reference)
	}
	if d.Container != "" {
		r.Source = append(r.Source, d.Container)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Metadata)) {
		r.Take(name, d.Metadata[name])
	}
	seen := map[scan.Path]bool{}
	for _, p := range pages {
		if p.Origin.Capture != nil {
			continue
		}
		if !seen[p.Origin.Path] {
			seen[p.Origin.Path] = true
			r.Source = append(r.Source, p.Origin.Path.Line())
		}
	}
	if d.State == archive.Incomplete {
		r.Description = append(r.Description, "Incomplete: "+strings.Join(d.Reasons, "; "))
	}
	return r
}
