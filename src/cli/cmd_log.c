/* SPDX-License-Identifier: MIT */
/* --log: what the calls of an earlier run printed (P-401). */
#include "config.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "project/history.h"
#include "project/rerun.h"

static bool
is_cmd_log_named(const struct journal_call *c, const char *name)
{
	return strcmp(c->name, name) == 0 || strcmp(c->task, name) == 0 ||
	    strcmp(c->key, name) == 0;
}

bool
log_is_wanted(const struct project *p, const struct journal_call *c)
{
	const struct call *named;

	if (c->id == 0)
		return false;
	vec_each(&p->named, named)
		if (is_cmd_log_named(c, named->task))
			return true;
	return p->named.n == 0;
}

static bool
not_called(const struct project *p, const struct history_run *r, const char *name,
    struct err *e)
{
	string_vec names = { 0 };
	const char *near;

	for (size_t i = 0; i < r->log.calls.n; i++)
		if (r->log.calls.v[i].id != 0)
			vec_push(p->a, &names, r->log.calls.v[i].name);
	near = fuzzy_nearest(p->a, name, names.v, names.n);
	return err_set(e, ERR_TASK_NOT_FOUND,
	    "prun: task %s was not called in run %s%s%s",
	    quote_go(p->a, sv_of(name)), r->id,
	    near != NULL ? "; did you mean " : "",
	    near != NULL ? quote_go(p->a, sv_of(near)) : "");
}

bool
log_check_names(
    const struct project *p, const struct history_run *r, struct err *e)
{
	const struct call *named;

	vec_each(&p->named, named) {
		bool found = false;

		for (size_t i = 0; i < r->log.calls.n && !found; i++)
			found =
			    r->log.calls.v[i].id != 0 &&
			    is_cmd_log_named(&r->log.calls.v[i], named->task);
		if (!found)
			return not_called(p, r, named->task, e);
	}
	return true;
}

/* What there is no file of has printed nothing so far, but for a log that was
 * there once. */
static bool
copy_log(const struct project *p, const struct journal_call *c, const char *path,
    struct err *e)
{
	int fd cleanup_close = open(path, O_RDONLY | O_CLOEXEC);
	char block[64 * 1024];
	ssize_t n;

	if (fd < 0 && !journal_call_has_ended(c))
		return true;
	if (fd < 0)
		return err_set(e, ERR_GENERIC, "prun: the log is gone: %s",
		    path);
	while ((n = read(fd, block, sizeof(block))) > 0 &&
	    !p->term->stdout_failed)
		term_write(p->term, STDOUT_FILENO, (sv){ block, (size_t)n });
	if (n < 0)
		return err_sys(e, errno, "prun: read %s", path);
	return true;
}

void
log_tell_empty(const struct project *p, const struct journal_call *c)
{
	if (p->named.n > 0)
		term_print(p->term, STDERR_FILENO, COLOR_DEFAULT,
		    "prun: %s has no output (%s)\n", c->name,
		    journal_call_has_ended(c) ? c->status : "not finished");
}

static void
show_head(const struct project *p, const struct journal_call *c)
{
	if (journal_call_has_ended(c))
		term_print(p->term, STDOUT_FILENO, COLOR_CYAN,
		    "--- %s (%s, %s)\n", c->name, c->status,
		    duration_short(p->a, c->end_ns - c->start_ns));
	else
		term_print(p->term, STDOUT_FILENO, COLOR_CYAN,
		    "--- %s (not finished)\n", c->name);
}

static bool
show_call(const struct project *p, const struct history_run *r,
    const struct journal_call *c, bool with_head, struct err *e)
{
	const char *path = history_log(p->a, r, c);

	if (path == NULL) {
		log_tell_empty(p, c);
		return true;
	}
	if (with_head)
		show_head(p, c);
	return copy_log(p, c, path, e);
}

/* Those calls that are wanted and failed by themselves, or the others. */
static bool
show_calls(const struct project *p, const struct history_run *r, bool failed,
    bool with_head, struct err *e)
{
	const struct journal_call *call;

	vec_each (&r->log.calls, call)
		if (log_is_wanted(p, call) &&
		    rerun_is_root_cause(call) == failed &&
		    !show_call(p, r, call, with_head, e))
			return false;
	return true;
}

int
cmd_log(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	struct history_run r;
	size_t n = 0;

	if (OPT_B(&c->o, follow))
		return cmd_follow(c, p);
	if (!history_find(p, OPT_S(&c->o, run), &r, &e) ||
	    !log_check_names(p, &r, &e))
		return cli_fail(c, &e, NULL);
	for (size_t i = 0; i < r.log.calls.n; i++)
		n += log_is_wanted(p, &r.log.calls.v[i]) &&
		     history_log(p->a, &r, &r.log.calls.v[i]) != NULL;
	if (!show_calls(p, &r, true, n > 1, &e) ||
	    !show_calls(p, &r, false, n > 1, &e))
		return cli_fail(c, &e, NULL);
	return p->term->stdout_failed;
}
