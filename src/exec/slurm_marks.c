/* SPDX-License-Identifier: MIT */
/*
 * What jobs say of themselves, by files that cost the cluster nothing: one
 * folder is listed anew each time, since a network file system remembers what
 * was not there.
 */
#include "exec/slurm_job.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"

static struct slurm_job *
job_of_file(const struct slurm *x, const struct slurm_place *p, unsigned number,
    unsigned attempt)
{
	for (struct slurm_job *j = x->jobs; j != NULL; j = j->next)
		if (j->number == number && j->place == p)
			return j->attempt == attempt ? j : NULL;
	return NULL;
}

static bool
read_mark(struct arena *a, const struct slurm_job *j, const char *file, sv *out)
{
	struct err ignored cleanup_err = ERR_INIT;

	return read_file(a, arena_printf(a, "%s/done/%s", j->place->dir, file),
	    out, &ignored);
}

static void
job_runs(struct slurm_job *j)
{
	j->running = true;
	j->running_ns = loop_now(j->x->base.loop);
	if (j->spec.running != NULL)
		j->spec.running(j->spec.arg);
}

/* Where the mark is torn it is looked at again. */
static bool
saw_start(struct arena *a, struct slurm_job *j, const char *file)
{
	sv text, node;

	if (j->running || !read_mark(a, j, file, &text) ||
	    !sv_ends(text, SV(" .\n")))
		return false;
	node = sv_sub(text, 0, text.n - 3);
	snprintf(j->end.node, sizeof(j->end.node), "%.*s", SV_ARG(node));
	job_runs(j);
	return true;
}

static bool
saw_result(struct arena *a, struct slurm_job *j, const char *file)
{
	sv text;

	if (j->has_result || !read_mark(a, j, file, &text) ||
	    !slurm_result_read(text, &j->result))
		return false;
	if (!j->running && !j->result.is_revoked)
		job_runs(j);
	j->has_result = true;
	j->result_ns = loop_now(j->x->base.loop);
	return true;
}

static bool
saw_file(struct arena *a, const struct slurm *x, const struct slurm_place *p,
    const char *file)
{
	unsigned number, attempt;
	struct slurm_job *j;
	char kind[16];

	if (sscanf(file, "%u.%u.%15s", &number, &attempt, kind) != 3)
		return false;
	j = job_of_file(x, p, number, attempt);
	if (j == NULL || j->state == SLURM_LOCAL)
		return false;
	if (strcmp(kind, "start") == 0)
		return saw_start(a, j, file);
	return strcmp(kind, "result") == 0 && saw_result(a, j, file);
}

static bool
look_in_place(const struct slurm *x, const struct slurm_place *p)
{
	struct arena *a cleanup_arena = arena_new();
	DIR *d cleanup_dir = opendir(arena_printf(a, "%s/done", p->dir));
	const struct dirent *file;
	bool is_new = false;

	while (d != NULL && (file = readdir(d)) != NULL)
		is_new = saw_file(a, x, p, file->d_name) || is_new;
	return is_new;
}

bool
slurm_marks_look(struct slurm *x)
{
	bool is_new = false;

	for (struct slurm_place *p = x->places; p != NULL; p = p->next)
		is_new = look_in_place(x, p) || is_new;
	return is_new;
}

/* Of what the command died, as far as a shell's status can tell. */
static int
signal_of_status(int status)
{
	static const int fatal[] = { 4, 6, 7, 8, 9, 11, 15, 0 };

	for (const int *s = fatal; *s != 0; s++)
		if (status == 128 + *s)
			return *s;
	return 0;
}

/* A signal that prun did not send: did Slurm?  Out of memory, a time limit, a
 * cancel come as these. */
static bool
may_be_slurms(const struct slurm_job *j)
{
	int sig = signal_of_status(j->result.status);

	return j->end_sig == 0 && j->id != 0 &&
	       (sig == SIGKILL || sig == SIGTERM);
}

/* Its output may come later than its result. */
static void
settle(struct slurm_job *j)
{
	int64_t now = loop_now(j->x->base.loop);
	bool is_whole = !j->running || slurm_log_read(j);

	if (!j->has_result)
		return;
	if (j->result.is_revoked) {
		slurm_again(j);
		return;
	}
	if (!is_whole && (j->held || now < j->result_ns + SLURM_LATE_NS))
		return;
	if (may_be_slurms(j)) {
		j->state = SLURM_LEFT;
		return;
	}
	slurm_finish(j, j->result.status, signal_of_status(j->result.status));
}

void
slurm_marks_settle(struct slurm *x)
{
	struct slurm_job *j, *next;

	for (j = x->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->state != SLURM_LOCAL)
			settle(j);
	}
	slurm_judge_all(x);
}
