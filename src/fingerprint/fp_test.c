/* SPDX-License-Identifier: MIT */
#include "fingerprint/fp.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/path.h"
#include "tree.h"

/* A project with one task, as compile/ would hand it over. */
struct project {
	struct tree t;
	struct fp *fp;
	struct fp_options o;
	struct task task;
	struct ctask c;
	char *env[3];
};

static struct project *
project_new(struct tree t)
{
	struct project *p = arena_new_of(t.a, struct project);

	p->t = t;
	tree_dir(&p->t, "p");
	p->o.root_dir = tree_path(&t, "p");
	p->o.temp_dir = tree_path(&t, "p/.task");
	p->o.memo_path = tree_path(&t, "memo");
	p->o.default_method = "";
	p->task.name = "build";
	p->c.task = &p->task;
	p->c.name = p->c.full_name = p->c.called_name = "build";
	p->c.dir = p->o.root_dir;
	p->c.method = "";
	p->c.env = p->env;
	p->env[0] = arena_strdup(t.a, "PATH=/bin:/usr/bin");
	return p;
}

static void
add_source(struct project *p, const char *pattern)
{
	struct glob g = { pattern, false };

	vec_push(p->t.a, &p->c.sources, g);
}

static void
add_output(struct project *p, const char *pattern)
{
	struct glob g = { pattern, false };

	vec_push(p->t.a, &p->c.generates, g);
}

static struct ccmd *
add_cmd(struct project *p, const char *text)
{
	struct ccmd c = { .kind = CMD_SHELL, .text = text, .if_text = "" };

	vec_push(p->t.a, &p->c.cmds, c);
	return &p->c.cmds.v[p->c.cmds.n - 1];
}

/* Each step is a process of its own, as far as fp can tell. */
static struct fp *
open_fp(struct project *p)
{
	if (p->fp == NULL)
		p->fp = fp_new(&p->o);
	return p->fp;
}

static void
close_fp(struct project *p)
{
	fp_free(p->fp);
	p->fp = NULL;
}

static struct fp_state
check(struct project *p)
{
	struct err e = ERR_INIT;
	struct fp_state s;

	assert_true(fp_check(open_fp(p), p->t.a, &p->c, &s, &e));
	return s;
}

static const char *
reason(struct project *p)
{
	struct fp_state s = check(p);

	close_fp(p);
	return s.up_to_date ? "" : s.reason;
}

/* A whole run that passes; true when nothing had to be done. */
static bool
run(struct project *p)
{
	struct err e = ERR_INIT;
	struct fp_state s = check(p);
	bool disturbed = true;

	if (!s.up_to_date) {
		assert_int_equal(fp_lock_try(p->fp, p->t.a, &p->c, NULL),
		    FP_LOCK_TAKEN);
		assert_true(fp_record(p->fp, p->t.a, &p->c, &s, &disturbed,
		    &e));
		assert_false(disturbed);
	}
	close_fp(p);
	return s.up_to_date;
}

static void
write_in(struct project *p, const char *name, const char *text)
{
	tree_file(&p->t, arena_printf(p->t.a, "p/%s", name), text);
}

static const char *
read_in(struct project *p, const char *name)
{
	return tree_read(&p->t, arena_printf(p->t.a, "p/%s", name));
}

/* ---- go-task's files ---- */

static void
checksums_are_those_of_the_reference(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);

	(void)state; /* C-301, C-302, C-325, C-326, C-328 */
	add_source(p, "a.txt");
	write_in(p, "a.txt", "a\n");
	assert_false(run(p));
	assert_string_equal(read_in(p, ".task/checksum/build"),
	    "d8feed32ac6736d9d50c730de5e092e3\n");
	write_in(p, "a.txt", "b\n");
	assert_false(run(p));
	assert_string_equal(read_in(p, ".task/checksum/build"),
	    "d1f57ec7d68ae062c2834503647ac03e\n");
	write_in(p, "a.txt", "c28\n");
	p->c.name = "\xc3\xa9-\xc3\xbc:x 1_";
	assert_false(run(p));
	assert_string_equal(read_in(p, ".task/checksum/----x-1-"),
	    "71228f56bbc44ed145e8856be2d680e\n");
	remove(tree_path(&t, "p/a.txt"));
	assert_false(run(p));
	assert_true(run(p));
	assert_string_equal(read_in(p, ".task/checksum/----x-1-"),
	    "99aa06d3014798d86001c324468d497f\n");
}

static void
checksums_run_over_sorted_files(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);

	(void)state; /* C-328 */
	add_source(p, "src/**/*.txt");
	write_in(p, "src/a.txt", "a\n");
	write_in(p, "src/d/b.txt", "b\n");
	write_in(p, "src/d/e/c.txt", "c\n");
	assert_false(run(p));
	assert_string_equal(read_in(p, ".task/checksum/build"),
	    "81d02c8a951bc3827f138f0cb0f337cd\n");
	p->c.sources.n = 0;
	add_source(p, "b/*");
	write_in(p, "b/A", "2\n");
	write_in(p, "b/z", "1\n");
	assert_false(run(p));
	assert_string_equal(read_in(p, ".task/checksum/build"),
	    "182bad020428ac018fe9a5249ab0079\n");
}

static void
method_is_checked(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	struct err e = ERR_INIT;
	struct fp_state s;

	(void)state; /* C-310, C-318 */
	p->c.method = "sum";
	assert_false(fp_check(open_fp(p), t.a, &p->c, &s, &e));
	assert_string_equal(e.message, "task: invalid method \"sum\"");
	err_clear(&e);
	close_fp(p);
	p->c.method = "";
	s = check(p);
	assert_false(s.has_sources);
	close_fp(p);
	p->c.method = "none";
	add_source(p, "a.txt");
	write_in(p, "a.txt", "");
	assert_false(run(p));
	assert_false(run(p));
	assert_null(read_in(p, ".task/checksum/build"));
}

static void
timestamps_compare_sources_with_outputs(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	int64_t now = clock_real_ns();

	(void)state; /* C-317 */
	p->c.method = "timestamp";
	p->o.compat = true;
	add_source(p, "in");
	write_in(p, "in", "");
	tree_touch(&t, "p/in", now - 10 * NS_PER_S);
	assert_false(run(p));
	assert_string_equal(read_in(p, ".task/timestamp/build"), "");
	assert_true(run(p));
	tree_touch(&t, "p/in", now + 100 * NS_PER_S);
	assert_string_equal(reason(p), "source newer: in");
	tree_touch(&t, "p/in", now - 5 * NS_PER_S);
	assert_true(run(p));
	add_output(p, "out");
	assert_string_equal(reason(p), "output missing: out");
	write_in(p, "out", "");
	assert_true(run(p));
}

static void
values_of_the_effective_method(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	struct err e = ERR_INIT;
	value v;

	(void)state; /* C-327 */
	add_source(p, "a.txt");
	write_in(p, "a.txt", "a\n");
	tree_touch(&t, "p/a.txt", 1000000000123456789);
	assert_true(fp_checksum_value(open_fp(p), t.a, &p->c, &v, &e));
	assert_string_equal(v.u.s, "d8feed32ac6736d9d50c730de5e092e3");
	assert_true(fp_timestamp_value(p->fp, t.a, &p->c, &v, &e));
	assert_int_equal(v.kind, VALUE_STRING);
	assert_int_equal(v.len, 0);
	p->c.method = "timestamp";
	assert_true(fp_checksum_value(p->fp, t.a, &p->c, &v, &e));
	assert_int_equal(v.len, 0);
	assert_true(fp_timestamp_value(p->fp, t.a, &p->c, &v, &e));
	assert_int_equal(v.kind, VALUE_TIME);
	assert_int_equal(v.u.time->sec, 1000000000);
	assert_int_equal(v.u.time->nsec, 123456789);
	close_fp(p);
}

/* ---- D-1: never-events 1, 2 ---- */

static void
nothing_is_written_before_success(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);

	(void)state; /* D-1, C-320 */
	add_source(p, "in");
	write_in(p, "in", "1");
	assert_string_equal(reason(p), "no record of a successful run");
	assert_false(path_exists(tree_path(&t, "p/.task")));
}

static void
interrupted_work_is_stale_in_both_methods(void **state)
{
	static const char *const methods[] = { "checksum", "timestamp" };

	(void)state; /* D-1, never-event 1 */
	for (int i = 0; i < 4; i++) {
		struct tree t cleanup_tree = tree_new();
		struct project *p = project_new(t);

		p->o.compat = i >= 2;
		p->c.method = methods[i % 2];
		add_source(p, "in");
		add_output(p, "out");
		write_in(p, "in", "1");
		write_in(p, "out", "1");
		assert_int_equal(run(p), p->o.compat && i % 2 == 1);
		assert_true(run(p));
		/* A run begins and its process dies: the descriptors go, the
		 * outcome never comes. */
		assert_int_equal(fp_lock_try(open_fp(p), t.a, &p->c, NULL),
		    FP_LOCK_TAKEN);
		close_fp(p);
		write_in(p, "out", "1");
		assert_string_equal(reason(p), "last run did not finish");
		assert_false(run(p));
		assert_true(run(p));
	}
}

static void
failed_work_is_stale_in_both_methods(void **state)
{
	static const char *const methods[] = { "checksum", "timestamp" };
	struct err e = ERR_INIT;

	(void)state; /* D-1, C-315, C-317 */
	for (int i = 0; i < 4; i++) {
		struct tree t cleanup_tree = tree_new();
		struct project *p = project_new(t);

		p->o.compat = i >= 2;
		p->c.method = methods[i % 2];
		add_source(p, "in");
		add_output(p, "out");
		write_in(p, "in", "1");
		write_in(p, "out", "1");
		run(p);
		assert_true(run(p));
		write_in(p, "in", "2");
		check(p);
		fp_lock_try(p->fp, t.a, &p->c, NULL);
		write_in(p, "out", "2");
		assert_true(fp_forget(p->fp, t.a, &p->c, &e));
		close_fp(p);
		assert_string_not_equal(reason(p), "");
		write_in(p, "in", "1");
		assert_string_not_equal(reason(p), "");
	}
}

static void
forced_failure_names_what_was_not_there(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	struct err e = ERR_INIT;

	(void)state; /* C-316, M-71 */
	add_source(p, "in");
	assert_false(fp_forget(open_fp(p), t.a, &p->c, &e));
	assert_string_equal(e.message,
	    arena_printf(t.a, "remove %s/p/.task/checksum/build: no such file "
			      "or directory",
		t.dir));
	err_clear(&e);
	close_fp(p);
}

static void
damaged_state_is_stale(void **state)
{
	static const char *const wrecks[] = { "", "\n", "garbage\n",
		"prun record 2 0000000000000000\nmethod checksum\n" };
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	char *record = NULL;
	DIR *d;

	(void)state; /* never-event 1, after a power loss */
	add_source(p, "in");
	write_in(p, "in", "1");
	assert_false(run(p));
	d = opendir(tree_path(&t, "p/.task/prun"));
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.')
			record = arena_printf(t.a, ".task/prun/%s", e->d_name);
	closedir(d);
	assert_non_null(record);
	for (size_t i = 0; i < sizeof(wrecks) / sizeof(wrecks[0]); i++) {
		assert_true(run(p));
		write_in(p, record, wrecks[i]);
		assert_string_equal(reason(p), "record damaged");
		assert_false(run(p));
	}
	write_in(p, record, "prun record 1 0000000000000000\nmethod none\n");
	assert_string_equal(reason(p), "no record of a successful run");
	assert_false(run(p));
	/* every shorter piece of the record, and zeros */
	{
		const char *whole = read_in(p, record);

		for (size_t n = strlen(whole); n-- > 0; n -= n > 20 ? 17 : 0) {
			write_in(p, record,
			    arena_strndup(t.a, whole, n));
			assert_string_equal(reason(p), "record damaged");
		}
		write_in(p, record, whole);
		assert_string_equal(reason(p), "");
	}
	write_in(p, ".task/checksum/build", "");
	assert_string_equal(reason(p), "never run successfully");
	write_in(p, ".task/checksum/build", "abc\n");
	assert_string_equal(reason(p), "run by another program since");
}

static void
unfinished_work_of_others_is_busy(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	struct fp_owner owner;
	int ready[2], go[2], status;
	struct fp_state s;
	pid_t child;
	char c;

	(void)state; /* P-114, never-event 2 */
	add_source(p, "in");
	write_in(p, "in", "1");
	assert_false(run(p));
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	child = fork();
	if (child == 0) {
		p->o.run_id = "run-7";
		fp_lock_try(open_fp(p), t.a, &p->c, NULL);
		close(go[1]);
		if (write(ready[1], "x", 1) != 1 || read(go[0], &c, 1) != 1)
			_exit(1);
		_exit(0); /* dies with the mark in hand */
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	s = check(p);
	assert_true(s.busy);
	assert_false(s.up_to_date);
	assert_int_equal(fp_lock_try(p->fp, t.a, &p->c, &owner), FP_LOCK_BUSY);
	assert_int_equal(owner.pid, child);
	assert_string_equal(owner.run, "run-7");
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	s = check(p);
	assert_false(s.busy);
	assert_false(s.up_to_date);
	close_fp(p);
	assert_false(run(p));
	assert_true(run(p));
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
}

/* A second call of the same work in this process has nobody to wait for. */
static void
unfinished_work_of_our_own_is_ours(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	struct fp_owner owner = { 0 };

	(void)state;
	add_source(p, "in");
	write_in(p, "in", "1");
	assert_int_equal(
	    fp_lock_try(open_fp(p), t.a, &p->c, NULL), FP_LOCK_TAKEN);
	assert_int_equal(fp_lock_try(p->fp, t.a, &p->c, &owner), FP_LOCK_OURS);
	close_fp(p);
}

/* ---- D-2: never-events 4, 5 ---- */

static void
every_edit_of_the_task_is_stale(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	struct ccmd *cmd;

	(void)state; /* D-2, never-event 4 */
	add_source(p, "in");
	write_in(p, "in", "1");
	write_in(p, "tool.sh", "echo 1");
	p->c.env_set = map_new(t.a);
	p->env[1] = arena_strdup(t.a, "OUTSIDE=1");
	cmd = add_cmd(p, "CC=gcc ./tool.sh $OUTSIDE | cat");
	assert_false(run(p));
	assert_true(run(p));

	cmd->text = "CC=clang ./tool.sh $OUTSIDE | cat";
	assert_string_equal(reason(p), "command changed");
	assert_false(run(p));
	cmd = add_cmd(p, "true");
	assert_string_equal(reason(p), "command added");
	assert_false(run(p));
	p->c.cmds.n--;
	assert_string_equal(reason(p), "command removed");
	assert_false(run(p));
	map_put(p->c.env_set, SV("FLAGS"), arena_strdup(t.a, "-O1"));
	assert_string_equal(reason(p), "environment added: FLAGS");
	assert_false(run(p));
	map_put(p->c.env_set, SV("FLAGS"), arena_strdup(t.a, "-O2"));
	assert_string_equal(reason(p), "environment changed: FLAGS");
	assert_false(run(p));
	p->env[1] = arena_strdup(t.a, "OUTSIDE=2");
	assert_string_equal(reason(p), "environment changed: OUTSIDE");
	assert_false(run(p));
	vec_push(t.a, &p->c.cmds.v[0].shopt, "globstar");
	assert_string_equal(reason(p), "command changed");
	assert_false(run(p));
	write_in(p, "tool.sh", "echo 2");
	assert_string_equal(reason(p), "tool changed: ./tool.sh");
	assert_false(run(p));
	write_in(p, "sub/in", "1");
	p->c.sources.v[0].pattern = tree_path(&t, "p/in");
	assert_true(run(p));
	p->c.dir = tree_path(&t, "p/sub");
	assert_string_equal(reason(p), "directory changed");
	assert_false(run(p));
	assert_true(run(p));
}

static vars *
one_var(struct arena *a, const char *name, const char *text)
{
	vars *v = map_new(a);
	struct var *var = arena_new_of(a, struct var);

	var->has_value = true;
	var->value = value_cstr(text);
	map_put(v, sv_of(name), var);
	return v;
}

static void
other_variables_are_another_fingerprint(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);

	(void)state; /* D-2, never-event 5 */
	add_source(p, "in");
	add_output(p, "out");
	write_in(p, "in", "1");
	write_in(p, "out", "1");
	p->c.call_vars = one_var(t.a, "N", "1");
	assert_false(run(p));
	p->c.call_vars = one_var(t.a, "N", "2");
	assert_false(run(p));
	p->c.call_vars = one_var(t.a, "N", "1");
	assert_true(run(p));
	p->c.call_vars = one_var(t.a, "N", "2");
	assert_true(run(p));
	p->c.call_vars = one_var(t.a, "M", "2");
	assert_false(run(p));
	write_in(p, "in", "2");
	p->c.call_vars = one_var(t.a, "N", "1");
	assert_false(run(p));
	p->c.call_vars = one_var(t.a, "N", "2");
	assert_false(run(p));
}

static void
without_outputs_the_last_variant_counts(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	vars *one = one_var(t.a, "N", "1"), *two = one_var(t.a, "N", "2");
	struct err e = ERR_INIT;
	struct fp_state s[2];

	(void)state; /* never-event 5: N=2 may have written over N=1's */
	add_source(p, "in");
	write_in(p, "in", "1");
	p->c.call_vars = one;
	assert_false(run(p));
	assert_true(run(p));
	p->c.call_vars = two;
	assert_string_equal(reason(p), "variable changed: N");
	assert_false(run(p));
	p->c.call_vars = one;
	assert_false(run(p));
	p->c.call_vars = NULL;
	assert_string_equal(reason(p), "variable removed: N");
	/* side by side nobody is last */
	for (int i = 0; i < 2; i++) {
		p->c.call_vars = i ? two : one;
		s[i] = check(p);
		assert_int_equal(fp_lock_try(p->fp, t.a, &p->c, NULL),
		    i ? FP_LOCK_OURS : FP_LOCK_TAKEN);
	}
	for (int i = 0; i < 2; i++) {
		p->c.call_vars = i ? two : one;
		assert_true(fp_record(p->fp, t.a, &p->c, &s[i], NULL, &e));
	}
	close_fp(p);
	for (int i = 0; i < 2; i++) {
		p->c.call_vars = i ? two : one;
		assert_false(run(p));
	}
	/* a label tells them apart */
	for (int i = 0; i < 2; i++) {
		p->c.call_vars = i ? two : one;
		p->c.name = i ? "build-2" : "build-1";
		assert_false(run(p));
	}
	for (int i = 0; i < 2; i++) {
		p->c.call_vars = i ? two : one;
		p->c.name = i ? "build-2" : "build-1";
		assert_true(run(p));
	}
}

/* go-task's files do not tell them apart. */
static void
names_that_read_alike_are_two_tasks(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	const char *names[] = { "a-b", "a.b", "a:b" };
	size_t n = sizeof(names) / sizeof(names[0]);

	(void)state; /* D-2, C-302 */
	add_source(p, NULL);
	for (size_t i = 0; i < 2 * n; i++) {
		p->task.name = p->c.name = p->c.full_name = names[i % n];
		p->c.sources.v[0].pattern = arena_printf(t.a, "in%zu", i % n);
		if (i < n)
			write_in(p, p->c.sources.v[0].pattern, names[i]);
		assert_int_equal(run(p), i >= n);
	}
	/* what another program has done is still seen */
	write_in(p, ".task/checksum/a-b", "abc\n");
	assert_string_equal(reason(p), "run by another program since");
}

/* In compat go-task's files alone speak for what was done; they are the same
 * for all variants, and for all names that read alike. */
static void
interrupted_variants_are_stale_in_compat(void **state)
{
	static const char *const methods[] = { "checksum", "timestamp" };
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);

	(void)state; /* D-1, never-event 1 */
	p->o.compat = true;
	add_source(p, "in");
	add_output(p, "out");
	for (size_t i = 0; i < 2; i++) {
		p->c.method = methods[i];
		write_in(p, "in", methods[i]);
		write_in(p, "out", "whole");
		p->c.call_vars = one_var(t.a, "N", "1");
		run(p);
		assert_true(run(p));
		p->c.call_vars = one_var(t.a, "N", "2");
		assert_true(run(p));
		assert_int_equal(fp_lock_try(open_fp(p), t.a, &p->c, NULL),
		    FP_LOCK_TAKEN);
		write_in(p, "out", "half");
		close_fp(p);
		p->c.call_vars = one_var(t.a, "N", "1");
		assert_string_equal(reason(p), "last run did not finish");
		write_in(p, "out", "whole");
		assert_false(run(p));
		assert_true(run(p));
		p->c.call_vars = one_var(t.a, "N", "2");
		assert_true(run(p));
		assert_false(path_exists(tree_path(&t, "p/.task/prun")));
	}
}

static void
command_line_variables_count(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);

	(void)state; /* never-event 5: N=1, N=2 and N=1 into the same file */
	add_source(p, "in");
	write_in(p, "in", "1");
	p->o.cli_vars = one_var(t.a, "N", "1");
	assert_false(run(p));
	assert_true(run(p));
	p->o.cli_vars = one_var(t.a, "N", "2");
	assert_string_equal(reason(p), "variable changed: N");
	assert_false(run(p));
	p->o.cli_vars = one_var(t.a, "N", "1");
	assert_false(run(p));
	add_output(p, "out");
	write_in(p, "out", "1");
	assert_false(run(p));
	p->o.cli_vars = one_var(t.a, "N", "2");
	write_in(p, "out", "2");
	assert_false(run(p));
	p->o.cli_vars = one_var(t.a, "N", "1");
	assert_string_equal(reason(p), "output changed: out");
}

static void
the_changed_variable_is_named(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	struct ccmd *cmd = add_cmd(p, "cc -O1");

	(void)state; /* P-507 */
	add_source(p, "in");
	write_in(p, "in", "1");
	p->task.vars = one_var(t.a, "FLAGS", "");
	p->c.vars = value_map_new(t.a, GO_MAP);
	value_map_set(t.a, p->c.vars, SV("FLAGS"), value_cstr("-O1"));
	assert_false(run(p));
	value_map_set(t.a, p->c.vars, SV("FLAGS"), value_cstr("-O2"));
	assert_true(run(p)); /* nothing that runs has changed */
	cmd->text = "cc -O2";
	assert_string_equal(reason(p), "variable changed: FLAGS");
	/* Secrets stay where they are (P-406). */
	value_map_set(t.a, p->c.vars, SV("FLAGS"), value_cstr("hunter2"));
	assert_false(run(p));
}

/* ---- D-3: never-event 6 ---- */

static void
missing_or_edited_outputs_are_stale(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	struct file_time {
		struct stat st;
	} before;

	(void)state; /* D-3, never-event 6 */
	add_source(p, "in");
	add_output(p, "out/*");
	write_in(p, "in", "1");
	write_in(p, "out/a", "aaaa");
	write_in(p, "out/b", "bbbb");
	assert_false(run(p));
	assert_true(run(p));
	remove(tree_path(&t, "p/out/b"));
	assert_string_equal(reason(p), "output missing: out/b");
	write_in(p, "out/b", "bbbb");
	assert_string_equal(reason(p), "");
	/* same size, same time, another byte */
	assert_int_equal(stat(tree_path(&t, "p/out/a"), &before.st), 0);
	write_in(p, "out/a", "aaab");
	tree_touch(&t, "p/out/a", stat_mtime_ns(&before.st));
	assert_string_equal(reason(p), "output changed: out/a");
	assert_false(run(p));
	assert_int_equal(chmod(tree_path(&t, "p/out/a"), 0755), 0);
	assert_string_equal(reason(p), "output has another mode: out/a");
	assert_false(run(p));
	assert_int_equal(chmod(tree_path(&t, "p/out/a"), 0644), 0);
	assert_false(run(p));
	assert_int_equal(chmod(tree_path(&t, "p/in"), 0755), 0);
	assert_string_equal(reason(p), "source has another mode: in");
	assert_false(run(p));
	write_in(p, "out/other", "");
	assert_true(run(p));
	p->o.compat = true;
	write_in(p, "out/a", "edited");
	assert_true(run(p));
}

/* ---- never-event 7 ---- */

static void
disturbed_work_is_not_recorded(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	for (int i = 0; i < 8; i++) {
		struct tree t cleanup_tree = tree_new();
		struct project *p = project_new(t);
		struct fp_state s;
		bool disturbed;

		p->o.compat = i & 1;
		p->c.method = i & 4 ? "timestamp" : "checksum";
		add_source(p, "in");
		write_in(p, "in", "old");
		write_in(p, "other", "x");
		if (i & 2) {
			assert_false(run(p));
			write_in(p, "in", "new");
			tree_touch(&t, "p/in", clock_real_ns() + NS_PER_S);
		}
		s = check(p);
		assert_false(s.up_to_date);
		fp_lock_try(p->fp, t.a, &p->c, NULL);
		write_in(p, "in", "mid"); /* the task reads early or late */
		assert_true(fp_record(p->fp, t.a, &p->c, &s, &disturbed, &e));
		assert_true(disturbed);
		close_fp(p);
		assert_string_not_equal(reason(p), "");
		/* C-314: what go-task would have left */
		if (p->o.compat && !(i & 4))
			assert_non_null(read_in(p, ".task/checksum/build"));
		write_in(p, "in", i & 2 ? "new" : "old"); /* it comes back */
		tree_touch(&t, "p/in", clock_real_ns() - 100 * NS_PER_S);
		assert_string_not_equal(reason(p), "");
	}
}

static void
an_edit_that_is_taken_back_disturbs_as_well(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	struct err e = ERR_INIT;
	struct fp_state s;
	bool disturbed;

	(void)state; /* never-event 7 */
	add_source(p, "*.c");
	write_in(p, "a.c", "old");
	tree_touch(&t, "p/a.c", 1000000000);
	s = check(p);
	write_in(p, "a.c", "mid");
	write_in(p, "a.c", "old");
	assert_true(fp_record(p->fp, t.a, &p->c, &s, &disturbed, &e));
	assert_true(disturbed);
	s = check(p);
	write_in(p, "b.c", "");
	assert_true(fp_record(p->fp, t.a, &p->c, &s, &disturbed, &e));
	assert_true(disturbed);
	s = check(p);
	chmod(tree_path(&t, "p/a.c"), 0755); /* no write */
	assert_true(fp_record(p->fp, t.a, &p->c, &s, &disturbed, &e));
	assert_false(disturbed);
	/* what the task says it writes itself may be written, not changed */
	add_output(p, "b.c");
	s = check(p);
	remove(tree_path(&t, "p/b.c"));
	write_in(p, "b.c", "");
	assert_true(fp_record(p->fp, t.a, &p->c, &s, &disturbed, &e));
	assert_false(disturbed);
	write_in(p, "b.c", "x");
	assert_true(fp_record(p->fp, t.a, &p->c, &s, &disturbed, &e));
	assert_true(disturbed);
	close_fp(p);
}

/* ---- reasons, force, state among the sources ---- */

static void
reasons_name_the_files(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	struct fp_state s;

	(void)state; /* P-507 */
	add_source(p, "*.c");
	write_in(p, "a.c", "1");
	write_in(p, "b.c", "1");
	write_in(p, "d.c", "1");
	assert_false(run(p));
	write_in(p, "a.c", "2");
	remove(tree_path(&t, "p/b.c"));
	write_in(p, "c\nc.c", "1");
	s = check(p);
	assert_int_equal(s.reasons.n, 3);
	assert_string_equal(s.reasons.v[0], "source changed: a.c");
	assert_string_equal(s.reasons.v[1], "source removed: b.c");
	assert_string_equal(s.reasons.v[2], "source added: c\nc.c");
	close_fp(p);
	assert_false(run(p));
	assert_true(run(p));
}

static void
forced_runs_store_nothing(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);

	(void)state; /* C-316 */
	add_source(p, "in");
	write_in(p, "in", "1");
	fp_lock_try(open_fp(p), t.a, &p->c, NULL);
	fp_unlock(p->fp, t.a, &p->c);
	close_fp(p);
	assert_false(run(p));
	fp_lock_try(open_fp(p), t.a, &p->c, NULL);
	fp_unlock(p->fp, t.a, &p->c);
	close_fp(p);
	assert_true(run(p));
	/* forced with other sources, which are then taken back */
	write_in(p, "in", "2");
	fp_lock_try(open_fp(p), t.a, &p->c, NULL);
	fp_unlock(p->fp, t.a, &p->c);
	close_fp(p);
	write_in(p, "in", "1");
	assert_false(run(p));
}

static void
our_own_state_is_no_source(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);

	(void)state;
	add_source(p, "**/*");
	write_in(p, "in", "1");
	assert_false(run(p));
	assert_true(run(p));
}

/* Sum over names and contents of the state folder. */
static const char *
state_text(struct project *p, const char *dir)
{
	struct sb b cleanup_sb = SB_INIT;
	DIR *d = opendir(dir);

	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		char *path = arena_printf(p->t.a, "%s/%s", dir, e->d_name);

		if (e->d_name[0] == '.')
			continue;
		sb_printf(&b, "%s=%s\n", path,
		    path_is_dir(path) ? state_text(p, path) :
					tree_read(&p->t, path));
	}
	if (d != NULL)
		closedir(d);
	return sv_cstr(p->t.a, sb_sv(&b));
}

static void
dry_runs_write_nothing(void **state)
{
	static const char *const methods[] = { "checksum", "timestamp" };

	(void)state; /* C-320, never-event 8 */
	for (int i = 0; i < 4; i++) {
		struct tree t cleanup_tree = tree_new();
		struct project *p = project_new(t);
		struct err e = ERR_INIT;
		struct fp_state s;
		const char *before;

		p->c.method = methods[i % 2];
		p->o.compat = i >= 2;
		add_source(p, "in");
		write_in(p, "in", "1");
		assert_false(run(p));
		for (int stale = 0; stale < 2; stale++) {
			if (stale) {
				write_in(p, "in", "2");
				tree_touch(&t, "p/in",
				    clock_real_ns() + NS_PER_S);
			}
			before = state_text(p, p->t.dir);
			p->o.dry = true;
			s = check(p);
			assert_int_equal(s.up_to_date, !stale);
			fp_lock_try(p->fp, t.a, &p->c, NULL);
			fp_record(p->fp, t.a, &p->c, &s, NULL, &e);
			fp_forget(p->fp, t.a, &p->c, &e);
			close_fp(p);
			assert_string_equal(state_text(p, p->t.dir), before);
		}
	}
}

/* Of many tasks that are checked one behind the other the marks are not looked
 * for one by one; each counts all the same, and so does one that comes when
 * time has passed. */
static void
a_mark_among_many_is_seen(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct project *p = project_new(t);
	struct fp *other;

	(void)state; /* D-1, P-114 */
	write_in(p, "a", "1");
	add_source(p, "a");
	for (int i = 0; i < 40; i++) {
		p->task.name = p->c.name = arena_printf(p->t.a, "t%d", i);
		assert_false(run(p));
	}
	p->task.name = p->c.name = "t30";
	other = fp_new(&p->o);
	assert_int_equal(
	    fp_lock_try(other, p->t.a, &p->c, NULL), FP_LOCK_TAKEN);
	/* whoever held it is gone */
	fp_free(other);
	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < 40; i++) {
			struct fp_state s;
			bool is_left = i == 30 || (turn == 1 && i == 35);

			p->task.name = p->c.name =
			    arena_printf(p->t.a, "t%d", i);
			s = check(p);
			assert_true(s.up_to_date == !is_left);
			if (is_left)
				assert_string_equal(
				    s.reason, "last run did not finish");
		}
		p->task.name = p->c.name = "t35";
		other = fp_new(&p->o);
		assert_int_equal(
		    fp_lock_try(other, p->t.a, &p->c, NULL), FP_LOCK_TAKEN);
		fp_free(other);
		fp_look_again(p->fp);
	}
	close_fp(p);
}

int
test_fingerprint_fp(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksums_are_those_of_the_reference),
		cmocka_unit_test(checksums_run_over_sorted_files),
		cmocka_unit_test(method_is_checked),
		cmocka_unit_test(timestamps_compare_sources_with_outputs),
		cmocka_unit_test(values_of_the_effective_method),
		cmocka_unit_test(nothing_is_written_before_success),
		cmocka_unit_test(interrupted_work_is_stale_in_both_methods),
		cmocka_unit_test(failed_work_is_stale_in_both_methods),
		cmocka_unit_test(forced_failure_names_what_was_not_there),
		cmocka_unit_test(damaged_state_is_stale),
		cmocka_unit_test(a_mark_among_many_is_seen),
		cmocka_unit_test(unfinished_work_of_others_is_busy),
		cmocka_unit_test(unfinished_work_of_our_own_is_ours),
		cmocka_unit_test(every_edit_of_the_task_is_stale),
		cmocka_unit_test(other_variables_are_another_fingerprint),
		cmocka_unit_test(without_outputs_the_last_variant_counts),
		cmocka_unit_test(names_that_read_alike_are_two_tasks),
		cmocka_unit_test(interrupted_variants_are_stale_in_compat),
		cmocka_unit_test(command_line_variables_count),
		cmocka_unit_test(the_changed_variable_is_named),
		cmocka_unit_test(missing_or_edited_outputs_are_stale),
		cmocka_unit_test(disturbed_work_is_not_recorded),
		cmocka_unit_test(an_edit_that_is_taken_back_disturbs_as_well),
		cmocka_unit_test(reasons_name_the_files),
		cmocka_unit_test(forced_runs_store_nothing),
		cmocka_unit_test(our_own_state_is_no_source),
		cmocka_unit_test(dry_runs_write_nothing),
	};

	return cmocka_run_group_tests_name("fp", tests, NULL, NULL);
}
