/* SPDX-License-Identifier: MIT */
/*
 * What a Taskfile with `parallel: true` is shown as where nobody says how
 * (P-407): the output of a call in such a group comes in one piece when the
 * call ends, under a line with its name; all else as it comes.  The line goes to
 * stderr, as all that is prun's own.
 */
#include "output/internal.h"

#include <unistd.h>

static void
beside_stdio(struct output *o, struct call_out *co, struct job_spec *spec)
{
	if (co->call->in_group)
		mode_group_task.stdio(o, co, spec);
	else
		wire_through(o, spec);
}

static void
show_name(struct output *o, const struct run_call *call, struct block *b)
{
	if (b->from == NULL || b->section != NULL ||
	    spool_look(b->from) <= b->shown)
		return;
	if (b->lines != NULL && b->lines->is_open[STDOUT_FILENO])
		term_write(o->c.term, STDOUT_FILENO, SV("\n"));
	if (b->lines != NULL)
		b->lines->is_open[STDOUT_FILENO] = false;
	term_print(o->c.term, STDERR_FILENO, COLOR_CYAN, "--- %s\n",
	    term_shown(o->arena, call->name));
}

static void
beside_event(struct output *o, struct call_out *co, const struct event *ev)
{
	if (co == NULL)
		return;
	if (!ev->call->in_group) {
		if (ev->kind == EVENT_OUTPUT)
			term_write(o->c.term, ev->stream, ev->bytes);
		return;
	}
	if (ev->kind == EVENT_CALL_DONE)
		show_name(o, ev->call, co->mode);
	mode_group_task.event(o, co, ev);
}

static void
beside_close(void *call_mode)
{
	block_close(call_mode);
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
