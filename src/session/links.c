/* SPDX-License-Identifier: MIT */
/* What the tests of a session have to do with each other. */
#include "config.h"

#include <string.h>

#include "session/request.h"

#include "base/path.h"
#include "go/json.h"

/* One walk from a task along what it calls, as far as the Taskfile says it in
 * so many words. */
struct link_walk {
	struct project *p;
	struct map *seen; /* names of tasks */
	struct map *deps; /* that are dependencies, at whatever depth */
	string_vec *mutexes;
};

static void link_task(struct link_walk *w, const struct task *t, bool is_dep);

static void
link_name(struct link_walk *w, const char *name, bool is_dep)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct match m;

	if (name != NULL && *name != '\0' &&
	    task_find(w->p->a, &w->p->compiler, name, &m, &ignored))
		link_task(w, m.task, is_dep);
}

static void
link_task(struct link_walk *w, const struct task *t, bool is_dep)
{
	struct dep **d;
	struct cmd **c;

	if (is_dep)
		map_put(w->deps, sv_of(t->name), (void *)(uintptr_t)t);
	if (map_get(w->seen, sv_of(t->name)) != NULL)
		return;
	map_put(w->seen, sv_of(t->name), w);
	if (*t->rare->mutex != '\0' && strstr(t->rare->mutex, "{{") == NULL)
		vec_push(w->p->a, w->mutexes, t->rare->mutex);
	vec_each(&t->deps, d)
		link_name(w, (*d)->task, true);
	vec_each(&t->cmds, c)
		if ((*c)->kind == CMD_TASK)
			link_name(w, (*c)->task, false);
}

static void
link_test(struct project *p, struct session_request *q, struct session_test *t,
    const struct task *task)
{
	struct link_walk w = { p, map_new(p->a), map_new(p->a), &t->mutexes };

	link_task(&w, task, false);
	for (size_t i = 0; i < q->tests.n; i++) {
		const struct session_test *other = &q->tests.v[i];
		struct err ignored cleanup_err = ERR_INIT;
		struct match m;

		if (other != t && *other->plan_file == '\0' &&
		    task_find(p->a, &p->compiler, other->task, &m, &ignored) &&
		    m.task != task &&
		    map_get(w.deps, sv_of(m.task->name)) != NULL)
			vec_push(p->a, &t->needs, (int)i + 1);
	}
}

static bool
is_name_taken(const struct session_request *q, size_t until, const char *name)
{
	for (size_t i = 0; i < until; i++)
		if (strcmp(q->tests.v[i].name, name) == 0)
			return true;
	return false;
}

/* "e2e-test-01", "e2e-test-01 1-3", "e2e-test-01 1-3 #2". */
static void
name_test(struct project *p, struct session_request *q, size_t i)
{
	struct session_test *t = &q->tests.v[i];
	const char *base = t->task, *name;

	if (*t->plan_file != '\0') {
		char *file = path_base(p->a, sv_of(t->plan_file));

		base = arena_strndup(
		    p->a, file, strlen(file) - path_ext(sv_of(file)).n);
		if (strcmp(t->batch_range, "all") != 0)
			base =
			    arena_printf(p->a, "%s %s", base, t->batch_range);
	}
	name = base;
	for (int n = 2; is_name_taken(q, i, name); n++)
		name = arena_printf(p->a, "%s #%d", base, n);
	t->name = name;
}

/* The same of its name and place in the repository wherever the work tree is.
 */
static bool
check_plan(struct project *p, const struct session_test *t, struct err *e)
{
	char *path =
	    path_resolve(p->a, sv_of(p->work_dir), sv_of(t->plan_file));
	char *below;
	struct err ignored cleanup_err = ERR_INIT;

	if (!path_rel(p->a, sv_of(p->repo_dir),
		sv_of(path_clean(p->a, sv_of(path))), &below, &ignored) ||
	    strcmp(below, "..") == 0 || sv_starts(sv_of(below), SV("../")))
		return err_set(e, ERR_GENERIC,
		    "prun: the plan %s lies outside of the repository",
		    t->plan_file);
	return true;
}

bool
request_check(struct project *p, struct session_request *q, struct err *e)
{
	for (size_t i = 0; i < q->tests.n; i++) {
		struct session_test *t = &q->tests.v[i];
		struct match m;

		name_test(p, q, i);
		if (!task_find(p->a, &p->compiler, t->task, &m, e))
			return *t->plan_file != '\0' &&
			       err_wrap(e,
				   "prun: the plan %s needs the "
				   "harness (plan_task in [worktrees]): ",
				   t->plan_file);
		if (m.task->internal)
			return err_set(e, ERR_TASK_INTERNAL,
			    "task: Task \"%s\" is internal", t->task);
		if (*t->plan_file != '\0' && !check_plan(p, t, e))
			return false;
		link_test(p, q, t, m.task);
	}
	return true;
}

/* The words of the test stand over those of all. */
const char *
request_vars(struct arena *a, const struct session_request *q,
    const struct session_test *t)
{
	value map = value_map_new(a, GO_MAP);
	struct sb b cleanup_sb = SB_INIT;
	struct err ignored cleanup_err = ERR_INIT;
	sv name, text;

	for (size_t i = 0; i < q->words.n + t->words.n; i++) {
		const char *word =
		    i < q->words.n ? q->words.v[i] : t->words.v[i - q->words.n];

		sv_cut(sv_of(word), '=', &name, &text);
		value_map_set(a, map, name, value_sv(text));
	}
	if (value_map_count(map) == 0)
		return "";
	json_write(&b, map, 0, &ignored);
	return sb_take(&b, a).p;
}
