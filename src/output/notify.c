/* SPDX-License-Identifier: MIT */
#include "output/notify.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

/* ConEmu's states, which others have taken over. */
enum { HIDDEN = 0, NORMAL = 1, FAILING = 2 };

static void
notify_show(struct notify *n)
{
	struct sb text cleanup_sb = SB_INIT;
	int percent = n->calls ? (int)(n->done * 100 / n->calls) : 0;
	int state = n->failed > 0 ? FAILING : NORMAL;

	if (n->shown == state * 1000 + percent)
		return;
	n->shown = state * 1000 + percent;
	sb_printf(&text, "\033]9;4;%d;%d\a", state, percent);
	write_all(STDERR_FILENO, text.p, text.n);
}

static void
notify_end(struct notify *n, int64_t now_ns)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb text cleanup_sb = SB_INIT;

	sb_printf(&text, "\033]9;4;%d;0\a\033]9;prun: ", HIDDEN);
	if (n->failed > 0)
		sb_printf(&text, "%zu of %zu calls failed", n->failed,
		    n->calls);
	else
		sb_printf(&text, "%zu call%s done", n->done,
		    n->done == 1 ? "" : "s");
	sb_printf(&text, " in %s\a", duration_short(a, now_ns - n->start_ns));
	write_all(STDERR_FILENO, text.p, text.n);
}

static void
on_notify_event(void *ctx, const struct event *ev)
{
	struct notify *n = ctx;

	switch ((int)ev->kind) {
	case EVENT_RUN_STARTED:
		n->start_ns = ev->at_ns;
		break;
	case EVENT_CALL_CREATED:
		n->calls++;
		break;
	case EVENT_CALL_DONE:
		n->done++;
		n->failed += ev->call->outcome == OUTCOME_FAILED;
		notify_show(n);
		break;
	case EVENT_RUN_DONE:
		notify_end(n, ev->at_ns);
		break;
	}
}

struct sink
notify_sink(struct notify *n)
{
	return (struct sink){ on_notify_event, n };
}
