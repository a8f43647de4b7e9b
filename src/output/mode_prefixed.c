/* SPDX-License-Identifier: MIT */
/* The task's prefix in front of each line of both streams, on stdout (C-155).
 */
#include "output/internal.h"

#include <unistd.h>

/* A line longer than this is shown in pieces rather than held. */
enum {
	LINE_MAX_BYTES = 4 << 20
};

struct prefixed_run {
	struct map *colors; /* by prefix, in order of appearance */
};

struct prefixed_call {
	struct sb line; /* without its end yet */
};

static void
prefixed_stdio(struct output *o, struct call_out *co, struct job_spec *spec)
{
	(void)o;
	(void)co;
	spec->out.kind = STDIO_PIPE;
	spec->err.kind = STDIO_STDOUT;
}

static enum color
prefix_color(struct output *o, const char *prefix)
{
	static const enum color cycle[] = { COLOR_YELLOW, COLOR_BLUE,
		COLOR_MAGENTA, COLOR_CYAN, COLOR_GREEN, COLOR_RED,
		COLOR_BRIGHT_YELLOW, COLOR_BRIGHT_BLUE, COLOR_BRIGHT_MAGENTA,
		COLOR_BRIGHT_CYAN, COLOR_BRIGHT_GREEN, COLOR_BRIGHT_RED };
	struct prefixed_run *run = o->mode;
	const enum color *c;

	if (run->colors == NULL)
		run->colors = map_new(o->arena);
	c = map_get(run->colors, sv_of(prefix));
	if (c == NULL) {
		c = &cycle[map_count(run->colors) %
			   (sizeof(cycle) / sizeof(cycle[0]))];
		map_put(run->colors, sv_of(prefix), (void *)c);
	}
	return *c;
}

/* What stands in front of each line of the call. */
static void
add_head(struct output *o, const struct call_out *co, struct sb *out)
{
	const char *prefix = co->call->ctask->prefix;

	sb_addc(out, '[');
	term_add(o->c.term, out, prefix_color(o, prefix), sv_of(prefix));
	sb_adds(out, "] ");
}

static void
add_prefixed(struct sb *out, sv prefix, struct sb *held, sv line)
{
	sb_addv(out, prefix);
	sb_addv(out, sb_sv(held));
	sb_addv(out, line);
	sb_addc(out, '\n');
	sb_clear(held);
}

static void
show_prefixed(struct output *o, struct call_out *co, sv bytes, bool at_end)
{
	struct sb *held = &((struct prefixed_call *)co->mode)->line;
	struct sb out cleanup_sb = SB_INIT;
	struct sb prefix cleanup_sb = SB_INIT;
	sv line;

	if (bytes.n == 0 && held->n == 0)
		return;
	add_head(o, co, &prefix);
	while (bytes.n > 0) {
		bool whole = sv_cut(bytes, '\n', &line, &bytes);

		if (whole || held->n + line.n >= LINE_MAX_BYTES)
			add_prefixed(&out, sb_sv(&prefix), held, line);
		else
			sb_addv(held, line);
	}
	if (at_end && held->n > 0)
		add_prefixed(&out, sb_sv(&prefix), held, (sv){ "", 0 });
	term_write(o->c.term, STDOUT_FILENO, sb_sv(&out));
}

static void
prefixed_event(struct output *o, struct call_out *co, const struct event *ev)
{
	if (ev->kind == EVENT_OUTPUT)
		show_prefixed(o, co, ev->bytes, false);
	else if (ev->kind == EVENT_JOB_DONE || ev->kind == EVENT_REPLAYED)
		show_prefixed(o, co, (sv){ "", 0 }, true);
}

static bool
prefixed_message(struct output *o, const struct event *ev)
{
	if (ev->kind != EVENT_UP_TO_DATE)
		return false;
	message_up_to_date(o, ev, ev->call->ctask->prefix);
	return true;
}

static void
prefixed_close(void *call_mode)
{
	sb_free(&((struct prefixed_call *)call_mode)->line);
}

const struct output_mode mode_prefixed = {
	.name = "prefixed",
	.run_size = sizeof(struct prefixed_run),
	.call_size = sizeof(struct prefixed_call),
	.stdio = prefixed_stdio,
	.message = prefixed_message,
	.event = prefixed_event,
	.close = prefixed_close,
};
