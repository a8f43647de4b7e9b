/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/history.h"

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
	return journal_read(app->a,
	    path_join(app->a, sv_of(out->path), SV("events.jsonl")), &out->log,
	    e);
}

bool
history_find(struct app *app, const char *id, struct history_run *out,
    struct err *e)
{
	struct state st;
	state_names ids = { 0 };

	setup_state(app, &st);
	if (*id != '\0')
		return history_read_run(app, &st, id, out, e) ||
		       err_wrap(e, "prun: ");
	state_runs(app->a, &st, &ids);
	for (size_t i = 0; i < ids.n; i++) {
		struct err ignored cleanup_err = ERR_INIT;

		if (!state_run_is_live(app->a, &st, ids.v[i]) &&
		    history_read_run(app, &st, ids.v[i], out, &ignored) &&
		    out->log.has_run && *out->log.run.parent == '\0')
			return true;
	}
	return err_set(e, ERR_GENERIC, "prun: no earlier run is known here");
}
