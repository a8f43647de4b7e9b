/* SPDX-License-Identifier: MIT */
/* The smaller types inside a task. */
#include "taskfile/decode.h"

#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/word.h"

bool
read_prompts(struct decoder *d, const struct ynode *n, void *out)
{
	string_vec *list = out;

	if (n->kind == YNODE_SCALAR) {
		vec_push(d->a, list, n->text.p);
		return true;
	}
	if (n->kind == YNODE_SEQ) {
		string_vec outer = d->types;
		bool good;

		d->types = (string_vec){ 0 };
		good = read_strings(d, n, out) && decode_check_types(d, n);
		d->types = outer;
		return good;
	}
	return decode_fail_type(d, n, "prompt");
}

static bool
decode_glob(struct decoder *d, const struct ynode *n, struct glob *out)
{
	static const struct field fields[] = {
		FIELD(struct glob, "exclude", pattern, read_string),
	};

	out->pattern = "";
	if (n->kind == YNODE_SCALAR) {
		out->pattern = n->text.p;
		return true;
	}
	if (n->kind != YNODE_MAP)
		return decode_fail_type(d, n, "glob");
	out->negate = true;
	return DECODE_MAP(d, n, fields, out);
}

bool
read_globs(struct decoder *d, const struct ynode *n, void *out)
{
	glob_vec *list = out;

	if (n->kind != YNODE_SEQ) {
		type_error(d, n, "[]*ast.Glob");
		return true;
	}
	vec_reserve(d->a, list, n->n);
	for (size_t i = 0; i < n->n; i++) {
		struct glob g = { 0 };

		if (ynode_is_null(n->items[i]))
			continue;
		if (!decode_glob(d, n->items[i], &g) ||
		    (word_brace_depth(sv_of(g.pattern)) > WORD_BRACES_MAX &&
			!decode_fail(d, n->items[i],
			    "more than %d braces in each other",
			    WORD_BRACES_MAX)))
			return false;
		vec_push(d->a, list, g);
	}
	return true;
}

/* What a platform may be named (L-078). */
static const char *const known_os[] = { "aix", "android", "darwin",
	"dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux",
	"nacl", "netbsd", "openbsd", "plan9", "solaris", "windows", "zos",
	"__test__", NULL };
static const char *const known_arch[] = { "386", "amd64", "amd64p32", "arm",
	"armbe", "arm64", "arm64be", "loong64", "mips", "mipsle", "mips64",
	"mips64le", "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le",
	"riscv", "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm",
	NULL };

static const char *
tparts_find_word(const char *const *list, sv word)
{
	for (; *list != NULL; list++)
		if (sv_is(word, *list))
			return *list;
	return NULL;
}

/* OS, ARCH or OS/ARCH. */
static bool
parse_platform(sv text, struct platform *out)
{
	sv head, tail = SV("");
	bool has_tail = sv_cut(text, '/', &head, &tail);

	out->os = tparts_find_word(known_os, head);
	out->arch = tparts_find_word(known_arch, has_tail ? tail : head);
	if (has_tail ? out->os == NULL || out->arch == NULL
		     : out->os == NULL && out->arch == NULL)
		return false;
	if (out->os == NULL)
		out->os = "";
	if (out->arch == NULL)
		out->arch = "";
	return true;
}

bool
read_platforms(struct decoder *d, const struct ynode *n, void *out)
{
	platform_vec *list = out;

	if (n->kind != YNODE_SEQ) {
		type_error(d, n, "[]*ast.Platform");
		return true;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct ynode *item = n->items[i];
		struct platform p;

		if (ynode_is_null(item))
			continue;
		if (item->kind != YNODE_SCALAR)
			return decode_fail_type(d, item, "platform");
		if (!parse_platform(item->text, &p))
			return decode_fail(d, item,
			    "invalid platform \"%s\"", item->text.p);
		vec_push(d->a, list, p);
	}
	return true;
}

/* L-054: the default messages are made of the raw text. */
static bool
decode_precondition(struct decoder *d, const struct ynode *n,
    struct precondition *out)
{
	static const struct field fields[] = {
		FIELD(struct precondition, "sh", sh, read_string),
		FIELD(struct precondition, "msg", msg, read_string),
	};

	if (n->kind == YNODE_SCALAR) {
		out->sh = n->text.p;
		out->msg = arena_printf(d->a, "`%s` failed", out->sh);
		return true;
	}
	if (n->kind != YNODE_MAP)
		return decode_fail_type(d, n, "precondition");
	out->sh = out->msg = "";
	if (!DECODE_MAP(d, n, fields, out))
		return false;
	if (*out->msg == '\0')
		out->msg = arena_printf(d->a, "%s failed", out->sh);
	return true;
}

bool
read_preconditions(struct decoder *d, const struct ynode *n, void *out)
{
	precondition_vec *list = out;

	if (n->kind != YNODE_SEQ) {
		type_error(d, n, "[]*ast.Precondition");
		return true;
	}
	for (size_t i = 0; i < n->n; i++) {
		struct precondition p;

		if (ynode_is_null(n->items[i]))
			continue;
		if (!decode_precondition(d, n->items[i], &p))
			return false;
		vec_push(d->a, list, p);
	}
	return true;
}

/* L-076: a list, or a reference to one. */
static bool
read_enum(struct decoder *d, const struct ynode *n, void *out)
{
	static const struct field fields[] = {
		FIELD(struct required_var, "ref", enum_ref, read_string),
	};
	struct required_var *v = out;

	v->has_enum = true;
	if (n->kind == YNODE_SEQ) {
		string_vec outer = d->types;
		bool good;

		d->types = (string_vec){ 0 };
		good = read_strings(d, n, &v->enum_values) &&
		    decode_check_types(d, n);
		d->types = outer;
		return good;
	}
	if (n->kind != YNODE_MAP)
		return decode_fail_type(d, n, "enum");
	if (!DECODE_MAP(d, n, fields, v))
		return false;
	return (v->enum_ref != NULL && *v->enum_ref != '\0') ||
	    decode_fail_type(d, n, "enum");
}

static bool
decode_required(struct decoder *d, const struct ynode *n,
    struct required_var *out)
{
	static const struct field fields[] = {
		FIELD(struct required_var, "name", name, read_string),
		FIELD_WHOLE("enum", read_enum),
	};

	out->name = "";
	if (n->kind == YNODE_SCALAR) {
		out->name = n->text.p;
		return true;
	}
	if (n->kind != YNODE_MAP)
		return decode_fail_type(d, n, "requires");
	return DECODE_MAP(d, n, fields, out);
}

static bool
read_required_vars(struct decoder *d, const struct ynode *n, void *out)
{
	required_vec *list = out;

	if (n->kind != YNODE_SEQ) {
		type_error(d, n, "[]*ast.VarsWithValidation");
		return true;
	}
	for (size_t i = 0; i < n->n; i++) {
		struct required_var v = { 0 };

		if (ynode_is_null(n->items[i]))
			continue;
		if (!decode_required(d, n->items[i], &v))
			return false;
		vec_push(d->a, list, v);
	}
	return true;
}

bool
read_requires(struct decoder *d, const struct ynode *n, void *out)
{
	static const struct field fields[] = {
		FIELD_WHOLE("vars", read_required_vars),
	};

	return decode_struct(d, n, fields, 1, out, "ast.Requires");
}

/* P-601: nothing but the repository can be committed to. */
static bool
check_inside(struct decoder *d, const struct ynode *n,
    const struct commit_spec *c)
{
	for (size_t i = 0; i < c->path_list.n; i++) {
		const char *path = c->path_list.v[i];
		sv clean = sv_of(path_clean(d->a, sv_of(path)));

		if (*path == '\0' || *path == '/' || sv_is(clean, "..") ||
		    sv_starts(clean, SV("../")))
			return decode_fail(d,
			    c->path_list.n == n->n ? n->items[i] : n,
			    "paths of a commit must be relative and inside the "
			    "repository: %s", quote_go(d->a, sv_of(path)));
	}
	return true;
}

static bool
read_commit_paths(struct decoder *d, const struct ynode *n, void *out)
{
	struct commit_spec *c = out;

	if (n->kind == YNODE_SEQ) {
		c->paths = COMMIT_LIST;
		return read_strings(d, n, &c->path_list) &&
		    check_inside(d, n, c);
	}
	if (n->kind == YNODE_SCALAR && sv_is(n->text, "run"))
		c->paths = COMMIT_RUN;
	else if (n->kind == YNODE_SCALAR && sv_is(n->text, "all"))
		c->paths = COMMIT_ALL;
	else
		return decode_fail(d, n,
		    "paths of a commit must be \"run\", \"all\" or a list");
	return true;
}

/* A list of "Key: value" lines, or a map of them. */
static bool
read_trailers(struct decoder *d, const struct ynode *n, void *out)
{
	string_vec *list = out;

	if (n->kind != YNODE_MAP)
		return read_strings(d, n, out);
	for (size_t i = 0; i < n->n; i += 2) {
		const struct ynode *v = n->items[i + 1];

		if (v->kind != YNODE_SCALAR) {
			type_error(d, v, "string");
			continue;
		}
		vec_push(d->a, list,
		    arena_printf(d->a, "%s: %s", ynode_key(n->items[i]).p,
			v->text.p));
	}
	return true;
}

/* `true`, or a map: message, paths, push, trailers (P-601). */
bool
read_commit(struct decoder *d, const struct ynode *n, void *out)
{
	static const struct field fields[] = {
		FIELD(struct commit_spec, "message", message, read_string),
		FIELD_WHOLE("paths", read_commit_paths),
		FIELD(struct commit_spec, "push", push, read_bool),
		FIELD(struct commit_spec, "detached", detached, read_bool),
		FIELD(struct commit_spec, "trailers", trailers, read_trailers),
	};
	struct commit_spec *c = out;

	if (n->kind == YNODE_SCALAR)
		return read_bool(d, n, &c->wanted);
	if (n->kind != YNODE_MAP)
		return decode_fail_type(d, n, "commit");
	c->wanted = true;
	return DECODE_MAP(d, n, fields, c);
}

/* ---- quarantine ---- */

/* "2026-12-31" into 20261231; 0: no such day. */
static int
parse_day(const char *text)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int year, month, day, n = 0;

	if (strspn(text, "0123456789-") != 10 ||
	    sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &n) != 3 ||
	    n != 10 || text[10] != '\0' || year < 1 || month < 1 ||
	    month > 12 || day < 1 || day > days[month - 1])
		return 0;
	return (year * 100 + month) * 100 + day;
}

/* Who sees to it, and until when: one that nobody owns, or that never ends, is
 * a test that nobody runs (P-1103). */
bool
read_quarantine(struct decoder *d, const struct ynode *n, void *out)
{
	static const struct field fields[] = {
		FIELD(struct quarantine, "owner", owner, read_string),
		FIELD(struct quarantine, "until", until, read_string),
	};
	struct quarantine *q = out;

	if (ynode_is_null(n))
		return true;
	if (n->kind != YNODE_MAP)
		return decode_fail_type(d, n, "flaky");
	if (!DECODE_MAP(d, n, fields, q))
		return false;
	if (q->owner == NULL || *q->owner == '\0' || q->until == NULL)
		return decode_fail(d, n,
		    "flaky wants an owner and a day: {owner: NAME, until: "
		    "2026-12-31}");
	q->last_day = parse_day(q->until);
	return q->last_day != 0 || decode_fail(d, n,
				       "until of flaky must be a day such as "
				       "2026-12-31: %s",
				       quote_go(d->a, sv_of(q->until)));
}
