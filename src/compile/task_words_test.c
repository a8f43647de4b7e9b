/* SPDX-License-Identifier: MIT */
#include "compile/task_words.h"

#include "unit.h"

#include "compile/compile_fixture.h"
#include "go/fmt.h"

/* What a text is: "call b X=1 Y=2 &", "shell", "wait", ":". */
static const char *
words_text(struct arena *a, const char *text)
{
	struct sb out cleanup_sb = SB_INIT;
	const struct map_entry *m;
	struct task_words w;

	task_words_read(a, sv_of(text), &w);
	if (w.kind != CMD_TASK)
		return w.kind == CMD_JOIN      ? "wait"
		       : w.kind == CMD_BARRIER ? ":"
					       : "shell";
	sb_printf(&out, "call %s", w.task);
	map_each(w.vars, m) {
		const struct var *v = m->value;

		assert_true(v->final);
		sb_printf(&out, " %s=", m->key.p);
		fmt_value(&out, v->value);
	}
	sb_adds(&out, w.background ? " &" : "");
	return arena_strdup(a, sb_cstr(&out));
}

/* P-103: a call is the whole text or none of it. */
static void
whole_commands_are_read(void **state)
{
	static const char *const all[][2] = {
		{ "task:b", "call b" },
		{ " \ttask:b \n", "call b" },
		{ "task:ns:b", "call ns:b" },
		{ "task:b X=1", "call b X=1" },
		{ "task:b \t X=1  Y=2 ", "call b X=1 Y=2" },
		{ "task:b X=", "call b X=" },
		{ "task:b X='a b' Y=\"c d\"e", "call b X=a b Y=c de" },
		{ "task:'b c'", "call b c" },
		{ "task:b X='$HOME {{'", "call b X=$HOME {{" },
		{ "task:b &", "call b &" },
		{ "task:b X=1   & ", "call b X=1 &" },
		{ "task:b&", "shell" },
		{ "task:b X=1&", "shell" },
		{ "task:b & &", "shell" },
		{ "task: b", "shell" },
		{ "task:", "shell" },
		{ "task: &", "shell" },
		{ "task:b X", "shell" },
		{ "task:b 1X=2", "shell" },
		{ "task:b X=$Y", "shell" },
		{ "task:b X=\"$Y\"", "shell" },
		{ "task:b X='a", "shell" },
		{ "task:b > log", "shell" },
		{ "task:b; task:c", "shell" },
		{ "task:b\ntask:c", "shell" },
		{ "task:b && true", "shell" },
		{ "X=1 task:b", "shell" },
		{ "Task:b", "shell" },
		{ "wait", "wait" },
		{ " wait\n", "wait" },
		{ "wait &", "shell" },
		{ "wait 1", "shell" },
		{ ":", ":" },
		{ ": x", "shell" },
		{ "", "shell" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (strcmp(words_text(a, all[i][0]), all[i][1]) != 0)
			print_message("of %s\n", all[i][0]);
		assert_string_equal(words_text(a, all[i][0]), all[i][1]);
	}
}

static void
what_a_template_may_become(void **state)
{
	static const char *const may[] = { "task:{{.X}}", "{{.X}}", " {{.X}}",
		"ta{{.X}}", "task:b X={{.X}}", "w{{.X}}", "task:b" };
	static const char *const never[] = { "echo {{.X}}", "tar {{.X}}",
		"task {{.X}}", "wait 1 {{.X}}" };

	(void)state;
	for (size_t i = 0; i < sizeof(may) / sizeof(may[0]); i++)
		assert_true(task_words_possible(sv_of(may[i])));
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_false(task_words_possible(sv_of(never[i])));
}

/* P-104: words of a script, whether a command stands there or not. */
static void
words_of_a_script_are_found(void **state)
{
	const sv script =
	    SV("task:a&\nif ! task:b; then (task:c X=1) | task:d\n"
	       "fi; sh -c 'task:e'; x=`task:f`; no-task:g\n"
	       "echo xtask:h task: task:i>log {task:j}");
	struct sb found cleanup_sb = SB_INIT;
	size_t at = 0;
	sv name;

	(void)state;
	while (task_words_next(script, &at, &name))
		sb_printf(&found, "%.*s ", SV_ARG(name));
	assert_string_equal(sb_cstr(&found), "a b c d e f i j ");
}

static const char tasks[] = "version: '3'\n"
			    "tasks:\n"
			    "  b: {aliases: [bb], cmds: ['true']}\n"
			    "  w-*: 'true'\n"
			    "  all:\n"
			    "    vars: {N: bb, S: {sh: x}}\n"
			    "    cmds:\n"
			    "      - task:b V=1\n"
			    "      - task:bb &\n"
			    "      - task:w-x\n"
			    "      - 'task:{{.N}} V={{.N}}'\n"
			    "      - task:none\n"
			    "      - {cmd: task:b}\n"
			    "      - {defer: task:b}\n"
			    "      - wait\n"
			    "      - ':'\n"
			    "      - {cmd: wait}\n";

/* P-103: a compiled command says what it is; only known tasks are called, by
 * name, alias or pattern, and only what was written as a plain text calls. */
static void
compiled_commands_say_what_they_are(void **state)
{
	static const char *const texts[] = { "call b", "call bb &", "call w-x",
		"call bb", "shell", "shell", "shell", "wait", ":", "shell" };
	static const char no_env[] = "HOME=/home/user";
	const char *const env[] = { no_env, NULL };
	struct tree tree cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	struct fixture f;
	struct ctask *t;

	(void)state;
	tree_file(&tree, "Taskfile.yml", tasks);
	assert_true(fix_load(&f, &tree, env, &e));
	t = fix_compile(&f, &(struct call){ .task = "all" }, COMPILE_FAST, &e);
	assert_non_null(t);
	assert_int_equal(t->cmds.n, sizeof(texts) / sizeof(texts[0]));
	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct ccmd *c = &t->cmds.v[i];
		const char *text = c->kind == CMD_JOIN      ? "wait"
				   : c->kind == CMD_BARRIER ? ":"
				   : c->kind == CMD_SHELL   ? "shell"
							    : NULL;

		if (text == NULL)
			text = arena_printf(f.a, "call %s%s", c->task,
			    c->background ? " &" : "");
		assert_string_equal(text, texts[i]);
	}
	assert_int_equal(map_count(t->cmds.v[0].vars), 1);
	assert_int_equal(map_count(t->cmds.v[3].vars), 1);
	assert_true(task_has_commands(f.a, t->task));
	fix_free(&f);
}

/* P-113 */
static void
writers_come_first_in_their_order(void **state)
{
	static const bool writes[] = { false, true, false, true };
	static const size_t wanted[] = { 1, 3, 0, 2 };
	static const bool nobody[2];
	struct arena *a cleanup_arena = arena_new();
	const size_t *order = writers_first(a, writes, 4);

	(void)state;
	assert_memory_equal(order, wanted, sizeof(wanted));
	assert_null(writers_first(a, nobody, 2));
}

int
test_compile_task_words(void)
{
	const struct CMUnitTest tests_[] = {
		cmocka_unit_test(whole_commands_are_read),
		cmocka_unit_test(what_a_template_may_become),
		cmocka_unit_test(words_of_a_script_are_found),
		cmocka_unit_test(compiled_commands_say_what_they_are),
		cmocka_unit_test(writers_come_first_in_their_order),
	};

	return cmocka_run_group_tests_name(
	    "compile/task_words", tests_, NULL, NULL);
}
