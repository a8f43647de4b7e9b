/* SPDX-License-Identifier: MIT */
#include "project/run_cache_internal.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"

const char *
run_cache_dir(struct project *p)
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
		.dir = run_cache_dir(p),
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
	prefetch_free(k->prefetch);
	/* what it has brought counts */
	remote_cache_free(k->remote);
	cache_close(k->store);
}

void
run_cache_use_remote(struct run_cache *k, struct loop *l,
    double (*expected)(void *ctx, const char *task_name), void *ctx)
{
	k->remote = remote_cache_new(k->p, l, run_cache_dir(k->p));
	k->expected = expected;
	k->ctx = ctx;
}

/* ---- between the two kinds of lists ---- */

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

bool
run_cache_wants(const struct run_cache *k, const struct ctask *t)
{
	return t->task != NULL &&
	       (t->task->cache || CFG_B(&k->p->config, cache, default));
}

const char *
run_cache_name(const struct run_cache *k, struct arena *a, const struct ctask *t)
{
	return secrets_masked(k->p->in->secrets, a, t->full_name);
}

const char *
run_cache_differs(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct cache_key *key)
{
	struct cache_entry last;
	struct cache_key before = { 0 };
	string_vec why = { 0 };

	if (!cache_find_last(k->store, a, run_cache_name(k, a, t), &last))
		return "nothing of it is there yet";
	key_of_parts(a, &last, &before);
	cache_key_diff(a, &before, key, &why);
	return why.n > 0 ? why.v[0] : "the last entry is for something else";
}

bool
run_cache_may_write(struct run_cache *k, struct arena *a, const struct ctask *t,
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

	if (!run_cache_may_write(k, a, t, x, e))
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

	is_remote |= prefetch_has_brought(k->prefetch, key->key);
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
		c->text = run_cache_differs(k, a, t, key);
		return false;
	case CACHE_DAMAGED:
		c->text = "its entry was damaged, and is removed";
		return false;
	}
	return false;
}

void
run_cache_tell_miss(struct run_cache *k, struct run_call *call, const char *what,
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

const char *
run_cache_key(struct run_cache *k, struct arena *a, const struct ctask *t,
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

void
run_cache_complete(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct cache_key *key)
{
	struct err none cleanup_err = ERR_INIT;
	struct cache_entry x;

	if (cache_find(k->store, a, key->key, &x) != CACHE_FOUND ||
	    !cache_begin(k->store, &none))
		return;
	x.task = run_cache_name(k, a, t);
	x.parts.n = 0;
	run_cache_parts(a, key, &x);
	cache_add(k->store, key->key, &x, &none);
	cache_end(k->store);
}

static enum cached_answer
cache_missed(
    struct run_cache *k, struct run_call *call, const struct cached_call *c)
{
	wish_begin(k, c->wish);
	cache_count(k->store, false, 0);
	run_cache_tell_miss(k, call, "not in the cache", c->text, false);
	return CACHED_NOT;
}

static enum cached_answer
ask_remote(struct run_cache *k, struct arena *a, struct run_call *call,
    struct cached_call *c)
{
	const struct wish *w = c->wish;
	const char *why = "";

	if (k->remote != NULL) {
		double expected = k->expected(k->ctx, call->task_name);
		struct remote_ask *q;

		if (!prefetch_take(k->prefetch, w->key.key, expected, c->wake,
			c->waker, &q, &why))
			q = remote_cache_ask(k->remote, w->key.key, expected,
			    c->wake, c->waker, &why);
		c->asking = q;
	}
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
		run_cache_complete(k, a, call->ctask, &w->key);
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

	prefetch_begin(k->prefetch);
	if (c->asking != NULL)
		return take_remote_answer(k, a, call, s, c);
	if (!run_cache_wants(k, t))
		return CACHED_NOT;
	w = arena_new_of(k->p->a, struct wish);
	no = run_cache_key(k, a, t, s, &w->key);
	if (no != NULL) {
		/* what asks for it is told, what has it by default is not */
		run_cache_tell_miss(k, call, "not cached", no, t->task->cache);
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

	if (!run_cache_wants(k, t))
		return NULL;
	no = run_cache_key(k, a, t, s, &key);
	if (no != NULL)
		return arena_printf(a, "not cached: %s", no);
	if (cache_find(k->store, a, key.key, &x) == CACHE_FOUND)
		return "its outputs are in the cache";
	return arena_printf(
	    a, "not in the cache: %s", run_cache_differs(k, a, t, &key));
}

