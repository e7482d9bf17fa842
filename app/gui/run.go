package gui

import (
	"context"
	"errors"
	"os"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"recto/app/workbench"
	"recto/assets/icon"
)

// Config is what the window is started with.
type Config struct {
	Core      Core   // an archive already open, or nil
	Archive   string // the archive to open first; empty: ask
	Open      Opener
	New       func(ctx context.Context, dir string) error // makes an empty one
	Explain   func(error) workbench.Explanation           // title and remedy of an error
	Doctor    func(ctx context.Context) []workbench.Check // what this machine has and lacks
	Models    func(folders []string) error                // from now on models are taken from these folders first; nil: they are given otherwise
	Version   string
	Operator  string      // who works here, for the status bar
	StateFile string      // debugging: the window's state as JSON after each change
	Prefs     Preferences // nil: the desktop's
}

// Opener opens an archive, with look for reading only; it may take long. The error
// wraps [scan.ErrReadOnly] where only looking is possible, and
// [workbench.ErrBusy] where somebody else is writing.
type Opener func(ctx context.Context, dir string, look bool) (Core, error)

// Preferences keep what the user chose from one start to the next.
type Preferences interface {
	String(key string) string
	SetString(key, value string)
	StringList(key string) []string
	SetStringList(key string, value []string)
	Float(key string) float64
	SetFloat(key string, value float64)
}

// Keys of the preferences.
const (
	prefTheme      = "theme"       // light, dark or empty for the system's
	prefRecent     = "recent"      // archives, the last one first
	prefLanguages  = "languages"   // of the last import, joined by +
	prefTile       = "tile"        // width of a thumbnail
	prefExport     = "export"      // last destination
	prefDevice     = "device"      // ID of the device that was chosen last
	prefDeviceName = "device-name" // and its name
	prefWatch      = "watch"       // the folder that was watched last
	prefPaper      = "paper"       // of cover sheets: A4, Letter
	prefModels     = "models"      // further folders of models, see Config.Models
	prefPedal      = "pedal"       // key of the foot pedal, as in the registry
)

const appID = "org.recto.workstation"

// Run shows the window and returns when it is closed.
func Run(cfg Config) error {
	if cfg.Open == nil || cfg.New == nil || cfg.Explain == nil || cfg.Doctor == nil {
		return errors.New("the window needs Open, New, Explain and Doctor")
	}
	picture := fyne.NewStaticResource("recto.png", icon.PNG)
	app.SetMetadata(fyne.AppMetadata{ID: appID, Name: "Recto", Version: cfg.Version, Icon: picture,
		Migrations: map[string]bool{"fyneDo": true}})
	a := app.NewWithID(appID)
	a.SetIcon(picture)
	if cfg.Prefs == nil {
		cfg.Prefs = a.Preferences()
	}
	w := newWindow(cfg, a, newBridge())
	a.Lifecycle().SetOnStarted(w.begin)
	over := w.bridge.guard(10*time.Second, func() {
		w.bridge.wait(20 * time.Second)
		if w.core != nil {
			w.core.Close()
		}
		os.Exit(0)
	})
	w.win.ShowAndRun()
	over()
	w.bridge.stop()
	w.bridge.wait(20 * time.Second)
	if w.core != nil {
		return w.core.Close()
	}
	return nil
}

func cancelled(err error) bool { return errors.Is(err, context.Canceled) }
