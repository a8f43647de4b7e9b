/* SPDX-License-Identifier: MIT */
/* What comes is shown as it comes (C-140). */
#include "output/internal.h"

static void
interleaved_stdio(struct output *o, struct call_out *co, struct job_spec *spec)
{
	(void)co;
	wire_through(o, spec);
}

static void
interleaved_event(struct output *o, struct call_out *co, const struct event *ev)
{
	(void)co;
	if (ev->kind == EVENT_OUTPUT)
		term_write(o->c.term, ev->stream, ev->bytes);
}

const struct output_mode mode_interleaved = {
	.name = "interleaved",
	.lends_terminal = true,
	.stdio = interleaved_stdio,
	.event = interleaved_event,
};
