/* SPDX-License-Identifier: MIT */
#include "project/settings.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#include "base/clock.h"
#include "base/io.h"
#include "exec/slots.h"

static struct arena *a;

/* What the five sources say; an environment that the process does not have. */
struct said {
	struct environment env;
	struct protocol outer;
	struct config ini;
	struct setting_value flags[SETTING_COUNT];
	struct setting_sources src;
	struct settings s;
};

static void
start(struct said *x)
{
	struct err e cleanup_err = ERR_INIT;

	*x = (struct said){ 0 };
	environment_open(a, &x->env);
	for (int i = 0; i < SETTING_COUNT; i++)
		if (setting_defs[i].env != NULL)
			environment_set(&x->env, setting_defs[i].env, NULL);
	environment_set(&x->env, "USE_PARALLEL", NULL);
	x->src = (struct setting_sources){ .env = &x->env,
		.rc = { .experiments = map_new(a),
		    .remote_timeout_ns = -1,
		    .remote_expiry_ns = -1 },
		.ini = &x->ini,
		.flags = x->flags,
		.outer = &x->outer };
	assert_true(config_load(a, NULL, 0, &x->ini, &e));
}

static void
say_flag(struct said *x, enum setting_id id, const char *text)
{
	const char *reason;

	assert_true(setting_parse(
	    a, setting_defs[id].kind, text, 0, &x->flags[id], &reason));
}

static void
say_env(struct said *x, const char *name, const char *text)
{
	environment_set(&x->env, name, text);
}

static void
say_ini(struct said *x, const char *text)
{
	char path[] = "/tmp/prun-settings-XXXXXX";
	const char *paths[] = { path };
	struct err e cleanup_err = ERR_INIT;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_true(write_all(fd, text, strlen(text)));
	close(fd);
	assert_true(config_load(a, paths, 1, &x->ini, &e));
	unlink(path);
}

/* A .taskrc.yml that says `text` of the field. */
static void
say_taskrc(struct said *x, const struct setting_def *d, const char *text)
{
	void *field = (char *)&x->src.rc + d->rc;
	struct setting_value v = { 0 };
	const char *reason;

	assert_true(setting_parse(a, d->kind, text, 10, &v, &reason));
	switch (d->kind) {
	case SETTING_BOOL:
		*(enum tristate *)field = v.b ? TRI_TRUE : TRI_FALSE;
		break;
	case SETTING_INT:
		*(int *)field = (int)v.i;
		x->src.rc.has_concurrency = true;
		break;
	case SETTING_DURATION:
		*(int64_t *)field = v.i;
		break;
	case SETTING_STRING:
		*(const char **)field = text;
		break;
	case SETTING_LIST:
		*(string_vec *)field = v.list;
		break;
	case SETTING_REPEAT:
	case SETTING_OPTIONAL:
	case SETTING_JOBS:
		fail_msg("%s: .taskrc.yml has no such kind", d->name);
	}
}

/* Texts of a kind that differ from each other and from all defaults. */
static const char *
text_of(enum setting_kind kind, enum setting_source from)
{
	static const char *const numbers[] = { "1", "2", "3", "4", "5" };
	static const char *const times[] = { "1s", "2s", "3s", "4s", "5s" };
	static const char *const words[] = { "a", "b", "c", "d", "e" };

	switch (kind) {
	case SETTING_INT:
	case SETTING_JOBS:
		return numbers[from];
	case SETTING_DURATION:
		return times[from];
	case SETTING_BOOL: /* each says the contrary of the next */
		return from == FROM_FLAG || from == FROM_TASKRC ? "true"
								: "false";
	case SETTING_STRING:
	case SETTING_LIST:
	case SETTING_REPEAT:
	case SETTING_OPTIONAL:
		break;
	}
	return words[from];
}

static void
has(const struct settings *s, enum setting_id id, enum setting_source from)
{
	const struct setting_def *d = &setting_defs[id];
	struct setting_value want = { 0 }, v = settings_value(s, id);
	const char *reason;

	if (s->from[id] != from)
		fail_msg("%s is from %d instead of %d", d->name,
		    (int)s->from[id], (int)from);
	if (from == FROM_DEFAULT)
		return;
	assert_true(setting_parse(
	    a, d->kind, text_of(d->kind, from), 10, &want, &reason));
	assert_int_equal(v.b, want.b);
	assert_int_equal(v.i, want.i);
	assert_int_equal(v.list.n, want.list.n);
	if (want.list.n > 0)
		assert_string_equal(v.list.v[0], want.list.v[0]);
	else if (d->kind == SETTING_STRING)
		assert_string_equal(v.s, want.s);
}

/* C-050, C-504: for each setting all sources that it has, one more at a time,
 * from the weakest on. */
static void
stronger_sources_win_for_each_setting(void **state)
{
	int several = 0;

	(void)state;
	for (int i = 0; i < SETTING_COUNT; i++) {
		const struct setting_def *d = &setting_defs[i];
		enum setting_id id = (enum setting_id)i;
		struct said x;

		start(&x);
		settings_resolve(a, &x.src, &x.s);
		has(&x.s, id, FROM_DEFAULT);
		if (d->rc >= 0) {
			say_taskrc(&x, d, text_of(d->kind, FROM_TASKRC));
			settings_resolve(a, &x.src, &x.s);
			has(&x.s, id, FROM_TASKRC);
		}
		if (d->env != NULL) {
			say_env(&x, d->env, text_of(d->kind, FROM_ENVIRONMENT));
			settings_resolve(a, &x.src, &x.s);
			has(&x.s, id, FROM_ENVIRONMENT);
		}
		several += d->env != NULL && d->rc >= 0;
		say_flag(&x, id, text_of(d->kind, FROM_FLAG));
		settings_resolve(a, &x.src, &x.s);
		has(&x.s, id, FROM_FLAG);
	}
	assert_true(several > 10);
}

/* Those that prun.ini has as well: weaker than all but the default. */
static void
ini_is_stronger_than_the_default_alone(void **state)
{
	struct said x;

	(void)state;
	start(&x);
	say_ini(&x, "[run]\njobs = 3\nload = 50%\nmemfree = 1G\n"
		    "timeout = 7s\n");
	settings_resolve(a, &x.src, &x.s);
	assert_int_equal(settings_slots(&x.s), 3);
	assert_int_equal(x.s.max_load, 500);
	assert_int_equal(x.s.min_free_bytes, INT64_C(1) << 30);
	assert_int_equal(x.s.run_timeout, 7 * NS_PER_S);
	assert_false(SETTING_IS_SET(&x.s, jobs));
	say_env(&x, "PRUN_JOBS", "5");
	say_flag(&x, SET_load, "0.8");
	say_flag(&x, SET_memfree, "2K");
	say_flag(&x, SET_run_timeout, "1s");
	settings_resolve(a, &x.src, &x.s);
	assert_int_equal(settings_slots(&x.s), 5);
	assert_int_equal(x.s.max_load, 800);
	assert_int_equal(x.s.min_free_bytes, 2048);
	assert_int_equal(x.s.run_timeout, NS_PER_S);
	/* an empty text is as good as none */
	say_flag(&x, SET_load, "");
	settings_resolve(a, &x.src, &x.s);
	assert_int_equal(x.s.max_load, 500);
}

/* P-201: who of the two names of one bound wins. */
static void
bound_of_jobs_is_decided_over_both_names(void **state)
{
	static const struct {
		const char *flag_c, *flag_j, *env_c, *env_j, *rc_c, *ini_j;
		int slots;
		bool asked;
	} rows[] = {
		{ "4", "5", "6", "7", "8", "9", 4, true },
		{ NULL, "5", "6", "7", "8", "9", 5, true },
		{ NULL, NULL, "6", "7", "8", "9", 7, true },
		{ NULL, NULL, "6", NULL, "8", "9", 6, true },
		{ NULL, NULL, NULL, NULL, "8", "9", 8, true },
		{ NULL, NULL, NULL, NULL, NULL, "9", 9, true },
		{ "0", NULL, NULL, "7", NULL, NULL, SLOTS_UNLIMITED, true },
		{ NULL, "0", NULL, NULL, NULL, NULL, SLOTS_UNLIMITED, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct said x;

		start(&x);
		if (rows[i].flag_c)
			say_flag(&x, SET_concurrency, rows[i].flag_c);
		if (rows[i].flag_j)
			say_flag(&x, SET_jobs, rows[i].flag_j);
		say_env(&x, "TASK_CONCURRENCY", rows[i].env_c);
		say_env(&x, "PRUN_JOBS", rows[i].env_j);
		if (rows[i].rc_c)
			say_taskrc(
			    &x, &setting_defs[SET_concurrency], rows[i].rc_c);
		if (rows[i].ini_j)
			say_ini(&x, arena_printf(a, "[run]\njobs = %s\n",
					rows[i].ini_j));
		settings_resolve(a, &x.src, &x.s);
		if (settings_slots(&x.s) != rows[i].slots ||
		    x.s.is_slots_asked != rows[i].asked)
			fail_msg("row %zu: %d slots", i, settings_slots(&x.s));
	}
}

/* P-1105: `auto` is no bound that somebody asked for, and off by its feature.
 */
static void
bound_may_follow_the_machine(void **state)
{
	static const char *const inis[] = { "[run]\njobs = auto\n",
		"[run]\njobs = auto\n[features]\nadaptive_slots = off\n" };
	struct said x;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		start(&x);
		say_ini(&x, inis[i]);
		settings_resolve(a, &x.src, &x.s);
		assert_int_equal(x.s.is_slots_auto, i == 0);
		assert_false(x.s.is_slots_asked);
		if (i == 1)
			assert_int_equal(settings_slots(&x.s), slots_default());
	}
	start(&x);
	say_env(&x, "PRUN_JOBS", "auto");
	say_flag(&x, SET_jobs, "3");
	settings_resolve(a, &x.src, &x.s);
	assert_false(x.s.is_slots_auto);
	assert_int_equal(settings_slots(&x.s), 3);
}

/* P-107 */
static void
serial_is_what_anybody_says(void **state)
{
	static const struct {
		const char *flag, *env, *ini;
		bool serial;
	} rows[] = {
		{ NULL, NULL, "", false },
		{ "true", NULL, "", true },
		{ NULL, "false", "", true },
		{ NULL, "0", "", true },
		{ NULL, "yes", "", false },
		{ NULL, NULL, "[run]\nparallel = off\n", true },
		{ "false", "true", "[run]\nparallel = off\n", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct said x;

		start(&x);
		if (rows[i].flag)
			say_flag(&x, SET_serial, rows[i].flag);
		say_env(&x, "USE_PARALLEL", rows[i].env);
		say_ini(&x, rows[i].ini);
		settings_resolve(a, &x.src, &x.s);
		if (x.s.is_serial != rows[i].serial)
			fail_msg("row %zu", i);
	}
}

/* P-108: the name counts where no run is around, what the outer one says always
 * does. */
static void
compat_is_decided_by_the_outermost(void **state)
{
	static const struct {
		bool is_task, has_level, outer;
		const char *flag, *ini;
		bool compat;
	} rows[] = {
		{ false, false, false, NULL, "", false },
		{ true, false, false, NULL, "", true },
		{ true, true, false, NULL, "", false },
		{ false, true, true, NULL, "", true },
		{ false, false, false, "true", "", true },
		{ false, true, true, "false", "", true },
		{ false, false, false, NULL, "[run]\ncompat = on\n", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct said x;

		start(&x);
		x.src.is_task = rows[i].is_task;
		x.outer.has_level = rows[i].has_level;
		x.outer.compat = rows[i].outer;
		if (rows[i].flag)
			say_flag(&x, SET_compat, rows[i].flag);
		say_ini(&x, rows[i].ini);
		settings_resolve(a, &x.src, &x.s);
		if (x.s.is_compat != rows[i].compat)
			fail_msg("row %zu", i);
	}
}

/* C-151, P-502 */
static void
style_is_of_the_strongest(void **state)
{
	static const struct {
		const char *flag, *file, *ini, *mode; /* NULL: nobody says */
	} rows[] = {
		{ "group", "prefixed", "group-task", "group" },
		{ NULL, "prefixed", "group-task", "prefixed" },
		{ NULL, NULL, "group-task", "group-task" },
		{ NULL, NULL, "", NULL },
	};
	struct err e cleanup_err = ERR_INIT;
	struct output_style style = { .name = "grouped" };
	const struct output_mode *mode;
	struct said x;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct output_style of_file = { rows[i].file, "", "",
			false };

		start(&x);
		if (rows[i].flag)
			say_flag(&x, SET_output, rows[i].flag);
		say_ini(
		    &x, arena_printf(a, "[output]\nmode = %s\n", rows[i].ini));
		settings_resolve(a, &x.src, &x.s);
		assert_true(
		    settings_style(a, &x.s, &of_file, &style, &mode, &e));
		assert_ptr_equal(mode,
		    rows[i].mode ? output_mode_find(rows[i].mode) : NULL);
	}
	start(&x);
	say_flag(&x, SET_output, "grouped");
	settings_resolve(a, &x.src, &x.s);
	assert_false(settings_style(a, &x.s, &style, &style, &mode, &e));
	assert_string_equal(
	    e.message, "task: output style \"grouped\" not recognized");
}

/* C-050: in the environment a number has no prefix; what does not parse counts
 * as absent. */
static void
variables_that_do_not_parse_are_absent(void **state)
{
	struct said x;

	(void)state;
	start(&x);
	say_env(&x, "TASK_CONCURRENCY", "0x2");
	say_env(&x, "TASK_VERBOSE", "yes");
	say_env(&x, "TASK_COLOR", "yes");
	settings_resolve(a, &x.src, &x.s);
	assert_false(SETTING_IS_SET(&x.s, concurrency));
	assert_false(SETTING_IS_SET(&x.s, verbose));
	/* but for TASK_COLOR, which forces colours by being there (C-130) */
	assert_int_equal(x.s.color_forced, 1);
	say_flag(&x, SET_color, "false");
	settings_resolve(a, &x.src, &x.s);
	assert_int_equal(x.s.color_forced, 0);
}

/* P-205 */
static void
gates_that_are_none_are_refused_by_name(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	struct said x;

	(void)state;
	start(&x);
	say_flag(&x, SET_load, "busy");
	settings_resolve(a, &x.src, &x.s);
	assert_false(settings_check_gates(a, &x.s, &e));
	assert_string_equal(e.message,
	    "invalid argument \"busy\" for \"--load\" flag: wanted a share "
	    "such as 80%");
	err_clear(&e);
	say_flag(&x, SET_load, "80%");
	say_flag(&x, SET_memfree, "1X");
	settings_resolve(a, &x.src, &x.s);
	assert_false(settings_check_gates(a, &x.s, &e));
	assert_non_null(strstr(e.message, "\"--memfree\" flag"));
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
test_project_settings(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stronger_sources_win_for_each_setting),
		cmocka_unit_test(ini_is_stronger_than_the_default_alone),
		cmocka_unit_test(bound_of_jobs_is_decided_over_both_names),
		cmocka_unit_test(bound_may_follow_the_machine),
		cmocka_unit_test(serial_is_what_anybody_says),
		cmocka_unit_test(compat_is_decided_by_the_outermost),
		cmocka_unit_test(style_is_of_the_strongest),
		cmocka_unit_test(variables_that_do_not_parse_are_absent),
		cmocka_unit_test(gates_that_are_none_are_refused_by_name),
	};

	return cmocka_run_group_tests_name(
	    "project/settings", tests, set_up, tear_down);
}
