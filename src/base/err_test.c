/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>

#include "unit.h"

static void
first_error_sticks(void **state)
{
	struct err e cleanup_err = ERR_INIT;

	(void)state;
	assert_false(err_set(&e, ERR_DECODE, "one %d", 1));
	assert_false(err_set(&e, ERR_PARSE, "two"));
	assert_false(err_sys(&e, ENOENT, "three"));
	assert_int_equal(e.code, ERR_DECODE);
	assert_string_equal(e.message, "one 1");
}

static void
wraps_keep_code_and_status(void **state)
{
	struct err e cleanup_err = ERR_INIT;

	(void)state;
	err_set_status(&e, 7);
	err_wrap(&e, "task: Failed to run task \"%s\": ", "a");
	assert_string_equal(e.message,
	    "task: Failed to run task \"a\": exit status 7");
	assert_int_equal(e.status, 7);
	assert_int_equal(e.code, ERR_TASK_FAILED);
	assert_int_equal(err_exit_status(e.code), 201);
}

static void
system_errors_read_as_in_go(void **state)
{
	struct err e cleanup_err = ERR_INIT;

	(void)state;
	err_sys(&e, ENOENT, "open %s", "x");
	assert_string_equal(e.message, "open x: no such file or directory");
	assert_int_equal(e.code, ERR_GENERIC);
}

static void
copies_are_independent(void **state)
{
	struct err e cleanup_err = ERR_INIT, copy cleanup_err = ERR_INIT;
	struct err moved cleanup_err = ERR_INIT;

	(void)state;
	err_set(&e, ERR_GENERIC, "text");
	err_copy(&copy, &e);
	err_move(&moved, &e);
	assert_false(err_is_set(&e));
	assert_string_equal(copy.message, "text");
	assert_string_equal(moved.message, "text");
	assert_ptr_not_equal(copy.message, moved.message);
}

int
test_base_err(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_error_sticks),
		cmocka_unit_test(wraps_keep_code_and_status),
		cmocka_unit_test(system_errors_read_as_in_go),
		cmocka_unit_test(copies_are_independent),
	};

	return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
