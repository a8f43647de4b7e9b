/* SPDX-License-Identifier: MIT */
/*
 * Tools that another process of this program answers: it reads the Taskfile as
 * it is now, and may take its time.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "mcp/internal.h"

/* The program with the flags that this one was given. */
static void
begin_words(const struct request *r, string_vec *argv)
{
	const char *const *flag;

	vec_push(r->a, argv, r->m->p->program);
	vec_each(r->m->flags, flag)
		vec_push(r->a, argv, *flag);
	vec_push(r->a, argv, "--color=false");
}

static bool
start_program(struct request *r, string_vec *argv,
    void (*done)(void *request, const struct errand_end *end))
{
	vec_push(r->a, argv, NULL);
	return request_wait(r, argv->v, done);
}

/* What it says of why it could not. */
static void
fail_as_told(const struct request *r, const struct errand_end *end)
{
	sv text = sv_trim(end->err.n > 0 ? end->err : end->out);

	if (text.n > 0)
		tool_fail(r, "%.*s", (int)text.n, text.p);
	else
		tool_fail(r, "prun ended with status %d", end->status);
}

/* ---- list ---- */

static void
copy_text(json_t *to, const char *name, const json_t *from)
{
	const char *text = json_string_value(json_object_get(from, name));

	if (text != NULL && *text != '\0')
		json_object_set_new(to, name, json_string(text));
}

/* Without what is empty, and where it stands, which is no use to an agent. */
static json_t *
list_of_tasks(const json_t *all)
{
	json_t *tasks = json_array();
	const json_t *task;
	size_t i;

	json_array_foreach(json_object_get(all, "tasks"), i, task)
	{
		json_t *aliases = json_object_get(task, "aliases");
		json_t *out =
		    json_pack("{s:O}", "name", json_object_get(task, "task"));

		copy_text(out, "desc", task);
		copy_text(out, "summary", task);
		if (json_array_size(aliases) > 0)
			json_object_set(out, "aliases", aliases);
		json_array_append_new(tasks, out);
	}
	return json_pack("{s:o}", "tasks", tasks);
}

static void
on_list(void *request, const struct errand_end *end)
{
	struct request *r = request;
	json_t *all = json_loadb(end->out.p, end->out.n, 0, NULL), *list;
	char *text = NULL;

	if (all == NULL || end->too_much) {
		fail_as_told(r, end);
	} else {
		list = list_of_tasks(all);
		text = json_dumps(list, JSON_COMPACT);
		tool_answer(r, sv_of(text != NULL ? text : ""), list);
	}
	free(text);
	json_decref(all);
	request_end(r);
}

bool
tool_list(struct request *r)
{
	string_vec argv = { 0 };

	begin_words(r, &argv);
	vec_push(r->a, &argv, "--list-all");
	vec_push(r->a, &argv, "--json");
	vec_push(r->a, &argv, "--no-status");
	return start_program(r, &argv, on_list);
}

/* ---- run ---- */

/* The last line of what it has printed. */
static sv
last_line(sv text)
{
	text = sv_trim(text);
	for (size_t i = text.n; i > 0; i--)
		if (text.p[i - 1] == '\n')
			return sv_sub(text, i, SIZE_MAX);
	return text;
}

static void
on_run(void *request, const struct errand_end *end)
{
	struct request *r = request;
	struct sb text cleanup_sb = SB_INIT;
	sv id = last_line(end->out), said = sv_trim(end->err);

	if (end->status != 0) {
		fail_as_told(r, end);
	} else {
		sb_printf(&text, "run %.*s has begun; wait says how it ends",
		    SV_ARG(id));
		if (said.n > 0)
			sb_printf(&text, "\n%.*s", SV_ARG(said));
		tool_answer(r, sb_sv(&text),
		    json_pack(
			"{s:o, s:s}", "run", json_of(id), "state", "running"));
	}
	request_end(r);
}

bool
tool_run(struct request *r)
{
	json_t *tasks = json_object_get(r->args, "tasks"), *v;
	json_t *given = json_object_get(r->args, "vars");
	string_vec argv = { 0 };
	const char *name;
	size_t i;

	begin_words(r, &argv);
	vec_push(r->a, &argv, "--detach");
	if (tool_bool(r, "force"))
		vec_push(r->a, &argv, "--force");
	if (tool_bool(r, "parallel"))
		vec_push(r->a, &argv, "--parallel");
	json_array_foreach(tasks, i, v)
	    vec_push(r->a, &argv, json_string_value(v));
	json_object_foreach(given, name, v) vec_push(r->a, &argv,
	    arena_printf(r->a, "%s=%s", name, json_string_value(v)));
	return start_program(r, &argv, on_run);
}

/* ---- wait ---- */

/* How it ends is read from what the run has left, whoever waited. */
static void
on_wait(void *request, const struct errand_end *end)
{
	struct request *r = request;
	json_t *state = run_state(r, tool_text(r, "run"));
	const char *said, *summary;
	struct sb text cleanup_sb = SB_INIT;

	(void)end;
	if (state != NULL) {
		said = json_string_value(json_object_get(state, "text"));
		summary = json_string_value(json_object_get(state, "summary"));
		sb_printf(&text, "%s%s%s", said, summary != NULL ? "\n" : "",
		    summary != NULL ? summary : "");
		tool_answer(r, sb_sv(&text), state);
	}
	request_end(r);
}

bool
tool_wait(struct request *r)
{
	const char *id = run_id(r, tool_text(r, "run"));
	string_vec argv = { 0 };

	if (id == NULL)
		return false;
	/* the last one may be another by the end */
	json_object_set_new(r->args, "run", json_string(id));
	begin_words(r, &argv);
	vec_push(r->a, &argv, arena_printf(r->a, "--wait=%s", id));
	vec_push(r->a, &argv,
	    arena_printf(
		r->a, "--within=%llds", (long long)tool_int(r, "seconds")));
	return start_program(r, &argv, on_wait);
}

/* ---- explain ---- */

static void
on_explain(void *request, const struct errand_end *end)
{
	struct request *r = request;

	if (end->status != 0)
		fail_as_told(r, end);
	else
		tool_answer(r, end->out, NULL);
	request_end(r);
}

bool
tool_explain(struct request *r)
{
	string_vec argv = { 0 };

	begin_words(r, &argv);
	vec_push(r->a, &argv,
	    arena_printf(r->a, "--explain=%s", tool_text(r, "task")));
	return start_program(r, &argv, on_explain);
}
