/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static struct arena *a;

/* Parses words separated by blanks. */
static bool
parse(const char *line, struct options *o, struct err *e)
{
	char *argv[16] = { (char *)"prun" };
	int argc = 1;
	sv rest = sv_of(line), word;

	*o = (struct options){ 0 };
	while (rest.n > 0) {
		sv_cut(rest, ' ', &word, &rest);
		argv[argc++] = sv_cstr(a, word);
	}
	return options_parse(a, argc, argv, false, o, e);
}

static struct options
parsed(const char *line)
{
	struct err e cleanup_err = ERR_INIT;
	struct options o;

	if (!parse(line, &o, &e))
		fail_msg("%s: %s", line, e.message);
	return o;
}

static void
refused(const char *line, const char *message)
{
	struct err e cleanup_err = ERR_INIT;
	struct options o;

	assert_false(parse(line, &o, &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(e.message, message);
}

/* C-050, C-051 */
static void
values_come_attached_or_behind(void **state)
{
	struct options o = parsed("-C4 --dir=x -o group -sx a --dry=false b");

	(void)state;
	assert_int_equal(OPT_I(&o, concurrency), 4);
	assert_string_equal(OPT_S(&o, dir), "x");
	assert_string_equal(OPT_S(&o, output), "group");
	assert_true(OPT_B(&o, silent) && OPT_B(&o, exit_code));
	assert_false(OPT_B(&o, dry));
	assert_int_equal(o.words.n, 2);
	o = parsed("-C 0b11 -t=");
	assert_int_equal(OPT_I(&o, concurrency), 3);
	assert_string_equal(OPT_S(&o, taskfile), "=");
}

/* C-059: behind the dashes nothing is a flag. */
static void
dashes_end_the_flags(void **state)
{
	struct options o = parsed("t -- -x --nope a=b");

	(void)state;
	assert_int_equal(o.words.n, 1);
	assert_int_equal(o.behind.n, 3);
	assert_false(OPT_B(&o, exit_code));
}

/* P-201: -j with digits is the number of jobs, alone go-task's --json. */
static void
j_is_jobs_only_with_a_number(void **state)
{
	struct options o = parsed("-j8");

	(void)state;
	assert_int_equal(OPT_I(&o, jobs), 8);
	assert_false(OPT_B(&o, json));
	o = parsed("-l -j");
	assert_true(OPT_B(&o, json));
	o = parsed("--jobs max");
	assert_int_equal(OPT_I(&o, jobs), -1);
}

/* P-601: --commit never takes the next word. */
static void
optional_value_is_attached_only(void **state)
{
	struct options o = parsed("--commit qa");

	(void)state;
	assert_true(OPT_SET(&o, commit));
	assert_string_equal(OPT_S(&o, commit), "");
	assert_int_equal(o.words.n, 1);
	o = parsed("--commit=done");
	assert_string_equal(OPT_S(&o, commit), "done");
}

/* M-01 to M-06 */
static void
mistakes_have_the_words_of_pflag(void **state)
{
	(void)state;
	refused("--nope", "unknown flag: --nope");
	refused("-sq", "unknown shorthand flag: 'q' in -q");
	refused("--dir", "flag needs an argument: --dir");
	refused("-d", "flag needs an argument: 'd' in -d");
	refused("-C x", "invalid argument \"x\" for \"-C, --concurrency\" flag: "
			"strconv.ParseInt: parsing \"x\": invalid syntax");
	refused("-c=x", "invalid argument \"x\" for \"-c, --color\" flag: "
			"strconv.ParseBool: parsing \"x\": invalid syntax");
	refused("--timeout 5", "invalid argument \"5\" for \"--timeout\" flag: "
			       "time: missing unit in duration \"5\"");
	refused("--force-all", "unknown flag: --force-all");
	refused("-s=", "unknown shorthand flag: '=' in -=");
	refused("-\x01", "unknown shorthand flag: '\\x01' in -\x01");
	refused("-C=", "invalid argument \"=\" for \"-C, --concurrency\" "
		       "flag: strconv.ParseInt: parsing \"=\": invalid syntax");
	refused("-C 08", "invalid argument \"08\" for \"-C, --concurrency\" "
			 "flag: strconv.ParseInt: parsing \"08\": invalid "
			 "syntax");
}

/* C-070 to C-080 */
static void
combinations_are_checked_in_order(void **state)
{
	struct options o = parsed("--json --list --list-all");
	struct err e cleanup_err = ERR_INIT;

	(void)state;
	options_defaults(a, &o, NULL);
	assert_false(options_check(&o, &e));
	assert_string_equal(e.message, "task: cannot use --list and --list-all "
				       "at the same time");
}

/* A flag beats the environment, which beats the default. */
static void
environment_fills_what_no_flag_set(void **state)
{
	struct options o = parsed("--color=true");

	(void)state;
	setenv("TASK_COLOR", "false", 1);
	setenv("TASK_CONCURRENCY", "3", 1);
	setenv("TASK_VERBOSE", "yes", 1);
	options_defaults(a, &o, NULL);
	unsetenv("TASK_COLOR");
	unsetenv("TASK_CONCURRENCY");
	unsetenv("TASK_VERBOSE");
	assert_true(OPT_B(&o, color));
	assert_int_equal(OPT_I(&o, concurrency), 3);
	/* "yes" is no bool of Go's, and so counts as absent */
	assert_false(OPT_SET(&o, verbose));
	o = parsed("a");
	setenv("TASK_CONCURRENCY", "0x2", 1);
	options_defaults(a, &o, NULL);
	unsetenv("TASK_CONCURRENCY");
	assert_false(OPT_SET(&o, concurrency));
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
test_cli_options(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_attached_or_behind),
		cmocka_unit_test(dashes_end_the_flags),
		cmocka_unit_test(j_is_jobs_only_with_a_number),
		cmocka_unit_test(optional_value_is_attached_only),
		cmocka_unit_test(mistakes_have_the_words_of_pflag),
		cmocka_unit_test(combinations_are_checked_in_order),
		cmocka_unit_test(environment_fills_what_no_flag_set),
	};

	return cmocka_run_group_tests_name("cli/options", tests, set_up,
	    tear_down);
}
