/* SPDX-License-Identifier: MIT */
/* A block per command, both streams on stdout (C-145 to C-148). */
#include "output/internal.h"

static void
group_stdio(struct output *o, struct call_out *co, struct job_spec *spec)
{
	struct block *b = co->mode;

	block_open(o, co, b);
	block_frame(o, co, b);
	spec->err.kind = STDIO_STDOUT;
	if (!block_is_direct(o, co, b)) {
		spec->out.kind = STDIO_PIPE;
		return;
	}
	spec->out.kind = STDIO_FD;
	spec->out.fd = b->from->fd;
}

static void
group_event(struct output *o, struct call_out *co, const struct event *ev)
{
	if (ev->kind == EVENT_OUTPUT) {
		block_add(o, co, co->mode, ev, false);
	} else if (ev->kind == EVENT_REPLAYED) {
		block_show(o, co->mode, false);
	} else if (ev->kind == EVENT_JOB_DONE) {
		if (ev->result->status != 0)
			block_check_space(o, co->mode);
		block_show(o, co->mode, ev->result->status != 0);
	}
}

static void
group_close(void *call_mode)
{
	block_close(call_mode);
}

const struct output_mode mode_group = {
	.name = "group",
	.call_size = sizeof(struct block),
	.stdio = group_stdio,
	.event = group_event,
	.close = group_close,
};
