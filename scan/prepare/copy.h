// Pixels between leptonica's words, whose bytes run from the highest to the
// lowest, and plain rows of bytes.
#include <leptonica/allheaders.h>
#include <stdint.h>

// copyGrey copies 8 bit pixels to rows of w bytes.
void copyGrey(const PIX *pix, uint8_t *to);
// copyBits copies 1 bit pixels to rows of w bytes, 0 for black and 255 for white.
void copyBits(const PIX *pix, uint8_t *to);
// copyLuminance reduces 32 bit pixels to grey, to rows of w bytes, with the
// weights and the rounding of leptonica's pixConvertRGBToLuminance.
void copyLuminance(const PIX *pix, uint8_t *to);
// copyRGBA copies 32 bit pixels to rows of 4 * w bytes, opaque.
void copyRGBA(const PIX *pix, uint8_t *to);

// turnInto fills to, of the depth of from (8 or 32), with from turned about the
// centre: a pixel centre (x, y) of to shows the position
// (a*x + b*y + c, d*x + e*y + f) of from. Outside is white.
void turnInto(PIX *to, const PIX *from, double a, double b, double c, double d, double e, double f);

// reduceGrey averages squares of scale by scale pixels as grey, to rows of
// w / scale bytes; what is left over at the right and at the bottom is dropped.
// It gives 0, or 1 where memory ran out.
int reduceGrey(const PIX *pix, int scale, uint8_t *to);
// shrink averages the picture down to w by h pixels of four bytes, opaque. It
// gives 0, or 1 where memory ran out.
int shrink(const PIX *pix, uint8_t *to, int w, int h);
