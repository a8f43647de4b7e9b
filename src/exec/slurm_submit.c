/* SPDX-License-Identifier: MIT */
/*
 * Jobs into the queue.  One sbatch at a time, and a pause after it: what comes
 * up meanwhile and wants the same of a node goes into one array with the next.
 * The comment of a job says what it is for, so that it is found also where
 * sbatch could not tell its number.
 */
#include "exec/slurm_job.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/vec.h"

#define PAUSE_NS (500 * NS_PER_MS) /* between two submissions, at least */

typedef VEC(const char *) word_vec;

static bool
wants_the_same(const struct slurm_job *a, const struct slurm_job *b)
{
	return a->spec.slots == b->spec.slots &&
	       a->spec.memory_bytes == b->spec.memory_bytes &&
	       a->spec.timeout_ns == b->spec.timeout_ns;
}

static struct slurm_job *
oldest_queued(const struct slurm *x)
{
	struct slurm_job *oldest = NULL;

	for (struct slurm_job *j = x->jobs; j != NULL; j = j->next)
		if (j->state == SLURM_QUEUED && j->end_sig == 0)
			oldest = j;
	return oldest;
}

/* Those that go together, the oldest first; returns how many. */
static int
choose_batch(struct slurm *x, const struct slurm_job *first, struct sb *names)
{
	struct slurm_job *last = x->jobs;
	int n = 0;

	x->batches++;
	while (last != NULL && last->next != NULL)
		last = last->next;
	for (struct slurm_job *j = last; j != NULL; j = j->prev) {
		if (j->state != SLURM_QUEUED || j->end_sig != 0 ||
		    !wants_the_same(first, j) || n == SLURM_ARRAY_MOST ||
		    (x->no_arrays && n == 1))
			continue;
		j->state = SLURM_SUBMITTING;
		j->batch = x->batches;
		j->element = n++;
		sb_printf(names, "%u.%u\n", j->number, j->attempt);
	}
	return n;
}

static void
add_wishes(struct arena *a, word_vec *v, const struct slurm *x,
    const struct job_spec *s)
{
	const int64_t minute = 60 * NS_PER_S;
	sv rest = sv_of(x->o.options), word;

	if (*x->o.partition != '\0')
		vec_push(
		    a, v, arena_printf(a, "--partition=%s", x->o.partition));
	if (*x->o.account != '\0')
		vec_push(a, v, arena_printf(a, "--account=%s", x->o.account));
	if (*x->o.qos != '\0')
		vec_push(a, v, arena_printf(a, "--qos=%s", x->o.qos));
	if (s->slots > 1)
		vec_push(a, v, arena_printf(a, "--cpus-per-task=%d", s->slots));
	if (s->memory_bytes > 0)
		vec_push(a, v,
		    arena_printf(a, "--mem=%" PRId64 "K",
			(s->memory_bytes + 1023) / 1024));
	/* prun ends it to the millisecond; this is for when prun is gone */
	if (s->timeout_ns > 0)
		vec_push(a, v,
		    arena_printf(
			a, "--time=%" PRId64, s->timeout_ns / minute + 2));
	while (rest.n > 0) {
		sv_cut(rest, ' ', &word, &rest);
		if (word.n > 0)
			vec_push(a, v, sv_cstr(a, word));
	}
}

/* What tells the work tree from another one at the same place. */
static const char *
tree_inode(struct arena *a, const struct slurm *x)
{
	struct stat st;

	if (x->o.shared == SLURM_SHARED_YES)
		return "-";
	if (stat(x->o.tree, &st) != 0)
		return "?";
	return arena_printf(a, "%ju", (uintmax_t)st.st_ino);
}

static void
make_words(struct arena *a, const struct slurm *x,
    const struct slurm_job *first, int n, word_vec *v)
{
	const char *dir = x->own->dir;
	const char *what =
	    n > 1 ? arena_printf(a, "@%u", x->batches)
		  : arena_printf(a, "%u.%u", first->number, first->attempt);

	vec_push(a, v, "sbatch");
	vec_push(a, v, "--parsable");
	vec_push(a, v, arena_printf(a, "--job-name=%s", x->own->name));
	vec_push(a, v, arena_printf(a, "--comment=b%u", x->batches));
	vec_push(a, v, arena_printf(a, "--output=%s/%s.slurm", dir, what));
	vec_push(a, v, "--open-mode=append");
	vec_push(a, v, "--no-requeue");
	/* NONE would have the node run the user's login shell */
	vec_push(a, v, "--export=PATH");
	vec_push(a, v, "--chdir=/");
	add_wishes(a, v, x, &first->spec);
	if (n > 1)
		vec_push(a, v, arena_printf(a, "--array=0-%d", n - 1));
	vec_push(a, v, arena_printf(a, "%s/node.sh", dir));
	vec_push(a, v, dir);
	vec_push(a, v, x->o.tree);
	vec_push(a, v, tree_inode(a, x));
	vec_push(a, v, what);
	vec_push(a, v, NULL);
}

/* The first line that says what is wrong, without the program's name. */
static const char *
refusal_of(struct arena *a, const struct slurm_ask *q)
{
	sv line, rest = sb_sv(&q->err), best = { 0 };

	while (rest.n > 0) {
		sv_cut(rest, '\n', &line, &rest);
		if (best.n == 0 || sv_find(line, SV("error:"), 0) >= 0 ||
		    sv_find(line, SV("fatal:"), 0) >= 0)
			best = line;
	}
	return best.n > 0
		   ? sv_cstr(a, sv_trim(best))
		   : arena_printf(a, "sbatch: exit status %d", q->status);
}

static void
mark_submitted(struct slurm *x, int64_t id, bool is_array)
{
	for (struct slurm_job *j = x->jobs; j != NULL; j = j->next) {
		if (j->batch != x->batches || j->state != SLURM_SUBMITTING)
			continue;
		j->state = SLURM_SUBMITTED;
		j->id = id;
		j->submitted_ns = loop_now(x->base.loop);
		if (!is_array)
			j->element = -1;
		slurm_orphan_note(j);
	}
	slurm_watch_afresh(x);
}

/* Nothing of it is in the queue: each fails with the reason, or goes singly. */
static void
mark_refused(struct slurm *x, const char *why, bool again)
{
	struct slurm_job *j, *next;

	for (j = x->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->batch != x->batches || j->state != SLURM_SUBMITTING)
			continue;
		j->element = -1;
		if (again)
			j->state = SLURM_QUEUED;
		else
			slurm_refused(j, why);
	}
}

static void
mark_unsure(struct slurm *x)
{
	for (struct slurm_job *j = x->jobs; j != NULL; j = j->next)
		if (j->batch == x->batches && j->state == SLURM_SUBMITTING) {
			j->state = SLURM_UNSURE;
			j->left_ns = loop_now(x->base.loop);
		}
	slurm_watch(x);
}

static size_t
count_of_batch(const struct slurm *x)
{
	size_t n = 0;

	for (const struct slurm_job *j = x->jobs; j != NULL; j = j->next)
		n += j->batch == x->batches && j->state == SLURM_SUBMITTING;
	return n;
}

/* Short jobs that end one by one come in together. */
static void
on_pause(void *arg)
{
	struct slurm *x = arg;

	x->pause = NULL;
	slurm_stir(x);
}

/* A machine on which Slurm is installed, and no more. */
static bool
is_no_cluster(const struct slurm_ask *q)
{
	sv text = sb_sv(&q->err);

	return sv_find(text, SV("configuration source"), 0) >= 0 ||
	       sv_find(text, SV("configuration file"), 0) >= 0;
}

static void
on_submitted(void *arg, const struct slurm_ask *q)
{
	struct slurm *x = arg;
	struct arena *a cleanup_arena = arena_new();
	int64_t id =
	    strtoll(sb_cstr((struct sb *)(uintptr_t)&q->out), NULL, 10);
	bool is_array = count_of_batch(x) > 1;
	const char *why;

	x->submitting = false;
	x->pause = loop_timer(x->base.loop, PAUSE_NS, on_pause, x);
	if (q->status == 0 && id > 0) {
		slurm_away(x, false);
		mark_submitted(x, id, is_array);
	} else if (q->status == 0 || slurm_ask_unanswered(q)) {
		slurm_away(x, true);
		mark_unsure(x);
	} else if (is_no_cluster(q) && !x->o.is_asked_for) {
		mark_refused(x, "", true);
		slurm_close(x, refusal_of(a, q));
	} else {
		why = refusal_of(a, q);
		x->no_arrays = x->no_arrays || is_array;
		mark_refused(x, why, is_array);
	}
	slurm_stir(x);
}

/* The elements of an array read their names from a file. */
static bool
write_batch(const struct slurm *x, int n, sv names, struct err *e)
{
	char *path cleanup_free =
	    xasprintf("%s/%u.batch", x->own->dir, x->batches);

	return n == 1 || write_atomic(path, names, 0600, e);
}

void
slurm_submit(struct slurm *x)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb names cleanup_sb = SB_INIT;
	struct err e cleanup_err = ERR_INIT;
	struct slurm_job *first = oldest_queued(x);
	word_vec words = { 0 };
	int n;

	if (x->submitting || x->pause != NULL || x->is_away || first == NULL)
		return;
	n = choose_batch(x, first, &names);
	if (!write_batch(x, n, sb_sv(&names), &e)) {
		mark_refused(x, e.message, false);
		return;
	}
	make_words(a, x, first, n, &words);
	x->submitting = true;
	slurm_ask(x, words.v, on_submitted, x);
}
