package tesseract

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"recto/ocr"
)

// ModelHash gives the SHA-256 of a model in lower-case hexadecimal, of the file as it
// is now. The text that the engine read says in Models what read it.
func (e *Engine) ModelHash(name string) (string, error) {
	if err := e.library.Check([]string{name}); err != nil {
		return "", err
	}
	return ocr.HashModel(name, e.file(name))
}

func (e *Engine) file(name string) string { return ocr.ModelFile(e.library.Dir(name), name) }

// source is a file that a model was loaded from. When another lies there, or in a
// folder before, the model is loaded anew.
type source struct {
	name, dir, file string
	size            int64
	changed         time.Time
}

// sources finds the files of models, and that they are there and whole. The names are
// looked up first: of a folder that goes away meanwhile the check tells, and afterwards
// nothing else is taken in its place.
func (e *Engine) sources(names []string) ([]source, error) {
	var out []source
	for _, name := range names {
		dir := e.library.Dir(name)
		out = append(out, source{name: name, dir: dir, file: ocr.ModelFile(dir, name)})
	}
	if err := e.library.Check(names); err != nil {
		return nil, err
	}
	for i := range out {
		s := &out[i]
		info, err := os.Stat(s.file)
		if err != nil { // just now it was there
			return nil, e.gone(names, &ocr.ModelError{Name: s.name, File: s.file, Err: err})
		}
		s.size, s.changed = info.Size(), info.ModTime()
	}
	return out, nil
}

// gone gives the error of models that could be found and then not be loaded: what is wrong
// with their folder where that is it, err else.
func (e *Engine) gone(names []string, err error) error {
	if now := e.library.Check(names); now != nil {
		return now
	}
	return err
}

// hashed says which models these are.
func hashed(sources []source) ([]ocr.Model, error) {
	var out []ocr.Model
	for _, s := range sources {
		sum, err := ocr.HashModel(s.name, s.file)
		if err != nil {
			return nil, err
		}
		out = append(out, ocr.Model{Name: s.name, SHA256: sum})
	}
	return out, nil
}

// gather gives one folder with all these models in it, because Tesseract loads from one
// only: the folder that they lie in, or a new one with links to them. Then temporary is
// its name, for whoever has to remove it. Those that models load by themselves, as some
// do one for vertical lines, are linked too.
func gather(l ocr.Library, sources []source) (dir, temporary string, err error) {
	dirs := map[string]bool{}
	for _, s := range sources {
		dir = s.dir
		dirs[dir] = true
	}
	if len(dirs) == 1 {
		return dir, "", nil
	}
	if temporary, err = os.MkdirTemp("", "recto-models-"); err != nil {
		return "", "", fmt.Errorf("tesseract: bring models from several folders together: %w", err)
	}
	files := map[string]string{}
	for _, name := range append(l.Names(), "osd") {
		if from := l.Dir(name); from != "" {
			files[name] = ocr.ModelFile(from, name)
		}
	}
	for _, s := range sources {
		files[s.name] = s.file
	}
	for name, file := range files {
		file, err := filepath.Abs(file)
		link := ocr.ModelFile(temporary, name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(link), 0o755)
		}
		if err == nil {
			err = os.Symlink(file, link)
		}
		if err != nil {
			os.RemoveAll(temporary)
			return "", "", fmt.Errorf("tesseract: bring models from several folders together: %w", err)
		}
	}
	return temporary, temporary, nil
}

// setup is everything that a handle takes in when it is initialised and cannot change
// afterwards.
type setup struct {
	sources  []source // of the models that read text, or of osd alone
	osd      []source // besides: a mode may load it, from the same folder, when it reads
	words    []string
	patterns []string
}

// covers tells whether a handle initialised with s does for a page that wants o.
func (s *setup) covers(o *setup) bool {
	return s != nil && slices.Equal(s.sources, o.sources) && (len(o.osd) == 0 || slices.Equal(s.osd, o.osd)) &&
		slices.Equal(s.words, o.words) && slices.Equal(s.patterns, o.patterns)
}

// stands tells whether the files are still those that were found.
func (s *setup) stands() bool {
	for _, m := range slices.Concat(s.sources, s.osd) {
		if info, err := os.Stat(m.file); err != nil || info.Size() != m.size || !info.ModTime().Equal(m.changed) {
			return false
		}
	}
	return true
}

func (s *setup) languages() []string {
	var names []string
	for _, m := range s.sources {
		names = append(names, m.name)
	}
	return names
}
