/* SPDX-License-Identifier: MIT */
#include "vcs/tree_seen.h"

static bool
is_seen_writer(const struct run_call *call)
{
	return call->task != NULL && call->task->writes;
}

/* Something in the tree that its id does not tell: a repository inside that has
 * changes, files that git was told not to look at. */
static bool
is_told_by_id(const struct git *git)
{
	struct err none cleanup_err = ERR_INIT;
	change_vec changes;

	if (git_hides_changes(git) || !git_status(git, &changes, &none))
		return false;
	for (size_t i = 0; i < changes.n; i++)
		if (changes.v[i].inner)
			return false;
	return true;
}

static void
seen_look(struct tree_seen *w)
{
	struct err none cleanup_err = ERR_INIT;

	w->has_read = true;
	tree_still_take(w->git, &w->still);
	if (w->writing > 0 || !is_told_by_id(w->git) ||
	    !git_worktree_tree(w->git, w->scratch_dir, &w->tree, &none))
		w->is_spoiled = true;
}

void
tree_seen_before_read(
    struct tree_seen *w, const struct run_call *call, bool is_shared)
{
	/* `sh:` values are shared: what a writer asked, others read, too */
	if (w->git != NULL && !w->has_read &&
	    (is_shared || !is_seen_writer(call)))
		seen_look(w);
}

/* Which writers run: what a reader saw is not the tree of the end then. */
static void
on_seen_event(void *ctx, const struct event *ev)
{
	struct tree_seen *w = ctx;

	if (ev->call == NULL || !is_seen_writer(ev->call))
		return;
	if (ev->kind == EVENT_JOB_STARTED) {
		w->writing++;
		w->is_spoiled |= w->has_read;
	} else if (ev->kind == EVENT_JOB_DONE && w->writing > 0) {
		w->writing--;
	}
}

void
tree_seen_init(
    struct tree_seen *w, const struct git *git, const char *scratch_dir)
{
	*w = (struct tree_seen){ .git = git, .scratch_dir = scratch_dir };
}

struct sink
tree_seen_sink(struct tree_seen *w)
{
	return (struct sink){ on_seen_event, w };
}

const char *
tree_seen_id(const struct tree_seen *w)
{
	return w->is_spoiled ? NULL : w->tree;
}
