/* SPDX-License-Identifier: MIT */
/* The pool as a whole: what others have left, what there is, the end of it. */
#include "config.h"

#include "vcs/pool_internal.h"

#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"

/* ---- removing ---- */

static bool
delete_branch(const struct pool *p, const struct pool_tree *t, struct err *e)
{
	const char *ref = arena_printf(p->git->a, "refs/heads/%s", t->branch);
	struct git git = pool_git_at(p->git, p->git->common_dir);
	int book cleanup_close = -1;
	const char *tip;

	if (!pool_book_lock(p, &book, e) ||
	    !pool_branch_is_free(p, t, true, &tip, e))
		return false;
	/* not `git branch -D`, which writes to the config */
	return *tip == '\0' ||
	       git_run(&git, GIT_WORDS("update-ref", "-d", ref, tip), NULL, e);
}

/* A tree that is leased, and all that is known of it. */
static bool
drop_tree(const struct pool *p, struct pool_tree *t, struct pool_record *r,
    struct err *e)
{
	static const char *const files[] = { ".prepared", ".tree", ".lease" };

	t->path = r->path;
	if (!pool_unmake(p, t, r, e) ||
	    (r->kind == POOL_WORKTREE && !delete_branch(p, t, e)))
		return false;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(pool_tree_file(p, t->name, files[i]));
	rmdir(path_dir(p->git->a, sv_of(r->path)));
	return true;
}

/* Of trees that were never made; and what somebody was killed over writing. */
static void
remove_unused_file(const struct pool *p, const char *name)
{
	const char *path = pool_file(p, name);
	int fd cleanup_close = -1;

	if (sv_ends(sv_of(name), SV(".tmp")))
		unlink(path);
	if (!sv_ends(sv_of(name), SV(".lease")))
		return;
	fd = lock_open(path, LOCK_FILE_LOOK, 0);
	if (fd >= 0 && lock_try(fd, LOCK_KIND_ALONE) == LOCK_TAKEN)
		unlink(path);
}

/* `head`: how their names begin. */
static void
remove_dead_files(const struct pool *p, const char *head)
{
	DIR *d cleanup_dir = opendir(pool_file(p, ""));
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (sv_starts(sv_of(entry->d_name), sv_of(head)))
			remove_unused_file(p, entry->d_name);
}

/* Where nothing is left, nothing is. */
static void
tidy_files(const struct pool *p)
{
	struct err none cleanup_err = ERR_INIT;
	int book cleanup_close = -1;
	pool_numbers left;

	pool_known(p, &left);
	if (left.n > 0 || !pool_book_lock(p, &book, &none))
		return;
	remove_dead_files(p, "");
	unlink(pool_file(p, "lock"));
	if (rmdir(pool_file(p, "")) == 0)
		rmdir(path_join(
		    p->git->a, sv_of(p->git->common_dir), SV("prun")));
}

/* ---- all of them ---- */

/* Leased, with its record; false: it is not for us, maybe with an error. */
static bool
take_known(const struct pool *p, int number, struct pool_tree *t,
    struct pool_record *r, struct err *e)
{
	pool_name_tree(p, number, t);
	if (!pool_lease_take(p, t->name, &t->lease_fd, &t->lease_id, e))
		return false;
	if (pool_record_read(p, t->name, r)) {
		pool_lease_share(t, true);
		remove_dead_files(p, arena_printf(p->git->a, ".%s.", t->name));
		return true;
	}
	pool_drop(t);
	return false;
}

bool
pool_remove(const struct pool *p, bool preserved, struct err *e)
{
	struct pool_record r;
	pool_numbers all;
	struct pool_tree t;
	bool ok = true;

	pool_known(p, &all);
	for (size_t i = 0; i < all.n; i++) {
		struct err why cleanup_err = ERR_INIT;

		if (!take_known(p, all.v[i], &t, &r, &why)) {
			pool_say(p, "%s: %s", t.name,
			    err_is_set(&why) ? why.message
					     : "in use: left where it is");
			continue;
		}
		if (r.mark == POOL_PRESERVED && !preserved)
			pool_say(p, "%s: preserved: %s", t.name, r.path);
		else if (drop_tree(p, &t, &r, &why))
			pool_say(p, "%s: removed", t.name);
		else
			ok = err_set(e, why.code, "%s", why.message);
		pool_drop(&t);
	}
	tidy_files(p);
	return ok;
}

/* What a killed session, or one whose git failed, has left of one tree. */
static void
recover_one(const struct pool *p, struct pool_tree *t, struct pool_record *r)
{
	struct err why cleanup_err = ERR_INIT;
	bool ok;

	if (r->mark == POOL_MAKING) {
		pool_say(p, "%s: session %s left it half made: removed",
		    t->name, r->session);
		ok = drop_tree(p, t, r, &why);
	} else {
		pool_say(p, "%s: session %s left it in use%s%s: cleaned",
		    t->name, r->session, *r->test != '\0' ? " by " : "",
		    r->test);
		t->path = r->path;
		ok = pool_give_back(p, t, NULL, &why);
	}
	if (!ok)
		pool_say(p, "%s: %s", t->name, why.message);
}

/* The oldest preserved tree, where there are more than it may be. */
static int
preserved_too_long(const struct pool *p)
{
	pool_entries list;
	int64_t oldest = 0;
	int n = 0, number = 0;

	pool_list(p, &list);
	for (size_t i = 0; i < list.n; i++) {
		if (list.v[i].state != POOL_KEPT_FOR_PEOPLE)
			continue;
		n++;
		if (number == 0 || list.v[i].used_ns < oldest) {
			oldest = list.v[i].used_ns;
			number = list.v[i].number;
		}
	}
	return n > POOL_PRESERVED_MOST ? number : 0;
}

bool
pool_recover(const struct pool *p, struct err *e)
{
	struct pool_record r;
	pool_numbers all;
	struct pool_tree t;
	int number;

	pool_known(p, &all);
	for (size_t i = 0; i < all.n; i++) {
		if (!take_known(p, all.v[i], &t, &r, e)) {
			if (err_is_set(e))
				return false;
			continue;
		}
		if (r.mark == POOL_MAKING || r.mark == POOL_BROKEN ||
		    (r.mark == POOL_MADE && !r.is_clean))
			recover_one(p, &t, &r);
		pool_drop(&t);
	}
	while ((number = preserved_too_long(p)) != 0 &&
	       take_known(p, number, &t, &r, e)) {
		pool_say(p, "%s: more than %d preserved trees: the oldest goes",
		    t.name, POOL_PRESERVED_MOST);
		number = drop_tree(p, &t, &r, e);
		pool_drop(&t);
		if (!number)
			return false;
	}
	if (err_is_set(e))
		return false;
	pool_kept_expire(p);
	return true;
}
