/* SPDX-License-Identifier: MIT */
/*
 * What happens next: time, descriptors, signals.  One loop for everything in
 * the process that waits; executors, the watcher of files, sockets and the
 * engine hang on it side by side.  One thread: every callback comes from inside
 * loop_turn().
 * May include: base/.
 */
#ifndef EXEC_LOOP_H
#define EXEC_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct timer;

/* Somebody who hears what the terminal tells prun's own group alone: SIGTSTP,
 * when prun is about to stop, SIGCONT, when it goes on, SIGWINCH, when the
 * terminal has another size. */
struct group_owner {
	void (*fn)(void *arg, int sig);
	/* Is a ^C of now somebody else's, not the run's?  NULL: no. */
	bool (*keeps_int)(void *arg);
	void *arg;
	struct group_owner *next;
};

struct loop_ops {
	int64_t (*now)(struct loop *l);
	struct timer *(*timer)(
	    struct loop *l, int64_t after_ns, void (*fn)(void *), void *arg);
	void (*timer_stop)(struct loop *l, struct timer *t);
	void (*watch)(
	    struct loop *l, int fd, void (*fn)(void *, int fd), void *arg);
	void (*unwatch)(struct loop *l, int fd);
	void (*on_signal)(
	    struct loop *l, void (*fn)(void *, int sig), void *arg);
	void (*hear)(struct loop *l, struct group_owner *o, bool on);
	bool (*turn)(struct loop *l);
	void (*free)(struct loop *l);
};

struct loop {
	const struct loop_ops *ops;
	unsigned on_terminal; /* jobs that have the terminal now */
};

/* Does a job have the user's terminal to itself: for what it reads there, or
 * all of it?  Then nobody else draws on it or asks there. */
static inline bool
loop_terminal_is_taken(const struct loop *l)
{
	return l->on_terminal > 0;
}

/* The real one, on libuv.  libuv's part is made with the first thing to wait
 * for: nothing to wait for costs nothing. */
struct loop *loop_new(void);

/* Behind all that hangs on it. */
static inline void
loop_free(struct loop *l)
{
	l->ops->free(l);
}

/* Monotonic ns. */
static inline int64_t
loop_now(struct loop *l)
{
	return l->ops->now(l);
}

/* One shot: fn runs once, never early, unless stopped before.  The timer is the
 * loop's; it is gone when fn is called. */
static inline struct timer *
loop_timer(struct loop *l, int64_t after_ns, void (*fn)(void *), void *arg)
{
	return l->ops->timer(l, after_ns, fn, arg);
}

/* NULL is fine; *t is NULL afterwards. */
static inline void
loop_timer_stop(struct loop *l, struct timer **t)
{
	if (*t != NULL)
		l->ops->timer_stop(l, *t);
	*t = NULL;
}

/* Calls fn whenever fd can be read, until unwatched (before it is closed). */
static inline void
loop_watch(struct loop *l, int fd, void (*fn)(void *, int fd), void *arg)
{
	l->ops->watch(l, fd, fn, arg);
}

static inline void
loop_unwatch(struct loop *l, int fd)
{
	l->ops->unwatch(l, fd);
}

/* Calls fn(arg, sig) for SIGINT, SIGTERM, SIGHUP, SIGQUIT sent to prun, and for
 * ^C of which a job died that had the terminal; NULL restores the defaults.
 * Nothing is forwarded by itself.  ^C in a program that reads keys rather than
 * lines (an editor, a pager, a prompt that completes) is that program's alone.
 * ^Z (TSTP) is handled inside: the groups of all jobs
 * stop, then prun; all go on together, and timers do not count that time. */
static inline void
loop_on_signal(struct loop *l, void (*fn)(void *, int sig), void *arg)
{
	l->ops->on_signal(l, fn, arg);
}

/* From now on `o` hears of stops and sizes, or no more. */
static inline void
loop_hear(struct loop *l, struct group_owner *o, bool on)
{
	l->ops->hear(l, o, on);
}

/* Runs callbacks until at least one thing has happened; false when there is
 * nothing left to wait for. */
static inline bool
loop_turn(struct loop *l)
{
	return l->ops->turn(l);
}

#endif
