/* SPDX-License-Identifier: MIT */
/* What a session says while it goes on: a calm line for each verdict. */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "session/cost.h"
#include "session/session_internal.h"

static void
tell(struct session *s, enum color c, const char *text)
{
	if (!s->p->s->silent || c == COLOR_RED || c == COLOR_YELLOW)
		term_print(s->p->term, STDERR_FILENO, c, "%s\n", text);
}

/* By earlier sessions, and what that costs. */
static void
tell_expected(struct session *s)
{
	struct cost_rate rate;
	int unknown = 0;

	if (!cost_rate_parse(s->a, s->row.rate, &rate))
		return;
	for (int i = 0; i < s->n; i++)
		unknown += s->tests[i].row.expected_ns == 0;
	tell(s, COLOR_DEFAULT,
	    arena_printf(s->a, "prun: expected: %s of tests, %s%s",
		duration_short(s->a, s->row.expected_ns),
		cost_text(s->a, &rate, s->row.expected_ns),
		unknown == 0 ? ""
			     : arena_printf(s->a, "; %d of %d not known",
				   unknown, s->n)));
}

void
tell_begin(struct session *s)
{
	struct err ignored cleanup_err = ERR_INIT;
	change_vec changes = { 0 };

	tell(s, COLOR_DEFAULT,
	    arena_printf(s->a,
		"prun: session %s: %d test%s on %.10s with %s%d worker%s",
		s->dir.id, s->n, s->n == 1 ? "" : "s", s->row.head,
		s->is_auto ? "up to " : "", s->most, s->most == 1 ? "" : "s"));
	tell_expected(s);
	/* what is tested is the commit */
	if (git_status(&s->git, &changes, &ignored) && changes.n > 0)
		tell(s, COLOR_YELLOW,
		    arena_printf(s->a,
			"prun: not in it: %zu change%s that %s not committed",
			changes.n, changes.n == 1 ? "" : "s",
			changes.n == 1 ? "is" : "are"));
}

void
tell_waiting(struct session *s, const struct hand *h)
{
	tell(s, COLOR_DEFAULT,
	    arena_printf(s->a,
		"prun: %s waits for a work tree: another session has them all",
		h->row.worker_id));
}

void
tell_note(void *session, const char *text)
{
	struct session *s = session;

	tell(s, COLOR_DEFAULT, arena_printf(s->a, "prun: %s", text));
}

void
tell_trouble(struct session *s, const char *text)
{
	tell(s, COLOR_YELLOW, arena_printf(s->a, "prun: %s", text));
}

void
tell_warning(struct session *s, const struct test *t, const char *text)
{
	tell(s, COLOR_YELLOW,
	    arena_printf(s->a, "prun: %s: %s", t->row.name, text));
}

void
tell_fault(struct session *s)
{
	tell(s, COLOR_RED,
	    arena_printf(s->a, "prun: the session cannot go on: %s", s->fault));
}

void
tell_signal(struct session *s)
{
	tell(s, COLOR_YELLOW,
	    arena_printf(s->a, "prun: %s: ending the tests, for up to %s",
		s->signal == SIGINT ? "^C" : "asked to end",
		duration_text(s->a, s->grace_ns)));
}

void
tell_died(struct session *s, const struct hand *h, bool is_final)
{
	const char *what = h->test != NULL ? h->test->row.name : NULL;

	if (s->is_killing)
		return;
	tell(s, COLOR_RED,
	    arena_printf(s->a, "prun: %s died%s%s%s", h->row.worker_id,
		what != NULL ? " at " : "", what != NULL ? what : "",
		is_final || s->signal != 0 ? ""
					   : "; another one takes its place"));
}

static const char *
time_of(struct session *s, const struct test *t)
{
	int64_t ns = t->row.completed_ns - t->row.started_ns;

	return t->row.started_ns > 0 && ns > 0 ? duration_short(s->a, ns) : "-";
}

void
tell_again(struct session *s, const struct test *t)
{
	tell(s, COLOR_YELLOW,
	    arena_printf(s->a, "prun: %s failed (%s) in %s; %s", t->row.name,
		t->row.reason, time_of(s, t),
		t->queued->is_alone
		    ? "it runs again, alone"
		    : arena_printf(s->a, "try %d of %d follows",
			  t->queued->attempt + 1, s->row.max_retries + 1)));
}

static bool
has_verdict(const struct test *t)
{
	return t->row.status != SESSION_PENDING &&
	       t->row.status != SESSION_RUNNING;
}

static void
tell_verdict(struct session *s, const struct test *t, int n)
{
	const char *head = arena_printf(s->a, "prun: [%d/%d]", n, s->n);

	switch (t->row.status) {
	case SESSION_COMPLETED:
		tell(s, COLOR_GREEN,
		    arena_printf(s->a, "%s %s passed%s in %s (%s)", head,
			t->row.name,
			t->row.retry_count > 0 ? " on a retry" : "",
			time_of(s, t), t->row.worktree_id));
		break;
	case SESSION_SKIPPED:
		tell(s, COLOR_YELLOW,
		    arena_printf(s->a, "%s %s not run: %s", head, t->row.name,
			t->row.reason));
		break;
	case SESSION_CANCELLED:
		tell(s, COLOR_YELLOW,
		    arena_printf(s->a, "%s %s cancelled", head, t->row.name));
		break;
	default:
		tell(s, COLOR_RED,
		    arena_printf(s->a, "%s %s failed in %s: %s", head,
			t->row.name, time_of(s, t), t->row.reason));
	}
}

void
tell_verdicts(struct session *s)
{
	for (int i = 0; i < s->n; i++) {
		struct test *t = &s->tests[i];

		if (t->is_told || !has_verdict(t))
			continue;
		t->is_told = true;
		tell_verdict(s, t, ++s->n_told);
	}
}
