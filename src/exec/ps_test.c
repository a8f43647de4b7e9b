/* SPDX-License-Identifier: MIT */
/* What is read of ps (D-5). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/ps.h"

#include <unistd.h>

#include "base/clock.h"
#include "unit.h"

static struct arena *a;
static proc_vec all;

static int
set_up(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static void
lines_become_processes_by_pid(void **state)
{
	(void)state;
	ps_parse(a, SV("  412   411   400 Ss   Sat Nov 21 13:04:08 2026\n"
	    "    7     1     7 Z+ Sun Feb  1 03:00:59 2026  \n"), &all);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.v[0].pid, 7);
	assert_true(all.v[0].zombie);
	assert_int_equal(all.v[1].pid, 412);
	assert_int_equal(all.v[1].ppid, 411);
	assert_int_equal(all.v[1].pgid, 400);
	assert_false(all.v[1].zombie);
	/* date -u -d @1795266248 */
	assert_true(all.v[1].start == ps_start_of(1795266248 * NS_PER_S));
	assert_true(all.v[0].start < all.v[1].start);
}

static void
later_is_greater(void **state)
{
	uint64_t before = 0;

	(void)state;
	/* a day in steps of a minute and a second, across a new year */
	for (int64_t s = 1798700000; s < 1798800000; s += 61) {
		uint64_t now = ps_start_of(s * NS_PER_S);

		assert_true(now > before);
		before = now;
	}
}

static void
lines_without_sense_are_left_out(void **state)
{
	(void)state;
	ps_parse(a, SV("PID PPID PGID STAT STARTED\n"
	    "1 0 1 S Sat Nov 21 13:04:08\n"
	    "1 0 1 S Sat Nov 21 13:04:08 2026 sh\n"
	    "0 0 0 S Sat Nov 21 13:04:08 2026\n"
	    "-1 0 0 S Sat Nov 21 13:04:08 2026\n"
	    "1 0 1 S Sat Nox 21 13:04:08 2026\n"
	    "1 0 1 S Sat ovD 21 13:04:08 2026\n"
	    "1 0 1 S Sat Nov 21 13-04-08 2026\n"
	    "1 0 1 S Sat Nov 21 13:04: 2026\n"
	    "\n   \n1"), &all);
	assert_int_equal(all.n, 0);
	ps_parse(a, SV(""), &all);
	assert_int_equal(all.n, 0);
}

static void
this_process_is_in_the_list(void **state)
{
	struct proc *me = NULL;

	(void)state;
	if (access("/bin/ps", X_OK) != 0 && access("/usr/bin/ps", X_OK) != 0)
		skip();
	assert_true(ps_list(a, &all));
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].pid == getpid())
			me = &all.v[i];
	assert_non_null(me);
	assert_int_equal(me->ppid, getppid());
	assert_int_equal(me->pgid, getpgrp());
	assert_true(me->start <= ps_start_of(clock_real_ns() + NS_PER_S));
	assert_true(me->start > ps_start_of(clock_real_ns() - 3600 * NS_PER_S));
}

int
test_exec_ps(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(lines_become_processes_by_pid),
		T(later_is_greater),
		T(lines_without_sense_are_left_out),
		T(this_process_is_in_the_list),
	};

	return cmocka_run_group_tests_name("exec/ps", tests, NULL, NULL);
}
