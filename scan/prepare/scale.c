#include "copy.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// taps say which samples of a line a sample of the scaled line is mixed from.
typedef struct {
	int32_t first, n;
	int32_t *weight; // n of them, together 1 << 14
} taps;

// cubic is the interpolation of R. Keys with a = -1/2 (IEEE ASSP-29, 1981).
static double cubic(double x) {
	x = fabs(x);
	if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
	if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
	return 0;
}

static taps *tapsFor(int64_t from, int64_t to) {
	double step = (double)from / to;
	int most = step > 1 ? (int)ceil(step) + 2 : 6;
	taps *t = calloc(to, sizeof *t);
	int32_t *all = calloc(to * most, sizeof *all);
	double *w = calloc(most, sizeof *w);
	if (!t || !all || !w) {
		free(t), free(all), free(w);
		return NULL;
	}
	for (int64_t i = 0; i < to; i++) {
		double low = i * step, high = (i + 1) * step, sum = 0;
		int64_t a, b; // of samples, b is exclusive
		if (step > 1) {
			a = (int64_t)floor(low), b = (int64_t)ceil(high - 1e-9);
		} else {
			a = (int64_t)floor((low + high) / 2 - 0.5) - 1, b = a + 4;
		}
		int64_t first = a < 0 ? 0 : a, last = b > from ? from : b;
		memset(w, 0, most * sizeof *w);
		for (int64_t k = a; k < b; k++) {
			double v = step > 1 ? fmin(k + 1, high) - fmax(k, low) : cubic(k + 0.5 - (low + high) / 2);
			int64_t at = k < first ? first : k >= last ? last - 1 : k; // edges go on
			w[at - first] += v, sum += v;
		}
		t[i] = (taps){first, last - first, all + i * most};
		int32_t left = 1 << 14, best = 0;
		for (int32_t k = 0; k < t[i].n; k++) {
			t[i].weight[k] = (int32_t)lround(w[k] / sum * (1 << 14));
			left -= t[i].weight[k];
			if (t[i].weight[k] > t[i].weight[best]) best = k;
		}
		t[i].weight[best] += left; // flat areas stay exactly as they are
	}
	free(w);
	return t;
}

static void drop(taps *t) {
	if (t) free(t[0].weight);
	free(t);
}

static inline int32_t clamp(int64_t v) {
	v = (v + (1 << 13)) >> 14;
	return v < 0 ? 0 : v > 255 ? 255 : (int32_t)v;
}

int scaleInto(PIX *into, PIX *source) {
	const words to = wordsOf(into), from = wordsOf(source);
	int n = from.d == 32 ? 3 : 1;
	taps *across = tapsFor(from.w, to.w), *down = tapsFor(from.h, to.h);
	size_t width = (size_t)to.w * n;
	// Lines that are scaled across and wait for those below, as a ring.
	int ring = 8;
	while (down && ring < down[0].n + 4 * (1 + from.h / to.h)) ring *= 2;
	uint8_t *lines = malloc(width * ring);
	int64_t *sum = malloc(width * sizeof *sum);
	int failed = !across || !down || !lines || !sum;
	int64_t done = 0;
	for (int64_t y = 0; !failed && y < to.h; y++) {
		taps d = down[y];
		for (; done < d.first + d.n; done++) {
			const uint32_t *line = from.data + done * from.wpl;
			uint8_t *out = lines + width * (done % ring);
			for (int64_t x = 0; x < to.w; x++) {
				taps a = across[x];
				int64_t r = 0, g = 0, b = 0;
				for (int32_t k = 0; k < a.n; k++) {
					int32_t w = a.weight[k];
					if (n == 1) {
						r += (int64_t)w * GET_DATA_BYTE(line, a.first + k);
					} else {
						uint32_t v = line[a.first + k];
						r += (int64_t)w * (v >> 24), g += (int64_t)w * (v >> 16 & 255), b += (int64_t)w * (v >> 8 & 255);
					}
				}
				out[x * n] = clamp(r);
				if (n == 3) out[x * n + 1] = clamp(g), out[x * n + 2] = clamp(b);
			}
		}
		memset(sum, 0, width * sizeof *sum);
		for (int32_t k = 0; k < d.n; k++) {
			const uint8_t *line = lines + width * ((d.first + k) % ring);
			int32_t w = d.weight[k];
			for (size_t x = 0; x < width; x++) sum[x] += (int64_t)w * line[x];
		}
		uint32_t *line = to.data + y * to.wpl;
		for (int64_t x = 0; x < to.w; x++) {
			if (n == 1) {
				SET_DATA_BYTE(line, x, clamp(sum[x]));
			} else {
				line[x] = (uint32_t)clamp(sum[3 * x]) << 24 | clamp(sum[3 * x + 1]) << 16 | clamp(sum[3 * x + 2]) << 8;
			}
		}
	}
	drop(across), drop(down), free(lines), free(sum);
	return failed;
}
