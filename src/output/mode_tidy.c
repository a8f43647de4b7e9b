/* SPDX-License-Identifier: MIT */
/*
 * A line per call when it ends, and the output of those that failed (P-407).
 * What the requested task says by itself, with nothing beside it, is shown as
 * it comes.  The lines and what failed go to stderr, one below the other, and
 * leave stdout to the requested task.
 */
#include "output/internal.h"

#include <unistd.h>

#include "output/columns.h"

enum {
	HEAD_LINES = 100,
	TAIL_LINES = 400,
	/* no more is read, however long the lines are */
	HEAD_BYTES = 128 * 1024,
	TAIL_BYTES = 512 * 1024,
	NAME_MIN = 10, /* columns of names */
	NAME_MAX = 40,
};

struct tidy_run {
	unsigned live;	    /* calls that have not ended */
	unsigned live_roots; /* requested ones among them */
	bool roots_beside; /* more than one requested at a time */
	size_t width;      /* of the names so far */
};

struct tidy_call {
	struct block block;
	bool is_alone; /* the job that runs now */
};

/* Nothing can run beside a command of this call. */
static bool
is_alone(const struct tidy_run *run, const struct run_call *call)
{
	return call->parent == NULL && !run->roots_beside && run->live == 1;
}

static void
tidy_stdio(struct output *o, struct call_out *co, struct job_spec *spec)
{
	struct tidy_call *tc = co->mode;

	tc->is_alone = is_alone(o->mode, co->call);
	if (tc->is_alone) {
		wire_through(o, spec);
		return;
	}
	block_open(o, co, &tc->block);
	spec->err.kind = STDIO_STDOUT;
	if (block_is_direct(o, co, &tc->block)) {
		spec->out.kind = STDIO_FD;
		spec->out.fd = tc->block.from->fd;
	} else {
		spec->out.kind = STDIO_PIPE;
	}
}

/* ---- the line ---- */

static size_t
name_width(const char *name)
{
	size_t n = columns_of(sv_of(name));

	return n < NAME_MIN ? NAME_MIN : n > NAME_MAX ? NAME_MAX : n;
}

/* ---- what failed ---- */

/* Bytes of the first `lines` lines. */
static size_t
head_size(sv text, size_t lines)
{
	size_t n = 0;

	while (n < text.n && lines > 0)
		lines -= text.p[n++] == '\n';
	return n;
}

/* Whole lines, masked as in the log; the terminal's colour is its own again
 * behind them. */
static void
add_excerpt(const struct output *o, struct sb *out, sv text)
{
	if (text.n == 0)
		return;
	secrets_mask(o->c.secrets, text, out);
	if (text.p[text.n - 1] != '\n')
		sb_addc(out, '\n');
	if (memchr(text.p, '\033', text.n) != NULL)
		sb_adds(out, "\033[0m");
}

static void
add_cut(const struct output *o, struct sb *out, const char *log)
{
	sb_adds(out, o->c.term->ascii ? "... " : "… ");
	if (log != NULL)
		sb_printf(out, "more is in %s\n", log);
	else
		sb_adds(out, "more is left out\n");
}

/* The first and the last lines of what was not shown yet: what is read has a
 * bound, whatever the job wrote. */
static void
add_output(struct output *o, struct sb *out, struct block *b, const char *log)
{
	struct sb head cleanup_sb = SB_INIT;
	struct sb tail cleanup_sb = SB_INIT;
	off_t from = b->shown, end, behind;
	sv rest;

	if (b->from == NULL)
		return;
	end = spool_look(b->from);
	if (end - from > HEAD_BYTES)
		spool_read(b->from, from, HEAD_BYTES, &head);
	else if (end > from)
		spool_read(b->from, from, (size_t)(end - from), &head);
	head.n = head_size(sb_sv(&head), HEAD_LINES);
	from += (off_t)head.n;
	behind = end - from > TAIL_BYTES ? end - TAIL_BYTES : from;
	if (end > behind)
		spool_read(b->from, behind, (size_t)(end - behind), &tail);
	rest = last_lines(sb_sv(&tail), TAIL_LINES);
	b->shown = end;
	if (behind == from && rest.n == tail.n) {
		sb_addv(&head, rest);
		add_excerpt(o, out, sb_sv(&head));
		return;
	}
	add_excerpt(o, out, sb_sv(&head));
	add_cut(o, out, log);
	add_excerpt(o, out, rest);
}

/* In one piece, so that nothing comes between. */
static void
show_ending(struct output *o, struct call_out *co, const struct run_call *c)
{
	bool failed = c->outcome == OUTCOME_FAILED;
	const char *log = output_log_of(o, c).path;
	struct sb out cleanup_sb = SB_INIT;

	/* what shared the run of another call is no line of its own, nor is
	 * what the output of a script tells of */
	if (o->c.dry || c->twin != NULL || c->streams != NULL ||
	    c->is_earlier || (o->c.silent && !failed))
		return;
	add_call(o, &out, c, ((const struct tidy_run *)o->mode)->width);
	if (failed && log != NULL)
		sb_printf(&out, ", log %s", log);
	sb_addc(&out, '\n');
	if (failed && co != NULL)
		add_output(
		    o, &out, &((struct tidy_call *)co->mode)->block, log);
	term_write(o->c.term, STDERR_FILENO, sb_sv(&out));
}

/* ---- events ---- */

static void
on_call_created(struct tidy_run *run, const struct run_call *call)
{
	size_t width = name_width(call->name);

	run->live++;
	if (call->parent == NULL && ++run->live_roots > 1)
		run->roots_beside = true;
	if (width > run->width)
		run->width = width;
}

static void
on_tidy_output(struct output *o, struct call_out *co, const struct event *ev)
{
	struct tidy_call *tc = co->mode;

	if (tc->is_alone)
		term_write(o->c.term, ev->stream, ev->bytes);
	else
		block_add(o, co, &tc->block, ev, false);
}

static void
on_tidy_job_done(struct output *o, struct call_out *co, const struct event *ev)
{
	struct tidy_call *tc = co->mode;

	if (ev->result->status != 0)
		block_check_space(o, &tc->block);
	/* what was shown is not to be shown again, when the call fails later */
	if (tc->is_alone)
		tc->block.shown = spool_look(&co->log.file);
}

static void
tidy_event(struct output *o, struct call_out *co, const struct event *ev)
{
	struct tidy_run *run = o->mode;

	switch ((int)ev->kind) {
	case EVENT_CALL_CREATED:
		on_call_created(run, ev->call);
		break;
	case EVENT_OUTPUT:
		on_tidy_output(o, co, ev);
		break;
	case EVENT_JOB_DONE:
		on_tidy_job_done(o, co, ev);
		break;
	case EVENT_CALL_DONE:
		run->live--;
		run->live_roots -= ev->call->parent == NULL;
		show_ending(o, co, ev->call);
		break;
	}
}

/* The commands of calls that have a line are not shown, unless -v asks for
 * more. */
static bool
tidy_message(struct output *o, const struct event *ev)
{
	if (ev->call == NULL || ev->call->streams != NULL || o->c.dry)
		return false;
	if (ev->kind == EVENT_CMD_ECHO)
		return !o->c.verbose && !is_alone(o->mode, ev->call);
	return ev->kind == EVENT_UP_TO_DATE || ev->kind == EVENT_CACHED;
}

static void
tidy_close(void *call_mode)
{
	block_close(&((struct tidy_call *)call_mode)->block);
}

const struct output_mode mode_tidy = {
	.name = "tidy",
	.is_prun = true,
	.run_size = sizeof(struct tidy_run),
	.call_size = sizeof(struct tidy_call),
	.stdio = tidy_stdio,
	.message = tidy_message,
	.event = tidy_event,
	.close = tidy_close,
};
