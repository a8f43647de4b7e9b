/* SPDX-License-Identifier: MIT */
/* --runs: the runs that are on record, newest first (P-507); --wait and
 * --cancel, for one of them. */
#include "cli/cli.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "go/json.h"
#include "go/shellword.h"
#include "output/columns.h"
#include "project/away.h"
#include "project/history.h"

/* A run and what is said of it. */
struct listed {
	struct history_run run;
	bool is_live;
	const char *verdict; /* for people */
};
typedef VEC(struct listed) listed_vec;

/* The named calls of those that have begun and not ended. */
static const char *
unfinished_calls(struct arena *a, const struct journal_log *log)
{
	struct sb b cleanup_sb = SB_INIT;
	const struct journal_job *job;

	vec_each(&log->jobs, job) {
		const struct journal_call *c;

		if (job->id == 0 || job->end_ns != 0 ||
		    job->call - 1 >= log->calls.n)
			continue;
		c = &log->calls.v[job->call - 1];
		if (!journal_call_has_ended(c))
			sb_printf(&b, "%s%s", b.n > 0 ? ", " : ": ", c->name);
	}
	return arena_strdup(a, sb_cstr(&b));
}

/* A record without its end is that of a run that goes on, or was killed. */
static const char *
verdict_of(struct arena *a, const struct listed *l)
{
	const struct journal_log *log = &l->run.log;

	if (!log->has_end)
		return arena_printf(a, "%s%s",
		    l->is_live ? "running" : "killed while running",
		    unfinished_calls(a, log));
	if (*log->end.verdict != '\0')
		return log->end.verdict;
	return log->end.exit_status == 0
		   ? "passed"
		   : arena_printf(
			 a, "FAILED: exit status %d", log->end.exit_status);
}

/* With tasks: those that called one of them. */
static bool
is_run_listed(const struct project *p, const struct journal_log *log)
{
	const struct journal_call *call;

	if (!log->has_run || *log->run.parent != '\0')
		return false;
	vec_each(&log->calls, call)
		if (log_is_wanted(p, call))
			return true;
	return p->named.n == 0;
}

/* What cannot be read is no run: it has just begun, or is being removed. */
static void
find_listed(struct project *p, listed_vec *out)
{
	state_names ids = { 0 };

	state_runs(p->a, &p->state, &ids);
	for (size_t i = 0; i < ids.n; i++) {
		struct err ignored cleanup_err = ERR_INIT;
		struct listed l = { 0 };

		if (!history_find(p, ids.v[i], &l.run, &ignored) ||
		    !is_run_listed(p, &l.run.log))
			continue;
		l.is_live = history_is_live(p, &l.run);
		l.verdict = verdict_of(p->a, &l);
		vec_push(p->a, out, l);
	}
}

/* The command line behind the name of the program. */
static const char *
what_ran(struct arena *a, const struct journal_run *run)
{
	struct sb b cleanup_sb = SB_INIT;
	const char *const *word;

	vec_each(&run->argv, word)
		sb_printf(&b, "%s%s", b.n > 0 ? " " : "",
		    shell_quote(a, sv_of(*word)));
	return arena_strdup(a, b.n > 0 ? sb_cstr(&b) : "default");
}

static const char *
local_time(struct arena *a, int64_t at_ns)
{
	time_t seconds = at_ns / NS_PER_S;
	char text[32];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	return arena_strdup(a, text);
}

static enum color
listed_color(const struct listed *l)
{
	if (!l->run.log.has_end)
		return COLOR_YELLOW;
	return l->run.log.end.exit_status == 0 ? COLOR_GREEN : COLOR_RED;
}

static void
add_listed(const struct cli *c, struct sb *out, const struct listed *l)
{
	const struct journal_log *log = &l->run.log;
	struct sb verdict cleanup_sb = SB_INIT;

	sb_printf(out, "%s\t%s\t%s\t", l->run.id,
	    local_time(c->a, log->run.at_ns),
	    log->has_end ? duration_short(c->a, log->end.end_ns) : "-");
	columns_add_line(out, what_ran(c->a, &log->run));
	sb_addc(out, '\t');
	columns_add_line(&verdict, l->verdict);
	term_add(c->term, out, listed_color(l), sb_sv(&verdict));
	sb_addc(out, '\n');
}

static void
print_runs(const struct cli *c, const listed_vec *runs, bool with_tasks)
{
	struct sb rows cleanup_sb = SB_INIT;
	struct sb out cleanup_sb = SB_INIT;
	const struct listed *l;

	if (runs->n == 0)
		sb_adds(&out,
		    with_tasks ? "no runs of these tasks\n" : "no runs\n");
	vec_each(runs, l)
		add_listed(c, &rows, l);
	columns_align(&out, sb_sv(&rows), 2);
	term_write(c->term, STDOUT_FILENO, sb_sv(&out));
}

static void
runs_json_text(struct sb *b, const char *key, const char *text)
{
	sb_printf(b, "\"%s\":", key);
	json_quote(b, sv_of(text), false);
}

static void
runs_json_words(struct sb *b, const char *key, const journal_words *words)
{
	sb_printf(b, ",\"%s\":[", key);
	for (size_t i = 0; i < words->n; i++) {
		if (i > 0)
			sb_addc(b, ',');
		json_quote(b, sv_of(words->v[i]), false);
	}
	sb_addc(b, ']');
}

static void
runs_json_end(struct sb *b, const struct journal_end *end)
{
	sb_printf(b, ",\"exit\":%d,\"seconds\":%.3f,", end->exit_status,
	    (double)end->end_ns / NS_PER_S);
	runs_json_text(b, "commit", end->commit);
}

static void
print_runs_json(const struct cli *c, const listed_vec *runs)
{
	struct sb b cleanup_sb = SB_INIT;

	sb_addc(&b, '[');
	for (size_t i = 0; i < runs->n; i++) {
		const struct journal_log *log = &runs->v[i].run.log;

		sb_adds(&b, i > 0 ? ",\n{" : "\n{");
		runs_json_text(&b, "id", runs->v[i].run.id);
		sb_printf(&b, ",\"at\":%" PRId64 ",", log->run.at_ns);
		runs_json_text(&b, "state",
		    log->has_end         ? "ended"
		    : runs->v[i].is_live ? "running"
					 : "killed");
		sb_addc(&b, ',');
		runs_json_text(&b, "verdict", runs->v[i].verdict);
		runs_json_words(&b, "argv", &log->run.argv);
		runs_json_words(&b, "tasks", &log->run.tasks);
		if (log->has_end)
			runs_json_end(&b, &log->end);
		sb_addc(&b, '}');
	}
	sb_adds(&b, "\n]\n");
	term_write(c->term, STDOUT_FILENO, sb_sv(&b));
}

int
cmd_runs(const struct cli *c, struct project *p)
{
	listed_vec runs = { 0 };

	find_listed(p, &runs);
	if (OPT_B(&c->o, json))
		print_runs_json(c, &runs);
	else
		print_runs(c, &runs, p->named.n > 0);
	return c->term->stdout_failed;
}

/* ---- --wait, --cancel ---- */

enum {
	STILL_RUNS = 75 /* EX_TEMPFAIL: ask again */
};

static int64_t
deadline_of(const struct options *o)
{
	return OPT_SET(o, within)
		   ? ns_add(clock_mono_ns(), OPT_I(o, within))
		   : INT64_MAX;
}

static void
tell_state(const struct cli *c, const struct away_state *s)
{
	enum color color = s->is_live       ? COLOR_YELLOW
			   : s->status == 0 ? COLOR_GREEN
					    : COLOR_RED;

	if (s->summary.n > 0)
		term_write(c->term, STDERR_FILENO, s->summary);
	term_print(c->term, STDERR_FILENO, color, "prun: %s\n", s->text);
}

int
cmd_wait(const struct cli *c, struct project *p)
{
	int64_t deadline_ns = deadline_of(&c->o);
	struct err e cleanup_err = ERR_INIT;
	struct away_state s;
	struct away w;

	if (!away_find(p, OPT_S(&c->o, wait), &w, &e))
		return cli_fail(c, &e, NULL);
	away_wait(&w, deadline_ns);
	away_look(p, &w, &s);
	tell_state(c, &s);
	return s.is_live ? STILL_RUNS : s.status;
}

int
cmd_cancel(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	enum away_cancel r;
	struct away_state s;
	struct away w;

	if (!away_find(p, OPT_S(&c->o, cancel), &w, &e))
		return cli_fail(c, &e, NULL);
	r = away_end(p, &w, &e);
	if (r == AWAY_FAILED)
		return cli_fail(c, &e, NULL);
	if (r == AWAY_IS_OVER) {
		away_look(p, &w, &s);
		term_print(c->term, STDERR_FILENO, COLOR_DEFAULT,
		    "prun: nothing to cancel: %s\n", s.text);
		return 0;
	}
	term_print(c->term, STDERR_FILENO, COLOR_YELLOW,
	    "prun: %s %s is being ended%s\n",
	    w.is_session ? "session" : "run", w.id,
	    r == AWAY_BEFORE ? " already" : "");
	return 0;
}
