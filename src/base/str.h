/* SPDX-License-Identifier: MIT */
/*
 * Strings: `sv` to read (pointer and length), `struct sb` to build.  What comes
 * out of an arena or an sb has a NUL behind it; an sv in general has not.
 * May include: arena.h.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

typedef struct sv {
	const char *p;
	size_t n;
} sv;

#define SV(literal) ((sv){ "" literal, sizeof(literal) - 1 })
/* For printf: "%.*s", SV_ARG(s). */
#define SV_ARG(s) (int)(s).n, (s).n ? (s).p : ""

static inline sv
sv_of(const char *s)
{
	return (sv){ s, s ? strlen(s) : 0 };
}

static inline bool
sv_eq(sv a, sv b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool
sv_is(sv a, const char *s)
{
	return sv_eq(a, sv_of(s));
}

static inline bool
sv_starts(sv s, sv prefix)
{
	return s.n >= prefix.n && sv_eq((sv){ s.p, prefix.n }, prefix);
}

/* The same for a text with a NUL behind it: most do not begin like that, and
 * are other ones at once. */
static inline bool
str_starts(const char *s, const char *prefix)
{
	for (; *prefix != '\0'; s++, prefix++)
		if (*s != *prefix)
			return false;
	return true;
}

/* Part from `from` (clamped) of at most `n` bytes; SIZE_MAX means the rest. */
static inline sv
sv_sub(sv s, size_t from, size_t n)
{
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	/* an empty text may have no bytes at all to add to */
	return (sv){ from > 0 ? s.p + from : s.p, n };
}

/* ASCII only, whatever the locale. */
static inline bool
is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}
static inline bool
is_name_byte(uint32_t c)
{
	return is_digit(c) || c == '_' ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}
/* Of a digit of base 16; -1: it is none. */
static inline int
hex_value(uint32_t c)
{
	if (is_digit(c))
		return (int)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (int)(c - 'a') + 10 : -1;
}
/* Nothing but white space, or NULL. */
bool is_blank(const char *text);
/* Bytewise order, shorter first where one is a prefix: <0, 0, >0. */
int sv_cmp(sv a, sv b);
bool sv_ends(sv s, sv suffix);
/* First place of `needle` at or after `from`; -1 when there is none. */
ptrdiff_t sv_find(sv s, sv needle, size_t from);
ptrdiff_t sv_find_char(sv s, char c, size_t from);
/* Without ASCII white space at both ends. */
sv sv_trim(sv s);
/* Cuts at the first `c`: *head gets what is before it, the rest is returned
 * without it.  false when there is no `c` (then *head is all). */
bool sv_cut(sv s, char c, sv *head, sv *tail);
sv sv_dup(struct arena *a, sv s);
char *sv_cstr(struct arena *a, sv s);

/* "256M", "2GiB", "1024": bytes; -1 when it is no size. */
int64_t size_parse(const char *text);
/* Go's strconv.ParseBool: 1, t, T, true, True, TRUE and their opposites; false
 * for any other text (NULL too). */
bool go_bool_parse(const char *text, bool *out);
/* Go's strconv.ParseInt of 64 bits; base 10, or 0: prefixes 0x, 0o, 0b and 0,
 * and underscores between digits.  *range tells a number that is too big from
 * a text that is none. */
bool go_int_parse(const char *text, int base, int64_t *out, bool *range);

/* Growing buffer on the heap; SB_INIT or all zero is empty. */
struct sb {
	char *p;
	size_t n, cap;
};
#define SB_INIT { NULL, 0, 0 }

void sb_free(struct sb *b);
void sb_cleanup(struct sb *b);
#define cleanup_sb __attribute__((cleanup(sb_cleanup)))
void sb_reserve(struct sb *b, size_t more);
static inline void
sb_add(struct sb *b, const char *p, size_t n)
{
	if (n == 0)
		return;
	if (b->cap - b->n <= n)
		sb_reserve(b, n);
	memcpy(b->p + b->n, p, n);
	b->n += n;
}
static inline void
sb_addc(struct sb *b, char c)
{
	/* one byte is kept for the NUL of sb_cstr() */
	if (b->cap - b->n < 2)
		sb_reserve(b, 1);
	b->p[b->n++] = c;
}
static inline void
sb_adds(struct sb *b, const char *s)
{
	sb_add(b, s, strlen(s));
}
static inline void
sb_addv(struct sb *b, sv s)
{
	sb_add(b, s.p, s.n);
}
void sb_pad(struct sb *b, char c, size_t n);
/* A number as %lld, %llu and %016llx write it: what is written for every task
 * of thousands goes without printf. */
void sb_int(struct sb *b, int64_t n);
void sb_uint(struct sb *b, uint64_t n);
void sb_hex16(struct sb *b, uint64_t n);
/* The last of them alone, with a NUL. */
void hex16(char out[17], uint64_t n);
void sb_printf(struct sb *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void sb_vprintf(struct sb *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* The text with a NUL behind it, owned by the buffer. */
const char *sb_cstr(struct sb *b);
static inline sv
sb_sv(const struct sb *b)
{
	return (sv){ b->p, b->n };
}
/* Copy into an arena; the buffer is left empty and keeps its memory. */
sv sb_take(struct sb *b, struct arena *a);
void sb_clear(struct sb *b);
/* Appends `s` as Go's strconv.Quote writes it, with the double quotes. */
void sb_quote_go(struct sb *b, sv s);
/* One rune in single quotes, as Go's %q writes it. */
void sb_quote_rune(struct sb *b, uint32_t rune);
/* sb_quote_go() as an arena string, for messages (C-127). */
char *quote_go(struct arena *a, sv s);

#endif
