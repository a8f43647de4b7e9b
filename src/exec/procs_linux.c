/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/procs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

/* The fields behind the name, which may hold blanks and parentheses. */
static bool
parse_stat(char *text, struct proc *p)
{
	char *at = strrchr(text, ')');
	uint64_t field[22] = { 0 };

	if (at == NULL || at[1] != ' ' || at[2] == '\0')
		return false;
	p->zombie = at[2] == 'Z' || at[2] == 'X';
	at += 3;
	/* field 4 is the parent, 5 the group, 14-17 cpu times, 20 the number of
	 * threads, 22 the start */
	for (int i = 4; i <= 22; i++) {
		uint64_t n = strtoull(at, &at, 10);

		if (i - 1 < 22)
			field[i - 1] = n;
	}
	p->ppid = (pid_t)field[3];
	p->pgid = (pid_t)field[4];
	p->ticks = field[13] + field[14] + field[15] + field[16];
	p->threads = (unsigned)field[19];
	p->start = field[21];
	return true;
}

static bool
read_stat(pid_t pid, struct proc *p)
{
	char path[64], text[1024];
	int fd cleanup_close = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	*p = (struct proc){ .pid = pid, .root = -1 };
	return parse_stat(text, p);
}

static int
procs_by_pid(const void *a, const void *b)
{
	const struct proc *p = a, *q = b;

	return (p->pid > q->pid) - (p->pid < q->pid);
}

static int
by_depth(const void *a, const void *b)
{
	const struct proc *p = a, *q = b;

	return (p->depth > q->depth) - (p->depth < q->depth);
}

static void
procs_read_all(struct arena *a, proc_vec *all)
{
	DIR *dir cleanup_dir = opendir("/proc");
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		struct proc p;
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (pid > 0 && *end == '\0' && read_stat((pid_t)pid, &p))
			vec_push(a, all, p);
	}
}

/* Depth below `self`, or 0; `guard` ends a loop that a race might show. */
static int
depth_of(const proc_vec *all, const struct proc *p, pid_t self, int guard)
{
	struct proc key = { .pid = p->ppid };
	const struct proc *parent;
	int depth;

	if (p->ppid == self)
		return 1;
	if (p->ppid <= 1 || guard > 10000)
		return 0;
	parent = bsearch(&key, all->v, all->n, sizeof(key), procs_by_pid);
	if (parent == NULL)
		return 0;
	depth = parent->depth != 0 ? parent->depth :
	    depth_of(all, parent, self, guard + 1);
	return depth > 0 ? depth + 1 : 0;
}

static void
find_roots(proc_vec *below)
{
	for (size_t i = 0; i < below->n; i++) {
		below->v[i].root = (int)i;
		for (size_t k = 0; below->v[i].depth > 1 && k < i; k++)
			if (below->v[k].pid == below->v[i].ppid)
				below->v[i].root = below->v[k].root;
	}
}

void
procs_below(struct arena *a, proc_vec *out)
{
	proc_vec all = { 0 };
	pid_t self = getpid();

	*out = (proc_vec){ 0 };
	procs_read_all(a, &all);
	qsort(all.v, all.n, sizeof(*all.v), procs_by_pid);
	for (size_t i = 0; i < all.n; i++) {
		all.v[i].depth = depth_of(&all, &all.v[i], self, 0);
		if (all.v[i].depth > 0)
			vec_push(a, out, all.v[i]);
	}
	if (out->n > 0)
		qsort(out->v, out->n, sizeof(*out->v), by_depth);
	find_roots(out);
}

/* ---- cpu time, from parents to children ---- */

static bool add_ticks_below(pid_t pid, unsigned threads, uint64_t *ticks);

/* "PID PID …" of those that one thread has made. */
static bool
read_children(pid_t pid, const char *thread, struct sb *out)
{
	char path[96];
	int fd cleanup_close = -1;
	ssize_t n;

	snprintf(
	    path, sizeof(path), "/proc/%d/task/%s/children", (int)pid, thread);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	do {
		sb_reserve(out, 1024);
		n = read(fd, out->p + out->n, 1024);
		out->n += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	return n == 0;
}

/* A process may go meanwhile. */
static bool
add_ticks_of_thread(pid_t pid, const char *thread, uint64_t *ticks)
{
	struct sb list cleanup_sb = SB_INIT;
	struct proc p;
	char *next;
	long child;

	if (!read_children(pid, thread, &list))
		return false;
	sb_cstr(&list);
	next = list.p;
	while ((child = strtol(next, &next, 10)) > 0)
		if (read_stat((pid_t)child, &p)) {
			*ticks += p.ticks;
			add_ticks_below(p.pid, p.threads, ticks);
		}
	return true;
}

static bool
add_ticks_below(pid_t pid, unsigned threads, uint64_t *ticks)
{
	char path[64], own[24];
	DIR *dir cleanup_dir = NULL;
	struct dirent *entry;
	bool told = false;

	snprintf(own, sizeof(own), "%d", (int)pid);
	if (threads == 1)
		return add_ticks_of_thread(pid, own, ticks);
	snprintf(path, sizeof(path), "/proc/%s/task", own);
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			told |= add_ticks_of_thread(pid, entry->d_name, ticks);
	return told;
}

bool
procs_ticks_below(uint64_t *ticks)
{
	*ticks = 0;
	return add_ticks_below(getpid(), 0, ticks);
}

/* ---- marks in environments ---- */

/* The entry of its environment that begins with the mark and ends there or goes
 * on with `next`; empty: none. */
static sv
marked_entry(struct arena *a, const struct proc *p, sv mark, char next)
{
	char *path = arena_printf(a, "/proc/%d/environ", (int)p->pid);
	struct err e cleanup_err = ERR_INIT;
	sv env, entry;
	bool more = true;

	if (!read_file(a, path, &env, &e))
		return (sv){ "", 0 };
	while (more) {
		more = sv_cut(env, '\0', &entry, &env);
		if (sv_starts(entry, mark) &&
		    (entry.n == mark.n || entry.p[mark.n] == next))
			return entry;
	}
	return (sv){ "", 0 };
}

/* A job of the run is named in its PRUN_JOB, and maybe a run below that. */
static void
look_for_run(struct proc *p, sv run)
{
	struct arena *a cleanup_arena = arena_new();
	sv rest, job = { "", 0 };
	bool more;

	rest = marked_entry(a, p, SV("PRUN_JOB"), '=');
	more = rest.n > 0 && sv_cut(rest, '=', &job, &rest);
	while (more && !p->is_marked) {
		more = sv_cut(rest, '/', &job, &rest);
		p->is_marked = sv_starts(job, run);
	}
	if (p->is_marked && more)
		p->runner = (pid_t)strtol(sv_cstr(a, rest), NULL, 10);
}

bool
procs_list(struct arena *a, const char *run, uint64_t since, proc_vec *out)
{
	*out = (proc_vec){ 0 };
	procs_read_all(a, out);
	if (out->n == 0)
		return false;
	qsort(out->v, out->n, sizeof(*out->v), procs_by_pid);
	for (size_t i = 0; i < out->n; i++)
		if (out->v[i].start >= since && !out->v[i].zombie)
			look_for_run(&out->v[i], sv_of(run));
	return true;
}

uint64_t
procs_start_now(void)
{
	long hz = sysconf(_SC_CLK_TCK);
	struct timespec boot;

	if (hz <= 0 || clock_gettime(CLOCK_BOOTTIME, &boot) != 0)
		return 0;
	return (uint64_t)boot.tv_sec * (uint64_t)hz +
	       (uint64_t)(boot.tv_nsec / (NS_PER_S / hz));
}

bool
proc_has_mark(const struct proc *p, sv mark)
{
	struct arena *a cleanup_arena = arena_new();

	return marked_entry(a, p, mark, '/').n > 0;
}

pid_t
proc_runner_below(const struct proc *p, sv mark)
{
	struct arena *a cleanup_arena = arena_new();
	sv entry = marked_entry(a, p, mark, '/');

	if (entry.n <= mark.n + 1)
		return 0;
	return (pid_t)strtol(sv_cstr(a, sv_sub(entry, mark.n + 1, SIZE_MAX)),
	    NULL, 10);
}

bool
proc_ignores(const struct proc *p, int sig)
{
	char path[64], text[4096];
	int fd cleanup_close = -1;
	const char *at;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)p->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	at = strstr(text, "\nSigIgn:");
	return at != NULL &&
	       (strtoull(at + strlen("\nSigIgn:"), NULL, 16) >> (sig - 1) & 1);
}

void
proc_signal(const struct proc *p, int sig)
{
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_send_signal)
	int fd cleanup_close = (int)syscall(SYS_pidfd_open, p->pid, 0);
	struct proc now;

	if (fd >= 0) {
		/* The descriptor holds one process; is it the one we mean? */
		if (read_stat(p->pid, &now) && now.start == p->start)
			syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
		return;
	}
	if (errno != ENOSYS && errno != EPERM)
		return;
#endif
	kill(p->pid, sig);
}
