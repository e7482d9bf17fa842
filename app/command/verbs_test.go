package command

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"recto/app/workbench"
)

// How each intent of the workbench is reached without a window. What is here and
// not there, or there and not here, fails the test.
var reached = map[string]string{
	"Import": "import", "Preview": "import", "Process": "process", "MakeDocument": "document",
	"MovePages": "page move", "PageBefore": "page move", "RotatePages": "page rotate", "PreparePages": "page set", "PreviewPreparation": "prepare", "EditText": "text edit", "ReadRegion": "text edit", "RawText": "text show", "FindSpelling": "text spell", "Spell": "text spell", "ExportTexts": "text export", "SplitSpreads": "page set", "BinPages": "page bin", "RestorePages": "page restore",
	"Undo": "page undo", "Redo": "page redo", "Digitise": "digitise", "CopyOut": "digitise",
	"Batches": "list", "Batch": "list", "Pages": "list", "Documents": "list",
	"Rejects": "show", "Dismiss": "dismiss", "Unread": "rebuild", "Page": "show", "Document": "show", "DocumentNamed": "show", "DocumentPages": "show", "Text": "show", "Events": "show",
	"Search": "search", "SearchTyping": "search", "Export": "export", "Verify": "verify",
	"Languages": "doctor", "FreeSpace": "doctor", "SpaceFor": "import",
	"Devices": "devices", "DeviceOptions": "devices", "Capture": "scan", "Those": "scan", "NextLabel": "scan", "Tail": "scan", "Watch": "watch",
	"CreateBatch": "batch create", "DescribeBatch": "batch describe", "SignBatch": "batch sign", "Inspect": "batch inspect",
	"Review": "batch review", "Suggestions": "batch review", "Separate": "batch separate", "Interleave": "batch interleave", "Duplex": "batch interleave",
	"LabelPages": "page label", "ReplacePage": "page replace", "ReversePages": "page reverse", "SplitAt": "page split", "MergeAt": "page merge",
	"AcceptPages": "page accept", "Versions": "page versions", "MakeUnits": "document",
	"Profiles": "profile list", "SaveProfile": "profile save", "RemoveProfile": "profile remove", "SetSupervisor": "profile supervisor", "HasSupervisor": "profile supervisor",
	"PreviewScan": "scan", "Orders": "scan",
	"Units": "coversheets", "PlanUnits": "coversheets", "PlanList": "coversheets", "SaveCoverSheets": "coversheets", "FreeForSheets": "coversheets",
	// Not intents of a user: the archive's own state, and pixels for the eye.
	"Close": "", "Repaired": "", "Directory": "", "View": "", "Thumbnail": "", "TryPreparation": "",
}

// TestEveryIntentHasAVerb: everything the mouse can do a verb can.
func TestEveryIntentHasAVerb(t *testing.T) {
	names := verbNames(t)
	w := reflect.TypeFor[*workbench.Workbench]()
	seen := map[string]bool{}
	for i := range w.NumMethod() {
		name := w.Method(i).Name
		seen[name] = true
		verb, ok := reached[name]
		if !ok {
			t.Errorf("no verb reaches Workbench.%s", name)
		}
		if verb != "" && !slices.Contains(names, verb) {
			t.Errorf("Workbench.%s should be reached by %q, which is no verb: %q", name, verb, names)
		}
	}
	for name := range reached {
		if !seen[name] {
			t.Errorf("there is no Workbench.%s any more", name)
		}
	}
}

// TestVerbsAreDocumented: each verb has an example and --json.
func TestVerbsAreDocumented(t *testing.T) {
	var v verbs
	k, err := kong.New(&v, kong.Name("recto"), kong.Vars{"version": ""})
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range k.Model.Leaves(false) {
		if leaf.Name == "window" {
			continue
		}
		if !strings.Contains(leaf.Detail, "Example") {
			t.Errorf("%s has no example", leaf.FullPath())
		}
		found := false
		for _, group := range leaf.AllFlags(false) {
			for _, f := range group {
				found = found || f.Name == "json"
			}
		}
		if !found {
			t.Errorf("%s has no --json", leaf.FullPath())
		}
	}
}

func verbNames(t *testing.T) []string {
	t.Helper()
	var v verbs
	k, err := kong.New(&v, kong.Name("recto"), kong.Vars{"version": ""})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, leaf := range k.Model.Leaves(false) {
		name := strings.TrimPrefix(leaf.FullPath(), "recto ")
		names = append(names, name)
	}
	return names
}
