/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef PRUN_LINUX
#include <sys/prctl.h>
#endif

#include "base/clock.h"
#include "base/io.h"
#include "exec/descendants.h"

/* From TERM to KILL: half of the second in which all has to be over. */
#define MERCY_NS (400 * NS_PER_MS)
/* What is then still there hangs in the kernel. */
#define GIVE_UP_NS (10 * NS_PER_S)
enum {
	LOOK_AGAIN_MS = 10,
	LOOKS_AT_NOBODY = 2, /* one look can miss who was just being made */
};

struct hunt {
	const struct guard_table *table;
	struct descendants kin;
	proc_vec told;    /* who has got TERM */
	int64_t began_ns; /* monotonic */
	bool knows_groups, asked_groups;
};

bool
guardian_is_one(const char *argv0)
{
	return argv0 != NULL && strcmp(argv0, GUARDIAN_NAME) == 0;
}

/* Everything that is sent to a terminal, or to all that is called prun, is not
 * meant for it: it goes when prun has gone. */
static void
ignore_signals(void)
{
	static const int sigs[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGTSTP,
		SIGTTIN, SIGTTOU, SIGPIPE };

	for (size_t i = 0; i < sizeof(sigs) / sizeof(*sigs); i++)
		signal(sigs[i], SIG_IGN);
}

static const struct guard_table *
guardian_table(void)
{
	void *at = mmap(NULL, sizeof(struct guard_table), PROT_READ, MAP_SHARED,
	    GUARDIAN_TABLE_FD, 0);

	dup2(STDERR_FILENO, GUARDIAN_TABLE_FD);
	return at == MAP_FAILED ? NULL : at;
}

static void
await_end_of_prun(void)
{
	char byte;
	ssize_t n;

	do
		n = read(GUARDIAN_PIPE_FD, &byte, 1);
	while (n > 0 || (n < 0 && errno == EINTR));
}

/* At the first look the numbers of live jobs are theirs for sure; from then on
 * they may be free. */
static void
know_groups(struct hunt *h, const proc_vec *all)
{
	const struct guard_table *t = h->table;
	uint32_t n = t->n < GUARDED_MAX ? t->n : GUARDED_MAX;
	uint64_t now = procs_start_now();

	for (uint32_t i = 0; i < n; i++) {
		const struct guarded *g = &t->jobs[i];

		if (g->has_group)
			descendants_add_group(&h->kin, g->pid, g->until);
		for (size_t k = 0; k < all->n && g->until == 0; k++)
			if (all->v[k].pid == g->pid)
				all->v[k].is_marked = true;
	}
	descendants_update(&h->kin, all);
	for (uint32_t i = 0; i < n; i++)
		descendants_leader_gone(&h->kin, t->jobs[i].pid, now);
	h->knows_groups = true;
}

static bool
was_told(const struct hunt *h, const struct proc *p)
{
	for (size_t i = 0; i < h->told.n; i++)
		if (h->told.v[i].pid == p->pid &&
		    h->told.v[i].start == p->start)
			return true;
	return false;
}

/* TERM once, and only from one: a run below passes it on to its own jobs. */
static void
ask_to_end(struct hunt *h, const struct proc *p)
{
	if (was_told(h, p) || descendants_is_told_by_another(&h->kin, p))
		return;
	vec_push(NULL, &h->told, *p);
	proc_signal(p, SIGTERM);
	proc_signal(p, SIGCONT); /* who is stopped hears it then */
}

/* Without a list of processes a job is its group. */
static bool
end_groups(struct hunt *h, bool kills)
{
	const struct guard_table *t = h->table;
	int sig = kills ? SIGKILL : h->asked_groups ? 0 : SIGTERM;
	bool any = false;

	h->asked_groups = true;
	for (uint32_t i = 0; i < t->n && i < GUARDED_MAX; i++) {
		const struct guarded *g = &t->jobs[i];

		any |= g->has_group && g->until == 0 && kill(-g->pid, sig) == 0;
	}
	return any;
}

/* One look at who is there; true: somebody was. */
static bool
end_those_there(struct hunt *h)
{
	struct arena *a cleanup_arena = arena_new();
	bool kills = clock_mono_ns() - h->began_ns >= MERCY_NS;
	proc_vec all;

	if (!procs_list(a, h->table->run, h->table->since, &all))
		return end_groups(h, kills);
	if (h->knows_groups)
		descendants_update(&h->kin, &all);
	else
		know_groups(h, &all);
	/* children before their parents, so that few orphans come to be */
	for (size_t i = h->kin.members.n; i-- > 0;) {
		const struct proc *p = &h->kin.members.v[i];

		if (kills)
			proc_signal(p, SIGKILL);
		else
			ask_to_end(h, p);
	}
	return h->kin.members.n > 0;
}

static void
end_all(const struct guard_table *t)
{
	struct hunt h = { .table = t, .began_ns = clock_mono_ns() };
	int nobody = 0;

	while (nobody < LOOKS_AT_NOBODY &&
	       clock_mono_ns() - h.began_ns < GIVE_UP_NS) {
		nobody = end_those_there(&h) ? 0 : nobody + 1;
		poll(NULL, 0, LOOK_AGAIN_MS);
	}
	vec_free(&h.told);
	descendants_free(&h.kin);
}

int
guardian_main(void)
{
	const struct guard_table *t;

	ignore_signals();
#ifdef PRUN_LINUX
	prctl(PR_SET_NAME, GUARDIAN_NAME);
#endif
	/* what prun itself was started with: its user may wait for the end of it */
	close_from(STDERR_FILENO + 1);
	t = guardian_table();
	if (t == NULL)
		return 1;
	await_end_of_prun();
	end_all(t);
	return 0;
}
