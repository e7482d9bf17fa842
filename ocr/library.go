package ocr

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ModelFolders is the environment variable that names further folders of traineddata
// files, as PATH does folders of programs. Each may be the folder or the one above a
// folder tessdata.
const ModelFolders = "RECTO_MODELS"

// Library is the folders that models lie in. A name means the file in the first folder
// that has it, also where that file is of no use: another of its name never takes its place.
type Library []string

// Installed finds the folders of models: those that RECTO_MODELS names, in their order,
// then the one that [Models] gives. So what somebody has chosen comes before what the
// system has. A folder that is named but cannot be read, or has no model in it, is a
// [FolderError]: texts would be read by others than the models that were meant. Without
// any model at all the error is a [NoModelsError].
func Installed() (Library, error) {
	var l Library
	for _, place := range filepath.SplitList(os.Getenv(ModelFolders)) {
		if place == "" {
			continue
		}
		dir, err := furtherFolder(place)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(l, dir) {
			l = append(l, dir)
		}
	}
	own, _, err := Models()
	switch {
	case err != nil && len(l) == 0:
		return nil, err
	case err == nil && !slices.Contains(l, own):
		l = append(l, own)
	}
	return l, nil
}

func furtherFolder(place string) (string, error) {
	dir, err := filepath.Abs(place) // workers may run elsewhere
	if err != nil {
		return "", &FolderError{Dir: place, Err: err}
	}
	if _, err := os.ReadDir(dir); err != nil {
		return "", &FolderError{Dir: dir, Err: err}
	}
	for _, d := range []string{dir, filepath.Join(dir, "tessdata")} {
		if len(modelsIn(d)) > 0 || has(d, "osd") {
			return d, nil
		}
	}
	return "", &FolderError{Dir: dir, Err: ErrNoModels}
}

// Names lists the models that read text, sorted, each once.
func (l Library) Names() []string {
	var names []string
	for _, dir := range l {
		names = append(names, modelsIn(dir)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Dir is the folder whose model of that name is taken, "" where none has it. It serves
// "osd" too.
func (l Library) Dir(name string) string {
	for _, dir := range l {
		if len(Missing(dir, []string{name})) == 0 {
			return dir
		}
	}
	return ""
}

// Missing gives those of the names that have no model in any folder, each once.
func (l Library) Missing(names []string) []string {
	var missing []string
	for _, name := range names {
		if l.Dir(name) == "" && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// Check tells whether models for all names are there and as far as can be seen whole:
// a [MissingLanguageError] that names all that are not, or the first [ModelError]. A
// folder that went away since the library was found is a [FolderError]: in it the names
// may have meant other models than they mean now.
func (l Library) Check(names []string) error {
	err := l.check(names)
	for _, dir := range l {
		if _, gone := os.Stat(dir); gone == nil {
			continue
		}
		if _, gone := Installed(); gone != nil {
			return gone
		}
	}
	return err
}

func (l Library) check(names []string) error {
	if missing := l.Missing(names); missing != nil {
		e := &MissingLanguageError{Names: missing}
		if n := len(l); n > 0 {
			e.Dir, e.Further = l[n-1], l[:n-1]
		}
		return e
	}
	for _, name := range names {
		if _, err := Inspect(name, ModelFile(l.Dir(name), name)); err != nil {
			return err
		}
	}
	return nil
}

// Entry is a model in a library.
type Entry struct {
	Name    string `json:"name"`
	Dir     string `json:"dir"`
	Size    int64  `json:"size"`             // of the file in bytes
	SHA256  string `json:"sha256,omitempty"` // lower-case hexadecimal; empty where the file cannot be read
	Kind    Kind   `json:"kind,omitempty"`
	Version string `json:"version,omitempty"` // what the file says of itself
	Altered string `json:"altered,omitempty"` // the system's package that brought the file, which is another now
	Hidden  bool   `json:"hidden,omitempty"`  // an earlier folder has a model of this name, which is taken
	Err     error  `json:"-"`                 // why it cannot be used: a ModelError
}

// List describes all models, folder by folder, osd among them. The files are read as a
// whole for their hashes, once while they stay as they are.
func (l Library) List() []Entry {
	var out []Entry
	for _, dir := range l {
		names := modelsIn(dir)
		if has(dir, "osd") {
			names = append(names, "osd")
		}
		for _, name := range names {
			file := ModelFile(dir, name)
			e := Entry{Name: name, Dir: dir, Hidden: l.Dir(name) != dir}
			if info, err := os.Stat(file); err == nil {
				e.Size = info.Size()
			}
			var t Traineddata
			if t, e.Err = Inspect(name, file); e.Err == nil {
				e.Kind, e.Version = t.Kind, t.Version
				e.Altered = altered(packages, file)
			}
			if sum, err := HashModel(name, file); err == nil {
				e.SHA256 = sum
			} else if e.Err == nil {
				e.Err = err
			}
			out = append(out, e)
		}
	}
	return out
}

// FolderError is a folder of RECTO_MODELS that is of no use.
type FolderError struct {
	Dir string
	Err error
}

func (e *FolderError) Error() string {
	return fmt.Sprintf("the folder of models %s, which %s names: %v", e.Dir, ModelFolders, e.Err)
}

func (e *FolderError) Unwrap() error { return e.Err }

// Remedy says what to do, in a sentence.
func (e *FolderError) Remedy() string {
	return fmt.Sprintf("Put .traineddata files into %s, or take it out of %s (folders parted by %q; window: Help, Languages, models and devices).",
		e.Dir, ModelFolders, string(filepath.ListSeparator))
}

// ModelError is a model that is there but cannot be used. It wraps ErrDamagedModel, or
// the system's error where the file cannot be read.
type ModelError struct {
	Name string
	File string
	Err  error
}

func (e *ModelError) Error() string {
	return fmt.Sprintf("the model %s in %s: %v", e.Name, e.File, e.Err)
}

func (e *ModelError) Unwrap() error { return e.Err }

// Remedy says what to do, in a sentence.
func (e *ModelError) Remedy() string {
	if errors.Is(e.Err, fs.ErrPermission) {
		return "Give yourself the right to read " + e.File + "."
	}
	if p := DebianPackage(e.Name); p != "" && strings.HasPrefix(e.File, systemFolder) {
		return "Install it anew: apt install --reinstall " + p + "."
	}
	return "Put a whole copy of " + e.Name + suffix + " in its place, " + e.File + "."
}
