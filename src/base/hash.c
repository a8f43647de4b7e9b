/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <sha1.h>
#include <sha2.h>
#include <stdlib.h>
#include <xxhash.h>

uint64_t
hash64(sv s)
{
	return XXH3_64bits(s.n ? s.p : "", s.n);
}

struct xxh128 *
xxh128_new(void)
{
	XXH3_state_t *h = XXH3_createState();

	if (h == NULL)
		BUG("no memory for a hash");
	XXH3_128bits_reset(h);
	return (struct xxh128 *)h;
}

void
xxh128_add(struct xxh128 *h, const void *p, size_t n)
{
	XXH3_128bits_update((XXH3_state_t *)h, p, n);
}

void
xxh128_end(struct xxh128 *h, uint64_t *high, uint64_t *low)
{
	XXH128_hash_t sum = XXH3_128bits_digest((XXH3_state_t *)h);

	XXH3_freeState((XXH3_state_t *)h);
	*high = sum.high64;
	*low = sum.low64;
}

void
xxh128_of(sv s, uint64_t *high, uint64_t *low)
{
	XXH128_hash_t sum = XXH3_128bits(s.n ? s.p : "", s.n);

	*high = sum.high64;
	*low = sum.low64;
}

static char *
hex(struct arena *a, const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *out = arena_alloc(a, 2 * n + 1);

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	return out;
}

char *
sha1_hex(struct arena *a, sv s)
{
	unsigned char sum[SHA1_DIGEST_LENGTH];
	SHA1_CTX ctx;

	SHA1Init(&ctx);
	SHA1Update(&ctx, (const uint8_t *)s.p, s.n);
	SHA1Final(sum, &ctx);
	return hex(a, sum, sizeof(sum));
}

char *
sha256_hex(struct arena *a, sv s)
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)s.p, s.n);
	SHA256Final(sum, &ctx);
	return hex(a, sum, sizeof(sum));
}

uint32_t
adler32_of(sv s)
{
	uint32_t a = 1, b = 0;

	for (size_t i = 0; i < s.n; i++) {
		a = (a + (unsigned char)s.p[i]) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}
