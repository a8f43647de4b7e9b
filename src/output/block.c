/* SPDX-License-Identifier: MIT */
#include "output/block.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/io.h"
#include "output/internal.h"

bool
block_open(struct output *o, struct call_out *co, struct block *b)
{
	if (b->from != NULL)
		return true;
	if (!log_is_masked(co) && log_open(o, co))
		b->from = &co->log.file;
	else if (spool_temporary(&b->own, o->c.temp_dir))
		b->from = &b->own;
	return b->from != NULL;
}

bool
block_is_direct(
    const struct output *o, const struct call_out *co, const struct block *b)
{
	return b->from != NULL && !co->call->keeps_output &&
	       (!log_is_masked(co) || o->c.run_dir == NULL);
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

void
block_frame(struct output *o, struct call_out *co, struct block *b)
{
	b->begin = template_text(o, o->c.group_begin, co->call);
	b->end = template_text(o, o->c.group_end, co->call);
	if (b->begin == NULL && b->end == NULL)
		ci_group_begin(o, co->call, b);
}

static void
note_stretch(struct block *b, int stream)
{
	struct stretch *last =
	    b->stretches.n > 0 ? &b->stretches.v[b->stretches.n - 1] : NULL;

	if (last != NULL && last->stream == stream)
		last->end = b->from->size;
	else
		vec_push(NULL, &b->stretches,
		    ((struct stretch){ b->from->size, stream }));
}

static bool
ends_line(const struct block *b, off_t end)
{
	char last;

	return pread(b->from->fd, &last, 1, end - 1) != 1 || last == '\n';
}

/* Before the first bytes of the block on a stream: what another one has left of
 * a line ends. */
static void
begin_line(struct output *o, struct block *b, int stream)
{
	if (b->lines == NULL || b->has_begun[stream])
		return;
	b->has_begun[stream] = true;
	if (b->lines->is_open[stream])
		term_write(o->c.term, stream, SV("\n"));
	b->lines->is_open[stream] = false;
}

static void
leave_line(struct block *b, int stream, bool is_open)
{
	if (b->lines != NULL)
		b->lines->is_open[stream] = is_open;
}

static void
show_part(struct output *o, struct block *b, off_t end, int to)
{
	if (end <= b->shown)
		return;
	begin_line(o, b, to);
	spool_show(b->from, b->shown, end, o->c.term, to);
	b->shown = end;
	leave_line(b, to, !ends_line(b, end));
}

/* The begin of a block, and what was collected of it. */
static void
show_collected(struct output *o, struct block *b, off_t end, bool failed)
{
	term_hold(o->c.term);
	if (b->section != NULL && failed)
		ci_group_open(o, b);
	if (b->begin != NULL) {
		begin_line(o, b, STDOUT_FILENO);
		write_all(STDOUT_FILENO, b->begin, strlen(b->begin));
		write_all(STDOUT_FILENO, "\n", 1);
	}
	for (size_t i = 0; i < b->stretches.n; i++)
		show_part(
		    o, b, b->stretches.v[i].end, b->stretches.v[i].stream);
	show_part(o, b, end, STDOUT_FILENO);
}

/* The log has it already: log_add(). */
static bool
block_collect(struct output *o, struct call_out *co, struct block *b, sv bytes)
{
	if (b->from == &co->log.file)
		return !b->from->is_cut;
	if (spool_add(b->from, bytes))
		return true;
	if (o->log_errno == 0)
		o->log_errno = errno;
	return false;
}

void
block_add(struct output *o, struct call_out *co, struct block *b,
    const struct event *ev, bool by_stream)
{
	if (b->from != NULL && !b->is_full) {
		if (block_collect(o, co, b, ev->bytes)) {
			if (by_stream)
				note_stretch(b, ev->stream);
			return;
		}
		b->is_full = true;
		/* half of a piece would be there twice; what cannot be cut
		 * off is shown twice rather than not at all */
		spool_repair(b->from);
		show_collected(o, b, b->from->size, false);
	}
	if (ev->bytes.n == 0)
		return;
	begin_line(o, b, ev->stream);
	term_write(o->c.term, ev->stream, ev->bytes);
	leave_line(b, ev->stream, ev->bytes.p[ev->bytes.n - 1] != '\n');
}

static void
show_end(struct output *o, struct block *b, off_t end)
{
	if (b->section != NULL) {
		ci_group_end(o, b);
		/* the mark begins a line */
		if (!b->is_full && !ends_line(b, end))
			write_all(STDOUT_FILENO, "\n", 1);
	}
	if (b->end != NULL) {
		write_all(STDOUT_FILENO, b->end, strlen(b->end));
		write_all(STDOUT_FILENO, "\n", 1);
		leave_line(b, STDOUT_FILENO, false);
	}
}

void
block_show(struct output *o, struct block *b, bool failed)
{
	off_t end;

	if (b->from == NULL)
		return;
	end = spool_look(b->from);
	if (b->is_full) {
		show_end(o, b, end);
		b->is_full = false;
	} else if (end > b->shown && (failed || !o->c.group_error_only)) {
		show_collected(o, b, end, failed);
		show_end(o, b, end);
	}
	b->shown = end;
}

void
block_check_space(struct output *o, const struct block *b)
{
	struct statvfs fs;

	if (o->c.run_dir != NULL && o->log_errno == 0 && b->from != NULL &&
	    fstatvfs(b->from->fd, &fs) == 0 && fs.f_bavail == 0)
		o->log_errno = ENOSPC;
}

void
block_close(struct block *b)
{
	if (b->from == &b->own)
		spool_close(&b->own);
	vec_free(&b->stretches);
	*b = (struct block){ 0 };
}
