/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/signals.h"

#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "exec/loop_uv.h"

static const int caught[SIGNALS_CAUGHT] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP,
	SIGWINCH };

static void
on_child(uv_signal_t *handle, int sig)
{
	struct signals *s = handle->data;

	(void)sig;
	loop_reap(s->l);
}

static void
tell_owners(struct signals *s, int sig)
{
	for (struct group_owner *o = s->owners; o != NULL; o = o->next)
		o->fn(o->arg, sig);
}

static void
on_caught(uv_signal_t *handle, int sig)
{
	struct signals *s = handle->data;

	if (sig == SIGWINCH)
		tell_owners(s, sig);
	else if (sig == SIGTSTP)
		signals_suspend(s, getpid());
	else
		signals_raise(s, sig);
}

/* HUP that was ignored when prun was started (nohup) stays so. */
static bool
is_signal_ignored(int sig)
{
	struct sigaction now;

	return sigaction(sig, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void
signals_start(struct signals *s)
{
	if (s->started || s->l == NULL || s->fn == NULL)
		return;
	s->started = true;
	for (int i = 0; i < SIGNALS_CAUGHT; i++) {
		if ((caught[i] == SIGHUP || caught[i] == SIGTSTP) &&
		    is_signal_ignored(caught[i]))
			continue;
		uv_signal_start(&s->caught[i], on_caught, caught[i]);
	}
}

static void
signals_stop(struct signals *s)
{
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
	s->fn = fn;
	s->arg = arg;
	if (fn == NULL)
		signals_stop(s);
	else
		signals_start(s);
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
	for (int i = 0; catches_stop && i < SIGNALS_CAUGHT; i++)
		if (caught[i] == SIGTSTP)
			uv_signal_start(&s->caught[i], on_caught, SIGTSTP);
	loop_shift_timers(s->l, clock_mono_ns() - stopped_ns);
	tell_owners(s, SIGCONT);
}
