/* SPDX-License-Identifier: MIT */
/*
 * qa-parallel and sdlc-parallel from the names that people use: build, then
 * side by side one check of each kind (P-1404).  Never what writes, but for a
 * linter that mends what it finds, which goes first, and never two names of one
 * check.
 */
#include <string.h>

#include "base/map.h"
#include "derive/internal.h"

struct derivation {
	struct arena *a;
	struct taskfile *t;
	cmd_ptrs members;
	bool any_check;
};

struct task *
derive_new(struct arena *a, struct taskfile *t, const char *name)
{
	struct task *task = task_new(a);

	task->name = arena_strdup(a, name);
	task->local_name = task->name;
	task->parallel = true;
	task->is_derived = true;
	task->at.taskfile = t->location;
	task->at.line = task->at.column = 1;
	return task;
}

static void
add_member(struct derivation *d, const struct task *task)
{
	struct cmd *c = cmd_new(d->a);

	c->kind = CMD_TASK;
	c->task = task->name;
	c->at = task->at;
	vec_push(d->a, &d->members, c);
}

static bool
writes(const struct derivation *d, const struct task *task)
{
	return (reach_of(d->a, d->t, task) & (REACH_WRITES | REACH_ASKS)) != 0;
}

static bool
derive_add_check(struct derivation *d, const struct task *task)
{
	if (task == NULL || writes(d, task))
		return false;
	add_member(d, task);
	d->any_check = true;
	return true;
}

/* The first that exists and does not write. */
static bool
derive_add_first(struct derivation *d, const char *const *names)
{
	for (; *names != NULL; names++)
		if (derive_add_check(d, derive_find(d->t, *names, false)))
			return true;
	return false;
}

/* What runs somewhere else, sets up for others, or is for a CI machine. */
static bool
is_side_work(const struct derivation *d, const struct task *task)
{
	static const char *const words[] = { "setup", "teardown", "deps", "dep",
		"services", "service", "report", "reports", "pull", "ci",
		"remote", "cloud", "cluster", "bench", "benchmark", "fuzz",
		"coverage", "cover", "debug", "manual", "nightly", "deploy",
		"release", "smoke", "load", "stress", NULL };
	enum name_kind kind = name_kind(task->name);

	if (kind == NAME_CHANGES || kind == NAME_SERVES)
		return true;
	for (size_t i = 0; words[i] != NULL; i++)
		if (name_has_word(task->name, words[i]))
			return true;
	return (reach_of(d->a, d->t, task) & REACH_CLUSTER) != 0;
}

/* Is it `before`, one word or more of dashes, `after`? */
static bool
is_like(const char *name, const char *before, const char *after)
{
	size_t b = strlen(before), e = strlen(after), n;

	if (strncmp(name, before, b) != 0)
		return false;
	n = strlen(name);
	return n > b + e && strcmp(name + n - e, after) == 0 &&
	       memchr(name + b, ':', n - b - e) == NULL;
}

static bool
derive_add_like(struct derivation *d, const char *before, const char *after)
{
	const struct map_entry *m;
	bool any = false;

	map_each(d->t->tasks, m) {
		const char *name = ((struct task *)m->value)->name;
		const struct task *task;

		/* behind a colon it is another one's name */
		if (*name != ':' && !is_like(name, before, after))
			continue;
		task = derive_find(d->t, name, false);
		if (task == NULL || !is_like(task->name, before, after) ||
		    is_side_work(d, task))
			continue;
		any |= derive_add_check(d, task);
	}
	return any;
}

/* ---- the kinds ---- */

static void
add_build(struct derivation *d)
{
	const struct task *build = map_get(d->t->tasks, SV("build"));

	if (build != NULL && !build->internal && !writes(d, build))
		add_member(d, build);
}

/* A linter that mends what it finds goes first and alone, where nothing else
 * looks at the same. */
static void
add_lint(struct derivation *d)
{
	static const char *const names[] = { "lint:check", "lint-check",
		"check:lint", "check-lint", "lint:all", "lint", "linter",
		NULL };
	const struct task *lint, *check;

	if (derive_add_first(d, names))
		return;
	lint = derive_find(d->t, "lint", false);
	check = derive_find(d->t, "check", false);
	if (lint == NULL)
		derive_add_like(d, "", ":lint");
	else if ((check == NULL || writes(d, check)) &&
		 (reach_of(d->a, d->t, lint) & REACH_ASKS) == 0)
		add_member(d, lint);
	d->any_check = d->any_check || lint != NULL;
}

static void
add_tests(struct derivation *d)
{
	static const char *const whole[] = { "test", "tests", "test:all",
		"test:default", "test:unit", NULL };
	static const char *const other[] = { "test-all", "test-unit", NULL };
	static const char *const names[] = { "unit", "unit-test", "unit-tests",
		"go-test", "go:test", "pytest", NULL };

	if (derive_add_first(d, whole) || derive_add_like(d, "test:", "") ||
	    derive_add_first(d, other) || derive_add_like(d, "test-", "") ||
	    derive_add_first(d, names))
		return;
	derive_add_like(d, "", ":test");
}

static void
add_checks(struct derivation *d)
{
	static const char *const formats[] = { "fmt:check", "fmt-check",
		"format:check", "format-check", "check:fmt", "check-fmt",
		"check:format", "check-format", "check:formatting", NULL };
	static const char *const types[] = { "type-check", "typecheck",
		"type:check", "types:check", "check:types", "check-types",
		"types", "mypy", "pyright", "tsc", NULL };
	static const char *const verify[] = { "validate", "verify", NULL };
	static const char *const security[] = { "security", "audit", "vuln",
		"vulncheck", "govulncheck", NULL };
	static const char *const check[] = { "check", "checks", NULL };
	static const char *const vet[] = { "vet", "go-vet", NULL };

	derive_add_first(d, formats);
	derive_add_first(d, types);
	derive_add_first(d, vet);
	add_tests(d);
	derive_add_first(d, check);
	for (size_t i = 0; verify[i] != NULL; i++)
		derive_add_check(d, derive_find(d->t, verify[i], false));
	derive_add_first(d, security);
}

/* ---- the tasks ---- */

static bool
derive_collect(struct derivation *d)
{
	static const char *const ci[] = { "ci", NULL };
	cmd_ptrs found;

	add_lint(d);
	add_checks(d);
	if (!d->any_check && !derive_add_first(d, ci))
		return false;
	/* the build goes first, and what mends behind it */
	found = d->members;
	d->members = (cmd_ptrs){ 0 };
	add_build(d);
	for (size_t i = 0; i < found.n; i++)
		vec_push(d->a, &d->members, found.v[i]);
	return true;
}

static struct task *
derive_common(struct derivation *d, const char *name)
{
	struct task *task = derive_new(d->a, d->t, name);
	cmd_ptrs steps = { 0 };

	steps_of(d->a, d->t, &d->members, &steps);
	steps_into(d->a, &steps, task);
	return task;
}

struct task *
derive_qa(struct arena *a, struct taskfile *t, const char *name)
{
	struct derivation d = { .a = a, .t = t };
	struct task *task;

	if (!derive_collect(&d))
		return NULL;
	task = derive_common(&d, name);
	task->desc = "Derived: build, then all checks side by side";
	return task;
}

struct task *
derive_sdlc(struct arena *a, struct taskfile *t, const char *name)
{
	struct derivation d = { .a = a, .t = t };
	const struct task *docs;
	struct task *task;

	if (!derive_collect(&d))
		return NULL;
	docs = derive_find(t, "docs", false);
	if (docs == NULL)
		docs = derive_find(t, "doc", false);
	if (docs != NULL)
		add_member(&d, docs);
	task = derive_common(&d, name);
	task_rare_of(a, task)->commit.wanted = true;
	task->desc = "Derived: build, all checks, and one commit";
	return task;
}
