package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"recto/app/gui"
	"recto/app/workbench"
	"recto/ocr"
)

// window opens the workstation on an archive, or lets it ask for one.
func window(dir string) error {
	operator := ""
	if u, err := user.Current(); err == nil {
		operator = u.Username
	}
	config := gui.Config{
		Archive: dir,
		Open: func(ctx context.Context, dir string, look bool) (gui.Core, error) {
			w, err := workbench.Open(ctx, dir, workbench.Options{ReadOnly: look})
			if err != nil {
				return nil, err // a nil *Workbench in a Core would not be nil
			}
			return w, nil
		},
		New:       workbench.Init,
		Explain:   workbench.Explain,
		Doctor:    workbench.Doctor,
		Version:   workbench.Version,
		Operator:  operator,
		StateFile: os.Getenv("RECTO_WINDOW_STATE"),
	}
	if os.Getenv(ocr.ModelFolders) == "" { // whoever gives it in the environment means it
		config.Models = furtherModels
	}
	return gui.Run(config)
}

// furtherModels has this process and its workers take models from folders first. The error
// is that of [ocr.Installed].
func furtherModels(folders []string) error {
	for _, f := range folders {
		if strings.ContainsRune(f, filepath.ListSeparator) {
			return fmt.Errorf("%w: the folder %s has a %q in its name, which parts folders of models: give it another name", workbench.ErrUsage, f, string(filepath.ListSeparator))
		}
	}
	os.Setenv(ocr.ModelFolders, strings.Join(folders, string(filepath.ListSeparator)))
	_, err := ocr.Installed()
	return err
}
