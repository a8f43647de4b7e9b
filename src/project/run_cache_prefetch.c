/* SPDX-License-Identifier: MIT */
/*
 * What a run will need, asked for while it is at other work: the remote cache
 * answers calls before they come up (P-1002).  A call at a time, between the
 * turns of the loop, and of those that are known without a shell; keys are made
 * of the sources as they are now.  Where these are others by then, the key is
 * another one, and the call asks for itself.
 */
#include "project/run_cache_internal.h"

enum {
	PREFETCH_AT_ONCE = 8 /* questions on their way */
};

/* A question that was asked. */
struct prefetch_ask {
	struct prefetch *h;
	const struct ctask *t;
	struct cache_key key;
	struct remote_ask *q;
	bool is_taken; /* by the call itself */
};

struct prefetch {
	struct run_cache *k;
	struct loop *l;
	struct cache_walk walk;
	struct timer *next;
	bool has_begun;
	struct map *asks; /* key → struct prefetch_ask * */
	size_t on_their_way, taken_up;
};

static void on_prefetch_turn(void *arg);

/* One by one, until it is known that the remote is any good. */
static void
prefetch_go_on(struct prefetch *h)
{
	const struct remote_cache *r = h->k->remote;
	size_t most = remote_cache_is_proven(r) ? PREFETCH_AT_ONCE : 1;

	if (h->next == NULL && h->walk.steps.n > 0 && h->on_their_way < most &&
	    !remote_cache_has_failed(r))
		h->next = loop_timer(h->l, 0, on_prefetch_turn, h);
}

static void
on_prefetch_answer(void *arg)
{
	struct prefetch_ask *x = arg;
	struct prefetch *h = x->h;
	const char *why;

	h->on_their_way--;
	if (remote_ask_answer(x->q, &why) == REMOTE_HIT)
		run_cache_complete(h->k, h->k->p->a, x->t, &x->key);
	prefetch_go_on(h);
}

static void
prefetch_look(struct prefetch *h, const struct ctask *t)
{
	struct run_cache *k = h->k;
	struct arena *a = k->p->a;
	struct err e cleanup_err = ERR_INIT;
	struct prefetch_ask *x = arena_new_of(a, struct prefetch_ask);
	struct fp_state s = { 0 };
	struct cache_entry entry;
	const char *why;

	*x = (struct prefetch_ask){ .h = h, .t = t };
	if (!run_cache_wants(k, t) || !fp_check(k->fp, a, t, &s, &e) ||
	    s.up_to_date || run_cache_key(k, a, t, &s, &x->key) != NULL ||
	    map_get(h->asks, sv_of(x->key.key)) != NULL ||
	    cache_find(k->store, a, x->key.key, &entry) == CACHE_FOUND)
		return;
	x->q = remote_cache_ask_ahead(
	    k->remote, x->key.key, on_prefetch_answer, x, &why);
	if (x->q == NULL)
		return;
	h->on_their_way++;
	map_put(h->asks, sv_of(x->key.key), x);
}

/* What is wrong with a call is its own to say, when it comes up. */
static void
on_prefetch_turn(void *arg)
{
	struct prefetch *h = arg;
	struct err ignored cleanup_err = ERR_INIT;
	const struct ctask *t;

	h->next = NULL;
	if (cache_walk_next(&h->walk, &t, &ignored) && t != NULL)
		prefetch_look(h, t);
	prefetch_go_on(h);
}

void
run_cache_look_ahead(
    struct run_cache *k, struct loop *l, const struct call *calls, size_t n)
{
	struct prefetch *h;

	if (k->remote == NULL || !CFG_B(&k->p->config, features, prefetch))
		return;
	h = arena_new_of(k->p->a, struct prefetch);
	*h = (struct prefetch){ .k = k, .l = l, .asks = map_new(k->p->a) };
	cache_walk_begin(&h->walk, k->p, false, calls, n);
	k->prefetch = h;
}

void
prefetch_begin(struct prefetch *h)
{
	if (h == NULL || h->has_begun)
		return;
	h->has_begun = true;
	prefetch_go_on(h);
}

void
prefetch_free(struct prefetch *h)
{
	const struct map_entry *entry;

	if (h == NULL)
		return;
	loop_timer_stop(h->l, &h->next);
	map_each(h->asks, entry) {
		struct prefetch_ask *x = entry->value;

		if (!x->is_taken)
			remote_ask_drop(x->q);
	}
}

bool
prefetch_has_brought(struct prefetch *h, const char *key)
{
	struct prefetch_ask *x =
	    h == NULL ? NULL : map_get(h->asks, sv_of(key));
	const char *why;

	if (x == NULL || x->is_taken ||
	    remote_ask_answer(x->q, &why) != REMOTE_HIT)
		return false;
	h->taken_up++;
	return true;
}

bool
prefetch_take(struct prefetch *h, const char *key, double expected_s,
    void (*wake)(void *arg), void *arg, struct remote_ask **q, const char **why)
{
	struct prefetch_ask *x =
	    h == NULL ? NULL : map_get(h->asks, sv_of(key));

	*q = NULL;
	if (h == NULL || (x != NULL && x->is_taken))
		return false;
	if (x == NULL) {
		/* it asks for itself, and nobody asks again */
		x = arena_new_of(h->k->p->a, struct prefetch_ask);
		x->is_taken = true;
		map_put(h->asks, sv_of(key), x);
		return false;
	}
	x->is_taken = true;
	switch (remote_ask_answer(x->q, why)) {
	case REMOTE_WAITS:
		h->on_their_way--;
		if (remote_ask_adopt(x->q, expected_s, wake, arg))
			*q = x->q;
		else
			*why = "the work is done sooner than it answers";
		prefetch_go_on(h);
		return true;
	case REMOTE_MISS:
		return true;
	case REMOTE_HIT: /* and what it brought is gone, or no use */
		return false;
	}
	return false;
}

size_t
run_cache_taken_up(const struct run_cache *k)
{
	return k == NULL || k->prefetch == NULL ? 0 : k->prefetch->taken_up;
}
