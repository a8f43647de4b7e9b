/* SPDX-License-Identifier: MIT */
/* Runs the tables of tests/compile; see the README there. */
#include <glob.h>
#include <stdio.h>

#include "base/io.h"
#include "compile/compile_fixture.h"

struct one_case {
	const char *title;
	string_vec words, rest, env;
	const char *want;	/* what is printed, then the error */
	const char *want_eager; /* where that differs; or NULL */
	bool echo, precedence;
	struct tree tree;
};

/* ---- reading ---- */

static void
add_words(struct arena *a, struct one_case *c, sv line)
{
	string_vec *to = &c->words;
	sv word;

	while (line.n > 0) {
		sv_cut(line, ' ', &word, &line);
		if (sv_is(word, "--"))
			to = &c->rest;
		else if (word.n > 0)
			vec_push(a, to, sv_cstr(a, word));
	}
}

static void
read_head(struct arena *a, struct one_case *c, sv line)
{
	if (sv_starts(line, SV("args: ")))
		add_words(a, c, sv_sub(line, 6, line.n));
	else if (sv_starts(line, SV("env: ")))
		vec_push(a, &c->env, sv_cstr(a, sv_sub(line, 5, line.n)));
	else if (sv_is(line, "echo"))
		c->echo = true;
	else if (sv_is(line, "precedence"))
		c->precedence = true;
	else if (line.n > 0 && line.p[0] != '#')
		fail_msg("unknown line: %.*s", SV_ARG(line));
}

static void
end_section(struct arena *a, struct one_case *c, const char *name,
    struct sb *text)
{
	sv whole = sb_take(text, a);
	const char *s;

	if (name == NULL)
		return;
	/* blank lines before the next case belong to nobody */
	while (sv_ends(whole, SV("\n\n")))
		whole.n--;
	s = sv_is(whole, "\n") ? "" : sv_cstr(a, whole);
	if (strcmp(name, "out") == 0)
		c->want = s;
	else if (strcmp(name, "out eager") == 0)
		c->want_eager = s;
	else
		tree_file(&c->tree, name, s);
}

static struct one_case
read_case(struct arena *a, sv text)
{
	struct one_case c = { .tree = tree_new() };
	struct sb section cleanup_sb = SB_INIT;
	const char *name = NULL;
	sv line;

	sv_cut(text, '\n', &line, &text);
	c.title = sv_cstr(a, line);
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		if (sv_starts(line, SV("--- "))) {
			end_section(a, &c, name, &section);
			name = sv_cstr(a, sv_sub(line, 4, line.n));
		} else if (name == NULL) {
			read_head(a, &c, line);
		} else {
			sb_addv(&section, line);
			sb_addc(&section, '\n');
		}
	}
	end_section(a, &c, name, &section);
	return c;
}

/* ---- running ---- */

static bool
run_tasks(struct fixture *f, const struct one_case *c, struct err *e)
{
	struct cli_words words = { .words = c->words.v, .n_words = c->words.n,
		.rest = c->rest.v, .n_rest = c->rest.n };
	string_vec tasks;

	if (!fix_globals(f, e))
		return false;
	tasks = fix_words(f, &words);
	for (size_t i = 0; i < tasks.n; i++)
		if (!fix_run(f, &(struct call){ .task = tasks.v[i] }, e))
			return false;
	return true;
}

/* The root folder's name is another one in every run. */
static const char *
without_root(struct arena *a, sv text, const char *root)
{
	struct sb b cleanup_sb = SB_INIT;
	ptrdiff_t at;

	while ((at = sv_find(text, sv_of(root), 0)) >= 0) {
		sb_addv(&b, sv_sub(text, 0, (size_t)at));
		sb_adds(&b, "ROOT");
		text = sv_sub(text, (size_t)at + strlen(root), text.n);
	}
	sb_addv(&b, text);
	return sv_cstr(a, sb_take(&b, a));
}

static bool
run_case(struct arena *a, struct one_case *c, bool eager)
{
	const char *want = eager && c->want_eager ? c->want_eager : c->want;
	struct err e cleanup_err = ERR_INIT;
	string_vec env = c->env;
	struct fixture f;
	const char *got;
	bool ok;

	vec_push(a, &env, "HOME=/home/user");
	vec_push(a, &env, NULL);
	ok = fix_load(&f, &c->tree, env.v, &e);
	f.c.eager = eager;
	f.c.env_precedence = c->precedence;
	f.echo = c->echo;
	if (!ok || !run_tasks(&f, c, &e))
		sb_printf(&f.out, "%d %s\n", err_exit_status(e.code),
		    e.message);
	while (sv_ends(sb_sv(&f.out), SV("\n\n")))
		f.out.n--;
	got = without_root(a, sb_sv(&f.out), c->tree.dir);
	ok = strcmp(got, want) == 0;
	if (!ok)
		print_error("%s%s:\n--- wanted\n%s--- got\n%s", c->title,
		    eager ? " (eager)" : "", want, got);
	fix_free(&f);
	return ok;
}

static void
run_file(const char *path)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e = ERR_INIT;
	const char *only = getenv("PRUN_CASE");
	int failed = 0;
	sv text, rest;
	ptrdiff_t at;

	assert_true(read_file(a, path, &text, &e));
	at = sv_find(text, SV("\n=== "), 0);
	while (at >= 0) {
		struct one_case c;
		sv one;

		rest = sv_sub(text, (size_t)at + 5, text.n);
		at = sv_find(rest, SV("\n=== "), 0);
		one = at < 0 ? rest : sv_sub(rest, 0, (size_t)at + 1);
		text = rest;
		c = read_case(a, one);
		if (only == NULL || strstr(c.title, only) != NULL) {
			failed += !run_case(a, &c, false);
			failed += !run_case(a, &c, true);
		}
		tree_cleanup(&c.tree);
	}
	assert_int_equal(failed, 0);
}

static void
tables(void **state)
{
	glob_t g;

	(void)state;
	assert_int_equal(glob(TESTS_DIR "/compile/*.txt", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		run_file(g.gl_pathv[i]);
	globfree(&g);
}

int
test_compile_table(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests_name("compile tables", tests, NULL, NULL);
}
