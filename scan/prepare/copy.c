#include "copy.h"
#include <string.h>

void copyGrey(words from, uint8_t *to) {
	size_t w = from.w, whole = w / 4;
	for (int64_t y = 0; y < from.h; y++, to += w) {
		const uint32_t *line = from.data + y * from.wpl;
		for (size_t i = 0; i < whole; i++) {
			uint32_t v = __builtin_bswap32(line[i]);
			memcpy(to + 4 * i, &v, 4);
		}
		for (size_t x = 4 * whole; x < w; x++) to[x] = line[x / 4] >> (24 - 8 * (x % 4));
	}
}

// expanded gives the eight pixels of a byte: 1 becomes 0 and 0 becomes 255. The
// leftmost pixel, the highest bit, is the lowest byte.
static inline uint64_t expanded(uint64_t bits) {
	uint64_t ink = bits * 0x0101010101010101 & 0x0102040810204080; // each byte keeps its own bit
	ink = (ink + 0x7f7f7f7f7f7f7f7f) >> 7 & 0x0101010101010101;
	return ~(ink * 255);
}

void copyBits(words from, uint8_t *to) {
	size_t w = from.w, whole = w / 8;
	for (int64_t y = 0; y < from.h; y++, to += w) {
		const uint32_t *line = from.data + y * from.wpl;
		for (size_t i = 0; i < whole; i++) {
			uint64_t eight = expanded(line[i / 4] >> (24 - 8 * (i % 4)) & 255);
			memcpy(to + 8 * i, &eight, 8);
		}
		for (size_t x = 8 * whole; x < w; x++) to[x] = line[x / 32] >> (31 - x % 32) & 1 ? 0 : 255;
	}
}

void copyLuminance(words from, uint8_t *to) {
	const float r = L_RED_WEIGHT, g = L_GREEN_WEIGHT, b = L_BLUE_WEIGHT;
	size_t w = from.w;
	for (int64_t y = 0; y < from.h; y++, to += w) {
		const uint32_t *line = from.data + y * from.wpl;
		for (size_t x = 0; x < w; x++) {
			uint32_t v = line[x];
			to[x] = (uint8_t)(r * (int)(v >> 24) + g * (int)(v >> 16 & 255) + b * (int)(v >> 8 & 255) + 0.5);
		}
	}
}

void copyRGBA(words from, uint8_t *to) {
	size_t w = from.w;
	for (int64_t y = 0; y < from.h; y++, to += 4 * w) {
		const uint32_t *line = from.data + y * from.wpl;
		for (size_t x = 0; x < w; x++) {
			uint32_t v = __builtin_bswap32(line[x] | 255);
			memcpy(to + 4 * x, &v, 4);
		}
	}
}
