/* SPDX-License-Identifier: MIT */
/* Builtins of both shells, as far as they are alike. */
#include "exec/posix_reader.h"

#include <stdlib.h>

#include "exec/shell_words.h"

static const struct posix_word *
word_at(const struct posix_simple *c, size_t i)
{
	return i < c->words.n ? &c->words.v[i] : NULL;
}

static bool
word_is(const struct posix_word *w, const char *text)
{
	return w != NULL && w->literal && strcmp(w->text, text) == 0;
}

static bool
takes_anything(struct posix *p, struct posix_simple *c)
{
	(void)p;
	(void)c;
	return true;
}

static bool
takes_nothing(struct posix *p, struct posix_simple *c)
{
	(void)p;
	return c->words.n == 0;
}

static bool
read_echo(struct posix *p, struct posix_simple *c)
{
	size_t i = word_is(word_at(c, 0), "-n") ? 1 : 0;

	for (; i < c->words.n; i++) {
		const struct posix_word *w = &c->words.v[i];

		p->echoes |= w->odd || w->unknown || w->many;
		for (size_t k = 0; k < w->names.n; k++)
			w->names.v[k]->is_echoed = true;
	}
	return true;
}

/* ---- printf ---- */

/* \n, \\, \033 and the like. */
static const char *
format_escape(const char *f)
{
	size_t n = 0;

	if (*f != '\0' && strchr("abfnrtv\\", *f) != NULL)
		return f + 1;
	while (n < 3 && f[n] >= '0' && f[n] <= '7')
		n++;
	return n == 3 && f[0] < '4' ? f + 3 : NULL;
}

/* Behind '%'. */
static const char *
format_conversion(const char *f, bool *numbers)
{
	if (*f == '%')
		return f + 1;
	f += strspn(f, "-0");
	for (size_t n = 0; is_digit((unsigned char)*f); f++)
		if (++n > 3)
			return NULL;
	if (*f == '\0' || strchr("sdiuxXo", *f) == NULL)
		return NULL;
	*numbers |= *f != 's';
	return f + 1;
}

static bool
format_is_alike(const char *f, bool *numbers)
{
	if (*f == '-')
		return false;
	while (f != NULL && *f != '\0') {
		if (*f == '\\')
			f = format_escape(f + 1);
		else if (*f == '%')
			f = format_conversion(f + 1, numbers);
		else
			f++;
	}
	return f != NULL;
}

static bool
read_printf(struct posix *p, struct posix_simple *c)
{
	const struct posix_word *format = word_at(c, 0);
	bool numbers = false;

	(void)p;
	if (format == NULL || !format->literal ||
	    !format_is_alike(format->text, &numbers))
		return false;
	for (size_t i = 1; numbers && i < c->words.n; i++)
		if (!c->words.v[i].number && !c->words.v[i].status)
			return false;
	return true;
}

/* ---- test ---- */

static const char *const unary[] = { "-d", "-e", "-f", "-h", "-L", "-n", "-r",
	"-s", "-w", "-x", "-z", NULL };
static const char *const numeric[] = { "-eq", "-ge", "-gt", "-le", "-lt", "-ne",
	NULL };

static bool
test_is_one_of(const struct posix_word *w, const char *const *list)
{
	for (; *list != NULL; list++)
		if (word_is(w, *list))
			return true;
	return false;
}

static bool
is_test_alike(const struct posix_word *w, size_t n)
{
	if (n > 1 && word_is(w, "!")) {
		w++;
		n--;
	}
	for (size_t i = 0; i < n; i++)
		if (!posix_word_is_one(&w[i]))
			return false;
	if (n <= 1)
		return n == 0 || !w->literal || w->text[0] != '-';
	if (n == 2)
		return test_is_one_of(w, unary);
	if (n != 3)
		return false;
	if (word_is(&w[1], "=") || word_is(&w[1], "!="))
		return true;
	return test_is_one_of(&w[1], numeric) &&
	       posix_word_want_digits(&w[0]) && posix_word_want_digits(&w[2]);
}

static bool
posix_read_test(struct posix *p, struct posix_simple *c)
{
	(void)p;
	return is_test_alike(c->words.v, c->words.n);
}

static bool
read_bracket(struct posix *p, struct posix_simple *c)
{
	(void)p;
	return c->words.n > 0 && word_is(&c->words.v[c->words.n - 1], "]") &&
	       is_test_alike(c->words.v, c->words.n - 1);
}

/* ---- what changes the shell ---- */

static bool
is_name(const char *text)
{
	if (*text == '\0' || is_digit((unsigned char)*text))
		return false;
	for (; *text != '\0'; text++)
		if (!is_name_byte((unsigned char)*text))
			return false;
	return true;
}

/* ".." behind a folder's name is another folder, where that is a link. */
static bool
is_dir_alike(const char *dir)
{
	bool down = false;

	if (*dir == '\0' || *dir == '-')
		return false;
	for (sv rest = sv_of(dir), part; rest.n > 0;) {
		sv_cut(rest, '/', &part, &rest);
		if (sv_is(part, "..") && down)
			return false;
		down |= part.n > 0 && !sv_is(part, "..");
	}
	return strstr(dir, "//") == NULL;
}

/* What bash runs to say why not, with the number of the line. */
static void
edit_cd(struct posix *p, const struct posix_simple *c)
{
	struct sb b cleanup_sb = SB_INIT;

	sb_adds(&b, "prun_cd ");
	posix_add_at_line(p, c->at, "cd \"$1\"", &b);
	posix_add_edit(p, c->at, 2, sb_take(&b, p->a).p);
}

static bool
read_cd(struct posix *p, struct posix_simple *c)
{
	const struct posix_word *w = word_at(c, 0);

	if (c->words.n != 1 || !w->literal || !is_dir_alike(w->text) ||
	    p->in_function)
		return false;
	p->changes_dir = true;
	edit_cd(p, c);
	p->effect_at = p->at;
	return true;
}

/* NAME or NAME=VALUE, where nothing could be split. */
static bool
export_one(struct posix *p, const struct posix_word *w)
{
	size_t n = 0;
	const char *name;
	struct posix_word value = *w;

	while (is_name_byte((unsigned char)w->text[n]))
		n++;
	name = arena_strndup(p->a, w->text, n);
	if (!is_name(name) || w->splits || w->many || w->glob)
		return false;
	if (w->text[n] == '\0' && w->literal)
		return posix_name_is_usable(p, name, true);
	/* the "=" must stand in the text as it is */
	if (w->text[n] != '=' || memcmp(p->text.p + w->at, w->text, n + 1) != 0)
		return false;
	value.number = value.status = false;
	value.odd |= !posix_is_plain(sv_of(w->text + n + 1));
	value.parts = 2;
	return posix_name_assign(p, name, &value);
}

static bool
read_export(struct posix *p, struct posix_simple *c)
{
	p->effect_at = p->at;
	for (size_t i = 0; i < c->words.n; i++)
		if (!export_one(p, &c->words.v[i]))
			return false;
	return c->words.n > 0;
}

static bool
read_unset(struct posix *p, struct posix_simple *c)
{
	const struct posix_function *f;

	p->effect_at = p->at;
	for (size_t i = 0; i < c->words.n; i++) {
		const struct posix_word *w = &c->words.v[i];

		if (!w->literal || !is_name(w->text) ||
		    !posix_name_set(p, w->text, w->at))
			return false;
		vec_each(&p->functions, f)
			if (strcmp(f->name, w->text) == 0)
				return false;
	}
	return c->words.n > 0;
}

static bool
posix_read_read(struct posix *p, struct posix_simple *c)
{
	size_t i = word_is(word_at(c, 0), "-r") ? 1 : 0;

	for (; i < c->words.n; i++) {
		const struct posix_word *w = &c->words.v[i];

		if (!w->literal || !is_name(w->text) ||
		    !posix_name_set(p, w->text, w->at))
			return false;
	}
	return c->words.n > 0 && !word_is(&c->words.v[c->words.n - 1], "-r");
}

static bool
read_set(struct posix *p, struct posix_simple *c)
{
	const struct posix_word *first = word_at(c, 0);

	p->effect_at = p->at;
	if (word_is(first, "--"))
		return true;
	p->unsets_errexit |= word_is(first, "+e");
	return c->words.n == 1 &&
	       (word_is(first, "-e") || word_is(first, "+e"));
}

/* ---- control ---- */

/* 0 to 255, $? or $#. */
static bool
is_status(const struct posix_word *w)
{
	return w->status || (w->number && w->literal && w->text[0] != '-' &&
				strtol(w->text, NULL, 10) < 256);
}

static bool
posix_read_exit(struct posix *p, struct posix_simple *c)
{
	p->effect_at = p->jump_at = p->at;
	p->reads_status |= c->words.n == 0;
	return c->words.n == 0 || (c->words.n == 1 && is_status(c->words.v));
}

static bool
read_return(struct posix *p, struct posix_simple *c)
{
	return p->in_function && posix_read_exit(p, c);
}

static bool
read_break(struct posix *p, struct posix_simple *c)
{
	const struct posix_word *w = word_at(c, 0);

	p->effect_at = p->jump_at = p->at;
	if (w == NULL)
		return p->loops > 0;
	return c->words.n == 1 && w->number && w->literal &&
	       strlen(w->text) == 1 && w->text[0] >= '1' && w->text[0] <= '9' &&
	       (unsigned)(w->text[0] - '0') <= p->loops;
}

/* command -v NAME, of a program */
static bool
posix_read_command(struct posix *p, struct posix_simple *c)
{
	const struct posix_word *w = word_at(c, 1);

	if (c->words.n != 2 || !word_is(&c->words.v[0], "-v") || !w->literal ||
	    w->text[0] == '-' || w->text[0] == '\0' ||
	    strchr(w->text, '/') != NULL || words_is_builtin(w->text) ||
	    posix_is_builtin(w->text) || strcmp(w->text, "chdir") == 0)
		return false;
	p->asks_command = true;
	posix_add_edit(p, c->at, c->words.v[0].end - c->at, "prun_command_v");
	return true;
}

/* In the order of strcmp(). */
static const struct builtin {
	const char *name;
	bool (*read)(struct posix *p, struct posix_simple *c);
} same_builtins[] = {
	{ ":", takes_anything },
	{ "[", read_bracket },
	{ "break", read_break },
	{ "cd", read_cd },
	{ "command", posix_read_command },
	{ "continue", read_break },
	{ "echo", read_echo },
	{ "exit", posix_read_exit },
	{ "export", read_export },
	{ "false", takes_nothing },
	{ "printf", read_printf },
	{ "pwd", takes_nothing },
	{ "read", posix_read_read },
	{ "return", read_return },
	{ "set", read_set },
	{ "test", posix_read_test },
	{ "true", takes_nothing },
	{ "unset", read_unset },
};

static int
builtin_cmp(const void *key, const void *item)
{
	return strcmp(key, ((const struct builtin *)item)->name);
}

static const struct builtin *
find_builtin(const char *name)
{
	return bsearch(name, same_builtins,
	    sizeof(same_builtins) / sizeof(*same_builtins),
	    sizeof(*same_builtins), builtin_cmp);
}

bool
posix_is_builtin(const char *name)
{
	return find_builtin(name) != NULL;
}

bool
posix_builtin(struct posix *p, struct posix_simple *c)
{
	return find_builtin(c->name)->read(p, c);
}
