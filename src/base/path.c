/* SPDX-License-Identifier: MIT */
#include "base/path.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/names.h"

/* A path that is being made shorter where it stands: what is written never
 * overtakes what is read. */
struct cleaned {
	char *p;
	size_t n;
	size_t floor; /* "/" or a run of "..", which ".." cannot undo */
	bool rooted;
};

static void
drop_last(struct cleaned *c)
{
	while (c->n > c->floor && c->p[c->n - 1] != '/')
		c->n--;
	if (c->n > c->floor)
		c->n--;
}

static void
add_element(struct cleaned *c, sv element)
{
	if (c->n > (c->rooted ? 1u : 0u))
		c->p[c->n++] = '/';
	memmove(c->p + c->n, element.p, element.n);
	c->n += element.n;
}

/* The element at `from`, without its slash; *from goes behind that. */
static sv
path_take_element(sv path, size_t *from)
{
	size_t i = *from;
	sv element;

	while (i < path.n && path.p[i] != '/')
		i++;
	element = (sv){ path.p + *from, i - *from };
	*from = i + 1;
	return element;
}

/* Cleans the `n` bytes at `p`, at least one, behind which there is a NUL. */
static char *
clean_in_place(char *p, size_t n)
{
	struct cleaned c = { .p = p, .rooted = n > 0 && p[0] == '/' };

	c.n = c.floor = c.rooted;
	for (size_t from = c.rooted; from < n;) {
		sv element = path_take_element((sv){ p, n }, &from);

		if (element.n == 0 || sv_eq(element, SV(".")))
			continue;
		if (!sv_eq(element, SV(".."))) {
			add_element(&c, element);
		} else if (c.n > c.floor) {
			drop_last(&c);
		} else if (!c.rooted) {
			add_element(&c, element);
			c.floor = c.n;
		}
	}
	if (c.n == 0)
		p[c.n++] = '.';
	p[c.n] = '\0';
	return p;
}

char *
path_clean(struct arena *a, sv path)
{
	if (path.n == 0)
		return arena_strdup(a, ".");
	return clean_in_place(arena_strndup(a, path.p, path.n), path.n);
}

char *
path_join(struct arena *a, sv dir, sv rest)
{
	char *p;

	if (dir.n == 0 && rest.n == 0)
		return arena_strdup(a, "");
	if (dir.n == 0)
		return path_clean(a, rest);
	p = arena_alloc(a, dir.n + rest.n + 2);
	memcpy(p, dir.p, dir.n);
	p[dir.n] = '/';
	if (rest.n > 0)
		memcpy(p + dir.n + 1, rest.p, rest.n);
	return clean_in_place(p, dir.n + 1 + rest.n);
}

char *
path_resolve(struct arena *a, sv dir, sv rest)
{
	return path_is_abs(rest) ? sv_cstr(a, rest) : path_join(a, dir, rest);
}

/* Length up to and with the last slash; 0 when there is none. */
static size_t
last_slash(sv path)
{
	while (path.n > 0 && path.p[path.n - 1] != '/')
		path.n--;
	return path.n;
}

char *
path_base(struct arena *a, sv path)
{
	if (path.n == 0)
		return arena_strdup(a, ".");
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	if (path.n == 0)
		return arena_strdup(a, "/");
	return sv_cstr(a, sv_sub(path, last_slash(path), SIZE_MAX));
}

char *
path_dir(struct arena *a, sv path)
{
	return path_clean(a, sv_sub(path, 0, last_slash(path)));
}

sv
path_ext(sv path)
{
	size_t i = path.n;

	while (i > 0 && path.p[i - 1] != '/')
		if (path.p[--i] == '.')
			return sv_sub(path, i, SIZE_MAX);
	return sv_sub(path, path.n, 0);
}

bool
path_is_abs(sv path)
{
	return path.n > 0 && path.p[0] == '/';
}

char *
path_abs(struct arena *a, sv path)
{
	if (path_is_abs(path))
		return path_clean(a, path);
	return path_join(a, sv_of(path_cwd(a)), path);
}

/* Takes the elements off that both cleaned paths begin with. */
static void
skip_common(sv *base, sv *target)
{
	while (base->n > 0 || target->n > 0) {
		sv b, t, base_rest, target_rest;

		sv_cut(*base, '/', &b, &base_rest);
		sv_cut(*target, '/', &t, &target_rest);
		if (!sv_eq(b, t))
			return;
		*base = base_rest;
		*target = target_rest;
	}
}

bool
path_rel(struct arena *a, sv base, sv target, char **out, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	sv from = base, to = target, element;

	if (!sv_eq(base, target)) {
		from = sv_of(path_clean(a, base));
		to = sv_of(path_clean(a, target));
	}
	if (sv_eq(from, to)) {
		*out = arena_strdup(a, ".");
		return true;
	}
	if (sv_is(from, "."))
		from.n = 0;
	if (path_is_abs(from) == path_is_abs(to))
		skip_common(&from, &to);
	/* nobody knows what lies on the way back from ".." */
	if (path_is_abs(from) != path_is_abs(to) || sv_is(from, "..") ||
	    sv_starts(from, SV("../")))
		return err_set(e, ERR_GENERIC,
		    "Rel: can't make %.*s relative to %.*s", SV_ARG(target),
		    SV_ARG(base));
	while (from.n > 0) {
		sv_cut(from, '/', &element, &from);
		sb_adds(&b, b.n ? "/.." : "..");
	}
	if (to.n > 0) {
		if (b.n > 0)
			sb_addc(&b, '/');
		sb_addv(&b, to);
	}
	*out = path_clean(a, sb_sv(&b));
	return true;
}

const char *
path_temp_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir != NULL && *dir == '/' ? dir : "/tmp";
}

char *
path_cwd(struct arena *a)
{
	const char *pwd = getenv("PWD");
	struct stat here, there;
	size_t size = 256;

	if (pwd != NULL && pwd[0] == '/' && stat(".", &here) == 0 &&
	    stat(pwd, &there) == 0 && here.st_dev == there.st_dev &&
	    here.st_ino == there.st_ino)
		return arena_strdup(a, pwd);
	for (;;) {
		char *buf = arena_alloc(a, size);

		if (getcwd(buf, size) != NULL)
			return buf;
		if (errno != ERANGE)
			return arena_strdup(a, ".");
		size *= 2;
	}
}

struct expansion {
	struct arena *a;
	struct sb out;
	const char *(*getenv_fn)(void *ctx, const char *name);
	void *ctx;
};

static const char *
expansion_get(const struct expansion *x, sv name)
{
	const char *value = x->getenv_fn(x->ctx, sv_cstr(x->a, name));

	return value ? value : "";
}

static size_t
name_length(sv s)
{
	size_t n = 0;

	while (n < s.n && is_name_byte(s.p[n]) && (n > 0 || !is_digit(s.p[n])))
		n++;
	return n;
}

/* Writes the home folder for a leading "~" or "~user"; returns what follows. */
static sv
path_expand_tilde(struct expansion *x, sv text)
{
	const char *home;
	sv user, rest;
	bool slash;

	if (text.n == 0 || text.p[0] != '~')
		return text;
	slash = sv_cut(sv_sub(text, 1, SIZE_MAX), '/', &user, &rest);
	if (user.n == 0) {
		sb_adds(&x->out, expansion_get(x, SV("HOME")));
	} else {
		home = names_home_of(x->a, sv_cstr(x->a, user));
		if (home == NULL)
			return text;
		sb_adds(&x->out, home);
	}
	return slash ? (sv){ rest.p - 1, rest.n + 1 } : rest;
}

static void expand_text(struct expansion *x, sv text);

/* Where the "}" is that closes the braces around `s`; s.n when none does. */
static size_t
closing_brace(sv s)
{
	int depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '{' && i > 0 && s.p[i - 1] == '$')
			depth++;
		else if (s.p[i] == '}' && depth-- == 0)
			return i;
	}
	return s.n;
}

/* What stands in ${…}: NAME, or NAME and one of - + :- :+ and a word.  An
 * empty variable counts as unset, as in go-task.  false: anything else. */
static bool
expand_braces(struct expansion *x, sv inner)
{
	size_t n = name_length(inner);
	const char *value = expansion_get(x, sv_sub(inner, 0, n));
	sv word = sv_sub(inner, n, SIZE_MAX);

	if (n > 0 && word.n == 0) {
		sb_adds(&x->out, value);
		return true;
	}
	if (sv_starts(word, SV(":")))
		word = sv_sub(word, 1, SIZE_MAX);
	if (n == 0 || word.n == 0 || (word.p[0] != '-' && word.p[0] != '+'))
		return false;
	if ((word.p[0] == '+') == (value[0] != '\0'))
		expand_text(x, path_expand_tilde(x, sv_sub(word, 1, SIZE_MAX)));
	else if (word.p[0] == '-')
		sb_adds(&x->out, value);
	return true;
}

/* `text` starts behind the "$"; returns what follows the variable. */
static sv
expand_variable(struct expansion *x, sv text)
{
	static const char special[] = "@*#?$!-0123456789";
	size_t n = name_length(text);

	if (n > 0) {
		sb_adds(&x->out, expansion_get(x, sv_sub(text, 0, n)));
		return sv_sub(text, n, SIZE_MAX);
	}
	/* there is no shell whose $$ or $1 it could be */
	if (text.n > 0 && memchr(special, text.p[0], sizeof(special) - 1))
		return sv_sub(text, 1, SIZE_MAX);
	if (text.n > 0 && text.p[0] == '{') {
		sv inner = sv_sub(text, 1, SIZE_MAX);
		size_t end = closing_brace(inner);

		if (end < inner.n && expand_braces(x, sv_sub(inner, 0, end)))
			return sv_sub(inner, end + 1, SIZE_MAX);
	}
	sb_addc(&x->out, '$');
	return text;
}

/* A backslash keeps "$" from being read but stays itself, as in go-task. */
static bool
is_escape(sv text)
{
	return text.n > 1 && text.p[0] == '\\' &&
	    (text.p[1] == '$' || text.p[1] == '\\' || text.p[1] == '`');
}

static void
expand_text(struct expansion *x, sv text)
{
	while (text.n > 0) {
		size_t n = is_escape(text) ? 2 : 1;

		if (text.p[0] == '$') {
			text = expand_variable(x, sv_sub(text, 1, SIZE_MAX));
			continue;
		}
		sb_add(&x->out, text.p, n);
		text = sv_sub(text, n, SIZE_MAX);
	}
}

char *
path_expand(struct arena *a, sv text,
    const char *(*getenv_fn)(void *ctx, const char *name), void *ctx)
{
	struct expansion x = { a, SB_INIT, getenv_fn, ctx };
	char *result;

	expand_text(&x, path_expand_tilde(&x, text));
	result = (char *)sb_take(&x.out, a).p;
	sb_free(&x.out);
	return result;
}
