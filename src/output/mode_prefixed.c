/* SPDX-License-Identifier: MIT */
/* The task's prefix in front of each line of both streams, on stdout (C-155).
 */
#include "output/internal.h"

#include <string.h>
#include <unistd.h>

enum {
	/* A line longer than this is shown in pieces rather than held. */
	LINE_MAX_BYTES = 4 << 20,
	/* What was held and is longer is written by itself, not copied. */
	COPY_MAX_BYTES = 4096,
};

struct prefixed_run {
	struct map *colors; /* by prefix, in order of appearance */
};

struct prefixed_call {
	struct sb head; /* what stands in front of each line */
	struct sb line; /* head and what came, without its end yet; or empty */
	struct sb out;  /* to be written; kept for its room */
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

/* By the order in which tasks show something. */
static void
know_head(struct output *o, const struct call_out *co)
{
	struct sb *head = &((struct prefixed_call *)co->mode)->head;
	const char *prefix = co->call->ctask->prefix;

	if (head->n > 0)
		return;
	sb_addc(head, '[');
	term_add(o->c.term, head, prefix_color(o, prefix), sv_of(prefix));
	sb_adds(head, "] ");
}

static void
flush_prefixed(struct output *o, struct sb *text)
{
	term_write(o->c.term, STDOUT_FILENO, sb_sv(text));
	sb_clear(text);
}

/* A line of which some came before. */
static void
end_held_line(struct output *o, struct prefixed_call *pc)
{
	sb_addc(&pc->line, '\n');
	if (pc->line.n <= COPY_MAX_BYTES) {
		sb_addv(&pc->out, sb_sv(&pc->line));
		sb_clear(&pc->line);
		return;
	}
	flush_prefixed(o, &pc->out);
	flush_prefixed(o, &pc->line);
}

static void
hold_part(struct output *o, struct prefixed_call *pc, sv part)
{
	if (pc->line.n == 0)
		sb_addv(&pc->line, sb_sv(&pc->head));
	sb_addv(&pc->line, part);
	if (pc->line.n - pc->head.n >= LINE_MAX_BYTES)
		end_held_line(o, pc);
}

/* The whole lines of `bytes`; what stands behind the last of them is left. */
static sv
add_whole_lines(struct prefixed_call *pc, sv bytes)
{
	const char *end;

	while (bytes.n > 0 && (end = memchr(bytes.p, '\n', bytes.n)) != NULL) {
		size_t n = (size_t)(end + 1 - bytes.p);

		sb_reserve(&pc->out, pc->head.n + n);
		memcpy(pc->out.p + pc->out.n, pc->head.p, pc->head.n);
		memcpy(pc->out.p + pc->out.n + pc->head.n, bytes.p, n);
		pc->out.n += pc->head.n + n;
		bytes = (sv){ bytes.p + n, bytes.n - n };
	}
	return bytes;
}

static void
show_prefixed(struct output *o, struct call_out *co, sv bytes)
{
	struct prefixed_call *pc = co->mode;
	sv line;

	if (bytes.n == 0)
		return;
	know_head(o, co);
	if (pc->line.n > 0 && sv_cut(bytes, '\n', &line, &bytes)) {
		sb_addv(&pc->line, line);
		end_held_line(o, pc);
	} else if (pc->line.n > 0) {
		bytes = line;
	}
	if (pc->line.n == 0)
		bytes = add_whole_lines(pc, bytes);
	if (bytes.n > 0)
		hold_part(o, pc, bytes);
	flush_prefixed(o, &pc->out);
}

static void
end_prefixed(struct output *o, struct call_out *co)
{
	struct prefixed_call *pc = co->mode;

	if (pc->line.n > 0)
		end_held_line(o, pc);
	flush_prefixed(o, &pc->out);
}

static void
prefixed_event(struct output *o, struct call_out *co, const struct event *ev)
{
	if (ev->kind == EVENT_OUTPUT)
		show_prefixed(o, co, ev->bytes);
	else if (ev->kind == EVENT_JOB_DONE || ev->kind == EVENT_REPLAYED)
		end_prefixed(o, co);
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
	struct prefixed_call *pc = call_mode;

	sb_free(&pc->head);
	sb_free(&pc->line);
	sb_free(&pc->out);
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
