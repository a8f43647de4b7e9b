/* SPDX-License-Identifier: MIT */
/* Listings and --summary over made-up Taskfiles (C-160 to C-185). */
#include "output/list.h"

#include "compile/compile_fixture.h"
#include "output/caught_fixture.h"

#define SOME                                                                  \
	"version: '3'\n"                                                      \
	"tasks:\n"                                                            \
	"  zeta: {desc: last, aliases: [z, y], cmds: [x]}\n"                  \
	"  ns:one: {desc: \"in a\\nnamespace\", cmds: [x]}\n"                 \
	"  alpha: {desc: 'first {{.V}}', summary: more, vars: {V: text}, "    \
	"cmds: [x]}\n"                                                        \
	"  quiet: {cmds: [x]}\n"                                              \
	"  hidden: {desc: x, internal: true, cmds: [x]}\n"                    \
	"  named: {desc: x, label: by-label, cmds: [x]}\n"

struct listing {
	const char *says;
	struct list_options o;
	bool color;
	const char *taskfile; /* NULL: SOME */
	const char *out;
};

static void
list_row_check(const struct listing *row)
{
	static const char *const no_env[] = { NULL };
	struct tree t cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	struct fixture f = { 0 };
	struct caught c;
	struct term term;
	const char *out, *err;
	bool empty, ok;

	tree_file(&t, "Taskfile.yml", row->taskfile ? row->taskfile : SOME);
	assert_true(fix_load(&f, &t, no_env, &e));
	fixture_term(t.a, &term, row->color);
	catch_begin(&c, false);
	ok = list_tasks(t.a, &f.c, NULL, &row->o, &term, &empty, &e);
	catch_end(&c, t.a, &out, &err);
	assert_true(ok);
	assert_row(row->says, "stdout", out, row->out);
	assert_row(row->says, "stderr", err, "");
	fix_free(&f);
}

static void
tasks_are_listed(void **state)
{
#define HEAD "task: Available tasks for this project:\n"
	static const struct listing rows[] = {
		{ "with a description, root tasks first (C-161, C-165)",
		    { .sort = "default" }, false, NULL,
		    HEAD "* alpha:        first text\n"
			 "* named:        x\n"
			 "* zeta:         last      (aliases: z, y)\n"
			 "* ns:one:       in a namespace\n" },
		{ "all but internal ones", { .all = true, .sort = "default" },
		    false, NULL,
		    HEAD "* alpha:        first text\n"
			 "* named:        x\n"
			 "* quiet:        \n"
			 "* zeta:         last      (aliases: z, y)\n"
			 "* ns:one:       in a namespace\n" },
		{ "alphanumeric (C-165)",
		    { .silent = true, .sort = "alphanumeric" }, false, NULL,
		    "alpha\nnamed\nns:one\nzeta\nz\ny\n" },
		{ "in the order of the file",
		    { .silent = true, .sort = "none" }, false, NULL,
		    "zeta\nz\ny\nns:one\nalpha\nnamed\n" },
		{ "in colour", { .sort = "default" }, true,
		    "version: '3'\ntasks: {a: {desc: d, aliases: [b], "
		    "cmds: [x]}}\n",
		    "\033[0m" HEAD "\033[0m\033[33m* \033[0m\033[32ma\033[0m"
		    "\033[0m:       d\033[0m\033[36m      (aliases: b)\033[0m"
		    "\n" },
		{ "none with a description", { .sort = "default" }, false,
		    "version: '3'\ntasks: {a: x}\n",
		    "task: No tasks with description available. Try "
		    "--list-all to list all tasks\n" },
		{ "none at all", { .all = true, .sort = "default" }, false,
		    "version: '3'\ntasks: {}\n", "task: No tasks available\n" },
		{ "none, in silence", { .silent = true, .sort = "default" },
		    false, "version: '3'\ntasks: {a: x}\n", "" },
		{ "a task that does not compile is listed as written",
		    { .sort = "default" }, false,
		    "version: '3'\ntasks: {a: {desc: 'x {{.Y', cmds: [x]}}\n",
		    HEAD "* a:       x {{.Y\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		list_row_check(&rows[i]);
}

/* The folder of the test is not known beforehand: DIR stands for it. */
static const char *
json_of(struct arena *a, const char *taskfile, bool nested)
{
	static const char *const no_env[] = { NULL };
	const struct list_options o = { .all = true, .json = true,
		.nested = nested, .no_status = true, .sort = "none" };
	struct tree t cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb text cleanup_sb = SB_INIT;
	struct fixture f = { 0 };
	struct caught c;
	struct term term;
	const char *out, *at;
	bool empty, ok;

	tree_file(&t, "Taskfile.yml", taskfile);
	assert_true(fix_load(&f, &t, no_env, &e));
	fixture_term(t.a, &term, false);
	catch_begin(&c, false);
	ok = list_tasks(t.a, &f.c, NULL, &o, &term, &empty, &e);
	catch_end(&c, t.a, &out, NULL);
	assert_true(ok);
	for (; (at = strstr(out, t.dir)) != NULL; out = at + strlen(t.dir)) {
		sb_add(&text, out, (size_t)(at - out));
		sb_adds(&text, "DIR");
	}
	sb_adds(&text, out);
	fix_free(&f);
	return sb_take(&text, a).p;
}

static void
lists_are_json_for_machines(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	const char *flat = json_of(a,
	    "version: '3'\ntasks:\n"
	    "  a: {desc: 'd <b>', label: l, aliases: [b], cmds: [x]}\n",
	    false);
	const char *nested = json_of(a,
	    "version: '3'\ntasks:\n  n:a: x\n", true);

	(void)state;
	assert_string_equal(flat,
	    "{\n"
	    "  \"tasks\": [\n"
	    "    {\n"
	    "      \"name\": \"l\",\n"
	    "      \"task\": \"a\",\n"
	    "      \"desc\": \"d \\u003cb\\u003e\",\n"
	    "      \"summary\": \"\",\n"
	    "      \"aliases\": [\n"
	    "        \"b\"\n"
	    "      ],\n"
	    "      \"location\": {\n"
	    "        \"line\": 3,\n"
	    "        \"column\": 3,\n"
	    "        \"taskfile\": \"DIR/Taskfile.yml\"\n"
	    "      }\n"
	    "    }\n"
	    "  ],\n"
	    "  \"location\": \"DIR/Taskfile.yml\"\n"
	    "}\n");
	assert_non_null(strstr(nested,
	    "  \"tasks\": [],\n"
	    "  \"namespaces\": {\n"
	    "    \"n\": {\n"
	    "      \"tasks\": [\n"));
	assert_string_equal(json_of(a, "version: '3'\ntasks: {}\n", false),
	    "{\n  \"tasks\": [],\n  \"location\": \"DIR/Taskfile.yml\"\n}\n");
}

/* ---- --summary ---- */

struct page_row {
	const char *says, *task, *taskfile, *out;
};

static void
tasks_are_summed_up(void **state)
{
#define FILE_OF(task) "version: '3'\ntasks:\n  t: " task "\n  d: x\n"
	static const struct page_row rows[] = {
		{ "a description (C-181)", "t",
		    FILE_OF("{desc: what it is, cmds: [echo x]}"),
		    "task: t\n\nwhat it is\n\ncommands:\n - echo x\n" },
		{ "a summary of several lines", "t",
		    FILE_OF("{desc: x, summary: \"one\\n\\ntwo\\n\"}"),
		    "task: t\n\none\n\ntwo\n" },
		{ "neither", "t", FILE_OF("{cmds: [x]}"),
		    "task: t\n\n(task does not have description or summary)\n"
		    "\ncommands:\n - x\n" },
		{ "deps, aliases, calls (C-183)", "t",
		    FILE_OF("{desc: x, aliases: [u], deps: [d], "
			    "cmds: [{task: d}, '']}"),
		    "task: t\n\nx\n\ndependencies:\n - d\n\naliases:\n - u\n"
		    "\ncommands:\n - Task: d\n - Task: \n" },
		{ "variables, secrets hidden", "t",
		    FILE_OF("{desc: x, vars: {A: 1, S: {sh: date}, "
			    "P: {value: sekrit, secret: true}, "
			    "M: {map: {k: v}}, E: {map: {}}}}"),
		    "task: t\n\nx\n\nvars:\n  A: \"1\"\n  S: sh: date\n"
		    "  P: *****\n  M: \n    k: v\n\n  E: {}\n" },
		{ "what it requires", "t",
		    FILE_OF("{desc: x, requires: {vars: [A, {name: B, enum: "
			    "[x, y]}]}}"),
		    "task: t\n\nx\n\nrequires:\n  vars:\n    - A\n    - B:\n"
		    "        enum:\n          - x\n          - y\n" },
		{ "two of them (C-180)", "t d", FILE_OF("{desc: x}"),
		    "task: t\n\nx\n\n\ntask: d\n\n"
		    "(task does not have description or summary)\n\n"
		    "commands:\n - x\n" },
		{ "an unknown one", "none", FILE_OF("x"), NULL },
		{ "an internal one", "t", FILE_OF("{internal: true}"), NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static const char *const no_env[] = { NULL };
		struct tree t cleanup_tree = tree_new();
		struct err e cleanup_err = ERR_INIT;
		VEC(struct call) calls = { 0 };
		sv rest = sv_of(rows[i].task), word;
		struct fixture f = { 0 };
		struct caught c;
		struct term term;
		const char *out;
		bool ok;

		while (rest.n > 0) {
			sv_cut(rest, ' ', &word, &rest);
			vec_push(t.a, &calls,
			    ((struct call){ .task = sv_cstr(t.a, word) }));
		}
		tree_file(&t, "Taskfile.yml", rows[i].taskfile);
		assert_true(fix_load(&f, &t, no_env, &e));
		fixture_term(t.a, &term, false);
		catch_begin(&c, false);
		ok = summary_tasks(t.a, &f.c, calls.v, calls.n, &term, &e);
		catch_end(&c, t.a, &out, NULL);
		assert_row(rows[i].says, "the end", ok ? "good" : "bad",
		    rows[i].out ? "good" : "bad");
		assert_row(rows[i].says, "stdout", out,
		    rows[i].out ? rows[i].out : "");
		fix_free(&f);
	}
}

int
test_output_list(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_are_listed),
		cmocka_unit_test(lists_are_json_for_machines),
		cmocka_unit_test(tasks_are_summed_up),
	};

	return cmocka_run_group_tests_name("output/list", tests, NULL, NULL);
}
