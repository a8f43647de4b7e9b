/* SPDX-License-Identifier: MIT */
/* Runs the tables of tests/taskfile; see the README there. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "taskfile/taskfile.h"
#include "go/fmt.h"
#include "unit.h"

/* ---- the model as text ---- */

static void
put_text(struct sb *b, const char *name, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	sb_printf(b, " %s=", name);
	sb_quote_go(b, sv_of(text));
}

static void
put_flag(struct sb *b, const char *name, bool set)
{
	if (set)
		sb_printf(b, " %s", name);
}

static void
put_tristate(struct sb *b, const char *name, enum tristate t)
{
	if (t != TRI_UNSET)
		sb_printf(b, " %s=%s", name, t == TRI_TRUE ? "on" : "off");
}

static void
put_number(struct sb *b, const char *name, int64_t n, int64_t usual)
{
	if (n != usual)
		sb_printf(b, " %s=%lld", name, (long long)n);
}

static void
put_list(struct sb *b, const char *name, const string_vec *list)
{
	if (list->n == 0)
		return;
	sb_printf(b, " %s=[", name);
	for (size_t i = 0; i < list->n; i++)
		sb_printf(b, "%s%s", i ? "," : "", list->v[i]);
	sb_addc(b, ']');
}

static void
put_value(struct sb *b, value v)
{
	sb_printf(b, "%s ", value_type_name(v));
	fmt_value(b, v);
}

static void
put_vars(struct sb *b, const char *indent, const char *what,
    const vars *list)
{
	const struct map_entry *it;

	map_each(list, it) {
		const struct var *v = it->value;

		sb_printf(b, "%s%s %s", indent, what, it->key.p);
		if (v->has_value) {
			sb_addc(b, ' ');
			put_value(b, v->value);
		}
		if (v->sh != NULL)
			sb_printf(b, " sh=\"%s\"", v->sh);
		put_text(b, "ref", v->ref);
		put_flag(b, "secret", v->secret);
		put_text(b, "dir", v->dir);
		sb_addc(b, '\n');
	}
}

static void
put_loop(struct sb *b, const struct for_loop *l)
{
	static const char *const kinds[] = {
		[FOR_NONE] = "",
		[FOR_LIST] = "list",
		[FOR_SOURCES] = "sources",
		[FOR_GENERATES] = "generates",
		[FOR_VAR] = "var",
		[FOR_MATRIX] = "matrix",
		[FOR_EMPTY] = "empty",
	};

	if (l->kind == FOR_NONE)
		return;
	sb_printf(b, " for=%s", kinds[l->kind]);
	if (l->kind == FOR_LIST) {
		sb_addc(b, ' ');
		put_value(b, l->list);
	}
	put_text(b, "var", l->var);
	put_text(b, "split", l->split);
	put_text(b, "as", l->as);
	for (size_t i = 0; i < l->matrix.n; i++) {
		sb_printf(b, " %s:", l->matrix.v[i].name);
		if (l->matrix.v[i].ref != NULL)
			sb_printf(b, "ref %s", l->matrix.v[i].ref);
		else
			fmt_value(b, l->matrix.v[i].list);
	}
}

static void
put_platforms(struct sb *b, const platform_vec *list)
{
	for (size_t i = 0; i < list->n; i++)
		sb_printf(b, " platform=%s/%s", list->v[i].os,
		    list->v[i].arch);
}

static void
put_cmd(struct sb *b, const struct cmd *c)
{
	static const char *const kinds[] = { "sh", "task", "nothing" };

	sb_printf(b, "  cmd %s", kinds[c->kind]);
	put_text(b, "cmd", c->cmd);
	put_text(b, "task", c->task);
	put_flag(b, "plain", c->plain);
	put_flag(b, "defer", c->defer);
	put_flag(b, "silent", c->silent);
	put_flag(b, "ignore_error", c->ignore_error);
	put_text(b, "if", c->if_text);
	put_list(b, "set", &c->rare->set);
	put_list(b, "shopt", &c->rare->shopt);
	put_platforms(b, &c->rare->platforms);
	put_number(b, "timeout", c->rare->timeout_ns, 0);
	put_loop(b, &c->rare->loop);
	sb_addc(b, '\n');
	put_vars(b, "    ", "var", c->vars);
}

static void
put_dep(struct sb *b, const struct dep *d)
{
	sb_adds(b, "  dep");
	put_text(b, "task", d->task);
	put_flag(b, "silent", d->silent);
	put_number(b, "timeout", d->rare->timeout_ns, 0);
	put_loop(b, &d->rare->loop);
	sb_addc(b, '\n');
	put_vars(b, "    ", "var", d->vars);
}

static void
put_globs(struct sb *b, const char *name, const glob_vec *list)
{
	for (size_t i = 0; i < list->n; i++)
		sb_printf(b, " %s=%s%s", name, list->v[i].negate ? "!" : "",
		    list->v[i].pattern);
}

static void
put_requires(struct sb *b, const required_vec *list)
{
	for (size_t i = 0; i < list->n; i++) {
		sb_printf(b, "  requires %s", list->v[i].name);
		put_flag(b, "enum", list->v[i].has_enum);
		put_list(b, "values", &list->v[i].enum_values);
		put_text(b, "ref", list->v[i].enum_ref);
		sb_addc(b, '\n');
	}
}

static void
put_commit(struct sb *b, const struct commit_spec *c)
{
	static const char *const paths[] = { "run", "all", "list" };

	if (!c->wanted)
		return;
	sb_printf(b, "  commit paths=%s", paths[c->paths]);
	put_text(b, "message", c->message);
	put_list(b, "path", &c->path_list);
	put_list(b, "trailers", &c->trailers);
	put_flag(b, "push", c->push);
	put_flag(b, "detached", c->detached);
	sb_addc(b, '\n');
}

static void
put_own_keys(struct sb *b, const struct task *t)
{
	put_flag(b, "parallel", t->parallel);
	put_number(b, "priority", t->priority, 0);
	put_number(b, "retries", t->retries, 0);
	put_number(b, "retry_delay", t->rare->retry_delay_ns, 0);
	put_number(
	    b, "grace", t->rare->grace.is_given ? t->rare->grace.ns : -1, -1);
	put_number(b, "slots", t->slots, 1);
	put_text(b, "pool", t->rare->pool);
	put_text(b, "mutex", t->rare->mutex);
	put_text(b, "executor", t->rare->executor);
	put_flag(b, "writes", t->writes);
	put_flag(b, "cache", t->cache);
	put_number(b, "flaky", t->rare->quarantine.last_day, 0);
	put_text(b, "owner",
	    t->rare->quarantine.owner != NULL ? t->rare->quarantine.owner : "");
}

static void
put_task(struct sb *b, const struct task *t)
{
	sb_printf(b, "task %s %d:%d", t->name, t->at.line, t->at.column);
	if (strcmp(t->name, t->local_name) != 0)
		put_text(b, "local", t->local_name);
	put_text(b, "namespace", t->namespace_);
	put_list(b, "aliases", &t->aliases);
	put_text(b, "label", t->rare->label);
	put_text(b, "desc", t->desc);
	put_text(b, "summary", t->rare->summary);
	put_text(b, "dir", t->dir);
	put_text(b, "method", t->rare->method);
	put_text(b, "prefix", t->rare->prefix);
	put_text(b, "run", t->rare->run);
	put_text(b, "if", t->rare->if_text);
	put_list(b, "prompts", &t->rare->prompts);
	put_list(b, "status", &t->rare->status);
	put_list(b, "dotenv", &t->rare->dotenv);
	put_list(b, "set", &t->rare->set);
	put_list(b, "shopt", &t->rare->shopt);
	put_globs(b, "source", &t->sources);
	put_globs(b, "generate", &t->generates);
	put_platforms(b, &t->rare->platforms);
	put_tristate(b, "silent", t->silent);
	put_tristate(b, "use_gitignore", t->use_gitignore);
	put_flag(b, "interactive", t->interactive);
	put_flag(b, "internal", t->internal);
	put_flag(b, "ignore_error", t->ignore_error);
	put_flag(b, "watch", t->watch);
	put_flag(b, "failfast", t->failfast);
	put_own_keys(b, t);
	sb_addc(b, '\n');
	put_vars(b, "  ", "include-var", t->include_vars);
	put_vars(b, "  ", "included-var", t->included_vars);
	put_vars(b, "  ", "var", t->vars);
	put_vars(b, "  ", "env", t->env);
	put_requires(b, &t->rare->requires);
	for (size_t i = 0; i < t->rare->preconditions.n; i++)
		sb_printf(b, "  precondition \"%s\" \"%s\"\n",
		    t->rare->preconditions.v[i].sh,
		    t->rare->preconditions.v[i].msg);
	put_commit(b, &t->rare->commit);
	for (size_t i = 0; i < t->deps.n; i++)
		put_dep(b, t->deps.v[i]);
	for (size_t i = 0; i < t->cmds.n; i++)
		put_cmd(b, t->cmds.v[i]);
}

static void
put_taskfile(struct sb *b, const struct taskfile *tf)
{
	const struct map_entry *it;

	sb_printf(b, "version %s", tf->version);
	put_text(b, "output", tf->output.name);
	put_text(b, "begin", tf->output.group_begin);
	put_text(b, "end", tf->output.group_end);
	put_flag(b, "error_only", tf->output.group_error_only);
	put_text(b, "method", tf->method);
	put_text(b, "run", tf->run);
	put_tristate(b, "silent", tf->silent);
	put_tristate(b, "use_gitignore", tf->use_gitignore);
	put_list(b, "dotenv", &tf->dotenv);
	put_list(b, "set", &tf->set);
	put_list(b, "shopt", &tf->shopt);
	put_number(b, "interval", tf->interval_ns, 0);
	sb_addc(b, '\n');
	put_vars(b, "", "var", tf->vars);
	put_vars(b, "", "env", tf->env);
	map_each(tf->tasks, it) {
		put_task(b, it->value);
	}
	for (size_t i = 0; i < tf->unknown.n; i++)
		sb_printf(b, "unknown %s in %s %d:%d\n", tf->unknown.v[i].key,
		    tf->unknown.v[i].where, tf->unknown.v[i].at.line,
		    tf->unknown.v[i].at.column);
}

/* ---- cases ---- */

/* Adds `text` with each `from` replaced. */
static void
add_replaced(struct sb *b, const char *text, const char *from, const char *to)
{
	const char *p;

	while ((p = strstr(text, from)) != NULL) {
		sb_add(b, text, (size_t)(p - text));
		sb_adds(b, to);
		text = p + strlen(from);
	}
	sb_adds(b, text);
}

static sv
take_line(sv *rest)
{
	sv line;

	if (!sv_cut(*rest, '\n', &line, rest))
		*rest = SV("");
	return line;
}

/* The text up to the next line that begins a file or case. */
static sv
take_block(sv *rest)
{
	const char *start = rest->p;

	while (rest->n > 0 && !sv_starts(*rest, SV("--- ")) &&
	    !sv_starts(*rest, SV("=== ")))
		take_line(rest);
	return (sv){ start, rest->n ? (size_t)(rest->p - start)
				    : strlen(start) };
}

/* A last line that says so has no end. */
static sv
without_end(sv text)
{
	static const char mark[] = "(no end)\n";

	if (sv_ends(text, SV("(no end)\n")))
		text.n -= sizeof(mark) - 1;
	return text;
}

static void
load(struct arena *a, const char *dir, const char *path, struct sb *got)
{
	struct err e cleanup_err = ERR_INIT;
	struct load_options o = {
		.cwd = dir,
		.path = path,
		.root_dir = dir,
		.phases_dir = arena_printf(a, "%s/phases", dir),
	};
	struct taskfile *tf;
	struct sb raw cleanup_sb = SB_INIT;

	o.templater = templater_new(a, tmpl_env_system());
	if (taskfile_load(a, &o, &tf, &e))
		put_taskfile(&raw, tf);
	else
		sb_printf(&raw, "%s\nexit %d\n", e.message,
		    err_exit_status(e.code));
	add_replaced(got, sb_cstr(&raw), dir, "ROOT");
}

static int
run_case(const char *name, sv *rest)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb got cleanup_sb = SB_INIT;
	char dir[] = "/tmp/prun-taskfile-XXXXXX";
	const char *first = NULL;
	sv line, want = SV("");

	assert_non_null(mkdtemp(dir));
	while (sv_starts(*rest, SV("--- "))) {
		char *path;

		line = sv_sub(take_line(rest), 4, SIZE_MAX);
		if (sv_is(line, "want")) {
			want = take_block(rest);
			break;
		}
		path = path_join(a, sv_of(dir), line);
		if (first == NULL)
			first = path;
		assert_true(mkdir_all(path_dir(a, sv_of(path)), 0777, &e));
		assert_true(write_atomic(path, without_end(take_block(rest)),
		    0666, &e));
	}
	load(a, dir, first, &got);
	assert_true(remove_all(dir, &e));
	if (sv_eq(sb_sv(&got), want))
		return 0;
	/* cmocka's own print_error() cuts long texts */
	fprintf(stderr, "%s\n--- want\n%.*s--- got\n%s", name, SV_ARG(want),
	    sb_cstr(&got));
	return 1;
}

static int
run_table(const char *path)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	int failed = 0;
	sv rest;

	assert_true(read_file(a, path, &rest, &e));
	while (rest.n > 0) {
		sv line = take_line(&rest);

		if (sv_starts(line, SV("=== ")))
			failed += run_case(sv_cstr(a, line), &rest);
	}
	return failed;
}

static void
tables(void **state)
{
	glob_t g;
	int failed = 0;

	(void)state;
	assert_int_equal(glob(TESTS_DIR "/taskfile/*.txt", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		failed += run_table(g.gl_pathv[i]);
	globfree(&g);
	assert_int_equal(failed, 0);
}

int
test_taskfile_table(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests_name("taskfile/table", tests, NULL,
	    NULL);
}
