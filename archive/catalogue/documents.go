package catalogue

import (
	"context"
	"time"

	"recto/archive"
	"recto/scan"
)

// Document is a document with what was written of it.
type Document struct {
	archive.Document
	State   archive.DocumentState
	Reasons []string // why it is incomplete
	PDF     string   // path of the PDF/A below the root; empty before it is written
	Fixity  scan.Fixity
	Input   string // digest of what went into the PDF
}

// selectDocuments gives the leaves as one JSON array, in order.
func selectDocuments(rest string) string {
	return `SELECT d.id, b.id, d.key, d.title, d.language, d.created, d.state, d.reasons, d.pdf, d.sha256, d.sha512, d.size, d.input,
		d.reference, d.container, d.metadata,
		(SELECT json_group_array(json_object('page', l.page, 'label', l.label) ORDER BY l.number) FROM leaves l WHERE l.document = d.seq)
	FROM documents d JOIN batches b ON b.seq = d.batch ` + rest
}

func scanDocument(r rowScanner) (d Document, err error) {
	err = r.Scan(&d.ID, &d.Batch, &d.Key, &d.Title, &d.Language, timeColumn{&d.Created}, &d.State, jsonColumn{&d.Reasons},
		&d.PDF, &d.Fixity.SHA256, &d.Fixity.SHA512, &d.Fixity.Size, &d.Input,
		&d.Reference, &d.Container, jsonColumn{&d.Metadata}, jsonColumn{&d.Leaves})
	return d, err
}

// Documents lists all documents in the order in which they were made.
func (c *Catalogue) Documents(ctx context.Context) ([]Document, error) {
	all, err := list(ctx, c.read, scanDocument, selectDocuments(`ORDER BY d.seq`))
	return all, fail("documents", err)
}

// Document gives the document with this ID, or ErrNotFound.
func (c *Catalogue) Document(ctx context.Context, id archive.DocumentID) (Document, error) {
	d, err := first(ctx, c.read, scanDocument, selectDocuments(`WHERE d.id = ?`), string(id))
	return d, fail("document "+string(id), err)
}

// DocumentByKey gives the eldest document with this key, or ErrNotFound.
func (c *Catalogue) DocumentByKey(ctx context.Context, key string) (Document, error) {
	d, err := first(ctx, c.read, scanDocument, selectDocuments(`WHERE d.key = ? AND d.key <> '' ORDER BY d.seq LIMIT 1`), key)
	return d, fail("document with key "+key, err)
}

// Delivery is where a delivery stands: its last step, with what earlier steps
// said and the last one did not.
type Delivery struct {
	archive.Delivery
	Updated time.Time // of the last step
}

// Deliveries lists the deliveries of a document in the order in which they began,
// those of all documents when document is empty.
func (c *Catalogue) Deliveries(ctx context.Context, document archive.DocumentID) ([]Delivery, error) {
	all, err := list(ctx, c.read, func(r rowScanner) (d Delivery, err error) {
		var to, pkg []byte
		err = r.Scan(&d.ID, &d.Document, &d.Format, &to, &pkg, &d.Step, &d.Reason, &d.Files, &d.Bytes, &d.Manifest,
			jsonColumn{&d.Problem}, timeColumn{&d.Updated})
		d.To, d.Package = scan.Path(to), scan.Path(pkg)
		return d, err
	}, `SELECT v.id, d.id, v.format, v.destination, v.package, v.step, v.reason, v.files, v.bytes, v.manifest, v.problem, v.updated
		FROM deliveries v JOIN documents d ON d.seq = v.document WHERE ?1 IN ('', d.id) ORDER BY v.seq`, string(document))
	return all, fail("deliveries", err)
}
