/* SPDX-License-Identifier: MIT */
/* One row below what is said, on a terminal: what runs now, and for how long.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "output/below.h"
#include "output/columns.h"
#include "session/session_internal.h"

struct live {
	struct session *s;
	struct below below;
	struct timer *tick;
};

static void
live_erase(void *ctx)
{
	struct live *v = ctx;

	below_erase(&v->below);
}

/* As much of it as there is room for. */
static void
add_fitting(struct sb *row, size_t columns, const char *text)
{
	if (columns_of(sb_sv(row)) + columns_of(sv_of(text)) < columns)
		columns_add_line(row, text);
}

static void
live_row(struct session *s, size_t columns, struct sb *row)
{
	struct queue_counts n = queue_count(s->queue);
	int64_t now = clock_real_ns();
	const char *between = ": ";

	sb_printf(
	    row, "%d of %d done", n.total - n.pending - n.running, n.total);
	if (n.failed > 0)
		sb_printf(row, ", %d failed", n.failed);
	if (n.pending > 0)
		sb_printf(row, ", %d waiting", n.pending);
	for (int i = 0; i < s->n; i++) {
		const struct execution_row *t = &s->tests[i].row;
		int64_t ns = now - t->started_ns;

		if (t->status != SESSION_RUNNING)
			continue;
		add_fitting(row, columns,
		    arena_printf(s->a, "%s%s %s", between, t->name,
			duration_short(s->a, ns / NS_PER_S * NS_PER_S)));
		between = ", ";
	}
}

static void
live_draw(struct live *v)
{
	struct sb row cleanup_sb = SB_INIT;
	struct arena_mark mark = arena_mark(v->s->a);
	size_t columns, rows;

	if (below_look(&v->below, &columns, &rows) == BELOW_FREE) {
		live_row(v->s, columns, &row);
		sb_addc(&row, '\n');
		below_draw(&v->below, sb_sv(&row), 1);
	} else {
		below_erase(&v->below);
	}
	arena_release(v->s->a, mark);
}

static void
on_live_tick(void *arg)
{
	struct live *v = arg;

	live_draw(v);
	v->tick = loop_timer(v->s->l, NS_PER_S, on_live_tick, v);
}

static bool
is_watched(const struct session *s)
{
	const struct project *p = s->p;
	const char *no_color = environment_get(p->in->env, "NO_COLOR");
	const char *term = environment_get(p->in->env, "TERM");

	return isatty(STDERR_FILENO) && !p->s->no_progress && !p->s->silent &&
	       CFG_B(&p->config, output, progress) &&
	       (no_color == NULL || *no_color == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

struct live *
live_open(struct session *s)
{
	struct live *v;

	if (!is_watched(s))
		return NULL;
	v = arena_new_of(s->a, struct live);
	v->s = s;
	below_init(&v->below);
	s->p->term->before = live_erase;
	s->p->term->ctx = v;
	on_live_tick(v);
	return v;
}

void
live_show(struct live *v)
{
	if (v != NULL)
		live_draw(v);
}

void
live_close(struct live *v)
{
	if (v == NULL)
		return;
	loop_timer_stop(v->s->l, &v->tick);
	below_erase(&v->below);
	v->s->p->term->before = NULL;
}
