/* SPDX-License-Identifier: MIT */
/* 00-TRACE-SPAN-FLAGS, in 32, 16 and 2 digits. */
#include "base/trace_context.h"

#include <string.h>

#include "base/hash.h"

static const char trace_digits[] = "0123456789abcdef";

/* n digits, of which one is not 0 where `some` says so. */
static bool
trace_part(const char *text, size_t n, bool some, char *out)
{
	if (strspn(text, trace_digits) < n || (some && strspn(text, "0") >= n))
		return false;
	memcpy(out, text, n);
	out[n] = '\0';
	return true;
}

/* Later versions may have more behind it. */
static bool
trace_has_form(const char *text)
{
	size_t n = strlen(text);
	bool is_first = strncmp(text, "00", 2) == 0;

	return n >= TRACE_TEXT - 1 && text[2] == '-' && text[35] == '-' &&
	       text[52] == '-' && strncmp(text, "ff", 2) != 0 &&
	       strspn(text, trace_digits) == 2 &&
	       (n == TRACE_TEXT - 1 || (!is_first && text[55] == '-'));
}

bool
trace_context_read(const char *text, struct trace_context *out)
{
	if (text != NULL && trace_has_form(text) &&
	    trace_part(text + 3, 32, true, out->trace) &&
	    trace_part(text + 36, 16, true, out->span) &&
	    trace_part(text + 53, 2, false, out->flags))
		return true;
	*out = (struct trace_context){ 0 };
	return false;
}

void
trace_context_write(const struct trace_context *t, char out[TRACE_TEXT])
{
	memcpy(out, "00-", 3);
	memcpy(out + 3, t->trace, 32);
	out[35] = '-';
	memcpy(out + 36, t->span, 16);
	out[52] = '-';
	memcpy(out + 53, t->flags, 3);
}

void
trace_context_begin(sv seed, struct trace_context *out)
{
	struct arena *a cleanup_arena = arena_new();
	const char *hex = sha256_hex(a, seed);

	*out = (struct trace_context){ .flags = "01" };
	memcpy(out->trace, hex, 32);
	memcpy(out->span, hex + 32, 16);
}

void
trace_context_below(const struct trace_context *run, char kind, unsigned n,
    struct trace_context *out)
{
	struct sb seed cleanup_sb = SB_INIT;
	uint64_t span;

	sb_adds(&seed, run->trace);
	sb_addc(&seed, '-');
	sb_adds(&seed, run->span);
	sb_addc(&seed, '-');
	sb_addc(&seed, kind);
	sb_uint(&seed, n);
	span = hash64(sb_sv(&seed));
	*out = *run;
	hex16(out->span, span != 0 ? span : 1);
}
