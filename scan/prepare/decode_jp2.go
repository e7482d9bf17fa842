package prepare

/*
#cgo pkg-config: libopenjp2
#include <stdlib.h>
#include <leptonica/allheaders.h>
#include <openjpeg.h>

// decodeJP2 decodes a file, or a bare code stream; NULL where it cannot.
static opj_image_t *decodeJP2(const char *name, int bare) {
	opj_dparameters_t parameters;
	opj_image_t *image = NULL;
	opj_codec_t *codec = opj_create_decompress(bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
	opj_stream_t *stream = opj_stream_create_default_file_stream(name, OPJ_TRUE);
	opj_set_default_decoder_parameters(&parameters);
	int ok = codec && stream && opj_setup_decoder(codec, &parameters) && opj_read_header(stream, codec, &image)
		&& opj_decode(codec, stream, image) && opj_end_decompress(codec, stream);
	if (stream) opj_stream_destroy(stream);
	if (codec) opj_destroy_codec(codec);
	if (!ok && image) opj_image_destroy(image), image = NULL;
	return image;
}
*/
import "C"

import (
	"fmt"
	"image"
	"unsafe"

	"recto/scan"
)

// decodeJP2 decodes a JPEG 2000 whose samples have other depths than 8 bits, which
// leptonica refuses, through the library that leptonica uses for the others. Of
// deeper samples the upper 8 bits are kept; what is transparent is laid on white.
func decodeJP2(path string, s *source, h header) (*C.PIX, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	bare := C.int(0)
	if magic := s.bytes(0, 1); len(magic) == 1 && magic[0] == 0xff {
		bare = 1
	}
	img := C.decodeJP2(name, bare)
	if img == nil {
		return nil, undecodable(s, h)
	}
	defer C.opj_image_destroy(img)
	size := image.Pt(h.width, h.height)
	var planes [][]int32
	for _, c := range unsafe.Slice(img.comps, img.numcomps) {
		if int(c.w) != size.X || int(c.h) != size.Y || int(c.prec) != h.bits || c.sgnd != 0 || c.data == nil {
			return nil, fmt.Errorf("%w: the components of a JPEG 2000 are not as its header says", scan.ErrDamaged)
		}
		planes = append(planes, unsafe.Slice((*int32)(unsafe.Pointer(c.data)), size.X*size.Y))
	}
	if len(planes) != h.samples {
		return nil, fmt.Errorf("%w: JPEG 2000 with %d components, its header says %d", scan.ErrDamaged, len(planes), h.samples)
	}
	most := int64(1)<<h.bits - 1
	colours := h.samples - 1 + h.samples%2 // 1 or 3, alpha left out
	at := func(plane, i int) uint32 {
		upper := func(plane int) uint32 { return uint32(min(max(int64(planes[plane][i]), 0), most) * 255 / most) }
		v := upper(plane)
		if colours < h.samples {
			a := upper(colours)
			v = (v*a + 255*(255-a)) / 255
		}
		return v
	}
	depth := 32
	if colours == 1 {
		depth = 8
	}
	pix, err := newPix(size, depth)
	if err != nil {
		return nil, err
	}
	to := words(pix)
	clear(to)
	wpl := len(to) / size.Y
	for y := range size.Y {
		for x := range size.X {
			i, row := y*size.X+x, to[y*wpl:]
			if colours == 1 {
				row[x/4] |= at(0, i) << (24 - 8*(x%4))
			} else {
				row[x] = at(0, i)<<24 | at(1, i)<<16 | at(2, i)<<8
			}
		}
	}
	return pix, nil
}
