/* SPDX-License-Identifier: MIT */
/* The pool as a whole: what others have left, what there is, the end of it. */
#include "config.h"

#include "vcs/pool_internal.h"

#include <unistd.h>

#include "base/clock.h"
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
remove_unused(const struct pool *p, const char *head)
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
	remove_unused(p, "");
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
		remove_unused(p, arena_printf(p->git->a, ".%s.", t->name));
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

/* ---- what there is ---- */

static enum pool_state
state_of(const struct pool *p, const char *name, const struct pool_record *r,
    const char **why)
{
	*why = r->why;
	if (pool_lease_holder(p, name) != NULL)
		return POOL_BUSY;
	if (r->mark == POOL_PRESERVED)
		return POOL_KEPT_FOR_PEOPLE;
	if (r->mark == POOL_MAKING)
		*why = "left half made; the next session removes it";
	else if (r->mark == POOL_MADE && !r->is_clean)
		*why = "left in use; the next session cleans it";
	else if (r->mark == POOL_MADE)
		return POOL_FREE;
	return POOL_ERROR;
}

void
pool_list(const struct pool *p, pool_entries *out)
{
	struct pool_record r;
	pool_numbers all;

	*out = (pool_entries){ 0 };
	pool_known(p, &all);
	for (size_t i = 0; i < all.n; i++) {
		struct pool_entry x = { .number = all.v[i] };

		x.name = pool_tree_name(p->git->a, x.number);
		if (!pool_record_read(p, x.name, &r))
			continue;
		x.path = r.path;
		x.branch = arena_printf(p->git->a, "worktree-%s", x.name);
		x.kind = r.kind;
		x.state = state_of(p, x.name, &r, &x.why);
		x.test = r.test;
		x.session = r.session;
		x.made_ns = r.made_ns;
		x.used_ns = r.used_ns;
		vec_push(p->git->a, out, x);
	}
}

const char *
pool_state_name(enum pool_state state)
{
	switch (state) {
	case POOL_FREE:
		return "free";
	case POOL_BUSY:
		return "busy";
	case POOL_ERROR:
		return "error";
	case POOL_KEPT_FOR_PEOPLE:
		return "preserved";
	}
	return "";
}

/* On one line, whatever a test is called. */
static void
add_plain(struct sb *out, const char *text)
{
	for (; *text != '\0'; text++)
		sb_addc(out,
		    (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void
print_entry(struct arena *a, const struct pool_entry *x, int64_t now_ns,
    int name_width, struct sb *out)
{
	sb_printf(out, "%-*s  %-9s  made %s ago, used %s ago  ", name_width,
	    x->name, pool_state_name(x->state),
	    duration_short(a, now_ns - x->made_ns),
	    duration_short(a, now_ns - x->used_ns));
	add_plain(out, x->path);
	if (x->kind == POOL_CLONE)
		sb_adds(out, " (clone)");
	else
		sb_printf(out, " (%s)", x->branch);
	if (*x->test != '\0') {
		sb_adds(out, "  ");
		add_plain(out, x->test);
	}
	if (x->state != POOL_BUSY && *x->why != '\0') {
		sb_adds(out, ": ");
		add_plain(out, x->why);
	}
	sb_addc(out, '\n');
}

void
pool_list_print(const pool_entries *list, int64_t now_ns, struct sb *out)
{
	struct arena *a cleanup_arena = arena_new();
	const struct pool_entry *x;
	size_t width = 0;

	if (list->n == 0)
		sb_adds(out, "no worktrees\n");
	vec_each(list, x) {
		if (strlen(x->name) > width)
			width = strlen(x->name);
	}
	vec_each(list, x) {
		print_entry(a, x, now_ns, (int)width, out);
	}
}
