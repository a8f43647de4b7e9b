/* SPDX-License-Identifier: MIT */
/* How a nested run hands the commit that it owes to the run around it. */
#include "project/run_commit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "project/commit_share.h"

/* The outer run's file, locked; *fd -1: it is over, or about to end and takes
 * no reports any more. */
static bool
open_outer_file(
    const struct project *p, const char *path, int *fd, struct err *e)
{
	const char *folder = path_dir(p->a, sv_of(path));

	*fd = -1;
	/* a gate waits for its child, and has no lock */
	if (!p->s->in_hook && !protocol_is_alive(&p->in->outer, folder))
		return true;
	*fd = open_own(path, O_WRONLY | O_APPEND, 0);
	if (*fd < 0)
		return errno == ENOENT || err_sys(e, errno, "open %s", path);
	/* without locks nobody else has one either */
	lock_wait(*fd, LOCK_KIND_ALONE);
	if (lock_is_current(*fd, path))
		return true;
	close(*fd);
	*fd = -1;
	return true;
}

/* A report is the repository, then what was dirty before, each ended by a NUL.
 */
bool
run_commit_report(
    struct project *p, struct run_commit *o, bool *is_told, struct err *e)
{
	struct sb line cleanup_sb = SB_INIT;
	int fd cleanup_close = -1;

	*is_told = false;
	if (!open_outer_file(p, o->outer, &fd, e))
		return err_wrap(
		    e, "prun: cannot report the commit to the outer run: ");
	if (fd < 0)
		return true;
	if (o->ready)
		commit_before_text(&o->before, &line);
	else
		sb_addc(&line, '\0');
	if (!write_all(fd, line.p, line.n))
		return err_set(e, ERR_GENERIC,
		    "prun: cannot report the commit to the outer run");
	*is_told = o->left_to_outer = true;
	return true;
}

/* What was dirty before all of them was so before the first. */
static void
merge_report(struct project *p, struct run_commit *o, sv *rest)
{
	struct commit_before *b = &o->before;
	struct map *dirty, *both = map_new(p->a);
	const char *top, *head, *branch;
	const struct map_entry *m;
	struct err ignored cleanup_err = ERR_INIT;

	if (!commit_before_next(p->a, rest, &top, &head, &branch, &dirty))
		return;
	if (!o->ready) {
		o->ready = project_git(p, p->work_dir, &b->git, &ignored) &&
			   strcmp(b->git.top, top) == 0;
		b->dirty = dirty;
		b->head = head;
		b->branch = branch;
		return;
	}
	map_each (b->dirty, m)
		if (map_get(dirty, m->key) != NULL)
			map_put(both, m->key, b);
	b->dirty = both;
}

/* Nobody who has the lock after this finds the file in place. */
static bool
take_reports(struct arena *a, const char *path, sv *text, struct err *e)
{
	int fd cleanup_close = lock_open(path, LOCK_FILE_LOOK, 0);

	if (fd < 0)
		return err_sys(e, errno, "open %s", path);
	lock_wait(fd, LOCK_KIND_ALONE);
	unlink(path);
	return read_fd(a, fd, 0, text, e);
}

void
run_commit_by_children(
    struct project *p, struct run_commit *o, const char *path)
{
	struct err ignored cleanup_err = ERR_INIT;
	bool looked = o->ready;
	sv text;

	if (path == NULL || !take_reports(p->a, path, &text, &ignored) ||
	    text.n == 0)
		return;
	o->reported = true;
	if (looked)
		return;
	while (text.n > 0)
		merge_report(p, o, &text);
}
