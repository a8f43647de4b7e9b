/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/signals.h"

#include <errno.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/sender.h"
#include "exec/leave.h"
#include "exec/loop_uv.h"

/* The first ones end a run. */
static const int caught[SIGNALS_CAUGHT] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
	SIGTSTP, SIGWINCH };

enum {
	EARLY_KEPT = 8
};

/*
 * What came while libuv, which is made with the first thing to wait for, was
 * not there: a handler can reach nothing but statics.  All of these signals are
 * held back while it runs.
 */
static volatile sig_atomic_t early[EARLY_KEPT], n_early;

/* ---- who sent it ----
 *
 * libuv does not tell, and what the terminal sends goes to all of prun's group,
 * jobs too.  A handler in front of libuv's counts those. */

enum {
	SIGNAL_MAX = 64
};
static volatile sig_atomic_t by_terminal[SIGNAL_MAX], stops_seen;
static volatile sig_atomic_t key_terminal = -1, int_was_key;
static void (*next_handler)(int);

bool
reads_keys(int fd)
{
	struct termios now;

	return tcgetattr(fd, &now) == 0 && (now.c_lflag & ICANON) == 0;
}

static void
note_sender(int sig, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	if (sig == SIGINT)
		int_was_key = reads_keys(key_terminal);
	if (signal_is_of_terminal(info))
		by_terminal[sig] = by_terminal[sig] + 1;
	if (sig == SIGTSTP)
		stops_seen = stops_seen + 1;
	errno = saved;
	next_handler(sig);
}

void
signals_watch_keys(int fd)
{
	key_terminal = fd;
}

bool
signals_int_was_key(void)
{
	return int_was_key != 0;
}

/* Behind uv_signal_start(), which sets one and the same handler for all. */
static void
watch_sender(int sig)
{
	struct sigaction now;

	if (sigaction(sig, NULL, &now) != 0 || (now.sa_flags & SA_SIGINFO))
		return;
	next_handler = now.sa_handler;
	now.sa_flags |= SA_SIGINFO;
	now.sa_sigaction = note_sender;
	sigaction(sig, &now, NULL);
}

/* One of that kind is being told of. */
static bool
came_from_terminal(int sig)
{
	if (by_terminal[sig] == 0)
		return false;
	by_terminal[sig] = by_terminal[sig] - 1;
	return true;
}

bool
signals_from_terminal(const struct signals *s, int sig)
{
	return sig != 0 && s->from_terminal == sig;
}

static void
tell_owners(struct signals *s, int sig)
{
	for (struct group_owner *o = s->owners; o != NULL; o = o->next)
		o->fn(o->arg, sig);
}

/* Somebody reads keys, and ^C is one of them. */
static bool
is_int_kept(const struct signals *s)
{
	for (const struct group_owner *o = s->owners; o != NULL; o = o->next)
		if (o->keeps_int != NULL && o->keeps_int(o->arg))
			return true;
	return false;
}

/* One that came before prun stopped has been obeyed with another. */
static bool
is_stop_stale(struct signals *s)
{
	if (s->stops == (unsigned)stops_seen)
		return true;
	s->stops++;
	return false;
}

static void
obey(struct signals *s, int sig)
{
	if (came_from_terminal(sig))
		s->from_terminal = sig;
	if (sig == SIGWINCH)
		tell_owners(s, sig);
	else if (sig != SIGTSTP &&
		 !(sig == SIGINT && s->from_terminal && is_int_kept(s)))
		signals_raise(s, sig);
	else if (sig == SIGTSTP && !is_stop_stale(s))
		signals_suspend(s, getpid());
	s->from_terminal = 0;
}

static void
on_caught(uv_signal_t *handle, int sig)
{
	struct signals *s = handle->data;
	size_t i = (size_t)(handle - s->caught);

	if (s->told_ahead[i] > 0)
		s->told_ahead[i]--;
	else
		obey(s, sig);
}

static bool
is_key_of_end(int sig)
{
	return sig == SIGINT || sig == SIGQUIT;
}

/* A key of the terminal reaches prun and the job that dies of it at once, and
 * the end of the job may be told first: the key explains it. */
static void
on_child(uv_signal_t *handle, int sig)
{
	struct signals *s = handle->data;

	(void)sig;
	for (int i = 0; i < SIGNALS_CAUGHT; i++)
		while (is_key_of_end(caught[i]) && by_terminal[caught[i]] > 0) {
			s->told_ahead[i]++;
			obey(s, caught[i]);
		}
	loop_reap(s->l);
}

/* HUP that was ignored when prun was started (nohup) stays so, and QUIT, as a
 * shell starts what shall not hear the terminal. */
static bool
stays_ignored(int sig)
{
	struct sigaction now;

	return sig != SIGINT && sig != SIGTERM && sig != SIGWINCH &&
	       sigaction(sig, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* Before libuv is there -------------------------------------------------- */

static void
keep_early(int sig)
{
	if (n_early < EARLY_KEPT)
		early[n_early++] = sig;
}

static void
early_start(struct signals *s)
{
	struct sigaction keep = { .sa_handler = keep_early,
		.sa_flags = SA_RESTART };

	if (s->is_early)
		return;
	s->is_early = true;
	for (int i = 0; i < SIGNALS_ENDING; i++)
		sigaddset(&keep.sa_mask, caught[i]);
	for (int i = 0; i < SIGNALS_ENDING; i++) {
		s->kept[i] = !stays_ignored(caught[i]);
		if (s->kept[i])
			sigaction(caught[i], &keep, &s->before[i]);
	}
}

static void
early_stop(struct signals *s)
{
	for (int i = 0; s->is_early && i < SIGNALS_ENDING; i++)
		if (s->kept[i])
			sigaction(caught[i], &s->before[i], NULL);
	s->is_early = false;
}

bool
signals_tell_early(struct signals *s)
{
	sig_atomic_t sig[EARLY_KEPT], n = 0;
	sigset_t all, before;

	if (n_early == 0 || s->fn == NULL)
		return false;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	for (; n < n_early; n++)
		sig[n] = early[n];
	n_early = 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	for (sig_atomic_t i = 0; i < n; i++)
		signals_raise(s, sig[i]);
	return true;
}

/* By libuv ---------------------------------------------------------------- */

static void
signals_start(struct signals *s)
{
	if (s->started || s->fn == NULL)
		return;
	if (s->l == NULL) {
		early_start(s);
		return;
	}
	s->started = true;
	for (int i = 0; i < SIGNALS_CAUGHT; i++) {
		if (stays_ignored(caught[i]))
			continue;
		uv_signal_start(&s->caught[i], on_caught, caught[i]);
		watch_sender(caught[i]);
	}
	s->stops = (unsigned)stops_seen;
	s->is_early = false;
}

static void
signals_stop(struct signals *s)
{
	early_stop(s);
	for (int i = 0; s->started && i < SIGNALS_CAUGHT; i++)
		uv_signal_stop(&s->caught[i]);
	s->started = false;
}

void
signals_up(struct signals *s, struct loop *l, uv_loop_t *uv)
{
	s->l = l;
	uv_signal_init(uv, &s->child);
	s->child.data = s;
	uv_signal_start(&s->child, on_child, SIGCHLD);
	for (int i = 0; i < SIGNALS_CAUGHT; i++) {
		uv_signal_init(uv, &s->caught[i]);
		s->caught[i].data = s;
	}
	signals_start(s);
}

void
signals_close(struct signals *s)
{
	for (int i = 0; i < SIGNALS_CAUGHT; i++)
		uv_close((uv_handle_t *)&s->caught[i], NULL);
	uv_close((uv_handle_t *)&s->child, NULL);
}

void
signals_listen(struct signals *s, void (*fn)(void *, int sig), void *arg)
{
	/* what came in the last moment is not lost */
	if (fn == NULL)
		signals_tell_early(s);
	s->fn = fn;
	s->arg = arg;
	if (fn == NULL)
		signals_stop(s);
	else
		signals_start(s);
	/* there is somebody to hear it now, or nobody any more */
	leave_let_term();
}

void
signals_own(struct signals *s, struct group_owner *o)
{
	o->next = s->owners;
	s->owners = o;
}

void
signals_disown(struct signals *s, struct group_owner *o)
{
	struct group_owner **p = &s->owners;

	while (*p != NULL && *p != o)
		p = &(*p)->next;
	if (*p != NULL)
		*p = o->next;
}

void
signals_raise(struct signals *s, int sig)
{
	if (s->fn == NULL)
		return;
	if (s->l != NULL)
		loop_happened(s->l);
	s->fn(s->arg, sig);
}

void
signals_suspend(struct signals *s, int target_pid)
{
	int64_t stopped_ns = clock_mono_ns();
	bool catches_stop = s->started;

	tell_owners(s, SIGTSTP);
	for (int i = 0; catches_stop && i < SIGNALS_CAUGHT; i++)
		if (caught[i] == SIGTSTP)
			uv_signal_stop(&s->caught[i]);
	/* Here prun stops; what follows happens after `fg`. */
	kill(target_pid, SIGTSTP);
	/* Nobody counts until it is caught again: what comes from then on is
	 * another one. */
	s->stops = (unsigned)stops_seen;
	by_terminal[SIGTSTP] = 0;
	for (int i = 0; catches_stop && i < SIGNALS_CAUGHT; i++)
		if (caught[i] == SIGTSTP) {
			uv_signal_start(&s->caught[i], on_caught, SIGTSTP);
			watch_sender(SIGTSTP);
		}
	s->from_terminal = 0;
	loop_shift_timers(s->l, clock_mono_ns() - stopped_ns);
	tell_owners(s, SIGCONT);
}
