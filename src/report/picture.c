/* SPDX-License-Identifier: MIT */
/* A journal as all reports see it. */
#include "report/kind.h"

#include <stdlib.h>

#include "base/clock.h"

/* Which calls wait for a call: lists of ids, in the order of creation. */
struct tree {
	unsigned *first, *next; /* children, by id */
};

static bool
picture_has(const struct journal_log *log, unsigned id)
{
	return id > 0 && id <= log->calls.n && log->calls.v[id - 1].id == id;
}

static int64_t
later(int64_t x, int64_t y)
{
	return x > y ? x : y;
}

/* The last moment that anything is known of. */
static int64_t
last_moment(const struct journal_log *log)
{
	const struct journal_call *c;
	const struct journal_job *j;
	int64_t at = log->end.end_ns;

	vec_each(&log->calls, c)
		at = later(
		    at, later(later(c->created_ns, c->start_ns), c->end_ns));
	vec_each(&log->jobs, j)
		at = later(at, later(j->start_ns, j->end_ns));
	return at;
}

/* ---- verdicts ---- */

static const struct {
	const char *status;
	enum verdict verdict;
} verdicts[] = {
	{ "passed", VERDICT_PASSED },
	{ "up to date", VERDICT_PASSED },
	{ "cached", VERDICT_PASSED },
	{ "skipped", VERDICT_SKIPPED },
	{ "not run", VERDICT_SKIPPED },
	{ "failed", VERDICT_FAILED },
	{ "cancelled", VERDICT_CANCELLED },
};

/* What a call that failed did so by. */
static const char *
failure_type(const struct journal_call *c, bool unstarted)
{
	if (c->timed_out)
		return "timeout";
	if (unstarted)
		return "spawn";
	if (c->signal > 0)
		return "signal";
	return c->exit_status > 0 ? "exit" : "error";
}

/* The reason of a call that never ran is the name of what it needs. */
static const char *
why_of(struct arena *a, const struct journal_call *c, enum verdict v)
{
	if (v != VERDICT_SKIPPED)
		return *c->error != '\0' ? c->error : c->reason;
	if (strcmp(c->status, "not run") != 0 || c->cause == 0 ||
	    *c->reason == '\0')
		return *c->reason != '\0' ? c->reason : c->status;
	return arena_printf(a, "needs %s, which failed", c->reason);
}

static void
judge_call(struct arena *a, const struct journal_call *c, bool unstarted,
    struct call_facts *f)
{
	f->status = *c->status != '\0' ? c->status : "unfinished";
	f->verdict = VERDICT_UNFINISHED;
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strcmp(c->status, verdicts[i].status) == 0)
			f->verdict = verdicts[i].verdict;
	f->type = f->status;
	f->why = why_of(a, c, f->verdict);
	if (f->verdict != VERDICT_FAILED)
		return;
	f->type = c->cause != 0 ? "cause" : failure_type(c, unstarted);
	if (strcmp(f->type, "exit") != 0 && strcmp(f->type, "cause") != 0)
		f->verdict = VERDICT_ERROR;
}

/* Of calls that went wrong, which did not count in the end. */
static void
picture_excuse(struct picture *p, struct call_facts *facts,
    const journal_words *ids, const char *status)
{
	for (size_t i = 0; i < ids->n; i++) {
		unsigned id = (unsigned)strtoul(ids->v[i], NULL, 10);
		struct call_facts *f;

		if (!picture_has(p->log, id))
			continue;
		f = &facts[id - 1];
		if (f->verdict != VERDICT_FAILED && f->verdict != VERDICT_ERROR)
			continue;
		p->count[f->verdict]--;
		p->count[VERDICT_EXCUSED]++;
		f->verdict = VERDICT_EXCUSED;
		f->status = status;
	}
}

/* ---- facts ---- */

static void
take_job(struct picture *p, struct call_facts *facts,
    const struct journal_job *j, int64_t now)
{
	struct call_facts *f;
	int64_t end = j->end_ns > 0 ? j->end_ns : now;

	if (j->id == 0 || !picture_has(p->log, j->call))
		return;
	f = &facts[j->call - 1];
	if (f->first_job == 0)
		f->first_job = j->id;
	f->last_job = j->id;
	if (*f->log == '\0')
		f->log = j->log;
	f->own_ns += end - j->start_ns;
	p->busy_ns += end - j->start_ns;
}

static void
take_call(const struct journal_log *log, struct call_facts *facts,
    const struct journal_call *c, int64_t now)
{
	struct call_facts *f = &facts[c->id - 1];
	unsigned up = c->id;

	/* parents are older, but a damaged journal may say otherwise */
	while (picture_has(log, log->calls.v[up - 1].parent) &&
	       log->calls.v[up - 1].parent < up)
		up = log->calls.v[up - 1].parent;
	f->root = up;
	f->start_ns = c->start_ns > 0 ? c->start_ns : c->created_ns;
	f->end_ns = journal_call_has_ended(c) ? c->end_ns : now;
	f->wait_ns = c->slot_wait_ns + c->queue_wait_ns;
	if (journal_call_has_ended(c)) {
		f->own_ns = later(c->job_ns - c->calls_ns, 0);
		f->log = c->log;
	}
}

static bool
could_not_start(const struct journal_log *log, const struct call_facts *f)
{
	return f->last_job > 0 && *log->jobs.v[f->last_job - 1].error != '\0';
}

static void
picture_facts(struct arena *a, struct picture *p, struct call_facts *facts)
{
	const struct journal_log *log = p->log;
	const struct journal_call *c;
	const struct journal_job *j;

	for (size_t i = 0; i < log->calls.n; i++)
		facts[i].log = "";
	vec_each(&log->jobs, j)
		take_job(p, facts, j, p->wall_ns);
	vec_each(&log->calls, c) {
		if (c->id == 0)
			continue;
		take_call(log, facts, c, p->wall_ns);
		judge_call(a, c, could_not_start(log, &facts[c->id - 1]),
		    &facts[c->id - 1]);
		p->count[facts[c->id - 1].verdict]++;
		p->n_calls++;
	}
}

/* ---- the critical path ---- */

/*
 * Backwards from what settled last: in a call, what ended last before the
 * moment is what it waited for then, a job of its own or a call that it made.
 * Each step goes back in time or down in the tree, so it comes to an end.
 */
struct walk {
	struct arena *a;
	struct picture *p;
	struct call_facts *facts;
	struct tree children, jobs;
};

static void
path_add(struct walk *w, unsigned call, unsigned job, int64_t from, int64_t to)
{
	struct path_part part = { call, job, from, to };

	w->facts[call - 1].on_path = true;
	if (to > from)
		vec_push(w->a, &w->p->path, part);
}

static int64_t
job_end(const struct walk *w, unsigned id)
{
	int64_t end = w->p->log->jobs.v[id - 1].end_ns;

	return end > 0 ? end : w->p->wall_ns;
}

/* Of the jobs and the calls of `call` that ended by `at` the last one; false:
 * there is none.  What ended later is of no use to any later step. */
static bool
last_before(
    struct walk *w, unsigned call, int64_t at, unsigned *child, unsigned *job)
{
	unsigned *c = &w->children.first[call], *j = &w->jobs.first[call];

	while (*c != 0 &&
	       (w->facts[*c - 1].end_ns > at || w->facts[*c - 1].on_path ||
		   w->facts[*c - 1].end_ns <= w->facts[*c - 1].start_ns))
		*c = w->children.next[*c];
	while (*j != 0 && (job_end(w, *j) > at ||
			      w->p->log->jobs.v[*j - 1].start_ns >= at))
		*j = w->jobs.next[*j];
	*child = *c;
	*job = *j;
	if (*c != 0 && *j != 0 && w->facts[*c - 1].end_ns >= job_end(w, *j))
		*job = 0;
	return *c != 0 || *j != 0;
}

/* An execution that was shared is that of the other call. */
static unsigned
execution_of(const struct walk *w, unsigned id)
{
	unsigned twin = w->p->log->calls.v[id - 1].twin;

	if (!picture_has(w->p->log, twin))
		return id;
	w->facts[id - 1].on_path = true;
	return twin;
}

static void
walk_path(struct walk *w, unsigned root)
{
	const struct journal_log *log = w->p->log;
	unsigned call = execution_of(w, root), child, job;
	int64_t at = w->facts[root - 1].end_ns;

	w->facts[call - 1].on_path = true;
	while (call != 0) {
		if (!last_before(w, call, at, &child, &job)) {
			const struct journal_call *c = &log->calls.v[call - 1];
			unsigned up = c->parent;

			/* its caller did before it what ended before it came to
			 * be; calls beside it are no reason for it */
			if (c->created_ns < at)
				at = c->created_ns;
			call = picture_has(log, up) && up < call ? up : 0;
		} else if (job != 0) {
			const struct journal_job *j = &log->jobs.v[job - 1];

			path_add(w, call, job, j->start_ns, job_end(w, job));
			at = j->start_ns;
		} else {
			at = w->facts[child - 1].end_ns;
			w->facts[child - 1].on_path = true;
			call = execution_of(w, child);
		}
	}
}

static struct tree
tree_new(struct arena *a, size_t n_from, size_t n_of)
{
	return (struct tree){
		arena_alloc(a, (n_from + 1) * sizeof(unsigned)),
		arena_alloc(a, (n_of + 1) * sizeof(unsigned)),
	};
}

static void
tree_put(struct tree *t, unsigned from, unsigned id)
{
	t->next[id] = t->first[from];
	t->first[from] = id;
}

static void
reverse_path(struct picture *p)
{
	for (size_t i = 0; i < p->path.n / 2; i++) {
		struct path_part part = p->path.v[i];

		p->path.v[i] = p->path.v[p->path.n - 1 - i];
		p->path.v[p->path.n - 1 - i] = part;
	}
}

/* What is below a call, with its end. */
struct ended {
	unsigned id, of;
	int64_t end_ns;
};

static int
by_end(const void *x, const void *y)
{
	const struct ended *a = x, *b = y;

	if (a->end_ns != b->end_ns)
		return a->end_ns < b->end_ns ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* Lists that begin with what ended last. */
static void
tree_fill(struct tree *t, struct ended *all, size_t n)
{
	qsort(all, n, sizeof(*all), by_end);
	for (size_t i = 0; i < n; i++)
		tree_put(t, all[i].of, all[i].id);
}

static void
fill_jobs(struct walk *w)
{
	const struct journal_log *log = w->p->log;
	struct ended *all = arena_alloc(w->a, (log->jobs.n + 1) * sizeof(*all));
	const struct journal_job *j;
	size_t n = 0;

	vec_each(&log->jobs, j)
		if (j->id != 0 && picture_has(log, j->call))
			all[n++] =
			    (struct ended){ j->id, j->call, job_end(w, j->id) };
	tree_fill(&w->jobs, all, n);
}

/* Returns the requested call that settled last; 0: there is none. */
static unsigned
fill_children(struct walk *w)
{
	const struct journal_log *log = w->p->log;
	struct ended *all =
	    arena_alloc(w->a, (log->calls.n + 1) * sizeof(*all));
	const struct journal_call *c;
	unsigned last = 0;
	size_t n = 0;

	vec_each(&log->calls, c) {
		int64_t end = c->id != 0 ? w->facts[c->id - 1].end_ns : 0;

		if (c->id == 0)
			continue;
		if (picture_has(log, c->parent) && c->parent < c->id)
			all[n++] = (struct ended){ c->id, c->parent, end };
		else if (last == 0 || end > w->facts[last - 1].end_ns)
			last = c->id;
	}
	tree_fill(&w->children, all, n);
	return last;
}

static void
picture_path(struct arena *a, struct picture *p, struct call_facts *facts)
{
	const struct journal_log *log = p->log;
	struct walk w = { a, p, facts, tree_new(a, log->calls.n, log->calls.n),
		tree_new(a, log->calls.n, log->jobs.n) };
	unsigned last = fill_children(&w);

	fill_jobs(&w);
	if (last != 0)
		walk_path(&w, last);
	reverse_path(p);
}

/* ---- the whole ---- */

static const char *
picture_title(struct arena *a, const struct journal_log *log)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < log->run.tasks.n; i++) {
		if (i > 0)
			sb_addc(&b, ' ');
		sb_adds(&b, log->run.tasks.v[i]);
	}
	return b.n > 0 ? sb_take(&b, a).p : "prun";
}

void
picture_make(struct arena *a, const struct report_run *run, struct picture *out)
{
	struct call_facts *facts =
	    arena_alloc(a, (run->log->calls.n + 1) * sizeof(*facts));

	*out = (struct picture){ .run = run, .log = run->log, .facts = facts };
	out->wall_ns = last_moment(run->log);
	picture_facts(a, out, facts);
	picture_excuse(
	    out, facts, &run->log->end.quarantined, "failed, in quarantine");
	picture_excuse(out, facts, &run->log->end.excused, "failed, excused");
	picture_path(a, out, facts);
	out->title = picture_title(a, run->log);
	if (run->log->has_end)
		out->verdict =
		    run->log->end.exit_status == 0 ? "passed" : "failed";
	else
		out->verdict = run->is_live ? "running" : "unfinished";
}

/* ---- in the order in which people read ---- */

struct rank {
	unsigned id;
	int key;
};

static int
rank_of(const struct picture *p, const struct journal_call *c)
{
	static const int ranks[VERDICT_COUNT] = {
		[VERDICT_FAILED] = 0,
		[VERDICT_ERROR] = 0,
		[VERDICT_EXCUSED] = 2,
		[VERDICT_CANCELLED] = 2,
		[VERDICT_UNFINISHED] = 3,
		[VERDICT_SKIPPED] = 4,
		[VERDICT_PASSED] = 5,
	};
	const struct call_facts *f = &p->facts[c->id - 1];

	/* who only passes a failure on says nothing new */
	if (f->verdict == VERDICT_FAILED && c->cause != 0)
		return 1;
	return ranks[f->verdict];
}

static int
by_rank(const void *x, const void *y)
{
	const struct rank *a = x, *b = y;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

void
picture_order(struct arena *a, const struct picture *p, unsigned **ids)
{
	struct rank *ranks = arena_alloc(a, (p->n_calls + 1) * sizeof(*ranks));
	const struct journal_call *c;
	size_t n = 0;

	vec_each(&p->log->calls, c)
		if (c->id != 0)
			ranks[n++] = (struct rank){ c->id, rank_of(p, c) };
	qsort(ranks, n, sizeof(*ranks), by_rank);
	*ids = arena_alloc(a, (n + 1) * sizeof(**ids));
	for (size_t i = 0; i < n; i++)
		(*ids)[i] = ranks[i].id;
}
