/* SPDX-License-Identifier: MIT */
#include "exec/errand.h"

#include <stdlib.h>

#include "base/clock.h"
#include "unit.h"

extern char **environ;

struct brought {
	struct arena *a;
	unsigned times;
	int status;
	const char *out, *err;
	bool too_much, too_late;
};

static void
on_brought(void *arg, const struct errand_end *end)
{
	struct brought *b = arg;

	b->times++;
	b->status = end->status;
	b->out = sv_cstr(b->a, end->out);
	b->err = sv_cstr(b->a, end->err);
	b->too_much = end->too_much;
	b->too_late = end->too_late;
}

static struct errand *
send_for(struct loop *l, const char *script, const char *input, size_t most,
    struct brought *b)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	struct errand_options o = { .argv = argv,
		.env = environ,
		.input = sv_of(input),
		.most = most,
		.timeout_ns = most == 7 ? 50 * NS_PER_MS : 20 * NS_PER_S };
	struct err e cleanup_err = ERR_INIT;
	struct errand *r = errand_start(l, &o, on_brought, b, &e);

	assert_non_null(r);
	return r;
}

static struct brought
fetch_from(const char *script, const char *input, size_t most)
{
	struct loop *l = loop_new();
	struct brought b = { .a = arena_new() };

	send_for(l, script, input, most, &b);
	while (b.times == 0)
		assert_true(loop_turn(l));
	loop_free(l);
	assert_int_equal(b.times, 1);
	return b;
}

static void
it_brings_what_was_printed_and_how_it_ended(void **state)
{
	struct brought b = fetch_from("cat; echo no >&2; exit 3", "a\nb", 1024);

	(void)state;
	assert_string_equal(b.out, "a\nb");
	assert_string_equal(b.err, "no\n");
	assert_int_equal(b.status, 3);
	assert_false(b.too_much || b.too_late);
	arena_free(b.a);
}

static void
one_that_prints_too_much_is_killed(void **state)
{
	struct brought b =
	    fetch_from("while :; do echo xxxxxxxx; done", "", 100000);

	(void)state;
	assert_true(b.too_much);
	assert_int_equal(b.status, 128 + 9);
	assert_true(strlen(b.out) <= 100000);
	arena_free(b.a);
}

static void
one_that_takes_too_long_is_killed_with_its_children(void **state)
{
	struct brought b = fetch_from("sleep 60 & wait", "", 7);

	(void)state;
	assert_true(b.too_late);
	assert_int_equal(b.status, 128 + 9);
	arena_free(b.a);
}

/* Its end is the end, whoever holds its streams. */
static void
what_it_leaves_running_is_not_waited_for(void **state)
{
	int64_t began = clock_mono_ns();
	struct brought b = fetch_from("sleep 10 & echo $!", "", 1024);
	struct brought killed;

	(void)state;
	assert_true(clock_mono_ns() - began < 8 * NS_PER_S);
	killed = fetch_from(
	    arena_printf(b.a, "kill %.*s", (int)strcspn(b.out, "\n"), b.out),
	    "", 1024);
	assert_int_equal(killed.status, 0);
	arena_free(b.a);
	arena_free(killed.a);
}

static void
many_run_side_by_side_and_can_be_stopped(void **state)
{
	struct loop *l = loop_new();
	struct brought b = { .a = arena_new() }, none = { .a = b.a };
	struct errand *stopped[5];

	(void)state;
	for (int i = 0; i < 5; i++) {
		send_for(l, "echo x", "", 1024, &b);
		stopped[i] = send_for(l, "sleep 60", "", 1024, &none);
	}
	while (b.times < 5)
		assert_true(loop_turn(l));
	for (int i = 0; i < 5; i++)
		errand_stop(stopped[i]);
	assert_int_equal(none.times, 0);
	loop_free(l);
	arena_free(b.a);
}

static void
a_program_that_is_not_there_is_an_error(void **state)
{
	const char *const argv[] = { "/nope", NULL };
	struct errand_options o = { .argv = argv, .env = environ };
	struct loop *l = loop_new();
	struct err e cleanup_err = ERR_INIT;
	struct brought b = { 0 };

	(void)state;
	assert_null(errand_start(l, &o, on_brought, &b, &e));
	assert_true(err_is_set(&e));
	assert_int_equal(b.times, 0);
	loop_free(l);
}

int
test_exec_errand(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_brings_what_was_printed_and_how_it_ended),
		cmocka_unit_test(one_that_prints_too_much_is_killed),
		cmocka_unit_test(
		    one_that_takes_too_long_is_killed_with_its_children),
		cmocka_unit_test(what_it_leaves_running_is_not_waited_for),
		cmocka_unit_test(many_run_side_by_side_and_can_be_stopped),
		cmocka_unit_test(a_program_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests_name("exec/errand", tests, NULL, NULL);
}
