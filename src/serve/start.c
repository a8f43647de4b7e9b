/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "serve/start.h"

#include "go/json.h"
#include "serve/names.h"
#include "serve/pages.h"
#include "serve/router.h"
#include "serve/started.h"
#include "store/sessions.h"

/* ---- the body ---- */

value
start_member(value object, const char *key)
{
	return object.kind == VALUE_MAP ? value_map_get(object, sv_of(key))
					: VALUE_ABSENT;
}

struct start *
start_read(struct request *r)
{
	struct err e cleanup_err = ERR_INIT;
	struct start *st = arena_new_of(r->a, struct start);

	st->r = r;
	if (!json_read(r->a, sb_sv(&r->body), &st->body, &e)) {
		reply_problem(r, 400, "the body is no JSON: %s", e.message);
		return NULL;
	}
	if (st->body.kind != VALUE_MAP) {
		fault_add(r, &st->faults, "", "the body is an object");
		reply_invalid(r, &st->faults);
		return NULL;
	}
	return key_read(st) ? st : NULL;
}

void
start_check_keys(struct start *st, value object, const char *pointer,
    const char *const *known)
{
	const struct map_entry **all = value_map_sorted(st->r->a, object);

	for (size_t i = 0; i < value_map_count(object); i++) {
		const char *const *k = known;

		while (*k != NULL && !sv_is(all[i]->key, *k))
			k++;
		if (*k == NULL)
			fault_add(st->r, &st->faults,
			    arena_printf(st->r->a, "%s/%.*s", pointer,
				SV_ARG(all[i]->key)),
			    "there is no such member");
	}
}

void
start_check_vars(struct start *st, value vars, const char *pointer)
{
	const struct map_entry **all;

	if (vars.kind == VALUE_INVALID)
		return;
	if (vars.kind != VALUE_MAP || value_map_count(vars) > VARS_MAX) {
		fault_add(st->r, &st->faults, pointer,
		    "variables are an object of at most %d texts", VARS_MAX);
		return;
	}
	all = value_map_sorted(st->r->a, vars);
	for (size_t i = 0; i < value_map_count(vars); i++) {
		const value *v = all[i]->value;

		if (!var_name_is_one(all[i]->key) || !var_value_is_one(*v))
			fault_add(st->r, &st->faults,
			    arena_printf(st->r->a, "%s/%.*s", pointer,
				SV_ARG(all[i]->key)),
			    "it is no variable: a name, and a text of at most "
			    "%d characters",
			    VAR_VALUE_MAX);
	}
}

/* ---- starting ---- */

/* The id stands alone in the first line. */
static const char *
id_printed(struct arena *a, sv out)
{
	sv line, rest;
	const char *id;

	sv_cut(out, '\n', &line, &rest);
	id = sv_cstr(a, sv_trim(line));
	return run_id_is_one(id) ? id : NULL;
}

static void
reply_started(struct start *st, const char *id)
{
	struct json_out j cleanup_json = JSON_OUT_INIT;
	const char *location =
	    arena_printf(st->r->a, "%s%s%s", st->prefix, id, st->suffix);

	st->accept(st, id, &j);
	started_note(st->r->s, id);
	key_keep(st, location, sb_sv(&j.text));
	reply_accepted(st->r, location, &j);
}

/* What prun says of words that it was given, rather than of itself. */
static bool
is_about_words(int status)
{
	static const enum err_code codes[] = { ERR_USAGE, ERR_TASK_NOT_FOUND,
		ERR_TASK_INTERNAL, ERR_TASK_CONFLICT, ERR_MISSING_VARS,
		ERR_ENUM_VARS };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (err_exit_status(codes[i]) == status)
			return true;
	return false;
}

static void
on_start_answer(struct request *r, void *ctx, const struct errand_end *end)
{
	struct start *st = ctx;
	const char *id = end->status == 0 ? id_printed(r->a, end->out) : NULL;

	key_let_go(st);
	if (id != NULL) {
		reply_started(st, id);
	} else if (is_about_words(end->status)) {
		fault_add(
		    r, &st->faults, st->pointer, "%s", tool_words(r->a, end));
		reply_invalid(r, &st->faults);
	} else {
		tool_failed(r, end);
	}
}

void
start_go(struct start *st)
{
	if (st->faults.n > 0) {
		reply_invalid(st->r, &st->faults);
		return;
	}
	st->tool.starts = true;
	st->tool.fn = on_start_answer;
	st->tool.ctx = st;
	if (!tools_have_room(st->r))
		return;
	key_hold(st);
	tool_run(st->r, &st->tool);
}

/* ---- runs ---- */

static void
run_accept(struct start *st, const char *id, struct json_out *j)
{
	(void)st;
	jo_open(j, '{');
	jo_key(j, "run_id");
	jo_text(j, id);
	jo_key(j, "status");
	jo_text(j, "running");
	jo_close(j, '}');
}

static void
run_word(struct start *st, const char *word)
{
	vec_push(st->r->a, &st->tool.words, word);
}

static void
run_flag(struct start *st, const char *member, const char *flag)
{
	value v = start_member(st->body, member);

	if (v.kind == VALUE_BOOL && v.u.b)
		run_word(st, flag);
	else if (v.kind != VALUE_BOOL && v.kind != VALUE_INVALID)
		fault_add(st->r, &st->faults,
		    arena_printf(st->r->a, "/%s", member),
		    "it is true or false");
}

static void
run_task_words(struct start *st, value tasks)
{
	if (tasks.kind != VALUE_LIST || tasks.u.list->n == 0 ||
	    tasks.u.list->n > TOOL_NAMES_MAX) {
		fault_add(st->r, &st->faults, "/tasks",
		    "it is a list of 1 to %d names of tasks", TOOL_NAMES_MAX);
		return;
	}
	for (size_t i = 0; i < tasks.u.list->n; i++) {
		value v = tasks.u.list->v[i];

		if (v.kind == VALUE_STRING && task_name_is_one(value_text(v)))
			run_word(st, v.u.s);
		else
			fault_add(st->r, &st->faults,
			    arena_printf(st->r->a, "/tasks/%zu", i),
			    "it is no name of a task");
	}
}

static void
run_vars(struct start *st, value vars)
{
	const struct map_entry **all;

	start_check_vars(st, vars, "/vars");
	if (st->faults.n > 0 || vars.kind != VALUE_MAP)
		return;
	all = value_map_sorted(st->r->a, vars);
	for (size_t i = 0; i < value_map_count(vars); i++)
		run_word(
		    st, arena_printf(st->r->a, "%.*s=%s", SV_ARG(all[i]->key),
			    ((const value *)all[i]->value)->u.s));
}

/* What failed in an older one, again. */
static void
run_failed(struct start *st, value failed)
{
	struct run_file run;

	st->pointer = "/failed";
	if (failed.kind != VALUE_STRING ||
	    !run_file_read(st->r->a, &st->r->s->o.state, failed.u.s, &run)) {
		fault_add(
		    st->r, &st->faults, "/failed", "there is no such run");
		return;
	}
	if (value_map_has(st->body, SV("tasks")) ||
	    value_map_has(st->body, SV("vars")))
		fault_add(st->r, &st->faults, "/failed",
		    "it comes without tasks and vars");
	if (run.is_live || strcmp(run_file_status(&run), "passed") == 0)
		fault_add(st->r, &st->faults, "/failed",
		    run.is_live ? "that run goes on" : "nothing failed there");
	run_word(st, "--failed");
	run_word(st, "--run");
	run_word(st, failed.u.s);
}

void
runs_post(struct request *r)
{
	static const char *const known[] = { "tasks", "vars", "force",
		"parallel", "serial", "failed", NULL };
	struct start *st = start_read(r);
	value failed;

	if (st == NULL)
		return;
	st->pointer = "/tasks";
	st->prefix = "/api/v1/runs/";
	st->suffix = "";
	st->accept = run_accept;
	start_check_keys(st, st->body, "", known);
	run_word(st, "--detach");
	run_flag(st, "force", "--force");
	run_flag(st, "parallel", "--parallel");
	run_flag(st, "serial", "--serial");
	failed = start_member(st->body, "failed");
	if (failed.kind != VALUE_INVALID) {
		run_failed(st, failed);
	} else {
		run_task_words(st, start_member(st->body, "tasks"));
		run_vars(st, start_member(st->body, "vars"));
	}
	start_go(st);
}

/* ---- ending ---- */

static void
reply_cancelling(struct request *r, const char *key, const char *id)
{
	struct json_out j cleanup_json = JSON_OUT_INIT;

	jo_open(&j, '{');
	jo_key(&j, key);
	jo_text(&j, id);
	jo_key(&j, "status");
	jo_text(&j, "cancelling");
	jo_close(&j, '}');
	reply_accepted(r, NULL, &j);
}

struct cancel {
	const char *key, *id;
	bool (*is_live)(struct request *r, const char *id);
};

static void
on_start_cancelled(struct request *r, void *ctx, const struct errand_end *end)
{
	const struct cancel *c = ctx;

	if (end->status == 0)
		reply_cancelling(r, c->key, c->id);
	else if (!c->is_live(r, c->id))
		reply_problem(r, 409, "it has ended already");
	else
		tool_failed(r, end);
}

void
start_cancel(struct request *r, const char *key, const char *id,
    bool (*is_live)(struct request *r, const char *id))
{
	struct cancel *c = arena_new_of(r->a, struct cancel);
	struct tool t = { .fn = on_start_cancelled, .ctx = c };

	*c = (struct cancel){ key, id, is_live };
	if (!is_live(r, id)) {
		reply_problem(r, 409, "it has ended already");
		return;
	}
	vec_push(r->a, &t.words, "--cancel");
	vec_push(r->a, &t.words, id);
	tool_run(r, &t);
}

static bool
run_goes_on(struct request *r, const char *id)
{
	struct run_file run;

	/* one that has said how it ended may hold its lock still */
	return run_file_read(r->a, &r->s->o.state, id, &run) &&
	       strcmp(run_file_status(&run), "running") == 0;
}

void
runs_delete(struct request *r)
{
	struct run_file run;

	if (request_run(r, &run))
		start_cancel(r, "run_id", run.id, run_goes_on);
}
