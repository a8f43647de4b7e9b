/* SPDX-License-Identifier: MIT */
/* Ending a run of another process. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "exec/holder.h"
#include "project/away.h"
#include "store/journal.h"

#define CANCELLED_NAME "cancelled"

/* "live 4711" in the lock. */
static long
holder_of(struct arena *a, int lock)
{
	const char *text = lock_holder(a, lock);

	if (!sv_starts(sv_of(text), SV(RUN_LOCK_LIVE)))
		return 0;
	return strtol(text + strlen(RUN_LOCK_LIVE), NULL, 10);
}

/* The head of its journal, which one that has just begun has in a moment. */
static bool
read_head(struct arena *a, const struct away *w, struct journal_log *log)
{
	const char *path = path_join(a, sv_of(w->folder), SV("events.jsonl"));
	const struct timespec moment = { 0, 5 * NS_PER_MS };

	for (int tries = 0; tries < 400; tries++) {
		struct err ignored cleanup_err = ERR_INIT;

		if (journal_read(a, path, log, &ignored) && log->has_run)
			return true;
		if (!run_dir_is_live(w->folder))
			break;
		nanosleep(&moment, NULL);
	}
	return false;
}

/* Where nothing tells who holds a file: the machine must be this one at least.
 */
static bool
is_here(struct arena *a, const struct away *w)
{
	struct journal_log log;
	char name[256] = "";

	return gethostname(name, sizeof(name) - 1) == 0 &&
	       read_head(a, w, &log) && strcmp(log.run.host, name) == 0;
}

static enum away_cancel
not_here(const struct away *w, struct err *e)
{
	err_set(e, ERR_GENERIC,
	    "prun: %s %s is not of this machine or container, or the file of "
	    "its lock was replaced: cancel it where it runs",
	    w->is_session ? "session" : "run", w->id);
	return AWAY_FAILED;
}

/* Looked at once more behind the look at the process: what held the lock before
 * and after that is what was looked at. */
static enum away_cancel
tell_holder(struct arena *a, const struct away *w, int lock,
    const struct holder *h, enum holder_is is, struct err *e)
{
	if (!run_dir_is_live(w->folder) || holder_of(a, lock) != h->pid)
		return AWAY_IS_OVER;
	if (is == HOLDER_NOT || is == HOLDER_GONE ||
	    (is == HOLDER_UNTOLD && !is_here(a, w)))
		return not_here(w, e);
	if (holder_tell(h, SIGTERM))
		return AWAY_TOLD;
	if (errno == ESRCH)
		return AWAY_IS_OVER;
	err_sys(e, errno, "prun: kill %ld", h->pid);
	return AWAY_FAILED;
}

static enum away_cancel
send_end(struct arena *a, const struct away *w, int lock, struct err *e)
{
	struct holder h;
	enum holder_is is = holder_open(&h, holder_of(a, lock), lock);
	enum away_cancel r = tell_holder(a, w, lock, &h, is, e);

	holder_close(&h);
	return r;
}

/* Was it told a moment ago? */
static bool
was_ended_before(const char *mark)
{
	struct stat st;

	return stat(mark, &st) == 0 &&
	       clock_real_ns() - stat_mtime_ns(&st) <
		   (int64_t)AWAY_AGAIN_S * NS_PER_S;
}

enum away_cancel
away_end(struct project *p, const struct away *w, struct err *e)
{
	struct err ignored cleanup_err = ERR_INIT;
	const char *mark =
	    path_join(p->a, sv_of(w->folder), SV(CANCELLED_NAME));
	int lock cleanup_close = lock_open(
	    path_join(p->a, sv_of(w->folder), SV(RUN_LOCK_NAME)),
	    LOCK_FILE_LOOK, 0);
	enum away_cancel r;

	if (lock < 0 || !run_dir_is_live(w->folder))
		return AWAY_IS_OVER;
	if (was_ended_before(mark))
		return AWAY_BEFORE;
	r = send_end(p->a, w, lock, e);
	if (r == AWAY_TOLD)
		(void)write_atomic(mark, SV(""), 0600, &ignored);
	return r;
}
