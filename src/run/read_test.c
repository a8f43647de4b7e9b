/* SPDX-License-Identifier: MIT */
/* Who asked is told before something may look at the tree (P-708). */
#include <stdio.h>

#include "run/fake.h"
#include "unit.h"

static void
on_read(void *ctx, const struct run_call *call, bool is_shared)
{
	sb_printf(ctx, "%s may read%s\n", call->name,
	    is_shared ? ", for all" : "");
}

static void
note_event(struct world *w, const struct event *ev)
{
	if (ev->kind == EVENT_JOB_STARTED || ev->kind == EVENT_QUESTION ||
	    ev->kind == EVENT_UP_TO_DATE)
		sb_printf(w->check_arg, "%s %s\n", event_name(ev->kind),
		    ev->call->name);
}

static const char *
told(struct arena *a, const char *tasks)
{
	static const struct fake_script scripts[] = { { .text = "no",
	    .status = 1 } };
	struct sb seen cleanup_sb = SB_INIT;
	struct world w;

	world_init(&w, arena_printf(a, "version: '3'\ntasks:\n%s", tasks), 1);
	world_script(&w, scripts, 1);
	w.config.ctx = &seen;
	w.config.before_read = on_read;
	w.check = note_event;
	w.check_arg = &seen;
	world_run(&w, "all", NULL);
	world_free(&w);
	return sb_take(&seen, a).p;
}

static void
it_is_told_before_it_begins(void **state)
{
	static const struct {
		const char *tasks, *told;
	} rows[] = {
		{ "  all: [x, y]\n",
		    "all may read\nJOB_STARTED all\n"
		    "all may read\nJOB_STARTED all\n" },
		{ "  all: {vars: {V: {sh: x}}, cmds: ['y {{.V}}']}\n",
		    "all may read, for all\nQUESTION all\n"
		    "all may read\nJOB_STARTED all\n" },
		{ "  all: {if: x, cmds: [y]}\n",
		    "all may read\nQUESTION all\n"
		    "all may read\nJOB_STARTED all\n" },
		{ "  all: {status: [x], cmds: [y]}\n",
		    "all may read\nQUESTION all\n"
		    "all may read\nUP_TO_DATE all\n" },
		{ "  all: {preconditions: ['no'], cmds: [y]}\n",
		    "all may read\nQUESTION all\n" },
		{ "  all: {deps: [a]}\n  a: {cmds: [{task: b}]}\n"
		  "  b: {writes: true, cmds: [x]}\n",
		    "b may read\nJOB_STARTED b\n" },
		/* what needs no process looks at nothing */
		{ "  all: {if: 'true', cmds: []}\n", "" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *got = told(a, rows[i].tasks);

		if (strcmp(got ? got : "", rows[i].told) != 0)
			print_error("%s", rows[i].tasks);
		assert_string_equal(got ? got : "", rows[i].told);
	}
}

int
test_run_read(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_told_before_it_begins),
	};

	return cmocka_run_group_tests_name("run/read", tests, NULL, NULL);
}
