/* SPDX-License-Identifier: MIT */
/* The cursor: what it asks for and when; results that tables cannot show. */
#include "compile/compile.h"

#include "compile/compile_fixture.h"

static const char *const no_env[] = { "HOME=/home/user", NULL };

struct setup {
	struct tree tree;
	struct fixture f;
	struct err e;
};

static struct setup *
begin(const char *taskfile)
{
	struct setup *s = xcalloc(1, sizeof(*s));

	s->tree = tree_new();
	tree_file(&s->tree, "Taskfile.yml", taskfile);
	s->e = (struct err)ERR_INIT;
	if (!fix_load(&s->f, &s->tree, no_env, &s->e))
		fail_msg("%s", s->e.message);
	return s;
}

static void
end(struct setup *s)
{
	err_clear(&s->e);
	fix_free(&s->f);
	tree_cleanup(&s->tree);
	free(s);
}

static struct cursor *
open_mode(struct setup *s, const char *name, vars *v, enum compile_mode mode)
{
	struct match *m = arena_new_of(s->f.a, struct match);
	struct call *call = arena_new_of(s->f.a, struct call);

	assert_true(task_find(s->f.a, &s->f.c, name, m, &s->e));
	*call = (struct call){ .task = name, .vars = v };
	return compile_begin(s->f.a, &s->f.c, call, m, mode);
}

static struct cursor *
open_task(struct setup *s, const char *name)
{
	return open_mode(s, name, NULL, COMPILE_FULL);
}

static size_t
needs(struct setup *s, struct cursor *cur, const struct shell_need **out)
{
	size_t n;

	assert_int_equal(compile_step(cur, &s->e), COMPILE_NEEDS_SHELL);
	*out = compile_needs(cur, &n);
	return n;
}

static void
give(struct cursor *cur, size_t i, const char *text)
{
	compile_answer(cur, i, sv_of(text), NULL);
}

static struct ctask *
compiled(struct setup *s, const char *name)
{
	struct call call = { .task = name };
	struct ctask *t = fix_compile(&s->f, &call, COMPILE_FULL, &s->e);

	if (t == NULL)
		fail_msg("%s", s->e.message);
	return t;
}

/* ---- asking ---- */

static void
independent_commands_are_asked_for_side_by_side(void **state)
{
	struct setup *s = begin("version: '3'\n"
				"vars:\n"
				"  A: {sh: a}\n"
				"  B: {sh: b}\n"
				"  C: {sh: 'c {{.A}}'}\n"
				"  D: {sh: d}\n"
				"tasks:\n"
				"  default: '{{.A}}{{.B}}{{.C}}'\n");
	struct cursor *cur = open_task(s, "default");
	const struct shell_need *need;

	(void)state;
	assert_int_equal(needs(s, cur, &need), 2);
	assert_string_equal(need[0].cmd, "a");
	assert_string_equal(need[1].cmd, "b");
	assert_string_equal(need[0].dir, s->tree.dir);
	give(cur, 1, "B\n");
	give(cur, 0, "A\n");
	assert_int_equal(needs(s, cur, &need), 1);
	assert_string_equal(need[0].cmd, "c A");
	give(cur, 0, "C\n");
	assert_int_equal(compile_step(cur, &s->e), COMPILE_DONE);
	assert_string_equal(compile_result(cur)->cmds.v[0].text, "ABC");
	end(s);
}

/* L-090: go-task's order, one after the other, used or not. */
static void
eager_mode_asks_in_order(void **state)
{
	struct setup *s = begin("version: '3'\n"
				"vars: {A: {sh: a}, B: {sh: b}}\n"
				"tasks: {default: {vars: {C: {sh: c}}}}\n");
	struct cursor *cur;
	const struct shell_need *need;

	(void)state;
	s->f.c.eager = true;
	cur = open_task(s, "default");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(needs(s, cur, &need), 1);
		assert_int_equal(need[0].cmd[0], 'a' + i);
		give(cur, 0, "x");
	}
	assert_int_equal(compile_step(cur, &s->e), COMPILE_DONE);
	end(s);
}

/* A file-level command runs once per run, whatever task asks for it. */
static void
results_are_kept_for_the_run(void **state)
{
	struct setup *s = begin("version: '3'\n"
				"vars: {N: '{{.TASK}}', A: {sh: echo a}}\n"
				"env: {E: {sh: echo e}}\n"
				"tasks:\n"
				"  x: {cmds: ['echo {{.A}} {{.N}} $E']}\n"
				"  y: {dir: d, env: {F: f}, vars: {V: v},\n"
				"      cmds: ['echo {{.A}} {{.N}} $E']}\n");

	(void)state;
	assert_string_equal(compiled(s, "x")->cmds.v[0].text,
	    "echo a x $E");
	assert_string_equal(compiled(s, "y")->cmds.v[0].text,
	    "echo a y $E");
	assert_int_equal(s->f.shells.n, 2);
	end(s);
}

static void
note(void *ctx)
{
	++*(int *)ctx;
}

static void
a_running_command_is_waited_for(void **state)
{
	struct setup *s = begin("version: '3'\n"
				"vars: {A: {sh: a}}\n"
				"tasks: {x: '{{.A}}', y: '{{.A}}'}\n");
	struct cursor *x = open_task(s, "x"), *y = open_task(s, "y");
	const struct shell_need *need;
	int woken = 0;

	(void)state;
	compile_on_wake(y, note, &woken);
	assert_int_equal(needs(s, x, &need), 1);
	assert_int_equal(compile_step(y, &s->e), COMPILE_WAITS);
	assert_int_equal(compile_step(y, &s->e), COMPILE_WAITS);
	give(x, 0, "A\n");
	assert_int_equal(woken, 1);
	assert_int_equal(compile_step(y, &s->e), COMPILE_DONE);
	assert_string_equal(compile_result(y)->cmds.v[0].text, "A");
	assert_int_equal(compile_step(x, &s->e), COMPILE_DONE);
	end(s);
}

static void
who_waits_takes_over_what_another_gives_up(void **state)
{
	struct setup *s = begin("version: '3'\n"
				"vars: {A: {sh: a}}\n"
				"tasks: {x: '{{.A}}', y: '{{.A}}'}\n");
	struct err failure = ERR_INIT;
	const struct shell_need *need;
	int woken = 0;

	(void)state;
	err_set_status(&failure, 3);
	for (int cancelled = 0; cancelled < 2; cancelled++) {
		struct cursor *x = open_task(s, "x"), *y = open_task(s, "y");

		compile_on_wake(y, note, &woken);
		assert_int_equal(needs(s, x, &need), 1);
		assert_int_equal(compile_step(y, &s->e), COMPILE_WAITS);
		if (cancelled)
			compile_cancel(x);
		else
			compile_answer(x, 0, SV(""), &failure);
		assert_int_equal(woken, cancelled + 1);
		assert_int_equal(needs(s, y, &need), 1);
		compile_answer(y, 0, SV(""), &failure);
		assert_int_equal(compile_step(y, &s->e), COMPILE_FAILED);
		assert_string_equal(s->e.message,
		    "task: Command \"a\" failed: exit status 3");
		assert_int_equal(s->e.status, -1);
		err_clear(&s->e);
	}
	err_clear(&failure);
	end(s);
}

/* Two cursors without a wake function run it twice; both get one value. */
static void
the_first_answer_counts_for_all(void **state)
{
	struct setup *s = begin("version: '3'\n"
				"vars: {A: {sh: a}}\n"
				"tasks: {x: '{{.A}}', y: '{{.A}}'}\n");
	struct cursor *x = open_task(s, "x"), *y = open_task(s, "y");
	const struct shell_need *need;

	(void)state;
	assert_int_equal(needs(s, x, &need), 1);
	assert_int_equal(needs(s, y, &need), 1);
	give(y, 0, "first");
	give(x, 0, "second");
	assert_int_equal(compile_step(x, &s->e), COMPILE_DONE);
	assert_int_equal(compile_step(y, &s->e), COMPILE_DONE);
	assert_string_equal(compile_result(x)->cmds.v[0].text, "first");
	assert_string_equal(compile_result(y)->cmds.v[0].text, "first");
	end(s);
}

/* A failing one of several: the one that is declared first is told. */
static void
the_first_declared_failure_is_told(void **state)
{
	struct setup *s = begin("version: '3'\n"
				"vars: {A: {sh: a}, B: {sh: b}}\n"
				"tasks: {x: '{{.A}}{{.B}}'}\n");
	struct cursor *x = open_task(s, "x");
	const struct shell_need *need;
	struct err failure = ERR_INIT;

	(void)state;
	err_set_status(&failure, 1);
	assert_int_equal(needs(s, x, &need), 2);
	compile_answer(x, 1, SV(""), &failure);
	compile_answer(x, 0, SV(""), &failure);
	assert_int_equal(compile_step(x, &s->e), COMPILE_FAILED);
	assert_string_equal(s->e.message,
	    "task: Command \"a\" failed: exit status 1");
	err_clear(&failure);
	end(s);
}

/* L-085 */
static void
one_newline_is_cut_from_output(void **state)
{
	static const char *const cases[][2] = { { "a\n", "a" },
		{ "a\n\n", "a\n" }, { "a\r\n", "a" },
		{ "", "" }, { "\n", "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(sv_is(compile_trim_output(sv_of(cases[i][0])),
		    cases[i][1]));
}

/* ---- modes ---- */

/* L-090, L-129: nothing is asked, errors leave the text raw. */
static void
fast_mode_never_asks(void **state)
{
	struct setup *s = begin("version: '3'\n"
				"vars: {A: {sh: a}, B: b, N: 5}\n"
				"tasks:\n"
				"  x:\n"
				"    desc: 'd-{{.B}}'\n"
				"    cmds:\n"
				"    - '[{{.A}}] {{.B}}'\n"
				"    - 'bad {{.B | nope}}'\n"
				"    - 'good {{.B}}'\n"
				"    - {defer: 'later {{.B}}'}\n"
				"    - {for: {var: A}, cmd: never}\n"
				"    - {for: {var: N}, cmd: never}\n");
	struct cursor *x = open_mode(s, "x", NULL, COMPILE_FAST);
	struct ctask *t;

	(void)state;
	assert_int_equal(compile_step(x, &s->e), COMPILE_DONE);
	t = compile_result(x);
	assert_string_equal(t->desc, "d-b");
	assert_int_equal(t->cmds.n, 4);
	assert_string_equal(t->cmds.v[0].log_text, "[] b");
	assert_string_equal(t->cmds.v[1].log_text, "bad {{.B | nope}}");
	assert_string_equal(t->cmds.v[2].log_text, "good b");
	/* after an error texts stay raw, as go-task has them */
	assert_string_equal(t->cmds.v[2].text, "good {{.B}}");
	assert_string_equal(t->cmds.v[3].log_text, "later {{.B}}");
	end(s);
}

static void
list_mode_makes_texts_for_people(void **state)
{
	struct setup *s = begin("version: '3'\n"
				"tasks:\n"
				"  'x-*':\n"
				"    label: 'l-{{.TASK}}'\n"
				"    desc: '{{index .MATCH 0}}'\n"
				"    summary: s\n");
	struct cursor *x = open_mode(s, "x-*", NULL, COMPILE_LIST);

	(void)state;
	assert_int_equal(compile_step(x, &s->e), COMPILE_DONE);
	assert_string_equal(compile_result(x)->name, "l-x-*");
	assert_string_equal(compile_result(x)->desc, "{{index .MATCH 0}}");
	end(s);
}

/* A value that fast mode has seen without its command is not kept. */
static void
fast_mode_leaves_nothing_to_full_mode(void **state)
{
	struct setup *s = begin("version: '3'\n"
				"vars: {A: {sh: echo a}, B: 'b{{.A}}'}\n"
				"tasks: {x: 'echo {{.B}}'}\n");
	struct cursor *fast = open_mode(s, "x", NULL, COMPILE_FAST);

	(void)state;
	assert_int_equal(compile_step(fast, &s->e), COMPILE_DONE);
	assert_string_equal(compile_result(fast)->cmds.v[0].text, "echo b");
	assert_string_equal(compiled(s, "x")->cmds.v[0].text, "echo ba");
	fast = open_mode(s, "x", NULL, COMPILE_FAST);
	assert_int_equal(compile_step(fast, &s->e), COMPILE_DONE);
	assert_string_equal(compile_result(fast)->cmds.v[0].text, "echo b");
	end(s);
}

/* ---- what a task gets ---- */

/* P-406: the values of secret variables, however they are made. */
static void
secrets_are_listed(void **state)
{
	struct setup *s = begin(
	    "version: '3'\n"
	    "vars:\n"
	    "  A: {sh: echo shelled, secret: true}\n"
	    "  L: {value: [first, second], secret: true}\n"
	    "  U: {value: unused, secret: true}\n"
	    "  N: {sh: echo never, secret: true}\n"
	    "env: {E: {value: envsecret, secret: true}}\n"
	    "tasks: {x: 'echo {{.A}} {{.L}}'}\n");
	struct secrets *known = secrets_new();
	const struct ctask *t;

	(void)state;
	s->f.c.secrets = known;
	compiler_init(s->f.a, &s->f.c);
	assert_int_equal(secrets_count(known), 2); /* spelt out */
	t = compiled(s, "x");
	assert_int_equal(secrets_count(known), 5);
	assert_string_equal(secrets_texts(known)[0], "unused");
	assert_string_equal(secrets_texts(known)[1], "envsecret");
	assert_string_equal(secrets_texts(known)[2], "first");
	assert_string_equal(secrets_texts(known)[3], "second");
	assert_string_equal(secrets_texts(known)[4], "shelled");
	assert_string_equal(t->cmds.v[0].log_text, "echo ***** *****");
	secrets_free(known);
	end(s);
}

struct source_value {
	int calls;
	const char *seen_method;
};

static bool
checksum_of(void *ctx, struct arena *a, const struct ctask *t, value *out,
    struct err *e)
{
	struct source_value *v = ctx;

	(void)a;
	(void)e;
	v->calls++;
	v->seen_method = t->method;
	assert_int_equal(t->sources.n, 1);
	*out = value_cstr("abc");
	return true;
}

/* C-327 */
static void
checksum_is_asked_for_only_when_mentioned(void **state)
{
	struct setup *s = begin(
	    "version: '3'\n"
	    "tasks:\n"
	    "  a: {sources: [x], vars: {V: '{{.CHECKSUM}}'},\n"
	    "      cmds: ['{{.CHECKSUM}} [{{.V}}]'], label: 'l{{.CHECKSUM}}'}\n"
	    "  b: {sources: [x], cmds: [echo]}\n"
	    "  c: {cmds: ['[{{.CHECKSUM}}]']}\n"
	    "  d: {sources: [x], method: timestamp, cmds: ['[{{.CHECKSUM}}]']}\n"
	    "  e: {sources: [x], status: ['{{.CHECKSUM}}'],\n"
	    "      deps: [{task: b, vars: {S: '{{.CHECKSUM}}'}}],\n"
	    "      cmds: [{defer: 'd {{.CHECKSUM}}'}]}\n");
	struct source_value v = { 0 };
	struct ctask *t;
	struct ccmd later;

	(void)state;
	s->f.c.checksum = checksum_of;
	s->f.c.ctx = &v;
	t = compiled(s, "a");
	assert_string_equal(t->cmds.v[0].text, "abc []");
	assert_string_equal(t->label, "l");
	assert_int_equal(v.calls, 1);
	compiled(s, "b");
	assert_string_equal(compiled(s, "c")->cmds.v[0].text, "[]");
	assert_string_equal(compiled(s, "d")->cmds.v[0].text, "[]");
	assert_int_equal(v.calls, 1);
	t = compiled(s, "e");
	assert_int_equal(v.calls, 2);
	assert_string_equal(t->status.v[0], "abc");
	assert_string_equal(((struct var *)map_get(t->deps.v[0].vars,
				SV("S")))->value.u.s,
	    "abc");
	assert_true(compile_defer(s->f.a, &s->f.c, t, &t->cmds.v[0], 0,
	    &later, &s->e));
	assert_string_equal(later.text, "d abc");
	end(s);
}

static bool
two_files(void *ctx, struct arena *a, const char *dir, const glob_vec *globs,
    bool use_gitignore, string_vec *out, struct err *e)
{
	(void)ctx;
	(void)e;
	assert_true(use_gitignore);
	assert_int_equal(globs->n, 2);
	assert_true(globs->v[1].negate);
	vec_push(a, out, arena_printf(a, "%s/%s", dir, globs->v[0].pattern));
	vec_push(a, out, arena_printf(a, "%s/../other", dir));
	return true;
}

/* L-057 */
static void
loop_over_sources_is_relative_to_the_folder(void **state)
{
	struct setup *s = begin("version: '3'\n"
				"use_gitignore: true\n"
				"tasks:\n"
				"  x:\n"
				"    dir: sub\n"
				"    vars: {N: name}\n"
				"    sources: ['{{.N}}.c', {exclude: z}]\n"
				"    cmds: [{for: sources, cmd: '{{.ITEM}}'}]\n");
	struct ctask *t;

	(void)state;
	s->f.c.files = two_files;
	t = compiled(s, "x");
	assert_int_equal(t->cmds.n, 2);
	assert_string_equal(t->cmds.v[0].text, "name.c");
	assert_string_equal(t->cmds.v[1].text, "../other");
	end(s);
}

static uint64_t
key_of(struct setup *s, const char *name, const char *value_of_x)
{
	struct map *v = map_new(s->f.a);
	struct var x = { .has_value = true, .value = value_cstr(value_of_x) };
	struct call call = { .task = name, .vars = v };
	struct ctask *t;

	map_put(v, SV("X"), &x);
	t = fix_compile(&s->f, &call, COMPILE_FULL, &s->e);
	assert_non_null(t);
	return t->when_changed_key;
}

/* L-189, and the environment and handed-on variables on top of it. */
static void
when_changed_sees_what_would_be_done(void **state)
{
	struct setup *s = begin(
	    "version: '3'\n"
	    "tasks:\n"
	    "  same: {cmds: [echo]}\n"
	    "  text: {cmds: ['echo {{.X}}']}\n"
	    "  env: {cmds: [echo $E], env: {E: '{{.X}}'}}\n"
	    "  call: {cmds: [{task: same, vars: {Y: '{{.X}}'}}]}\n"
	    "  dep: {deps: [{task: same, vars: {Y: '{{.X}}'}}]}\n"
	    "  defer: {cmds: [{defer: 'echo {{.X}}'}]}\n"
	    "  dir: {dir: '{{.X}}', cmds: [echo]}\n");
	static const char *const differ[] = { "text", "env", "call", "dep",
		"defer", "dir" };

	(void)state;
	assert_true(key_of(s, "same", "1") == key_of(s, "same", "2"));
	for (size_t i = 0; i < sizeof(differ) / sizeof(differ[0]); i++) {
		assert_true(key_of(s, differ[i], "1") !=
		    key_of(s, differ[i], "2"));
		assert_true(key_of(s, differ[i], "1") ==
		    key_of(s, differ[i], "1"));
	}
	end(s);
}

/* L-188: the namespace of the outermost include is not part of it. */
static void
once_key_is_file_and_local_name(void **state)
{
	struct setup *s = xcalloc(1, sizeof(*s));
	const char *want;

	(void)state;
	s->e = (struct err)ERR_INIT;
	s->tree = tree_new();
	tree_file(&s->tree, "Taskfile.yml",
	    "version: '3'\nincludes: {i: inc.yml, j: inc.yml}\n"
	    "tasks: {'w-*': echo}\n");
	tree_file(&s->tree, "inc.yml", "version: '3'\ntasks: {t: echo}\n");
	assert_true(fix_load(&s->f, &s->tree, no_env, &s->e));
	want = arena_printf(s->f.a, "%s/inc.yml:t", s->tree.dir);
	assert_string_equal(compiled(s, "i:t")->once_key, want);
	assert_string_equal(compiled(s, "j:t")->once_key, want);
	want = arena_printf(s->f.a, "%s/Taskfile.yml:w-x", s->tree.dir);
	assert_string_equal(compiled(s, "w-x")->once_key, want);
	end(s);
}

/* L-212: file, task and command lists are united. */
static void
shell_options_are_united(void **state)
{
	struct setup *s = begin(
	    "version: '3'\n"
	    "set: [pipefail]\n"
	    "shopt: [globstar]\n"
	    "tasks:\n"
	    "  x:\n"
	    "    set: [pipefail, nounset]\n"
	    "    cmds: [{cmd: echo, set: [xtrace], shopt: [globstar]}]\n");
	const struct ccmd *c = &compiled(s, "x")->cmds.v[0];

	(void)state;
	assert_int_equal(c->set.n, 3);
	assert_string_equal(c->set.v[0], "pipefail");
	assert_string_equal(c->set.v[1], "nounset");
	assert_string_equal(c->set.v[2], "xtrace");
	assert_int_equal(c->shopt.n, 1);
	end(s);
}

/* L-204: silent at the file, the task or the call; L-202: the folder. */
static void
fields_of_a_task(void **state)
{
	struct setup *s = begin("version: '3'\n"
				"tasks:\n"
				"  x: {silent: true, dir: ~/d}\n"
				"  'y-*': {prefix: 'p{{.TASK}}', dir: /abs/./d}\n"
				"  z: {dir: '$HOME/$NOPE'}\n");
	struct ctask *t = compiled(s, "x");

	(void)state;
	assert_true(t->silent);
	assert_string_equal(t->prefix, "x");
	assert_string_equal(t->dir, "/home/user/d");
	t = compiled(s, "y-1");
	assert_false(t->silent);
	assert_string_equal(t->prefix, "py-*");
	assert_string_equal(t->name, "y-1");
	assert_string_equal(compiled(s, "z")->dir, "/home/user/");
	end(s);
}

/* ---- summary ---- */

static void
check_visible(const visible_vec *v, const char *want)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < v->n; i++)
		sb_printf(&b, "%s%s%s ", v->v[i].name,
		    v->v[i].sh ? "=sh:" : "", v->v[i].sh ? v->v[i].sh : "");
	assert_string_equal(sb_cstr(&b), want);
}

/* C-182 */
static void
visible_vars_of_a_summary(void **state)
{
	struct setup *s = begin(
	    "version: '3'\n"
	    "vars: {A: a, HOME: h, TASK_X: x, S: {sh: 'echo {{.A}}'}, Z: 1}\n"
	    "env: {E: '{{.A}}', P: {sh: pwd}}\n"
	    "tasks: {t: {vars: {A: '{{.A}}2', O: o}, env: {F: f}}}\n");
	struct match m;
	struct call call = { .task = "t" };
	visible_vec variables = { 0 }, env = { 0 };

	(void)state;
	assert_true(task_find(s->f.a, &s->f.c, "t", &m, &s->e));
	compile_visible_vars(s->f.a, &s->f.c, &call, &m, &variables, &env);
	check_visible(&variables, "A S=sh:echo a Z O ");
	check_visible(&env, "E P=sh:pwd F ");
	assert_string_equal(variables.v[0].value.u.s, "a2");
	/* env sees all variables of the task */
	assert_string_equal(env.v[0].value.u.s, "a2");
	end(s);
}

/* ---- many ---- */

/* A task in a large file costs what it uses, not what there is. */
static void
large_files_are_cheap_per_task(void **state)
{
	struct sb b cleanup_sb = SB_INIT;
	struct arena *probe cleanup_arena = arena_new();
	struct setup *s;
	size_t before;

	(void)state;
	sb_adds(&b, "version: '3'\nvars:\n  V0: x\n");
	for (int i = 1; i < 2000; i++)
		sb_printf(&b, "  V%d: '{{.V%d}}'\n", i, i - 1);
	sb_adds(&b, "tasks:\n");
	for (int i = 0; i < 2000; i++)
		sb_printf(&b, "  t%d: 'echo {{.V%d}}'\n", i, i);
	s = begin(sb_cstr(&b));
	assert_string_equal(compiled(s, "t1999")->cmds.v[0].text, "echo x");
	before = arena_size(s->f.a);
	for (int i = 0; i < 100; i++)
		compiled(s, arena_printf(probe, "t%d", i * 19));
	/* tables of needed variables: 8 bytes for each there is */
	assert_true(arena_size(s->f.a) - before < 100 * 64 * 1024);
	end(s);
}

int
test_compile_compile(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    independent_commands_are_asked_for_side_by_side),
		cmocka_unit_test(eager_mode_asks_in_order),
		cmocka_unit_test(results_are_kept_for_the_run),
		cmocka_unit_test(a_running_command_is_waited_for),
		cmocka_unit_test(who_waits_takes_over_what_another_gives_up),
		cmocka_unit_test(the_first_answer_counts_for_all),
		cmocka_unit_test(the_first_declared_failure_is_told),
		cmocka_unit_test(one_newline_is_cut_from_output),
		cmocka_unit_test(fast_mode_never_asks),
		cmocka_unit_test(list_mode_makes_texts_for_people),
		cmocka_unit_test(fast_mode_leaves_nothing_to_full_mode),
		cmocka_unit_test(secrets_are_listed),
		cmocka_unit_test(checksum_is_asked_for_only_when_mentioned),
		cmocka_unit_test(loop_over_sources_is_relative_to_the_folder),
		cmocka_unit_test(when_changed_sees_what_would_be_done),
		cmocka_unit_test(once_key_is_file_and_local_name),
		cmocka_unit_test(shell_options_are_united),
		cmocka_unit_test(fields_of_a_task),
		cmocka_unit_test(visible_vars_of_a_summary),
		cmocka_unit_test(large_files_are_cheap_per_task),
	};

	return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
