/* SPDX-License-Identifier: MIT */
/*
 * From events to the logs and to the mode: logs are written before the mode sees
 * a byte (P-401, P-406).
 */
#include "output/internal.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

struct output *
output_new(const struct output_config *c)
{
	struct output *o = xcalloc(1, sizeof(*o));

	o->c = *c;
	o->arena = arena_new();
	if (c->mode->run_size > 0)
		o->mode = arena_alloc(o->arena, c->mode->run_size);
	return o;
}

static void
call_out_close(struct output *o, struct call_out *co)
{
	log_close(co);
	if (o->c.mode->close != NULL)
		o->c.mode->close(co->mode);
}

void
output_free(struct output *o)
{
	if (o == NULL)
		return;
	for (size_t i = 0; i < o->calls.n; i++)
		if (o->calls.v[i] != NULL)
			call_out_close(o, o->calls.v[i]);
	arena_free(o->arena);
	free(o);
}

void
output_stdio(void *output, struct run_call *call, const struct ccmd *cmd,
    struct job_spec *spec)
{
	struct output *o = output;
	struct call_out *co = call_out(o, call);

	(void)cmd;
	/* a job before may have written into it by itself */
	spool_look(&co->log.file);
	/* who says `interactive` wants the streams, whatever they are */
	if (call->ctask->interactive || wire_lends(o, call, spec)) {
		if (spec->here)
			log_lent(o, co);
		if (call->streams == NULL)
			spec->in.kind = spec->out.kind = spec->err.kind =
			    STDIO_INHERIT;
		return;
	}
	if (call->streams != NULL) {
		wire_relayed(o, call, spec);
		return;
	}
	wire_stdin(o, spec);
	o->c.mode->stdio(o, co, spec);
}

/* The terminal sees what the command wrote; the log has secrets masked. */
static void
write_logs(struct output *o, const struct event *ev)
{
	if (ev->kind == EVENT_OUTPUT)
		log_add(o, call_out(o, ev->call), ev->stream, ev->bytes);
	else if (ev->kind == EVENT_JOB_DONE || ev->kind == EVENT_REPLAYED)
		log_end(o, call_out(o, ev->call));
}

static void
output_say(struct output *o, const struct event *ev)
{
	const struct output_mode *mode = o->c.mode;

	if (mode->message == NULL || !mode->message(o, ev))
		message_event(o, ev);
}

static void
output_relay(void *to, int fd, sv text)
{
	const struct call_streams *s = to;

	s->write(s->arg, fd, text);
}

/* In line with jobs that write there themselves; its failure is theirs. */
static void
write_there(void *to, int fd, sv text)
{
	const struct call_streams *s = to;

	write_all(s->fds[fd], text.p, text.n);
}

/* P-104: of a call that a script made, whatever the mode: what it writes and
 * what is said of it goes where the script says. */
static void
relayed_event(struct output *o, const struct event *ev)
{
	struct term *t = o->c.term;

	t->redirect = o->c.run_dir != NULL ? output_relay : write_there;
	t->redirect_to = (void *)ev->call->streams;
	output_say(o, ev);
	write_logs(o, ev);
	if (ev->kind == EVENT_OUTPUT)
		term_write(t, ev->stream, ev->bytes);
	t->redirect = NULL;
	/* its begin came when nobody knew yet whose it is */
	if (ev->kind == EVENT_CALL_CREATED || ev->kind == EVENT_CALL_DONE)
		o->c.mode->event(o, call_out_seen(o, ev->call), ev);
}

static void
on_output_event(void *ctx, const struct event *ev)
{
	struct output *o = ctx;

	if (ev->call != NULL && ev->call->streams != NULL) {
		relayed_event(o, ev);
	} else {
		output_say(o, ev);
		write_logs(o, ev);
		if (ev->call != NULL)
			o->c.mode->event(o, call_out_seen(o, ev->call), ev);
	}
	if (ev->kind == EVENT_CALL_DONE && call_out_seen(o, ev->call) != NULL)
		call_out_close(o, call_out_seen(o, ev->call));
}

struct sink
output_sink(struct output *o)
{
	return (struct sink){ on_output_event, o };
}
