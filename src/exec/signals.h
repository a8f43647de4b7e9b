/* SPDX-License-Identifier: MIT */
/*
 * What a loop does with signals: those that end a run go to its listener; of
 * stops and new sizes of the terminal hear all who have process groups of their
 * own.  For exec/ only.
 * May include: base/, loop.h; libuv.
 */
#ifndef EXEC_SIGNALS_H
#define EXEC_SIGNALS_H

#include <signal.h>
#include <uv.h>

#include "exec/loop.h"

enum {
	SIGNALS_ENDING = 4, /* a run */
	SIGNALS_CAUGHT = 6
};

struct signals {
	struct loop *l; /* NULL: not up yet */
	uv_signal_t caught[SIGNALS_CAUGHT], child;
	void (*fn)(void *, int sig);
	void *arg;
	bool started;
	bool is_early; /* handlers of its own, and what was there before them */
	bool kept[SIGNALS_ENDING];
	struct sigaction before[SIGNALS_ENDING];
	int from_terminal; /* the signal that is being told of, if it came to
			    * all of prun's group; 0 */
	unsigned stops;    /* that were told of, or are stale */
	/* so many were obeyed before libuv told of them */
	unsigned told_ahead[SIGNALS_CAUGHT];
	struct group_owner *owners;
};

/* From now on children are fetched, and signals caught where somebody
 * listens. */
void signals_up(struct signals *s, struct loop *l, uv_loop_t *uv);
/* Behind signals_up(); the handles are closed by the next turn of libuv. */
void signals_close(struct signals *s);
/* As loop_on_signal() says. */
void signals_listen(struct signals *s, void (*fn)(void *, int sig), void *arg);
/* Tells of what came before signals_up(); false: nothing did. */
bool signals_tell_early(struct signals *s);
void signals_own(struct signals *s, struct group_owner *o);
void signals_disown(struct signals *s, struct group_owner *o);
/* Is that signal being told of, and did the terminal send it, to all of prun's
 * group? */
bool signals_from_terminal(const struct signals *s, int sig);
/* Are keys read one by one there, not lines?  Signal-safe. */
bool reads_keys(int fd);
/* From now on the modes of that terminal are noted in the moment in which ^C
 * comes, before who got it can put them back. */
void signals_watch_keys(int fd);
/* Were keys read there when ^C came last? */
bool signals_int_was_key(void);
/* As if prun had got the signal; nothing where nobody listens. */
void signals_raise(struct signals *s, int sig);
/* Stops all groups, then `target_pid` (0: prun's own group), and returns when
 * it goes on. */
void signals_suspend(struct signals *s, int target_pid);

#endif
