/* SPDX-License-Identifier: MIT */
/*
 * The output modes: how a job's streams are wired, and what becomes of the
 * bytes (C-140 to C-158, P-401 to P-403).
 */
#include "output/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "output/mask.h"

/* A line longer than this is shown in pieces rather than held. */
enum { LINE_MAX_BYTES = 4 << 20 };

bool
output_mode_parse(const char *name, enum output_mode *out)
{
	static const char *const names[] = { "interleaved", "group", "prefixed",
		"group-task" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum output_mode)i;
			return true;
		}
	}
	return false;
}

struct output *
output_new(const struct output_config *c)
{
	struct output *o = xcalloc(1, sizeof(*o));

	o->c = *c;
	o->arena = arena_new();
	o->prefixes = map_new(o->arena);
	secrets_of_file(o, c->taskfile);
	return o;
}

static void
close_call(struct call_out *co)
{
	for (int i = 0; i < 2; i++) {
		mask_free(co->masks[i]);
		co->masks[i] = NULL;
	}
	sb_free(&co->line);
	vec_free(&co->stretches);
	if (co->fd >= 0)
		close(co->fd);
	if (co->masked_fd >= 0)
		close(co->masked_fd);
	co->fd = co->masked_fd = -1;
}

void
output_free(struct output *o)
{
	if (o == NULL)
		return;
	for (struct call_out *co = o->calls; co != NULL; co = co->next)
		close_call(co);
	arena_free(o->arena);
	free(o);
}

int
output_log_errno(const struct output *o)
{
	return o->log_errno;
}

static bool
same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 &&
	    x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void
wire_stdin(const struct output *o, struct job_spec *spec)
{
	/* side by side nobody may read the terminal (P-402) */
	if (o->c.no_stdin || (o->c.stdin_is_tty && !spec->foreground))
		spec->in.kind = STDIO_NULL;
	else
		spec->in.kind = STDIO_INHERIT;
}

static void
wire_interleaved(const struct output *o, struct job_spec *spec)
{
	bool merged = same_file(STDOUT_FILENO, STDERR_FILENO);

	if (o->c.run_dir == NULL) {
		spec->out.kind = STDIO_INHERIT;
		spec->err.kind = STDIO_INHERIT;
	} else if (o->c.pty && o->c.stdout_is_tty) {
		spec->out.kind = STDIO_PTY;
		spec->err.kind = merged ? STDIO_PTY : STDIO_PIPE;
	} else {
		spec->out.kind = STDIO_PIPE;
		spec->err.kind = merged ? STDIO_STDOUT : STDIO_PIPE;
	}
}

static const char *
template_text(struct output *o, const char *text, const struct run_call *call)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv out;

	if (text == NULL || *text == '\0')
		return NULL;
	if (!templater_replace(o->c.templater, o->arena, sv_of(text),
		call->ctask->vars, &out, &ignored))
		return text;
	return out.n > 0 ? sv_cstr(o->arena, out) : NULL;
}

static void
wire_file(struct output *o, struct call_out *co, struct run_call *call,
    struct job_spec *spec)
{
	int fd = log_open_group(o, call);

	co->begin = template_text(o, o->c.group_begin, call);
	co->end = template_text(o, o->c.group_end, call);
	if (co->begin == NULL && co->end == NULL)
		ci_group_begin(o, call, co);
	spec->err.kind = STDIO_STDOUT;
	if (fd < 0 || (log_is_masked(co) && o->c.run_dir != NULL)) {
		spec->out.kind = STDIO_PIPE;
		return;
	}
	spec->out.kind = STDIO_FD;
	spec->out.fd = fd;
}

/* One block per call, each stream to its own descriptor (law: stdout is what
 * go-task's would be): through prun, which notes what came from where. */
static void
wire_block(struct output *o, struct call_out *co, struct run_call *call,
    struct job_spec *spec)
{
	log_open_group(o, call);
	if (co->shown == 0 && co->begin == NULL) {
		co->begin = template_text(o, o->c.group_begin, call);
		co->end = template_text(o, o->c.group_end, call);
		if (co->begin == NULL && co->end == NULL)
			ci_group_begin(o, call, co);
	}
	spec->out.kind = STDIO_PIPE;
	spec->err.kind = same_file(STDOUT_FILENO, STDERR_FILENO)
	    ? STDIO_STDOUT : STDIO_PIPE;
}

/* P-104: what a script calls writes to the script's streams; through prun, so
 * that it has a log, which goes on as a terminal where there is one. */
static void
wire_relayed(const struct output *o, const struct run_call *call,
    struct job_spec *spec)
{
	const int *fds = call->streams->fds;
	bool merged = same_file(fds[STDOUT_FILENO], fds[STDERR_FILENO]);

	if (o->c.run_dir == NULL)
		return;
	if (isatty(fds[STDOUT_FILENO])) {
		spec->out.kind = STDIO_PTY;
		spec->err.kind = merged ? STDIO_PTY : STDIO_PIPE;
	} else {
		spec->out.kind = STDIO_PIPE;
		spec->err.kind = merged ? STDIO_STDOUT : STDIO_PIPE;
	}
}

void
output_stdio(void *output, struct run_call *call, const struct ccmd *cmd,
    struct job_spec *spec)
{
	struct output *o = output;
	struct call_out *co = call_out(o, call);

	(void)cmd;
	if (call->streams != NULL) {
		if (!call->ctask->interactive)
			wire_relayed(o, call, spec);
		return;
	}
	if (call->ctask->interactive) {
		spec->foreground = true;
		spec->in.kind = STDIO_INHERIT;
		spec->out.kind = STDIO_INHERIT;
		spec->err.kind = STDIO_INHERIT;
		return;
	}
	wire_stdin(o, spec);
	switch (o->c.mode) {
	case OUTPUT_INTERLEAVED:
		wire_interleaved(o, spec);
		break;
	case OUTPUT_GROUP:
		wire_file(o, co, call, spec);
		break;
	case OUTPUT_GROUP_TASK:
		wire_block(o, co, call, spec);
		break;
	case OUTPUT_PREFIXED:
		spec->out.kind = STDIO_PIPE;
		spec->err.kind = STDIO_STDOUT;
		break;
	}
}

static enum color
prefix_color(struct output *o, const char *prefix)
{
	static const enum color cycle[] = { COLOR_YELLOW, COLOR_BLUE,
		COLOR_MAGENTA, COLOR_CYAN, COLOR_GREEN, COLOR_RED,
		COLOR_BRIGHT_YELLOW, COLOR_BRIGHT_BLUE, COLOR_BRIGHT_MAGENTA,
		COLOR_BRIGHT_CYAN, COLOR_BRIGHT_GREEN, COLOR_BRIGHT_RED };
	const enum color *c = map_get(o->prefixes, sv_of(prefix));

	if (c == NULL) {
		c = &cycle[map_count(o->prefixes) %
		    (sizeof(cycle) / sizeof(cycle[0]))];
		map_put(o->prefixes, sv_of(prefix), (void *)c);
	}
	return *c;
}

static void
add_prefixed(struct output *o, const char *prefix, sv line, struct sb *out)
{
	sb_addc(out, '[');
	term_add(o->c.term, out, prefix_color(o, prefix), sv_of(prefix));
	sb_adds(out, "] ");
	sb_addv(out, line);
	sb_addc(out, '\n');
}

static void
show_prefixed(struct output *o, struct call_out *co,
    const struct run_call *call, sv bytes, bool at_end)
{
	struct sb out cleanup_sb = SB_INIT;
	const char *prefix = call->ctask->prefix;
	sv line;

	while (bytes.n > 0) {
		bool whole = sv_cut(bytes, '\n', &line, &bytes);

		sb_addv(&co->line, line);
		if (!whole && co->line.n < LINE_MAX_BYTES)
			break;
		add_prefixed(o, prefix, sb_sv(&co->line), &out);
		sb_clear(&co->line);
	}
	if (at_end && co->line.n > 0) {
		add_prefixed(o, prefix, sb_sv(&co->line), &out);
		sb_clear(&co->line);
	}
	term_write(o->c.term, STDOUT_FILENO, sb_sv(&out));
}

/* The terminal sees what the command wrote; the log has secrets masked. */
static void
on_modes_output(struct output *o, const struct event *ev)
{
	struct call_out *co = call_out(o, ev->call);

	switch (o->c.mode) {
	case OUTPUT_INTERLEAVED:
		term_write(o->c.term, ev->stream, ev->bytes);
		log_write(o, ev->call, ev->stream, ev->bytes);
		break;
	case OUTPUT_PREFIXED:
		show_prefixed(o, co, ev->call, ev->bytes, false);
		log_write(o, ev->call, ev->stream, ev->bytes);
		break;
	case OUTPUT_GROUP:
	case OUTPUT_GROUP_TASK:
		group_add(o, co, ev);
		if (log_is_masked(co))
			log_write(o, ev->call, ev->stream, ev->bytes);
		break;
	}
}

static void
on_job_done(struct output *o, const struct event *ev)
{
	struct call_out *co = call_out(o, ev->call);

	log_end(o, ev->call);
	if (o->c.mode == OUTPUT_PREFIXED)
		show_prefixed(o, co, ev->call, (sv){ "", 0 }, true);
	if (o->c.mode == OUTPUT_GROUP) {
		if (ev->result->status != 0)
			group_check_space(o, co);
		group_show(o, ev->call, ev->result->status != 0);
	}
}

static void
on_call_done(struct output *o, const struct event *ev)
{
	if (ev->call->sink_data == NULL)
		return;
	if (o->c.mode == OUTPUT_GROUP_TASK)
		group_show(o, ev->call, ev->call->outcome == OUTCOME_FAILED);
	close_call(ev->call->sink_data);
}

static void
modes_relay(void *to, int fd, sv text)
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

	t->redirect = o->c.run_dir != NULL ? modes_relay : write_there;
	t->redirect_to = (void *)ev->call->streams;
	message_event(o, ev);
	if (ev->kind == EVENT_OUTPUT) {
		term_write(t, ev->stream, ev->bytes);
		log_write(o, ev->call, ev->stream, ev->bytes);
	} else if (ev->kind == EVENT_JOB_DONE) {
		log_end(o, ev->call);
	} else if (ev->kind == EVENT_CALL_DONE && ev->call->sink_data != NULL) {
		close_call(ev->call->sink_data);
	}
	t->redirect = NULL;
}

static void
on_modes_event(void *ctx, const struct event *ev)
{
	struct output *o = ctx;

	if (ev->kind == EVENT_CALL_STARTED || ev->kind == EVENT_CALL_DONE)
		secrets_of_call(o, ev->call);
	if (ev->call != NULL && ev->call->streams != NULL) {
		relayed_event(o, ev);
		return;
	}
	message_event(o, ev);
	if (ev->kind == EVENT_OUTPUT)
		on_modes_output(o, ev);
	else if (ev->kind == EVENT_JOB_DONE)
		on_job_done(o, ev);
	else if (ev->kind == EVENT_CALL_DONE)
		on_call_done(o, ev);
}

struct sink
output_sink(struct output *o)
{
	return (struct sink){ on_modes_event, o };
}
