/* SPDX-License-Identifier: MIT */
/* Whose processes are whose, from one list to the next (D-5). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/descendants.h"

#include <stdio.h>

#include "unit.h"

struct row {
	pid_t pid, ppid, pgid;
	uint64_t start;
	bool zombie, is_marked;
};

static struct descendants k;

static int
set_up(void **state)
{
	(void)state;
	descendants_add_group(&k, 100, 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	descendants_free(&k);
	k = (struct descendants){ 0 };
	return 0;
}

/* Rows by pid, ended by one of zeros; the pids of the members, in this order.
 */
static const char *
update(const struct row *list)
{
	static char text[256];
	struct sb out cleanup_sb = SB_INIT;
	proc_vec all = { 0 };

	for (; list->pid != 0; list++) {
		struct proc p = { .pid = list->pid,
			.ppid = list->ppid,
			.pgid = list->pgid,
			.start = list->start,
			.zombie = list->zombie,
			.is_marked = list->is_marked };

		vec_push(NULL, &all, p);
	}
	descendants_update(&k, &all);
	for (size_t i = 0; i < all.n; i++)
		for (size_t m = 0; m < k.members.n; m++)
			if (k.members.v[m].pid == all.v[i].pid)
				sb_printf(&out, "%d ", (int)all.v[i].pid);
	vec_free(&all);
	snprintf(text, sizeof(text), "%s", sb_cstr(&out));
	return text;
}

#define LIST(...)                                                              \
	((const struct row[]){ __VA_ARGS__, { 0, 0, 0, 0, false, false } })

static void
group_and_descendants_are_members(void **state)
{
	(void)state;
	assert_string_equal(
	    update(LIST({ 1, 0, 1, 1, 0, 0 }, { 50, 1, 50, 5, 0, 0 },
		{ 100, 50, 100, 9, 0, 0 }, { 101, 100, 100, 9, 0, 0 },
		{ 102, 101, 102, 9, 0, 0 }, { 103, 1, 100, 9, 0, 0 },
		{ 104, 50, 104, 9, 0, 0 }, { 105, 104, 104, 9, 0, 0 })),
	    "100 101 102 103 ");
}

/* By its environment, wherever it is; from then on it is remembered. */
static void
marked_ones_are_members(void **state)
{
	(void)state;
	assert_string_equal(
	    update(LIST({ 1, 0, 1, 1, 0, 0 }, { 102, 1, 102, 9, 0, 1 },
		{ 103, 102, 102, 9, 0, 0 }, { 104, 1, 104, 9, 0, 0 })),
	    "102 103 ");
	assert_string_equal(update(LIST({ 102, 1, 102, 9, 0, 0 })), "102 ");
}

/* Its parent has yet to fetch it: nobody else can have its number. */
static void
leader_that_is_not_fetched_keeps_the_group(void **state)
{
	(void)state;
	update(LIST({ 100, 50, 100, 9, 0, 0 }));
	descendants_leader_gone(&k, 100, 20);
	assert_string_equal(update(LIST({ 100, 1, 100, 9, 1, 0 },
				{ 105, 1, 100, 15, 0, 0 })),
	    "105 ");
	assert_string_equal(update(LIST({ 100, 1, 100, 30, 1, 0 },
				{ 107, 1, 100, 15, 0, 0 })),
	    "");
}

/* Children may have lower pids than their parents. */
static void
order_of_pids_does_not_matter(void **state)
{
	(void)state;
	assert_string_equal(
	    update(LIST({ 2, 3, 2, 9, 0, 0 }, { 3, 4, 3, 9, 0, 0 },
		{ 4, 100, 4, 9, 0, 0 }, { 100, 50, 100, 9, 0, 0 })),
	    "2 3 4 100 ");
}

static void
orphans_are_remembered(void **state)
{
	(void)state;
	update(LIST({ 100, 50, 100, 9, 0, 0 }, { 102, 100, 102, 9, 0, 0 },
	    { 104, 50, 104, 9, 0, 0 }));
	descendants_leader_gone(&k, 100, 20);
	assert_string_equal(
	    update(LIST({ 102, 1, 102, 9, 0, 0 }, { 104, 50, 104, 9, 0, 0 },
		{ 110, 102, 110, 15, 0, 0 })),
	    "102 110 ");
	/* and what they started since, when they are gone as well */
	assert_string_equal(
	    update(LIST({ 110, 1, 110, 15, 0, 0 }, { 111, 1, 111, 15, 0, 0 })),
	    "110 ");
	assert_string_equal(update(LIST({ 111, 1, 111, 15, 0, 0 })), "");
	assert_string_equal(update(LIST({ 110, 1, 110, 15, 0, 0 })), "");
}

static void
orphans_in_a_members_session_are_members(void **state)
{
	(void)state;
	assert_string_equal(
	    update(LIST({ 100, 50, 100, 9, 0, 0 }, { 102, 100, 102, 9, 0, 0 },
		{ 103, 1, 102, 9, 0, 0 }, { 104, 1, 104, 9, 0, 0 })),
	    "100 102 103 ");
	/* its leader ends; another is born in it and loses its parent */
	descendants_leader_gone(&k, 100, 20);
	assert_string_equal(
	    update(LIST({ 103, 1, 102, 9, 0, 0 }, { 105, 1, 102, 30, 0, 0 })),
	    "103 105 ");
}

static void
reused_pid_is_a_stranger(void **state)
{
	(void)state;
	update(LIST({ 100, 50, 100, 9, 0, 0 }, { 102, 100, 102, 9, 0, 0 },
	    { 103, 100, 103, 9, 0, 0 }));
	/* 102: another start; 103: the same second, but a parent that cannot
	 * be, as the former one is alive */
	assert_string_equal(
	    update(LIST({ 100, 50, 100, 9, 0, 0 }, { 102, 1, 102, 12, 0, 0 },
		{ 103, 1, 103, 9, 0, 0 })),
	    "100 ");
}

static void
reused_group_is_a_stranger(void **state)
{
	(void)state;
	update(LIST({ 100, 50, 100, 9, 0, 0 }, { 101, 100, 100, 9, 0, 0 }));
	descendants_leader_gone(&k, 100, 20);
	assert_string_equal(update(LIST({ 101, 1, 100, 9, 0, 0 })), "101 ");
	assert_string_equal(update(LIST({ 2, 1, 2, 1, 0, 0 })), "");
	assert_string_equal(update(LIST({ 100, 1, 100, 15, 0, 0 },
				{ 101, 100, 100, 15, 0, 0 })),
	    "");
	assert_string_equal(update(LIST({ 101, 1, 100, 21, 0, 0 })), "");
}

static void
dead_are_no_members(void **state)
{
	(void)state;
	assert_string_equal(
	    update(LIST({ 100, 50, 100, 9, 1, 0 }, { 102, 100, 102, 9, 1, 0 })),
	    "");
}

static bool
told(pid_t pid)
{
	for (size_t i = 0; i < k.members.n; i++)
		if (k.members.v[i].pid == pid)
			return descendants_is_told_by_another(
			    &k, &k.members.v[i]);
	fail_msg("%d is no member", (int)pid);
	return false;
}

/* never-event 25 */
static void
nested_run_tells_its_own(void **state)
{
	(void)state;
	descendants_add_runner(&k, 101);
	update(LIST({ 100, 50, 100, 9, 0, 0 }, { 101, 100, 100, 9, 0, 0 },
	    { 102, 101, 102, 9, 0, 0 }, { 103, 102, 103, 9, 0, 0 },
	    { 104, 100, 104, 9, 0, 0 }));
	assert_false(told(100));
	assert_false(told(101));
	assert_true(told(102));
	assert_true(told(103));
	assert_false(told(104));
	/* its orphan still, but not once it is dead itself */
	update(LIST({ 100, 50, 100, 9, 0, 0 }, { 101, 100, 100, 9, 0, 0 },
	    { 103, 1, 103, 9, 0, 0 }));
	assert_true(told(103));
	update(LIST({ 100, 50, 100, 9, 0, 0 }, { 103, 1, 103, 9, 0, 0 }));
	assert_false(told(103));
}

int
test_exec_descendants(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(group_and_descendants_are_members),
		T(order_of_pids_does_not_matter),
		T(marked_ones_are_members),
		T(leader_that_is_not_fetched_keeps_the_group),
		T(orphans_are_remembered),
		T(orphans_in_a_members_session_are_members),
		T(reused_pid_is_a_stranger),
		T(reused_group_is_a_stranger),
		T(dead_are_no_members),
		T(nested_run_tells_its_own),
	};

	return cmocka_run_group_tests_name("exec/kin", tests, NULL, NULL);
}
