/* SPDX-License-Identifier: MIT */
/*
 * --log --follow: what the calls of a run print, as they print it, until the
 * run ends.  The journal says which logs there are; both are looked at when the
 * system tells that something was written, and now and then besides, for where
 * it does not tell, and to notice that the run was killed.
 */
#include "config.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "exec/fswatch.h"
#include "project/history.h"

enum {
	LOOK_MS = 100,      /* where nobody tells */
	LOOK_TOLD_MS = 500, /* where somebody does */
};

/* The log of a call. */
struct followed {
	const char *path; /* NULL: there is none so far, or nobody wants it */
	int fd;           /* -1: not there yet, or over */
	bool is_over;
};

struct follow {
	struct project *p;
	struct history_run run;
	VEC(struct followed) logs; /* as the calls of the journal */
	size_t seen_jobs;          /* of the journal */
	unsigned last; /* the call that was shown last; 0: none so far */
	bool mid_line; /* what was shown does not end in a line's end */
	struct loop *loop;
	struct timer *timer; /* NULL: it has come */
	struct fswatch *watch;
	const char *folders[2]; /* where something is written */
	bool told;              /* they are watched */
};

static const struct journal_call *
followed_call(const struct follow *f, size_t at)
{
	return &f->run.log.calls.v[at];
}

/* ---- showing ---- */

/* One named task needs no line that says whose output it is, until it is called
 * again. */
static void
follow_head(struct follow *f, const struct journal_call *c)
{
	bool first_alone = f->last == 0 && f->p->named.n == 1;

	if (f->last == c->id)
		return;
	if (f->mid_line)
		term_write(f->p->term, STDOUT_FILENO, SV("\n"));
	if (!first_alone)
		term_print(f->p->term, STDOUT_FILENO, COLOR_CYAN,
		    "--- %s\n", c->name);
	f->last = c->id;
}

static bool
show_more(struct follow *f, const struct journal_call *c, struct followed *log,
    struct err *e)
{
	char block[64 * 1024];
	ssize_t n;

	if (log->fd < 0)
		log->fd = open(log->path, O_RDONLY | O_CLOEXEC);
	if (log->fd < 0)
		return true;
	while (!f->p->term->stdout_failed &&
	       (n = read(log->fd, block, sizeof(block))) != 0) {
		if (n < 0)
			return err_sys(e, errno, "prun: read %s", log->path);
		follow_head(f, c);
		term_write(f->p->term, STDOUT_FILENO,
		    (sv){ block, (size_t)n });
		f->mid_line = block[n - 1] != '\n';
	}
	return true;
}

/* All that is there; a call that had ended before is not looked at again. */
static bool
show_all(struct follow *f, struct err *e)
{
	for (size_t i = 0; i < f->logs.n; i++) {
		const struct journal_call *c = followed_call(f, i);
		struct followed *log = &f->logs.v[i];

		if (log->is_over || log->path == NULL)
			continue;
		if (!show_more(f, c, log, e))
			return false;
		log->is_over = journal_call_has_ended(c);
		if (log->is_over && log->fd >= 0)
			close(log->fd);
	}
	return true;
}

/* ---- which logs there are ---- */

static void
found_log(struct follow *f, unsigned call, const char *name)
{
	if (call == 0 || call > f->logs.n || *name == '\0' ||
	    f->logs.v[call - 1].path != NULL ||
	    !log_is_wanted(f->p, followed_call(f, call - 1)))
		return;
	f->logs.v[call - 1].path =
	    path_join(f->p->a, sv_of(f->run.path), sv_of(name));
}

/* A job says where its output goes; of calls that have ended the journal of an
 * earlier version says just that. */
static void
find_logs(struct follow *f)
{
	const struct journal_log *log = &f->run.log;

	while (f->logs.n < log->calls.n)
		vec_push(f->p->a, &f->logs, ((struct followed){ .fd = -1 }));
	for (; f->seen_jobs < log->jobs.n; f->seen_jobs++) {
		const struct journal_job *j = &log->jobs.v[f->seen_jobs];

		found_log(f, j->call, j->log);
	}
	for (size_t i = 0; i < log->calls.n; i++)
		if (f->logs.v[i].path == NULL)
			found_log(f, log->calls.v[i].id, log->calls.v[i].log);
}

/* ---- waiting ---- */

static void
on_follow_file(void *ctx, const char *path, enum fswatch_event what)
{
	(void)ctx;
	(void)path;
	(void)what;
}

static void
on_look(void *arg)
{
	struct follow *f = arg;

	f->timer = NULL;
}

/* The folder of the logs is there once there is one. */
static void
watch_folders(struct follow *f)
{
	bool is_new;

	f->told = true;
	for (int i = 0; i < 2; i++) {
		struct err ignored cleanup_err = ERR_INIT;

		if (!fswatch_add(f->watch, f->folders[i], &is_new, &ignored))
			f->told = false;
	}
}

static void
wait_for_news(struct follow *f)
{
	f->timer = loop_timer(f->loop,
	    (f->told ? LOOK_TOLD_MS : LOOK_MS) * NS_PER_MS, on_look, f);
	loop_turn(f->loop);
	loop_timer_stop(f->loop, &f->timer);
}

/* ---- the whole ---- */

/* Whether it lives is asked before it is read: what a dead one has left is all
 * there then. */
static bool
follow_run(struct follow *f, bool *live, struct err *e)
{
	do {
		*live = history_is_live(f->p, &f->run);
		watch_folders(f);
		if (!journal_read_more(
			f->p->a, f->run.events, &f->run.log, e))
			return false;
		find_logs(f);
		if (!show_all(f, e))
			return false;
		if (f->run.log.has_end || !*live || f->p->term->stdout_failed)
			return true;
		wait_for_news(f);
	} while (true);
}

static void
tell_without_log(const struct follow *f)
{
	const struct journal_call *c;

	vec_each(&f->run.log.calls, c)
		if (log_is_wanted(f->p, c) && *c->log == '\0')
			log_tell_empty(f->p, c);
}

int
cmd_follow(const struct cli *c, struct project *p)
{
	struct follow f = { .p = p };
	struct err e cleanup_err = ERR_INIT;
	bool live, ok;

	if (!history_find_any(p, OPT_S(&c->o, run), &f.run, &e))
		return cli_fail(c, &e, NULL);
	f.folders[0] = f.run.path;
	f.folders[1] = path_join(p->a, sv_of(f.run.path), SV("logs"));
	f.loop = loop_new();
	f.watch = fswatch_new(f.loop, on_follow_file, &f);
	ok = follow_run(&f, &live, &e);
	fswatch_free(f.watch);
	loop_free(f.loop);
	if (!ok)
		return cli_fail(c, &e, NULL);
	if (p->term->stdout_failed)
		return 1;
	if (!f.run.log.has_end) {
		term_print(p->term, STDERR_FILENO, COLOR_RED,
		    "prun: run %s was killed\n", f.run.id);
		return 1;
	}
	if (!log_check_names(p, &f.run, &e))
		return cli_fail(c, &e, NULL);
	tell_without_log(&f);
	return 0;
}
