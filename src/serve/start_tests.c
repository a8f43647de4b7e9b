/* SPDX-License-Identifier: MIT */
/* Sessions: what is asked for is checked here, fault by fault, and handed to
 * `prun --detach --worktrees=N --tests -` as a list of its own. */
#include "config.h"

#include <math.h>

#include "base/clock.h"
#include "go/json.h"
#include "serve/names.h"
#include "serve/pages.h"
#include "serve/router.h"
#include "serve/start.h"
#include "serve/tests.h"

enum {
	PLANS_MAX = 1000,
	WORKERS_MAX = 64,
	PRIORITY_MAX = 1000,
	RETRIES_MAX = 10,
	TIMEOUT_S_MAX = 7 * 24 * 60 * 60,
};

/* A whole number between two; false: it is none, which is a fault. */
static bool
check_int(struct start *st, value v, const char *pointer, int64_t min,
    int64_t max, int64_t *out)
{
	if (v.kind == VALUE_FLOAT && v.u.f == floor(v.u.f) &&
	    v.u.f >= (double)min && v.u.f <= (double)max) {
		*out = (int64_t)v.u.f;
		return true;
	}
	fault_add(st->r, &st->faults, pointer,
	    "it is a whole number from %lld to %lld", (long long)min,
	    (long long)max);
	return false;
}

/* ---- a plan ---- */

static void
plan_text(struct start *st, struct json_out *j, value v, const char *key,
    const char *pointer, bool (*is_one)(sv text), const char *what)
{
	if (v.kind == VALUE_INVALID)
		return;
	if (v.kind != VALUE_STRING || !is_one(value_text(v)) ||
	    strlen(v.u.s) != v.len) {
		fault_add(st->r, &st->faults,
		    arena_printf(st->r->a, "%s/%s", pointer, key), "%s", what);
		return;
	}
	jo_key(j, key);
	jo_sv(j, value_text(v));
}

static void
plan_file(struct start *st, struct json_out *j, value v, const char *pointer)
{
	const char *why = "it is a text";

	if (v.kind == VALUE_STRING)
		why =
		    plan_file_fault(st->r->a, st->r->s->o.root, value_text(v));
	if (why != NULL) {
		fault_add(st->r, &st->faults,
		    arena_printf(st->r->a, "%s/plan_file", pointer), "%s", why);
		return;
	}
	jo_key(j, "plan_file");
	jo_sv(j, value_text(v));
}

static void
plan_vars(struct start *st, struct json_out *j, value v, const char *pointer)
{
	struct err none cleanup_err = ERR_INIT;
	struct sb text cleanup_sb = SB_INIT;

	start_check_vars(st, v, arena_printf(st->r->a, "%s/vars", pointer));
	if (v.kind != VALUE_MAP || st->faults.n > 0 ||
	    !json_write(&text, v, 0, &none))
		return;
	jo_key(j, "vars");
	jo_raw(j, sb_sv(&text));
}

static void
plan_priority(
    struct start *st, struct json_out *j, value v, const char *pointer)
{
	int64_t n;

	if (v.kind == VALUE_INVALID ||
	    !check_int(st, v, arena_printf(st->r->a, "%s/priority", pointer),
		-PRIORITY_MAX, PRIORITY_MAX, &n))
		return;
	jo_key(j, "priority");
	jo_int(j, n);
}

/* One that names a file and no task runs the task for plans. */
static void
plan_task_word(
    struct start *st, struct json_out *j, value plan, const char *pointer)
{
	value task = start_member(plan, "task");

	plan_text(st, j, task, "task", pointer, task_name_is_one,
	    "it is no name of a task");
	if (task.kind != VALUE_INVALID)
		return;
	jo_key(j, "task");
	jo_text(j, st->r->s->o.plan_task);
}

static void
plan_read(struct start *st, struct json_out *j, value plan, size_t i)
{
	static const char *const known[] = { "plan_file", "batch_range", "task",
		"vars", "priority", NULL };
	const char *pointer = arena_printf(st->r->a, "/test_plans/%zu", i);
	value file = start_member(plan, "plan_file");

	if (plan.kind != VALUE_MAP) {
		fault_add(st->r, &st->faults, pointer, "a plan is an object");
		return;
	}
	start_check_keys(st, plan, pointer, known);
	if (file.kind == VALUE_INVALID && !value_map_has(plan, SV("task"))) {
		fault_add(st->r, &st->faults, pointer,
		    "a plan has plan_file or task");
		return;
	}
	jo_open(j, '{');
	plan_task_word(st, j, plan, pointer);
	if (file.kind != VALUE_INVALID)
		plan_file(st, j, file, pointer);
	plan_text(st, j, start_member(plan, "batch_range"), "batch_range",
	    pointer, batch_range_is_one, "it is all, or numbers as in 1-3,5");
	plan_vars(st, j, start_member(plan, "vars"), pointer);
	plan_priority(st, j, start_member(plan, "priority"), pointer);
	jo_close(j, '}');
}

static void
plans_read(struct start *st, struct json_out *j)
{
	value plans = start_member(st->body, "test_plans");

	if (plans.kind != VALUE_LIST || plans.u.list->n == 0 ||
	    plans.u.list->n > PLANS_MAX) {
		fault_add(st->r, &st->faults, "/test_plans",
		    "it is a list of 1 to %d plans", PLANS_MAX);
		return;
	}
	st->tests = (int)plans.u.list->n;
	jo_key(j, "tests");
	jo_open(j, '[');
	for (size_t i = 0; i < plans.u.list->n; i++)
		plan_read(st, j, plans.u.list->v[i], i);
	jo_close(j, ']');
}

/* ---- config ---- */

/* "30m", as the document has it. */
static bool
is_timeout(sv text)
{
	size_t n = 0;

	while (n < text.n && is_digit((unsigned char)text.p[n]))
		n++;
	return n > 0 && n <= 6 && text.p[0] != '0' && n + 1 == text.n &&
	       (text.p[n] == 's' || text.p[n] == 'm' || text.p[n] == 'h');
}

static void
config_timeout(struct start *st, struct json_out *j, value v)
{
	int64_t seconds;

	if (v.kind == VALUE_STRING && is_timeout(value_text(v))) {
		jo_key(j, "task_timeout");
		jo_sv(j, value_text(v));
	} else if (v.kind == VALUE_STRING) {
		fault_add(st->r, &st->faults, "/config/task_timeout",
		    "it is a time, as in 30m, or seconds");
	} else if (v.kind != VALUE_INVALID &&
		   check_int(st, v, "/config/task_timeout", 1, TIMEOUT_S_MAX,
		       &seconds)) {
		jo_key(j, "task_timeout");
		jo_text(j, arena_printf(st->r->a, "%llds", (long long)seconds));
	}
}

static void
config_read(struct start *st, struct json_out *j)
{
	static const char *const known[] = { "task_timeout", "max_retries",
		NULL };
	value config = start_member(st->body, "config"), v;
	int64_t n;

	if (config.kind == VALUE_INVALID)
		return;
	if (config.kind != VALUE_MAP) {
		fault_add(st->r, &st->faults, "/config", "it is an object");
		return;
	}
	start_check_keys(st, config, "/config", known);
	config_timeout(st, j, start_member(config, "task_timeout"));
	v = start_member(config, "max_retries");
	if (v.kind == VALUE_INVALID ||
	    !check_int(st, v, "/config/max_retries", 0, RETRIES_MAX, &n))
		return;
	jo_key(j, "max_retries");
	jo_int(j, n);
}

static void
workers_read(struct start *st)
{
	value v = start_member(st->body, "num_workers");
	int64_t n = st->r->s->o.workers;

	if (v.kind != VALUE_INVALID)
		(void)check_int(st, v, "/num_workers", 1, WORKERS_MAX, &n);
	st->workers = (int)n;
}

/* ---- the answers ---- */

static void
session_accept(struct start *st, const char *id, struct json_out *j)
{
	struct session_row row = { .id = id,
		.status = SESSION_RUNNING,
		.num_workers = st->workers,
		.tests_total = st->tests };
	struct session_row found;

	if (tests_row(st->r->s, st->r->a, id, &found))
		row = found;
	jo_open(j, '{');
	jo_key(j, "session_id");
	jo_text(j, id);
	jo_key(j, "status");
	jo_text(j, session_state_word(row.status));
	jo_key(j, "num_workers");
	jo_int(j, row.num_workers);
	jo_key(j, "tests_queued");
	jo_int(j, row.tests_total);
	jo_key(j, "estimated_duration_minutes");
	tests_estimate(&row, j);
	jo_close(j, '}');
}

/* More would be refused by the session, all of them: said here, in words of
 * the request. */
static bool
queue_has_room(struct start *st)
{
	int most = st->r->s->o.max_queue;

	if (st->tests <= most)
		return true;
	reply_problem(st->r, 429, "%d tests are more than the queue holds (%d)",
	    st->tests, most);
	return false;
}

void
tests_start(struct request *r)
{
	static const char *const known[] = { "test_plans", "num_workers",
		"config", NULL };
	struct json_out j cleanup_json = JSON_OUT_INIT;
	struct start *st = start_read(r);

	if (st == NULL)
		return;
	st->pointer = "/test_plans";
	st->prefix = "/api/v1/parallel-test/";
	st->suffix = "/status";
	st->accept = session_accept;
	start_check_keys(st, st->body, "", known);
	jo_open(&j, '{');
	plans_read(st, &j);
	config_read(st, &j);
	jo_close(&j, '}');
	workers_read(st);
	vec_push(r->a, &st->tool.words, "--detach");
	vec_push(r->a, &st->tool.words,
	    value_map_has(st->body, SV("num_workers"))
		? arena_printf(r->a, "--worktrees=%d", st->workers)
		: "--worktrees");
	vec_push(r->a, &st->tool.words, "--tests");
	vec_push(r->a, &st->tool.words, "-");
	st->tool.input = sb_take(&j.text, r->a);
	if (st->faults.n > 0 || queue_has_room(st))
		start_go(st);
}

static bool
session_goes_on(struct request *r, const char *id)
{
	struct state folder = sessions_folder(r->a, &r->s->o.state);
	struct session_row row;

	/* one that has said how it ended may hold its lock still */
	return state_run_is_live(r->a, &folder, id) &&
	       (!tests_row(r->s, r->a, id, &row) ||
		   row.status == SESSION_PENDING ||
		   row.status == SESSION_RUNNING);
}

void
tests_delete(struct request *r)
{
	const char *id = r->parts.v[3];
	struct session_row row;

	if (!run_id_is_one(id) ||
	    (!session_goes_on(r, id) && !tests_row(r->s, r->a, id, &row)))
		reply_problem(r, 404, "there is no session %.80s", id);
	else
		start_cancel(r, "session_id", id, session_goes_on);
}
