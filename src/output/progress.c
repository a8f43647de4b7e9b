/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "output/progress.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "output/estimate.h"

enum { ROWS_MAX = 6, INTERVAL_NS = 100 * 1000 * 1000 };

struct progress {
	struct progress_options o;
	VEC(struct run_call *) running; /* with a job, in order of their start */
	size_t calls, done, failed;
	struct arena *arena;
	struct estimate *estimate; /* or NULL */
	struct below below;
	struct group_owner ear;
	size_t direct;  /* running jobs that write to the terminal themselves */
	bool line_open; /* the output's last line has no end yet */
	struct timer *timer;
};

/* A row never wraps and is one row whatever a name has in it: the screen's rows
 * could not be counted then.  What may be wide is taken as two columns. */
static void
progress_add_row(struct sb *out, const char *text, size_t columns)
{
	enum { FIRST_WIDE = 0x1100 };
	sv rest = sv_of(text);
	size_t used = 1;

	while (rest.n > 0) {
		size_t n;
		uint32_t c = utf8_decode(rest, &n);

		used += c >= FIRST_WIDE ? 2 : 1;
		if (used > columns)
			break;
		if (c < ' ' || (c >= 0x7f && c < 0xa0))
			sb_addc(out, '?');
		else
			sb_addv(out, sv_sub(rest, 0, n));
		rest = sv_sub(rest, n, SIZE_MAX);
	}
	sb_addc(out, '\n');
}

/* An estimate is no better than that. */
static const char *
whole_seconds(struct arena *a, double s)
{
	if (s < 59.5)
		return arena_printf(a, "%.0fs", s);
	return duration_short(a, (int64_t)(s + 0.5) * NS_PER_S);
}

/* On a terminal of `lines` there is room for some of the output, too. */
static void
draw(struct progress *p, size_t columns, size_t lines)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb out cleanup_sb = SB_INIT;
	int64_t now = loop_now(p->o.loop);
	size_t rows = 0, most = lines / 2 < ROWS_MAX ? lines / 2 : ROWS_MAX;
	const char *head;
	double left = -1;

	for (size_t i = 0; i < p->running.n && rows < most; i++, rows++)
		progress_add_row(&out,
		    arena_printf(a, "  %s %s", p->running.v[i]->name,
			duration_short(a, now - p->running.v[i]->start_ns)),
		    columns);
	if (p->running.n > rows)
		progress_add_row(&out,
		    arena_printf(a, "  and %zu more", p->running.n - rows),
		    columns);
	head = arena_printf(a, "prun: %zu/%zu done", p->done, p->calls);
	if (p->failed > 0)
		head = arena_printf(a, "%s, %zu failed", head, p->failed);
	if (p->estimate != NULL)
		left = estimate_left(p->estimate, now);
	if (left >= 0.5)
		head = arena_printf(a, "%s, about %s left", head,
		    whole_seconds(a, left));
	progress_add_row(&out, head, columns);
	below_draw(&p->below, sb_sv(&out), rows + (p->running.n > rows) + 1);
}

/* Somebody else has the terminal, and may draw there. */
static bool
is_terminal_taken(const struct progress *p)
{
	return p->direct > 0 || p->o.term->asking ||
	       loop_terminal_is_taken(p->o.loop);
}

static void
on_timer(void *arg)
{
	struct progress *p = arg;
	size_t columns, lines;
	enum below_why why;

	p->timer = NULL;
	/* never into the middle of a line of somebody's output, nor where one
	 * call alone may be drawing by itself */
	if (p->line_open || p->running.n == 0 || p->calls < 2)
		return;
	p->timer = loop_timer(p->o.loop, INTERVAL_NS, on_timer, p);
	why = p->o.look(&p->below, &columns, &lines);
	if (why == BELOW_FREE && !is_terminal_taken(p))
		draw(p, columns, lines);
	else if (why == BELOW_AWAY)
		below_leave(&p->below);
	else
		below_erase(&p->below);
}

static void
progress_wake(struct progress *p)
{
	if (p->timer == NULL && p->running.n > 0)
		p->timer = loop_timer(p->o.loop, INTERVAL_NS, on_timer, p);
}

static void
before_write(void *ctx)
{
	struct progress *p = ctx;

	below_erase(&p->below);
}

/* The shell has the terminal next, or what is drawn has another place. */
static void
on_terminal_told(void *arg, int sig)
{
	struct progress *p = arg;

	if (sig == SIGTSTP || sig == SIGWINCH)
		below_erase(&p->below);
}

static void
progress_forget(struct progress *p, const struct run_call *call)
{
	for (size_t i = 0; i < p->running.n; i++) {
		if (p->running.v[i] != call)
			continue;
		memmove(&p->running.v[i], &p->running.v[i + 1],
		    (p->running.n - i - 1) * sizeof(*p->running.v));
		p->running.n--;
		return;
	}
}

static void
on_progress_event(void *ctx, const struct event *ev)
{
	struct progress *p = ctx;

	if (p->estimate != NULL)
		estimate_event(p->estimate, ev);
	switch ((int)ev->kind) {
	case EVENT_CALL_CREATED:
		p->calls++;
		break;
	case EVENT_JOB_STARTED:
		vec_push(NULL, &p->running, ev->call);
		p->direct += ev->job->writes_itself;
		if (ev->job->writes_itself)
			below_erase(&p->below);
		break;
	case EVENT_QUESTION:
		below_erase(&p->below);
		break;
	case EVENT_OUTPUT:
		p->line_open = ev->bytes.n > 0 &&
		    ev->bytes.p[ev->bytes.n - 1] != '\n';
		break;
	case EVENT_JOB_DONE:
		p->direct -= ev->job->writes_itself;
		progress_forget(p, ev->call);
		break;
	case EVENT_CALL_DONE:
		progress_forget(p, ev->call);
		p->done++;
		p->failed += ev->call->outcome == OUTCOME_FAILED;
		break;
	case EVENT_RUN_DONE:
		p->running.n = 0;
		below_erase(&p->below);
		break;
	}
	progress_wake(p);
}

struct progress *
progress_new(const struct progress_options *o)
{
	struct progress *p = xcalloc(1, sizeof(*p));

	p->o = *o;
	if (o->look == NULL)
		p->o.look = below_look;
	p->arena = arena_new();
	below_init(&p->below);
	p->ear = (struct group_owner){ .fn = on_terminal_told, .arg = p };
	loop_hear(o->loop, &p->ear, true);
	if (o->plan != NULL)
		p->estimate = estimate_new(p->arena, o->plan, o->slots);
	o->term->before = before_write;
	o->term->ctx = p;
	return p;
}

void
progress_free(struct progress *p)
{
	if (p == NULL)
		return;
	loop_timer_stop(p->o.loop, &p->timer);
	loop_hear(p->o.loop, &p->ear, false);
	below_erase(&p->below);
	p->o.term->before = NULL;
	p->o.term->ctx = NULL;
	vec_free(&p->running);
	arena_free(p->arena);
	free(p);
}

struct sink
progress_sink(struct progress *p)
{
	return (struct sink){ on_progress_event, p };
}
