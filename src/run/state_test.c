/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "run/internal.h"

enum {
	STATES_N = STATE_DONE + 1
};

/* Where a call can come to from `from`, itself apart unless it comes back. */
static void
reach(bool seen[STATES_N], enum state from)
{
	for (int to = 0; to < STATES_N; to++)
		if (call_may_go(from, (enum state)to) && !seen[to]) {
			seen[to] = true;
			reach(seen, (enum state)to);
		}
}

static void
every_state_is_reached_and_leads_to_the_end(void **state)
{
	bool from_new[STATES_N] = { false };

	(void)state;
	reach(from_new, STATE_NEW);
	assert_false(from_new[STATE_NEW]);
	for (int s = 1; s < STATES_N; s++) {
		bool on[STATES_N] = { false };

		if (!from_new[s])
			fail_msg("%s", call_state_name((enum state)s));
		if (s == STATE_DONE)
			continue;
		reach(on, (enum state)s);
		if (!on[STATE_DONE])
			fail_msg("%s", call_state_name((enum state)s));
	}
}

static void
done_is_the_end(void **state)
{
	(void)state;
	for (int to = 0; to < STATES_N; to++)
		assert_false(call_may_go(STATE_DONE, (enum state)to));
}

/* L-196: what was started is waited for, what was deferred is run, and no
 * second attempt (P-110) takes locks or deps again. */
static void
commands_end_by_their_defers(void **state)
{
	static const enum state running[] = { STATE_CMDS, STATE_CMD_IF,
		STATE_CMD_JOB, STATE_CMD_CALLS, STATE_WAIT, STATE_DEFERS };
	bool on[STATES_N] = { false };

	(void)state;
	for (size_t i = 0; i < sizeof(running) / sizeof(running[0]); i++) {
		assert_false(call_may_go(running[i], STATE_DONE));
		assert_false(call_may_go(running[i], STATE_RETRY));
	}
	assert_false(call_may_go(STATE_CMDS, STATE_AFTER));
	reach(on, STATE_RETRY);
	assert_false(on[STATE_NEW]);
	assert_false(on[STATE_ONCE]);
	assert_false(on[STATE_DEPS]);
	assert_false(on[STATE_LOCK]);
}

static void
names_are_those_of_the_states(void **state)
{
	(void)state;
	assert_string_equal(call_state_name(STATE_NEW), "NEW");
	assert_string_equal(call_state_name(STATE_CMD_JOB), "CMD_JOB");
	assert_string_equal(call_state_name(STATE_DONE), "DONE");
}

/* Each time its state is entered a list is asked from its beginning, commands
 * go on where they were. */
static void
lists_are_asked_from_their_beginning(void **state)
{
	struct live_call lc = { .state = STATE_LOCK, .next_question = 7 };

	(void)state;
	call_enter(&lc, STATE_PRECONDITIONS);
	assert_int_equal(lc.state, STATE_PRECONDITIONS);
	assert_int_equal(lc.next_question, 0);
	lc.next_question = 3;
	call_enter(&lc, STATE_STATUS);
	assert_int_equal(lc.next_question, 0);
	lc.state = STATE_CMD_JOB;
	lc.next_cmd = 2;
	call_enter(&lc, STATE_CMDS);
	assert_int_equal(lc.next_cmd, 2);
}

int
test_run_state(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_is_reached_and_leads_to_the_end),
		cmocka_unit_test(done_is_the_end),
		cmocka_unit_test(commands_end_by_their_defers),
		cmocka_unit_test(names_are_those_of_the_states),
		cmocka_unit_test(lists_are_asked_from_their_beginning),
	};

	return cmocka_run_group_tests_name("run/state", tests, NULL, NULL);
}
