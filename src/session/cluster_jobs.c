/* SPDX-License-Identifier: MIT */
/*
 * Tests on a cluster (P-1301), from the session's side: a worker readies a
 * tree, and then has the session start the test there.  Those that come up
 * together are submitted together, so that they can go in as one array.
 */
#include "config.h"

#include "session/session_internal.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "go/shellword.h"
#include "project/cluster.h"

/* How long those that are ready wait for those that are not. */
#define TOGETHER_NS (500 * NS_PER_MS)

enum cluster_state {
	CLUSTER_READY, /* not started yet */
	CLUSTER_SENT,
};

/* The test of a worker. */
struct cluster_job {
	struct hand *h; /* NULL: it is gone, nobody wants to know */
	struct session *s;
	enum cluster_state state;
	struct talk what;
	struct job *job;
};

static void
cluster_say_for(void *ctx, const char *text)
{
	tell_trouble(ctx, text);
}

bool
cluster_jobs_open(struct session *s, struct err *e)
{
	struct cluster_place at = { .id = s->dir.id,
		.dir = s->dir.path,
		.tree = s->pool.dir,
		.local_jobs = s->most,
		.say = cluster_say_for,
		.ctx = s };

	if (!cluster_is_asked_for(s->p))
		return true;
	s->local = executor_local_new(s->l);
	s->cluster = cluster_executor(s->p, s->local, &at, e);
	return s->cluster != NULL;
}

void
cluster_jobs_close(struct session *s)
{
	loop_timer_stop(s->l, &s->together);
	if (s->cluster != NULL)
		s->cluster->ops->free(s->cluster);
	if (s->local != NULL)
		s->local->ops->free(s->local);
	s->cluster = s->local = NULL;
}

/* ---- what became of it ---- */

static void
cluster_job_over(struct cluster_job *j, const struct talk *end)
{
	struct hand *h = j->h;

	if (h == NULL)
		return;
	h->on_cluster = NULL;
	hand_say(h, end);
}

static void
on_cluster_done(void *arg, const struct job_result *r)
{
	struct cluster_job *j = arg;
	struct talk end = talk_new("job_end");

	j->job = NULL;
	end.exit_status = r->status;
	end.signal = r->signal;
	if (r->not_started)
		end.reason = err_is_set(&r->error) ? r->error.message
						   : "it could not start";
	cluster_job_over(j, &end);
}

static void
on_cluster_running(void *arg)
{
	struct cluster_job *j = arg;
	struct talk runs = talk_new("job_runs");

	if (j->h != NULL)
		hand_say(j->h, &runs);
}

/* ---- starting ---- */

/* As words for the node's shell. */
static const char *
cluster_script(struct arena *a, const string_vec *argv)
{
	struct sb b cleanup_sb = SB_INIT;

	sb_adds(&b, "exec");
	for (size_t i = 0; i < argv->n; i++)
		sb_printf(&b, " %s", shell_quote(a, sv_of(argv->v[i])));
	return sb_take(&b, a).p;
}

/* "NAME=text" up to a NUL each. */
static char **
read_environment(struct arena *a, const char *path, struct err *e)
{
	string_vec env = { 0 };
	sv text;

	if (!read_file(a, path, &text, e))
		return NULL;
	unlink(path);
	while (text.n > 0) {
		size_t n = strlen(text.p);

		vec_push(a, &env, text.p);
		text = sv_sub(text, n + 1, SIZE_MAX);
	}
	vec_push(a, &env, NULL);
	return (char **)env.v;
}

static void
cluster_job_start(struct cluster_job *j)
{
	struct session *s = j->s;
	struct err e cleanup_err = ERR_INIT;
	struct talk end = talk_new("job_end");
	int log cleanup_close =
	    open_own(j->what.log, O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	struct job_spec spec = { .script = cluster_script(s->a, &j->what.words),
		.dir = j->what.path,
		.in = { STDIO_NULL, 0 },
		.out = { STDIO_FD, log },
		.err = { STDIO_STDOUT, 0 },
		.timeout_ns = j->what.timeout_ns,
		.running = on_cluster_running,
		.done = on_cluster_done,
		.arg = j };

	j->state = CLUSTER_SENT;
	spec.env = read_environment(s->a, j->what.env, &e);
	if (spec.env != NULL)
		j->job = s->cluster->ops->start(s->cluster, &spec, &e);
	if (j->job != NULL)
		return;
	end.exit_status = -1;
	end.reason = err_is_set(&e) ? e.message : "it could not start";
	cluster_job_over(j, &end);
}

static void
start_together(struct session *s)
{
	loop_timer_stop(s->l, &s->together);
	for (int i = 0; i < s->most; i++) {
		struct cluster_job *j = s->hands[i].on_cluster;

		if (j != NULL && j->state == CLUSTER_READY)
			cluster_job_start(j);
	}
}

static void
on_together(void *arg)
{
	struct session *s = arg;

	s->together = NULL;
	start_together(s);
}

/* Are there workers that will be ready soon? */
static bool
more_come(const struct session *s)
{
	for (int i = 0; i < s->most; i++)
		if (s->hands[i].state == HAND_STARTING ||
		    (s->hands[i].test != NULL &&
			s->hands[i].on_cluster == NULL))
			return true;
	return false;
}

void
cluster_jobs_add(struct hand *h, const struct talk *m)
{
	struct session *s = h->s;
	struct cluster_job *j;

	if (s->cluster == NULL || h->on_cluster != NULL)
		return;
	j = arena_new_of(s->a, struct cluster_job);
	*j = (struct cluster_job){ .h = h, .s = s, .what = *m };
	h->on_cluster = j;
	if (!more_come(s))
		start_together(s);
	else if (s->together == NULL)
		s->together = loop_timer(s->l, TOGETHER_NS, on_together, s);
}

/* ---- ending ---- */

void
cluster_jobs_end(struct hand *h, int sig)
{
	struct cluster_job *j = h->on_cluster;
	struct talk end = talk_new("job_end");

	if (j == NULL)
		return;
	if (j->job != NULL) {
		h->s->cluster->ops->end_tree(
		    h->s->cluster, j->job, sig, h->s->grace_ns);
		return;
	}
	end.exit_status = 128 + sig;
	end.signal = sig;
	cluster_job_over(j, &end);
}

void
cluster_jobs_forget(struct hand *h)
{
	struct cluster_job *j = h->on_cluster;

	if (j == NULL)
		return;
	cluster_jobs_end(h, SIGKILL);
	j->h = NULL;
	h->on_cluster = NULL;
}
