package workbench

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"recto/app/job"
	"recto/ocr"
	"recto/ocr/markup"
	"recto/scan"
)

// TextFormat is a format that the text of a page can be written in.
type TextFormat string

// The formats of text, each of one page a file.
const (
	ALTO  TextFormat = "alto" // ALTO 4.4
	PAGE  TextFormat = "page" // PAGE 2019-07-15
	HOCR  TextFormat = "hocr" // hOCR 1.2
	Plain TextFormat = "txt"  // UTF-8
)

// TextFormats lists them.
var TextFormats = []TextFormat{ALTO, PAGE, HOCR, Plain}

func (f TextFormat) extension() string {
	switch f {
	case ALTO, PAGE:
		return "." + string(f) + ".xml"
	case HOCR:
		return ".hocr.html"
	}
	return ".txt"
}

// TextExport says what text to write where.
type TextExport struct {
	Pages   []scan.PageID
	Formats []TextFormat
	Dir     string // must be there
	Raw     bool   // as it was read, whatever was corrected since
	Replace bool   // files that are there already
}

// ExportTexts writes the text of pages, a file for each page and format, named by the
// page's number in its batch (by its ID in the bin): 0001.alto.xml. What cannot be written is told of
// each page in failed, and the others are written. It gives the files.
func (w *Workbench) ExportTexts(ctx context.Context, r TextExport, p *job.Progress) (files []string, failed []error, err error) {
	for _, f := range r.Formats {
		if !slices.Contains(TextFormats, f) {
			return nil, nil, fmt.Errorf("%w: text is written as %v, not as %q", ErrUsage, TextFormats, f)
		}
	}
	to, err := into(r.Dir, r.Replace)
	if err != nil {
		return nil, nil, err
	}
	p.Stage("Writing text", len(r.Pages)*len(r.Formats))
	for _, id := range r.Pages {
		page, err := w.Page(ctx, id)
		if err != nil {
			return files, failed, err
		}
		for _, f := range r.Formats {
			if err := ctx.Err(); err != nil {
				return files, failed, err
			}
			file := to.path(page, f.extension())
			if err := w.exportText(ctx, to, file, f, page, r.Raw); err != nil {
				failed = append(failed, About(file, err))
			} else {
				files = append(files, file)
			}
			p.Step()
		}
	}
	return files, failed, nil
}

func (w *Workbench) exportText(ctx context.Context, to pageFiles, file string, f TextFormat, page PageInfo, raw bool) error {
	if page.State != scan.Done && page.State != scan.Blank {
		return fmt.Errorf("%w: page %d has not been read", ErrUsage, page.Number)
	}
	if raw && page.Corrections > 0 {
		page.Text = page.Raw
	}
	if err := to.free(file); err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := w.markup(ctx, &b, f, page.Number, page); err != nil {
		return err
	}
	return diskError(writeFile(file, b.Bytes()))
}

// markup writes the text of a page and gives its tree; number is that of the page in its
// document.
func (w *Workbench) markup(ctx context.Context, to io.Writer, f TextFormat, number int, page PageInfo) (*ocr.Text, error) {
	t := &ocr.Text{Size: page.Frame(), DPI: page.dpi(), Languages: page.Languages} // a blank page
	if page.Text != "" {
		var err error
		if t, err = w.textTree(page.Text); err != nil {
			return nil, err
		}
		t = t.WithoutNoise()
	}
	i := markup.Info{File: path.Base(page.Master), Identifier: string(page.ID), Number: number, Preparation: page.Recipe.String()}
	var err error
	switch f {
	case ALTO:
		err = markup.ALTO(to, t, i)
	case PAGE:
		if i.Time, i.Changed, err = w.textTimes(ctx, page); err == nil {
			err = markup.PAGE(to, t, i)
		}
	case HOCR:
		err = markup.HOCR(to, t, i)
	default:
		_, err = io.WriteString(to, t.Plain())
	}
	if err != nil {
		return nil, fmt.Errorf("%s of page %d: %w", f, number, err)
	}
	return t, nil
}

// textTimes tells when a page was read, and when its text was corrected last.
func (w *Workbench) textTimes(ctx context.Context, page PageInfo) (read, corrected time.Time, err error) {
	from, err := w.lineage(ctx, page)
	if err != nil {
		return read, corrected, err
	}
	read = page.Captured
	if e := cmp.Or(from.read, from.prepared); e != nil {
		read = e.Time
	}
	if len(from.corrections) > 0 {
		corrected = from.corrections[0].Time
	}
	return read, corrected, nil
}
