#include "copy.h"
#include <math.h>
#include <stdlib.h>

// sums of greys and of their squares in a window that moves over the picture.
typedef struct {
	int64_t w, h, half;
	const uint8_t *grey;
	uint32_t *sum, *squares; // of each column, over the rows of the window
} window;

static int newWindow(window *s, const uint8_t *grey, int64_t w, int64_t h, int64_t half) {
	*s = (window){w, h, half, grey, calloc(w, sizeof *s->sum), calloc(w, sizeof *s->squares)};
	return !s->sum || !s->squares;
}

static void dropWindow(window *s) { free(s->sum), free(s->squares); }

static void addRow(window *s, int64_t y, int sign) {
	if (y < 0 || y >= s->h) return;
	const uint8_t *line = s->grey + y * s->w;
	for (int64_t x = 0; x < s->w; x++) {
		s->sum[x] += sign * line[x];
		s->squares[x] += sign * line[x] * line[x];
	}
}

// toRow moves the window to row y, which must be the next one or the first.
static void toRow(window *s, int64_t y) {
	if (y == 0) {
		for (int64_t v = 0; v <= s->half; v++) addRow(s, v, 1);
	} else {
		addRow(s, y + s->half, 1);
		addRow(s, y - s->half - 1, -1);
	}
}

// statistics gives mean and deviation around each pixel of the row that s is at.
static void statistics(const window *s, int64_t y, float *mean, float *deviation) {
	int64_t top = y - s->half < 0 ? 0 : y - s->half, low = y + s->half >= s->h ? s->h - 1 : y + s->half;
	int64_t sum = 0, squares = 0;
	for (int64_t x = 0; x <= s->half && x < s->w; x++) sum += s->sum[x], squares += s->squares[x];
	for (int64_t x = 0; x < s->w; x++) {
		int64_t left = x - s->half < 0 ? 0 : x - s->half, right = x + s->half >= s->w ? s->w - 1 : x + s->half;
		if (x > 0) {
			if (x + s->half < s->w) sum += s->sum[x + s->half], squares += s->squares[x + s->half];
			if (x - s->half > 0) sum -= s->sum[x - s->half - 1], squares -= s->squares[x - s->half - 1];
		}
		double n = (double)((low - top + 1) * (right - left + 1)), m = sum / n, v = squares / n - m * m;
		mean[x] = m, deviation[x] = v > 0 ? sqrt(v) : 0;
	}
}

int localThreshold(PIX *into, const uint8_t *grey, int half, double k) {
	const words to = wordsOf(into);
	const double most = 128; // the largest deviation of 8 bit greys
	window s;
	int failed = newWindow(&s, grey, to.w, to.h, half);
	float *mean = malloc(to.w * sizeof *mean), *deviation = malloc(to.w * sizeof *deviation);
	failed |= !mean || !deviation;
	for (int64_t y = 0; y < to.h && !failed; y++) {
		toRow(&s, y);
		statistics(&s, y, mean, deviation);
		uint32_t *line = to.data + y * to.wpl;
		const uint8_t *from = grey + y * to.w;
		for (int64_t x = 0; x < to.w; x++)
			if (from[x] < mean[x] * (1 - k * (1 - deviation[x] / most))) SET_DATA_BIT(line, x);
	}
	free(mean), free(deviation), dropWindow(&s);
	return failed;
}
