/* SPDX-License-Identifier: MIT */
/* Runs the table tests/derive/names.txt: which names give which plan, and that
 * each of them reads back from its YAML. */
#include "derive/derive.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/map.h"
#include "taskfile/taskfile.h"
#include "unit.h"

struct block {
	struct arena *a;
	struct sb tasks;
	string_vec lines; /* "NAME-parallel: TEXT" */
	size_t at;        /* line of the first of them in the table */
};

static size_t n_lists, n_wrong;

static struct taskfile *
derive_read(struct arena *a, const char *tasks)
{
	struct err e = ERR_INIT;
	struct taskfile *t = NULL;
	sv text = sv_of(arena_printf(a, "version: '3'\ntasks:\n%s", tasks));

	if (!taskfile_decode(a, &(struct file_text){ .text = text },
		"/p/Taskfile.yml", "/p", &t, &e))
		fail_msg("%s\n%s", e.message, text.p);
	return t;
}

/* Fresh each time: deriving may change the tasks. */
static char *
derive_said(struct arena *a, const char *tasks, const char *name)
{
	const char *why = NULL;
	const struct task *t =
	    derive_task(a, derive_read(a, tasks), name, &why);

	if (t != NULL)
		return derive_text(a, t);
	return arena_printf(a, "! %s", why ? why : "nothing to say");
}

/* What qa-parallel of common names prints stands for itself. */
static const char *
read_back(struct arena *a, const char *tasks, const char *name)
{
	struct sb yaml cleanup_sb = SB_INIT;
	struct err e = ERR_INIT;
	const char *why;

	if (!derive_yaml(a, derive_read(a, tasks), name, &yaml, &why, &e)) {
		err_clear(&e);
		return NULL;
	}
	return derive_text(a, map_get(derive_read(a, arena_printf(a, "%s%s",
							 tasks, sb_cstr(&yaml)))
					  ->tasks,
				  sv_of(name)));
}

static void
check_line(struct block *b, const char *line, size_t at)
{
	const char *tasks = sb_cstr(&b->tasks), *colon = strstr(line, ": ");
	char *name, *said;
	const char *again = NULL;

	assert_non_null(colon);
	name = arena_strndup(b->a, line, (size_t)(colon - line));
	said = derive_said(b->a, tasks, name);
	if (strcmp(said, colon + 2) != 0) {
		print_error("names.txt:%zu: %s: %s\n", at, name, said);
		n_wrong++;
	}
	if (*said != '!')
		again = read_back(b->a, tasks, name);
	if (again != NULL && strncmp(again, said, strlen(said)) != 0 &&
	    strstr(again, ":, then") == NULL) {
		print_error(
		    "names.txt:%zu: %s: ejected: %s\n", at, name, again);
		n_wrong++;
	}
}

static void
block_end(struct block *b)
{
	for (size_t i = 0; i < b->lines.n; i++)
		check_line(b, b->lines.v[i], b->at + i);
	n_lists += b->lines.n > 0;
	b->lines.n = 0;
	b->tasks.n = 0;
}

static void
block_line(struct block *b, sv line, size_t at)
{
	static const sv words = SV("tasks:");
	char *text = arena_strndup(b->a, line.p, line.n);
	sv name;

	if (sv_starts(line, SV("#")))
		return;
	if (sv_starts(line, words)) {
		for (line = sv_sub(line, words.n + 1, SIZE_MAX); line.n > 0;) {
			sv_cut(line, ' ', &name, &line);
			sb_printf(
			    &b->tasks, "  %.*s: 'true'\n", (int)name.n, name.p);
		}
	} else if (sv_starts(line, SV("  "))) {
		sb_printf(&b->tasks, "%s\n", text);
	} else {
		if (b->lines.n == 0)
			b->at = at;
		vec_push(b->a, &b->lines, text);
	}
}

/* P-1403, P-1404. */
static void
names_give_the_plan_of_a_maintainer(void **state)
{
	struct block b = { .a = arena_new(), .tasks = SB_INIT };
	struct err e = ERR_INIT;
	const char *dir = getenv("abs_srcdir");
	sv text, line;
	size_t at = 0;

	(void)state;
	assert_true(read_file(b.a,
	    arena_printf(b.a, "%s/tests/derive/names.txt", dir ? dir : "."),
	    &text, &e));
	while (text.n > 0) {
		at++;
		sv_cut(text, '\n', &line, &text);
		if (line.n == 0)
			block_end(&b);
		else
			block_line(&b, line, at);
	}
	block_end(&b);
	sb_free(&b.tasks);
	arena_free(b.a);
	assert_true(n_lists >= 60);
	assert_int_equal(n_wrong, 0);
}

static char *
names_of(struct arena *a, const char *tasks)
{
	struct sb b cleanup_sb = SB_INIT;
	string_vec names = { 0 };

	derive_names(a, derive_read(a, tasks), SIZE_MAX, &names);
	for (size_t i = 0; i < names.n; i++)
		sb_printf(&b, "%s ", names.v[i]);
	return (char *)sb_take(&b, a).p;
}

/* P-1404: only what has calls side by side is named. */
static void
names_are_those_that_gain_by_it(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(
	    names_of(a,
		"  lint: 'true'\n  test: [{task: test:a}, {task: test:b}]\n"
		"  test:a: 'true'\n  test:b: 'true'\n"
		"  start: [{task: up}, {task: logs}]\n  up: 'true'\n"
		"  logs: 'true'\n"),
	    "qa-parallel test-parallel ");
	assert_string_equal(names_of(a, "  test: 'true'\n"), "");
	assert_string_equal(
	    names_of(a,
		"  qa: [{task: lint}, {task: test}]\n  qa-parallel: 'true'\n"
		"  lint: 'true'\n  test: 'true'\n"),
	    "");
	arena_free(a);
}

/* P-1404: what several members need runs once. */
static void
shared_deps_run_once(void **state)
{
	struct arena *a = arena_new();
	struct taskfile *t =
	    derive_read(a, "  lint: {deps: [install], cmds: ['true']}\n"
			   "  test: {deps: [install, db], cmds: ['true']}\n"
			   "  install: npm ci\n  db: 'true'\n");
	const struct task *install = map_get(t->tasks, SV("install")),
			  *db = map_get(t->tasks, SV("db"));
	const char *why;

	(void)state;
	assert_non_null(derive_task(a, t, "qa-parallel", &why));
	assert_string_equal(install->rare->run, "when_changed");
	assert_string_equal(db->rare->run, "");
	arena_free(a);
}

int
test_derive_derive(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_give_the_plan_of_a_maintainer),
		cmocka_unit_test(names_are_those_that_gain_by_it),
		cmocka_unit_test(shared_deps_run_once),
	};

	return cmocka_run_group_tests_name("derive/derive", tests, NULL, NULL);
}
