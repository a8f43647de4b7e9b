/* SPDX-License-Identifier: MIT */
#include "exec/companion.h"

#include <stdlib.h>

#include "base/clock.h"
#include "unit.h"

extern char **environ;

struct heard {
	struct sb lines;
	unsigned n, wanted;
	bool is_gone;
};

static void
on_line(void *arg, sv line)
{
	struct heard *h = arg;

	sb_addv(&h->lines, line);
	sb_addc(&h->lines, '|');
	h->n++;
}

static void
on_gone(void *arg)
{
	((struct heard *)arg)->is_gone = true;
}

static struct companion *
start(struct loop *l, const char *program, const char *word, struct heard *h)
{
	struct companion_options o = { .program = program,
		.word = word,
		.env = environ,
		.line = on_line,
		.gone = on_gone,
		.arg = h };
	struct err e cleanup_err = ERR_INIT;

	return companion_start(l, &o, &e);
}

static bool
has_all(void *arg)
{
	const struct heard *h = arg;

	return h->n >= h->wanted;
}

static void
it_is_talked_to_by_lines(void **state)
{
	struct loop *l = loop_new();
	struct heard h = { .lines = SB_INIT, .wanted = 4 };
	struct companion *c = start(l, "/bin/cat", "-", &h);

	(void)state;
	assert_non_null(c);
	companion_listen(c, true);
	companion_say(c, SV("one\ntw"));
	companion_say(c, SV("o\n"));
	while (h.n < 2)
		assert_true(loop_turn(l));
	/* then the loop has nothing to wait for */
	companion_listen(c, false);
	assert_false(loop_turn(l));
	companion_say(c, SV("three\n\n"));
	assert_true(
	    companion_wait(c, has_all, &h, clock_mono_ns() + 20 * NS_PER_S));
	assert_string_equal(sb_cstr(&h.lines), "one|two|three||");
	assert_false(companion_wait(c, has_all, &(struct heard){ .wanted = 1 },
	    clock_mono_ns() + NS_PER_MS));
	companion_stop(c);
	assert_false(h.is_gone);
	sb_free(&h.lines);
	loop_free(l);
}

static void
one_that_ends_is_gone(void **state)
{
	struct loop *l = loop_new();
	struct heard h = { .lines = SB_INIT };
	struct companion *c = start(l, "/bin/sh", "/dev/null", &h);

	(void)state;
	assert_non_null(c);
	companion_listen(c, true);
	while (!h.is_gone)
		assert_true(loop_turn(l));
	companion_say(c, SV("nobody hears it\n"));
	assert_false(companion_wait(c, has_all, &(struct heard){ .wanted = 1 },
	    clock_mono_ns() + 20 * NS_PER_S));
	companion_stop(c);
	assert_null(start(l, "/nonexistent/x", "", &h));
	loop_free(l);
}

static void
one_that_does_not_read_is_gone(void **state)
{
	struct loop *l = loop_new();
	struct heard h = { .lines = SB_INIT };
	struct companion *c = start(l, "/bin/sleep", "600", &h);
	char *much = calloc(1, 1 << 16);
	int64_t before = clock_mono_ns();

	(void)state;
	assert_non_null(c);
	for (int i = 0; i < 100; i++)
		companion_say(c, (sv){ much, 1 << 16 });
	assert_false(h.is_gone);
	while (!h.is_gone)
		assert_true(loop_turn(l));
	companion_stop(c);
	assert_true(clock_mono_ns() - before < 60 * NS_PER_S);
	free(much);
	loop_free(l);
}

int
test_exec_companion(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_talked_to_by_lines),
		cmocka_unit_test(one_that_ends_is_gone),
		cmocka_unit_test(one_that_does_not_read_is_gone),
	};

	return cmocka_run_group_tests_name("exec/companion", tests, NULL, NULL);
}
