package tesseract

// #cgo LDFLAGS: -ltesseract
// #include <stdlib.h>
// #include <tesseract/capi.h>
//
// // The flag lies in C memory: Tesseract reads it while Go waits in the call.
// static bool cancelled(void *flag, int words) {
//     return __atomic_load_n((int *)flag, __ATOMIC_RELAXED) != 0;
// }
//
// static void watch(ETEXT_DESC *monitor, int *flag) {
//     TessMonitorSetCancelFunc(monitor, cancelled);
//     TessMonitorSetCancelThis(monitor, flag);
// }
import "C"

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/otiai10/gosseract/v2"

	"recto/ocr"
	"recto/scan"
)

// client is a gosseract client and the Tesseract handle inside it. gosseract makes
// and frees the handle, loads languages, sets variables and decodes the image;
// calls that it does not bind go to the handle.
type client struct {
	lib    *gosseract.Client
	data   string // folder of the models
	handle *C.TessBaseAPI
	buffer []byte // of the last image handed over, for the next one

	temporary string // folder of links to the models, to be removed with the client
}

// newClient makes a client and proves that its private handle is what this
// package takes it for: the fields are found by name, and the handle must answer.
func newClient(data string) (*client, error) {
	g := gosseract.NewClient()
	handle, err := private(g, "api")
	if err == nil && handle == nil {
		err = errors.New("gosseract made no Tesseract handle")
	}
	if err == nil {
		_, err = private(g, "pixImage")
	}
	if err == nil && g.Version() != C.GoString(C.TessVersion()) {
		err = fmt.Errorf("gosseract runs Tesseract %s, the C interface is of %s", g.Version(), C.GoString(C.TessVersion()))
	}
	if err == nil {
		err = g.SetTessdataPrefix(data)
	}
	if err != nil {
		g.Close()
		return nil, fmt.Errorf("tesseract: %w", err)
	}
	c := &client{lib: g, data: data, handle: (*C.TessBaseAPI)(handle)}
	if err := c.hush(); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// hush sends Tesseract's messages to nowhere. While models are loaded gosseract
// gives standard error a buffer of 512 bytes and the size of 8192, so five missing
// models would overwrite memory that is not theirs. It sets variables only after
// that, too late for this one. Failed assertions go to standard error all the same.
func (c *client) hush() error {
	name, value := C.CString(string(gosseract.DEBUG_FILE)), C.CString(os.DevNull)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(value))
	if C.TessBaseAPISetVariable(c.handle, name, value) == 0 {
		return errors.New("tesseract: its messages cannot be turned away")
	}
	return nil
}

// private reads a pointer field that gosseract does not export.
func private(g *gosseract.Client, field string) (unsafe.Pointer, error) {
	v := reflect.ValueOf(g).Elem().FieldByName(field)
	if !v.IsValid() || v.Kind() != reflect.UnsafePointer {
		return nil, fmt.Errorf("this gosseract has no pointer field %s", field)
	}
	return v.UnsafePointer(), nil
}

func (c *client) close() {
	c.lib.Close()
	c.handle = nil
	if c.temporary != "" {
		os.RemoveAll(c.temporary)
	}
}

// forget drops the dictionaries that no handle uses any more. Tesseract keeps them by
// the path of their model, and would give those of a file that is no longer there to
// the network of the one that is.
func (c *client) forget() { C.TessBaseAPIClearPersistentCache(c.handle) }

// speck is a white image for load: gosseract initialises a handle only on the way
// to a recognition.
var speck = ocr.Image{Size: image.Pt(32, 32), Grey: bytes.Repeat([]byte{255}, 32*32)}

// load initialises the handle. The models were checked before, because Tesseract says
// too little of what it could not load.
func (c *client) load(s *setup) error {
	languages := s.languages()
	joined := strings.Join(languages, "+")
	if len(s.words) > 0 || len(s.patterns) > 0 {
		dir, err := os.MkdirTemp("", "recto-words-")
		if err != nil {
			return fmt.Errorf("tesseract: %w", err)
		}
		defer os.RemoveAll(dir) // read once
		config, err := s.writeConfig(dir)
		if err != nil {
			return err
		}
		if err := c.lib.SetConfigFile(config); err != nil {
			return fmt.Errorf("tesseract: load words: %w", err)
		}
	}
	if err := c.lib.SetLanguage(languages...); err != nil {
		return fmt.Errorf("tesseract: load %s: %w", joined, err)
	}
	if err := c.lib.SetImageFromBytes(encode(nil, speck)); err != nil {
		return fmt.Errorf("tesseract: load %s: %w", joined, err)
	}
	_, err := c.lib.HOCRText()
	// Of several models Tesseract goes on without those that it cannot read, so
	// ask which it has. This also proves that handle and client are one engine.
	loaded := c.languages()
	for _, m := range s.sources {
		if !slices.Contains(loaded, m.name) {
			return &ocr.ModelError{Name: m.name, File: m.file, Err: fmt.Errorf("%w: Tesseract cannot read it", ocr.ErrDamagedModel)}
		}
	}
	if err != nil {
		return fmt.Errorf("tesseract: load %s: %w: %w", joined, ocr.ErrDamagedModel, err)
	}
	return nil
}

// languages lists the models that the handle has loaded.
func (c *client) languages() []string {
	list := C.TessBaseAPIGetLoadedLanguagesAsVector(c.handle)
	if list == nil {
		return nil
	}
	defer C.TessDeleteTextArray(list)
	var names []string
	for p := list; *p != nil; p = (**C.char)(unsafe.Add(unsafe.Pointer(p), unsafe.Sizeof(*p))) {
		names = append(names, C.GoString(*p))
	}
	return names
}

// show hands a checked image to Tesseract, which keeps it until clear.
func (c *client) show(img ocr.Image) error {
	c.buffer = encode(c.buffer[:0], img)
	if err := c.lib.SetImageFromBytes(c.buffer); err != nil {
		return fmt.Errorf("tesseract: take the image: %w", err)
	}
	pix, err := private(c.lib, "pixImage")
	if err != nil {
		return fmt.Errorf("tesseract: %w", err)
	}
	if pix == nil { // gosseract itself says nothing and would read an empty page
		return fmt.Errorf("tesseract: take an image of %d x %d pixels: %w", img.Size.X, img.Size.Y, scan.ErrMemory)
	}
	C.TessBaseAPISetImage2(c.handle, (*C.struct_Pix)(pix))
	return c.set("user_defined_dpi", resolution(img.DPI))
}

// set sets a number in the loaded handle and looks whether it is there, because
// gosseract drops Tesseract's answer.
func (c *client) set(name string, value int) error {
	if err := c.lib.SetVariable(gosseract.SettableVariable(name), strconv.Itoa(value)); err != nil {
		return fmt.Errorf("tesseract: set %s: %w", name, err)
	}
	key := C.CString(name)
	defer C.free(unsafe.Pointer(key))
	var got C.int
	if C.TessBaseAPIGetIntVariable(c.handle, key, &got) == 0 || int(got) != value {
		return fmt.Errorf("tesseract: %s was not set to %d", name, value)
	}
	return nil
}

// read recognises the image once and gives its hOCR.
func (c *client) read(ctx context.Context, mode int) ([]byte, error) {
	if err := c.lib.SetPageSegMode(gosseract.PageSegMode(mode)); err != nil {
		return nil, fmt.Errorf("tesseract: %w", err)
	}
	monitor := C.TessMonitorCreate()
	defer C.TessMonitorDelete(monitor)
	flag := (*C.int)(C.calloc(1, C.sizeof_int))
	defer C.free(unsafe.Pointer(flag))
	C.watch(monitor, flag)

	raised := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		atomic.StoreInt32((*int32)(flag), 1)
		close(raised)
	})
	result := C.TessBaseAPIRecognize(c.handle, monitor)
	if !stop() {
		<-raised // the flag's memory must outlive its last writer
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if result != 0 {
		return nil, fmt.Errorf("tesseract: the recognition failed: %w", scan.ErrDamaged)
	}
	text := C.TessBaseAPIGetHOCRText(c.handle, 0) // of the recognition just made
	if text == nil {
		return nil, fmt.Errorf("tesseract: the recognition gave no hOCR: %w", scan.ErrDamaged)
	}
	defer C.TessDeleteText(text)
	return []byte(C.GoString(text)), nil
}

// clear frees the results and the image of the last page.
func (c *client) clear() { C.TessBaseAPIClear(c.handle) }
