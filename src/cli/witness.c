/* SPDX-License-Identifier: MIT */
#include "cli/witness.h"

static bool
is_writer(const struct run_call *call)
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
look(struct witness *w)
{
	struct err none cleanup_err = ERR_INIT;

	w->has_read = true;
	if (w->writing > 0 || !is_told_by_id(w->git) ||
	    !git_worktree_tree(w->git, w->scratch_dir, &w->tree, &none))
		w->is_spoiled = true;
}

static void
on_writer(struct witness *w, bool starts)
{
	if (starts) {
		w->writing++;
		w->is_spoiled |= w->has_read;
	} else if (w->writing > 0) {
		w->writing--;
	}
}

static void
watch_tree(struct witness *w, const struct event *ev)
{
	bool writes = is_writer(ev->call);
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
		look(w);
}

static void
on_event(void *ctx, const struct event *ev)
{
	struct witness *w = ctx;

	if (w->git != NULL && ev->call != NULL)
		watch_tree(w, ev);
}

void
witness_init(struct witness *w, const struct git *git, const char *scratch_dir)
{
	*w = (struct witness){ .git = git, .scratch_dir = scratch_dir };
}

struct sink
witness_sink(struct witness *w)
{
	return (struct sink){ on_event, w };
}

const char *
witness_tree(const struct witness *w)
{
	return w->is_spoiled ? NULL : w->tree;
}
