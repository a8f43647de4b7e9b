/* SPDX-License-Identifier: MIT */
#include "project/ini.h"

#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "compile/compile.h"
#include "go/url.h"
#include "output/output.h"

enum kind {
	KIND_TEXT,
	KIND_INT,
	KIND_BOOL,
	KIND_CAPTURE,
	KIND_JOBS,
	KIND_SHARE,
	KIND_SIZE,
	KIND_TIME,
	KIND_WEB,
};

static const struct {
	const char *section, *key;
	enum kind kind;
	const char *fallback;
} keys[CONFIG_COUNT] = {
#define X(section, key, kind, fallback, text)                                 \
	{ #section, #key, KIND_##kind, fallback },
	CONFIG_KEYS(X)
#undef X
};

struct reader {
	struct arena *a;
	struct config *c;
	const char *path;
	struct err *e;
	int line;
};

static bool
bool_parse(const char *s, int64_t *out)
{
	static const char *const yes[] = { "on", "yes", "true", "1" };
	static const char *const no[] = { "off", "no", "false", "0" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcasecmp(s, yes[i]) == 0 || strcasecmp(s, no[i]) == 0) {
			*out = strcasecmp(s, yes[i]) == 0;
			return true;
		}
	}
	return false;
}

static bool
int_parse(const char *s, int64_t *out)
{
	char *end;
	long long n = strtoll(s, &end, 10);

	*out = n;
	return *s != '\0' && *end == '\0' && n >= 0;
}

int64_t
share_parse(const char *text)
{
	char *end;
	double share = strtod(text, &end);

	if (end == text || strcmp(*end == '%' ? end + 1 : end, "") != 0)
		return -1;
	share *= *end == '%' ? 10 : 1000;
	return share >= 1 && share < 1e9 ? (int64_t)share : -1;
}

static bool
time_parse(const char *text, int64_t *out)
{
	struct err ignored cleanup_err = ERR_INIT;

	return duration_parse(sv_of(text), out, &ignored) && *out >= 0;
}

/* The address of a folder: what is asked for is added to it. */
static bool
is_web_folder(const char *text)
{
	struct arena *a cleanup_arena = arena_new();
	struct err ignored cleanup_err = ERR_INIT;
	struct url u;

	return url_parse(a, sv_of(text), &u, &ignored) &&
	       (sv_is(u.scheme, "http") || sv_is(u.scheme, "https")) &&
	       url_hostname(&u).n > 0 && strpbrk(text, "?# \t") == NULL;
}

static bool
jobs_parse(const char *text, int64_t *out)
{
	*out = strcmp(text, "auto") == 0 ? JOBS_AUTO : JOBS_MAX;
	return *out == JOBS_AUTO || strcmp(text, "max") == 0 ||
	       (int_parse(text, out) && *out <= INT_MAX);
}

/* Settings that are one of a few words, in one text. */
static bool
is_known_word(enum config_key key, const char *text)
{
	static const char *const words[CONFIG_COUNT] = {
		[CONFIG_commit_undeclared] = " commit refuse ",
		[CONFIG_run_jobserver] = " auto pipe fifo off ",
		[CONFIG_run_flaky] = " pass fail ",
		[CONFIG_run_order] = " critical-path declared shortest ",
		[CONFIG_output_ci] = " auto off ",
		[CONFIG_slurm_orphan] = " cancel adopt ",
		[CONFIG_slurm_shared] = " auto yes no ",
		[CONFIG_worktrees_kind] = " worktree clone ",
		[CONFIG_worktrees_order] = " longest shortest fifo ",
		[CONFIG_worktrees_foreign] = " fail warn allow ",
		[CONFIG_worktrees_lfs] = " auto pull skip ",
	};
	char word[32];

	if (key == CONFIG_output_mode)
		return output_mode_find(text) != NULL;
	if (words[key] == NULL)
		return true;
	snprintf(word, sizeof(word), " %s ", text);
	return strchr(text, ' ') == NULL && strstr(words[key], word) != NULL;
}

static bool
ini_set_key(struct config_value *v, enum kind kind, const char *text)
{
	v->text = text;
	switch (kind) {
	case KIND_TEXT:
		return true;
	case KIND_INT:
		return int_parse(text, &v->number);
	case KIND_BOOL:
		return bool_parse(text, &v->number);
	case KIND_CAPTURE:
		v->number = CAPTURE_ALWAYS;
		return strcmp(text, "always") == 0 ||
		    bool_parse(text, &v->number);
	case KIND_JOBS:
		return jobs_parse(text, &v->number);
	case KIND_SHARE:
		return (v->number = share_parse(text)) >= 0;
	case KIND_SIZE:
		return (v->number = size_parse(text)) >= 0;
	case KIND_TIME:
		return time_parse(text, &v->number);
	case KIND_WEB:
		return is_web_folder(text);
	}
	return false;
}

/* What is wrong with a text that ini_set_key() does not take. */
static const char *
complaint(enum kind kind)
{
	switch (kind) {
	case KIND_TEXT:
	case KIND_INT:
		return "not a number:";
	case KIND_BOOL:
		return "not on or off:";
	case KIND_CAPTURE:
		return "not on, off or always:";
	case KIND_JOBS:
		return "not a number, max or auto:";
	case KIND_SHARE:
		return "not a share such as 80%:";
	case KIND_SIZE:
		return "not a size such as 1G:";
	case KIND_TIME:
		return "not a time such as 90s:";
	case KIND_WEB:
		return "not an address by http or https:";
	}
	return "";
}

/* Also what an empty text stands for; "" need not be of the kind. */
static void
set_default(struct config *c, enum config_key key)
{
	c->v[key] = (struct config_value){ .text = "" };
	if (keys[key].fallback[0] != '\0')
		ini_set_key(&c->v[key], keys[key].kind, keys[key].fallback);
}

/* inih calls this for each line; 0 stops with its line number. */
static int
ini_fail(struct reader *r, const char *what, const char *word,
    const char *const *known, size_t n)
{
	const char *near = fuzzy_nearest(r->a, word, known, n);

	err_set(r->e, ERR_GENERIC, "%s:%d: %s %s%s%s%s", r->path, r->line,
	    what, quote_go(r->a, sv_of(word)), near ? "; did you mean " : "",
	    near ? quote_go(r->a, sv_of(near)) : "", near ? "?" : "");
	return 0;
}

static struct config_hook *
hook_of(struct reader *r, const char *name)
{
	struct config_hook *h, fresh;

	vec_each(&r->c->hooks, h)
		if (strcmp(h->name, name) == 0)
			return h;
	/* not in vec_push(), which may have counted the new one by then */
	fresh = config_hook(r->c, name);
	fresh.name = arena_strdup(r->a, name);
	vec_push(r->a, &r->c->hooks, fresh);
	return &r->c->hooks.v[r->c->hooks.n - 1];
}

static int
hook_key(struct reader *r, const char *name, const char *key,
    const char *text)
{
	static const char *const known[] = { "only_changed", "isolate",
		"prepare" };
	struct config_hook *h = hook_of(r, name);
	int64_t on = 0;

	if (strcmp(key, "only_changed") == 0) {
		if (!bool_parse(text, &on))
			return ini_fail(r, "not on or off:", text, NULL, 0);
		h->only_changed = on;
	} else if (strcmp(key, "isolate") == 0) {
		if (strcmp(text, "auto") != 0 && strcmp(text, "always") != 0 &&
		    strcmp(text, "never") != 0)
			return ini_fail(
			    r, "not auto, always or never:", text, NULL, 0);
		h->isolate = arena_strdup(r->a, text);
	} else if (strcmp(key, "prepare") == 0) {
		h->prepare = arena_strdup(r->a, text);
	} else {
		return ini_fail(r, "unknown key", key, known, 3);
	}
	return 1;
}

static int
pool_key(struct reader *r, const char *name, const char *key,
    const char *text)
{
	static const char *const known[] = { "slots" };
	struct config_pool p = { arena_strdup(r->a, name), 0 };
	int64_t n;

	if (strcmp(key, "slots") != 0)
		return ini_fail(r, "unknown key", key, known, 1);
	if (!int_parse(text, &n) || n > 100000)
		return ini_fail(r, "not a number of slots:", text, NULL, 0);
	p.slots = (int)n;
	vec_push(r->a, &r->c->pools, p);
	return 1;
}

static int
unknown_section(struct reader *r, const char *section)
{
	const char *known[CONFIG_COUNT + 2] = { "hook NAME", "pool NAME" };

	for (size_t i = 0; i < CONFIG_COUNT; i++)
		known[i + 2] = keys[i].section;
	return ini_fail(r, "unknown section", section, known, CONFIG_COUNT + 2);
}

static int
unknown_word(struct reader *r, enum config_key key, const char *text)
{
	string_vec known = { 0 };

	if (key == CONFIG_output_mode)
		output_mode_names(r->a, true, &known);
	return ini_fail(r, "not a known value:", text, known.v, known.n);
}

static int
plain_key(struct reader *r, const char *section, const char *key,
    const char *text)
{
	const char *names[CONFIG_COUNT];
	size_t n_names = 0;

	for (size_t i = 0; i < CONFIG_COUNT; i++) {
		if (strcmp(keys[i].section, section) != 0)
			continue;
		names[n_names++] = keys[i].key;
		if (strcmp(keys[i].key, key) != 0)
			continue;
		if (*text == '\0') {
			set_default(r->c, (enum config_key)i);
			return 1;
		}
		if (!ini_set_key(
			&r->c->v[i], keys[i].kind, arena_strdup(r->a, text)))
			return ini_fail(
			    r, complaint(keys[i].kind), text, NULL, 0);
		if (!is_known_word((enum config_key)i, text))
			return unknown_word(r, (enum config_key)i, text);
		return 1;
	}
	if (n_names == 0)
		return unknown_section(r, section);
	return ini_fail(r, "unknown key", key, names, n_names);
}

/* The text line by line through inih, so that the line number is at hand and
 * an over-long line is an error instead of two settings. */
static int
on_key(void *ctx, const char *section, const char *key, const char *text)
{
	struct reader *r = ctx;

	if (err_is_set(r->e))
		return 0;
	if (strncmp(section, "hook ", 5) == 0)
		return hook_key(r, section + 5, key, text);
	if (strncmp(section, "pool ", 5) == 0)
		return pool_key(r, section + 5, key, text);
	return plain_key(r, section, key, text);
}

struct lines {
	struct reader *r;
	sv rest;
};

/* Called for a line that begins a section: one without keys must be known,
 * too. */
static bool
check_section(struct reader *r, sv line)
{
	ptrdiff_t end = sv_find_char(line, ']', 0);
	const char *name;
	sv s;

	if (end < 0)
		return true; /* inih tells */
	s = sv_sub(line, 1, (size_t)end - 1);
	name = sv_cstr(r->a, s);
	if (s.n > 5 && (sv_starts(s, SV("hook ")) ||
	    sv_starts(s, SV("pool "))) && sv_trim(sv_sub(s, 5, SIZE_MAX)).n > 0)
		return true;
	if (sv_starts(s, SV("hook ")) || sv_starts(s, SV("pool ")))
		return ini_fail(r, "section without a name", name, NULL, 0);
	for (size_t i = 0; i < CONFIG_COUNT; i++)
		if (sv_is(s, keys[i].section))
			return true;
	return unknown_section(r, name);
}

static char *
next_line(char *out, int size, void *ctx)
{
	struct lines *l = ctx;
	sv line;

	if (l->rest.n == 0)
		return NULL;
	l->r->line++;
	sv_cut(l->rest, '\n', &line, &l->rest);
	if (line.n + 2 > (size_t)size) {
		err_set(l->r->e, ERR_GENERIC, "%s:%d: line is longer than %d "
		    "bytes", l->r->path, l->r->line, size - 2);
		return NULL;
	}
	/* with blanks before it, it may go on with the value above */
	if (sv_starts(line, SV("[")) && !check_section(l->r, line))
		return NULL;
	memcpy(out, line.p, line.n);
	memcpy(out + line.n, "\n", 2);
	return out;
}

static bool
read_one(struct arena *a, const char *path, struct config *c, struct err *e)
{
	struct reader r = { a, c, path, e, 0 };
	struct lines l = { &r, { NULL, 0 } };
	int bad;

	if (!path_exists(path))
		return true;
	if (!read_file(a, path, &l.rest, e))
		return false;
	bad = ini_parse_stream(next_line, &l, on_key, &r);
	if (err_is_set(e))
		return false;
	if (bad != 0)
		return err_set(e, ERR_GENERIC,
		    "%s:%d: wanted [section] or key = value", path, bad);
	return true;
}

bool
config_load(struct arena *a, const char *const *paths, size_t n,
    struct config *out, struct err *e)
{
	*out = (struct config){ 0 };
	for (size_t i = 0; i < CONFIG_COUNT; i++)
		set_default(out, (enum config_key)i);
	for (size_t i = 0; i < n; i++)
		if (!read_one(a, paths[i], out, e))
			return false;
	return true;
}

struct config_hook
config_hook(const struct config *c, const char *name)
{
	const struct config_hook *h;

	vec_each(&c->hooks, h)
		if (strcmp(h->name, name) == 0)
			return *h;
	return (struct config_hook){ name, false, "auto", "" };
}
