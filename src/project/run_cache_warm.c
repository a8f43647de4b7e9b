/* SPDX-License-Identifier: MIT */
/*
 * What a run would need, from the remote cache into the local one (P-1002).
 * Nothing of the tree is changed and no command is run, so what a task makes
 * for another is not there to be looked up by: only the run itself asks for
 * that.
 */
#include "project/run_cache_internal.h"

#include <unistd.h>

enum {
	AT_ONCE = 16 /* questions on their way */
};

/* A call whose outputs are not here. */
struct wanted {
	struct warm *w;
	const struct ctask *t;
	struct cache_key key;
	const char *why; /* it is not here */
	struct remote_ask *ask;
};

struct warm {
	struct project *p;
	struct fp *fp;
	struct run_cache *k;
	struct loop *l;
	VEC(struct wanted *) wanted;
	size_t asked, on_their_way;
	struct warm_sums *sums;
};

static void
warm_tell(
    struct warm *w, const char *what, const struct ctask *t, const char *why)
{
	term_print(w->p->term, STDOUT_FILENO, COLOR_DEFAULT, "%-8s %s%s%s\n",
	    what, t->name, *why != '\0' ? ": " : "", why);
}

/* ---- which calls ---- */

static bool
warm_look(struct warm *w, const struct ctask *t, struct err *e)
{
	struct arena *a = w->p->a;
	struct wanted *x = arena_new_of(a, struct wanted);
	struct fp_state s = { 0 };
	struct cache_entry entry;
	const char *no;

	if (!run_cache_wants(w->k, t))
		return true;
	if (!fp_check(w->fp, a, t, &s, e))
		return false;
	*x = (struct wanted){ .w = w, .t = t };
	no = run_cache_key(w->k, a, t, &s, &x->key);
	if (no != NULL) {
		warm_tell(w, "no key", t, no);
		w->sums->keyless++;
	} else if (cache_find(w->k->store, a, x->key.key, &entry) ==
		   CACHE_FOUND) {
		warm_tell(w, "here", t, "");
		w->sums->here++;
	} else {
		x->why = run_cache_differs(w->k, a, t, &x->key);
		vec_push(a, &w->wanted, x);
	}
	return true;
}

/* ---- asking ---- */

static void
on_warm_answer(void *arg)
{
	struct wanted *x = arg;
	struct warm *w = x->w;
	const char *why;

	w->on_their_way--;
	if (remote_ask_answer(x->ask, &why) == REMOTE_HIT) {
		run_cache_complete(w->k, w->p->a, x->t, &x->key);
		warm_tell(w, "brought", x->t, "");
		w->sums->brought++;
	} else {
		warm_tell(w, "missing", x->t,
		    arena_printf(
			w->p->a, "%s; the remote one: %s", x->why, why));
		w->sums->missing++;
	}
}

static void
warm_ask_next(struct warm *w)
{
	struct wanted *x = w->wanted.v[w->asked++];
	const char *why;

	x->ask = remote_cache_ask(
	    w->k->remote, x->key.key, -1, on_warm_answer, x, &why);
	if (x->ask != NULL) {
		w->on_their_way++;
		return;
	}
	warm_tell(w, "missing", x->t,
	    *why != '\0'
		? arena_printf(w->p->a, "%s; the remote one: %s", x->why, why)
		: x->why);
	w->sums->missing++;
}

static void
warm_ask_all(struct warm *w)
{
	while (w->asked < w->wanted.n || w->on_their_way > 0) {
		while (w->asked < w->wanted.n && w->on_their_way < AT_ONCE)
			warm_ask_next(w);
		if (w->on_their_way > 0 && !loop_turn(w->l))
			return;
	}
}

bool
run_cache_warm(struct run_cache *k, struct loop *l, const struct call *calls,
    size_t n, struct warm_sums *sums, struct err *e)
{
	struct warm w = {
		.p = k->p, .fp = k->fp, .k = k, .l = l, .sums = sums
	};
	struct cache_walk walk;

	*sums = (struct warm_sums){ 0 };
	k->remote = remote_cache_new(k->p, l, run_cache_dir(k->p));
	if (k->remote == NULL)
		return err_set(e, ERR_GENERIC, "prun: --cache warm: %s",
		    k->p->s->offline
			? "nothing can be brought with --offline"
			: "there is no remote cache; [cache] url in prun.ini "
			  "names it");
	remote_cache_be_patient(k->remote);
	cache_walk_begin(&walk, k->p, true, calls, n);
	while (walk.steps.n > 0) {
		const struct ctask *t;

		if (!cache_walk_next(&walk, &t, e) ||
		    (t != NULL && !warm_look(&w, t, e)))
			return false;
	}
	warm_ask_all(&w);
	sums->has_failed = remote_cache_has_failed(k->remote);
	return true;
}
