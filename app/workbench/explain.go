package workbench

import (
	"context"
	"errors"
	"strings"

	"recto/archive/bagit"
	"recto/archive/catalogue"
	"recto/archive/coversheet"
	"recto/archive/deposit"
	"recto/ocr"
	"recto/scan"
	"recto/scan/spool"
)

// Explanation is an error as people need it: what happened, and what to do.
type Explanation struct {
	Title  string // a few words
	Remedy string // what to do now
	Exit   int    // exit code of a verb that ends with it
}

// explanations is the one table that dialogs and command line share. The first
// sentinel that an error wraps decides.
var explanations = []struct {
	err error
	Explanation
}{
	{context.Canceled, Explanation{"Cancelled", "Do the same again to go on where it stopped.", 130}},
	{spool.ErrAbsent, Explanation{"Masters' disk not there", "Connect the disk that the masters lie on, look whether it is mounted where it was, then run the same again; looking at catalogue, texts and documents works meanwhile (window: Look only; command line: list, show, search). If the masters were restored from a copy, copy recto.json of the archive beside their batches as masters.json.", 1}},
	{spool.ErrForeign, Explanation{"Other masters", "Another disk stands where the masters of this archive should be; nothing on it was changed. Connect the right one. If these are the right masters and only their masters.json is damaged, copy recto.json of the archive over it.", 1}},
	{spool.ErrDisk, Explanation{"Disk fails", "Check the disk of the masters, its cable and its power before you go on; what was shown so far is safe on it. Then run the same again: it goes on where it stopped.", 1}},
	{scan.ErrEmpty, Explanation{"Empty file", "Scan or copy this page again; the file has no bytes at all.", 1}},
	{scan.ErrNotImage, Explanation{"Not an image", "Give an image (TIFF, PNG, JPEG, JPEG 2000, WebP, BMP, PNM, PAM) or a PDF; check what this file really is.", 1}},
	{scan.ErrTruncated, Explanation{"Incomplete image", "Scan the sheet again. A file was cut short, often by an interrupted copy: copy it again from its source.", 1}},
	{scan.ErrTooLarge, Explanation{"Image too large", "Scan at a lower resolution or cut the image into parts. If the file is from a stranger, distrust it.", 1}},
	{scan.ErrUnsupported, Explanation{"Unsupported image", "Convert the file to TIFF or PNG without loss and give that.", 1}},
	{scan.ErrNoWorkingImage, Explanation{"RAW file without its JPEG", "The file is safe, but nothing can be seen of it. Set the camera to RAW+JPEG, or develop the file to TIFF or JPEG with the camera maker's program, and import that beside it.", 1}},
	{scan.ErrAwaited, Explanation{"Not complete yet", "Wait until the file is there as a whole, then watch the same folder again: only what is not in the batch yet is taken. If it stays as it is, copy it again from the camera or scanner.", 1}},
	{scan.ErrPassword, Explanation{"Password needed", "Save the PDF without a password, with the right to do so, and give that file.", 1}},
	{scan.ErrNoPages, Explanation{"No pages", "The PDF holds no pages. Export it again from where it came.", 1}},
	{scan.ErrLoop, Explanation{"Folder loop", "A link leads back into a folder above it. Remove the link, or give the folders one by one.", 1}},
	{scan.ErrNoFolder, Explanation{"No folder to watch", "Check its name, that its drive is connected and that you may read it. A watch that runs goes on by itself when the folder is back.", 1}},
	{scan.ErrUnreadable, Explanation{"Cannot be read", "Check that the file is there, that you may read it, and that the drive is connected; then run the same again. If it was named by mistake, set it aside (window: X on Batches; command line: recto dismiss).", 1}},
	{scan.ErrCrashed, Explanation{"Page crashed the reader", "Only this page is affected and its master is safe. Read it again (window: R on Batches; command line: recto process --retry); if it happens again, scan the page anew.", 1}},
	{scan.ErrTimeout, Explanation{"Page took too long", "Only this page is affected and its master is safe. Read it again when the machine is less busy (window: R on Batches; command line: recto process --retry). Where that fails too, the page is the reason: noise or damage keeps the recognition busy; look at it, and crop it or set its layout by hand, or leave it out.", 1}},
	{scan.ErrMemory, Explanation{"Not enough memory", "Only this page is affected and its master is safe. Scan it at a lower resolution, or close other programs, allow workers more (RECTO_WORKER_MEMORY, in MB) and read it again (window: R on Batches; command line: recto process --retry --jobs 1).", 1}},
	{spool.ErrShort, Explanation{"Disk nearly full", "Free some space on that disk, then run the same again: it goes on where it stopped.", 1}},
	{scan.ErrNoSpace, Explanation{"Disk full", "Free some space on that disk, then run the same again: it goes on where it stopped.", 1}},
	{scan.ErrReadOnly, Explanation{"Cannot be written", "Check that you may write there and that the medium is not write-protected.", 1}},
	{ErrVanished, Explanation{"Disk or folder gone", "Connect the drive again and look whether the folder is where it was; then run the same again: it goes on where it stopped.", 1}},
	{ErrNotFile, Explanation{"Not a file", "Move away the folder that is in the way.", 1}},
	{ErrNotFolder, Explanation{"Not a folder", "Choose a folder, or move away the file that is in the way.", 1}},
	{ErrDamaged, Explanation{"Archive damaged", restore, 1}},
	{scan.ErrMissing, Explanation{"Master missing", restore, 1}},
	{scan.ErrChanged, Explanation{"Bytes have changed", "The file is not what it was. Restore it from a copy and check the disk.", 1}},
	{deposit.ErrInvalid, Explanation{"Delivery not whole", "What came back from the destination is not what was sent. Check that medium or use another, then deliver again.", 1}},
	{deposit.ErrGone, Explanation{"Destination gone", "Connect the drive or make the folder, then deliver again.", 1}},
	{bagit.ErrName, Explanation{"Name not possible", "Give the document a title that every file system takes, make it again and deliver it.", 1}},
	{ErrTaken, Explanation{"Name taken", "Give the batch another shelfmark or name, or go on in the batch that has it.", 1}},
	{ErrPlanned, Explanation{"Unit planned already", "Give the unit its own code and reference, or the code that it has already; nothing was planned.", 1}},
	{ErrFileThere, Explanation{"File there already", "Choose another name, or have the file replaced (command line: --force).", 1}},
	{coversheet.ErrList, Explanation{"List not understood", "Correct the list at the places named and give it again; nothing of it was taken. The first row names the columns: reference, title, container, expected, code.", 1}},
	{coversheet.ErrUnit, Explanation{"Unit not possible", "Correct what is said of the unit and give it again; nothing was changed.", 1}},
	{coversheet.ErrNoUnits, Explanation{"No units", "Plan units first (command line: recto coversheets --csv LIST.csv, or --reference).", 1}},
	{coversheet.ErrPaper, Explanation{"Unknown paper", "Give a4 or letter.", 1}},
	{ErrLocked, Explanation{"Locked", "Ask the supervisor, who knows the word that unlocks it, or choose another profile.", 1}},
	{scan.ErrNoDevice, Explanation{"No such device", "Switch the device on, connect it, and look again which devices there are (window: device list; command line: recto devices).", 1}},
	{scan.ErrNoPaper, Explanation{"Feeder empty", "Put the next sheets into the feeder and scan again.", 1}},
	{scan.ErrJammed, Explanation{"Paper jam", "Take the jammed sheet out as the device's manual shows, look which sheet was captured last, put the sheets behind it back and scan again.", 1}},
	{scan.ErrCover, Explanation{"Cover open", "Close the device's cover and scan again.", 1}},
	{scan.ErrDeviceBusy, Explanation{"Device busy", "Another program or another person is using it, or it is still warming up. Wait a moment and scan again.", 1}},
	{scan.ErrDeviceGone, Explanation{"Device gone", "Check power and cable or network, wake the device up, and scan again.", 1}},
	{scan.ErrDeviceIO, Explanation{"Device error", "Switch the device off and on, check its cable, and scan again.", 1}},
	{scan.ErrDeviceMemory, Explanation{"Device out of memory", "Scan at a lower resolution or a smaller area, or switch the device off and on.", 1}},
	{scan.ErrDenied, Explanation{"No access to the device", "Ask for the right to use it (on Debian: be in the group scanner, then log in again), or for the device's password.", 1}},
	{scan.ErrOption, Explanation{"Setting not possible", "Look what the device takes (window: device dialog; command line: recto devices --options ID) and set that.", 1}},
	{scan.ErrDriver, Explanation{"Driver crashed", "Only this run of the scanner is affected. Switch the device off and on and scan again; if it happens again, look for a newer driver.", 1}},
	{scan.ErrStopped, Explanation{"Stopped at the device", "Somebody pressed stop at the device. Look which sheet was captured last, put those behind it back and scan again.", 1}},
	{scan.ErrCutOff, Explanation{"Last scan cut off", "Look which sheet was captured last, put those behind it back on the feeder and scan again: it goes on from there.", 1}},
	{scan.ErrUntrusted, Explanation{"Certificate changed", "Somebody may be posing as the scanner, or it was reset. Ask who looks after it; if it was reset, forget its old certificate (window: device dialog; command line: recto devices --forget ID) and scan again.", 1}},
	{ErrMarker, Explanation{"Archive without its name", "Make it and the catalogue anew from the journal (command line: recto rebuild --archive DIR); nothing is lost by that.", 1}},
	{ErrNotArchive, Explanation{"Not an archive", "Choose a folder that holds an archive (is its drive connected?), or make a new one (window: Ctrl+N; command line: recto init DIR).", 1}},
	{ErrExists, Explanation{"Folder in use", "Choose a folder that does not exist yet or is empty.", 1}},
	{scan.ErrNewerStep, Explanation{"Prepared by a newer Recto", "Use that version of Recto or a later one; nothing was changed. Or give up what was set there: set the stage by hand, or reset the page (window: Prepare; command line: recto page set --reset), and read it again.", 1}},
	{ErrNewerArchive, Explanation{"Archive from a newer Recto", "Use that version of Recto or a later one. Nothing was changed.", 1}},
	{catalogue.ErrNewerSchema, Explanation{"Catalogue from a newer Recto", "Use that version of Recto or a later one. Nothing was changed.", 1}},
	{catalogue.ErrOlderSchema, Explanation{"Catalogue from an older Recto", "Open the archive once for writing: it is brought up to date then.", 1}},
	{catalogue.ErrBusy, Explanation{"Catalogue in use", "Another program is using catalogue.db. Close it and try again.", 1}},
	{catalogue.ErrDamaged, Explanation{"Catalogue damaged", "Close the archive and make the catalogue anew from the journal (command line: recto rebuild --archive DIR); nothing is lost by that.", 1}},
	{catalogue.ErrNetwork, Explanation{"Network disk", "A catalogue is not safe on a network disk. Keep the archive on a disk of this machine.", 1}},
	{ErrBusy, Explanation{"Archive in use", "Close the other Recto, or wait until it has finished; looking works meanwhile (window: Look only; command line: list, show, search, verify).", 1}},
	{ErrIncomplete, Explanation{"Document incomplete", "Mend what is missing and make the document again, or give a reason when it is exported (window: the box beside the list; command line: recto export --incomplete \"why\").", 1}},
	{ErrNoPages, Explanation{"No pages", "Import pages first, or take them out of the bin.", 1}},
	{ErrNotFound, Explanation{"Not found", "Look at what there is (window: Ctrl+R looks again; command line: recto list --archive DIR).", 1}},
	{ErrNothingToUndo, Explanation{"Nothing to undo", "What was arranged in this batch has been taken back already, if anything was. A scanned sheet is not undone: put it into the bin.", 1}},
	{ErrNothingToRedo, Explanation{"Nothing to redo", "No change was taken back, or something was done since.", 1}},
	{ErrUsage, Explanation{"Not possible", "Look up what can be given (window: F1; command line: recto COMMAND --help).", 1}},
	{ocr.ErrElsewhere, Explanation{"Text has changed", "Look at the text as it is now and do it again (window: Page, F6; command line: recto text show --words).", 1}},
	{ocr.ErrEdit, Explanation{"Correction not possible", "Look at the word and at what was asked for (window: Page, F6; command line: recto text show --words).", 1}},
	{ocr.ErrWords, Explanation{"Word or pattern not usable", "Take that line out of the file of words or patterns, or write it otherwise.", 1}},
	{ocr.ErrNoModels, Explanation{"No language models", "Install them with: apt install tesseract-ocr tesseract-ocr-eng", 1}},
	{ocr.ErrMissingLanguage, Explanation{"Language not installed", "Install its model: apt install tesseract-ocr-LANG", 1}},
	{ocr.ErrLanguageName, Explanation{"Unknown language name", "Use Tesseract's names joined by +, as in eng+deu; recto doctor lists those installed.", 1}},
	{ocr.ErrDamagedModel, Explanation{"Damaged language model", "Install the package of that language again.", 1}},
	{scan.ErrDamaged, Explanation{"Damaged image", "Open the source in another program; if it fails there too, copy or scan the page again.", 1}},
}

// Explain finds the words for an error. Its message says what and where.
func Explain(err error) Explanation {
	if err == nil {
		return Explanation{}
	}
	x := Explanation{"Something went wrong", "Try again; if it happens again, send this message and the output of: recto doctor", 1}
	for _, e := range explanations {
		if errors.Is(err, e.err) {
			x = e.Explanation
			break
		}
	}
	var own interface{ Remedy() string } // an error that knows the case at hand better
	if errors.As(err, &own) {
		x.Remedy = own.Remedy()
	}
	return x
}

// damage is what is wrong with a file of the archive, with its own remedy. It is
// ErrDamaged.
type damage struct {
	error
	remedy string
}

func (d *damage) Remedy() string { return d.remedy }

func (d *damage) Unwrap() []error { return []error{ErrDamaged, d.error} }

// About marks an error with what the user named that it is about: a page, a batch,
// a language, a destination. Its message stays; nil stays nil.
func About(name string, err error) error {
	if err == nil {
		return nil
	}
	if err.Error() == context.Canceled.Error() {
		err = stopped{err}
	}
	return &about{scan.Path(name), err}
}

// stopped is a cancel that says nothing more, in plain words.
type stopped struct{ error }

func (stopped) Error() string { return "stopped" }

func (s stopped) Unwrap() error { return s.error }

// Subject is what the user named that an error is about; empty where it does not say.
func Subject(err error) scan.Path {
	var a *about
	if errors.As(err, &a) {
		return a.name
	}
	var m *ocr.MissingLanguageError
	if errors.As(err, &m) {
		return scan.Path(strings.Join(m.Names, "+"))
	}
	return ""
}

type about struct {
	name scan.Path
	error
}

func (a *about) Unwrap() error { return a.error }
