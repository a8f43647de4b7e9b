/* SPDX-License-Identifier: MIT */
/*
 * Jobs of a run that was killed.  A run writes down what it has handed in; one
 * that comes after it may adopt these: its command is then the job that is
 * there already, wherever that has got to, with the output that it has so far.
 * Or they are told to end, by the name that all jobs of a run have.
 */
#include "exec/slurm_job.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "exec/capture.h"

struct slurm_place *
slurm_place_new(const char *dir, const char *run_id)
{
	struct slurm_place *p = xcalloc(1, sizeof(*p));

	p->dir = xstrdup(dir);
	p->name = xasprintf("prun-%s", run_id);
	p->lock_fd = -1;
	return p;
}

void
slurm_place_free(struct slurm_place *p)
{
	if (p->lock_fd >= 0)
		close(p->lock_fd);
	free(p->dir);
	free(p->name);
	free(p);
}

const char *
slurm_tree_id(struct slurm *x)
{
	if (x->tree_id == NULL)
		x->tree_id = x->o.tree_id != NULL ? x->o.tree_id(x->o.ctx) : "";
	return x->tree_id;
}

/* What is written down ----------------------------------------------------- */

/* NUMBER ATTEMPT ID ELEMENT KEY, a line each.  Where it cannot be written the
 * job is found by its name alone. */
void
slurm_orphan_note(const struct slurm_job *j)
{
	char *path cleanup_free = xasprintf("%s/submitted", j->place->dir);
	char *line cleanup_free =
	    xasprintf("%u %u %" PRId64 " %d %" PRIx64 "\n", j->number,
		j->attempt, j->id, j->element, j->key);
	int fd cleanup_close =
	    open_own(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd >= 0)
		write_all(fd, line, strlen(line));
}

/* Its files go with the end of a job: who has none is over, and known to be. */
static bool
orphan_is_open(struct arena *a, const struct slurm_orphan *o)
{
	return path_exists(
	    arena_printf(a, "%s/%u.cmd", o->place->dir, o->number));
}

static bool
orphan_read(struct slurm *x, struct arena *a, struct slurm_place *p, sv line)
{
	struct slurm_orphan *o = xcalloc(1, sizeof(*o));

	o->place = p;
	if (sscanf(sv_cstr(a, line), "%u %u %" SCNd64 " %d %" SCNx64,
		&o->number, &o->attempt, &o->id, &o->element, &o->key) != 5 ||
	    !orphan_is_open(a, o)) {
		free(o);
		return false;
	}
	o->next = x->orphans;
	x->orphans = o;
	return true;
}

static int
orphans_read(struct slurm *x, struct slurm_place *p)
{
	struct arena *a cleanup_arena = arena_new();
	struct err ignored cleanup_err = ERR_INIT;
	sv text, line;
	int n = 0;

	if (!read_file(
		a, arena_printf(a, "%s/submitted", p->dir), &text, &ignored))
		return 0;
	while (sv_cut(text, '\n', &line, &text))
		n += orphan_read(x, a, p, line);
	return n;
}

/* Adopting ----------------------------------------------------------------- */

/* Is the work tree the one for which they were handed in, and does nobody else
 * adopt them? */
static bool
place_take(struct slurm *x, struct slurm_place *p)
{
	struct arena *a cleanup_arena = arena_new();
	struct err ignored cleanup_err = ERR_INIT;
	sv tree;

	if (!read_file(
		a, arena_printf(a, "%s/tree", p->dir), &tree, &ignored) ||
	    tree.n == 0 || !sv_is(tree, slurm_tree_id(x)))
		return false;
	p->lock_fd = lock_open(
	    arena_printf(a, "%s/adopted", p->dir), LOCK_FILE_OURS, 0600);
	return p->lock_fd >= 0 &&
	       lock_try(p->lock_fd, LOCK_KIND_ALONE) != LOCK_BUSY;
}

int
executor_slurm_adopt(struct executor *ex, const char *run_id, const char *dir)
{
	struct slurm *x = (struct slurm *)ex;
	struct slurm_place *p = slurm_place_new(dir, run_id);
	int n = place_take(x, p) ? orphans_read(x, p) : 0;

	if (n == 0) {
		slurm_place_free(p);
		return 0;
	}
	p->next = x->places;
	x->places = p;
	return n;
}

bool
executor_slurm_is_adopted(const char *dir)
{
	char *path cleanup_free = xasprintf("%s/adopted", dir);
	int fd cleanup_close = lock_open(path, LOCK_FILE_LOOK, 0);

	return fd >= 0 && lock_try(fd, LOCK_KIND_SHARED) == LOCK_BUSY;
}

/* The oldest comes first where the same command is there twice. */
static struct slurm_orphan **
orphan_find(struct slurm *x, uint64_t key)
{
	struct slurm_orphan **found = NULL;

	for (struct slurm_orphan **o = &x->orphans; *o != NULL; o = &(*o)->next)
		if ((*o)->key == key)
			found = o;
	return found;
}

bool
slurm_orphan_take(struct slurm_job *j)
{
	struct slurm *x = j->x;
	struct slurm_orphan **at = orphan_find(x, j->key), *o;

	if (at == NULL)
		return false;
	o = *at;
	*at = o->next;
	j->place = o->place;
	j->number = o->number;
	j->attempt = o->attempt;
	j->id = o->id;
	j->element = o->element;
	j->state = SLURM_SUBMITTED;
	j->submitted_ns = loop_now(x->base.loop);
	free(o);
	return true;
}

static bool
has_orphans(const struct slurm *x, const struct slurm_place *p)
{
	for (const struct slurm_orphan *o = x->orphans; o != NULL; o = o->next)
		if (o->place == p)
			return true;
	return false;
}

/* What nobody wanted stays for the next run. */
void
slurm_orphans_free(struct slurm *x)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct slurm_place *p, *next;
	struct slurm_orphan *o;

	for (p = x->places; p != NULL; p = next) {
		next = p->next;
		if (!has_orphans(x, p))
			remove_all(p->dir, &ignored);
		slurm_place_free(p);
	}
	while ((o = x->orphans) != NULL) {
		x->orphans = o->next;
		free(o);
	}
}

/* Ending ------------------------------------------------------------------- */

/* Without the loop, which may be gone. */
static bool
ask_now(struct arena *a, const char *const *argv, sv *out)
{
	struct err e cleanup_err = ERR_INIT;
	struct capture c = { .argv = argv,
		.own_group = true,
		.deadline_ns = clock_mono_ns() + 15 * NS_PER_S };
	int status = 0;
	sv said;

	return capture_run(a, &c, &status, out, &said, &e) && status == 0;
}

/* The processes first: a plain scancel waits for the cluster's KillWait. */
bool
slurm_end_by_name(const char *name)
{
	struct arena *a cleanup_arena = arena_new();
	const char *const list[] = { "squeue", "--me", "-h", "-n", name, "-o",
		"%i", NULL };
	const char *const kill[] = { "scancel", "--batch", "--full", "-s",
		"KILL", "--me", "-n", name, NULL };
	const char *const end[] = { "scancel", "--me", "-n", name, NULL };
	sv out = { 0 };

	if (!ask_now(a, list, &out))
		return false;
	if (sv_trim(out).n == 0)
		return true;
	ask_now(a, kill, &out);
	return ask_now(a, end, &out);
}

bool
executor_slurm_end_run(const char *run_id)
{
	char *name cleanup_free = xasprintf("prun-%s", run_id);

	return slurm_end_by_name(name);
}
