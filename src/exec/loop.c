/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/local.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Timers ----------------------------------------------------------------- */

static void timer_arm(struct timer *t);

static void
timer_fired(uv_timer_t *uv)
{
	struct timer *t = uv->data;
	struct local *x = t->x;

	/* libuv counts from the start of a millisecond: up to one early */
	if (clock_mono_ns() < t->due_ns) {
		timer_arm(t);
		return;
	}
	x->happened = true;
	t->active = false;
	x->n_timers--;
	t->fn(t->arg);
	/* fn may have taken new timers, but not this one */
	t->free_next = x->free_timers;
	x->free_timers = t;
}

static void
timer_arm(struct timer *t)
{
	int64_t left = t->due_ns - clock_mono_ns();

	uv_update_time(&t->x->loop);
	/* rounded up: never early */
	uv_timer_start(&t->uv, timer_fired,
	    left > 0 ? (uint64_t)((left + NS_PER_MS - 1) / NS_PER_MS) : 0, 0);
}

struct timer *
loop_timer(struct local *x, int64_t after_ns, void (*fn)(void *), void *arg)
{
	struct timer *t = x->free_timers;

	loop_need(x);
	if (t != NULL) {
		x->free_timers = t->free_next;
	} else {
		t = xcalloc(1, sizeof(*t));
		t->x = x;
		uv_timer_init(&x->loop, &t->uv);
		t->uv.data = t;
		t->next = x->timers;
		x->timers = t;
	}
	t->fn = fn;
	t->arg = arg;
	t->active = true;
	t->due_ns = clock_mono_ns() + after_ns;
	x->n_timers++;
	timer_arm(t);
	return t;
}

void
loop_timer_stop(struct local *x, struct timer *t)
{
	if (t == NULL || !t->active)
		return;
	uv_timer_stop(&t->uv);
	t->active = false;
	x->n_timers--;
	t->free_next = x->free_timers;
	x->free_timers = t;
}

void
loop_shift_timers(struct local *x, int64_t by_ns)
{
	for (struct timer *t = x->timers; t != NULL; t = t->next)
		if (t->active) {
			t->due_ns += by_ns;
			timer_arm(t);
		}
}

/* Descriptors ------------------------------------------------------------ */

static void
loop_freed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
watch_readable(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;

	(void)status;
	(void)events;
	w->x->happened = true;
	w->fn(w->arg, w->fd);
}

void
loop_watch(struct local *x, int fd, void (*fn)(void *, int fd), void *arg)
{
	struct watch *w = xcalloc(1, sizeof(*w));
	int flags = fcntl(fd, F_GETFL);

	loop_need(x);
	w->x = x;
	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	if (uv_poll_init(&x->loop, &w->poll, fd) != 0) {
		/* a regular file is always readable and never an event */
		free(w);
		return;
	}
	/* libuv made it non-blocking, which whoever shares the descriptor (an
	 * outer make's jobserver) may not bear. */
	if (flags != -1 && (flags & O_NONBLOCK) == 0)
		fcntl(fd, F_SETFL, flags);
	w->poll.data = w;
	w->next = x->watches;
	x->watches = w;
	uv_poll_start(&w->poll, UV_READABLE, watch_readable);
}

void
loop_unwatch(struct local *x, int fd)
{
	for (struct watch **p = &x->watches; *p != NULL; p = &(*p)->next)
		if ((*p)->fd == fd) {
			struct watch *w = *p;

			*p = w->next;
			uv_close((uv_handle_t *)&w->poll, loop_freed);
			return;
		}
}

/* Signals ---------------------------------------------------------------- */

static const int caught[JOB_SIGNALS] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP,
	SIGWINCH };

static void
child_ended(uv_signal_t *handle, int sig)
{
	(void)sig;
	local_reap(handle->data);
}

static void
loop_signalled(uv_signal_t *handle, int sig)
{
	struct local *x = handle->data;

	if (sig == SIGWINCH) {
		pty_resize_all(x);
	} else if (sig == SIGTSTP) {
		loop_suspend(x, getpid());
	} else if (x->on_signal != NULL) {
		x->happened = true;
		x->on_signal(x->signal_arg, sig);
	}
}

/* HUP that was ignored when prun was started (nohup) stays so. */
static bool
is_loop_ignored(int sig)
{
	struct sigaction now;

	return sigaction(sig, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void
signals_start(struct local *x)
{
	if (x->signals_up || !x->loop_up || x->on_signal == NULL)
		return;
	x->signals_up = true;
	for (int i = 0; i < JOB_SIGNALS; i++) {
		if ((caught[i] == SIGHUP || caught[i] == SIGTSTP) &&
		    is_loop_ignored(caught[i]))
			continue;
		uv_signal_start(&x->signals[i], loop_signalled, caught[i]);
	}
}

static void
signals_stop(struct local *x)
{
	for (int i = 0; x->signals_up && i < JOB_SIGNALS; i++)
		uv_signal_stop(&x->signals[i]);
	x->signals_up = false;
}

void
loop_on_signal(struct local *x, void (*fn)(void *, int sig), void *arg)
{
	x->on_signal = fn;
	x->signal_arg = arg;
	if (fn == NULL)
		signals_stop(x);
	else
		signals_start(x);
}

static void
signal_groups(struct local *x, int sig)
{
	for (struct job *j = x->jobs; j != NULL; j = j->next)
		if (j->pid > 0 && !j->exited)
			kill(-j->pid, sig);
}

void
loop_suspend(struct local *x, int target_pid)
{
	int64_t stopped_ns = clock_mono_ns();
	bool caught_stop = x->signals_up;

	signal_groups(x, SIGTSTP);
	for (int i = 0; caught_stop && i < JOB_SIGNALS; i++)
		if (caught[i] == SIGTSTP)
			uv_signal_stop(&x->signals[i]);
	/* Here prun stops; what follows happens after `fg`. */
	kill(target_pid, SIGTSTP);
	for (int i = 0; caught_stop && i < JOB_SIGNALS; i++)
		if (caught[i] == SIGTSTP)
			uv_signal_start(
			    &x->signals[i], loop_signalled, SIGTSTP);
	loop_shift_timers(x, clock_mono_ns() - stopped_ns);
	signal_groups(x, SIGCONT);
}

/* The loop ----------------------------------------------------------------- */

void
loop_need(struct local *x)
{
	int error;

	if (x->loop_up)
		return;
	error = uv_loop_init(&x->loop);
	if (error != 0)
		BUG("event loop: %s", uv_strerror(error));
	x->loop_up = true;
	uv_signal_init(&x->loop, &x->child_signal);
	x->child_signal.data = x;
	uv_signal_start(&x->child_signal, child_ended, SIGCHLD);
	for (int i = 0; i < JOB_SIGNALS; i++) {
		uv_signal_init(&x->loop, &x->signals[i]);
		x->signals[i].data = x;
	}
	signals_start(x);
	tree_adopt();
}

void
loop_free(struct local *x)
{
	if (!x->loop_up)
		return;
	while (x->streams != NULL)
		stream_close(x->streams);
	while (x->watches != NULL)
		loop_unwatch(x, x->watches->fd);
	for (struct timer *t = x->timers; t != NULL; t = t->next)
		uv_close((uv_handle_t *)&t->uv, NULL);
	for (int i = 0; i < JOB_SIGNALS; i++)
		uv_close((uv_handle_t *)&x->signals[i], NULL);
	uv_close((uv_handle_t *)&x->child_signal, NULL);
	uv_run(&x->loop, UV_RUN_DEFAULT);
	uv_loop_close(&x->loop);
	for (struct timer *t = x->timers, *next; t != NULL; t = next) {
		next = t->next;
		free(t);
	}
}
