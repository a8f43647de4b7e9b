/* SPDX-License-Identifier: MIT */
/*
 * What a Taskfile with `parallel: true` is shown as where nobody says how
 * (P-407): a call in such a group as in group-task, under a line with its name;
 * all else interleaved.  The line goes to stderr, as all that is prun's own.
 */
#include "output/internal.h"

#include <unistd.h>

static const struct output_mode *
mode_of(const struct run_call *call)
{
	return call->in_group ? &mode_group_task : &mode_interleaved;
}

static void
beside_stdio(struct output *o, struct call_out *co, struct job_spec *spec)
{
	mode_of(co->call)->stdio(o, co, spec);
}

/* Where something is to be shown, and no CI system's mark has the name. */
static void
show_name(struct output *o, const struct run_call *call, const struct block *b)
{
	if (b->from == NULL || b->section != NULL ||
	    spool_look(b->from) <= b->shown)
		return;
	if (b->lines->is_open[STDOUT_FILENO])
		term_write(o->c.term, STDOUT_FILENO, SV("\n"));
	b->lines->is_open[STDOUT_FILENO] = false;
	term_print(o->c.term, STDERR_FILENO, COLOR_CYAN, "--- %s\n",
	    term_shown(o->arena, call->name));
}

static void
beside_event(struct output *o, struct call_out *co, const struct event *ev)
{
	if (co != NULL && ev->call->in_group && ev->kind == EVENT_CALL_DONE)
		show_name(o, ev->call, co->mode);
	mode_of(ev->call)->event(o, co, ev);
}

static void
beside_close(void *call_mode)
{
	mode_group_task.close(call_mode);
}

const struct output_mode mode_beside = {
	.name = "",
	.is_prun = true,
	.lends_terminal = true,
	.run_size = sizeof(struct open_lines),
	.call_size = sizeof(struct block),
	.stdio = beside_stdio,
	.event = beside_event,
	.close = beside_close,
};
