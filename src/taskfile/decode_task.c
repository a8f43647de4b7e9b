/* SPDX-License-Identifier: MIT */
#include "taskfile/decode.h"

static void *
rare_part(struct decoder *d, void *out)
{
	return task_rare_of(d->a, out);
}

static bool
task_add_cmd(struct decoder *d, const struct ynode *n, struct task *out)
{
	struct cmd *cmd = cmd_new(d->a);

	if (!decode_cmd(d, n, cmd))
		return false;
	vec_push(d->a, &out->cmds, cmd);
	return true;
}

/* L-031: null entries are skipped. */
static bool
add_cmds(struct decoder *d, const struct ynode *n, struct task *out)
{
	vec_reserve(d->a, &out->cmds, n->n);
	for (size_t i = 0; i < n->n; i++)
		if (!ynode_is_null(n->items[i]) &&
		    !task_add_cmd(d, n->items[i], out))
			return false;
	return true;
}

static bool
read_cmds(struct decoder *d, const struct ynode *n, void *out)
{
	if (n->kind != YNODE_SEQ) {
		type_error(d, n, "[]*ast.Cmd");
		return true;
	}
	d->has_cmds = true;
	return add_cmds(d, n, out);
}

static bool
read_cmd(struct decoder *d, const struct ynode *n, void *out)
{
	(void)out;
	d->cmd = cmd_new(d->a);
	return decode_cmd(d, n, d->cmd);
}

static bool
read_deps(struct decoder *d, const struct ynode *n, void *out)
{
	struct task *t = out;

	if (n->kind != YNODE_SEQ) {
		type_error(d, n, "[]*ast.Dep");
		return true;
	}
	vec_reserve(d->a, &t->deps, n->n);
	for (size_t i = 0; i < n->n; i++) {
		struct dep *dep;

		if (ynode_is_null(n->items[i]))
			continue;
		dep = arena_new_of(d->a, struct dep);
		if (!decode_dep(d, n->items[i], dep))
			return false;
		vec_push(d->a, &t->deps, dep);
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

/* X: a member of the task; RARE: one of its rare part; WHOLE: the reader sees
 * all of it. */
#define TASK_FIELDS(X, RARE, WHOLE)                                            \
	WHOLE("cmds", read_cmds)                                               \
	WHOLE("cmd", read_cmd)                                                 \
	WHOLE("deps", read_deps)                                               \
	RARE("label", label, read_string)                                      \
	X("desc", desc, read_string)                                           \
	RARE("prompt", prompts, read_prompts)                                  \
	RARE("summary", summary, read_string)                                  \
	X("aliases", aliases, read_strings)                                    \
	X("sources", sources, read_globs)                                      \
	X("generates", generates, read_globs)                                  \
	RARE("status", status, read_strings)                                   \
	RARE("preconditions", preconditions, read_preconditions)               \
	X("dir", dir, read_string)                                             \
	RARE("set", set, read_strings)                                         \
	RARE("shopt", shopt, read_strings)                                     \
	X("vars", vars, read_vars)                                             \
	X("env", env, read_vars)                                               \
	RARE("dotenv", dotenv, read_strings)                                   \
	X("silent", silent, read_tristate)                                     \
	X("interactive", interactive, read_bool)                               \
	X("internal", internal, read_bool)                                     \
	RARE("method", method, read_string)                                    \
	RARE("prefix", prefix, read_string)                                    \
	X("ignore_error", ignore_error, read_bool)                             \
	X("use_gitignore", use_gitignore, read_tristate)                       \
	RARE("run", run, read_string)                                          \
	RARE("platforms", platforms, read_platforms)                           \
	RARE("if", if_text, read_string)                                       \
	RARE("requires", requires, read_requires)                              \
	X("watch", watch, read_bool)                                           \
	X("failfast", failfast, read_bool)                                     \
	X("parallel", parallel, read_bool)                                     \
	X("priority", priority, read_int)                                      \
	X("retries", retries, read_retries)                                    \
	RARE("retry_delay", retry_delay_ns, read_delay)                        \
	RARE("grace", grace, read_grace)                                       \
	RARE("pool", pool, read_string)                                        \
	X("slots", slots, read_slots)                                          \
	RARE("memory", memory_bytes, read_memory)                              \
	RARE("mutex", mutex, read_string)                                      \
	RARE("executor", executor, read_string)                                \
	X("writes", writes, read_bool)                                         \
	X("cache", cache, read_bool)                                           \
	RARE("flaky", quarantine, read_quarantine)                             \
	RARE("commit", commit, read_commit)

static const struct field fields[] = {
#define X(key, member, read) FIELD(struct task, key, member, read),
#define RARE(key, member, read)                                                \
	FIELD_IN(rare_part, struct task_rare, key, member, read),
#define WHOLE(key, read) FIELD_WHOLE(key, read),
	TASK_FIELDS(X, RARE, WHOLE)
#undef X
#undef RARE
#undef WHOLE
};
const char *const task_keys[] = {
#define X(key, member, read) key,
#define WHOLE(key, read) key,
	TASK_FIELDS(X, X, WHOLE)
#undef X
#undef WHOLE
	    NULL
};

static bool
decode_task_map(struct decoder *d, const struct ynode *n, struct task *out)
{
	d->cmd = NULL;
	d->has_cmds = false;
	if (!DECODE_MAP(d, n, fields, out))
		return false;
	if (d->cmd != NULL && d->has_cmds)
		return decode_fail(d, n, "task cannot have both cmd and cmds");
	d->tf->has_groups |= out->parallel;
	d->tf->has_aliases |= out->aliases.n > 0;
	d->tf->has_executors |= *out->rare->executor != '\0';
	if (d->cmd != NULL)
		vec_push(d->a, &out->cmds, d->cmd);
	return true;
}

/* L-038; a task without a body does nothing (L-032). */
bool
decode_task(struct decoder *d, const struct ynode *n, struct task *out)
{
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
