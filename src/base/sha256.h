/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 in pieces, by the processor's own instructions where it has them:
 * about a fifth of the time that the library takes.
 * May include: arena.h, str.h; libmd.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/str.h"

enum {
	SHA256_SIZE = 32,
	SHA256_HEX = 64, /* digits, without a NUL */
};

struct sha256 {
	uint32_t h[8];
	uint64_t n; /* bytes so far */
	uint8_t block[64];
};

void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *p, size_t n);
void sha256_end(struct sha256 *s, uint8_t out[SHA256_SIZE]);
/* The digest of a text, in lower-case digits with a NUL behind them. */
void sha256_text(sv text, char out[SHA256_HEX + 1]);
void sha256_digits(const uint8_t sum[SHA256_SIZE], char out[SHA256_HEX + 1]);
/* Such digits as a digest; false: they are none. */
bool sha256_of_digits(const char *digits, uint8_t out[SHA256_SIZE]);
/* Is it a digest in such digits? */
bool sha256_is_digits(sv text);

#endif
