/* SPDX-License-Identifier: MIT */
/*
 * A lookup: the result, its manifest, then the blobs that the local cache does
 * not have, side by side; the entry last.  Whatever is missing or wrong on the
 * way makes it none.
 */
#include "config.h"

#include "base/clock.h"
#include "base/map.h"
#include "fetch/cache.h"
#include "store/action_result.h"

enum {
	RESULT_MAX = 16 * 1024 * 1024,
	MANIFEST_MAX = 16 * 1024 * 1024,
};

struct lookup {
	struct session *s;
	struct arena *a;
	unsigned long id;
	const char *key;
	int64_t deadline_ns;
	struct action_result result;
	struct cache_entry entry;
	size_t n_open; /* blobs that are on their way */
	struct lookup *next;
};

static void
lookup_leave(struct lookup *k)
{
	struct lookup **at = &k->s->lookups;

	transfers_drop(k->s, k);
	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	cache_end(k->s->cache);
	arena_free(k->a);
	free(k);
}

static void
lookup_end(struct lookup *k, const char *what, const char *text)
{
	session_answer(k->s, k->id, what, text);
	lookup_leave(k);
}

static long
lookup_left_ms(const struct lookup *k)
{
	int64_t left = k->deadline_ns - clock_mono_ns();

	return left > NS_PER_MS ? (long)(left / NS_PER_MS) : 1;
}

/* A transfer that brought nothing is the end of the lookup; its words die with
 * it, so they are said first. */
static void
lookup_give_up(struct lookup *k, const struct transfer *t,
    enum transfer_end end, const char *absent)
{
	bool is_absent = end == TRANSFER_ABSENT;

	lookup_end(
	    k, is_absent ? "none" : "failed", is_absent ? absent : t->why);
}

/* ---- blobs ---- */

static void
lookup_finish(struct lookup *k)
{
	struct err e cleanup_err = ERR_INIT;

	if (cache_add(k->s->cache, k->key, &k->entry, &e))
		lookup_end(k, "hit", "");
	else
		lookup_end(k, "none", e.message);
}

static void
on_blob(struct transfer *t, enum transfer_end end)
{
	struct lookup *k = t->owner;

	if (end != TRANSFER_OK)
		lookup_give_up(k, t, end, "a part of it is gone");
	else if (--k->n_open == 0)
		lookup_finish(k);
}

static void
want_blob(struct lookup *k, struct map *seen, const struct cache_blob *b)
{
	struct transfer *t;

	if (map_get(seen, sv_of(b->digest)) != NULL ||
	    cache_has(k->s->cache, b->digest))
		return;
	map_put(seen, sv_of(b->digest), k);
	t = transfer_new(k->s, TRANSFER_BLOB, "cas", b->digest, k, on_blob);
	t->blob = *b;
	t->timeout_ms = lookup_left_ms(k);
	k->n_open++;
	transfer_start(t);
}

static uint64_t
entry_size(const struct cache_entry *x)
{
	const struct cache_file *f;
	uint64_t n = x->log.size;

	vec_each(&x->files, f)
		n = f->blob.size > UINT64_MAX - n ? UINT64_MAX
						  : n + f->blob.size;
	return n;
}

static void
want_blobs(struct lookup *k)
{
	struct map *seen = map_new(k->a);
	const struct cache_file *f;

	vec_each(&k->entry.files, f)
		if (f->link == NULL)
			want_blob(k, seen, &f->blob);
	if (k->entry.log.digest[0] != '\0')
		want_blob(k, seen, &k->entry.log);
	if (k->n_open == 0)
		lookup_finish(k);
}

/* ---- what there is ---- */

static void
on_manifest(struct transfer *t, enum transfer_end end)
{
	struct lookup *k = t->owner;
	struct session *s = k->s;
	const char *why;

	if (end != TRANSFER_OK) {
		lookup_give_up(k, t, end, "a part of it is gone");
		return;
	}
	switch (manifest_read(k->a, k->key, sv_dup(k->a, sb_sv(&t->bytes)),
	    &s->scope, s->secret, &k->entry, &why)) {
	case MANIFEST_FOREIGN:
		lookup_end(k, "none", why);
		return;
	case MANIFEST_BROKEN:
		lookup_end(k, "failed", why);
		return;
	case MANIFEST_GOOD:
		break;
	}
	if (!action_result_fits(&k->result, &k->entry))
		lookup_end(k, "failed", "its result and its manifest differ");
	else if (s->max_size > 0 && entry_size(&k->entry) > s->max_size)
		lookup_end(k, "none", "it is larger than the cache may be");
	else
		want_blobs(k);
}

static void
on_result(struct transfer *t, enum transfer_end end)
{
	struct lookup *k = t->owner;
	const struct cache_blob *m = &k->result.manifest;
	struct transfer *next;

	if (end != TRANSFER_OK) {
		lookup_give_up(k, t, end, "it has none");
		return;
	}
	if (!action_result_read(k->a, sb_sv(&t->bytes), &k->result)) {
		lookup_end(k, "failed",
		    t->is_web_page ? TRANSFER_WEB_PAGE
				   : "what came is no ActionResult");
		return;
	}
	if (m->digest[0] == '\0' || m->size > MANIFEST_MAX) {
		lookup_end(k, "none", "what it has was not made by prun");
		return;
	}
	next = transfer_new(
	    k->s, TRANSFER_BYTES, "cas", m->digest, k, on_manifest);
	next->blob = *m;
	next->most = (size_t)m->size;
	next->timeout_ms = lookup_left_ms(k);
	transfer_start(next);
}

/* ---- from outside ---- */

void
lookup_begin(
    struct session *s, unsigned long id, const char *key, int64_t budget_ns)
{
	struct err e cleanup_err = ERR_INIT;
	struct transfer *t;
	struct lookup *k;

	if (!cache_begin(s->cache, &e)) {
		session_answer(s, id, "none", e.message);
		return;
	}
	k = xcalloc(1, sizeof(*k));
	k->s = s;
	k->a = arena_new();
	k->id = id;
	k->key = arena_strdup(k->a, key);
	k->deadline_ns = clock_mono_ns() + budget_ns;
	k->next = s->lookups;
	s->lookups = k;
	t = transfer_new(s, TRANSFER_BYTES, "ac", key, k, on_result);
	t->most = RESULT_MAX;
	t->timeout_ms = lookup_left_ms(k);
	transfer_start(t);
}

void
lookup_drop(struct session *s, unsigned long id)
{
	for (struct lookup *k = s->lookups; k != NULL; k = k->next)
		if (k->id == id) {
			lookup_leave(k);
			return;
		}
}

void
lookups_leave(struct session *s)
{
	while (s->lookups != NULL)
		lookup_leave(s->lookups);
}

int
lookups_expire(struct session *s)
{
	int64_t now = clock_mono_ns(), first = INT64_MAX;
	struct lookup *next;

	for (struct lookup *k = s->lookups; k != NULL; k = next) {
		next = k->next;
		if (k->deadline_ns <= now)
			lookup_end(k, "failed", "timed out");
		else if (k->deadline_ns < first)
			first = k->deadline_ns;
	}
	if (first == INT64_MAX)
		return -1;
	return (int)((first - now) / NS_PER_MS) + 1;
}
