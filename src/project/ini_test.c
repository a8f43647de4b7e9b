/* SPDX-License-Identifier: MIT */
#include "project/ini.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#include "base/io.h"

static struct arena *a;

static bool
load(const char *text, struct config *c, struct err *e)
{
	char path[] = "/tmp/prun-ini-XXXXXX";
	int fd = mkstemp(path);
	const char *paths[1] = { path };
	bool ok;

	assert_true(fd >= 0);
	assert_true(write_all(fd, text, strlen(text)));
	close(fd);
	ok = config_load(a, paths, 1, c, e);
	unlink(path);
	return ok;
}

/* P-903: an error names the line and the nearest known word. */
static void
refuses(const char *text, const char *part)
{
	struct err e cleanup_err = ERR_INIT;
	struct config c;

	assert_false(load(text, &c, &e));
	if (strstr(e.message, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, e.message);
}

static void
values_are_read_by_section(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	struct config c;

	(void)state;
	assert_true(load("[run]\njobs = 3\nparallel = off\n[logs]\nkeep = 5\n"
			 "[pool net]\nslots = 7\n[hook pre-push]\n"
			 "only_changed = on\nprepare = deps\n", &c, &e));
	assert_string_equal(CFG_S(&c, run, jobs), "3");
	assert_false(CFG_B(&c, run, parallel));
	assert_int_equal(CFG_I(&c, logs, keep), 5);
	assert_int_equal(c.pools.n, 1);
	assert_string_equal(c.pools.v[0].name, "net");
	assert_int_equal(c.pools.v[0].slots, 7);
	assert_true(config_hook(&c, "pre-push").only_changed);
	assert_string_equal(config_hook(&c, "pre-push").prepare, "deps");
	assert_false(config_hook(&c, "pre-commit").only_changed);
	assert_true(CFG_B(&c, features, fast_exec));
}

static void
mistakes_are_named_with_their_line(void **state)
{
	(void)state;
	refuses("[run]\njosb = 3\n", ":2: unknown key \"josb\"; did you mean "
				     "\"jobs\"?");
	refuses("[rum]\njobs = 3\n", ":1: unknown section \"rum\"; did you "
				     "mean \"run\"?");
	refuses("[logs]\n\nkeep = many\n", ":3: not a number: \"many\"");
	refuses("[run]\nparallel = maybe\n", ":2: not on or off: \"maybe\"");
	refuses("[hook pre-push]\nisolate = no\n", ":2: not auto, always or "
						   "never: \"no\"");
	refuses("[run\n", ":1: wanted [section] or key = value");
}

/* P-903: also where a text has a form of its own. */
static void
values_of_a_wrong_form_are_named_with_their_line(void **state)
{
	(void)state;
	refuses(
	    "[run]\njobs = all\n", ":2: not a number, max or auto: \"all\"");
	refuses("[run]\njobs = 4x\n", ":2: not a number, max or auto: \"4x\"");
	refuses("[run]\njobs = -3\n", ":2: not a number, max or auto: \"-3\"");
	refuses("[run]\nload = busy\n", ":2: not a share such as 80%: "
					"\"busy\"");
	refuses("[run]\nmemfree = 1X\n", ":2: not a size such as 1G: \"1X\"");
	refuses("[run]\ntimeout = 10\n", ":2: not a time such as 90s: "
					 "\"10\"");
	refuses("[run]\ntimeout = -1s\n", ":2: not a time such as 90s: "
					  "\"-1s\"");
	refuses("[logs]\nmax_size = lots\n", ":2: not a size such as 1G: "
					     "\"lots\"");
	refuses("[output]\nmode = grouped\n", ":2: not a known value: "
					      "\"grouped\"");
}

static void
nothing_said_is_the_default(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	struct config c;

	(void)state;
	assert_true(load("[run]\njobs =\nload =\ntimeout =\n[logs]\n"
			 "max_size =\n[output]\nmode =\n", &c, &e));
	assert_string_equal(CFG_S(&c, run, jobs), "");
	assert_int_equal(CFG_I(&c, logs, max_size), 256 << 20);
	assert_string_equal(CFG_S(&c, output, mode), "");
}

static void
numbers_times_and_sizes_are_read_once(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	struct config c;

	(void)state;
	assert_true(load("[run]\njobs = max\ntimeout = 1m30s\n"
			 "memfree = 2G\n[logs]\nmax_size = 1K\n", &c, &e));
	assert_int_equal(CFG_I(&c, run, jobs), -1);
	assert_int_equal(CFG_I(&c, run, timeout), 90 * INT64_C(1000000000));
	assert_int_equal(CFG_I(&c, run, memfree), INT64_C(2) << 30);
	assert_int_equal(CFG_I(&c, logs, max_size), 1024);
}

static void
over_long_line_is_an_error(void **state)
{
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text), "[run]\njobs = %0*d\n", 900, 1);
	refuses(text, ":2: line is longer than");
}

static void
sizes_have_units(void **state)
{
	(void)state;
	assert_int_equal(size_parse("256M"), 256 << 20);
	assert_int_equal(size_parse("2GiB"), INT64_C(2) << 30);
	assert_int_equal(size_parse("10"), 10);
	assert_int_equal(size_parse("x"), -1);
	assert_int_equal(size_parse("1X"), -1);
	assert_int_equal(size_parse("9999999999999G"), -1);
}

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

int
test_project_ini(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_by_section),
		cmocka_unit_test(mistakes_are_named_with_their_line),
		cmocka_unit_test(
		    values_of_a_wrong_form_are_named_with_their_line),
		cmocka_unit_test(nothing_said_is_the_default),
		cmocka_unit_test(numbers_times_and_sizes_are_read_once),
		cmocka_unit_test(over_long_line_is_an_error),
		cmocka_unit_test(sizes_have_units),
	};

	return cmocka_run_group_tests_name("project/ini", tests, set_up,
	    tear_down);
}
