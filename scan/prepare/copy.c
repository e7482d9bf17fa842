#include "copy.h"
#include <string.h>

void copyGrey(const PIX *pix, uint8_t *to) {
	size_t w = pix->w, whole = w / 4;
	for (size_t y = 0; y < pix->h; y++, to += w) {
		const uint32_t *line = pix->data + y * pix->wpl;
		for (size_t i = 0; i < whole; i++) {
			uint32_t v = __builtin_bswap32(line[i]);
			memcpy(to + 4 * i, &v, 4);
		}
		for (size_t x = 4 * whole; x < w; x++) to[x] = line[x / 4] >> (24 - 8 * (x % 4));
	}
}

void copyBits(const PIX *pix, uint8_t *to) {
	static uint64_t eight[256]; // eight pixels a byte; filled anew to the same values by any thread
	for (int b = 0; b < 256; b++) {
		uint8_t p[8];
		for (int i = 0; i < 8; i++) p[i] = b >> (7 - i) & 1 ? 0 : 255;
		memcpy(&eight[b], p, 8);
	}
	size_t w = pix->w, whole = w / 8;
	for (size_t y = 0; y < pix->h; y++, to += w) {
		const uint32_t *line = pix->data + y * pix->wpl;
		for (size_t i = 0; i < whole; i++) memcpy(to + 8 * i, &eight[line[i / 4] >> (24 - 8 * (i % 4)) & 255], 8);
		for (size_t x = 8 * whole; x < w; x++) to[x] = line[x / 32] >> (31 - x % 32) & 1 ? 0 : 255;
	}
}

void copyLuminance(const PIX *pix, uint8_t *to) {
	const float r = L_RED_WEIGHT, g = L_GREEN_WEIGHT, b = L_BLUE_WEIGHT;
	size_t w = pix->w;
	for (size_t y = 0; y < pix->h; y++, to += w) {
		const uint32_t *line = pix->data + y * pix->wpl;
		for (size_t x = 0; x < w; x++) {
			uint32_t v = line[x];
			to[x] = (uint8_t)(r * (int)(v >> 24) + g * (int)(v >> 16 & 255) + b * (int)(v >> 8 & 255) + 0.5);
		}
	}
}

void copyRGBA(const PIX *pix, uint8_t *to) {
	size_t w = pix->w;
	for (size_t y = 0; y < pix->h; y++, to += 4 * w) {
		const uint32_t *line = pix->data + y * pix->wpl;
		for (size_t x = 0; x < w; x++) {
			uint32_t v = __builtin_bswap32(line[x] | 255);
			memcpy(to + 4 * x, &v, 4);
		}
	}
}
