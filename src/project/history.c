/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/history.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/path.h"

struct durations *
history_times(struct project *p)
{
	return durations_read(p->a, state_path(p->a, &p->state, "durations"));
}

double
history_expected(void *times, const char *task)
{
	return durations_expected(times, task);
}

static bool
history_read_run(struct project *p, const char *id,
    struct history_run *out, struct err *e)
{
	out->path = state_run_path(p->a, &p->state, id, e);
	if (out->path == NULL)
		return false;
	out->id = path_base(p->a, sv_of(out->path));
	out->events = path_join(p->a, sv_of(out->path), SV("events.jsonl"));
	return journal_read(p->a, out->events, &out->log, e);
}

/* A run that has just begun has no head yet: it is known in a moment, or never
 * where its journal could not be written. */
static bool
read_begun(struct project *p, const char *id,
    struct history_run *out)
{
	const struct timespec moment = { 0, 5 * NS_PER_MS };

	for (int tries = 0; tries < 400; tries++) {
		struct err ignored cleanup_err = ERR_INIT;
		bool live = state_run_is_live(p->a, &p->state, id);

		if (history_read_run(p, id, out, &ignored) &&
		    out->log.has_run)
			return true;
		if (!live)
			break;
		nanosleep(&moment, NULL);
	}
	return false;
}

static bool
find_run(struct project *p, const char *id, bool live_too,
    struct history_run *out, struct err *e)
{
	state_names ids = { 0 };

	if (*id != '\0' && strcmp(id, HISTORY_LAST) != 0)
		return history_read_run(p, id, out, e) ||
		       err_wrap(e, "prun: ");
	state_runs(p->a, &p->state, &ids);
	for (size_t i = 0; i < ids.n; i++) {
		if (!live_too && state_run_is_live(p->a, &p->state, ids.v[i]))
			continue;
		if (read_begun(p, ids.v[i], out) &&
		    *out->log.run.parent == '\0')
			return true;
	}
	return err_set(e, ERR_GENERIC, "prun: no earlier run is known here");
}

bool
history_find(
    struct project *p, const char *id, struct history_run *out, struct err *e)
{
	return find_run(p, id, false, out, e);
}

bool
history_find_any(
    struct project *p, const char *id, struct history_run *out, struct err *e)
{
	return find_run(p, id, true, out, e);
}

bool
history_is_live(struct project *p, const struct history_run *r)
{
	struct arena *a cleanup_arena = arena_new();

	return state_run_is_live(a, &p->state, r->id);
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
