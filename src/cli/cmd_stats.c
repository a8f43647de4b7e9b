/* SPDX-License-Identifier: MIT */
/* --stats: what the history says of calls (P-1101). */
#include "cli/cli.h"

#include <inttypes.h>
#include <math.h>
#include <unistd.h>

#include "base/clock.h"
#include "advice/stats.h"
#include "output/columns.h"
#include "project/history.h"
#include "project/history_record.h"

/* ---- what there is ---- */

/* What ended without anybody there goes in first; where it cannot be written,
 * what it holds is shown. */
static struct database *
stats_open(struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	enum db_fault fault;
	struct database *db;
	const char *path = history_db_path(p);

	if (!state_make(&p->state, &e)) {
		history_tell_fault(p, DB_FAILED, &e);
		return NULL;
	}
	db = history_db_open(path, true, &fault, &e);
	if (db != NULL && history_db_import(db, &p->state, ""))
		return db;
	if (db != NULL)
		fault = database_fault(db, &e);
	history_tell_fault(p, fault, &e);
	database_close(db);
	err_clear(&e);
	return fault == DB_DAMAGED || fault == DB_NEWER
		   ? NULL
		   : history_db_open(path, false, &fault, &e);
}

static bool
is_stats_named(const struct history_series *s, const char *name)
{
	return strcmp(s->task, name) == 0 || strcmp(s->name, name) == 0;
}

/* Every name must be one that has a history. */
static bool
check_stats_names(const struct project *p, const struct stats_all *all,
    const string_vec *wanted, struct err *e)
{
	for (size_t i = 0; i < wanted->n; i++) {
		bool found = false;

		for (size_t k = 0; k < all->series.n && !found; k++)
			found = is_stats_named(&all->series.v[k], wanted->v[i]);
		if (!found)
			return err_set(e, ERR_TASK_NOT_FOUND,
			    "prun: no run of task %s is in the history",
			    quote_go(p->a, sv_of(wanted->v[i])));
	}
	return true;
}

/* Calls with other variables have the same name, and stand beside each other.
 */
static const char *
label_of(struct arena *a, const history_series_vec *all,
    const struct history_series *s)
{
	size_t i = (size_t)(s - all->v);

	if (*s->vars == '\0' ||
	    ((i == 0 || strcmp(all->v[i - 1].name, s->name) != 0) &&
		(i + 1 == all->n || strcmp(all->v[i + 1].name, s->name) != 0)))
		return s->name;
	return arena_printf(a, "%s [%.6s]", s->name, s->vars);
}

static void
read_named_runs(struct project *p, struct database *db, struct stats_call *c)
{
	const struct call_stats *s = &c->stats;

	c->before.head = "";
	if (s->has_change) {
		history_db_run(db, p->a, s->change_run, &c->change);
		history_db_run(db, p->a,
		    history_db_run_before(db, c->series->id, s->change_run),
		    &c->before);
	}
	if (s->has_anomaly)
		history_db_run(db, p->a, s->anomaly_run, &c->anomaly);
}

/* What the database does not have: pools, and who was whose dep. */
static void
read_last_journal(struct project *p, struct stats_all *all)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct history_run last;

	all->p = p;
	if (all->runs > 0 && history_find(p, all->last.name, &last, &ignored))
		all->log = last.log;
}

static bool
stats_read(struct project *p, struct database *db, const string_vec *wanted,
    struct stats_all *all)
{
	struct history_series *s;

	if (!database_begin(db) ||
	    !history_db_series(db, p->a, wanted->v, wanted->n,
		history_machine(p->a), &all->series))
		return false;
	history_db_runs(db, p->a, &all->runs, &all->first, &all->last);
	vec_each(&all->series, s) {
		struct stats_call c = { .series = s,
			.label = label_of(p->a, &all->series, s) };

		history_stats(p->a, s, &c.stats);
		read_named_runs(p, db, &c);
		vec_push(p->a, &all->calls, c);
	}
	database_end(db);
	read_last_journal(p, all);
	return true;
}

/* ---- the table ---- */

static void
add_share(struct sb *b, size_t part, size_t of)
{
	if (of == 0)
		sb_adds(b, "\t-");
	else
		sb_printf(b, "\t%zu%%", (100 * part + of / 2) / of);
}

static void
add_row_time(struct sb *b, struct arena *a, double seconds, size_t of)
{
	sb_printf(b, "\t%s",
	    of == 0 ? "-"
		    : duration_short(a, (int64_t)(seconds * (double)NS_PER_S)));
}

static void
add_bytes(struct sb *b, int64_t bytes)
{
	if (bytes <= 0)
		sb_adds(b, "\t-");
	else if (bytes < INT64_C(10) << 30)
		sb_printf(b, "\t%.0fM", ceil((double)bytes / (1 << 20)));
	else
		sb_printf(b, "\t%.0fG", (double)bytes / (1 << 30));
}

static void
add_blocks(struct sb *b, double blocks, size_t of)
{
	static const char units[] = " kMG";
	size_t unit = 0;

	for (; blocks >= 10000 && unit < 3; unit++)
		blocks /= 1000;
	if (of == 0)
		sb_adds(b, "\t-");
	else
		sb_printf(b, "\t%.0f%.*s", blocks, unit > 0, units + unit);
}

/* The last times, the shortest at the bottom, the longest at the top. */
static void
add_chart(struct sb *b, const struct call_stats *s)
{
	static const char *const bars[] = { "\u2581", "\u2582", "\u2583",
		"\u2584", "\u2585", "\u2586", "\u2587", "\u2588" };
	size_t from = s->timed > STATS_CHART ? s->timed - STATS_CHART : 0;
	double most = 0, least = INFINITY;

	for (size_t i = from; i < s->timed; i++) {
		most = fmax(most, s->times[i]);
		least = fmin(least, s->times[i]);
	}
	/* what hardly differs is no mountain range */
	if (most - least < most / 10) {
		least -= most / 10;
		most += most / 10;
	}
	sb_addc(b, '\t');
	for (size_t i = from; i < s->timed; i++)
		sb_adds(b, bars[(size_t)(7.99 * (s->times[i] - least) /
					 fmax(most - least, 1e-12))]);
}

static void
add_stats_row(
    struct sb *b, struct arena *a, const struct stats_call *c, bool charts)
{
	const struct call_stats *s = &c->stats;

	columns_add_line(b, c->label);
	sb_printf(b, "\t%" PRId64, s->runs);
	add_share(b, s->all.passed, s->all.of);
	add_share(b, s->parallel.passed, s->parallel.of);
	add_share(b, s->serial.passed, s->serial.of);
	add_row_time(b, a, s->mean, s->timed);
	add_row_time(b, a, s->p50, s->timed);
	add_row_time(b, a, s->p95, s->timed);
	if (s->timed < 4)
		sb_adds(b, "\t-");
	else
		sb_printf(b, "\t%+.0f%%", 100 * s->trend);
	sb_printf(b, "\t%zu", s->flaky + s->retried);
	add_share(b, s->cached, s->cached + s->all.of);
	add_share(b, s->critical, s->recent);
	add_row_time(b, a, s->cpu, s->timed);
	add_bytes(b, s->max_rss_bytes);
	add_blocks(b, s->blocks_read, s->timed);
	add_blocks(b, s->blocks_written, s->timed);
	if (charts)
		add_chart(b, s);
	sb_addc(b, '\n');
}

static void
print_table(const struct cli *c, struct stats_all *all)
{
	struct sb rows cleanup_sb = SB_INIT, out cleanup_sb = SB_INIT;
	struct sb notes cleanup_sb = SB_INIT;
	bool charts = isatty(STDOUT_FILENO) && !c->term->ascii;
	const struct stats_call *call;

	sb_adds(&rows,
	    "CALL\tRUNS\tPASS\tPARALLEL\tSERIAL\tMEAN\tP50\tP95\tTREND"
	    "\tFLAKY\tCACHED\tPATH\tCPU\tMEMORY\tREAD\tWRITTEN\n");
	vec_each(&all->calls, call)
		add_stats_row(&rows, c->a, call, charts);
	columns_align(&out, sb_sv(&rows), 2);
	stats_add_notes(c->a, &notes, all);
	if (notes.n > 0)
		sb_addc(&out, '\n');
	term_add_shown(&out, sb_sv(&notes), true);
	term_say(c->term, STDOUT_FILENO, sb_sv(&out));
}

int
cmd_stats(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	struct stats_all all = { .runs = 0 };
	string_vec wanted = { 0 };
	struct database *db;
	bool read;

	for (size_t i = 0; i < p->named.n; i++)
		vec_push(c->a, &wanted, p->named.v[i].task);
	db = stats_open(p);
	if (db == NULL)
		return cli_fail(c,
		    (err_set(&e, ERR_GENERIC, "prun: there is no history"), &e),
		    NULL);
	read = stats_read(p, db, &wanted, &all);
	if (!read)
		history_tell_fault(p, database_fault(db, &e), &e);
	database_close(db);
	if (!read)
		return 1;
	if (!check_stats_names(p, &all, &wanted, &e))
		return cli_fail(c, &e, NULL);
	if (OPT_B(&c->o, json))
		stats_print_json(p, &all);
	else if (all.calls.n == 0)
		term_print(c->term, STDOUT_FILENO, COLOR_DEFAULT,
		    "no run is in the history\n");
	else
		print_table(c, &all);
	return c->term->stdout_failed;
}
