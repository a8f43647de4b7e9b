/* SPDX-License-Identifier: MIT */
/* printf with %s, %d and the usual escapes; the rest is bash's. */
#include "shell/run.h"

/* A number as it is printed: without a sign to take away or another base. */
static bool
is_decimal(const char *text)
{
	const char *p = text + (*text == '-');
	size_t n = strspn(p, "0123456789");

	return n > 0 && n <= 18 && p[n] == '\0' && (*p != '0' || n == 1) &&
	       (*p != '0' || p == text);
}

/* The character of an escape; 0: bash's. */
static char
escaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case '\\':
		return '\\';
	default:
		return '\0';
	}
}

/* The format once.  *next: the argument that is taken next; those that are
 * not there are empty, or 0. */
static bool
format_once(struct snippet_run *r, const char *format, const char *const *args,
    size_t n, size_t *next)
{
	for (const char *p = format; *p != '\0'; p++) {
		const char *arg = *next < n ? args[*next] : NULL;

		if (*p == '\\') {
			char c = escaped(*++p);

			if (c == '\0')
				return false;
			sb_addc(&r->out, c);
			continue;
		}
		if (*p != '%') {
			sb_addc(&r->out, *p);
			continue;
		}
		p++;
		if (*p == '%') {
			sb_addc(&r->out, '%');
			continue;
		}
		if (*p != 's' && *p != 'd')
			return false;
		if (*p == 'd' && arg != NULL && !is_decimal(arg))
			return false;
		if (*p == 'd' && arg == NULL)
			arg = "0";
		if (arg != NULL)
			sb_adds(&r->out, arg);
		++*next;
	}
	return true;
}

/* As often as there are arguments for it. */
enum builtin_end
builtin_printf(struct snippet_run *r, const char *const *argv, size_t argc)
{
	size_t next = 0, n = argc - 2, before;

	if (argc < 2 || argv[1][0] == '-')
		return BUILTIN_BASHES;
	do {
		before = next;
		if (!format_once(r, argv[1], argv + 2, n, &next)) {
			sb_clear(&r->out);
			return BUILTIN_BASHES;
		}
	} while (next < n && next > before);
	r->status = 0;
	return BUILTIN_ENDED;
}
