/* SPDX-License-Identifier: MIT */
/*
 * One file per call.  The log is the buffer: a grouped job writes into it
 * without passing through prun, and it is copied to the terminal afterwards, so
 * memory does not grow with output (P-401, P-403).
 */
#include "config.h"

#include "output/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef PRUN_LINUX
#include <sys/sendfile.h>
#endif

#include "base/io.h"
#include "output/mask.h"

struct call_out *
call_out(struct output *o, struct run_call *call)
{
	struct call_out *co = call->sink_data;

	if (co != NULL)
		return co;
	co = arena_new_of(o->arena, struct call_out);
	co->fd = -1;
	co->masked_fd = -1;
	co->next = o->calls;
	o->calls = co;
	call->sink_data = co;
	secrets_of_call(o, call);
	for (int i = 0; i < 2 && o->secrets.n > 0; i++)
		co->masks[i] = mask_new(o->secrets.v, o->secrets.n);
	return co;
}

static int
open_temporary(struct arena *a)
{
	const char *dir = getenv("TMPDIR");
	char *path = arena_printf(a, "%s/prun-XXXXXX",
	    dir != NULL && *dir == '/' ? dir : "/tmp");
	int fd = mkstemp(path);

	if (fd < 0)
		return -1;
	unlink(path);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_APPEND);
	return fd;
}

/* Secrets and a shared file do not go together: then the log is apart. */
static int *
log_slot(struct call_out *co)
{
	return log_is_masked(co) ? &co->masked_fd : &co->fd;
}

int
log_open(struct output *o, struct run_call *call)
{
	struct call_out *co = call_out(o, call);
	int *fd = log_slot(co);

	if (*fd < 0 && o->c.run_dir != NULL && o->log_errno == 0) {
		char *path = run_log_path(o->arena, o->c.run_dir, call->id,
		    call->task_name);

		*fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC,
		    0600);
		if (*fd >= 0)
			call->log_path = path;
		else
			o->log_errno = errno;
	}
	return *fd;
}

int
log_open_group(struct output *o, struct run_call *call)
{
	struct call_out *co = call_out(o, call);

	if (!log_is_masked(co))
		log_open(o, call);
	if (co->fd < 0)
		co->fd = open_temporary(o->arena);
	return co->fd;
}

static void
write_whole(struct output *o, struct run_call *call, sv bytes)
{
	int fd = bytes.n > 0 ? log_open(o, call) : -1;

	if (fd >= 0 && !write_all(fd, bytes.p, bytes.n) && o->log_errno == 0)
		o->log_errno = errno;
}

void
log_write(struct output *o, struct run_call *call, int stream, sv bytes)
{
	struct call_out *co = call_out(o, call);
	struct sb masked cleanup_sb = SB_INIT;

	if (o->c.run_dir == NULL)
		return;
	if (log_is_masked(co)) {
		mask_add(co->masks[stream == 2], bytes, &masked);
		bytes = sb_sv(&masked);
	}
	write_whole(o, call, bytes);
}

void
log_end(struct output *o, struct run_call *call)
{
	struct call_out *co = call_out(o, call);
	struct sb masked cleanup_sb = SB_INIT;

	if (o->c.run_dir == NULL || !log_is_masked(co))
		return;
	mask_end(co->masks[0], &masked);
	mask_end(co->masks[1], &masked);
	write_whole(o, call, sb_sv(&masked));
}

struct output_log
output_log_of(
    const struct output *o, struct arena *a, const struct run_call *call)
{
	const struct call_out *co = call->sink_data;
	struct output_log log = { NULL, call->log_path != NULL, 0 };
	struct stat st;
	int fd = -1;

	if (o->c.run_dir == NULL || (o->log_errno != 0 && !log.exists) ||
	    (call->ctask != NULL && call->ctask->interactive))
		return log;
	log.name = run_log_name(a, call->id, call->task_name);
	if (log.exists && co != NULL)
		fd = log_is_masked(co) ? co->masked_fd : co->fd;
	if (fd >= 0 && fstat(fd, &st) == 0)
		log.size = st.st_size;
	return log;
}

off_t
log_size(const struct call_out *co)
{
	struct stat st;

	return co->fd >= 0 && fstat(co->fd, &st) == 0 ? st.st_size : 0;
}

static bool
copy_by_hand(struct output *o, int fd, off_t from, off_t end, int to)
{
	char block[64 * 1024];

	while (from < end) {
		size_t want = (size_t)(end - from) < sizeof(block)
		    ? (size_t)(end - from) : sizeof(block);
		ssize_t n = pread(fd, block, want, from);

		if (n <= 0)
			return false;
		if (!write_all(to, block, (size_t)n)) {
			o->c.term->stdout_errno = errno;
			o->c.term->stdout_failed = true;
			return false;
		}
		from += n;
	}
	return true;
}

void
log_show(struct output *o, struct call_out *co, off_t end, int to)
{
	off_t from = co->shown;

	co->shown = end;
#ifdef PRUN_LINUX
	while (from < end) {
		ssize_t n = sendfile(to, co->fd, &from,
		    (size_t)(end - from));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
	}
#endif
	if (from < end)
		copy_by_hand(o, co->fd, from, end, to);
}
