package folder

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"recto/scan"
)

// sniffLen is how much of a file's beginning is looked at. ISO 32000-1, annex H
// 3.4.1, lets a PDF's header stand anywhere in the first 1024 bytes.
const sniffLen = 1024

// kind is what the first bytes of a file say it is. format is empty for what
// cannot become a master; then image tells whether it is a picture all the same,
// name calls it by its name and remedy says what to do with it.
type kind struct {
	format scan.Format
	image  bool
	name   string
	remedy string
}

const asTIFF = "convert it to TIFF or PNG"

// magics are the signatures that nothing else begins with. "?" stands for any byte.
var magics = []struct {
	magic string
	kind  kind
}{
	{"\x89PNG\r\n\x1a\n", kind{format: scan.PNG}},
	{"\xff\xd8\xff", kind{format: scan.JPEG}},
	{"II*\x00????CR", kind{format: scan.RAW, name: "Canon CR2 raw"}}, // before TIFF
	{"II*\x00", kind{format: scan.TIFF}},
	{"MM\x00*", kind{format: scan.TIFF}},
	{"II+\x00\x08\x00\x00\x00", kind{format: scan.TIFF}},
	{"MM\x00+\x00\x08\x00\x00", kind{format: scan.TIFF}},
	{"RIFF????WEBP", kind{format: scan.WebP}},
	{"\xff\x4f\xff\x51", kind{format: scan.JP2}}, // a bare codestream, ISO 15444-1, annex A
	{"\x00\x00\x00\x0cJXL \r\n\x87\n", kind{image: true, name: "JPEG XL", remedy: asTIFF}},
	{"\xff\x0a", kind{image: true, name: "JPEG XL", remedy: asTIFF}},
	{"GIF87a", kind{image: true, name: "GIF", remedy: asTIFF}},
	{"GIF89a", kind{image: true, name: "GIF", remedy: asTIFF}},
	{"AT&TFORM", kind{image: true, name: "DjVu", remedy: "convert it to PDF or to TIFF pages"}},
	{"\x97JB2\r\n\x1a\n", kind{image: true, name: "JBIG2", remedy: asTIFF}},
	{"8BPS", kind{image: true, name: "Photoshop PSD", remedy: "save it as TIFF"}},
	{"gimp xcf", kind{image: true, name: "GIMP XCF", remedy: "export it as TIFF"}},
	{"II\xbc", kind{image: true, name: "JPEG XR", remedy: asTIFF}},
	{"v/1\x01", kind{image: true, name: "OpenEXR", remedy: asTIFF}},
	{"FUJIFILMCCD-RAW", kind{format: scan.RAW, name: "Fujifilm RAF raw"}},
	{"IIRO", kind{format: scan.RAW, name: "Olympus ORF raw"}},
	{"IIRS", kind{format: scan.RAW, name: "Olympus ORF raw"}},
	{"IIU\x00", kind{format: scan.RAW, name: "Panasonic RW2 raw"}},
	{"II\x1a\x00\x00\x00HEAPCCDR", kind{format: scan.RAW, name: "Canon CRW raw"}},
	{"\x00MRM", kind{format: scan.RAW, name: "Minolta MRW raw"}},
	{"FOVb", kind{format: scan.RAW, name: "Sigma X3F raw"}},
	{"%!PS", kind{image: true, name: "PostScript", remedy: "convert it to PDF"}},
}

// resourceFork is what macOS puts beside a file on foreign disks: "._page.jpg" has
// the name of an image and nothing of it (AppleDouble, RFC 1740).
const resourceFork = "a resource fork of macOS"

// brands are the major brands of ISO base media files that hold pictures.
var brands = map[string]kind{
	"heic": {image: true, name: "HEIC", remedy: asTIFF}, "heix": {image: true, name: "HEIC", remedy: asTIFF},
	"heim": {image: true, name: "HEIC", remedy: asTIFF}, "heis": {image: true, name: "HEIC", remedy: asTIFF},
	"hevc": {image: true, name: "HEIC", remedy: asTIFF}, "hevx": {image: true, name: "HEIC", remedy: asTIFF},
	"mif1": {image: true, name: "HEIF", remedy: asTIFF}, "msf1": {image: true, name: "HEIF", remedy: asTIFF},
	"avif": {image: true, name: "AVIF", remedy: asTIFF}, "avis": {image: true, name: "AVIF", remedy: asTIFF},
	"crx ": {format: scan.RAW, name: "Canon CR3 raw"},
}

// imageExtensions are the endings that promise a page; a file that has one and
// no image inside is worth a message even in a folder.
var imageExtensions = map[string]bool{}

func init() {
	for e := range strings.FieldsSeq(`tif tiff btf tf8 png jpg jpeg jpe jfif jif jp2 j2k j2c jpc jpx jpf webp bmp dib
		pnm pbm pgm ppm pam pdf gif heic heif avif jxl djvu djv jb2 jbig2 jxr wdp psd xcf exr`) {
		imageExtensions["."+e] = true
	}
	for _, e := range scan.RawExtensions {
		imageExtensions[e] = true
	}
}

func hasImageExtension(name string) bool {
	return imageExtensions[strings.ToLower(filepath.Ext(name))]
}

// sniff tells a file by its first bytes, at most sniffLen of them.
func sniff(head []byte) kind {
	for _, m := range magics {
		if matches(head, m.magic) {
			return m.kind
		}
	}
	switch {
	case matches(head, "\x00\x00\x00\x0cjP  \r\n\x87\n"):
		if len(head) >= 24 {
			switch string(head[20:24]) {
			case "jpm ":
				return kind{image: true, name: "JPEG 2000 compound (JPM)", remedy: asTIFF}
			case "mjp2", "mj2s":
				return kind{image: true, name: "Motion JPEG 2000", remedy: "export its frames as TIFF"}
			}
		}
		return kind{format: scan.JP2}
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		if k, ok := brands[string(head[8:12])]; ok {
			return k
		}
		return kind{name: "a video or another media file"}
	case bmpHeader(head):
		return kind{format: scan.BMP}
	case pnmHeader(head):
		return kind{format: scan.PNM}
	case bytes.HasPrefix(head, []byte("%PDF-")), bytes.Contains(head, []byte("%PDF-")) && !isText(head):
		return kind{format: scan.PDF}
	}
	return kind{name: describe(head)}
}

func matches(head []byte, magic string) bool {
	if len(head) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != head[i] {
			return false
		}
	}
	return true
}

// bmpHeader backs the two letters of BMP's magic, which text can begin with, by
// the size of the header that follows.
func bmpHeader(head []byte) bool {
	if len(head) < 18 || head[0] != 'B' || head[1] != 'M' {
		return false
	}
	switch binary.LittleEndian.Uint32(head[14:]) {
	case 12, 16, 40, 52, 56, 64, 108, 124:
		return true
	}
	return false
}

// describe says what bytes that are no image look like.
func describe(head []byte) string {
	trimmed := bytes.ToLower(bytes.TrimLeft(head, " \t\r\n\ufeff"))
	switch {
	case bytes.HasPrefix(head, []byte("\x00\x05\x16\x07")):
		return resourceFork
	case bytes.HasPrefix(head, []byte("\x00\x00\x00\x01Bud1")):
		return "a folder's layout of macOS"
	case len(bytes.Trim(head, "\x00")) == 0:
		return "only zero bytes"
	case bytes.HasPrefix(trimmed, []byte("<!doctype html")), bytes.HasPrefix(trimmed, []byte("<html")):
		return "an HTML page"
	case bytes.HasPrefix(trimmed, []byte("<?xml")), bytes.HasPrefix(trimmed, []byte("<svg")):
		return "XML"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "a ZIP archive or an office document"
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return "an office document or thumbnails of Windows"
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return "a gzip archive"
	case bytes.HasPrefix(head, []byte("\x7fELF")), bytes.HasPrefix(head, []byte("MZ")):
		return "a program"
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")), isText(head):
		return "text"
	}
	return "unknown data"
}

// isText allows a character that the end of head has cut in two.
func isText(head []byte) bool {
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 {
			return len(head) < utf8.UTFMax && !utf8.FullRune(head)
		}
		if r < ' ' && !strings.ContainsRune("\t\n\r\f\x1b", r) {
			return false
		}
		head = head[n:]
	}
	return true
}
