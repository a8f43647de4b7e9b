/* SPDX-License-Identifier: MIT */
#include "project/history_record.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/host.h"
#include "base/io.h"
#include "exec/machine.h"
#include "stats/series.h"

/* Of each kind at most so many lines: a machine that is slow is slow for all.
 */
enum {
	TOLD_MAX = 5,
	WAITING_RUNS = 8, /* short ones whose journals wait to be taken */
};
#define SHORT_RUN_NS (500 * NS_PER_MS)

const char *
history_machine(struct arena *a)
{
	return arena_printf(
	    a, "%s/%s, %d cores", host_os(), host_arch(), cores_usable());
}

const char *
history_db_path(struct project *p)
{
	return state_path(p->a, &p->state, "history.db");
}

void
history_tell_fault(struct project *p, enum db_fault fault, const struct err *e)
{
	const char *what = NULL;

	switch (fault) {
	case DB_FINE:
	case DB_BUSY: /* the next run makes up for it */
		return;
	case DB_DAMAGED:
		what = "the history is damaged and begins anew; what there was "
		       "is kept as history.db.damaged";
		break;
	case DB_NEWER:
	case DB_FAILED:
		what = "no history is kept";
		break;
	}
	if (!p->s->is_compat)
		term_print(p->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: %s: %s\n", what, e->message);
}

/* ---- what stands out ---- */

struct telling {
	struct run_setup *w;
	struct database *db;
	const char *machine;
	struct machine now;
	size_t slow, slower;
	struct map *seen; /* each series once */
};

static double
history_seconds(int64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

static const char *
told_time(struct arena *a, double seconds)
{
	return duration_short(a, (int64_t)(seconds * (double)NS_PER_S));
}

static void
tell_slow(struct telling *t, struct arena *a, const struct run_call *c,
    double seconds, const struct slow_today *slow)
{
	struct sb b cleanup_sb = SB_INIT;

	if (t->slow++ >= TOLD_MAX)
		return;
	history_add_why(a, &b,
	    &(struct history_why){
		t->now.load_per_core, t->now.mem_pressure, c->slot_wait_ns });
	term_print(t->w->p->term, STDERR_FILENO, COLOR_YELLOW,
	    "prun: slow today: %s took %s, usually %s%s\n", c->name,
	    told_time(a, seconds), told_time(a, slow->median),
	    sb_cstr(&b));
}

void
history_add_why(struct arena *a, struct sb *out, const struct history_why *why)
{
	if (why->load > 0)
		sb_printf(out, "; load %.1f per core", why->load);
	if (why->mem_wait >= 0.01)
		sb_printf(out, "; memory was short %.0f%% of the time",
		    100 * why->mem_wait);
	if (why->slot_wait_ns > NS_PER_S / 10)
		sb_printf(out, "; it also waited %s for slots",
		    duration_short(a, why->slot_wait_ns));
}

const char *
history_commits(struct arena *a, const char *before, const char *first)
{
	if (*before == '\0' || *first == '\0')
		return "";
	if (strcmp(before, first) == 0)
		return arena_printf(a, "; no commit in between (%.10s)", first);
	return arena_printf(a, "; commits %.10s..%.10s", before, first);
}

static void
tell_slower(struct telling *t, struct arena *a, const struct run_call *c,
    const struct history_series *s, const struct change *change)
{
	struct history_run_row first, before = { .head = "" };
	int64_t run = s->calls.v[change->first].run;

	if (change->after <= change->before ||
	    !history_db_run(t->db, a, run, &first) ||
	    !history_db_say_once(t->db, s->id, run) || t->slower++ >= TOLD_MAX)
		return;
	history_db_run(
	    t->db, a, history_db_run_before(t->db, s->id, run), &before);
	term_print(t->w->p->term, STDERR_FILENO, COLOR_YELLOW,
	    "prun: slower since run %s: %s takes %s, before %s (+%.0f%%)%s\n",
	    first.name, c->name, told_time(a, change->after),
	    told_time(a, change->before),
	    100 * (change->after / change->before - 1),
	    history_commits(a, before.head, first.head));
}

static bool
look_at_call(struct telling *t, struct arena *a, const struct run_call *c)
{
	struct history_key key = { c->task_name,
		c->vars_hash == 0
		    ? ""
		    : arena_printf(a, "%016" PRIx64, c->vars_hash) };
	sv name = sv_of(arena_printf(a, "%s %s", key.vars, key.task));
	double times[SERIES_WINDOW + 1];
	struct history_series s;
	struct slow_today slow;
	struct change change;
	size_t n;

	if (map_get(t->seen, name) != NULL)
		return true;
	map_put(t->seen, name, t);
	if (!history_db_times(t->db, a, &key, t->machine, &s))
		return false;
	n = s.calls.n;
	if (n < 2)
		return true;
	for (size_t i = 0; i < n; i++)
		times[i] = history_seconds(s.calls.v[i].busy_ns);
	if (slow_today(times, n - 1, times[n - 1], &slow))
		tell_slow(t, a, c, times[n - 1], &slow);
	if (series_change(times, n, &change))
		tell_slower(t, a, c, &s, &change);
	return true;
}

/* The last of the series is this call where it is one that tells. */
static bool
tells_time(const struct run_call *c)
{
	return c->outcome == OUTCOME_PASSED && c->jobs > 0 &&
	       c->attempts <= 1 && c->twin == NULL;
}

static void
tell_what_stands_out(
    struct run_setup *w, struct database *db, const struct run_result *r)
{
	struct arena *a cleanup_arena = arena_new();
	struct telling t = {
		.w = w, .db = db, .now = MACHINE_INIT, .seen = map_new(a)
	};

	machine_read(&t.now);
	t.machine = history_machine(a);
	if (!database_begin(db))
		return;
	for (size_t i = 0; i < r->n; i++)
		if (tells_time(r->calls[i]) &&
		    !look_at_call(&t, a, r->calls[i]))
			break;
	database_end(db);
	if (t.slow > TOLD_MAX)
		term_print(w->p->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: and %zu more were slow today\n", t.slow - TOLD_MAX);
	if (t.slower > TOLD_MAX)
		term_print(w->p->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: and %zu more are slower than they were\n",
		    t.slower - TOLD_MAX);
}

/* ---- when ---- */

/* How many runs have begun since the history was written: ids are times, and
 * its file is touched each time. */
static size_t
runs_since(struct project *p)
{
	struct arena *a cleanup_arena = arena_new();
	state_names ids = { 0 };
	const char *written;
	struct stat st;
	size_t n = 0;

	state_runs(a, &p->state, &ids);
	if (stat(history_db_path(p), &st) != 0)
		return ids.n;
	written = run_id_text(a, stat_mtime_ns(&st));
	while (n < ids.n && strcmp(ids.v[n], written) > 0)
		n++;
	return n;
}

/* A short run has nothing to say of itself and would be held up by what is a
 * small share of others: its journal waits until a few have come together,
 * unless it would be removed by then. */
static bool
is_due(struct project *p, const struct run_result *r)
{
	int64_t keep = CFG_I(&p->config, logs, keep);
	size_t most = keep > 0 && keep < 2 * WAITING_RUNS ? (size_t)keep / 2
							  : WAITING_RUNS;

	return r->end_ns - r->start_ns >= SHORT_RUN_NS || runs_since(p) > most;
}

void
history_record(struct run_setup *w, const struct run_result *r)
{
	struct project *p = w->p;
	struct err e cleanup_err = ERR_INIT;
	enum db_fault fault;
	struct database *db;

	/* what is inside of a run goes in with that one */
	if (w->journal == NULL || w->dir.path[0] == '\0' ||
	    p->in->outer.runs.n > 0 || !CFG_B(&p->config, features, history) ||
	    !is_due(p, r))
		return;
	journal_flush(w->journal);
	db = history_db_open(history_db_path(p), true, &fault, &e);
	if (db != NULL) {
		utimensat(AT_FDCWD, history_db_path(p), NULL, 0);
		if (history_db_import(db, &p->state, w->dir.id) &&
		    !p->s->is_compat && !p->s->silent)
			tell_what_stands_out(w, db, r);
		fault = database_fault(db, &e);
	}
	database_close(db);
	history_tell_fault(p, fault, &e);
}
