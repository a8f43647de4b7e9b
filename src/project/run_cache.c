/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/run_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/host.h"
#include "base/mask.h"
#include "base/path.h"
#include "base/real_path.h"
#include "exec/capture.h"
#include "fingerprint/cache_key.h"
#include "fingerprint/memo.h"
#include "project/remote_cache.h"
#include "store/cache_tree.h"

/* A call whose outputs are to be kept. */
struct wish {
	struct cache_key key;
	const struct fp_state *seen;
	const char *outputs; /* what it generates, as text */
	bool is_mixed; /* another call that generates the same was at work */
};

struct run_cache {
	struct project *p;
	struct fp *fp;
	struct cache *store;
	struct cache_tree tree;
	struct remote_cache *remote; /* NULL: there is none */
	double (*expected)(void *ctx, const char *task_name);
	void *ctx;          /* of that */
	const char *around; /* NULL: not asked yet */
	struct map *at_work; /* wish.outputs → struct wish * */
	bool is_told;	    /* that nothing can be added */
};

static const char *
outputs_dir(struct project *p)
{
	const char *dir = CFG_S(&p->config, cache, dir);

	if (*dir != '\0')
		return path_resolve(p->a, sv_of(p->state.root), sv_of(dir));
	return path_join(p->a, sv_of(p->state.cache), SV("outputs"));
}

struct cache *
run_cache_store(struct project *p, struct fp *fp)
{
	struct cache_options o = {
		.dir = outputs_dir(p),
		.max_bytes = (uint64_t)CFG_I(&p->config, cache, max_size),
		.ttl_ns = CFG_I(&p->config, cache, ttl),
		.memory = (uint64_t)CFG_I(&p->config, cache, memory),
	};

	if (fp != NULL)
		o.known = (struct cache_known){ fp, fp_content_is,
			fp_content_note };

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
	k->store = run_cache_store(p, fp);
	k->at_work = map_new(p->a);
	k->tree = (struct cache_tree){ .root = p->root_dir,
		.stage = path_join(p->a, sv_of(temp), SV("prun-stage")),
		.kept = path_join(p->a, sv_of(temp), SV("kept")) };
	return k;
}

void
run_cache_free(struct run_cache *k)
{
	if (k == NULL)
		return;
	/* what it has brought counts */
	remote_cache_free(k->remote);
	cache_close(k->store);
}

void
run_cache_use_remote(struct run_cache *k, struct loop *l,
    double (*expected)(void *ctx, const char *task_name), void *ctx)
{
	k->remote = remote_cache_new(k->p, l, outputs_dir(k->p));
	k->expected = expected;
	k->ctx = ctx;
}

/* ---- what decides for all tasks ---- */

static bool
is_in_repository(struct project *p, sv path)
{
	const char *real = path_real(p->a, sv_cstr(p->a, path));
	const char *top = path_real(p->a, p->repo_dir);
	size_t n = strlen(top);

	return strncmp(real, top, n) == 0 &&
	       (real[n] == '/' || real[n] == '\0');
}

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
		if (dir.n == 0 || dir.p[0] != '/' || is_in_repository(p, dir))
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
		tool = sv_trim(tool);
		argv[2] = sv_cstr(p->a, tool);
		sv_cut(tool, ' ', &tool, &said);
		if (!sv_starts(tool, SV("/")) || !is_in_repository(p, tool))
			capture_run(p->a, &c, &status, &text, &said, &none);
		else
			said = SV("");
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

/* What is there, for cache_restore(). */
struct there {
	cache_paths present, strange, right;
};

static bool
is_right(const struct cache_file *f, struct digest d)
{
	return f->link == NULL && (f->own[0] | f->own[1]) != 0 &&
	       f->own[0] == d.high && f->own[1] == d.low;
}

static void
look_there(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct cache_entry *x, struct there *out)
{
	cache_output_vec all = { 0 };
	size_t next = 0;

	fp_cache_outputs(k->fp, a, t, &all);
	/* both lists are sorted */
	for (size_t i = 0; i < all.n; i++) {
		const struct cache_output *o = &all.v[i];

		while (next < x->files.n &&
		       strcmp(x->files.v[next].path, o->path) < 0)
			next++;
		vec_push(a, &out->present, o->path);
		if (o->is_strange)
			vec_push(a, &out->strange, o->path);
		else if (next < x->files.n &&
			 strcmp(x->files.v[next].path, o->path) == 0 &&
			 is_right(&x->files.v[next], o->digest))
			vec_push(a, &out->right, o->path);
	}
}

/* What was put back need not be read to be recorded. */
static void
know_outputs(struct arena *a, const struct cache_entry *x, struct fp_state *s)
{
	const struct cache_file *f;

	vec_each(&x->files, f)
		if ((f->own[0] | f->own[1]) != 0)
			fp_cache_know(s, a, f->path,
			    (struct digest){ f->own[0], f->own[1] });
}

static bool
cache_put_back(struct run_cache *k, struct arena *a, const struct ctask *t,
    struct fp_state *s, const struct cache_entry *x, struct printed *out,
    struct err *e)
{
	struct there there = { 0 };
	struct cache_put put = { .present = &there.present,
		.strange = &there.strange, .right = &there.right };
	bool begun, ok;

	if (!names_outputs_only(k, a, t, x, e))
		return false;
	look_there(k, a, t, x, &there);
	if (!cache_hold(k->store))
		return err_set(e, ERR_GENERIC, "the cache is being cleaned");
	ok = read_log(k, a, x, out, e) &&
	     cache_restore(k->store, a, &k->tree, x, &put, &begun, e);
	cache_end(k->store);
	tell_copies(k, &put);
	if (ok)
		know_outputs(a, x, s);
	return ok;
}

static const char *
hit_text(struct arena *a, const struct cache_entry *x, bool is_remote)
{
	return arena_printf(a, "%zu file%s%s, saves %s", x->files.n,
	    x->files.n == 1 ? "" : "s", is_remote ? " of the remote one" : "",
	    duration_short(a, x->work_ns));
}

static bool
cache_look(struct run_cache *k, struct arena *a, const struct ctask *t,
    struct fp_state *s, const struct cache_key *key, bool is_remote,
    struct cached_call *c)
{
	struct err e cleanup_err = ERR_INIT;
	struct cache_entry x;

	switch (cache_find(k->store, a, key->key, &x)) {
	case CACHE_FOUND:
		if (!cache_put_back(k, a, t, s, &x, &c->printed, &e)) {
			c->text = arena_strdup(a, e.message);
			return false;
		}
		c->text = hit_text(a, &x, is_remote);
		cache_used(k->store, key->key);
		cache_count(k->store, true, x.work_ns);
		if (is_remote)
			cache_count_remote(k->store);
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

/* What can be known of the outputs of two calls without their names. */
static const char *
outputs_text(struct arena *a, const struct ctask *t)
{
	struct sb b cleanup_sb = SB_INIT;

	sb_printf(&b, "%s", t->dir);
	for (size_t i = 0; i < t->generates.n; i++)
		sb_printf(&b, "\n%s", t->generates.v[i].pattern);
	return sb_take(&b, a).p;
}

/* Two calls that write the same at the same time have mixed it. */
static void
wish_begin(struct run_cache *k, struct wish *w)
{
	struct wish *other = map_get(k->at_work, sv_of(w->outputs));

	if (other != NULL)
		other->is_mixed = w->is_mixed = true;
	map_put(k->at_work, sv_of(w->outputs), w);
}

/* The key, or why there is none. */
static const char *
find_key(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct fp_state *s, struct cache_key *key)
{
	const char *no = cache_key_refusal(t);
	struct err e cleanup_err = ERR_INIT;

	if (no == NULL &&
	    !fp_cache_key(k->fp, a, t, s, run_cache_around(k), key, &e))
		no = arena_strdup(a, e.message);
	return no;
}

/* ---- the remote one ---- */

/* What has come knows of its task what everybody may know; here more is known.
 */
static void
complete_entry(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct cache_key *key)
{
	struct err none cleanup_err = ERR_INIT;
	struct cache_entry x;

	if (cache_find(k->store, a, key->key, &x) != CACHE_FOUND ||
	    !cache_begin(k->store, &none))
		return;
	x.task = kept_name(k, a, t);
	x.parts.n = 0;
	parts_of_key(a, key, &x);
	cache_add(k->store, key->key, &x, &none);
	cache_end(k->store);
}

static enum cached_answer
cache_missed(
    struct run_cache *k, struct run_call *call, const struct cached_call *c)
{
	wish_begin(k, c->wish);
	cache_count(k->store, false, 0);
	tell_miss(k, call, "not in the cache", c->text, false);
	return CACHED_NOT;
}

static enum cached_answer
ask_remote(struct run_cache *k, struct arena *a, struct run_call *call,
    struct cached_call *c)
{
	const struct wish *w = c->wish;
	const char *why = "";

	if (k->remote != NULL)
		c->asking = remote_cache_ask(k->remote, w->key.key,
		    k->expected(k->ctx, call->task_name), c->wake, c->waker,
		    &why);
	if (c->asking != NULL)
		return CACHED_WAITS;
	if (*why != '\0')
		c->text =
		    arena_printf(a, "%s; the remote one: %s", c->text, why);
	return cache_missed(k, call, c);
}

static enum cached_answer
take_remote_answer(struct run_cache *k, struct arena *a, struct run_call *call,
    struct fp_state *s, struct cached_call *c)
{
	const struct wish *w = c->wish;
	const char *why;

	switch (remote_ask_answer(c->asking, &why)) {
	case REMOTE_WAITS:
		return CACHED_WAITS;
	case REMOTE_HIT:
		c->asking = NULL;
		complete_entry(k, a, call->ctask, &w->key);
		if (cache_look(k, a, call->ctask, s, &w->key, true, c))
			return CACHED_BACK;
		return cache_missed(k, call, c);
	case REMOTE_MISS:
		break;
	}
	c->asking = NULL;
	c->text = arena_printf(a, "%s; the remote one: %s", c->text, why);
	return cache_missed(k, call, c);
}

void
run_cache_drop(struct run_cache *k, struct cached_call *c)
{
	(void)k;
	remote_ask_drop(c->asking);
	c->asking = NULL;
}

/* ---- a call ---- */

enum cached_answer
run_cache_get(struct run_cache *k, struct arena *a, struct run_call *call,
    struct fp_state *s, struct cached_call *c)
{
	const struct ctask *t = call->ctask;
	struct wish *w;
	const char *no;

	if (c->asking != NULL)
		return take_remote_answer(k, a, call, s, c);
	if (!wants_cache(k, t))
		return CACHED_NOT;
	w = arena_new_of(k->p->a, struct wish);
	no = find_key(k, a, t, s, &w->key);
	if (no != NULL) {
		/* what asks for it is told, what has it by default is not */
		tell_miss(k, call, "not cached", no, t->task->cache);
		return CACHED_NOT;
	}
	w->seen = s;
	w->outputs = outputs_text(k->p->a, t);
	c->wish = w;
	if (cache_look(k, a, t, s, &w->key, false, c))
		return CACHED_BACK;
	return ask_remote(k, a, call, c);
}

const char *
run_cache_explain(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct fp_state *s)
{
	struct cache_entry x;
	struct cache_key key;
	const char *no;

	if (!wants_cache(k, t))
		return NULL;
	no = find_key(k, a, t, s, &key);
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

/* With the digests that fp_record() has just made of them. */
static void
add_own_digests(const cache_output_vec *v, struct cache_entry *x)
{
	for (size_t i = 0; i < x->files.n; i++) {
		if (x->files.v[i].link != NULL || v->v[i].is_strange)
			continue;
		x->files.v[i].own[0] = v->v[i].digest.high;
		x->files.v[i].own[1] = v->v[i].digest.low;
	}
}

static bool
take_outputs(struct run_cache *k, struct arena *a, const struct ctask *t,
    struct cache_entry *x, struct err *e)
{
	cache_output_vec all = { 0 };
	cache_paths paths = { 0 };
	const struct cache_output *o;

	fp_cache_outputs(k->fp, a, t, &all);
	vec_each(&all, o) {
		if (strcmp(secrets_masked(k->p->in->secrets, a, o->path),
			o->path) != 0)
			return err_set(e, ERR_GENERIC,
			    "a secret is in the name of an output");
		vec_push(a, &paths, o->path);
	}
	if (!cache_take(k->store, a, &k->tree, &paths, x, e))
		return false;
	add_own_digests(&all, x);
	return names_outputs_only(k, a, t, x, e);
}

/* What decided may have changed while it ran, its programs too, and a source in
 * ways that its times do not show. */
static bool
is_still_so(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct wish *w, struct err *e)
{
	struct cache_key now;

	return find_key(k, a, t, w->seen, &now) == NULL &&
		       strcmp(now.key, w->key.key) == 0
		   ? true
		   : err_set(e, ERR_GENERIC,
			 "what decides has changed while it ran");
}

static bool
keep_outputs(struct run_cache *k, struct arena *a, const struct run_call *call,
    const struct cached_call *c, struct cache_entry *x, struct err *e)
{
	const struct wish *w = c->wish;
	struct sb log cleanup_sb = SB_INIT;

	mask_printed(k, &c->printed, &log, x, a);
	parts_of_key(a, &w->key, x);
	if (!take_outputs(k, a, call->ctask, x, e) ||
	    (log.n > 0 &&
		!cache_add_bytes(k->store, a, sb_sv(&log), &x->log, e)))
		return false;
	return is_still_so(k, a, call->ctask, w, e) &&
	       cache_add(k->store, w->key.key, x, e);
}

static bool
cache_keep(struct run_cache *k, struct arena *a, const struct run_call *call,
    const struct cached_call *c, struct err *e)
{
	struct cache_entry x = { .task = kept_name(k, a, call->ctask),
		.work_ns = call->job_ns,
		.log.digest = "" };
	const struct wish *w = c->wish;
	bool ok;

	if (w->is_mixed)
		return err_set(e, ERR_GENERIC,
		    "another call was at work on the same outputs");
	if (!fp_cache_complete(a, call->ctask, e) || !cache_begin(k->store, e))
		return false;
	ok = keep_outputs(k, a, call, c, &x, e);
	cache_end(k->store);
	return ok;
}

void
run_cache_put(struct run_cache *k, struct arena *a, struct run_call *call,
    struct cached_call *c)
{
	const struct wish *w = c->wish;
	struct err e cleanup_err = ERR_INIT;

	if (cache_keep(k, a, call, c, &e)) {
		if (k->remote != NULL)
			remote_cache_offer(k->remote, w->key.key);
	} else {
		tell_miss(k, call, "not cached", e.message,
		    call->ctask->task->cache);
	}
	if (map_get(k->at_work, sv_of(w->outputs)) == w)
		map_del(k->at_work, sv_of(w->outputs));
}
