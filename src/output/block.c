/* SPDX-License-Identifier: MIT */
/*
 * Blocks of output: collected in a file (log.c), shown when a job or a call has
 * ended (C-145 to C-148, P-403).
 */
#include "output/internal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/io.h"

static void
note_stretch(struct call_out *co, int stream)
{
	struct stretch *last = co->stretches.n > 0
	    ? &co->stretches.v[co->stretches.n - 1] : NULL;
	off_t end = log_size(co);

	if (last != NULL && last->stream == stream)
		last->end = end;
	else
		vec_push(NULL, &co->stretches,
		    ((struct stretch){ end, stream }));
}

/* The begin of a block, and what was collected of it. */
static void
show_collected(struct output *o, struct call_out *co, off_t end)
{
	if (o->c.term->before != NULL)
		o->c.term->before(o->c.term->ctx);
	if (co->begin != NULL) {
		write_all(STDOUT_FILENO, co->begin, strlen(co->begin));
		write_all(STDOUT_FILENO, "\n", 1);
	}
	for (size_t i = 0; i < co->stretches.n; i++)
		log_show(o, co, co->stretches.v[i].end,
		    co->stretches.v[i].stream);
	log_show(o, co, end, STDOUT_FILENO);
	if (o->c.term->after != NULL)
		o->c.term->after(o->c.term->ctx);
}

/* When the file is full, what it has is shown at once, and so is the rest. */
void
group_add(struct output *o, struct call_out *co, const struct event *ev)
{
	off_t before = log_size(co);

	if (co->fd >= 0 && !co->is_full) {
		if (write_all(co->fd, ev->bytes.p, ev->bytes.n)) {
			if (o->c.mode == OUTPUT_GROUP_TASK)
				note_stretch(co, ev->stream);
			return;
		}
		if (o->log_errno == 0)
			o->log_errno = errno;
		co->is_full = true;
		/* half of a piece would be there twice; what cannot be cut
		 * off is shown twice rather than not at all */
		if (ftruncate(co->fd, before) != 0)
			before = log_size(co);
		show_collected(o, co, before);
	}
	term_write(o->c.term, ev->stream, ev->bytes);
}

static bool
ends_line(const struct call_out *co, off_t end)
{
	char last;

	return pread(co->fd, &last, 1, end - 1) != 1 || last == '\n';
}

static void
show_end(struct output *o, struct call_out *co, off_t end)
{
	if (co->section != NULL) {
		ci_group_end(o, co);
		/* the mark begins a line */
		if (!co->is_full && !ends_line(co, end))
			write_all(STDOUT_FILENO, "\n", 1);
	}
	if (co->end != NULL) {
		write_all(STDOUT_FILENO, co->end, strlen(co->end));
		write_all(STDOUT_FILENO, "\n", 1);
	}
}

void
group_show(struct output *o, struct run_call *call, bool failed)
{
	struct call_out *co = call_out(o, call);
	off_t end = log_size(co);

	if (co->is_full) {
		show_end(o, co, end);
		co->is_full = false;
		co->shown = end;
		return;
	}
	if (end == co->shown)
		return;
	if (o->c.group_error_only && !failed) {
		co->shown = end;
		return;
	}
	show_collected(o, co, end);
	show_end(o, co, end);
}

void
group_check_space(struct output *o, const struct call_out *co)
{
	struct statvfs fs;

	if (o->c.run_dir != NULL && o->log_errno == 0 && co->fd >= 0 &&
	    fstatvfs(co->fd, &fs) == 0 && fs.f_bavail == 0)
		o->log_errno = ENOSPC;
}
