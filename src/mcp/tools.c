/* SPDX-License-Identifier: MIT */
/*
 * The tools, as one table: the schemas that clients see, and what an argument
 * must be, come from it.  Mistakes of an argument are answers of the tool,
 * which the agent sees and can mend, not errors of the protocol.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "mcp/internal.h"

enum {
	ARGS_MAX = 5,
	ITEMS_MAX = 100, /* tasks or variables of a call */
};

enum tool_kind {
	KIND_TEXT,
	KIND_TASK,  /* the name of one */
	KIND_TASKS, /* a list of them */
	KIND_VARS,  /* texts by the names of variables */
	KIND_INT,
	KIND_BOOL,
};

struct tool_arg {
	const char *name;
	enum tool_kind kind;
	bool needed;
	int64_t min, max, otherwise; /* of an integer */
	const char *text;
};

struct tool {
	const char *name, *title, *text;
	struct tool_arg args[ARGS_MAX]; /* up to one without a name */
	bool (*call)(struct request *r);
	bool only_looks, destroys, is_idle;
};

#define RUN_ARG                                                                \
	{                                                                      \
		"run", KIND_TEXT, true, 0, 0, 0,                               \
		    "id of the run, a beginning of it, or last"                \
	}
#define MAX_OFFSET ((int64_t)1 << 53)

static const struct tool tools[] = {
	{ "list", "List tasks",
	    "The tasks that there are to run: names, aliases, descriptions.",
	    { { .name = NULL } }, tool_list, .only_looks = true },
	{ "run", "Run tasks",
	    "Starts tasks of the Taskfile and returns the id of the run at "
	    "once; use wait to learn how it ends. Tasks that are up to date "
	    "are skipped.",
	    { { "tasks", KIND_TASKS, false, 0, 0, 0,
		  "names of tasks, in order; without them the default task" },
		{ "vars", KIND_VARS, false, 0, 0, 0,
		    "variables for the tasks, by name" },
		{ "force", KIND_BOOL, false, 0, 0, 0,
		    "run even what is up to date" },
		{ "parallel", KIND_BOOL, false, 0, 0, 0,
		    "run the named tasks side by side" } },
	    tool_run, .destroys = true },
	{ "wait", "Wait for a run",
	    "Waits until a run has ended, but not longer than the given "
	    "seconds; says its state (running, passed, failed, interrupted), "
	    "its exit status and its summary. While it runs, call it again.",
	    { RUN_ARG, { "seconds", KIND_INT, false, 0, 600, 45,
			   "how long to wait at most; 0 asks and returns" } },
	    tool_wait, .only_looks = true, .is_idle = true },
	{ "log", "Read a log",
	    "What a run, or one of its tasks, has printed: a piece of it, with "
	    "the offset at which the next one begins.",
	    { RUN_ARG,
		{ "task", KIND_TEXT, false, 0, 0, 0,
		    "the log of this task alone" },
		{ "offset", KIND_INT, false, -MAX_OFFSET, MAX_OFFSET, 0,
		    "byte to begin at; below 0 that many before the end" },
		{ "bytes", KIND_INT, false, 4, 256 * 1024, 16 * 1024,
		    "how much to read at most" } },
	    tool_log, .only_looks = true },
	{ "failed", "What failed",
	    "The tasks of a run that failed by themselves: why, the place in a "
	    "file that their output names first, and the end of the output.",
	    { RUN_ARG }, tool_failed, .only_looks = true },
	{ "explain", "Why a task would run",
	    "Says why a task would run or be skipped, with what it depends on. "
	    "Nothing is run but the questions (sh, status) that it asks.",
	    { { "task", KIND_TASK, true, 0, 0, 0, "name of the task" } },
	    tool_explain, .only_looks = true },
	{ "cancel", "Cancel a run",
	    "Ends a run, as SIGTERM does; returns at once. Again is fine.",
	    { RUN_ARG }, tool_cancel, .destroys = true },
};

enum {
	TOOLS = sizeof(tools) / sizeof(tools[0])
};

/* ---- what clients see ---- */

static json_t *
arg_schema(const struct tool_arg *a)
{
	static const char *const types[] = { [KIND_TEXT] = "string",
		[KIND_TASK] = "string",
		[KIND_TASKS] = "array",
		[KIND_VARS] = "object",
		[KIND_INT] = "integer",
		[KIND_BOOL] = "boolean" };
	json_t *s = json_pack(
	    "{s:s, s:s}", "type", types[a->kind], "description", a->text);

	if (a->kind == KIND_INT) {
		json_object_set_new(s, "minimum", json_integer(a->min));
		json_object_set_new(s, "maximum", json_integer(a->max));
		json_object_set_new(s, "default", json_integer(a->otherwise));
	} else if (a->kind == KIND_TASKS) {
		json_object_set_new(s, "maxItems", json_integer(ITEMS_MAX));
		json_object_set_new(
		    s, "items", json_pack("{s:s}", "type", "string"));
	} else if (a->kind == KIND_VARS) {
		json_object_set_new(
		    s, "maxProperties", json_integer(ITEMS_MAX));
		json_object_set_new(s, "additionalProperties",
		    json_pack("{s:s}", "type", "string"));
	}
	return s;
}

static json_t *
tool_schema(const struct tool *t)
{
	json_t *properties = json_object(), *needed = json_array();

	for (const struct tool_arg *a = t->args; a->name != NULL; a++) {
		json_object_set_new(properties, a->name, arg_schema(a));
		if (a->needed)
			json_array_append_new(needed, json_string(a->name));
	}
	return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties",
	    properties, "required", needed, "additionalProperties", 0);
}

json_t *
tools_list(void)
{
	json_t *list = json_array();

	for (int i = 0; i < TOOLS; i++) {
		const struct tool *t = &tools[i];
		json_t *hints = json_pack("{s:s, s:b, s:b, s:b, s:b}", "title",
		    t->title, "readOnlyHint", t->only_looks, "destructiveHint",
		    t->destroys, "idempotentHint", t->call != tool_run,
		    "openWorldHint", t->call == tool_run);

		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", t->name,
			"title", t->title, "description", t->text,
			"inputSchema", tool_schema(t), "annotations", hints));
	}
	return list;
}

const struct tool *
tool_find(const char *name)
{
	for (int i = 0; i < TOOLS; i++)
		if (strcmp(tools[i].name, name) == 0)
			return &tools[i];
	return NULL;
}

bool
request_is_idle(const struct request *r)
{
	return r->tool->is_idle;
}

/* ---- what arguments must be ---- */

/* A text that a word of a command line can hold. */
static bool
is_plain_text(const json_t *v)
{
	return json_is_string(v) &&
	       strlen(json_string_value(v)) == json_string_length(v);
}

/* Nothing that a command line would take for something else. */
static bool
is_task_name(const json_t *v)
{
	const char *name = is_plain_text(v) ? json_string_value(v) : "";

	return *name != '\0' && *name != '-' && strchr(name, '=') == NULL;
}

static bool
is_variable_name(const char *name)
{
	if (!isalpha((unsigned char)*name) && *name != '_')
		return false;
	while (isalnum((unsigned char)*name) || *name == '_')
		name++;
	return *name == '\0';
}

static bool
are_task_names(const json_t *v)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(v) || json_array_size(v) > ITEMS_MAX)
		return false;
	json_array_foreach(v, i, item)
	{
		if (!is_task_name(item))
			return false;
	}
	return true;
}

static bool
are_variables(json_t *v)
{
	const char *name;
	json_t *text;

	if (!json_is_object(v) || json_object_size(v) > ITEMS_MAX)
		return false;
	json_object_foreach(v, name, text)
	{
		if (!is_variable_name(name) || !is_plain_text(text))
			return false;
	}
	return true;
}

static bool
is_arg_right(const struct tool_arg *a, json_t *v)
{
	switch (a->kind) {
	case KIND_TEXT:
		return is_plain_text(v) && json_string_length(v) > 0;
	case KIND_TASK:
		return is_task_name(v);
	case KIND_TASKS:
		return are_task_names(v);
	case KIND_VARS:
		return are_variables(v);
	case KIND_INT:
		return json_is_integer(v) && json_integer_value(v) >= a->min &&
		       json_integer_value(v) <= a->max;
	case KIND_BOOL:
		return json_is_boolean(v);
	}
	return false;
}

static void
tell_wrong(const struct request *r, const struct tool_arg *a)
{
	static const char *const wants[] = { [KIND_TEXT] = "a text",
		[KIND_TASK] = "the name of a task: no flag, no NAME=value",
		[KIND_TASKS] = "a list of at most 100 names of tasks: no flag, "
			       "no NAME=value",
		[KIND_VARS] = "an object of at most 100 texts by names like "
			      "FAST_2",
		[KIND_BOOL] = "true or false" };

	if (a->kind == KIND_INT)
		tool_fail(r, "%s: %s must be a whole number from %lld to %lld",
		    r->tool->name, a->name, (long long)a->min,
		    (long long)a->max);
	else
		tool_fail(r, "%s: %s must be %s", r->tool->name, a->name,
		    wants[a->kind]);
}

static const struct tool_arg *
arg_find(const struct tool *t, const char *name)
{
	for (const struct tool_arg *a = t->args; a->name != NULL; a++)
		if (strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

/* null is what was left out. */
static bool
check_args(const struct request *r)
{
	const struct tool *t = r->tool;
	const char *name;
	json_t *v;

	json_object_foreach(r->args, name, v)
	{
		const struct tool_arg *a = arg_find(t, name);

		if (a == NULL) {
			tool_fail(r, "%s: there is no argument %s", t->name,
			    quote_go(r->a, sv_of(name)));
			return false;
		}
		if (!json_is_null(v) && !is_arg_right(a, v)) {
			tell_wrong(r, a);
			return false;
		}
	}
	for (const struct tool_arg *a = t->args; a->name != NULL; a++)
		if (a->needed && (v = json_object_get(r->args, a->name),
				     v == NULL || json_is_null(v))) {
			tool_fail(r, "%s: %s is needed: %s", t->name, a->name,
			    a->text);
			return false;
		}
	return true;
}

int64_t
tool_int(const struct request *r, const char *name)
{
	const json_t *v = json_object_get(r->args, name);

	return json_is_integer(v) ? json_integer_value(v)
				  : arg_find(r->tool, name)->otherwise;
}

bool
tool_bool(const struct request *r, const char *name)
{
	return json_is_true(json_object_get(r->args, name));
}

const char *
tool_text(const struct request *r, const char *name)
{
	const char *s = json_string_value(json_object_get(r->args, name));

	return s != NULL ? s : "";
}

bool
tool_call(struct request *r)
{
	return check_args(r) && r->tool->call(r);
}

/* ---- answers ---- */

void
tool_answer(const struct request *r, sv text, json_t *data)
{
	json_t *content =
	    json_pack("[{s:s, s:o}]", "type", "text", "text", json_of(text));
	json_t *result =
	    json_pack("{s:o, s:b}", "content", content, "isError", 0);

	if (data != NULL)
		json_object_set_new(result, "structuredContent", data);
	rpc_result(r, result);
}

void
tool_fail(const struct request *r, const char *fmt, ...)
{
	struct sb text cleanup_sb = SB_INIT;
	va_list ap;

	va_start(ap, fmt);
	sb_vprintf(&text, fmt, ap);
	va_end(ap);
	rpc_result(r, json_pack("{s:[{s:s, s:o}], s:b}", "content", "type",
			  "text", "text", json_of(sb_sv(&text)), "isError", 1));
}
