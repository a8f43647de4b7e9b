/* SPDX-License-Identifier: MIT */
#include "exec/jobserver_serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

/* While several jobs have tokens: does one want more than it has, and another
 * one none? */
#define LEVEL_NS (100 * NS_PER_MS)

enum {
	LOWEST_FD = 10, /* scripts use those below */
	LENT_MAX = 1024 /* to one job */
};

struct jobserver_job {
	struct jobserver *of;
	struct jobserver_job *next, *prev;
	int r, w;       /* prun's own, which do not wait */
	int child[2];   /* until it has started; -1: none */
	const char *auth;
	char *path;     /* of a fifo that the job opens; or NULL */
	struct arena *a;
	int own, lent;  /* tokens that were given, without those taken back */
	int unread;     /* when it was last looked at */
	bool fresh;     /* nobody knows yet whether it takes any */
	bool reads;     /* it has taken some */
	bool watched;
};

struct jobserver {
	struct jobserver_options o;
	enum jobserver_kind kind;
	const char *dir; /* NULL: not made yet */
	int dir_lock;
	bool failed; /* it could not be made */
	struct arena *a;
	unsigned number; /* of the last job */
	struct jobserver_job *jobs;
	struct timer *timer;
};

/* ---- tokens ---- */

static void
job_look(struct jobserver_job *j)
{
	int n = 0;

	if (ioctl(j->r, FIONREAD, &n) != 0)
		n = 0;
	j->unread = n;
	j->reads |= n < j->own + j->lent;
}

static bool
job_put(struct jobserver_job *j)
{
	ssize_t n;

	do
		n = write(j->w, "+", 1);
	while (n < 0 && errno == EINTR);
	/* full of what others wrote there: it has enough */
	if (n == 1)
		j->unread++;
	return n == 1;
}

static bool
job_lend(struct jobserver_job *j)
{
	if (j->lent >= LENT_MAX || !job_put(j))
		return false;
	j->lent++;
	slots_lend(j->of->o.slots, 1);
	return true;
}

/* At most `n`; returns how many. */
static int
job_take(struct jobserver_job *j, int n)
{
	char bytes[64];
	int got = 0;

	if (n > j->lent)
		n = j->lent;
	while (got < n) {
		size_t want = (size_t)(n - got);
		ssize_t k = read(j->r, bytes,
		    want < sizeof(bytes) ? want : sizeof(bytes));

		if (k > 0)
			got += (int)k;
		else if (k == 0 || errno != EINTR)
			break;
	}
	j->lent -= got;
	return got;
}

static void
take_from(struct jobserver *js, bool readers, int *lack)
{
	for (struct jobserver_job *j = js->jobs; j && *lack > 0; j = j->next)
		if (j->lent > 0 && j->reads == readers) {
			int got = job_take(j, *lack);

			*lack -= got;
			if (got > 0)
				slots_lend(js->o.slots, -got);
		}
}

void
jobserver_take_back(struct jobserver *js)
{
	int lack;

	if (js == NULL || js->jobs == NULL)
		return;
	lack = slots_lacking(js->o.slots);
	if (lack == 0)
		return;
	/* whoever takes none misses none */
	for (struct jobserver_job *j = js->jobs; j != NULL; j = j->next)
		job_look(j);
	take_from(js, false, &lack);
	take_from(js, true, &lack);
}

/* ---- who has how many ---- */

static struct jobserver_job *
poorest(struct jobserver *js, bool wants)
{
	struct jobserver_job *best = NULL;

	for (struct jobserver_job *j = js->jobs; j != NULL; j = j->next)
		if (j->lent < LENT_MAX && (!wants || j->fresh || j->reads) &&
		    (best == NULL || j->unread < best->unread))
			best = j;
	return best;
}

static void
give_out(struct jobserver *js)
{
	int n = slots_spare(js->o.slots);
	struct jobserver_job *j;

	if (n == 0)
		return;
	for (j = js->jobs; j != NULL; j = j->next)
		job_look(j);
	while (n-- > 0) {
		j = poorest(js, false);
		if (j == NULL || !job_lend(j))
			break;
	}
}

/* One that can miss a token: it takes none, or has several that it does not
 * take. */
static struct jobserver_job *
richest(struct jobserver *js)
{
	struct jobserver_job *best = NULL;

	for (struct jobserver_job *j = js->jobs; j != NULL; j = j->next)
		if (j->lent > 0 && j->unread > (j->reads ? 1 : 0) &&
		    (best == NULL || j->unread > best->unread))
			best = j;
	return best;
}

/* From those that leave them to those that have none left. */
static void
level(struct jobserver *js)
{
	struct jobserver_job *from, *to;

	for (struct jobserver_job *j = js->jobs; j != NULL; j = j->next)
		job_look(j);
	for (;;) {
		to = poorest(js, true);
		from = richest(js);
		if (to == NULL || to->unread > 0 || from == NULL || from == to ||
		    job_take(from, 1) == 0)
			break;
		from->unread--;
		slots_lend(js->o.slots, -1);
		to->fresh = false;
		if (slots_spare(js->o.slots) == 0 || !job_lend(to))
			break;
	}
}

/* ---- what is waited for ---- */

static void
on_returned(void *arg, int fd)
{
	struct jobserver_job *j = arg;

	(void)fd;
	jobserver_take_back(j->of);
}

static void
job_watch(struct jobserver_job *j, bool on)
{
	if (on == j->watched)
		return;
	j->watched = on;
	if (on)
		loop_watch(j->of->o.loop, j->r, on_returned, j);
	else
		loop_unwatch(j->of->o.loop, j->r);
}

static void serve_timer(struct jobserver *js);

static void
on_level(void *arg)
{
	struct jobserver *js = arg;

	js->timer = NULL;
	if (slots_lacking(js->o.slots) == 0)
		level(js);
	serve_timer(js);
}

static void
serve_timer(struct jobserver *js)
{
	bool wants = js->jobs != NULL && js->jobs->next != NULL &&
		     slots_lent(js->o.slots) > 0;

	if (!wants)
		loop_timer_stop(js->o.loop, &js->timer);
	else if (js->timer == NULL)
		js->timer = loop_timer(js->o.loop, LEVEL_NS, on_level, js);
}

void
jobserver_settle(struct jobserver *js)
{
	bool lacks;

	if (js == NULL || js->jobs == NULL)
		return;
	lacks = slots_lacking(js->o.slots) > 0;
	for (struct jobserver_job *j = js->jobs; j != NULL; j = j->next)
		job_watch(j, lacks && j->lent > 0);
	if (!lacks)
		give_out(js);
	serve_timer(js);
}

/* ---- a job's pipe ---- */

static bool
open_end(const char *path, int flags, int *fd, struct err *e)
{
	int got cleanup_close = open(path, flags | O_CLOEXEC);

	*fd = got < 0 ? -1 : fcntl(got, F_DUPFD_CLOEXEC, LOWEST_FD);
	return *fd >= 0 || err_sys(e, errno, "open %s", path);
}

/* Each end is opened by name: flags are of one who opens.  With prun's two there
 * the others need not wait for each other. */
static bool
open_ends(struct jobserver_job *j, const char *path, struct err *e)
{
	if (mkfifo(path, 0600) != 0)
		return err_sys(e, errno, "make %s", path);
	j->path = xstrdup(path);
	if (!open_end(path, O_RDONLY | O_NONBLOCK, &j->r, e) ||
	    !open_end(path, O_WRONLY | O_NONBLOCK, &j->w, e))
		return false;
	if (j->of->kind == JOBSERVER_FIFO) {
		j->auth = arena_printf(j->a, "fifo:%s", path);
		return true;
	}
	if (!open_end(path, O_RDONLY, &j->child[0], e) ||
	    !open_end(path, O_WRONLY, &j->child[1], e))
		return false;
	j->auth = arena_printf(j->a, "%d,%d", j->child[0], j->child[1]);
	return true;
}

static void
jobs_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
job_close(struct jobserver_job *j)
{
	jobserver_job_started(j);
	jobs_close(&j->r);
	jobs_close(&j->w);
	if (j->path != NULL)
		unlink(j->path);
	free(j->path);
	arena_free(j->a);
	free(j);
}

/* A path that MAKEFLAGS cannot hold as it is. */
static bool
is_unnameable(const char *path)
{
	return strpbrk(path, " \t\\\"'$#") != NULL;
}

static bool
serve_ready(struct jobserver *js, struct err *e)
{
	if (js->dir != NULL)
		return true;
	if (!js->failed)
		js->dir = js->o.runtime_dir(js->a, &js->dir_lock);
	js->failed = js->dir == NULL;
	if (js->failed)
		return err_set(e, ERR_GENERIC, "no folder for it can be made");
	js->kind = js->o.kind(js->o.arg);
	if (is_unnameable(js->dir))
		js->kind = JOBSERVER_PIPE;
	return true;
}

struct jobserver_job *
jobserver_enter(struct jobserver *js, int own, struct err *e)
{
	struct jobserver_job *j;

	if (!serve_ready(js, e))
		return NULL;
	j = xcalloc(1, sizeof(*j));
	*j = (struct jobserver_job){ .of = js,
		.a = arena_new(),
		.r = -1,
		.w = -1,
		.child = { -1, -1 },
		.fresh = true };
	if (!open_ends(
		j, arena_printf(j->a, "%s/jobs%u", js->dir, ++js->number), e)) {
		job_close(j);
		return NULL;
	}
	for (; j->own < own && j->own < LENT_MAX && job_put(j);)
		j->own++;
	j->next = js->jobs;
	if (js->jobs != NULL)
		js->jobs->prev = j;
	js->jobs = j;
	return j;
}

const char *
jobserver_job_auth(const struct jobserver_job *j)
{
	return j->auth;
}

const int *
jobserver_job_fds(const struct jobserver_job *j)
{
	return j->child[0] >= 0 ? j->child : NULL;
}

void
jobserver_job_started(struct jobserver_job *j)
{
	jobs_close(&j->child[0]);
	jobs_close(&j->child[1]);
	/* a pipe by number needs no name any more */
	if (j->path != NULL && j->of->kind != JOBSERVER_FIFO) {
		unlink(j->path);
		free(j->path);
		j->path = NULL;
	}
}

unsigned
jobserver_leave(struct jobserver_job *j)
{
	struct jobserver *js = j->of;
	int given = j->own + j->lent, lent = j->lent;
	unsigned surplus;

	job_look(j);
	surplus = j->unread > given ? (unsigned)(j->unread - given) : 0;
	job_watch(j, false);
	if (j->next != NULL)
		j->next->prev = j->prev;
	if (j->prev != NULL)
		j->prev->next = j->next;
	else
		js->jobs = j->next;
	job_close(j);
	if (lent > 0)
		slots_lend(js->o.slots, -lent);
	serve_timer(js);
	return surplus;
}

/* ---- birth and death ---- */

struct jobserver *
jobserver_new(const struct jobserver_options *o)
{
	struct jobserver *js = xcalloc(1, sizeof(*js));

	js->o = *o;
	js->dir_lock = -1;
	js->a = arena_new();
	return js;
}

void
jobserver_free(struct jobserver *js)
{
	struct err ignored cleanup_err = ERR_INIT;

	if (js == NULL)
		return;
	while (js->jobs != NULL)
		jobserver_leave(js->jobs);
	loop_timer_stop(js->o.loop, &js->timer);
	if (js->dir != NULL)
		remove_all(js->dir, &ignored);
	jobs_close(&js->dir_lock);
	arena_free(js->a);
	free(js);
}
