/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/guardian.h"
#include "exec/leash.h"
#include "exec/local.h"
#include "exec/procs.h"
#include "exec/spawn.h"

#define LONG_NS (100 * NS_PER_MS)
enum {
	STARTS_MAX = 5,
	PRUNE_AT = 64,
};

/* ---- the table ---- */

/* In an order that leaves the table true whenever prun dies. */
static void
guard_table_add(struct guard_table *t, const struct guarded *g)
{
	if (t->n >= GUARDED_MAX)
		return;
	t->jobs[t->n] = *g;
	t->n++;
}

static void
guard_table_remove(struct guard_table *t, uint32_t i)
{
	t->jobs[i] = t->jobs[t->n - 1];
	t->n--;
}

static void
guard_table_prune(struct guard_table *t)
{
	for (uint32_t i = t->n; i-- > 0;)
		if (t->jobs[i].until != 0 && kill(-t->jobs[i].pid, 0) != 0)
			guard_table_remove(t, i);
}

static void
guard_job(struct guard_table *t, const struct job *j)
{
	struct guarded g = { .pid = j->pid,
		.has_group = getpgid(j->pid) == j->pid };

	if (t->n >= PRUNE_AT)
		guard_table_prune(t);
	guard_table_add(t, &g);
}

static struct guard_table *
guard_table_map(struct local *x, int fd)
{
	struct guard_table *t;
	void *at;

	if (ftruncate(fd, (off_t)sizeof(*t)) != 0)
		return NULL;
	at = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return NULL;
	t = at;
	memcpy(t->run, x->run, sizeof(t->run));
	t->since = x->since;
	for (struct job *j = x->jobs; j != NULL; j = j->next)
		if (j->pid > 0 && !j->exited)
			guard_job(t, j);
	return t;
}

/* ---- before there is a guardian ---- */

const int *
guard_leash(struct local *x, const struct job *j)
{
	struct guard *g = &x->guard;
	size_t i = 0;

	if (g->program == NULL || g->table != NULL)
		return NULL;
	while (i < g->n_leashes && g->leashes[i].job != NULL)
		i++;
	if (i == LEASHES_MAX ||
	    (i == g->n_leashes && !leash_make(g->leashes[i].fds)))
		return NULL;
	if (i == g->n_leashes)
		g->n_leashes++;
	g->leashes[i].job = j;
	return g->leashes[i].fds;
}

/* What it left in its group stays on the leash until another job is. */
static void
guard_leash_back(struct guard *g, const struct job *j)
{
	for (size_t i = 0; i < g->n_leashes; i++)
		if (g->leashes[i].job == j)
			g->leashes[i].job = NULL;
}

static void
guard_leashes_free(struct guard *g)
{
	while (g->n_leashes > 0)
		leash_free(g->leashes[--g->n_leashes].fds);
}

/* ---- the guardian ---- */

static void guard_arm(struct local *x, int64_t after_ns);

static void
guard_let_go(struct guard *g)
{
	munmap(g->table, sizeof(*g->table));
	g->table = NULL;
	close(g->fd);
}

/* Somebody killed it: another takes its place. */
static void
guardian_told(void *arg, int status, const struct rusage *u)
{
	struct local *x = arg;

	(void)u;
	if (WIFSTOPPED(status))
		return;
	loop_child_remove(x->base.loop, &x->guard.child);
	guard_let_go(&x->guard);
	guard_arm(x, LONG_NS);
}

/* Not even prun's environment is the guardian's, but for where its libraries
 * are. */
static char *const *
guardian_env(struct arena *a)
{
	static const char *const names[] = { "LD_LIBRARY_PATH",
		"DYLD_LIBRARY_PATH" };
	char **env = arena_alloc(a, 3 * sizeof(*env));
	size_t n = 0;

	for (size_t i = 0; i < 2; i++)
		if (getenv(names[i]) != NULL)
			env[n++] = arena_printf(
			    a, "%s=%s", names[i], getenv(names[i]));
	env[n] = NULL;
	return env;
}

/* In a session of its own and in no folder; the pid, or -1. */
static pid_t
spawn_guardian(struct local *x, const int fds[3])
{
	/* the program as it is now, also when it has been replaced */
	const char *const paths[] = { "/proc/self/exe", x->guard.program };
	char *argv[] = { (char *)GUARDIAN_NAME, NULL };
	struct arena_mark mark = arena_mark(x->scratch);
	struct spawn s = { .argv = argv,
		.env = guardian_env(x->scratch),
		.dir = "/",
		.own_session = true };
	enum spawn_stage stage;
	pid_t pid = -1;
	int error;

	memcpy(s.fd, fds, sizeof(s.fd));
	for (size_t i = 0; i < 2 && pid < 0; i++) {
		s.path = paths[i];
		pid = spawn_process(&s, &stage, &error);
	}
	arena_release(x->scratch, mark);
	return pid;
}

static void
guard_start(struct local *x)
{
	struct guard *g = &x->guard;
	int table_fd cleanup_close = -1, null_fd cleanup_close = -1;
	int pipe_fd cleanup_close = -1, fds[2];
	pid_t pid;

	g->started++;
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd < 0 || !spawn_memory_open(&table_fd) || !spawn_pipe(fds))
		return;
	pipe_fd = fds[0];
	g->fd = fds[1];
	g->table = guard_table_map(x, table_fd);
	pid = g->table == NULL ? -1
			       : spawn_guardian(x, (const int[]){ pipe_fd,
						       table_fd, null_fd });
	if (pid < 0) {
		if (g->table != NULL)
			guard_let_go(g);
		else
			close(g->fd);
		return;
	}
	g->child = (struct child){
		.pid = pid, .fn = guardian_told, .arg = x, .is_idle = true
	};
	loop_child_add(x->base.loop, &g->child);
	guard_leashes_free(g);
}

/* ---- when ---- */

/* When the oldest job that runs was started; INT64_MAX: none does. */
static int64_t
oldest_start_ns(const struct local *x)
{
	int64_t oldest = INT64_MAX;

	for (const struct job *j = x->jobs; j != NULL; j = j->next)
		if (j->pid > 0 && !j->exited && j->result.start_ns < oldest)
			oldest = j->result.start_ns;
	return oldest;
}

static void
look_at_jobs(uv_timer_t *timer)
{
	struct local *x = timer->data;
	int64_t oldest = oldest_start_ns(x), age;

	if (oldest == INT64_MAX || x->guard.table != NULL)
		return;
	age = clock_mono_ns() - oldest;
	if (age < LONG_NS)
		guard_arm(x, LONG_NS - age);
	else
		guard_start(x);
}

static void
guard_arm(struct local *x, int64_t after_ns)
{
	struct guard *g = &x->guard;

	if (g->started >= STARTS_MAX)
		return;
	if (g->timer == NULL) {
		g->timer = xcalloc(1, sizeof(*g->timer));
		uv_timer_init(loop_uv(x->base.loop), g->timer);
		uv_unref((uv_handle_t *)g->timer);
		g->timer->data = x;
	}
	uv_update_time(g->timer->loop);
	uv_timer_start(
	    g->timer, look_at_jobs, (uint64_t)(after_ns / NS_PER_MS + 1), 0);
}

void
guard_begin(struct local *x)
{
	if (x->guard.program != NULL && x->guard.table == NULL)
		guard_start(x);
}

void
guard_job_started(struct local *x, const struct job *j)
{
	struct guard *g = &x->guard;

	if (g->program == NULL)
		return;
	if (g->table != NULL)
		guard_job(g->table, j);
	else if (g->timer == NULL || !uv_is_active((uv_handle_t *)g->timer))
		guard_arm(x, LONG_NS);
}

/* What stays in its group is still the run's. */
void
guard_job_ended(struct local *x, const struct job *j)
{
	struct guard_table *t = x->guard.table;

	guard_leash_back(&x->guard, j);
	for (uint32_t i = 0; t != NULL && i < t->n; i++) {
		if (t->jobs[i].pid != j->pid || t->jobs[i].until != 0)
			continue;
		if (t->jobs[i].has_group && kill(-j->pid, 0) == 0)
			t->jobs[i].until = procs_start_now();
		else
			guard_table_remove(t, i);
		return;
	}
}

static void
guard_timer_freed(uv_handle_t *timer)
{
	free(timer);
}

void
guard_end(struct local *x)
{
	struct guard *g = &x->guard;

	guard_leashes_free(g);
	if (g->table != NULL) {
		loop_child_remove(x->base.loop, &g->child);
		kill(g->child.pid, SIGKILL);
		while (waitpid(g->child.pid, NULL, 0) < 0 && errno == EINTR)
			;
		guard_let_go(g);
	}
	if (g->timer != NULL)
		uv_close((uv_handle_t *)g->timer, guard_timer_freed);
	g->timer = NULL;
	free(g->program);
}
