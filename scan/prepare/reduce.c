#include "copy.h"
#include <stdlib.h>
#include <string.h>

// channels is how many bytes a pixel has in a row: one for grey and bits, else three.
static int channels(words from) { return from.d == 32 ? 3 : 1; }

// only gives the one row y.
static words only(words from, int64_t y) {
	from.data += y * from.wpl;
	from.h = 1;
	return from;
}

static void row(words from, int64_t y, uint8_t *to) {
	words one = only(from, y);
	if (from.d == 1) {
		copyBits(one, to);
	} else if (from.d == 8) {
		copyGrey(one, to);
	} else {
		for (int64_t x = 0; x < from.w; x++, to += 3) {
			uint32_t v = one.data[x];
			to[0] = v >> 24, to[1] = v >> 16, to[2] = v >> 8;
		}
	}
}

int reduceGrey(PIX *pix, int scale, uint8_t *to) {
	const words from = wordsOf(pix);
	size_t w = from.w / scale, h = from.h / scale;
	uint8_t *line = malloc(from.w);
	uint32_t *sum = malloc(w * sizeof *sum + 1);
	uint32_t half = scale * scale / 2, area = scale * scale;
	if (line && sum) {
		for (size_t y = 0; y < h; y++, to += w) {
			memset(sum, 0, w * sizeof *sum);
			for (int k = 0; k < scale; k++) {
				words one = only(from, y * scale + k);
				if (from.d == 1) copyBits(one, line);
				else if (from.d == 8) copyGrey(one, line);
				else copyLuminance(one, line);
				if (scale == 1) {
					for (size_t x = 0; x < w; x++) sum[x] = line[x];
				} else if (scale == 2) {
					for (size_t x = 0; x < w; x++) sum[x] += line[2 * x] + line[2 * x + 1];
				} else {
					for (size_t x = 0; x < w; x++)
						for (int i = 0; i < scale; i++) sum[x] += line[x * scale + i];
				}
			}
			for (size_t x = 0; x < w; x++) to[x] = (sum[x] + half) / area;
		}
	}
	int failed = !line || !sum;
	free(line);
	free(sum);
	return failed;
}

int reduceColour(PIX *pix, int scale, uint8_t *to) {
	const words from = wordsOf(pix);
	size_t w = from.w / scale, h = from.h / scale;
	// Red and blue are summed in the halves of one word: 16 times 16 pixels fit.
	uint32_t *redBlue = malloc(w * sizeof *redBlue + 1), *green = malloc(w * sizeof *green + 1);
	uint32_t area = 10 * scale * scale;
	if (redBlue && green) {
		for (size_t y = 0; y < h; y++, to += w) {
			memset(redBlue, 0, w * sizeof *redBlue);
			memset(green, 0, w * sizeof *green);
			for (int k = 0; k < scale; k++) {
				const uint32_t *line = from.data + (int64_t)(y * scale + k) * from.wpl;
				for (size_t x = 0; x < w; x++)
					for (int i = 0; i < scale; i++, line++) {
						redBlue[x] += *line >> 8 & 0xff00ff;
						green[x] += *line >> 16 & 0xff;
					}
			}
			for (size_t x = 0; x < w; x++)
				to[x] = (3 * (redBlue[x] >> 16) + 5 * green[x] + 2 * (redBlue[x] & 0xffff) + area / 2) / area;
		}
	}
	int failed = !redBlue || !green;
	free(redBlue);
	free(green);
	return failed;
}

int shrink(PIX *pix, uint8_t *to, int w, int h) {
	const words from = wordsOf(pix);
	int n = channels(from);
	uint8_t *line = malloc((size_t)from.w * n);
	uint64_t *sum = malloc((size_t)w * n * sizeof *sum);
	if (line && sum) {
		for (int64_t y = 0; y < h; y++, to += 4 * (size_t)w) {
			int64_t top = y * from.h / h, low = (y + 1) * from.h / h;
			memset(sum, 0, (size_t)w * n * sizeof *sum);
			for (int64_t v = top; v < low; v++) {
				row(from, v, line);
				for (int64_t x = 0; x < w; x++) {
					int64_t left = x * from.w / w, right = (x + 1) * from.w / w;
					for (const uint8_t *p = line + left * n; p < line + right * n; p += n)
						for (int c = 0; c < n; c++) sum[x * n + c] += p[c];
				}
			}
			for (int64_t x = 0; x < w; x++) {
				uint64_t area = (uint64_t)(low - top) * ((x + 1) * from.w / w - x * from.w / w);
				for (int c = 0; c < 3; c++) to[4 * x + c] = (sum[x * n + (n == 3 ? c : 0)] + area / 2) / area;
				to[4 * x + 3] = 255;
			}
		}
	}
	int failed = !line || !sum;
	free(line);
	free(sum);
	return failed;
}
