/* SPDX-License-Identifier: MIT */
/* The configuration files of C-500 to C-504. */
#include "base/io.h"
#include "base/path.h"
#include "taskfile/decode.h"
#include "taskfile/source.h"
#include "taskfile/taskfile.h"

static const char *const xdg_names[] = { "taskrc.yml", "taskrc.yaml", NULL };
static const char *const rc_names[] = { ".taskrc.yml", ".taskrc.yaml", NULL };

static bool
read_concurrency(struct decoder *d, const struct ynode *n, void *out)
{
	struct taskrc *rc = out;
	size_t errors = d->types.n;

	read_int(d, n, &rc->concurrency);
	rc->has_concurrency |= d->types.n == errors;
	return true;
}

/* C-503: once on, a nearer file does not turn it off. */
static bool
read_failfast(struct decoder *d, const struct ynode *n, void *out)
{
	struct taskrc *rc = out;
	enum tristate t = TRI_UNSET;

	read_tristate(d, n, &t);
	if (rc->failfast != TRI_TRUE && t != TRI_UNSET)
		rc->failfast = t;
	return true;
}

static bool
read_experiments(struct decoder *d, const struct ynode *n, void *out)
{
	struct taskrc *rc = out;

	if (n->kind != YNODE_MAP) {
		type_error(d, n, "map[string]int");
		return true;
	}
	for (size_t i = 0; i < n->n; i += 2) {
		struct ynode *v = n->items[i + 1];
		int64_t number;

		if (ynode_is_null(v))
			continue;
		if (!ynode_int(v, &number)) {
			type_error(d, v, "int");
			continue;
		}
		map_put(rc->experiments, ynode_key(n->items[i]),
		    arena_printf(d->a, "%lld", (long long)number));
	}
	return true;
}

static int
compare_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* C-503: united over all files, sorted, each once. */
static bool
read_trusted_hosts(struct decoder *d, const struct ynode *n, void *out)
{
	string_vec *hosts = &((struct taskrc *)out)->trusted_hosts;
	string_vec more = { 0 };
	size_t kept = 0;

	read_strings(d, n, &more);
	for (size_t i = 0; i < more.n; i++)
		vec_push(d->a, hosts, more.v[i]);
	if (hosts->n == 0)
		return true;
	qsort(hosts->v, hosts->n, sizeof(*hosts->v), compare_text);
	for (size_t i = 1; i < hosts->n; i++)
		if (strcmp(hosts->v[i], hosts->v[kept]) != 0)
			hosts->v[++kept] = hosts->v[i];
	hosts->n = kept + 1;
	return true;
}

/* C-503: a host's headers replace those that a farther file gave it. */
static void
forget_host(struct taskrc *rc, const char *host)
{
	size_t kept = 0;

	for (size_t i = 0; i < rc->headers.n; i++)
		if (strcmp(rc->headers.v[i].host, host) != 0)
			rc->headers.v[kept++] = rc->headers.v[i];
	rc->headers.n = kept;
}

struct host_form {
	const char *host;
	const struct ynode *headers;
};

static bool
read_node(struct decoder *d, const struct ynode *n, void *out)
{
	if (n->kind == YNODE_MAP)
		*(const struct ynode **)out = n;
	else
		type_error(d, n, "map[string]string");
	return true;
}

static void
rc_add_headers(struct decoder *d, struct taskrc *rc, const struct host_form *f)
{
	const struct ynode *n = f->headers;

	for (size_t i = 0; n != NULL && i < n->n; i += 2) {
		struct rc_header h = { f->host, ynode_key(n->items[i]).p, "" };

		read_string(d, n->items[i + 1], &h.value);
		vec_push(d->a, &rc->headers, h);
	}
}

static bool
read_headers(struct decoder *d, const struct ynode *n, void *out)
{
	static const struct field fields[] = {
		FIELD(struct host_form, "host", host, read_string),
		FIELD(struct host_form, "headers", headers, read_node),
	};

	if (n->kind != YNODE_SEQ) {
		type_error(d, n, "[]ast.RemoteHeaders");
		return true;
	}
	for (size_t i = 0; i < n->n; i++) {
		struct host_form f = { "", NULL };

		if (!decode_struct(d, n->items[i], fields, 2, &f,
			"ast.RemoteHeaders"))
			return false;
		forget_host(out, f.host);
		rc_add_headers(d, out, &f);
	}
	return true;
}

static bool
rc_read_remote(struct decoder *d, const struct ynode *n, void *out)
{
#define RC(key, member, read) FIELD(struct taskrc, key, member, read)
	static const struct field fields[] = {
		RC("insecure", insecure, read_tristate),
		RC("offline", offline, read_tristate),
		RC("timeout", remote_timeout_ns, read_duration),
		RC("cache-expiry", remote_expiry_ns, read_duration),
		RC("cache-dir", remote_cache_dir, read_string),
		RC("cacert", cacert, read_string),
		RC("cert", cert, read_string),
		RC("cert-key", cert_key, read_string),
		FIELD_WHOLE("trusted-hosts", read_trusted_hosts),
		FIELD_WHOLE("headers", read_headers),
	};

	return decode_struct(d, n, fields, sizeof(fields) / sizeof(fields[0]),
	    out, "ast.Remote");
}

static bool
decode_rc(struct decoder *d, const struct ynode *root, struct taskrc *out)
{
	static const struct field fields[] = {
		RC("verbose", verbose, read_tristate),
		RC("silent", silent, read_tristate),
		RC("color", color, read_tristate),
		RC("disable-fuzzy", disable_fuzzy, read_tristate),
		RC("interactive", interactive, read_tristate),
		RC("temp-dir", temp_dir, read_string),
		FIELD_WHOLE("concurrency", read_concurrency),
		FIELD_WHOLE("failfast", read_failfast),
		FIELD_WHOLE("experiments", read_experiments),
		FIELD_WHOLE("remote", rc_read_remote),
	};
#undef RC

	return decode_struct(d, root, fields,
	    sizeof(fields) / sizeof(fields[0]), out, "ast.TaskRC");
}

static bool
type_errors_to(const struct decoder *d, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;

	if (d->types.n == 0)
		return true;
	sb_adds(&b, "yaml: unmarshal errors:");
	for (size_t i = 0; i < d->types.n; i++)
		sb_printf(&b, "\n  %s", d->types.v[i]);
	return err_set(e, ERR_PARSE, "%s", sb_cstr(&b));
}

static bool
read_rc(struct arena *a, const char *path, struct taskrc *out, struct err *e)
{
	struct taskfile unused = { .location = path };
	struct file_text text = { .path = path };
	struct decoder d = {
		.a = a, .tf = &unused, .text = &text, .e = e, .where = path
	};
	struct ynode *root;

	if (!read_file(a, path, &text.text, e))
		return err_wrap(e, "task: Failed to read %s: ", path);
	if (!ynode_parse(a, text.text, &root, e)) {
		if (e->place != NULL)
			err_place(e, "%s:%s", path, arena_strdup(a, e->place));
		return err_wrap(e, "task: Failed to parse %s:\n", path);
	}
	if (root == NULL || ynode_is_null(root))
		return true;
	if (!decode_rc(&d, root, out))
		return false;
	return type_errors_to(&d, e) ||
	    err_wrap(e, "task: Failed to parse %s:\n", path);
}

static bool
read_rc_in(struct arena *a, const char *dir, const char *const *names,
    struct taskrc *out, struct err *e)
{
	struct err unused cleanup_err = ERR_INIT;
	const char *path;

	return source_search(a, dir, names, &path, &unused) != SEARCH_FOUND ||
	    read_rc(a, path, out, e);
}

struct found {
	struct arena *a;
	string_vec paths;
};

static void
add_found(void *ctx, const char *path)
{
	struct found *f = ctx;

	vec_push(f->a, &f->paths, path);
}

/* C-500: farthest first, so that nearer files overwrite. */
static bool
read_upward(struct arena *a, const char *dir, const struct taskrc_world *w,
    struct taskrc *out, struct err *e)
{
	struct err unused cleanup_err = ERR_INIT;
	struct found f = { .a = a };

	source_walk(a, dir, rc_names, true, add_found, &f, &unused);
	while (f.paths.n > 0) {
		const char *path = f.paths.v[--f.paths.n];

		if ((w->may_read == NULL ||
			w->may_read(w->may_read_ctx, path)) &&
		    !read_rc(a, path, out, e))
			return false;
	}
	return true;
}

bool
taskrc_load(struct arena *a, const char *dir,
    const struct taskrc_world *w, struct taskrc *out, struct err *e)
{
	const char *xdg = w->getenv_fn(w->ctx, "XDG_CONFIG_HOME");
	const char *home = w->getenv_fn(w->ctx, "HOME");

	*out = (struct taskrc){ .experiments = map_new(a),
		.remote_timeout_ns = -1,
		.remote_expiry_ns = -1 };
	if (xdg != NULL && *xdg != '\0' &&
	    !read_rc_in(a, path_join(a, sv_of(xdg), SV("task")), xdg_names,
		out, e))
		return false;
	if (home != NULL && *home != '\0' &&
	    !read_rc_in(a, home, rc_names, out, e))
		return false;
	return read_upward(a, path_abs(a, sv_of(dir)), w, out, e);
}
