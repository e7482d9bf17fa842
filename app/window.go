package main

import (
	"context"
	"os"
	"os/user"

	"recto/app/gui"
	"recto/app/workbench"
)

// window opens the workstation on an archive, or lets it ask for one.
func window(dir string) error {
	operator := ""
	if u, err := user.Current(); err == nil {
		operator = u.Username
	}
	return gui.Run(gui.Config{
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
		Version:   workbench.Version,
		Operator:  operator,
		StateFile: os.Getenv("RECTO_WINDOW_STATE"),
	})
}
