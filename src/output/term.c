/* SPDX-License-Identifier: MIT */
#include "output/term.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/io.h"

static const struct {
	const char *env, *code;
} colors[COLOR_COUNT] = {
	[COLOR_DEFAULT] = { "TASK_COLOR_RESET", "0" },
	[COLOR_RED] = { "TASK_COLOR_RED", "31" },
	[COLOR_GREEN] = { "TASK_COLOR_GREEN", "32" },
	[COLOR_YELLOW] = { "TASK_COLOR_YELLOW", "33" },
	[COLOR_BLUE] = { "TASK_COLOR_BLUE", "34" },
	[COLOR_MAGENTA] = { "TASK_COLOR_MAGENTA", "35" },
	[COLOR_CYAN] = { "TASK_COLOR_CYAN", "36" },
	[COLOR_BRIGHT_RED] = { "TASK_COLOR_BRIGHT_RED", "91" },
	[COLOR_BRIGHT_GREEN] = { "TASK_COLOR_BRIGHT_GREEN", "92" },
	[COLOR_BRIGHT_YELLOW] = { "TASK_COLOR_BRIGHT_YELLOW", "93" },
	[COLOR_BRIGHT_BLUE] = { "TASK_COLOR_BRIGHT_BLUE", "94" },
	[COLOR_BRIGHT_MAGENTA] = { "TASK_COLOR_BRIGHT_MAGENTA", "95" },
	[COLOR_BRIGHT_CYAN] = { "TASK_COLOR_BRIGHT_CYAN", "96" },
};

static bool
is_term_number(sv s)
{
	if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
		s = sv_sub(s, 1, s.n);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

static bool
all_numbers(sv rest, char separator)
{
	sv part;
	bool more;

	do {
		more = sv_cut(rest, separator, &part, &rest);
		if (!is_term_number(part))
			return false;
	} while (more);
	return true;
}

/* C-133: three comma parts are R,G,B; else integers between semicolons. */
static const char *
color_code(struct arena *a, const char *text, const char *fallback)
{
	int commas = 0;
	char *code;

	if (text == NULL || *text == '\0')
		return fallback;
	for (const char *p = text; *p != '\0'; p++)
		commas += *p == ',';
	if (!all_numbers(sv_of(text), commas == 2 ? ',' : ';'))
		return fallback;
	if (commas != 2)
		return arena_strdup(a, text);
	code = arena_printf(a, "38;2;%s", text);
	for (char *p = code; *p != '\0'; p++)
		if (*p == ',')
			*p = ';';
	return code;
}

static bool
is_term_given(const char *s)
{
	return s != NULL && *s != '\0';
}

static bool
wants_color(int forced, const char *(*env)(void *ctx, const char *), void *ctx)
{
	const char *term = env(ctx, "TERM");
	bool ci = false;

	if (is_term_given(env(ctx, "NO_COLOR")))
		return false;
	if (forced >= 0)
		return forced;
	if (is_term_given(env(ctx, "FORCE_COLOR")) ||
	    (go_bool_parse(env(ctx, "CI"), &ci) && ci))
		return true;
	return isatty(STDOUT_FILENO) &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

/* As libc decides it, without its tables of locales. */
static bool
is_utf8_locale(const char *(*env)(void *ctx, const char *), void *ctx)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *text = NULL, *codeset;

	for (size_t i = 0; i < 3 && !is_term_given(text); i++)
		text = env(ctx, names[i]);
	if (!is_term_given(text))
		return false;
	codeset = strchr(text, '.');
	codeset = codeset != NULL ? codeset + 1 : text;
	return strncasecmp(codeset, "utf-8", 5) == 0 ||
	       strncasecmp(codeset, "utf8", 4) == 0;
}

static bool
wants_ascii(const char *(*env)(void *ctx, const char *), void *ctx)
{
	const char *term = env(ctx, "TERM");

	return is_term_given(env(ctx, "NO_COLOR")) ||
	    !is_utf8_locale(env, ctx) ||
	    (term != NULL && strcmp(term, "dumb") == 0);
}

void
term_init(struct arena *a, struct term *t, int forced,
    const char *(*env)(void *ctx, const char *), void *ctx)
{
	*t = (struct term){ .color = wants_color(forced, env, ctx),
		.ascii = wants_ascii(env, ctx) };
	for (int i = 0; i < COLOR_COUNT; i++)
		t->codes[i] = color_code(a, env(ctx, colors[i].env),
		    colors[i].code);
}

void
term_hold(struct term *t)
{
	if (t->before != NULL)
		t->before(t->ctx);
}

void
term_write(struct term *t, int fd, sv text)
{
	if (text.n == 0)
		return;
	if (t->redirect != NULL) {
		t->redirect(t->redirect_to, fd, text);
		return;
	}
	term_hold(t);
	if (!write_all(fd, text.p, text.n) && fd == STDOUT_FILENO &&
	    !t->stdout_failed) {
		t->stdout_errno = errno;
		t->stdout_failed = true;
	}
}

void
term_add(const struct term *t, struct sb *out, enum color c, sv text)
{
	if (!t->color) {
		sb_addv(out, text);
		return;
	}
	sb_printf(out, "\033[%sm", t->codes[c]);
	sb_addv(out, text);
	sb_adds(out, "\033[0m");
}

/* Bytes of the control character at the head, 0: it is none. */
static size_t
control_at(sv s)
{
	unsigned char c = (unsigned char)s.p[0];

	if (c < 0x20 || c == 0x7f)
		return 1;
	return c == 0xc2 && s.n > 1 && (unsigned char)s.p[1] >= 0x80 &&
		       (unsigned char)s.p[1] < 0xa0
		   ? 2
		   : 0;
}

/* Bytes at the head that are shown as they are. */
static size_t
plain_bytes(sv s, bool lines)
{
	size_t n = 0;

	for (; n < s.n; n++) {
		unsigned char c = (unsigned char)s.p[n];

		if (c >= 0x20 && c != 0x7f && c != 0xc2)
			continue;
		if (!(lines && (c == '\n' || c == '\t')))
			break;
	}
	return n;
}

void
term_add_shown(struct sb *out, sv text, bool lines)
{
	for (size_t i = 0; i < text.n;) {
		sv rest = sv_sub(text, i, SIZE_MAX);
		size_t plain = plain_bytes(rest, lines), n;

		sb_add(out, rest.p, plain);
		i += plain;
		if (i == text.n)
			return;
		rest = sv_sub(text, i, SIZE_MAX);
		n = control_at(rest);
		if (n == 0)
			sb_addc(out, *rest.p);
		else if (n == 1)
			sb_printf(out, "\\x%02x", (unsigned char)*rest.p);
		else
			sb_printf(out, "\\u%04x", (unsigned char)rest.p[1]);
		i += n > 0 ? n : 1;
	}
}

const char *
term_shown(struct arena *a, const char *text)
{
	struct sb b cleanup_sb = SB_INIT;

	term_add_shown(&b, sv_of(text), false);
	return sb_take(&b, a).p;
}

void
term_add_said(const struct term *t, struct sb *out, sv text)
{
	struct sb masked cleanup_sb = SB_INIT;

	if (t->raw) {
		sb_addv(out, text);
		return;
	}
	if (secrets_count(t->secrets) == 0) {
		term_add_shown(out, text, true);
		return;
	}
	secrets_mask(t->secrets, text, &masked);
	term_add_shown(out, sb_sv(&masked), true);
}

void
term_say(struct term *t, int fd, sv text)
{
	struct sb masked cleanup_sb = SB_INIT;

	if (t->raw || secrets_count(t->secrets) == 0) {
		term_write(t, fd, text);
		return;
	}
	secrets_mask(t->secrets, text, &masked);
	term_write(t, fd, sb_sv(&masked));
}

void
term_print(struct term *t, int fd, enum color c, const char *fmt, ...)
{
	struct sb text cleanup_sb = SB_INIT;
	struct sb shown cleanup_sb = SB_INIT;
	struct sb line cleanup_sb = SB_INIT;
	va_list ap;

	va_start(ap, fmt);
	sb_vprintf(&text, fmt, ap);
	va_end(ap);
	term_add_said(t, &shown, sb_sv(&text));
	term_add(t, &line, c, sb_sv(&shown));
	term_write(t, fd, sb_sv(&line));
}

int
term_answer_add(struct term_answer *a, int c)
{
	/* what ends without a newline was not meant to be sent */
	if (c < 0)
		return -1;
	if (c != '\n') {
		if (a->n < sizeof(a->text) && (a->n > 0 || !isspace(c)))
			a->text[a->n++] = (char)tolower(c);
		return TERM_ANSWER_GOES_ON;
	}
	while (a->n > 0 && isspace((unsigned char)a->text[a->n - 1]))
		a->n--;
	return (a->n == 1 && a->text[0] == 'y') ||
	       (a->n == 3 && memcmp(a->text, "yes", 3) == 0);
}

void
term_ask_begin(struct term *t, const char *text)
{
	term_print(t, STDOUT_FILENO, COLOR_YELLOW, "%s [y/N]: ", text);
}

int
term_ask(struct term *t, const char *text)
{
	struct term_answer a = { .n = 0 };
	int answer;

	term_ask_begin(t, text);
	do {
		unsigned char c;
		ssize_t n;

		do {
			n = read(STDIN_FILENO, &c, 1);
		} while (n < 0 && errno == EINTR);
		answer = term_answer_add(&a, n == 1 ? c : -1);
	} while (answer == TERM_ANSWER_GOES_ON);
	return answer;
}
