/* SPDX-License-Identifier: MIT */
/* Hints that need more than one call (P-1102): what fails side by side, which
 * pool is full, which dep could be dropped, where the cache would help. */
#include "advice/stats.h"

#include <stdlib.h>

#include "base/clock.h"
#include "compile/compile.h"
#include "fingerprint/fp.h"
#include "stats/critical.h"

enum {
	HINT_RUNS = 500, /* of a call that are looked at */
	PAIR_LEAST = 3,  /* failures, and runs apart */
	AGAIN_LEAST = 5  /* runs of what was known */
};

/* ---- two that fail only side by side ---- */

struct pair {
	size_t failed, beside; /* runs in which both ran at once */
	size_t apart;          /* runs in which the one ran without the other */
};

static bool
is_evidence(const struct history_call *c)
{
	return (c->flags & HISTORY_ODD) == 0 &&
	       (c->outcome == HISTORY_PASSED || c->outcome == HISTORY_FELL);
}

static bool
ran_at_once(const struct history_call *a, const struct history_call *b)
{
	return a->start_ns < b->start_ns + b->wall_ns &&
	       b->start_ns < a->start_ns + a->wall_ns;
}

/* Was `c` beside one of the other's calls in its run?  *at goes up with it. */
static bool
was_beside(const struct history_call *c, const struct history_series *other,
    size_t *at)
{
	while (*at < other->calls.n && other->calls.v[*at].run < c->run)
		++*at;
	for (size_t i = *at;
	     i < other->calls.n && other->calls.v[i].run == c->run; i++)
		if (other->calls.v[i].wall_ns > 0 &&
		    ran_at_once(c, &other->calls.v[i]))
			return true;
	return false;
}

/* false: it failed without the other as well. */
static bool
pair_count(const struct history_series *s, const struct history_series *other,
    struct pair *out)
{
	size_t n = s->calls.n, at = 0;

	*out = (struct pair){ 0 };
	for (size_t i = n > HINT_RUNS ? n - HINT_RUNS : 0; i < n; i++) {
		const struct history_call *c = &s->calls.v[i];
		bool fell = c->outcome == HISTORY_FELL;

		if (!is_evidence(c))
			continue;
		if (was_beside(c, other, &at)) {
			out->beside++;
			out->failed += fell;
		} else if (fell) {
			return false;
		} else {
			out->apart++;
		}
	}
	return out->failed >= PAIR_LEAST && out->apart >= PAIR_LEAST;
}

/* The one with which it failed the most often of the times that they met. */
static void
add_pair(
    struct sb *out, const struct stats_all *all, const struct stats_call *c)
{
	const struct stats_call *other, *with = NULL;
	struct pair best = { 0 }, p;

	if (c->stats.all.of - c->stats.all.passed < PAIR_LEAST)
		return;
	vec_each(&all->calls, other) {
		if (other == c || !pair_count(c->series, other->series, &p) ||
		    (with != NULL && p.beside >= best.beside))
			continue;
		best = p;
		with = other;
	}
	if (with != NULL)
		sb_printf(out,
		    "hint: %s fails only beside %s: in %zu of %zu runs in "
		    "which they ran at once, and in none of %zu others; a "
		    "mutex keeps them apart\n",
		    c->label, with->label, best.failed, best.beside,
		    best.apart);
}

/* ---- the cache ---- */

static int
compare_trees_and_runs(const void *x, const void *y)
{
	const struct history_call *a = *(const struct history_call *const *)x;
	const struct history_call *b = *(const struct history_call *const *)y;

	if (a->tree != b->tree)
		return a->tree < b->tree ? -1 : 1;
	return (a->run > b->run) - (a->run < b->run);
}

/* Work that was done on a tree on which it had passed before. */
static void
add_again(struct arena *a, struct sb *out, const struct stats_call *c)
{
	VEC(const struct history_call *) v = { 0 };
	size_t again = 0, n = c->series->calls.n;
	int64_t spent_ns = 0;

	for (size_t i = n > HINT_RUNS ? n - HINT_RUNS : 0; i < n; i++) {
		const struct history_call *call = &c->series->calls.v[i];

		if (call->tree != 0 && call->outcome == HISTORY_PASSED &&
		    call->busy_ns > 0)
			vec_push(a, &v, call);
	}
	if (v.n > 0)
		qsort(v.v, v.n, sizeof(*v.v), compare_trees_and_runs);
	for (size_t i = 1; i < v.n; i++) {
		if (v.v[i]->tree != v.v[i - 1]->tree)
			continue;
		again++;
		spent_ns += v.v[i]->busy_ns;
	}
	if (again >= AGAIN_LEAST && spent_ns >= NS_PER_S)
		sb_printf(out,
		    "hint: %s ran %zu times on a tree on which it had passed "
		    "before, %s of work: with sources, generates and "
		    "cache: true it would not\n",
		    c->label, again, duration_short(a, spent_ns));
}

static void
add_cache(struct arena *a, struct sb *out, const struct stats_all *all)
{
	const struct stats_call *c;

	vec_each(&all->calls, c) {
		const struct task *t =
		    map_get(all->p->taskfile->tasks, sv_of(c->series->task));

		if (t != NULL && !t->cache)
			add_again(a, out, c);
	}
}

/* ---- pools ---- */

struct pool_use {
	const char *name;
	int64_t size, used_ns, waited_ns;
};
typedef VEC(struct pool_use) pool_use_vec;

static int64_t
pool_size_of(const struct stats_all *all, const char *name)
{
	const struct config_pool *p;

	vec_each(&all->p->config.pools, p)
		if (strcmp(p->name, name) == 0)
			return p->slots;
	return strcmp(name, "io") == 0 ? 10 : 0;
}

static struct pool_use *
pool_use_of(struct arena *a, pool_use_vec *v, const struct stats_all *all,
    const char *name)
{
	struct pool_use *u;

	vec_each(v, u)
		if (strcmp(u->name, name) == 0)
			return u;
	vec_push(a, v,
	    ((struct pool_use){
		.name = name, .size = pool_size_of(all, name) }));
	return &v->v[v->n - 1];
}

/* Those that have a name; of cpu the number of slots is told. */
static void
add_pools_hint(struct arena *a, struct sb *out, const struct stats_all *all)
{
	const struct journal_log *l = &all->log;
	pool_use_vec v = { 0 };
	const struct pool_use *u;
	unsigned last = 0;

	for (size_t i = 0; i < l->jobs.n; i++) {
		const struct journal_job *j = &l->jobs.v[i];
		struct pool_use *of;

		if (j->id == 0 || *j->pool == '\0' || j->end_ns <= j->start_ns)
			continue;
		of = pool_use_of(a, &v, all, j->pool);
		of->used_ns +=
		    (j->end_ns - j->start_ns) * (j->slots > 0 ? j->slots : 1);
		if (j->call != last && j->call <= l->calls.n)
			of->waited_ns += l->calls.v[j->call - 1].slot_wait_ns;
		last = j->call;
	}
	vec_each(&v, u)
		if (u->size > 0 && l->end.end_ns > 0 &&
		    u->waited_ns >= l->end.end_ns / 4)
			sb_printf(out,
			    "hint: pool %s is full: calls of the last run "
			    "waited %s for its %lld slot%s, busy %.0f%% of "
			    "the time\n",
			    u->name, duration_short(a, u->waited_ns),
			    (long long)u->size, u->size == 1 ? "" : "s",
			    100 * (double)u->used_ns /
				((double)u->size * (double)l->end.end_ns));
}

/* ---- deps ---- */

/* Its files as they are now; none where that cannot be known without running
 * anything. */
static void
files_of_task(struct stats_all *all, struct arena *a, const char *name,
    bool generates, string_vec *out)
{
	struct project *p = all->p;
	struct err ignored cleanup_err = ERR_INIT;
	struct call call = { .task = name };
	struct cursor *cursor;
	const struct ctask *t;
	struct match m;

	if (!task_find(a, &p->compiler, name, &m, &ignored))
		return;
	cursor = compile_begin(a, &p->compiler, &call, &m, COMPILE_RECIPE);
	if (!project_compile(p, cursor, &ignored))
		return;
	t = compile_result(cursor);
	if (!fp_files(a, t->dir, generates ? &t->generates : &t->sources, false,
		out, &ignored))
		out->n = 0;
}

/* Both sorted. */
static bool
have_one_in_common(const string_vec *x, const string_vec *y)
{
	for (size_t i = 0, j = 0; i < x->n && j < y->n;) {
		int order = strcmp(x->v[i], y->v[j]);

		if (order == 0)
			return true;
		i += order < 0;
		j += order > 0;
	}
	return false;
}

/* How much earlier `parent` could have begun without this dep. */
static int64_t
held_up_ns(const struct journal_log *l, const struct journal_call *dep)
{
	int64_t other = dep->start_ns;

	for (size_t i = 0; i < l->calls.n; i++) {
		const struct journal_call *c = &l->calls.v[i];

		if (c->id != 0 && c->id != dep->id && c->is_dep &&
		    c->parent == dep->parent && c->end_ns > other)
			other = c->end_ns;
	}
	return dep->end_ns - other;
}

static void
dep_hint(struct arena *a, struct sb *out, struct stats_all *all,
    const struct journal_call *dep)
{
	const struct journal_log *l = &all->log;
	const struct journal_call *c = &l->calls.v[dep->parent - 1];
	int64_t held = held_up_ns(l, dep);
	string_vec made = { 0 }, read = { 0 };

	if (c->jobs == 0 || *c->vars != '\0' || *dep->vars != '\0' ||
	    held < l->end.end_ns / 10)
		return;
	files_of_task(all, a, dep->task, true, &made);
	files_of_task(all, a, c->task, false, &read);
	if (made.n == 0 || read.n == 0 || have_one_in_common(&made, &read))
		return;
	sb_printf(out,
	    "hint: %s may need its dep %s no more: it waited %s for it in the "
	    "last run of %s, and none of its %zu sources is among the %zu "
	    "file%s that %s generates\n",
	    c->name, dep->name, duration_short(a, held),
	    duration_short(a, l->end.end_ns), read.n, made.n,
	    made.n == 1 ? "" : "s", dep->name);
}

static void
dep_hints(struct arena *a, struct sb *out, struct stats_all *all)
{
	const struct journal_log *l = &all->log;
	struct past_call *past =
	    arena_alloc(a, (l->calls.n + 1) * sizeof(*past));

	for (size_t i = 0; i < l->calls.n; i++) {
		const struct journal_call *c = &l->calls.v[i];

		past[i] = (struct past_call){
			.parent = c->parent == 0 ? SIZE_MAX : c->parent - 1,
			.start_ns = c->start_ns,
			.end_ns = c->end_ns
		};
	}
	critical_mark(past, l->calls.n);
	for (size_t i = 0; i < l->calls.n; i++) {
		const struct journal_call *c = &l->calls.v[i];

		if (c->id != 0 && c->is_dep && past[i].critical &&
		    c->parent > 0 && c->twin == 0)
			dep_hint(a, out, all, c);
	}
}

void
stats_add_hints(struct arena *a, struct sb *out, struct stats_all *all)
{
	const struct stats_call *c;

	vec_each(&all->calls, c)
		add_pair(out, all, c);
	if (all->log.has_end) {
		add_pools_hint(a, out, all);
		dep_hints(a, out, all);
	}
	add_cache(a, out, all);
}
