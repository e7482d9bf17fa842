package sane

/*
#cgo pkg-config: sane-backends
#include <stdlib.h>
#include <sane/sane.h>

static const SANE_String_Const *stringsOf(const SANE_Option_Descriptor *d) { return d->constraint.string_list; }
static const SANE_Word *wordsOf(const SANE_Option_Descriptor *d) { return d->constraint.word_list; }
static const SANE_Range *rangeOf(const SANE_Option_Descriptor *d) { return d->constraint.range; }
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// load starts SANE and gives its version.
func load() (string, status) {
	var version C.SANE_Int
	s := status(C.sane_init(&version, nil))
	v := uint32(version)
	return fmt.Sprintf("%d.%d.%d", v>>24, v>>16&0xff, v&0xffff), s
}

func unload() { C.sane_exit() }

// list asks all backends for their devices, those on the network too unless local.
func list(local bool) ([]found, status) {
	var devices **C.SANE_Device
	var only C.SANE_Bool
	if local {
		only = 1
	}
	if s := status(C.sane_get_devices(&devices, only)); s != good || devices == nil {
		return nil, s
	}
	var all []found
	for _, d := range until(devices) {
		all = append(all, found{raw(d.name), readable(raw(d.vendor)), readable(raw(d.model)), readable(raw(d._type))})
	}
	return all, good
}

// until is the list in front of a null pointer.
func until[T any](first **T) []*T {
	if first == nil {
		return nil
	}
	n := 0
	for *(**T)(unsafe.Add(unsafe.Pointer(first), uintptr(n)*unsafe.Sizeof(first))) != nil {
		n++
	}
	return unsafe.Slice(first, n)
}

func raw(s C.SANE_String_Const) string {
	if s == nil {
		return ""
	}
	return C.GoString((*C.char)(unsafe.Pointer(s)))
}

// handle is an open device. All but cancel belong to one goroutine.
type handle struct{ h C.SANE_Handle }

func open(name string) (handle, status) {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	var h handle
	s := status(C.sane_open((*C.SANE_Char)(c), &h.h))
	return h, s
}

func (h handle) close() { C.sane_close(h.h) }

// cancel may be called from anywhere at any time (4.3.12).
func (h handle) cancel() { C.sane_cancel(h.h) }

func (h handle) start() status { return status(C.sane_start(h.h)) }

func (h handle) parameters() (parameters, status) {
	var p C.SANE_Parameters
	s := status(C.sane_get_parameters(h.h, &p))
	return parameters{
		format: frameFormat(p.format), last: p.last_frame != 0,
		stride: int(p.bytes_per_line), width: int(p.pixels_per_line), lines: int(p.lines), depth: int(p.depth),
	}, s
}

// read gives how many bytes came; it blocks until there are some or none to come.
func (h handle) read(b []byte) (int, status) {
	var n C.SANE_Int
	s := status(C.sane_read(h.h, (*C.SANE_Byte)(unsafe.Pointer(&b[0])), C.SANE_Int(len(b)), &n))
	if s != good || n < 0 {
		n = 0
	}
	return min(int(n), len(b)), s
}

// descriptors are all options but number 0, which is their count (4.2.9).
func (h handle) descriptors() ([]descriptor, status) {
	var count C.SANE_Int
	C.sane_get_option_descriptor(h.h, 0)
	if s := status(C.sane_control_option(h.h, 0, C.SANE_ACTION_GET_VALUE, unsafe.Pointer(&count), nil)); s != good {
		return nil, s
	}
	var all []descriptor
	for i := C.SANE_Int(1); i < count; i++ {
		d := C.sane_get_option_descriptor(h.h, i)
		if d == nil {
			continue
		}
		o := descriptor{
			index: int(i), name: raw(d.name), title: readable(raw(d.title)), help: readable(raw(d.desc)),
			kind: valueType(d._type), unit: int(d.unit), size: int(d.size), capabilities: int(d.cap),
		}
		switch d.constraint_type {
		case C.SANE_CONSTRAINT_RANGE:
			if r := C.rangeOf(d); r != nil {
				o.bounds = &bounds{int32(r.min), int32(r.max), int32(r.quant)}
			}
		case C.SANE_CONSTRAINT_WORD_LIST:
			if w := C.wordsOf(d); w != nil && *w > 0 {
				for _, x := range unsafe.Slice(w, int(*w)+1)[1:] {
					o.words = append(o.words, int32(x))
				}
			}
		case C.SANE_CONSTRAINT_STRING_LIST:
			list := (**C.SANE_Char)(unsafe.Pointer(C.stringsOf(d)))
			for _, x := range until(list) {
				o.strings = append(o.strings, raw(x))
			}
		}
		all = append(all, o)
	}
	return all, good
}

// room is what backends get to write behind the size that they say.
const room = 4096

// memory is a buffer for an option's value, aligned for words.
func memory(size int) []byte {
	words := make([]uint64, (max(size, 0)+room)/8+1)
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*8)
}

// get reads an option's value as the bytes that SANE has for it.
func (h handle) get(d descriptor) ([]byte, status) {
	b := memory(d.size)
	s := status(C.sane_control_option(h.h, C.SANE_Int(d.index), C.SANE_ACTION_GET_VALUE, unsafe.Pointer(&b[0]), nil))
	return b[:max(d.size, 0)], s
}

// set gives an option a value and tells whether the others must be looked at anew.
func (h handle) set(d descriptor, value []byte) (reload bool, s status) {
	b := memory(max(d.size, len(value)))
	copy(b, value)
	var info C.SANE_Int
	s = status(C.sane_control_option(h.h, C.SANE_Int(d.index), C.SANE_ACTION_SET_VALUE, unsafe.Pointer(&b[0]), &info))
	return info&C.SANE_INFO_RELOAD_OPTIONS != 0, s
}

func (h handle) setAutomatic(d descriptor) (reload bool, s status) {
	var info C.SANE_Int
	s = status(C.sane_control_option(h.h, C.SANE_Int(d.index), C.SANE_ACTION_SET_AUTO, nil, &info))
	return info&C.SANE_INFO_RELOAD_OPTIONS != 0, s
}
