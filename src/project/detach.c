/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "exec/leave.h"

/* Of the process that goes on; there is one in a program. */
static struct {
	bool is_one;	/* it is that process */
	bool is_ready;	/* and nobody waits for it any more */
	int lock_fd;	/* of its output, as long as it lives */
	char *exit_path;
	off_t summary; /* where that begins in the output; -1: there is none */
} detached = { .lock_fd = -1, .summary = -1 };

/* For people: what there is to do now. */
static void
tell_next(const char *id)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr,
		    "prun: it goes on by itself: prun --wait %s, prun --log "
		    "--follow --run %s, prun --cancel %s\n",
		    id, id, id);
}

/* The caller is told "=ID" of what goes on, "STATUS" of what has ended. */
static bool
end_as_told(char *told, int *status, struct err *e)
{
	char *end = strchr(told, '\n');

	if (end == NULL)
		return err_set(e, ERR_GENERIC,
		    "prun: --detach: what was started died before it began");
	if (*told != '=') {
		*status = (int)strtol(told, NULL, 10);
		return true;
	}
	if (!write_all(STDOUT_FILENO, told + 1, (size_t)(end - told)))
		return err_sys(e, errno, "prun: write /dev/stdout");
	*end = '\0';
	tell_next(told + 1);
	*status = 0;
	return true;
}

bool
detach_begin(int *status, struct err *e)
{
	char told[LEAVE_TOLD_MAX];

	*status = 1;
	detached.is_one = leave_begin(told, e);
	if (!detached.is_one && !err_is_set(e))
		end_as_told(told, status, e);
	return detached.is_one;
}

/* Its output is a file of its folder from now on, and is locked until all is
 * over; the folder's own lock ends before. */
static bool
open_log(struct arena *a, const char *folder, struct err *e)
{
	const char *path =
	    path_join(a, sv_of(folder), SV(DETACH_OUTPUT_NAME));
	int fd cleanup_close =
	    open_own(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0600);

	if (fd < 0)
		return err_sys(e, errno, "prun: open %s", path);
	detached.lock_fd = lock_open(path, LOCK_FILE_OURS, 0600);
	if (detached.lock_fd < 0)
		return err_sys(e, errno, "prun: open %s", path);
	(void)lock_try(detached.lock_fd, LOCK_KIND_ALONE);
	detached.exit_path =
	    strdup(path_join(a, sv_of(folder), SV(DETACH_EXIT_NAME)));
	fflush(NULL);
	return (dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0 &&
		   leave_input()) ||
	       err_sys(e, errno, "prun: dup %s", path);
}

bool
detach_is_one(void)
{
	return detached.is_one;
}

bool
detach_ready(const char *id, const char *folder, struct err *e)
{
	struct arena *a cleanup_arena = arena_new();
	const char *line;
	bool is_heard;

	if (!detached.is_one || detached.is_ready)
		return true;
	if (*folder == '\0')
		return err_set(e, ERR_GENERIC,
		    "prun: --detach: there is no folder for its output");
	if (!open_log(a, folder, e))
		return false;
	line = arena_printf(a, "=%s\n", id);
	leave_hold_term();
	is_heard = leave_tell(line);
	detached.is_ready = true;
	return is_heard || err_set(e, ERR_GENERIC,
			       "prun: --detach: whoever asked for it is gone");
}

void
detach_summary(void)
{
	if (!detached.is_ready || detached.summary >= 0)
		return;
	fflush(NULL);
	detached.summary = lseek(STDERR_FILENO, 0, SEEK_END);
}

/* What cannot be written is not there: then the journal says how it ended. */
void
detach_end(int status)
{
	struct arena *a cleanup_arena = arena_new();
	struct err ignored cleanup_err = ERR_INIT;
	const char *line;

	if (!detached.is_one)
		return;
	fflush(NULL);
	if (!detached.is_ready) {
		line = arena_printf(a, "%d\n", status);
		(void)leave_tell(line);
		return;
	}
	line = arena_printf(
	    a, "%d %lld\n", status, (long long)detached.summary);
	(void)write_atomic(detached.exit_path, sv_of(line), 0600, &ignored);
	free(detached.exit_path);
	close(detached.lock_fd);
}
