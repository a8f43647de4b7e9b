/* SPDX-License-Identifier: MIT */
#include "template/template.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "template/eval.h"
#include "template/names.h"

/* Variables may be put together so that they hold themselves. */
enum { REPLACE_DEPTH_MAX = 500 };

/* A text seen before: parsed, or the error of that. */
struct entry {
	struct tmpl *t;
	const char *error;
	struct tmpl_names names;
};

struct templater {
	struct arena *a;
	const struct tmpl_env *env;
	struct map *texts; /* text → struct entry */
	struct map *refs;  /* expression → struct entry */
};

struct templater *
templater_new(struct arena *a, const struct tmpl_env *env)
{
	struct templater *t = arena_new_of(a, struct templater);

	t->a = a;
	t->env = env;
	t->texts = map_new(a);
	t->refs = map_new(a);
	return t;
}

static void
parse_entry(struct templater *t, struct entry *entry, sv text, bool is_ref)
{
	struct err e cleanup_err = ERR_INIT;
	struct sb b cleanup_sb = SB_INIT;

	if (is_ref) {
		sb_adds(&b, "{{");
		sb_addv(&b, text);
		sb_adds(&b, "}}");
		text = sb_take(&b, t->a);
	}
	entry->t = tmpl_parse(t->a, is_ref ? SV("resolver") : SV(""), text, &e);
	if (entry->t == NULL)
		entry->error = arena_strdup(t->a, e.message);
	else
		entry->names = names_of(t->a, entry->t);
}

/* Texts are parsed once: a run uses the same ones over and over.  The tree
 * points into the table's copy. */
static const struct entry *
template_lookup(struct templater *t, sv text, bool is_ref)
{
	struct map *known = is_ref ? t->refs : t->texts;
	struct entry *entry = map_get(known, text);

	if (entry == NULL) {
		entry = arena_new_of(t->a, struct entry);
		text = sv_dup(t->a, text);
		map_put_kept(known, text, entry);
		parse_entry(t, entry, text, is_ref);
	}
	return entry;
}

static const struct entry *
parsed(struct templater *t, sv text, bool is_ref, struct err *e)
{
	const struct entry *entry = template_lookup(t, text, is_ref);

	if (entry->t != NULL)
		return entry;
	err_set(e, ERR_GENERIC, "%s", entry->error);
	return NULL;
}

/* `set . "A" 1` reaches to the end of its text and no further. */
static value
own_root(struct arena *a, value data)
{
	struct value_map *m;

	if (data.kind != VALUE_MAP)
		return data;
	m = arena_new_of(a, struct value_map);
	m->entries = map_copy(a, data.u.map->entries);
	data.u.map = m;
	return data;
}

static bool
is_template(sv text)
{
	return sv_find(text, SV("{{"), 0) >= 0;
}

/* Drops every "<no value>" in place. */
static void
drop_no_value(struct sb *b)
{
	static const sv none = { "<no value>", sizeof("<no value>") - 1 };
	ptrdiff_t at = sv_find(sb_sv(b), none, 0);
	size_t from, n;

	if (at < 0)
		return;
	n = from = (size_t)at;
	while (at >= 0) {
		size_t next;

		from = (size_t)at + none.n;
		at = sv_find(sb_sv(b), none, from);
		next = at < 0 ? b->n : (size_t)at;
		memmove(b->p + n, b->p + from, next - from);
		n += next - from;
	}
	b->n = n;
}

bool
templater_replace(struct templater *t, struct arena *a, sv text, value data,
    sv *out, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	const struct entry *entry;

	*out = text;
	if (!is_template(text))
		return true;
	entry = parsed(t, text, false, e);
	if (entry == NULL)
		return false;
	if (entry->names.all)
		data = own_root(a, data);
	if (!tmpl_exec(a, t->env, entry->t, data, &b, e))
		return false;
	drop_no_value(&b);
	*out = sb_take(&b, a);
	return true;
}

bool
templater_resolve(struct templater *t, struct arena *a, sv expr, value data,
    value *out, struct err *e)
{
	const struct entry *entry;

	*out = VALUE_NULL;
	if (sv_is(expr, ".")) {
		*out = data;
		return true;
	}
	entry = parsed(t, expr, true, e);
	return entry != NULL &&
	    tmpl_value(a, t->env, entry->t, data, out, e);
}

/* ---- values ---- */

struct replacer {
	struct templater *t;
	struct arena *a;
	value data;
	int depth;
	struct err *e;
};

static bool template_replace(struct replacer *r, value v, value *out);

static bool
replace_list(struct replacer *r, value v, value *out)
{
	*out = value_list_new(r->a, v.type);
	for (size_t i = 0; i < v.u.list->n; i++) {
		value item;

		if (!template_replace(r, v.u.list->v[i], &item))
			return false;
		value_list_add(r->a, *out, item);
	}
	return true;
}

static bool
replace_map(struct replacer *r, value v, value *out)
{
	const struct map_entry *entry;

	*out = value_map_new(r->a, v.type);
	map_each(v.u.map->entries, entry) {
		value item = *(const value *)entry->value;

		if (value_is_nil(item))
			continue;
		if (!template_replace(r, item, &item))
			return false;
		value_map_set(r->a, *out, entry->key, item);
	}
	return true;
}

static bool
template_replace(struct replacer *r, value v, value *out)
{
	bool ok;
	sv text;

	*out = v;
	if (v.kind == VALUE_STRING) {
		if (!templater_replace(r->t, r->a, value_text(v), r->data,
		    &text, r->e))
			return false;
		out->u.s = text.n ? text.p : "";
		out->len = text.n;
		return true;
	}
	if (v.kind != VALUE_LIST && v.kind != VALUE_MAP)
		return true;
	if (r->depth >= REPLACE_DEPTH_MAX)
		return err_set(r->e, ERR_GENERIC,
		    "template: value is nested too deeply");
	r->depth++;
	ok = v.kind == VALUE_LIST ? replace_list(r, v, out)
	    : replace_map(r, v, out);
	r->depth--;
	return ok;
}

bool
templater_replace_value(struct templater *t, struct arena *a, value v,
    value data, value *out, struct err *e)
{
	struct replacer r = { .t = t, .a = a, .data = data, .e = e };

	return template_replace(&r, v, out);
}

void
templater_names(struct templater *t, struct arena *a, sv text, bool is_ref,
    struct templater_needs *needs)
{
	const struct entry *entry;

	if (!is_ref && !is_template(text))
		return;
	entry = template_lookup(t, text, is_ref);
	if (entry->t == NULL || entry->names.all)
		needs->all = true;
	needs->impure |= entry->t != NULL && entry->t->impure;
	if (needs->names == NULL && entry->names.names.n > 0)
		needs->names = map_new(a);
	for (size_t i = 0; i < entry->names.names.n; i++)
		map_put(needs->names, entry->names.names.v[i], t);
}

/* ---- the real world ---- */

static int64_t
system_now(void *ctx)
{
	(void)ctx;
	return clock_real_ns();
}

static const char *
system_getenv(void *ctx, const char *name)
{
	(void)ctx;
	return getenv(name);
}

static uint64_t
system_random(void *ctx)
{
	uint64_t r = 0;

	(void)ctx;
	if (getentropy(&r, sizeof(r)) != 0)
		BUG("no entropy");
	return r;
}

static const char *
system_cwd(void *ctx)
{
	static _Thread_local char path[PATH_MAX];
	struct arena *a cleanup_arena = arena_new();

	(void)ctx;
	snprintf(path, sizeof(path), "%s", path_cwd(a));
	return path;
}

const struct tmpl_env *
tmpl_env_system(void)
{
	static const struct tmpl_env env = {
		.now_ns = system_now,
		.getenv = system_getenv,
		.random = system_random,
		.cwd = system_cwd,
	};

	return &env;
}
