/* SPDX-License-Identifier: MIT */
#include "exec/background.h"

#include <signal.h>
#include <stdlib.h>

#include "unit.h"

struct told {
	struct sb out, err;
	int status;
	unsigned n;
	bool is_cut;
};

static void
on_told(void *arg, const struct background_end *end)
{
	struct told *t = arg;

	sb_addv(&t->out, end->out);
	sb_addv(&t->err, end->err);
	t->status = end->status;
	t->is_cut = end->is_cut;
	t->n++;
}

static struct background *
start(struct loop *l, const char *script, size_t most, struct told *t)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };
	const struct background_options o = {
		.argv = argv, .most = most, .done = on_told, .arg = t
	};
	struct err e cleanup_err = ERR_INIT;
	struct background *b = background_start(l, &o, &e);

	assert_non_null(b);
	return b;
}

static void
told_free(struct told *t)
{
	sb_free(&t->out);
	sb_free(&t->err);
}

static void
its_streams_and_its_end_are_told(void **state)
{
	struct loop *l = loop_new();
	struct told a = { .n = 0 }, b = { .n = 0 }, c = { .n = 0 };

	(void)state;
	start(l, "echo out; echo err >&2; exit 7", 100, &a);
	start(l, "kill -TERM $$", 100, &b);
	/* more than a pipe holds, and than is wanted */
	start(l,
	    "i=0; while [ $i -lt 20000 ]; do echo 12345678; "
	    "i=$((i + 1)); done",
	    10, &c);
	while (loop_turn(l))
		;
	assert_int_equal(a.n, 1);
	assert_int_equal(a.status, 7);
	assert_string_equal(sb_cstr(&a.out), "out\n");
	assert_string_equal(sb_cstr(&a.err), "err\n");
	assert_false(a.is_cut);
	assert_int_equal(b.status, 128 + SIGTERM);
	assert_int_equal(c.status, 0);
	assert_true(c.is_cut);
	assert_string_equal(sb_cstr(&c.out), "12345678\n1");
	told_free(&a);
	told_free(&b);
	told_free(&c);
	loop_free(l);
}

/* Its end counts, not that of what holds its output. */
static void
what_it_leaves_is_not_waited_for(void **state)
{
	struct loop *l = loop_new();
	struct told t = { .n = 0 };

	(void)state;
	start(l, "sleep 1000 & echo $!", 100, &t);
	while (loop_turn(l))
		;
	assert_int_equal(t.n, 1);
	kill((pid_t)strtol(sb_cstr(&t.out), NULL, 10), SIGKILL);
	told_free(&t);
	loop_free(l);
}

static void
one_that_is_stopped_tells_nothing(void **state)
{
	struct loop *l = loop_new();
	struct told t = { .n = 0 };

	(void)state;
	background_stop(start(l, "echo x; sleep 1000", 100, &t));
	while (loop_turn(l))
		;
	assert_int_equal(t.n, 0);
	loop_free(l);
}

static void
a_program_that_is_not_there_is_an_error(void **state)
{
	struct loop *l = loop_new();
	const char *argv[] = { "/no/such/program", NULL };
	const struct background_options o = {
		.argv = argv, .most = 1, .done = on_told
	};
	struct err e cleanup_err = ERR_INIT;

	(void)state;
	assert_null(background_start(l, &o, &e));
	assert_non_null(strstr(e.message, "/no/such/program"));
	assert_false(loop_turn(l));
	loop_free(l);
}

int
test_exec_background(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_streams_and_its_end_are_told),
		cmocka_unit_test(what_it_leaves_is_not_waited_for),
		cmocka_unit_test(one_that_is_stopped_tells_nothing),
		cmocka_unit_test(a_program_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests_name(
	    "exec/background", tests, NULL, NULL);
}
