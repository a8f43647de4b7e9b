/* SPDX-License-Identifier: MIT */
/*
 * Sessions that are killed at random moments, and many at once.  POOL_KILLS
 * says how many are killed, POOL_SEED which moments those are.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "pool_world.h"

static long
number_from_env(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtol(text, NULL, 10) : otherwise;
}

static void
sleep_ms(long ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * NS_PER_MS };

	nanosleep(&t, NULL);
}

/* Stops a process and all that it has started, then kills them all: what is
 * killed by its parent only would go on. */
static void
kill_tree(pid_t pid)
{
	char path[64], *text = NULL, *at, *end;
	FILE *f cleanup_file = NULL;
	size_t size = 0;

	kill(pid, SIGSTOP);
	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)pid,
	    (long)pid);
	f = fopen(path, "r");
	if (f != NULL && getline(&text, &size, f) > 0)
		for (at = text;; at = end) {
			long child = strtol(at, &end, 10);

			if (end == at)
				break;
			kill_tree((pid_t)child);
		}
	free(text);
	kill(pid, SIGKILL);
}

/* What is the user's: all of it must be there afterwards, byte for byte. */
static const char users_state[] =
    "cat .git/config .git/HEAD; git stash list; git status --porcelain; "
    "cksum .git/index .git/worktrees/users/index; cat a ../users/a; "
    "git for-each-ref | grep -v 'refs/prun/kept\\|heads/worktree-wt-'; "
    "git -C ../users status --porcelain; ls .git/hooks; "
    "cat .git/worktrees/users/HEAD .git/worktrees/users/locked";

static void
make_users_things(struct world *w)
{
	world_sh(w, "repo",
	    "git branch mine; git tag v1; echo 1 >a; "
	    "git stash -q; echo 2 >a; git stash -q; echo 3 >a; git add a; "
	    "echo 4 >a; git worktree add -q ../users -b users; "
	    "git worktree lock --reason mine ../users; "
	    "echo 5 >../users/a; git -C ../users add a; "
	    "git config branch.mine.remote .; "
	    "git status >/dev/null; git -C ../users status >/dev/null");
}

/* ---- killed ---- */

static void
fail_child(const struct err *e)
{
	fprintf(stderr, "child: %s\n", e->message ? e->message : "?");
	_exit(1);
}

/* Works until it is killed.  What it commits is noted, by a shell that has the
 * lease as well, as a test of a session would. */
static void
work(struct world *w)
{
	struct err e = ERR_INIT;
	struct pool_tree t;
	bool busy;

	for (int round = 0;; round++) {
		if (!pool_lease(&w->p, &t, &busy, &e)) {
			if (err_is_set(&e))
				fail_child(&e);
			sleep_ms(5); /* an orphan has them all */
			continue;
		}
		if (!pool_ready(&w->p, &t, "test", &e))
			fail_child(&e);
		fcntl(t.lease_fd, F_SETFD, 0);
		world_sh(w, arena_printf(w->t.a, "repo-worktrees/%s", t.name),
		    "echo x >x; git add x; "
		    "git -c maintenance.auto=false commit -qm x; "
		    "git rev-parse HEAD >>../../commits; "
		    "[ $$ -lt 0 ] || git checkout -q HEAD~");
		fcntl(t.lease_fd, F_SETFD, FD_CLOEXEC);
		if (round % 3 == 2)
			pool_drop(&t);
		else if (!pool_release(&w->p, &t, NULL, &e))
			fail_child(&e);
		if (round % 4 == 3 && !pool_remove(&w->p, true, &e))
			fail_child(&e);
	}
}

/* Nobody has a lease, nothing is half made. */
static bool
is_settled(struct world *w)
{
	pool_entries list;

	pool_list(&w->p, &list);
	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].state != POOL_FREE)
			return false;
	return true;
}

static void
recover(struct world *w)
{
	int64_t until = clock_mono_ns() + 30 * NS_PER_S;
	struct err e cleanup_err = ERR_INIT;

	do {
		if (!pool_recover(&w->p, &e))
			world_failed(&e);
		if (clock_mono_ns() > until) {
			print_error("%s\n", sb_cstr(&w->said));
			fail_msg("not recovered within 30 s");
		}
		sleep_ms(5);
	} while (!is_settled(w));
}

static void
check_after_kill(struct world *w, const char *before)
{
	static const char script[] =
	    "find .git -name '*.lock'; git worktree list | sed 1d | "
	    "grep -v '/users ' | wc -l; git branch --list 'worktree-*'; "
	    "ls -d .git/prun 2>/dev/null || echo none; "
	    "ls -A ../repo-worktrees 2>/dev/null || echo none; "
	    "git fsck --connectivity-only 2>&1 | grep -v '^dangling\\|notice' "
	    "|| :; "
	    "touch ../commits; git rev-list --glob=refs/prun/kept >../kept; "
	    "for c in $(cat ../commits); do grep -q $c ../kept || echo lost "
	    "$c; "
	    "done";
	struct err e cleanup_err = ERR_INIT;

	if (!pool_remove(&w->p, true, &e))
		world_failed(&e);
	assert_string_equal(before, world_sh(w, "repo", users_state));
	assert_string_equal(world_sh(w, "repo", script), "0\nnone\nnone");
	world_sh(w, "repo", "rm -f ../commits");
}

static void
killed_sessions_leave_nothing(void **state)
{
	long kills = number_from_env("POOL_KILLS", 6);
	long seed = number_from_env("POOL_SEED", (long)time(NULL));
	struct world w cleanup_world;
	const char *before;

	(void)state;
	print_message("# seed %ld, %ld kills\n", seed, kills);
	srandom((unsigned)seed);
	world_open(&w);
	make_users_things(&w);
	before = world_sh(&w, "repo", users_state);
	for (long i = 0; i < kills; i++) {
		int status;
		pid_t pid;

		w.p.session = arena_printf(w.t.a, "20991121-094617-%06ld", i);
		w.p.kind = i % 4 == 3 ? POOL_CLONE : POOL_WORKTREE;
		fflush(NULL);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			work(&w);
		sleep_ms(random() % 700);
		/* by turns with the gits that it has started, too */
		if (i % 2 == 1)
			kill_tree(pid);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status)); /* it had no error */
		w.p.session = arena_printf(w.t.a, "20991121-104617-%06ld", i);
		recover(&w);
		check_after_kill(&w, before);
		sb_clear(&w.said);
	}
}

/* ---- many at once ---- */

/* Two tests, each alone in its tree. */
static void
use_twice(struct world *w)
{
	struct err e = ERR_INIT;
	struct pool_tree t;

	for (int round = 0; round < 2; round++) {
		const char *dir, *mine;

		if (!pool_lease_wait(
			&w->p, clock_mono_ns() + 100 * NS_PER_S, &t, &e) ||
		    !pool_ready(&w->p, &t, "test", &e))
			fail_child(&e);
		dir = arena_printf(w->t.a, "repo-worktrees/%s", t.name);
		mine = world_sh(w, dir,
		    arena_printf(w->t.a,
			"mkdir ../../alone-%s; git status --porcelain "
			"--ignored; "
			"cat a; echo %ld >a; echo %ld >new; git commit -qam "
			"%d; "
			"cat a new; rmdir ../../alone-%s",
			t.name, (long)getpid(), (long)getpid(), round, t.name));
		if (strcmp(mine, arena_printf(w->t.a, "a\n%ld\n%ld",
				     (long)getpid(), (long)getpid())) != 0) {
			fprintf(stderr, "child: %s\n", mine);
			_exit(1);
		}
		if (!pool_release(&w->p, &t, NULL, &e))
			fail_child(&e);
	}
	_exit(0);
}

static void
many_sessions_at_once_are_apart(void **state)
{
	enum {
		SESSIONS = 20
	};
	struct world w cleanup_world;
	struct err e cleanup_err = ERR_INIT;
	const char *before;
	pid_t pids[SESSIONS];
	int status;

	(void)state;
	world_open(&w);
	make_users_things(&w);
	w.p.size = 6;
	before = world_sh(&w, "repo", users_state);
	fflush(NULL);
	for (int i = 0; i < SESSIONS; i++) {
		w.p.session = arena_printf(w.t.a, "20991121-094617-%06d", i);
		w.p.kind = i % 10 == 9 ? POOL_CLONE : POOL_WORKTREE;
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			use_twice(&w);
	}
	for (int i = 0; i < SESSIONS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_true(is_settled(&w));
	assert_string_equal(before, world_sh(&w, "repo", users_state));
	/* one commit each */
	assert_string_equal(
	    world_sh(&w, "repo",
		"git log --format=%s "
		"--no-merges --glob=refs/prun/kept | grep -c '^[01]$'"),
	    "40");
	assert_true(pool_remove(&w.p, true, &e));
}

int
test_vcs_pool_kill(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_sessions_leave_nothing),
		cmocka_unit_test(many_sessions_at_once_are_apart),
	};

	return cmocka_run_group_tests_name("vcs/pool_kill", tests, NULL, NULL);
}
