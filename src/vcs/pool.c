/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/pool_internal.h"

#include <time.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"

void
pool_name_tree(const struct pool *p, int number, struct pool_tree *t)
{
	struct arena *a = p->git->a;

	*t = (struct pool_tree){ .number = number, .lease_fd = -1 };
	t->name = pool_tree_name(a, number);
	t->path = path_join(a, sv_of(p->dir), sv_of(t->name));
	t->branch = arena_printf(a, "worktree-%s", t->name);
}

static bool
is_preserved(const struct pool *p, const struct pool_tree *t)
{
	struct pool_record r;

	return pool_record_read(p, t->name, &r) && r.mark == POOL_PRESERVED;
}

/* One tree, if nobody has it. */
static bool
lease_one(const struct pool *p, struct pool_tree *t, struct err *e)
{
	struct pool_record r;
	bool ok;

	if (!pool_lease_take(p, t->name, &t->lease_fd, &t->lease_id, e))
		return false;
	/* whoever had it may have preserved it just now */
	if (is_preserved(p, t)) {
		pool_drop(t);
		return false;
	}
	pool_lease_share(t, true);
	ok = pool_make(p, t, &r, e);
	pool_lease_share(t, false);
	if (!ok)
		pool_drop(t);
	return ok;
}

/* The trees that are there go first (`made`): they have their files already. */
static bool
lease_any(const struct pool *p, bool made, struct pool_tree *t, struct err *e)
{
	struct pool_record r;

	for (int number = 1, usable = 0; usable < p->size; number++) {
		pool_name_tree(p, number, t);
		if (is_preserved(p, t))
			continue;
		usable++;
		if (made != (pool_record_read(p, t->name, &r) &&
				r.mark == POOL_MADE && r.kind == p->kind))
			continue;
		if (lease_one(p, t, e))
			return true;
		if (err_is_set(e))
			return false;
	}
	return false;
}

bool
pool_lease(const struct pool *p, struct pool_tree *t, bool *busy, struct err *e)
{
	*busy = false;
	if (lease_any(p, true, t, e) ||
	    (!err_is_set(e) && lease_any(p, false, t, e)))
		return true;
	*busy = !err_is_set(e);
	return false;
}

bool
pool_lease_wait(const struct pool *p, int64_t deadline_ns, struct pool_tree *t,
    struct err *e)
{
	const struct timespec poll = { 0, POOL_POLL_MS * NS_PER_MS };
	bool busy;

	while (!pool_lease(p, t, &busy, e)) {
		if (!busy)
			return false;
		if (deadline_ns != 0 && clock_mono_ns() >= deadline_ns)
			return err_set(e, ERR_GENERIC,
			    "prun: all %d worktrees of the pool are in use",
			    p->size);
		nanosleep(&poll, NULL);
	}
	return true;
}

void
pool_drop(struct pool_tree *t)
{
	close_cleanup(&t->lease_fd);
	t->lease_fd = -1;
}

/* Keeps what was made in a clone that somebody has used, and undoes whatever
 * was done to it. */
static bool
refresh_clone(const struct pool *p, struct pool_tree *t,
    const struct pool_record *r, struct pool_kept *kept, struct err *e)
{
	if (r->kind != POOL_CLONE ||
	    (r->is_clean && strcmp(r->session, p->session) == 0))
		return true;
	return pool_keep(p, t, r, kept, e) && pool_clone_renew(p, t, e);
}

/* Sound, with nothing in it of whoever had it before. */
static bool
make_clean(const struct pool *p, struct pool_tree *t, struct pool_record *r,
    struct git *tree, struct pool_kept *kept, struct err *e)
{
	const char *why;

	if (!refresh_clone(p, t, r, kept, e))
		return false;
	if (!pool_is_sound(p, t, r, tree, &why)) {
		pool_say(p, "%s: %s; made anew", t->name, why);
		if (!pool_unmake(p, t, r, e) || !pool_make(p, t, r, e))
			return false;
		if (!pool_is_sound(p, t, r, tree, &why))
			return err_set(
			    e, ERR_GENERIC, "prun: %s: %s", t->path, why);
	} else if (r->kind == POOL_WORKTREE && !pool_keep(p, t, r, kept, e)) {
		return false;
	}
	return pool_clean_tree(p, t, tree, e);
}

/* A tree that cannot be cleaned is made anew, once. */
static bool
clean_or_remake(const struct pool *p, struct pool_tree *t,
    struct pool_record *r, struct git *tree, struct err *e)
{
	struct err first cleanup_err = ERR_INIT;

	if (make_clean(p, t, r, tree, NULL, &first))
		return true;
	if (t->fresh) {
		err_move(e, &first);
		return false;
	}
	pool_say(p, "%s: %s; made anew", t->name, first.message);
	return pool_unmake(p, t, r, e) && pool_make(p, t, r, e) &&
	       make_clean(p, t, r, tree, NULL, e);
}

static bool
ready(const struct pool *p, struct pool_tree *t, const char *test,
    struct pool_record *r, struct err *e)
{
	struct git tree;

	if (!pool_record_read(p, t->name, r) && !pool_make(p, t, r, e))
		return false;
	if (!clean_or_remake(p, t, r, &tree, e))
		return false;
	r->session = p->session;
	r->commit = p->commit;
	r->test = test != NULL ? test : "";
	r->why = "";
	r->mark = POOL_MADE;
	r->is_clean = false;
	return pool_record_write(p, t->name, r, e) &&
	       pool_fill(p, t, r, &tree, e);
}

bool
pool_ready(
    const struct pool *p, struct pool_tree *t, const char *test, struct err *e)
{
	struct err none cleanup_err = ERR_INIT;
	struct pool_record r;
	bool ok;

	pool_lease_share(t, true);
	ok = ready(p, t, test, &r, e);
	pool_lease_share(t, false);
	if (!ok && pool_record_read(p, t->name, &r)) {
		if (r.mark != POOL_MAKING)
			r.mark = POOL_BROKEN;
		r.why = e->message;
		pool_record_write(p, t->name, &r, &none);
	}
	t->fresh = false;
	return ok;
}

bool
pool_give_back(const struct pool *p, struct pool_tree *t,
    struct pool_kept *kept, struct err *e)
{
	struct pool_record r;
	struct git tree;

	if (!pool_record_read(p, t->name, &r) || r.mark == POOL_MAKING)
		return true;
	if (!make_clean(p, t, &r, &tree, kept, e))
		return false;
	r.session = p->session;
	r.commit = p->commit;
	r.test = r.why = "";
	r.mark = POOL_MADE;
	r.is_clean = true;
	return pool_record_write(p, t->name, &r, e);
}

bool
pool_release(const struct pool *p, struct pool_tree *t, struct pool_kept *kept,
    struct err *e)
{
	bool ok;

	if (kept != NULL)
		*kept = (struct pool_kept){ 0 };
	pool_lease_share(t, true);
	ok = pool_give_back(p, t, kept, e);
	pool_drop(t);
	return ok;
}

bool
pool_preserve(
    const struct pool *p, struct pool_tree *t, const char *why, struct err *e)
{
	struct pool_record r;
	bool ok = pool_record_read(p, t->name, &r);

	if (ok) {
		r.mark = POOL_PRESERVED;
		r.why = why;
		r.is_clean = false;
		ok = pool_record_write(p, t->name, &r, e);
	}
	pool_drop(t);
	return ok;
}
