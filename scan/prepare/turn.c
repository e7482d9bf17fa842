#include "copy.h"
#include <math.h>

// A row of pixels with white around it.
static inline uint32_t grey(const words *p, int64_t x, int64_t y) {
	if (x < 0 || y < 0 || x >= p->w || y >= p->h) return 255;
	return GET_DATA_BYTE(p->data + y * p->wpl, x);
}

static inline uint32_t colour(const words *p, int64_t x, int64_t y) {
	if (x < 0 || y < 0 || x >= p->w || y >= p->h) return 0xffffff00;
	return p->data[y * p->wpl + x];
}

// mix interpolates between four values with weights in 256ths.
static inline uint32_t mix(uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t u, uint32_t v) {
	uint32_t top = a * (256 - u) + b * u, low = c * (256 - u) + d * u;
	return (top * (256 - v) + low * v + 32768) >> 16;
}

static inline uint32_t mixRGB(uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t u, uint32_t v) {
	return mix(a >> 24, b >> 24, c >> 24, d >> 24, u, v) << 24 |
	       mix(a >> 16 & 255, b >> 16 & 255, c >> 16 & 255, d >> 16 & 255, u, v) << 16 |
	       mix(a >> 8 & 255, b >> 8 & 255, c >> 8 & 255, d >> 8 & 255, u, v) << 8;
}

// narrow cuts [*from, *to) down to the x for which low <= at + x*step < high.
static void narrow(double at, double step, double low, double high, int64_t *from, int64_t *to) {
	if (fabs(step) < 1e-12) {
		if (at < low || at >= high) *to = *from;
		return;
	}
	double one = (low - at) / step, two = (high - at) / step;
	double first = fmin(one, two), last = fmax(one, two);
	if (first > *from) *from = first > *to ? *to : (int64_t)ceil(first);
	if (last < *to) *to = last < *from ? *from : (int64_t)floor(last);
}

void turnInto(PIX *into, PIX *source, double a, double b, double c, double d, double e, double f) {
	const words target = wordsOf(into), whole = wordsOf(source), *to = &target, *from = &whole;
	const double unit = 4294967296.0; // positions in 32.32 fixed point: no drift along a row
	const int64_t sx = llround(a * unit), sy = llround(d * unit);
	for (int64_t y = 0; y < to->h; y++) {
		uint32_t *line = to->data + y * to->wpl;
		// Half a pixel off: a value belongs to the centre of its pixel.
		double x0 = a * 0.5 + b * (y + 0.5) + c - 0.5, y0 = d * 0.5 + e * (y + 0.5) + f - 0.5;
		int64_t first = 0, last = to->w; // where any of the four neighbours is inside
		narrow(x0, a, -1, from->w, &first, &last);
		narrow(y0, d, -1, from->h, &first, &last);
		int64_t in = first, out = last; // where all four are inside, with a little to spare
		narrow(x0, a, 0.01, from->w - 1.01, &in, &out);
		narrow(y0, d, 0.01, from->h - 1.01, &in, &out);
		if (out < in) out = in;
		int64_t px = llround(x0 * unit) + first * sx, py = llround(y0 * unit) + first * sy;
		for (int64_t x = first; x < last; x++, px += sx, py += sy) {
			int64_t ix = px >> 32, iy = py >> 32;
			uint32_t u = px >> 24 & 255, v = py >> 24 & 255;
			if (x < in || x >= out) {
				if (to->d == 8) {
					SET_DATA_BYTE(line, x, mix(grey(from, ix, iy), grey(from, ix + 1, iy), grey(from, ix, iy + 1), grey(from, ix + 1, iy + 1), u, v));
				} else {
					line[x] = mixRGB(colour(from, ix, iy), colour(from, ix + 1, iy), colour(from, ix, iy + 1), colour(from, ix + 1, iy + 1), u, v);
				}
				continue;
			}
			const uint32_t *top = from->data + iy * from->wpl, *low = top + from->wpl;
			if (to->d == 8) {
				SET_DATA_BYTE(line, x, mix(GET_DATA_BYTE(top, ix), GET_DATA_BYTE(top, ix + 1), GET_DATA_BYTE(low, ix), GET_DATA_BYTE(low, ix + 1), u, v));
			} else {
				line[x] = mixRGB(top[ix], top[ix + 1], low[ix], low[ix + 1], u, v);
			}
		}
	}
}

void shiftInto(PIX *into, PIX *source, const double *up, int columns, int rows) {
	const words to = wordsOf(into), from = wordsOf(source);
	for (int64_t y = 0; y < to.h; y++) {
		uint32_t *line = to.data + y * to.wpl;
		double r = fmin(fmax((y + 0.5) * rows / to.h - 0.5, 0), rows - 1);
		int64_t row = (int64_t)r, below = row + 1 < rows ? row + 1 : row;
		double v = r - row;
		for (int64_t x = 0; x < to.w; x++) {
			double c = fmin(fmax((x + 0.5) * columns / to.w - 0.5, 0), columns - 1);
			int64_t column = (int64_t)c, right = column + 1 < columns ? column + 1 : column;
			double u = c - column;
			double top = up[row * columns + column] * (1 - u) + up[row * columns + right] * u;
			double low = up[below * columns + column] * (1 - u) + up[below * columns + right] * u;
			double at = y + top * (1 - v) + low * v;
			int64_t whole = (int64_t)floor(at);
			uint32_t part = (uint32_t)((at - whole) * 256);
			if (to.d == 8) {
				uint32_t a = grey(&from, x, whole), b = grey(&from, x, whole + 1);
				SET_DATA_BYTE(line, x, mix(a, a, b, b, 0, part));
			} else {
				uint32_t a = colour(&from, x, whole), b = colour(&from, x, whole + 1);
				line[x] = mixRGB(a, a, b, b, 0, part);
			}
		}
	}
}
