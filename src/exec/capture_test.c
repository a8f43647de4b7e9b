/* SPDX-License-Identifier: MIT */
#include "exec/capture.h"

#include <string.h>

#include "base/clock.h"
#include "unit.h"

static struct arena *a;
static sv out, err;
static int status;

static int
set_up(void **state)
{
	(void)state;
	a = arena_new();
	out = err = (sv){ 0 };
	status = -1;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static bool
run(struct capture c, const char *script)
{
	struct err e cleanup_err = ERR_INIT;
	const char *argv[] = { "sh", "-c", script, NULL };

	c.argv = argv;
	return capture_run(a, &c, &status, &out, &err, &e);
}

static void
both_streams_and_the_status_come_back(void **state)
{
	(void)state;
	assert_true(run((struct capture){ 0 }, "echo a; echo b >&2; exit 3"));
	assert_true(sv_is(out, "a\n"));
	assert_true(sv_is(err, "b\n"));
	assert_int_equal(status, 3);
	assert_true(run((struct capture){ 0 }, "kill -9 $$"));
	assert_int_equal(status, 137);
	assert_true(run((struct capture){ .dir = "/" }, "pwd; cat"));
	assert_true(sv_is(out, "/\n"));
}

/* C-614: at the deadline the program is ended, and that is said. */
static void
a_deadline_ends_the_program(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	const char *argv[] = { "sh", "-c", "echo a; exec sleep 100", NULL };
	struct capture c = { .argv = argv,
		.deadline_ns = clock_mono_ns() + 50 * NS_PER_MS };

	(void)state;
	assert_false(capture_run(a, &c, &status, &out, &err, &e));
	assert_int_equal(e.code, ERR_FETCH_TIMEOUT);
	assert_int_equal(status, 128 + 15);
	assert_true(sv_is(out, "a\n"));
}

/* Neither side waits for the other, however much there is of each. */
static void
large_input_and_output_do_not_block(void **state)
{
	size_t n = 3 << 20;
	char *big = arena_alloc(a, n);

	(void)state;
	memset(big, 'x', n);
	assert_true(run((struct capture){ .input = { big, n } },
	    "head -c 2000000 /dev/zero >&2; cat; head -c 2000000 /dev/zero >&2"));
	assert_int_equal(status, 0);
	assert_int_equal(out.n, n);
	assert_memory_equal(out.p, big, n);
	assert_int_equal(err.n, 4000000);
}

static void
unwanted_input_is_no_error(void **state)
{
	size_t n = 1 << 20;
	char *big = arena_alloc(a, n);

	(void)state;
	assert_true(run((struct capture){ .input = { big, n } },
	    "exec <&-; echo done"));
	assert_int_equal(status, 0);
	assert_true(sv_is(out, "done\n"));
}

/* A program that leaves a child with its pipe behind (git's own upkeep). */
static void
child_left_behind_is_not_waited_for(void **state)
{
	(void)state;
	assert_true(run((struct capture){ 0 }, "sleep 60 & echo $!"));
	assert_true(out.n > 1);
	assert_true(run((struct capture){ 0 }, arena_printf(a, "kill %.*s",
	    (int)out.n - 1, out.p)));
	assert_int_equal(status, 0);
}

static void
more_than_is_wanted_is_not_kept(void **state)
{
	(void)state;
	assert_true(run((struct capture){ .most = 1000 }, "exec yes"));
	assert_int_equal(status, 128 + 13);
	assert_true(out.n > 1000 && out.n < 1000000);
}

static void
failed_starts_have_a_message(void **state)
{
	const char *argv[] = { "no-such-program", NULL };
	const char *shell[] = { "sh", NULL };
	struct capture c = { .argv = argv };
	struct err e = ERR_INIT;

	(void)state;
	assert_false(capture_run(a, &c, &status, &out, NULL, &e));
	assert_string_equal(e.message, "exec: \"no-such-program\": "
	    "executable file not found in $PATH");
	err_clear(&e);
	c = (struct capture){ .argv = shell, .dir = "/no/such/dir" };
	assert_false(capture_run(a, &c, &status, &out, NULL, &e));
	assert_string_equal(e.message,
	    "chdir /no/such/dir: no such file or directory");
	err_clear(&e);
}

static void
environment_is_the_one_given(void **state)
{
	char *const env[] = { (char *)"PATH=/bin:/usr/bin", (char *)"X=y",
		NULL };

	(void)state;
	assert_true(run((struct capture){ .env = env }, "echo $X$HOME"));
	assert_true(sv_is(out, "y\n"));
}

static void
several_run_side_by_side(void **state)
{
	const char *argv[3][4] = {
		{ "sh", "-c", "echo a; exec sleep 100", NULL },
		{ "sh", "-c", "cat; echo b >&2; exit 3", NULL },
		{ "sh", "-c", "head -c 200000 /dev/zero", NULL },
	};
	struct err e cleanup_err = ERR_INIT;
	struct capture_job *jobs[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct capture c = { .argv = argv[i], .input = SV("in") };

		jobs[i] = capture_start(a, &c, &e);
		assert_non_null(jobs[i]);
	}
	/* the first is not done, so one of the others is */
	capture_wait(jobs, 3);
	assert_false(capture_is_done(jobs[0]));
	assert_true(capture_is_done(jobs[1]) || capture_is_done(jobs[2]));
	assert_true(capture_finish(jobs[1], &status, &out, &err, &e));
	assert_int_equal(status, 3);
	assert_true(sv_is(out, "in") && sv_is(err, "b\n"));
	assert_true(capture_finish(jobs[2], &status, &out, &err, &e));
	assert_int_equal(out.n, 200000);
	capture_stop(jobs[0]);
	assert_false(capture_finish(jobs[0], &status, &out, &err, &e));
	assert_int_equal(e.code, ERR_FETCH_TIMEOUT);
	assert_int_equal(status, 128 + 15);
}

int
test_exec_capture(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(both_streams_and_the_status_come_back),
		T(large_input_and_output_do_not_block),
		T(unwanted_input_is_no_error),
		T(child_left_behind_is_not_waited_for),
		T(more_than_is_wanted_is_not_kept),
		T(failed_starts_have_a_message),
		T(a_deadline_ends_the_program),
		T(environment_is_the_one_given),
		T(several_run_side_by_side),
	};

	return cmocka_run_group_tests_name("exec/capture", tests, NULL, NULL);
}
