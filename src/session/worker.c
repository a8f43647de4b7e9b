/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "session/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "session/worker_internal.h"

enum {
	HEARD_MAX = 1 << 20,
};

/* A session that does not read any more is over. */
void
worker_say(struct worker *w, const struct talk *t)
{
	struct sb line cleanup_sb = SB_INIT;

	talk_write(&line, t);
	if (!write_all(STDOUT_FILENO, line.p, line.n))
		w->is_over = true;
}

/* ---- what it is told ---- */

/* For the ids of the runs of its tests, one after the other. */
static bool
open_fifo(struct worker *w, struct err *e)
{
	w->fifo =
	    arena_printf(w->a, "%s/%s.ids", w->setup.folder, w->setup.worker);
	unlink(w->fifo);
	if (mkfifo(w->fifo, 0600) != 0)
		return err_sys(e, errno, "mkfifo %s", w->fifo);
	/* with an end to write on there is no end of it */
	w->fifo_fd = open(w->fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return w->fifo_fd >= 0 || err_sys(e, errno, "open %s", w->fifo);
}

void
worker_read_ids(struct worker *w)
{
	char text[256];
	ssize_t n = read(w->fifo_fd, text, sizeof(text) - 1);
	sv line, rest;

	if (n <= 0)
		return;
	rest = (sv){ text, (size_t)n };
	while (sv_cut(rest, '\n', &line, &rest))
		trial_is_run(w, sv_cstr(w->a, line));
}

static void
on_id(void *arg, int fd)
{
	(void)fd;
	worker_read_ids(arg);
}

static void
on_setup(struct worker *w)
{
	struct err e cleanup_err = ERR_INIT;
	struct talk ready = { .say = "ready", .pid = getpid() };

	if (!place_open(w, &e) || !open_fifo(w, &e)) {
		ready.reason = e.message;
		worker_say(w, &ready);
		w->is_over = true;
		return;
	}
	loop_watch(w->l, w->fifo_fd, on_id, w);
	/* a kill in the first moment of a test would leave what has left its
	 * group by then */
	if (w->setup.is_far != 0)
		w->far = far_new(w);
	executor_local_guard_now(w->x, w->setup.program);
	worker_say(w, &ready);
}

static void
worker_hear(struct worker *w, sv line)
{
	struct talk t;

	/* what is said to one that is over is not for it */
	if (w->is_over || !talk_read(w->a, line, &t))
		return;
	if (strcmp(t.say, "setup") == 0) {
		w->setup = t;
		on_setup(w);
	} else if (strcmp(t.say, "test") == 0 && w->now == NULL) {
		trial_begin(w, &t);
	} else if (w->far != NULL && strncmp(t.say, "job_", 4) == 0) {
		far_hear(w->far, &t);
	} else if (strcmp(t.say, "cancel") == 0) {
		trial_cancel(w);
	} else if (strcmp(t.say, "end") == 0) {
		w->is_over = true;
	}
}

static void
hear_lines(struct worker *w)
{
	sv line, rest = sb_sv(&w->heard), after = rest;

	while (sv_cut(after, '\n', &line, &rest)) {
		after = rest;
		worker_hear(w, line);
	}
	if (after.n > 0)
		memmove(w->heard.p, after.p, after.n);
	w->heard.n = after.n;
}

/* The session is gone: nobody waits for a verdict. */
static void
worker_is_alone(struct worker *w)
{
	if (!w->is_deaf)
		loop_unwatch(w->l, STDIN_FILENO);
	w->is_deaf = true;
	w->is_over = true;
	trial_cancel(w);
	if (w->far != NULL)
		far_lose(w->far);
}

static void
on_heard(void *arg, int fd)
{
	struct worker *w = arg;
	ssize_t n;

	sb_reserve(&w->heard, 4096);
	n = read(fd, w->heard.p + w->heard.n, 4096);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		w->heard.n += (size_t)n;
		hear_lines(w);
	}
	if (n <= 0 || w->heard.n > HEARD_MAX)
		worker_is_alone(w);
}

void
worker_listen(struct worker *w, bool on)
{
	if (w->fifo_fd >= 0 && on)
		loop_watch(w->l, w->fifo_fd, on_id, w);
	else if (w->fifo_fd >= 0)
		loop_unwatch(w->l, w->fifo_fd);
	if (w->is_deaf)
		return;
	if (on)
		loop_watch(w->l, STDIN_FILENO, on_heard, w);
	else
		loop_unwatch(w->l, STDIN_FILENO);
}

static void
on_worker_signal(void *arg, int sig)
{
	struct worker *w = arg;

	(void)sig;
	w->is_over = true;
	trial_cancel(w);
}

/* ---- */

static void
worker_free(struct worker *w)
{
	worker_listen(w, false);
	if (w->fifo_fd >= 0) {
		close(w->fifo_fd);
		unlink(w->fifo);
	}
	loop_timer_stop(w->l, &w->timer);
	if (w->far != NULL)
		w->far->ops->free(w->far);
	w->x->ops->free(w->x);
	loop_free(w->l);
	sb_free(&w->heard);
	arena_free(w->a);
}

int
worker_main(const struct invocation *in)
{
	struct worker w = { .in = in, .a = arena_new(), .fifo_fd = -1 };
	struct stat st;

	/* by hand it would wait for what nobody says */
	if (fstat(STDIN_FILENO, &st) != 0 || !S_ISSOCK(st.st_mode)) {
		arena_free(w.a);
		return 2;
	}
	w.l = loop_new();
	w.x = executor_local_new(w.l);
	loop_on_signal(w.l, on_worker_signal, &w);
	loop_watch(w.l, STDIN_FILENO, on_heard, &w);
	while (!w.is_over || w.now != NULL) {
		void (*soon)(struct worker *) = w.soon;

		w.soon = NULL;
		if (soon != NULL)
			soon(&w);
		else if (!loop_turn(w.l))
			break;
	}
	worker_free(&w);
	return 0;
}
