/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/rerun.h"

#include <inttypes.h>
#include <string.h>

#include "base/map.h"
#include "compile/task_words.h"

/* A call on its way down; of the new run. */
struct place {
	const char *way;
	bool is_whole; /* nothing at and below it is left out */
};

struct rerun {
	struct arena *a;
	const struct journal_log *log;
	struct map *old;  /* way → struct journal_call */
	struct map *like; /* way without its number → unsigned: calls so far */
	VEC(struct place *) places; /* of the new run, by id */
};

/* ---- the way to a call ---- */

static unsigned
count_like(struct arena *a, struct map *like, const char *way)
{
	unsigned *n = map_get(like, sv_of(way));

	if (n == NULL) {
		n = arena_alloc(a, sizeof(*n));
		*n = 0;
		map_put(like, sv_of(way), n);
	}
	return ++*n;
}

/* `above`: the way of the call that made it; "": it was asked for. */
static const char *
way_of(struct arena *a, struct map *like, const char *above, const char *name,
    const char *digest, bool is_dep)
{
	const char *way = arena_printf(
	    a, "%s\n%s %s %s", above, is_dep ? "dep" : "cmd", name, digest);

	return arena_printf(a, "%s %u", way, count_like(a, like, way));
}

static void
read_old(struct rerun *re)
{
	struct map *like = map_new(re->a);
	const char **ways =
	    arena_alloc(re->a, (re->log->calls.n + 1) * sizeof(*ways));

	ways[0] = "";
	for (size_t i = 0; i < re->log->calls.n; i++) {
		struct journal_call *c = &re->log->calls.v[i];

		ways[i + 1] = "";
		if (c->id == 0 || c->parent > i)
			continue;
		ways[i + 1] = way_of(
		    re->a, like, ways[c->parent], c->key, c->vars, c->is_dep);
		map_put(re->old, sv_of(ways[i + 1]), c);
	}
}

/* ---- what became of it ---- */

bool
rerun_has_passed(const struct journal_log *log, const struct journal_call *c)
{
	/* what shared an execution has its result */
	if (c->twin > 0 && c->twin <= log->calls.n && c->twin < c->id)
		c = &log->calls.v[c->twin - 1];
	return c->is_earlier || strcmp(c->status, "passed") == 0 ||
	       strcmp(c->status, "up to date") == 0 ||
	       strcmp(c->status, "cached") == 0;
}

bool
rerun_is_root_cause(const struct journal_call *c)
{
	return strcmp(c->status, "failed") == 0 && c->cause == 0;
}

static bool
had_job(const struct rerun *re, const struct journal_call *c)
{
	const struct journal_job *job;

	vec_each(&re->log->jobs, job)
		if (job->call == c->id)
			return true;
	return false;
}

/* Not by halves: what it has set up is gone, or its end would say of sources
 * that all was done with them as they are now. */
static bool
is_indivisible(const struct task *t)
{
	struct cmd *const *cmd;

	if (t->sources.n > 0 || t->retries > 0)
		return true;
	vec_each(&t->cmds, cmd)
		if ((*cmd)->defer)
			return true;
	return false;
}

/* `old`: of the run before; NULL: it was not in it. */
static bool
runs_whole(const struct rerun *re, const struct run_call *call,
    const struct journal_call *old)
{
	const struct task *t = call->task;

	if (old == NULL || t == NULL || rerun_is_root_cause(old) ||
	    old->attempts > 1 || is_indivisible(t))
		return true;
	if (!task_has_commands(re->a, t))
		return false;
	if (call->parent != NULL)
		return strcmp(old->status, "failed") != 0;
	/* what was asked for runs its commands behind calls that have passed,
	 * unless it was at its commands when it was ended */
	return old->cause == 0 && had_job(re, old);
}

static struct place *
rerun_place(const struct rerun *re, const struct run_call *call)
{
	return call != NULL && call->id <= re->places.n
		   ? re->places.v[call->id - 1]
		   : NULL;
}

static struct place *
rerun_add_place(struct rerun *re, const struct run_call *call)
{
	const struct place *above = rerun_place(re, call->parent);
	struct place *p = arena_new_of(re->a, struct place);
	const char *digest =
	    call->vars_hash != 0
		? arena_printf(re->a, "%016" PRIx64, call->vars_hash)
		: "";

	/* of a call that was left out nothing is known, nor can it make any */
	p->way = way_of(re->a, re->like, above != NULL ? above->way : "",
	    call->called_name, digest, call->is_dep);
	/* what a script makes is a part of its command */
	p->is_whole = (above != NULL && above->is_whole) ||
		      (call->parent != NULL && above == NULL) ||
		      call->streams != NULL;
	while (re->places.n < call->id)
		vec_push(re->a, &re->places, NULL);
	re->places.v[call->id - 1] = p;
	return p;
}

bool
rerun_leaves_out(struct rerun *re, const struct run_call *call)
{
	struct place *p = rerun_add_place(re, call);
	const struct journal_call *old = map_get(re->old, sv_of(p->way));

	if (p->is_whole)
		return false;
	if (old != NULL && rerun_has_passed(re->log, old))
		return true;
	p->is_whole = runs_whole(re, call, old);
	return false;
}

/* ---- */

static bool
all_have_passed(const struct journal_log *log)
{
	for (size_t i = 0; i < log->calls.n; i++) {
		const struct journal_call *c = &log->calls.v[i];

		if (c->id != 0 && c->parent == 0 && !rerun_has_passed(log, c))
			return false;
	}
	return true;
}

struct rerun *
rerun_new(struct arena *a, const struct journal_log *log)
{
	struct rerun *re;

	/* the run failed after its tasks: by its commit, say */
	if (all_have_passed(log))
		return NULL;
	re = arena_new_of(a, struct rerun);
	*re = (struct rerun){
		.a = a, .log = log, .old = map_new(a), .like = map_new(a)
	};
	read_old(re);
	return re;
}
