// Pixels between leptonica's words, whose bytes run from the highest to the
// lowest, and plain rows of bytes.
#include <leptonica/allheaders.h>
#include <stdint.h>

// words are a picture's pixels: h rows of wpl words each, d bits a pixel. Since
// leptonica 1.84 what lies inside of a PIX is reached by functions only.
typedef struct {
	int64_t w, h, wpl;
	int d;
	uint32_t *data;
} words;

static inline words wordsOf(PIX *pix) {
	return (words){pixGetWidth(pix), pixGetHeight(pix), pixGetWpl(pix), pixGetDepth(pix), pixGetData(pix)};
}

// copyGrey copies 8 bit pixels to rows of w bytes.
void copyGrey(words from, uint8_t *to);
// copyBits copies 1 bit pixels to rows of w bytes, 0 for black and 255 for white.
void copyBits(words from, uint8_t *to);
// copyLuminance reduces 32 bit pixels to grey, to rows of w bytes, with the
// weights and the rounding of leptonica's pixConvertRGBToLuminance.
void copyLuminance(words from, uint8_t *to);
// copyRGBA copies 32 bit pixels to rows of 4 * w bytes, opaque.
void copyRGBA(words from, uint8_t *to);

// turnInto fills to, of the depth of from (8 or 32), with from turned about the
// centre: a pixel centre (x, y) of to shows the position
// (a*x + b*y + c, d*x + e*y + f) of from. Outside is white.
void turnInto(PIX *to, PIX *from, double a, double b, double c, double d, double e, double f);

// reduceGrey averages squares of scale by scale pixels as grey, to rows of
// w / scale bytes; what is left over at the right and at the bottom is dropped.
// It gives 0, or 1 where memory ran out.
int reduceGrey(PIX *pix, int scale, uint8_t *to);

// reduceColour is reduceGrey for colour and squares of 2 to 16 pixels a side, and
// faster: the weights of grey (leptonica's 0.3, 0.5, 0.2) are put on the sums,
// so that a pixel may differ by one.
int reduceColour(PIX *pix, int scale, uint8_t *to);
// shrink averages the picture down to w by h pixels of four bytes, opaque. It
// gives 0, or 1 where memory ran out.
int shrink(PIX *pix, uint8_t *to, int w, int h);

// scaleInto fills to, of the depth of from (8 or 32), with from scaled to its size:
// averaged over areas where it becomes smaller, interpolated by cubics where it grows.
// It gives 0, or 1 where memory ran out.
int scaleInto(PIX *to, PIX *from);

// localThreshold fills the 1 bit picture to, of the size of grey, with what is darker
// than its surroundings, half pixels each way, by Sauvola's formula. to must be clear.
// It gives 0, or 1 where memory ran out.
int localThreshold(PIX *to, const uint8_t *grey, int half, double k);

// shiftInto fills to, of the size and depth of from (8 or 32), so that each pixel shows
// what lies lower in from by up, of columns times rows points in the middles of equal
// cells, linear between them. Outside is white.
void shiftInto(PIX *to, PIX *from, const double *up, int columns, int rows);
