/* SPDX-License-Identifier: MIT */
#include "base/hmac.h"

enum {
	HMAC_BLOCK = 64
};

/* SHA-256 of the key, each byte of it changed by `mask`, and the text. */
static void
hmac_pass(const uint8_t *key, uint8_t mask, sv text, uint8_t *out)
{
	uint8_t block[HMAC_BLOCK];
	struct sha256 s;

	for (size_t i = 0; i < HMAC_BLOCK; i++)
		block[i] = key[i] ^ mask;
	sha256_begin(&s);
	sha256_add(&s, block, sizeof(block));
	sha256_add(&s, text.p, text.n);
	sha256_end(&s, out);
}

void
hmac_sha256(sv key, sv text, char out[SHA256_HEX + 1])
{
	uint8_t block[HMAC_BLOCK] = { 0 }, sum[SHA256_SIZE];
	struct sha256 s;

	if (key.n > HMAC_BLOCK) {
		sha256_begin(&s);
		sha256_add(&s, key.p, key.n);
		sha256_end(&s, block);
	} else if (key.n > 0) {
		memcpy(block, key.p, key.n);
	}
	hmac_pass(block, 0x36, text, sum);
	hmac_pass(block, 0x5c, (sv){ (const char *)sum, sizeof(sum) }, sum);
	sha256_digits(sum, out);
}

bool
hmac_equal(sv a, sv b)
{
	unsigned differs = a.n != b.n;

	for (size_t i = 0; i < a.n && i < b.n; i++)
		differs |= (unsigned char)a.p[i] ^ (unsigned char)b.p[i];
	return differs == 0;
}
