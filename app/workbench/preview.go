package workbench

import (
	"context"
	"path/filepath"

	"recto/app/worker"
	"recto/scan"
)

// PreviewLongest is the longer side of preview pictures in pixels.
const PreviewLongest = 1600

// PreviewPreparation tells how a page is prepared: as it was when it was read, or for a
// page that was not, as it would be. It changes nothing. Into a folder, where one is
// given, it writes what the page looks like before, after, and to the recognition:
// 0001-before.jpg, 0001-after.jpg, 0001-reading.jpg; files that are there are an
// ErrFileThere unless they may be replaced.
func (w *Workbench) PreviewPreparation(ctx context.Context, id scan.PageID, dir string, replace bool) (scan.Recipe, []string, error) {
	page, err := w.Page(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if err := seen(page.Page); err != nil {
		return nil, nil, About(string(id), err)
	}
	ask := worker.Prepare{Master: w.working(page.Page), Orientation: page.Orientation, ByHand: page.ByHand, Longest: PreviewLongest}
	if page.State == scan.Done || page.State == scan.Blank {
		ask.Recipe = append(scan.Recipe{}, page.Recipe...)
	}
	var files []string
	if dir != "" {
		to, err := into(dir, replace)
		if err != nil {
			return nil, nil, err
		}
		for picture, kind := range map[*scan.Path]string{&ask.Before: "before", &ask.After: "after", &ask.Reading: "reading"} {
			file, err := filepath.Abs(to.path(page, "-"+kind+".jpg"))
			if err != nil {
				return nil, nil, err
			}
			if err := to.free(file); err != nil {
				return nil, nil, About(file, err)
			}
			*picture = scan.Path(file)
		}
		files = []string{string(ask.Before), string(ask.After), string(ask.Reading)}
	}
	var found worker.Prepared
	if err := w.view.Call(ctx, "prepare", ask, &found, nil); err != nil {
		return nil, nil, About(string(id), w.masterFault(page.Page, err))
	}
	return found.Recipe, files, nil
}
