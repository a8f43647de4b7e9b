/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "exec/loop_uv.h"
#include "exec/signals.h"

struct main_loop {
	struct loop base; /* first */
	uv_loop_t uv;
	bool up, happened;
	size_t turns;
	struct soon *soon, **soon_end;
	struct timer *timers, *free_timers;
	size_t n_timers; /* active */
	struct watch *watches;
	struct children children;
	size_t n_children; /* that somebody waits for */
	void *files;       /* of fswatch.h */
	struct signals signals;
};

struct timer {
	uv_timer_t uv;
	struct main_loop *l;
	void (*fn)(void *);
	void *arg;
	int64_t due_ns;
	bool active;
	struct timer *next;      /* all, for shifting and freeing */
	struct timer *free_next; /* those not in use */
};

struct watch {
	uv_poll_t poll;
	struct main_loop *l;
	int fd;
	void (*fn)(void *, int fd);
	void *arg;
	struct watch *next;
};

static struct main_loop *
main_of(struct loop *l)
{
	return (struct main_loop *)l;
}

/* Timers ----------------------------------------------------------------- */

static void timer_arm(struct timer *t);

static void
timer_retire(struct timer *t)
{
	struct main_loop *l = t->l;

	t->active = false;
	l->n_timers--;
	t->free_next = l->free_timers;
	l->free_timers = t;
}

static void
timer_fired(uv_timer_t *uv)
{
	struct timer *t = uv->data;
	void (*fn)(void *) = t->fn;
	void *arg = t->arg;

	/* libuv counts from the start of a millisecond: up to one early */
	if (clock_mono_ns() < t->due_ns) {
		timer_arm(t);
		return;
	}
	t->l->happened = true;
	/* libuv runs timers first and may go to sleep behind them, for ever
	 * where this was the last thing to wait for */
	uv_stop(&t->l->uv);
	timer_retire(t);
	fn(arg);
}

/* What is left in libuv's milliseconds, rounded up: never early. */
static uint64_t
timer_left_ms(const struct timer *t, int64_t now_ns)
{
	int64_t left;

	if (t->due_ns <= now_ns)
		return 0;
	left = t->due_ns - now_ns;
	return (uint64_t)(left / NS_PER_MS + (left % NS_PER_MS != 0));
}

static void
timer_arm(struct timer *t)
{
	int64_t now = clock_mono_ns();

	uv_update_time(&t->l->uv);
	uv_timer_start(&t->uv, timer_fired, timer_left_ms(t, now), 0);
}

static struct timer *
main_timer(struct loop *base, int64_t after_ns, void (*fn)(void *), void *arg)
{
	struct main_loop *l = main_of(base);
	struct timer *t = l->free_timers;

	if (t != NULL) {
		l->free_timers = t->free_next;
	} else {
		t = xcalloc(1, sizeof(*t));
		t->l = l;
		uv_timer_init(loop_uv(base), &t->uv);
		t->uv.data = t;
		t->next = l->timers;
		l->timers = t;
	}
	t->fn = fn;
	t->arg = arg;
	t->active = true;
	t->due_ns = ns_add(clock_mono_ns(), after_ns);
	l->n_timers++;
	timer_arm(t);
	return t;
}

static void
main_timer_stop(struct loop *base, struct timer *t)
{
	(void)base;
	if (!t->active)
		return;
	uv_timer_stop(&t->uv);
	timer_retire(t);
}

void
loop_shift_timers(struct loop *base, int64_t by_ns)
{
	struct main_loop *l = main_of(base);

	for (struct timer *t = l->timers; t != NULL; t = t->next)
		if (t->active) {
			t->due_ns = ns_add(t->due_ns, by_ns);
			timer_arm(t);
		}
}

/* Descriptors ------------------------------------------------------------ */

static void
watch_freed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
watch_readable(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;

	(void)status;
	(void)events;
	w->l->happened = true;
	w->fn(w->arg, w->fd);
}

static void
main_watch(struct loop *base, int fd, void (*fn)(void *, int fd), void *arg)
{
	struct main_loop *l = main_of(base);
	struct watch *w = xcalloc(1, sizeof(*w));
	int flags = fcntl(fd, F_GETFL);

	w->l = l;
	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	if (uv_poll_init(loop_uv(base), &w->poll, fd) != 0) {
		/* a regular file is always readable and never an event */
		free(w);
		return;
	}
	/* libuv made it non-blocking, which whoever shares the descriptor (an
	 * outer make's jobserver) may not bear. */
	if (flags != -1 && (flags & O_NONBLOCK) == 0)
		fcntl(fd, F_SETFL, flags);
	w->poll.data = w;
	w->next = l->watches;
	l->watches = w;
	uv_poll_start(&w->poll, UV_READABLE, watch_readable);
}

static void
main_unwatch(struct loop *base, int fd)
{
	struct watch **p = &main_of(base)->watches;

	for (; *p != NULL; p = &(*p)->next)
		if ((*p)->fd == fd) {
			struct watch *w = *p;

			*p = w->next;
			uv_close((uv_handle_t *)&w->poll, watch_freed);
			return;
		}
}

/* Children --------------------------------------------------------------- */

void
loop_child_add(struct loop *l, struct child *c)
{
	children_add(&main_of(l)->children, c);
	main_of(l)->n_children += !c->is_idle;
}

void
loop_child_remove(struct loop *l, struct child *c)
{
	children_remove(&main_of(l)->children, c);
	main_of(l)->n_children -= !c->is_idle;
}

struct child *
loop_child_find(const struct loop *l, pid_t pid)
{
	return children_find(&((const struct main_loop *)l)->children, pid);
}

void
loop_reap(struct loop *l)
{
	/* a child that is told of ends the turn, whoever started it */
	if (children_reap(&main_of(l)->children))
		loop_happened(l);
}

void **
loop_files(struct loop *l)
{
	return &main_of(l)->files;
}

/* The loop ----------------------------------------------------------------- */

/* libuv aborts the program where it lacks some of its descriptors. */
static bool
has_descriptors(struct err *e)
{
	enum {
		WANTED = 8
	};
	int fds[WANTED], n = 0;

	for (; n < WANTED; n++) {
		fds[n] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fds[n] < 0) {
			err_sys(e, errno, "event loop");
			break;
		}
	}
	for (int i = 0; i < n; i++)
		close(fds[i]);
	return n == WANTED;
}

bool
loop_up(struct loop *base, struct err *e)
{
	struct main_loop *l = main_of(base);
	int error;

	if (l->up)
		return true;
	if (!has_descriptors(e))
		return false;
	error = uv_loop_init(&l->uv);
	if (error != 0)
		return err_set(
		    e, ERR_GENERIC, "event loop: %s", uv_strerror(error));
	l->up = true;
	signals_up(&l->signals, &l->base, &l->uv);
	children_adopt();
	return true;
}

uv_loop_t *
loop_uv(struct loop *base)
{
	struct main_loop *l = main_of(base);
	struct err e = ERR_INIT;

	if (loop_up(base, &e))
		return &l->uv;
	/* like memory that is missing: no caller can go on without */
	fprintf(stderr, "prun: %s\n", e.message);
	exit(1);
}

void
loop_happened(struct loop *l)
{
	main_of(l)->happened = true;
}

size_t
loop_turns(const struct loop *l)
{
	return ((const struct main_loop *)l)->turns;
}

void
loop_soon(struct loop *base, struct soon *s)
{
	struct main_loop *l = main_of(base);

	if (s->queued)
		return;
	s->queued = true;
	s->next = NULL;
	*l->soon_end = s;
	l->soon_end = &s->next;
}

void
loop_soon_stop(struct loop *base, struct soon *s)
{
	struct main_loop *l = main_of(base);
	struct soon **p = &l->soon;

	if (!s->queued)
		return;
	s->queued = false;
	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	if (l->soon_end == &s->next)
		l->soon_end = p;
}

/* Those that were there when the turn began; false: none was. */
static bool
run_soon(struct main_loop *l)
{
	size_t n = 0;

	for (struct soon *s = l->soon; s != NULL; s = s->next)
		n++;
	for (size_t i = 0; i < n && l->soon != NULL; i++) {
		struct soon *s = l->soon;

		loop_soon_stop(&l->base, s);
		s->fn(s->arg);
	}
	return n > 0;
}

static bool
has_to_wait(const struct main_loop *l)
{
	return l->n_children > 0 || l->n_timers > 0 || l->watches != NULL;
}

static bool
main_turn(struct loop *base)
{
	struct main_loop *l = main_of(base);

	l->turns++;
	if (signals_tell_early(&l->signals))
		return true;
	if (run_soon(l)) {
		if (l->up)
			uv_run(&l->uv, UV_RUN_NOWAIT);
		return true;
	}
	if (!l->up || !has_to_wait(l))
		return false;
	l->happened = false;
	while (!l->happened && l->soon == NULL && has_to_wait(l)) {
		uv_run(&l->uv, UV_RUN_ONCE);
		l->turns++;
	}
	return true;
}

struct signals *
loop_signals(struct loop *l)
{
	return &main_of(l)->signals;
}

static void
main_on_signal(struct loop *l, void (*fn)(void *, int sig), void *arg)
{
	signals_listen(loop_signals(l), fn, arg);
}

static void
main_hear(struct loop *l, struct group_owner *o, bool on)
{
	if (on)
		signals_own(loop_signals(l), o);
	else
		signals_disown(loop_signals(l), o);
}

static int64_t
main_now(struct loop *base)
{
	(void)base;
	return clock_mono_ns();
}

static void
close_handles(struct main_loop *l)
{
	while (l->watches != NULL)
		loop_unwatch(&l->base, l->watches->fd);
	for (struct timer *t = l->timers; t != NULL; t = t->next)
		uv_close((uv_handle_t *)&t->uv, NULL);
	signals_close(&l->signals);
	uv_run(&l->uv, UV_RUN_DEFAULT);
	uv_loop_close(&l->uv);
}

static void
main_free(struct loop *base)
{
	struct main_loop *l = main_of(base);

	if (l->up)
		close_handles(l);
	for (struct timer *t = l->timers, *next; t != NULL; t = next) {
		next = t->next;
		free(t);
	}
	free(l);
}

static const struct loop_ops main_ops = {
	.now = main_now,
	.timer = main_timer,
	.timer_stop = main_timer_stop,
	.watch = main_watch,
	.unwatch = main_unwatch,
	.on_signal = main_on_signal,
	.hear = main_hear,
	.turn = main_turn,
	.free = main_free,
};

struct loop *
loop_new(void)
{
	struct main_loop *l = xcalloc(1, sizeof(*l));

	l->base.ops = &main_ops;
	l->soon_end = &l->soon;
	return &l->base;
}
