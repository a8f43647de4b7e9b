/* SPDX-License-Identifier: MIT */
#include "taskfile/decode.h"

struct task_form {
	struct task task;
	struct cmd *cmd;
	bool has_cmds;
};

static bool
task_add_cmd(struct decoder *d, const struct ynode *n, struct task *out)
{
	struct cmd *cmd = arena_new_of(d->a, struct cmd);

	if (!decode_cmd(d, n, cmd))
		return false;
	vec_push(d->a, &out->cmds, cmd);
	return true;
}

/* L-031: null entries are skipped. */
static bool
add_cmds(struct decoder *d, const struct ynode *n, struct task *out)
{
	for (size_t i = 0; i < n->n; i++)
		if (!ynode_is_null(n->items[i]) &&
		    !task_add_cmd(d, n->items[i], out))
			return false;
	return true;
}

static bool
read_cmds(struct decoder *d, const struct ynode *n, void *out)
{
	struct task_form *f = out;

	if (n->kind != YNODE_SEQ) {
		type_error(d, n, "[]*ast.Cmd");
		return true;
	}
	f->has_cmds = true;
	return add_cmds(d, n, &f->task);
}

static bool
read_cmd(struct decoder *d, const struct ynode *n, void *out)
{
	struct cmd **cmd = out;

	*cmd = arena_new_of(d->a, struct cmd);
	return decode_cmd(d, n, *cmd);
}

static bool
read_deps(struct decoder *d, const struct ynode *n, void *out)
{
	struct task_form *f = out;

	if (n->kind != YNODE_SEQ) {
		type_error(d, n, "[]*ast.Dep");
		return true;
	}
	for (size_t i = 0; i < n->n; i++) {
		struct dep *dep;

		if (ynode_is_null(n->items[i]))
			continue;
		dep = arena_new_of(d->a, struct dep);
		if (!decode_dep(d, n->items[i], dep))
			return false;
		vec_push(d->a, &f->task.deps, dep);
	}
	return true;
}

/* A count of prun's own: an int that is not below `least`. */
static bool
task_read_count(struct decoder *d, const struct ynode *n, int *out, int least,
    const char *name)
{
	size_t types = d->types.n;

	read_int(d, n, out);
	if (d->types.n > types || *out >= least)
		return true;
	return decode_fail(d, n, "%s must be at least %d", name, least);
}

static bool
read_retries(struct decoder *d, const struct ynode *n, void *out)
{
	return task_read_count(d, n, out, 0, "retries");
}

static bool
read_slots(struct decoder *d, const struct ynode *n, void *out)
{
	return task_read_count(d, n, out, 1, "slots");
}

static bool
read_memory(struct decoder *d, const struct ynode *n, void *out)
{
	const char *text = "";
	int64_t size;

	if (ynode_is_null(n))
		return true;
	if (!read_string(d, n, &text))
		return false;
	size = size_parse(text);
	if (size <= 0)
		return decode_fail(d, n, "memory must be a size like 512M or 2G");
	*(int64_t *)out = size;
	return true;
}

static bool
read_delay(struct decoder *d, const struct ynode *n, void *out)
{
	read_duration(d, n, out);
	return *(int64_t *)out >= 0 ||
	    decode_fail(d, n, "retry_delay must not be negative");
}

static bool
read_grace(struct decoder *d, const struct ynode *n, void *out)
{
	struct grace *grace = out;

	if (ynode_is_null(n))
		return true;
	grace->is_given = true;
	read_duration(d, n, &grace->ns);
	return grace->ns >= 0 ||
	       decode_fail(d, n, "grace must not be negative");
}

/* The readers of cmds and deps see the whole form: offset 0. */
#define TASK_FIELDS(X, WHOLE)                                                 \
	WHOLE("cmds", read_cmds)                                              \
	X("cmd", cmd, read_cmd)                                               \
	WHOLE("deps", read_deps)                                              \
	X("label", task.label, read_string)                                   \
	X("desc", task.desc, read_string)                                     \
	X("prompt", task.prompts, read_prompts)                               \
	X("summary", task.summary, read_string)                               \
	X("aliases", task.aliases, read_strings)                              \
	X("sources", task.sources, read_globs)                                \
	X("generates", task.generates, read_globs)                            \
	X("status", task.status, read_strings)                                \
	X("preconditions", task.preconditions, read_preconditions)            \
	X("dir", task.dir, read_string)                                       \
	X("set", task.set, read_strings)                                      \
	X("shopt", task.shopt, read_strings)                                  \
	X("vars", task.vars, read_vars)                                       \
	X("env", task.env, read_vars)                                         \
	X("dotenv", task.dotenv, read_strings)                                \
	X("silent", task.silent, read_tristate)                               \
	X("interactive", task.interactive, read_bool)                         \
	X("internal", task.internal, read_bool)                               \
	X("method", task.method, read_string)                                 \
	X("prefix", task.prefix, read_string)                                 \
	X("ignore_error", task.ignore_error, read_bool)                       \
	X("use_gitignore", task.use_gitignore, read_tristate)                 \
	X("run", task.run, read_string)                                       \
	X("platforms", task.platforms, read_platforms)                        \
	X("if", task.if_text, read_string)                                    \
	X("requires", task.requires, read_requires)                           \
	X("watch", task.watch, read_bool)                                     \
	X("failfast", task.failfast, read_bool)                               \
	X("parallel", task.parallel, read_bool)                               \
	X("priority", task.priority, read_int)                                \
	X("retries", task.retries, read_retries)                              \
	X("retry_delay", task.retry_delay_ns, read_delay)                     \
	X("grace", task.grace, read_grace)                                    \
	X("pool", task.pool, read_string)                                     \
	X("slots", task.slots, read_slots)                                    \
	X("memory", task.memory_bytes, read_memory)                           \
	X("mutex", task.mutex, read_string)                                   \
	X("executor", task.executor, read_string)                             \
	X("writes", task.writes, read_bool)                                   \
	X("cache", task.cache, read_bool)                                     \
	X("flaky", task.quarantine, read_quarantine)                          \
	X("commit", task.commit, read_commit)

static const struct field fields[] = {
#define X(key, member, read) FIELD(struct task_form, key, member, read),
#define WHOLE(key, read) { key, 0, read },
	TASK_FIELDS(X, WHOLE)
#undef X
#undef WHOLE
};
const char *const task_keys[] = {
#define X(key, member, read) key,
#define WHOLE(key, read) key,
	TASK_FIELDS(X, WHOLE)
#undef X
#undef WHOLE
	NULL
};

static void
set_defaults(struct task *t)
{
	t->label = t->desc = t->summary = t->dir = t->method = t->prefix =
	    t->run = t->if_text = t->pool = t->mutex = t->executor = "";
	t->namespace_ = "";
	t->slots = 1;
}

static bool
decode_task_map(struct decoder *d, const struct ynode *n, struct task *out)
{
	struct task_form f = { .task = *out };

	if (!DECODE_MAP(d, n, fields, &f))
		return false;
	if (f.cmd != NULL && f.has_cmds)
		return decode_fail(d, n,
		    "task cannot have both cmd and cmds");
	*out = f.task;
	d->tf->has_groups |= out->parallel;
	if (f.cmd != NULL)
		vec_push(d->a, &out->cmds, f.cmd);
	return true;
}

/* L-038; a task without a body does nothing (L-032). */
bool
decode_task(struct decoder *d, const struct ynode *n, struct task *out)
{
	set_defaults(out);
	if (ynode_is_null(n))
		return true;
	switch (n->kind) {
	case YNODE_SCALAR:
		return task_add_cmd(d, n, out);
	case YNODE_SEQ:
		return add_cmds(d, n, out);
	case YNODE_MAP:
		return decode_task_map(d, n, out);
	}
	return true;
}
