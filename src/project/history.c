/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/history.h"

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
	return journal_read(p->a,
	    path_join(p->a, sv_of(out->path), SV("events.jsonl")), &out->log,
	    e);
}

bool
history_find(struct project *p, const char *id, struct history_run *out,
    struct err *e)
{
	state_names ids = { 0 };

	if (*id != '\0')
		return history_read_run(p, id, out, e) ||
		       err_wrap(e, "prun: ");
	state_runs(p->a, &p->state, &ids);
	for (size_t i = 0; i < ids.n; i++) {
		struct err ignored cleanup_err = ERR_INIT;

		if (!state_run_is_live(p->a, &p->state, ids.v[i]) &&
		    history_read_run(p, ids.v[i], out, &ignored) &&
		    out->log.has_run && *out->log.run.parent == '\0')
			return true;
	}
	return err_set(e, ERR_GENERIC, "prun: no earlier run is known here");
}
