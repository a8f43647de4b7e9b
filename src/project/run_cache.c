/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/run_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/host.h"
#include "base/mask.h"
#include "base/path.h"
#include "exec/capture.h"
#include "fingerprint/cache_key.h"
#include "fingerprint/memo.h"
#include "store/cache_tree.h"

struct run_cache {
	struct project *p;
	struct fp *fp;
	struct cache *store;
	struct cache_tree tree;
	const char *around; /* NULL: not asked yet */
	bool is_told;	    /* that nothing can be added */
};

struct cache *
run_cache_store(struct project *p)
{
	const char *dir = CFG_S(&p->config, cache, dir);
	struct cache_options o = {
		.dir = *dir != '\0'
			   ? path_resolve(
				 p->a, sv_of(p->state.root), sv_of(dir))
			   : path_join(
				 p->a, sv_of(p->state.cache), SV("outputs")),
		.max_bytes = (uint64_t)CFG_I(&p->config, cache, max_size),
		.ttl_ns = CFG_I(&p->config, cache, ttl),
		.memory = (uint64_t)CFG_I(&p->config, cache, memory),
	};

	return cache_open(&o);
}

struct run_cache *
run_cache_new(struct project *p, struct fp *fp)
{
	struct run_cache *k;
	const char *temp;

	if (p->s->is_compat || p->s->dry || *p->root_dir == '\0' ||
	    !CFG_B(&p->config, features, output_cache))
		return NULL;
	temp = fp_temp_dir(fp);
	k = arena_new_of(p->a, struct run_cache);
	k->p = p;
	k->fp = fp;
	k->store = run_cache_store(p);
	k->tree = (struct cache_tree){ .root = p->root_dir,
		.stage = path_join(p->a, sv_of(temp), SV("prun-stage")),
		.kept = path_join(p->a, sv_of(temp), SV("kept")) };
	return k;
}

void
run_cache_free(struct run_cache *k)
{
	if (k != NULL)
		cache_close(k->store);
}

/* ---- what decides for all tasks ---- */

/* Version commands are asked from the root of the file system, with only those
 * folders of PATH that are outside of the repository: a program that came with
 * the sources is not run because somebody looks at them. */
static char **
around_env(struct project *p, char **path_entry)
{
	sv rest = sv_of(environment_get(p->in->env, "PATH")), dir;
	struct sb path cleanup_sb = SB_INIT;
	char **env = environment_block(p->in->env), **out;
	size_t n = 0, k = 0;

	while (rest.n > 0) {
		sv_cut(rest, ':', &dir, &rest);
		if (dir.n == 0 || dir.p[0] != '/' ||
		    (sv_starts(dir, sv_of(p->repo_dir)) &&
			(dir.n == strlen(p->repo_dir) ||
			    dir.p[strlen(p->repo_dir)] == '/')))
			continue;
		sb_printf(&path, "%s%.*s", path.n > 0 ? ":" : "", SV_ARG(dir));
	}
	*path_entry = arena_printf(p->a, "PATH=%s", sb_cstr(&path));
	while (env[n] != NULL)
		n++;
	out = arena_alloc(p->a, (n + 2) * sizeof(*out));
	for (size_t i = 0; i < n; i++)
		if (strncmp(env[i], "PATH=", 5) != 0)
			out[k++] = env[i];
	out[k++] = *path_entry;
	return out;
}

static void
around_add_tools(struct project *p, struct sb *b)
{
	sv rest = sv_of(CFG_S(&p->config, cache, tools)), tool;
	char *path = NULL;
	char **env = rest.n > 0 ? around_env(p, &path) : NULL;

	while (rest.n > 0) {
		const char *argv[] = { "/bin/sh", "-c", NULL, NULL };
		struct capture c = { .argv = argv, .env = env, .dir = "/" };
		struct err none cleanup_err = ERR_INIT;
		sv text = { "", 0 }, said = { "", 0 };
		int status = -1; /* it could not be asked */

		sv_cut(rest, ',', &tool, &rest);
		argv[2] = sv_cstr(p->a, sv_trim(tool));
		capture_run(p->a, &c, &status, &text, &said, &none);
		sb_printf(b, "tool %s %d %zu %zu\n", argv[2], status, text.n,
		    said.n);
		sb_addv(b, text);
		sb_addv(b, said);
	}
}

/* Every bash and sh on PATH, by content: which of them runs is told by their
 * versions, and asking for those takes longer than a hit. */
static void
around_add_shells(struct run_cache *k, struct sb *b)
{
	struct project *p = k->p;
	static const char *const names[] = { "bash", "sh" };
	sv rest = sv_of(environment_get(p->in->env, "PATH")), dir;

	while (rest.n > 0) {
		sv_cut(rest, ':', &dir, &rest);
		for (size_t i = 0; dir.n > 0 && i < 2; i++) {
			char *path = path_join(p->a, dir, sv_of(names[i]));
			struct stat st;

			if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
				continue;
			sb_printf(b, "shell %s ", names[i]);
			fp_add_content(k->fp, b, path);
		}
	}
}

static const char *
run_cache_around(struct run_cache *k)
{
	struct project *p = k->p;
	struct sb b cleanup_sb = SB_INIT;

	if (k->around != NULL)
		return k->around;
	sb_printf(&b, "%s %s\n", host_os(), host_arch());
	around_add_shells(k, &b);
	around_add_tools(p, &b);
	k->around = sv_cstr(p->a, sb_sv(&b));
	return k->around;
}

/* ---- between the two kinds of lists ---- */

static void
parts_of_key(
    struct arena *a, const struct cache_key *key, struct cache_entry *out)
{
	for (size_t i = 0; i < key->parts.n; i++) {
		const struct key_part *p = &key->parts.v[i];

		vec_push(a, &out->parts,
		    ((struct cache_part){ p->kind, p->name, p->high, p->low }));
	}
}

static void
key_of_parts(
    struct arena *a, const struct cache_entry *x, struct cache_key *out)
{
	for (size_t i = 0; i < x->parts.n; i++) {
		const struct cache_part *p = &x->parts.v[i];

		vec_push(a, &out->parts,
		    ((struct key_part){ p->kind, p->name, p->high, p->low }));
	}
}

static cache_paths
paths_of(struct arena *a, const string_vec *v)
{
	cache_paths out = { 0 };

	for (size_t i = 0; i < v->n; i++)
		vec_push(a, &out, v->v[i]);
	return out;
}

/* ---- looking ---- */

static bool
wants_cache(const struct run_cache *k, const struct ctask *t)
{
	return t->task != NULL &&
	       (t->task->cache || CFG_B(&k->p->config, cache, default));
}

/* A name as the cache may have it. */
static const char *
kept_name(const struct run_cache *k, struct arena *a, const struct ctask *t)
{
	return secrets_masked(k->p->in->secrets, a, t->full_name);
}

/* What differs from the task's last entry. */
static const char *
what_differs(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct cache_key *key)
{
	struct cache_entry last;
	struct cache_key before = { 0 };
	string_vec why = { 0 };

	if (!cache_find_last(k->store, a, kept_name(k, a, t), &last))
		return "nothing of it is there yet";
	key_of_parts(a, &last, &before);
	cache_key_diff(a, &before, key, &why);
	return why.n > 0 ? why.v[0] : "the last entry is for something else";
}

/* Only what the task may write is put back. */
static bool
names_outputs_only(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct cache_entry *x, struct err *e)
{
	for (size_t i = 0; i < x->files.n; i++)
		if (!fp_may_generate(k->fp, a, t, x->files.v[i].path))
			return err_set(e, ERR_GENERIC,
			    "%s is not among what it generates",
			    x->files.v[i].path);
	return true;
}

static bool
read_log(struct run_cache *k, struct arena *a, const struct cache_entry *x,
    struct printed *out, struct err *e)
{
	sv bytes;

	if (*x->log.digest == '\0')
		return true;
	if (!cache_read(k->store, &x->log, &bytes))
		return err_set(
		    e, ERR_GENERIC, "its stored log is gone or damaged");
	out->bytes = sv_dup(a, bytes);
	for (size_t i = 0; i < x->stretches.n; i++)
		vec_push(a, &out->stretches,
		    ((struct printed_stretch){ x->stretches.v[i].stream,
			(size_t)x->stretches.v[i].n }));
	return true;
}

static void
tell_copies(struct run_cache *k, const struct cache_put *put)
{
	for (size_t i = 0; i < put->saved.n; i++)
		term_print(k->p->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: an output was edited; the edited one is now %s\n",
		    put->saved.v[i]);
}

static bool
cache_put_back(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct cache_entry *x, struct printed *out, struct err *e)
{
	string_vec present = { 0 }, strange = { 0 };
	cache_paths all, odd;
	struct cache_put put = { 0 };
	bool begun, ok;

	if (!names_outputs_only(k, a, t, x, e))
		return false;
	fp_cache_outputs(k->fp, a, t, &present, &strange);
	all = paths_of(a, &present);
	odd = paths_of(a, &strange);
	put.present = &all;
	put.strange = &odd;
	if (!cache_hold(k->store))
		return err_set(e, ERR_GENERIC, "the cache is being cleaned");
	ok = read_log(k, a, x, out, e) &&
	     cache_restore(k->store, a, &k->tree, x, &put, &begun, e);
	cache_end(k->store);
	tell_copies(k, &put);
	return ok;
}

static const char *
hit_text(struct arena *a, const struct cache_entry *x)
{
	return arena_printf(a, "%zu file%s, saves %s", x->files.n,
	    x->files.n == 1 ? "" : "s", duration_short(a, x->work_ns));
}

static bool
cache_look(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct cache_key *key, struct cached_call *c)
{
	struct err e cleanup_err = ERR_INIT;
	struct cache_entry x;

	switch (cache_find(k->store, a, key->key, &x)) {
	case CACHE_FOUND:
		if (!cache_put_back(k, a, t, &x, &c->printed, &e)) {
			c->text = arena_strdup(a, e.message);
			return false;
		}
		c->text = hit_text(a, &x);
		cache_used(k->store, key->key);
		cache_count(k->store, true, x.work_ns);
		return true;
	case CACHE_NONE:
		c->text = what_differs(k, a, t, key);
		return false;
	case CACHE_DAMAGED:
		c->text = "its entry was damaged, and is removed";
		return false;
	}
	return false;
}

static void
tell_miss(struct run_cache *k, struct run_call *call, const char *what,
    const char *why, bool always)
{
	struct project *p = k->p;

	call->miss = arena_printf(p->a, "%s: %s", what, why);
	if (always || p->s->verbose)
		term_print(p->term, STDERR_FILENO, COLOR_MAGENTA,
		    "prun: task \"%s\" is %s\n", call->name, call->miss);
}

bool
run_cache_get(struct run_cache *k, struct arena *a, struct run_call *call,
    const struct fp_state *s, struct cached_call *c)
{
	const struct ctask *t = call->ctask;
	struct err e cleanup_err = ERR_INIT;
	struct cache_key *key;
	const char *no;

	if (!wants_cache(k, t))
		return false;
	no = cache_key_refusal(t);
	key = arena_new_of(a, struct cache_key);
	if (no == NULL &&
	    !fp_cache_key(k->fp, a, t, s, run_cache_around(k), key, &e))
		no = e.message;
	if (no != NULL) {
		/* what asks for it is told, what has it by default is not */
		tell_miss(k, call, "not cached", no, t->task->cache);
		return false;
	}
	c->wish = key;
	if (cache_look(k, a, t, key, c))
		return true;
	cache_count(k->store, false, 0);
	tell_miss(k, call, "not in the cache", c->text, false);
	return false;
}

const char *
run_cache_explain(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct fp_state *s)
{
	struct err e cleanup_err = ERR_INIT;
	struct cache_entry x;
	struct cache_key key;
	const char *no;

	if (!wants_cache(k, t))
		return NULL;
	no = cache_key_refusal(t);
	if (no == NULL &&
	    !fp_cache_key(k->fp, a, t, s, run_cache_around(k), &key, &e))
		no = e.message;
	if (no != NULL)
		return arena_printf(a, "not cached: %s", no);
	if (cache_find(k->store, a, key.key, &x) == CACHE_FOUND)
		return "its outputs are in the cache";
	return arena_printf(
	    a, "not in the cache: %s", what_differs(k, a, t, &key));
}

/* ---- keeping ---- */

/* Secrets are masked as in logs, also where two writes have a part each. */
static void
mask_printed(struct run_cache *k, const struct printed *p, struct sb *bytes,
    struct cache_entry *out, struct arena *a)
{
	const struct secrets *secrets = k->p->in->secrets;
	size_t n = secrets_count(secrets);
	struct mask *masks[2] = { mask_new_empty(), mask_new_empty() };
	sv rest = p->bytes;

	for (int i = 0; i < 2; i++)
		mask_learn(masks[i], secrets_texts(secrets), n);
	for (size_t i = 0; i <= p->stretches.n + 1; i++) {
		bool at_end = i >= p->stretches.n;
		int stream = at_end ? (int)(i - p->stretches.n) + 1
				    : p->stretches.v[i].stream;
		size_t before = bytes->n;

		if (at_end) {
			mask_end(masks[stream - 1], bytes);
		} else {
			mask_add(masks[stream - 1],
			    sv_sub(rest, 0, p->stretches.v[i].n), bytes);
			rest = sv_sub(rest, p->stretches.v[i].n, SIZE_MAX);
		}
		if (bytes->n > before)
			vec_push(a, &out->stretches,
			    ((struct cache_stretch){
				stream, bytes->n - before }));
	}
	for (int i = 0; i < 2; i++)
		mask_free(masks[i]);
}

static bool
keep_outputs(struct run_cache *k, struct arena *a, const struct run_call *call,
    const struct cached_call *c, struct cache_entry *x, struct err *e)
{
	const struct cache_key *key = c->wish;
	struct sb log cleanup_sb = SB_INIT;
	string_vec present = { 0 };
	cache_paths paths;

	fp_cache_outputs(k->fp, a, call->ctask, &present, NULL);
	for (size_t i = 0; i < present.n; i++)
		if (strcmp(secrets_masked(k->p->in->secrets, a, present.v[i]),
			present.v[i]) != 0)
			return err_set(e, ERR_GENERIC,
			    "a secret is in the name of an output");
	paths = paths_of(a, &present);
	mask_printed(k, &c->printed, &log, x, a);
	parts_of_key(a, key, x);
	if (!cache_take(k->store, a, &k->tree, &paths, x, e) ||
	    !names_outputs_only(k, a, call->ctask, x, e))
		return false;
	if (log.n > 0 &&
	    !cache_add_bytes(k->store, a, sb_sv(&log), &x->log, e))
		return false;
	return cache_add(k->store, key->key, x, e);
}

void
run_cache_put(struct run_cache *k, struct arena *a, struct run_call *call,
    struct cached_call *c)
{
	struct cache_entry x = { .task = kept_name(k, a, call->ctask),
		.work_ns = call->job_ns,
		.log.digest = "" };
	struct err e cleanup_err = ERR_INIT;
	bool ok;

	if (!fp_cache_complete(a, call->ctask, &e)) {
		tell_miss(k, call, "not cached", e.message,
		    call->ctask->task->cache);
		return;
	}
	ok = cache_begin(k->store, &e);
	if (ok) {
		ok = keep_outputs(k, a, call, c, &x, &e);
		cache_end(k->store);
	}
	if (!ok)
		tell_miss(k, call, "not cached", e.message,
		    call->ctask->task->cache);
}
