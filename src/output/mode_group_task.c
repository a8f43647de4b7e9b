/* SPDX-License-Identifier: MIT */
/*
 * A block per call, each stream to its own descriptor, so that stdout is what
 * go-task's would be: through prun, which notes what came from where.  Blocks
 * of different calls are never on one line.
 */
#include "output/internal.h"

static void
group_task_stdio(struct output *o, struct call_out *co, struct job_spec *spec)
{
	struct block *b = co->mode;

	block_open(o, co, b);
	b->lines = o->mode;
	if (b->shown == 0 && b->begin == NULL)
		block_frame(o, co, b);
	wire_pipes(spec);
}

static void
group_task_event(struct output *o, struct call_out *co, const struct event *ev)
{
	if (co == NULL)
		return;
	if (ev->kind == EVENT_OUTPUT)
		block_add(o, co, co->mode, ev, true);
	else if (ev->kind == EVENT_CALL_DONE)
		block_show(o, co->mode, ev->call->outcome == OUTCOME_FAILED);
}

static void
group_task_close(void *call_mode)
{
	block_close(call_mode);
}

const struct output_mode mode_group_task = {
	.name = "group-task",
	.is_prun = true,
	.run_size = sizeof(struct open_lines),
	.call_size = sizeof(struct block),
	.stdio = group_task_stdio,
	.event = group_task_event,
	.close = group_task_close,
};
