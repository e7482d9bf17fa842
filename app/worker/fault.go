package worker

import (
	"errors"
	"io/fs"

	"recto/ocr"
	"recto/scan"
)

// fault brings what is wrong with language models or with a recipe from a child to its
// parent as it was: a scan.Problem is of images and knows its kind only, and people need
// to hear which file or stage it is and what to do about it.
type fault struct {
	Newer   *scan.VersionError        `json:"newer,omitempty"`
	Missing *ocr.MissingLanguageError `json:"missing,omitempty"`
	None    *ocr.NoModelsError        `json:"none,omitempty"`
	Name    string                    `json:"name,omitempty"`   // of a model
	File    string                    `json:"file,omitempty"`   // that it lies in
	Folder  string                    `json:"folder,omitempty"` // of RECTO_MODELS
	Kind    string                    `json:"kind,omitempty"`   // why: one of causes
	Why     string                    `json:"why,omitempty"`    // in words
}

// causes are what an [ocr.ModelError] or [ocr.FolderError] can come from.
var causes = map[string]error{
	"damaged":    ocr.ErrDamagedModel,
	"no-models":  ocr.ErrNoModels,
	"permission": fs.ErrPermission,
	"not-there":  fs.ErrNotExist,
}

// faultOf is nil for errors that are of something else.
func faultOf(err error) *fault {
	var (
		newer   *scan.VersionError
		missing *ocr.MissingLanguageError
		none    *ocr.NoModelsError
		model   *ocr.ModelError
		folder  *ocr.FolderError
	)
	f := &fault{}
	switch {
	case errors.As(err, &newer):
		f.Newer = newer
		return f
	case errors.As(err, &missing):
		f.Missing = missing
		return f
	case errors.As(err, &model):
		f.Name, f.File, err = model.Name, model.File, model.Err
	case errors.As(err, &folder):
		f.Folder, err = folder.Dir, folder.Err
	case errors.As(err, &none):
		f.None = none
		return f
	case !errors.Is(err, ocr.ErrDamagedModel):
		return nil
	}
	f.Why = err.Error()
	for kind, cause := range causes {
		if errors.Is(err, cause) {
			f.Kind = kind
		}
	}
	return f
}

// error is what the child has met; p says it in its words.
func (f *fault) error(p *scan.Problem) error {
	cause := error(&said{f.Why, causes[f.Kind]})
	var err error
	switch {
	case f.Newer != nil:
		err = f.Newer
	case f.Missing != nil:
		err = f.Missing
	case f.None != nil:
		err = f.None
	case f.File != "":
		err = &ocr.ModelError{Name: f.Name, File: f.File, Err: cause}
	case f.Folder != "":
		err = &ocr.FolderError{Dir: f.Folder, Err: cause}
	default:
		err = cause
	}
	return &said{p.Error(), err}
}

// said is an error in the words that a child had for it.
type said struct {
	words string
	err   error // nil where it is of no known kind
}

func (s *said) Error() string { return s.words }

func (s *said) Unwrap() error { return s.err }
