/* SPDX-License-Identifier: MIT */
/*
 * Reads a Taskfile and all that it includes, each file once, depth first in
 * declared order.  The way down is a stack of its own, so that a thousand
 * files in a row are no depth of calls.
 */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/path.h"
#include "taskfile/graph.h"
#include "taskfile/taskfile.h"
#include "taskfile/version.h"

/* A file whose includes are being followed. */
struct visit {
	struct vertex *at;
	size_t next; /* number of the include to follow */
	/* the include that is being followed, to become an edge */
	struct include *include;
	struct vertex *child;
	value data; /* for the templates of its includes */
	bool has_data;
};

struct reader {
	struct arena *a;
	const struct load_options *o;
	struct graph g;
	VEC(struct visit) stack;
	struct taskfile *root;
	struct err *e;
};

static bool
check_pin(struct reader *r, const struct vertex *v, sv text)
{
	char *sum;

	if (*v->checksum == '\0')
		return true;
	sum = sha256_hex(r->a, text);
	if (strcmp(sum, v->checksum) == 0)
		return true;
	return err_set(r->e, ERR_CHECKSUM,
	    "task: The checksum of the Taskfile at %s does not match!\n"
	    "got: %s\nwant: %s",
	    quote_go(r->a, sv_of(v->location)), quote_go(r->a, sv_of(sum)),
	    quote_go(r->a, sv_of(v->checksum)));
}

static bool
read_text(struct reader *r, struct vertex *v)
{
	switch (v->kind) {
	case SOURCE_STDIN:
		v->text.text = r->o->stdin_text;
		return true;
	case SOURCE_FILE:
		return file_text_read(r->a, v->location, v->parent == NULL,
			   &v->text, r->e) &&
		       check_pin(r, v, v->text.text);
	case SOURCE_HTTP:
	case SOURCE_GIT:
		break;
	}
	if (r->o->remote == NULL)
		return err_set(r->e, ERR_FETCH_FAILED,
		    "task: Download of %s failed",
		    quote_go(r->a, sv_of(v->location)));
	return r->o->remote->read(r->o->remote->ctx, r->a, v->address,
	    v->checksum, &v->text.text, r->e);
}

static bool
read_vertex(struct reader *r, struct vertex *v)
{
	if (!read_text(r, v) || !taskfile_decode(r->a, &v->text, v->location,
				    r->o->cwd, &v->tf, r->e))
		return false;
	if (v->kind == SOURCE_HTTP || v->kind == SOURCE_GIT)
		v->tf->dir = "";
	if (r->root == NULL)
		r->root = v->tf;
	if (v->kind == SOURCE_FILE) {
		vec_push(r->a, &r->root->files, v->location);
		return true;
	}
	vec_push(r->a, &r->root->digests,
	    arena_printf(
		r->a, "%s %s", v->location, sha256_hex(r->a, v->text.text)));
	vec_push(r->a, &r->root->fetched, v->text.text);
	return true;
}

static void
read_add_environment(struct reader *r, value data)
{
	const struct map_entry *m;

	if (r->o->env != NULL)
		map_each(r->o->env, m)
			value_map_set(r->a, data, m->key, value_cstr(m->value));
}

/* L-126: what the templates of an include see is the environment and the
 * static variables of that file, as written. */
static value
include_data(struct reader *r, struct visit *v)
{
	const struct map_entry *it;

	if (v->has_data)
		return v->data;
	v->has_data = true;
	v->data = value_map_new(r->a, GO_MAP);
	read_add_environment(r, v->data);
	map_each(v->at->tf->vars, it) {
		const struct var *var = it->value;

		if (var->sh != NULL && *var->sh != '\0')
			value_map_del(v->data, it->key);
		else
			value_map_set(r->a, v->data, it->key,
			    var->has_value ? var->value : VALUE_NULL);
	}
	return v->data;
}

static bool
read_replace(struct reader *r, struct visit *v, const char **text)
{
	sv out;

	if (strstr(*text, "{{") == NULL || r->o->templater == NULL)
		return true;
	if (!templater_replace(r->o->templater, r->a, sv_of(*text),
		include_data(r, v), &out, r->e))
		return false;
	*text = sv_cstr(r->a, out);
	return true;
}

static const char *
read_from_environment(void *env, const char *name)
{
	return env != NULL ? map_get(env, sv_of(name)) : NULL;
}

static const char *
read_expand(struct reader *r, const char *text)
{
	return path_expand(r->a, sv_of(text), read_from_environment, r->o->env);
}

static bool
is_read_remote(const struct vertex *v)
{
	return v->kind == SOURCE_HTTP || v->kind == SOURCE_GIT;
}

/* The folder that paths in a file start from (L-156, L-167): its own, not
 * ROOT_DIR; remote files have none and look at how they were included. */
static const char *
base_dir(struct reader *r, const struct vertex *v)
{
	switch (v->kind) {
	case SOURCE_FILE:
		return path_dir(r->a, sv_of(v->location));
	case SOURCE_STDIN:
		return v->dir != NULL && *v->dir != '\0' ? v->dir : r->o->cwd;
	case SOURCE_HTTP:
		return v->parent != NULL ? v->parent->dir : v->dir;
	case SOURCE_GIT:
		return path_dir(r->a, sv_of(v->dir));
	}
	return "";
}

static const char *
resolve_entrypoint(struct reader *r, const struct vertex *v, const char *text)
{
	if (is_read_remote(v))
		return source_resolve_remote(r->a, v->address, v->kind, text);
	if (source_kind_of(sv_of(text)) != SOURCE_FILE)
		return text;
	return path_resolve(
	    r->a, sv_of(base_dir(r, v)), sv_of(read_expand(r, text)));
}

/* P-1401: "prun:NAME" is a ready-made phase. */
static const char *
phase_path(struct reader *r, const char *text)
{
	sv name = sv_of(text);

	if (r->o->compat || r->o->phases_dir == NULL ||
	    !sv_starts(name, SV("prun:")))
		return NULL;
	name = sv_sub(name, 5, SIZE_MAX);
	if (sv_find_char(name, '/', 0) >= 0)
		return NULL;
	return arena_printf(r->a, "%s/%.*s.yml", r->o->phases_dir,
	    SV_ARG(name));
}

static struct vertex *
new_vertex(struct reader *r, const char *address, struct vertex *parent)
{
	struct vertex *v = arena_new_of(r->a, struct vertex);

	v->address = address;
	v->kind = source_kind_of(sv_of(address));
	v->location =
	    is_read_remote(v) ? source_redacted(r->a, address) : address;
	v->parent = parent;
	v->checksum = "";
	return v;
}

static bool
fail_at_include(struct reader *r, const struct include *inc)
{
	return err_place(r->e, "%s:%d:%d", inc->at.taskfile, inc->at.line,
	    inc->at.column);
}

static bool
check_address(struct reader *r, const char *address, struct err *e)
{
	const struct remote_ops *ops = r->o->remote;

	return ops == NULL || ops->check(ops->ctx, r->a, address, e);
}

/* Finds the file that an include leads to; *path is NULL where an optional one
 * is missing (L-157). */
static bool
find_included(struct reader *r, const struct include *inc,
    const char *entrypoint, const char **path)
{
	struct err e cleanup_err = ERR_INIT;
	enum search_result s;

	*path = NULL;
	if (source_kind_of(sv_of(entrypoint)) != SOURCE_FILE) {
		if (check_address(r, entrypoint, &e))
			*path = entrypoint;
		else if (!inc->optional)
			err_move(r->e, &e);
		return !err_is_set(r->e);
	}
	s = source_search(r->a, entrypoint, taskfile_names, path, &e);
	if (s == SEARCH_FOUND || inc->optional)
		return true;
	if (s == SEARCH_ERROR) {
		err_move(r->e, &e);
		return false;
	}
	err_set(r->e, ERR_NO_TASKFILE,
	    "task: No Taskfile found at %s%s",
	    quote_go(r->a, sv_of(entrypoint)),
	    s == SEARCH_DENIED
		? " (or any of the parent directories until ownership "
		  "changed)."
		: "");
	return fail_at_include(r, inc);
}

/* The include with its texts replaced; NULL child: nothing to follow. */
static bool
resolve_include(struct reader *r, struct visit *v, const struct include *raw)
{
	struct include *inc = arena_new_of(r->a, struct include);
	const char *path;

	*inc = *raw;
	v->include = inc;
	v->child = NULL;
	if (!read_replace(r, v, &inc->taskfile) ||
	    !read_replace(r, v, &inc->dir))
		return false;
	vec_push(r->a, &r->root->all_includes, inc);
	path = phase_path(r, inc->taskfile);
	if (path == NULL)
		path = resolve_entrypoint(r, v->at, inc->taskfile);
	inc->dir = path_resolve(
	    r->a, sv_of(base_dir(r, v->at)), sv_of(read_expand(r, inc->dir)));
	if (!find_included(r, inc, path, &path))
		return false;
	if (path == NULL)
		return true;
	v->child = new_vertex(r, path, v->at);
	v->child->dir = inc->dir;
	v->child->checksum = inc->checksum;
	return true;
}

/* Does a way lead from one file to another? */
static bool
reaches(struct graph *g, struct vertex *from, const struct vertex *to)
{
	VEC(struct vertex *) todo = { 0 };
	unsigned mark = ++g->searches;
	bool found = false;

	vec_push(NULL, &todo, from);
	while (todo.n > 0 && !found) {
		struct vertex *v = todo.v[--todo.n];

		found = v == to;
		if (v->seen == mark)
			continue;
		v->seen = mark;
		for (size_t i = 0; i < v->edges.n; i++)
			vec_push(NULL, &todo, v->edges.v[i].to);
	}
	vec_free(&todo);
	return found;
}

/* L-159: an edge that closes a circle is refused. */
static bool
add_edge(struct reader *r, struct vertex *from, struct vertex *to,
    struct include *inc)
{
	struct edge edge = { .to = to };

	for (size_t i = 0; i < from->edges.n; i++) {
		if (from->edges.v[i].to != to)
			continue;
		vec_push(r->a, &from->edges.v[i].includes, inc);
		return true;
	}
	if (reaches(&r->g, to, from)) {
		err_set(r->e, ERR_INCLUDE_CYCLE,
		    "task: include cycle detected between %s <--> %s",
		    from->location, to->location);
		return fail_at_include(r, inc);
	}
	vec_push(r->a, &edge.includes, inc);
	vec_push(r->a, &from->edges, edge);
	vec_push(r->a, &to->includers, from);
	return true;
}

/* Where an include leads over the network; NULL: nowhere, or it may not. */
static const char *
remote_target(struct reader *r, struct visit *v, const struct include *inc)
{
	struct err *e = r->e, ignored cleanup_err = ERR_INIT;
	const char *text = inc->taskfile;
	bool good;

	r->e = &ignored;
	good = read_replace(r, v, &text) && phase_path(r, text) == NULL;
	if (good)
		text = resolve_entrypoint(r, v->at, text);
	r->e = e;
	return good && source_kind_of(sv_of(text)) != SOURCE_FILE &&
		check_address(r, text, &ignored)
	    ? text
	    : NULL;
}

/* Several remote files that one includes can come side by side. */
static void
expect_includes(struct reader *r, struct visit *v)
{
	const struct map_entry *it;
	string_vec wanted = { 0 };

	if (r->o->remote == NULL || r->o->remote->expect == NULL)
		return;
	map_each(v->at->tf->includes, it) {
		const char *address = remote_target(r, v, it->value);

		if (address != NULL &&
		    map_get(r->g.by_location,
			sv_of(source_redacted(r->a, address))) == NULL)
			vec_push(r->a, &wanted, address);
	}
	for (size_t i = 0; wanted.n > 1 && i < wanted.n; i++)
		r->o->remote->expect(r->o->remote->ctx, wanted.v[i]);
}

static bool
read_enter(struct reader *r, struct vertex *v)
{
	struct visit visit = { .at = v };

	map_put(r->g.by_location, sv_of(v->location), v);
	vec_push(r->a, &r->g.all, v);
	if (!read_vertex(r, v))
		return false;
	expect_includes(r, &visit);
	vec_push(NULL, &r->stack, visit);
	return true;
}

/* The `number`th include of a file; NULL behind the last. */
static const struct include *
nth_include(const struct map *includes, size_t number)
{
	const struct map_entry *it;

	map_each(includes, it) {
		if (number-- == 0)
			return it->value;
	}
	return NULL;
}

/* One step: follow the next include of the file on top, or leave it, which
 * makes the edge from the file below. */
static bool
step(struct reader *r)
{
	struct visit *v = &r->stack.v[r->stack.n - 1];
	const struct include *raw;
	struct vertex *known;

	if (v->child != NULL) {
		struct vertex *child = v->child;

		v->child = NULL;
		return add_edge(r, v->at, child, v->include);
	}
	raw = nth_include(v->at->tf->includes, v->next++);
	if (raw == NULL) {
		r->stack.n--;
		return true;
	}
	if (!resolve_include(r, v, raw) || v->child == NULL)
		return !err_is_set(r->e);
	known = map_get(r->g.by_location, sv_of(v->child->location));
	if (known != NULL) {
		/* read already, but not for this pin */
		if (*v->child->checksum != '\0' &&
		    !check_pin(
			r, v->child, file_text_again(r->a, &known->text)))
			return false;
		v->child = known;
		return true;
	}
	return read_enter(r, v->child);
}

/* L-014: after merging, for the root file alone. */
static bool
check_version(struct arena *a, const struct taskfile *tf, struct err *e)
{
	struct version v, least, own;
	const char *why = NULL;

	version_parse(sv_of(tf->version), &v);
	version_parse(SV("3"), &least);
	version_parse(SV(TASKFILE_VERSION), &own);
	if (version_cmp(&v, &least) < 0)
		why = "no longer supported. Please use v3 or above";
	else if (version_cmp(&v, &own) > 0)
		why = "is greater than the current version of Task "
		      "(" TASKFILE_VERSION ")";
	return why == NULL ||
	    err_set(e, ERR_VERSION,
		"task: Invalid schema version in Taskfile %s:\n"
		"Schema version (%s) %s",
		quote_go(a, sv_of(tf->location)), tf->version, why);
}

static bool
read_all(struct reader *r)
{
	struct vertex *root = new_vertex(r, r->o->path, NULL);

	root->dir = r->o->root_dir;
	if (strcmp(r->o->path, "__stdin__") == 0)
		root->kind = SOURCE_STDIN;
	if (is_read_remote(root) && !check_address(r, root->address, r->e))
		return false;
	if (!read_enter(r, root))
		return false;
	while (r->stack.n > 0)
		if (!step(r))
			return false;
	return graph_merge(&r->g, r->e) && check_version(r->a, r->root, r->e);
}

bool
taskfile_load(struct arena *a, const struct load_options *o,
    struct taskfile **out, struct err *e)
{
	struct reader r = { .a = a, .o = o, .e = e };
	bool good;

	r.g.a = a;
	r.g.by_location = map_new(a);
	good = read_all(&r);
	vec_free(&r.stack);
	for (size_t i = 0; i < r.g.all.n; i++)
		file_text_forget(&r.g.all.v[i]->text);
	*out = good ? r.root : NULL;
	return good;
}
