/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

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
	const struct settings s = { .output = "", .cert = "", .cert_key = "",
		.dir = "", .output_group_begin = "", .output_group_end = "" };
	struct err e cleanup_err = ERR_INIT;

	(void)state;
	assert_false(options_check(&o, &s, &e));
	assert_string_equal(e.message, "prun: cannot use --list and --list-all "
				       "at the same time");
}

static void
flags_and_settings_of_one_name_are_of_one_kind(void **state)
{
	int n = 0;

	(void)state;
	for (int i = 0; i < OPT_COUNT; i++) {
		int setting = option_setting((enum option_id)i);

		if (setting < 0)
			continue;
		n++;
		assert_string_equal(
		    option_defs[i].name, setting_defs[setting].name);
		assert_int_equal(
		    option_defs[i].kind, setting_defs[setting].kind);
	}
	assert_int_equal(n, SETTING_COUNT);
}

static void
flags_are_handed_on_by_name(void **state)
{
	struct setting_value flags[SETTING_COUNT] = { 0 };
	struct options o = parsed("--dry -C 4 --list");

	(void)state;
	options_flags(&o, flags);
	assert_true(flags[SET_dry].is_set && flags[SET_dry].b);
	assert_int_equal(flags[SET_concurrency].i, 4);
	assert_false(flags[SET_silent].is_set);
}

/* P-507: --failed says again what the last run was told, and what it is told
 * itself. */
static void
words_say_what_flags_said(void **state)
{
	struct options o = parsed("--commit -C4 -s --trusted-hosts a,b x=1 t -- y");
	struct options more = parsed("-C 5 --trusted-hosts c --commit=m");
	struct options again = { 0 };
	struct err e cleanup_err = ERR_INIT;
	string_vec words = { 0 };
	const string_vec *hosts = &again.v[OPT_trusted_hosts].list;

	(void)state;
	options_add(a, &o, &more);
	vec_push(a, &words, "prun");
	options_words(a, &o, &words);
	assert_true(options_parse(a, (int)words.n, (char *const *)words.v,
	    false, &again, &e));
	assert_int_equal(OPT_I(&again, concurrency), 5);
	assert_true(OPT_B(&again, silent));
	assert_string_equal(OPT_S(&again, commit), "m");
	assert_int_equal(hosts->n, 3);
	assert_string_equal(hosts->v[0], "a");
	assert_string_equal(hosts->v[2], "c");
	assert_int_equal(again.words.n, 2);
	assert_string_equal(again.words.v[1], "t");
	assert_int_equal(again.behind.n, 1);
	assert_false(OPT_SET(&again, dry));
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
		cmocka_unit_test(
		    flags_and_settings_of_one_name_are_of_one_kind),
		cmocka_unit_test(flags_are_handed_on_by_name),
		cmocka_unit_test(words_say_what_flags_said),
	};

	return cmocka_run_group_tests_name("cli/options", tests, set_up,
	    tear_down);
}
