/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/sha256.h"

#include <sha2.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_SHA_CODE 1
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t first[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
	0x1f83d9ab, 0x5be0cd19,
};

static void
blocks_by_library(uint32_t h[8], const uint8_t *p, size_t n)
{
	for (; n > 0; n--, p += 64)
		SHA256Transform(h, p);
}

#ifdef HAS_SHA_CODE
static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* The state is two vectors, as the instructions want it: a, b, e, f and c, d,
 * g, h; `w` holds the last 16 words of the schedule. */
__attribute__((target("sha,sse4.1,ssse3"))) static void
blocks_by_processor(uint32_t h[8], const uint8_t *p, size_t n)
{
	const __m128i swap =
	    _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i t = _mm_loadu_si128((const __m128i *)h);
	__m128i cdgh = _mm_loadu_si128((const __m128i *)(h + 4));
	__m128i abef;

	t = _mm_shuffle_epi32(t, 0xb1);
	cdgh = _mm_shuffle_epi32(cdgh, 0x1b);
	abef = _mm_alignr_epi8(t, cdgh, 8);
	cdgh = _mm_blend_epi16(cdgh, t, 0xf0);
	for (; n > 0; n--, p += 64) {
		const __m128i abef_before = abef, cdgh_before = cdgh;
		__m128i w[4], k;

		for (int i = 0; i < 4; i++)
			w[i] = _mm_shuffle_epi8(
			    _mm_loadu_si128((const __m128i *)(p + 16 * i)),
			    swap);
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			k = _mm_loadu_si128(
			    (const __m128i *)(constants + 4 * i));
			k = _mm_add_epi32(w[i % 4], k);
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, k);
			k = _mm_shuffle_epi32(k, 0x0e);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, k);
			k = _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4);
			k = _mm_add_epi32(
			    _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]), k);
			w[i % 4] = _mm_sha256msg2_epu32(k, w[(i + 3) % 4]);
		}
		abef = _mm_add_epi32(abef, abef_before);
		cdgh = _mm_add_epi32(cdgh, cdgh_before);
	}
	t = _mm_shuffle_epi32(abef, 0x1b);
	cdgh = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)h, _mm_blend_epi16(t, cdgh, 0xf0));
	_mm_storeu_si128((__m128i *)(h + 4), _mm_alignr_epi8(cdgh, t, 8));
}

static bool
has_instructions(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1U << 29) &&
	       __get_cpuid(1, &a, &b, &c, &d) && (c & 1U << 19) &&
	       (c & 1U << 9);
}
#endif

static void
sha256_blocks(uint32_t h[8], const uint8_t *p, size_t n)
{
#ifdef HAS_SHA_CODE
	static int has = -1;

	if (has < 0)
		has = has_instructions();
	if (has) {
		blocks_by_processor(h, p, n);
		return;
	}
#endif
	blocks_by_library(h, p, n);
}

void
sha256_begin(struct sha256 *s)
{
	*s = (struct sha256){ .n = 0 };
	memcpy(s->h, first, sizeof(first));
}

void
sha256_add(struct sha256 *s, const void *p, size_t n)
{
	const uint8_t *from = p;
	size_t have = s->n % 64, part;

	s->n += n;
	if (have > 0) {
		part = n < 64 - have ? n : 64 - have;
		memcpy(s->block + have, from, part);
		if (have + part < 64)
			return;
		sha256_blocks(s->h, s->block, 1);
		from += part;
		n -= part;
	}
	sha256_blocks(s->h, from, n / 64);
	if (n % 64 > 0)
		memcpy(s->block, from + n - n % 64, n % 64);
}

void
sha256_end(struct sha256 *s, uint8_t out[SHA256_SIZE])
{
	static const uint8_t pad[64] = { 0x80 };
	uint64_t bits = s->n * 8;
	uint8_t length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(s, pad, 1 + (119 - s->n % 64) % 64);
	sha256_add(s, length, sizeof(length));
	for (int i = 0; i < SHA256_SIZE; i++)
		out[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void
sha256_digits(const uint8_t sum[SHA256_SIZE], char out[SHA256_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < SHA256_SIZE; i++) {
		out[2 * i] = digits[sum[i] >> 4];
		out[2 * i + 1] = digits[sum[i] & 15];
	}
	out[SHA256_HEX] = '\0';
}

void
sha256_text(sv text, char out[SHA256_HEX + 1])
{
	uint8_t sum[SHA256_SIZE];
	struct sha256 s;

	sha256_begin(&s);
	sha256_add(&s, text.p, text.n);
	sha256_end(&s, sum);
	sha256_digits(sum, out);
}

bool
sha256_is_digits(sv text)
{
	for (size_t i = 0; i < text.n; i++)
		if (hex_value((unsigned char)text.p[i]) < 0 ||
		    (text.p[i] >= 'A' && text.p[i] <= 'F'))
			return false;
	return text.n == SHA256_HEX;
}

bool
sha256_of_digits(const char *digits, uint8_t out[SHA256_SIZE])
{
	if (!sha256_is_digits(sv_of(digits)))
		return false;
	for (size_t i = 0; i < SHA256_SIZE; i++)
		out[i] = (uint8_t)(hex_value((unsigned char)digits[2 * i]) * 16 +
				   hex_value((unsigned char)digits[2 * i + 1]));
	return true;
}
