/* SPDX-License-Identifier: MIT */
/*
 * Results of `sh:` variables, kept for the run under command, directory and
 * environment (L-089 says what goes wrong with less).  A command that is being
 * run for one cursor is not started again for another.
 */
#include "compile/internal.h"

struct sh_entry {
	enum { SH_UNKNOWN, SH_RUNNING, SH_KNOWN } state;
	sv out;
	const struct cursor *owner;
	VEC(struct cursor *) waiters; /* on the heap */
};

struct sh_cache {
	struct arena *a;
	struct map *entries;
};

struct sh_cache *
sh_cache_new(struct arena *a)
{
	struct sh_cache *cache = arena_new_of(a, struct sh_cache);

	cache->a = a;
	cache->entries = map_new(a);
	return cache;
}

static void
entry_free(void *arg)
{
	struct sh_entry *entry = arg;

	vec_free(&entry->waiters);
}

static struct sh_entry *
find_entry(struct sh_cache *cache, sv key)
{
	struct sh_entry *entry = map_get(cache->entries, key);

	if (entry == NULL) {
		entry = arena_new_of(cache->a, struct sh_entry);
		arena_defer(cache->a, entry_free, entry);
		map_put(cache->entries, key, entry);
	}
	return entry;
}

static bool
is_asked(const struct cursor *cur, const struct sh_entry *entry)
{
	for (size_t i = 0; i < cur->asked.n; i++)
		if (cur->asked.v[i] == entry)
			return true;
	return false;
}

static void
watch(struct cursor *cur, struct sh_entry *entry)
{
	for (size_t i = 0; i < entry->waiters.n; i++)
		if (entry->waiters.v[i] == cur)
			return;
	vec_push(NULL, &entry->waiters, cur);
	vec_push(cur->a, &cur->watched, entry);
}

enum ask
ask_shell(struct cursor *cur, struct sh_entry **entry, sv key,
    const struct shell_need *need, sv *out)
{
	struct sh_entry *s = *entry;

	if (s == NULL)
		s = *entry = find_entry(cur->c->sh_cache, key);
	if (s->state == SH_KNOWN) {
		*out = s->out;
		return ASK_DONE;
	}
	if (is_asked(cur, s))
		return ASK_PENDING;
	if (s->state == SH_RUNNING && cur->wake != NULL) {
		watch(cur, s);
		cur->waiting = true;
		return ASK_PENDING;
	}
	if (s->state == SH_UNKNOWN) {
		s->state = SH_RUNNING;
		s->owner = cur;
	}
	vec_push(cur->a, &cur->needs, *need);
	vec_push(cur->a, &cur->asked, s);
	vec_push(cur->a, &cur->failures, NULL);
	return ASK_PENDING;
}

static void
wake_waiters(struct sh_entry *s)
{
	size_t n = s->waiters.n;
	struct cursor **waiters = s->waiters.v;

	s->waiters.v = NULL;
	s->waiters.n = s->waiters.cap = 0;
	for (size_t i = 0; i < n; i++)
		waiters[i]->wake(waiters[i]->wake_ctx);
	free(waiters);
}

sv
compile_trim_output(sv out)
{
	if (sv_ends(out, SV("\r\n")))
		out = sv_sub(out, 0, out.n - 2);
	if (sv_ends(out, SV("\n")))
		out = sv_sub(out, 0, out.n - 1);
	return out;
}

void
compile_answer(struct cursor *cur, size_t i, sv out,
    const struct err *failure)
{
	struct sh_entry *s = cur->asked.v[i];

	if (failure != NULL) {
		cur->failures.v[i] = arena_printf(cur->a,
		    "task: Command \"%s\" failed: %s", cur->needs.v[i].cmd,
		    failure->message);
		if (s->state == SH_RUNNING && s->owner == cur)
			s->state = SH_UNKNOWN;
	} else if (s->state != SH_KNOWN) {
		s->out = sv_dup(cur->c->sh_cache->a, compile_trim_output(out));
		s->state = SH_KNOWN;
	}
	s->owner = NULL;
	wake_waiters(s);
}

static void
shcache_unwatch(struct sh_entry *s, const struct cursor *cur)
{
	for (size_t i = 0; i < s->waiters.n; i++)
		if (s->waiters.v[i] == cur)
			s->waiters.v[i--] = s->waiters.v[--s->waiters.n];
}

void
compile_cancel(struct cursor *cur)
{
	for (size_t i = 0; i < cur->watched.n; i++)
		shcache_unwatch(cur->watched.v[i], cur);
	for (size_t i = 0; i < cur->asked.n; i++) {
		struct sh_entry *s = cur->asked.v[i];

		if (s->state != SH_RUNNING || s->owner != cur)
			continue;
		s->state = SH_UNKNOWN;
		s->owner = NULL;
		wake_waiters(s);
	}
	cur->phase = PHASE_FAILED;
}

bool
compile_waits_for(const struct cursor *cur, size_t n, void **ctx)
{
	const struct sh_entry *s;

	if (n >= cur->watched.n)
		return false;
	s = cur->watched.v[n];
	*ctx = s->state == SH_RUNNING && s->owner != NULL
		   ? s->owner->wake_ctx
		   : NULL;
	return true;
}

const struct shell_need *
compile_needs(const struct cursor *cur, size_t *n)
{
	*n = cur->needs.n;
	return cur->needs.v;
}
