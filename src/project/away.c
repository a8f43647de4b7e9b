/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/away.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "project/detach.h"
#include "project/history.h"

enum {
	KILLED_STATUS = 137,	 /* as a shell says it of KILL */
	LOOK_NS = 100 * 1000000, /* where nothing can be locked */
	NAMES_MAX = 4,		 /* of calls that run */
	SUMMARY_MAX = 1 << 20,	 /* bytes */
};

/* ---- which one ---- */

static struct state
sessions_of(const struct project *p)
{
	struct state s = p->state;

	s.runs = state_path(p->a, &p->state, SESSIONS_NAME);
	s.runs_apart = false;
	return s;
}

static bool
find_session(struct project *p, const char *id, struct away *out, struct err *e)
{
	struct state s = sessions_of(p);
	const char *folder = state_run_path(p->a, &s, id, e);

	if (folder == NULL)
		return false;
	*out = (struct away){ path_base(p->a, sv_of(folder)), folder, true };
	return true;
}

static bool
find_newest(struct project *p, struct away *out, struct err *e)
{
	struct state s = sessions_of(p);
	struct history_run run = { 0 };
	state_names ids = { 0 };
	bool is_run = history_find_any(p, "", &run, e);

	state_runs(p->a, &s, &ids);
	if (ids.n > 0 && (!is_run || strcmp(ids.v[0], run.id) > 0)) {
		err_clear(e);
		return find_session(p, ids.v[0], out, e);
	}
	*out = (struct away){ run.id, run.path, false };
	return is_run;
}

bool
away_find(struct project *p, const char *id, struct away *out, struct err *e)
{
	struct err no_session cleanup_err = ERR_INIT;
	struct err no_run cleanup_err = ERR_INIT;
	struct away session;
	const char *folder;
	bool is_session;

	if (strcmp(id, HISTORY_LAST) == 0)
		return find_newest(p, out, e);
	folder = state_run_path(p->a, &p->state, id, &no_run);
	is_session = find_session(p, id, &session, &no_session);
	if (folder != NULL && is_session)
		return err_set(e, ERR_GENERIC,
		    "prun: a run and a session begin with %s",
		    quote_go(p->a, sv_of(id)));
	if (folder == NULL && !is_session) {
		err_move(e, &no_run);
		return err_wrap(e, "prun: ");
	}
	*out = is_session ? session
			  : (struct away){ path_base(p->a, sv_of(folder)),
				    folder, false };
	return true;
}

/* ---- waiting ---- */

/* Nobody can tell: it is looked at now and then. */
static void
wait_by_looking(const struct away *w, int64_t deadline_ns)
{
	const struct timespec moment = { 0, LOOK_NS };

	while (run_dir_is_live(w->folder) && clock_mono_ns() < deadline_ns)
		nanosleep(&moment, NULL);
}

/* Whoever holds it is gone, or it was not there; false: the time was over. */
static bool
wait_until_free(const struct away *w, const char *name, int64_t deadline_ns)
{
	struct arena *a cleanup_arena = arena_new();
	int fd cleanup_close = lock_open(
	    path_join(a, sv_of(w->folder), sv_of(name)), LOCK_FILE_LOOK, 0);

	if (fd < 0)
		return true;
	switch (lock_wait_until(fd, LOCK_KIND_SHARED, deadline_ns)) {
	case LOCK_TAKEN:
		return true;
	case LOCK_BUSY:
		return false;
	case LOCK_UNSUPPORTED:
		break;
	}
	wait_by_looking(w, deadline_ns);
	return true;
}

void
away_wait(const struct away *w, int64_t deadline_ns)
{
	/* the output's is held until the very end */
	if (wait_until_free(w, RUN_LOCK_NAME, deadline_ns))
		(void)wait_until_free(w, DETACH_OUTPUT_NAME, deadline_ns);
}

/* ---- what has become of it ---- */

static bool
is_locked(struct arena *a, const struct away *w, const char *name)
{
	int fd cleanup_close = lock_open(
	    path_join(a, sv_of(w->folder), sv_of(name)), LOCK_FILE_LOOK, 0);

	return fd >= 0 && lock_try(fd, LOCK_KIND_SHARED) == LOCK_BUSY;
}

static bool
is_away_live(struct arena *a, const struct away *w)
{
	return run_dir_is_live(w->folder) ||
	       is_locked(a, w, DETACH_OUTPUT_NAME);
}

/* How a detached one says that it ended; false: it says nothing. */
static bool
read_away_exit(struct arena *a, const struct away *w, struct away_state *out)
{
	struct err ignored cleanup_err = ERR_INIT;
	long long from;
	char *end;
	sv text, log;

	if (!read_file(a,
		path_join(a, sv_of(w->folder), SV(DETACH_EXIT_NAME)), &text,
		&ignored))
		return false;
	out->status = (int)strtol(sv_cstr(a, text), &end, 10);
	from = strtoll(end, NULL, 10);
	if (from >= 0 &&
	    read_file(a,
		path_join(a, sv_of(w->folder), SV(DETACH_OUTPUT_NAME)), &log,
		&ignored) &&
	    (size_t)from < log.n && log.n - (size_t)from <= SUMMARY_MAX)
		out->summary = sv_sub(log, (size_t)from, SIZE_MAX);
	return true;
}

static void
add_live(struct sb *out, const struct journal_log *log)
{
	size_t n = 0, ended = 0, all = 0;

	for (size_t i = 0; i < log->calls.n; i++) {
		const struct journal_call *c = &log->calls.v[i];

		all += c->id != 0;
		ended += c->id != 0 && journal_call_has_ended(c);
	}
	for (size_t i = 0; i < log->jobs.n; i++) {
		const struct journal_job *j = &log->jobs.v[i];

		if (j->id == 0 || j->end_ns != 0 || j->call == 0 ||
		    j->call > log->calls.n || ++n > NAMES_MAX)
			continue;
		sb_printf(out, "%s%s", n == 1 ? ": " : ", ",
		    log->calls.v[j->call - 1].name);
	}
	if (n > NAMES_MAX)
		sb_printf(out, " and %zu more", n - NAMES_MAX);
	if (all > 0)
		sb_printf(out, " (%zu of %zu calls have ended)", ended, all);
}

static const char *
away_signal(struct arena *a, int sig)
{
	switch (sig) {
	case SIGINT:
		return "SIGINT";
	case SIGTERM:
		return "SIGTERM";
	case SIGHUP:
		return "SIGHUP";
	case SIGQUIT:
		return "SIGQUIT";
	default:
		return arena_printf(a, "signal %d", sig);
	}
}

/* What one that has ended came to. */
static void
add_end(struct arena *a, struct sb *out, const struct away_state *s,
    const struct journal_end *end)
{
	if (end->signal > 0)
		sb_printf(out, "was interrupted by %s",
		    away_signal(a, end->signal));
	else if (s->status == 0)
		sb_adds(out, "has passed");
	else
		sb_printf(out, "has failed with exit status %d", s->status);
}

static void
add_verdict(struct sb *out, const struct journal_log *log)
{
	bool has_passed = log->end.exit_status == 0 && log->end.signal == 0;

	if (log->has_end && *log->end.verdict != '\0' && !has_passed)
		sb_printf(out, ": %s", log->end.verdict);
}

static void
add_time(struct arena *a, struct sb *out, const char *before, int64_t ns)
{
	sb_printf(out, " %s %s", before, duration_short(a, ns > 0 ? ns : 0));
}

static void
describe(struct project *p, const struct away *w, const struct journal_log *log,
    struct away_state *out)
{
	struct sb text cleanup_sb = SB_INIT;

	sb_printf(&text, "%s %s ", w->is_session ? "session" : "run", w->id);
	if (out->is_live) {
		sb_adds(&text, "is running");
		if (log->has_run)
			add_time(p->a, &text, "for",
			    clock_real_ns() - log->run.at_ns);
		add_live(&text, log);
	} else if (out->is_killed) {
		sb_adds(&text,
		    "was interrupted: its process was killed before the end");
	} else {
		add_end(p->a, &text, out, &log->end);
		if (log->has_end)
			add_time(p->a, &text, "after", log->end.end_ns);
		if (out->summary.n == 0)
			add_verdict(&text, log);
	}
	out->text = term_shown(p->a, arena_strdup(p->a, sb_cstr(&text)));
}

void
away_look(
    struct project *p, const struct away *w, struct away_state *out)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct journal_log log;

	*out = (struct away_state){ .is_live = is_away_live(p->a, w),
		.status = KILLED_STATUS };
	/* asked first: what a dead one has left is all there now */
	if (!journal_read(p->a,
		path_join(p->a, sv_of(w->folder), SV("events.jsonl")), &log,
		&ignored))
		journal_log_init(&log);
	if (!out->is_live && !read_away_exit(p->a, w, out)) {
		out->is_killed = !log.has_end;
		if (log.has_end)
			out->status = log.end.exit_status;
	}
	describe(p, w, &log, out);
}
