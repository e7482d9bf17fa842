package folder

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recto/scan"
	"recto/scan/scantest"
)

// lacks tells whether bytes, as a file of a name, are told to be cut short.
func lacks(t *testing.T, name string, b []byte) error {
	t.Helper()
	r := bytes.NewReader(b)
	k := sniff(b[:min(len(b), sniffLen)])
	if k.format == scan.TIFF {
		if f, err := openTIFF(r, int64(len(b))); err == nil {
			if raw, ok := rawKind(f); ok || rawByName(name) {
				raw.format = scan.RAW
				k = raw
			}
		}
	}
	return complete(k, r, int64(len(b)))
}

// Every file that is whole passes, and every beginning of it that is told by its first
// bytes is short, but where what is missing is not needed.
func TestComplete(t *testing.T) {
	page := picture(120, 90)
	box := func(name string, data int) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(8+data))) + name + strings.Repeat("x", data)
	}
	raf := make([]byte, 400)
	copy(raf, "FUJIFILMCCD-RAW ")
	for i, v := range []uint32{120, 80, 200, 100, 300, 100} {
		binary.BigEndian.PutUint32(raf[84+4*i:], v)
	}
	orf := cr2(1)
	copy(orf, "IIRO")
	copy(orf[8:], "\x00\x00\x00\x00")
	sub := newMaker(binary.LittleEndian, false)
	at := sub.directory(false, sub.short(tagPhotometric, 32803), sub.long(tagStripOffsets, 8), sub.long(tagStripCounts, 1))
	sub.page(1, sub.long(tagSubIFDs, at), field{tagDNGVersion, typeByte, 4, []byte{1, 4, 0, 0}})
	exif := withSegment(jpegBytes(t, page), 0xe1, append([]byte("Exif\x00\x00"), jpegBytes(t, picture(8, 8))...)) // a thumbnail has an end
	for name, b := range map[string][]byte{
		"a.jpg": exif, "a.png": pngBytes(t, page), "a.tif": tiffBytes(t, page), "a.bmp": bmpBytes(t, page), "a.cr2": cr2(1), "a.raf": raf, "a.orf": orf,
		"a.dng": sub.buf, "a.cr3": []byte("\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom" + box("moov", 40) + box("mdat", 90)),
		"a.pbm": append([]byte("P4 # why\n9 4\n"), make([]byte, 8)...), "a.ppm": append([]byte("P6\n3 2\n65535\n"), make([]byte, 36)...),
		"a.pam": append([]byte("P7\nWIDTH 3\nHEIGHT 2\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"), make([]byte, 24)...),
		"a.pdf": onePage(t, "DCTDecode", jpegBytes(t, page)),
	} {
		if err := lacks(t, name, b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		short := 0
		for n := sniffLen; n < len(b)-8; n++ {
			if err := lacks(t, name, b[:n]); errors.Is(err, scan.ErrTruncated) {
				short++
			} else {
				t.Errorf("%s of %d bytes passes with %d: %v", name, len(b), n, err)
				break
			}
		}
		for _, n := range []int{len(b) - 8, len(b) * 3 / 4} {
			if err := lacks(t, name, b[:n]); !errors.Is(err, scan.ErrTruncated) && name != "a.dng" && name != "a.pdf" {
				t.Errorf("%s of %d bytes passes with %d: %v", name, len(b), n, err)
			}
		}
		if err := lacks(t, name, append(b, "more"...)); err != nil && name != "a.cr3" {
			t.Errorf("%s with something behind it: %v", name, err)
		}
	}
	if err := lacks(t, "a.png", nil); !errors.Is(err, scan.ErrEmpty) {
		t.Error(err)
	}
}

// All that other programs write is whole, and half of it is not.
func TestCompleteOfOthers(t *testing.T) {
	dir := t.TempDir()
	for _, m := range scantest.Masters(t, dir) {
		b, err := os.ReadFile(m.Path)
		if err != nil {
			t.Fatal(err)
		}
		if err := lacks(t, m.Path, b); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		if err := lacks(t, m.Path, b[:len(b)*2/3]); !errors.Is(err, scan.ErrTruncated) {
			t.Errorf("two thirds of %s: %v", m.Name, err)
		}
	}
}

// Real scans are whole.
func TestCompleteShared(t *testing.T) {
	root := shared(t, "scans")
	n := 0
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, info, err := open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		n++
		if err := complete(contentIn(f, info.Size(), path), f, info.Size()); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Errorf("%d files: %v", n, err)
	}
}

func FuzzComplete(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe0\x00\x10JFIF"))
	f.Add([]byte("P6 1 1 255\nxxx"))
	f.Add([]byte("P7\nWIDTH 3\nHEIGHT 2\nDEPTH 4\nMAXVAL 255\nENDHDR\n"))
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x00IEND"))
	f.Add([]byte("\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom\x00\x00\x00\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Add([]byte("IIRO\x08\x00\x00\x00\x01\x00\x4a\x01\x04\x00\x01\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00"))
	f.Add(cr2(1))
	f.Fuzz(func(t *testing.T, b []byte) {
		err := complete(sniff(b[:min(len(b), sniffLen)]), bytes.NewReader(b), int64(len(b)))
		if err != nil && !errors.Is(err, scan.ErrTruncated) && !errors.Is(err, scan.ErrEmpty) {
			t.Error(fmt.Sprintf("%T", err), err)
		}
	})
}
