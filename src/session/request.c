/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "session/request.h"

#include <math.h>

#include "base/clock.h"
#include "base/glob.h"
#include "base/path.h"
#include "go/fmt.h"
#include "go/json.h"

static const char *
plan_task(const struct project *p)
{
	return CFG_S(&p->config, worktrees, plan_task);
}

/* ---- tasks ---- */

bool
request_tasks(struct project *p, struct session_request *q, struct err *e)
{
	call_vec calls;
	struct call *call;

	if (!project_calls(p, false, &calls, e))
		return false;
	vec_each(&calls, call) {
		struct session_test t = {
			.task = call->task, .plan_file = "", .batch_range = ""
		};

		vec_push(p->a, &q->tests, t);
	}
	return true;
}

/* ---- plans ---- */

/* BATCH_RANGE of the command line is that of every plan. */
static const char *
common_range(const struct session_request *q)
{
	static const char name[] = "BATCH_RANGE=";
	const char *out = "all";

	for (size_t i = 0; i < q->words.n; i++)
		if (sv_starts(sv_of(q->words.v[i]), sv_of(name)))
			out = q->words.v[i] + sizeof(name) - 1;
	return out;
}

bool
request_plans(struct project *p, const char *pattern, struct session_request *q,
    struct err *e)
{
	struct glob_list *l = glob_list_new(p->a, p->work_dir);
	const char **files;
	size_t n;

	glob_list_add(l, pattern, false);
	n = glob_list_files(l, &files);
	if (n == 0)
		return err_set(e, ERR_GENERIC,
		    "prun: --plans: no file matches %s in %s",
		    quote_go(p->a, sv_of(pattern)), p->work_dir);
	for (size_t i = 0; i < n; i++) {
		struct session_test t = { .task = plan_task(p),
			.batch_range = common_range(q) };
		char *below;

		if (!path_rel(
			p->a, sv_of(p->work_dir), sv_of(files[i]), &below, e))
			return err_wrap(e, "prun: --plans: ");
		t.plan_file = below;
		vec_push(p->a, &q->tests, t);
	}
	return true;
}

/* ---- JSON ---- */

static bool
json_fault(struct err *e, const char *where, const char *what)
{
	return err_set(e, ERR_GENERIC, "prun: --tests: %s: %s", where, what);
}

static bool
json_text_of(struct arena *a, value v, const char *where, const char **out,
    struct err *e)
{
	if (v.kind == VALUE_INVALID)
		return true;
	if (v.kind != VALUE_STRING || memchr(v.u.s, '\0', v.len) != NULL)
		return json_fault(e, where, "must be a text");
	*out = sv_cstr(a, value_text(v));
	return true;
}

static bool
json_int_of(value v, const char *where, int most, int *out, struct err *e)
{
	if (v.kind == VALUE_INVALID)
		return true;
	if (v.kind != VALUE_FLOAT || v.u.f != floor(v.u.f) ||
	    fabs(v.u.f) > most)
		return json_fault(e, where, "must be a whole number");
	*out = (int)v.u.f;
	return true;
}

/* A member that nobody knows is a mistake that would pass for a test. */
static bool
json_known(struct arena *a, value map, const char *const *known,
    const char *where, struct err *e)
{
	const struct map_entry *m;

	map_each(map.u.map->entries, m) {
		const char *const *k = known;

		while (*k != NULL && !sv_is(m->key, *k))
			k++;
		if (*k == NULL)
			return json_fault(e, where,
			    arena_printf(a, "nobody knows the member %s",
				quote_go(a, m->key)));
	}
	return true;
}

static bool
json_vars(struct arena *a, value v, const char *where, struct session_test *t,
    struct err *e)
{
	const struct map_entry *m;

	if (v.kind == VALUE_INVALID)
		return true;
	if (v.kind != VALUE_MAP)
		return json_fault(e, where, "must be an object");
	map_each(v.u.map->entries, m) {
		struct sb b cleanup_sb = SB_INIT;
		const value *item = m->value;

		if (m->key.n == 0 || memchr(m->key.p, '=', m->key.n) != NULL)
			return json_fault(e, where, "a name is empty or has =");
		if (item->kind != VALUE_STRING && item->kind != VALUE_FLOAT &&
		    item->kind != VALUE_BOOL)
			return json_fault(e, where,
			    "values must be texts, numbers or true and false");
		sb_printf(&b, "%.*s=", SV_ARG(m->key));
		fmt_value(&b, *item);
		vec_push(a, &t->words, sb_take(&b, a).p);
	}
	return true;
}

static bool
json_test(struct project *p, value v, size_t i, struct session_request *q,
    struct err *e)
{
	static const char *const known[] = { "task", "plan_file", "batch_range",
		"vars", "priority", NULL };
	struct session_test t = {
		.task = "", .plan_file = "", .batch_range = ""
	};
	char *at = arena_printf(p->a, "/tests/%zu", i);
#define AT(name) arena_printf(p->a, "%s/%s", at, name)

	if (v.kind != VALUE_MAP)
		return json_fault(e, at, "must be an object");
	if (!json_known(p->a, v, known, at, e) ||
	    !json_text_of(
		p->a, value_map_get(v, SV("task")), AT("task"), &t.task, e) ||
	    !json_text_of(p->a, value_map_get(v, SV("plan_file")),
		AT("plan_file"), &t.plan_file, e) ||
	    !json_text_of(p->a, value_map_get(v, SV("batch_range")),
		AT("batch_range"), &t.batch_range, e) ||
	    !json_int_of(value_map_get(v, SV("priority")), AT("priority"),
		1000000, &t.priority, e) ||
	    !json_vars(p->a, value_map_get(v, SV("vars")), AT("vars"), &t, e))
		return false;
#undef AT
	if (*t.task == '\0' && *t.plan_file == '\0')
		return json_fault(e, at, "neither task nor plan_file");
	if (*t.task == '\0')
		t.task = plan_task(p);
	if (*t.plan_file != '\0' && *t.batch_range == '\0')
		t.batch_range = common_range(q);
	vec_push(p->a, &q->tests, t);
	return true;
}

static bool
json_limits(
    struct project *p, value v, struct session_request *q, struct err *e)
{
	struct err bad cleanup_err = ERR_INIT;
	const char *timeout = "";

	if (!json_text_of(p->a, value_map_get(v, SV("task_timeout")),
		"/task_timeout", &timeout, e) ||
	    !json_int_of(value_map_get(v, SV("max_retries")), "/max_retries",
		100, &q->retries, e))
		return false;
	if (q->retries < 0 && value_map_has(v, SV("max_retries")))
		return json_fault(e, "/max_retries", "must be 0 or more");
	if (*timeout != '\0' &&
	    (!duration_parse(sv_of(timeout), &q->timeout_ns, &bad) ||
		q->timeout_ns <= 0))
		return json_fault(
		    e, "/task_timeout", "must be a time above 0 as in 30m");
	return true;
}

bool
request_json(
    struct project *p, sv text, struct session_request *q, struct err *e)
{
	static const char *const known[] = { "tests", "task_timeout",
		"max_retries", NULL };
	value v, tests;

	if (!json_read(p->a, text, &v, e))
		return err_wrap(e, "prun: --tests: ");
	if (v.kind != VALUE_MAP)
		return json_fault(e, "/", "must be an object");
	tests = value_map_get(v, SV("tests"));
	if (!json_known(p->a, v, known, "/", e) || !json_limits(p, v, q, e))
		return false;
	if (tests.kind != VALUE_LIST || tests.u.list->n == 0)
		return json_fault(e, "/tests", "must be a list with a test");
	for (size_t i = 0; i < tests.u.list->n; i++)
		if (!json_test(p, tests.u.list->v[i], i, q, e))
			return false;
	return true;
}
