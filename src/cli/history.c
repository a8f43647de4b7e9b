/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/history.h"

#include <time.h>

#include "base/clock.h"
#include "base/path.h"
#include "cli/run_setup.h"

struct durations *
history_times(struct app *app)
{
	struct state st;

	setup_state(app, &st);
	return durations_read(app->a, state_path(app->a, &st, "durations"));
}

double
history_expected(void *times, const char *task)
{
	return durations_expected(times, task);
}

static bool
history_read_run(struct app *app, const struct state *st, const char *id,
    struct history_run *out, struct err *e)
{
	out->path = state_run_path(app->a, st, id, e);
	if (out->path == NULL)
		return false;
	out->id = path_base(app->a, sv_of(out->path));
	out->events = path_join(app->a, sv_of(out->path), SV("events.jsonl"));
	return journal_read(app->a, out->events, &out->log, e);
}

/* A run that has just begun has no head yet: it is known in a moment, or never
 * where its journal could not be written. */
static bool
read_begun(struct app *app, const struct state *st, const char *id,
    struct history_run *out)
{
	const struct timespec moment = { 0, 5 * NS_PER_MS };

	for (int tries = 0; tries < 400; tries++) {
		struct err ignored cleanup_err = ERR_INIT;
		bool live = state_run_is_live(app->a, st, id);

		if (history_read_run(app, st, id, out, &ignored) &&
		    out->log.has_run)
			return true;
		if (!live)
			break;
		nanosleep(&moment, NULL);
	}
	return false;
}

static bool
find_run(struct app *app, const char *id, bool live_too,
    struct history_run *out, struct err *e)
{
	struct state st;
	state_names ids = { 0 };

	setup_state(app, &st);
	if (*id != '\0')
		return history_read_run(app, &st, id, out, e) ||
		       err_wrap(e, "prun: ");
	state_runs(app->a, &st, &ids);
	for (size_t i = 0; i < ids.n; i++) {
		if (!live_too && state_run_is_live(app->a, &st, ids.v[i]))
			continue;
		if (read_begun(app, &st, ids.v[i], out) &&
		    *out->log.run.parent == '\0')
			return true;
	}
	return err_set(e, ERR_GENERIC, "prun: no earlier run is known here");
}

bool
history_find(
    struct app *app, const char *id, struct history_run *out, struct err *e)
{
	return find_run(app, id, false, out, e);
}

bool
history_find_any(
    struct app *app, const char *id, struct history_run *out, struct err *e)
{
	return find_run(app, id, true, out, e);
}

bool
history_is_live(struct app *app, const struct history_run *r)
{
	struct arena *a cleanup_arena = arena_new();
	struct state st;

	setup_state(app, &st);
	return state_run_is_live(a, &st, r->id);
}

const char *
history_log(
    struct arena *a, const struct history_run *r, const struct journal_call *c)
{
	const char *log = c->log;

	/* it says itself what is there, once it has ended */
	for (size_t i = 0; *log == '\0' && i < r->log.jobs.n; i++)
		if (r->log.jobs.v[i].call == c->id &&
		    !journal_call_has_ended(c))
			log = r->log.jobs.v[i].log;
	return *log == '\0' ? NULL : path_join(a, sv_of(r->path), sv_of(log));
}
