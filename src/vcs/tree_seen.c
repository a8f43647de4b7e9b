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
	if (w->writing > 0 || !is_told_by_id(w->git) ||
	    !git_worktree_tree(w->git, w->scratch_dir, &w->tree, &none))
		w->is_spoiled = true;
}

static void
on_writer(struct tree_seen *w, bool starts)
{
	if (starts) {
		w->writing++;
		w->is_spoiled |= w->has_read;
	} else if (w->writing > 0) {
		w->writing--;
	}
}

static void
watch_tree(struct tree_seen *w, const struct event *ev)
{
	bool writes = is_seen_writer(ev->call);
	bool reads = false;

	/* `sh:` values are shared: what a writer asked, others read, too */
	if (ev->kind == EVENT_QUESTION)
		reads = !writes || ev->status == 1;
	else if (ev->kind == EVENT_UP_TO_DATE)
		reads = !writes;
	else if (ev->kind == EVENT_JOB_STARTED && writes)
		on_writer(w, true);
	else if (ev->kind == EVENT_JOB_STARTED)
		reads = true;
	else if (ev->kind == EVENT_JOB_DONE && writes)
		on_writer(w, false);
	if (reads && !w->has_read)
		seen_look(w);
}

static void
on_seen_event(void *ctx, const struct event *ev)
{
	struct tree_seen *w = ctx;

	if (w->git != NULL && ev->call != NULL)
		watch_tree(w, ev);
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
