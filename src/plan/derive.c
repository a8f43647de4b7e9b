/* SPDX-License-Identifier: MIT */
/*
 * Tasks that a Taskfile does not have but could: NAME-parallel from NAME, and
 * qa-parallel from the names that people use (P-1403, P-1404).  What cannot run
 * beside others is set off by an empty command, which is a barrier in a
 * parallel task and so reads the same when it is written out.
 */
#include "plan/plan.h"

#include <ctype.h>
#include <string.h>

#include "base/io.h"
#include "yaml/yaml.h"

static const char barrier[] = ":";

static bool
has_word(const char *name, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = strstr(name, word); p; p = strstr(p + 1, word)) {
		bool starts = p == name || !isalnum((unsigned char)p[-1]);
		bool ends = !isalnum((unsigned char)p[n]);

		if (starts && ends)
			return true;
	}
	return false;
}

static bool
is_barrier_name(const char *name)
{
	static const char *const words[] = { "clean", "install", "setup",
		"generate", "format", "fmt", "gen", "build" };
	/* a check only reads */
	bool reads = has_word(name, "check") || has_word(name, "lint");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (has_word(name, words[i]) && !(reads &&
			strcmp(words[i], "build") != 0))
			return true;
	return false;
}

static void
derive_add_cmd(struct arena *a, struct task *t, struct cmd cmd)
{
	struct cmd *c = arena_new_of(a, struct cmd);

	*c = cmd;
	if (c->if_text == NULL)
		c->if_text = "";
	vec_push(a, &t->cmds, c);
}

static void
add_barrier(struct arena *a, struct task *t)
{
	const struct cmd *last = t->cmds.n ? t->cmds.v[t->cmds.n - 1] : NULL;

	if (last != NULL && last->kind == CMD_TASK)
		derive_add_cmd(a, t,
		    (struct cmd){ .kind = CMD_SHELL,
			.cmd = barrier,
			.silent = true,
			.plain = true });
}

static void
add_task_call(struct arena *a, struct task *t, const char *name, bool alone)
{
	if (alone)
		add_barrier(a, t);
	derive_add_cmd(a, t, (struct cmd){ .kind = CMD_TASK, .task = name });
	if (alone)
		add_barrier(a, t);
}

static struct task *
new_task(struct arena *a, struct taskfile *t, const char *name)
{
	struct task *task = arena_new_of(a, struct task);
	const char **texts[] = { &task->label, &task->desc, &task->summary,
		&task->dir, &task->method, &task->prefix, &task->run,
		&task->if_text, &task->pool, &task->mutex };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = "";
	task->name = arena_strdup(a, name);
	task->local_name = task->name;
	task->namespace_ = "";
	task->parallel = true;
	task->is_derived = true;
	task->at.taskfile = t->location;
	task->at.line = task->at.column = 1;
	return task;
}

/* NAME with its consecutive calls as one parallel group. */
static struct task *
from_serial(struct arena *a, const struct task *serial, const char *name)
{
	struct task *task = arena_new_of(a, struct task);
	size_t calls = 0;

	*task = *serial;
	task->name = arena_strdup(a, name);
	task->local_name = task->name;
	task->is_derived = true;
	task->parallel = true;
	memset(&task->cmds, 0, sizeof(task->cmds));
	memset(&task->aliases, 0, sizeof(task->aliases));
	for (size_t i = 0; i < serial->cmds.n; i++) {
		const struct cmd *c = serial->cmds.v[i];
		bool call = c->kind == CMD_TASK && !c->defer;
		bool alone = call && is_barrier_name(c->task);

		calls += call;
		if (alone)
			add_barrier(a, task);
		derive_add_cmd(a, task, *c);
		if (alone)
			add_barrier(a, task);
	}
	return calls + serial->deps.n > 0 ? task : NULL;
}

static const struct task *
derive_find(const struct taskfile *t, const char *name)
{
	const struct task *task = map_get(t->tasks, sv_of(name));
	const struct map_entry *m;

	if (task != NULL)
		return task->internal ? NULL : task;
	map_each(t->tasks, m) {
		task = m->value;
		for (size_t i = 0; i < task->aliases.n; i++)
			if (strcmp(task->aliases.v[i], name) == 0)
				return task->internal ? NULL : task;
	}
	return NULL;
}

/* Adds the first of the names that exists, or all of them. */
static bool
derive_add_named(struct arena *a, const struct taskfile *t, struct task *to,
    const char *const *names, bool all, bool alone)
{
	bool any = false;

	for (size_t i = 0; names[i] != NULL && (all || !any); i++) {
		const struct task *task = derive_find(t, names[i]);

		if (task == NULL)
			continue;
		add_task_call(a, to, task->name, alone);
		any = true;
	}
	return any;
}

static void
add_below(struct arena *a, const struct taskfile *t, struct task *to,
    const char *prefix)
{
	const struct map_entry *m;

	map_each(t->tasks, m) {
		const struct task *task = m->value;

		if (sv_starts(m->key, sv_of(prefix)) && !task->internal &&
		    strchr(task->name, '*') == NULL &&
		    !has_word(task->name, "watch"))
			add_task_call(a, to, task->name, false);
	}
}

static struct task *
derive_qa(struct arena *a, struct taskfile *t, const char *name)
{
	static const char *const build[] = { "build", NULL };
	static const char *const lint[] = { "lint", NULL };
	static const char *const format[] = { "fmt:check", "fmt-check",
		"format:check", "format-check", "check:fmt", "check-fmt",
		"check:format", "check-format", "lint:fmt", NULL };
	static const char *const types[] = { "type-check", "typecheck",
		"type:check", "check:types", "check-types", "types", "mypy",
		"tsc", NULL };
	static const char *const test[] = { "test", "tests", NULL };
	static const char *const verify[] = { "check", "validate", "verify",
		NULL };
	static const char *const security[] = { "security", "audit", NULL };
	struct task *task = new_task(a, t, name);

	derive_add_named(a, t, task, build, false, true);
	derive_add_named(a, t, task, lint, false, false);
	derive_add_named(a, t, task, format, false, false);
	derive_add_named(a, t, task, types, false, false);
	if (!derive_add_named(a, t, task, test, false, false))
		add_below(a, t, task, "test:");
	derive_add_named(a, t, task, verify, true, false);
	derive_add_named(a, t, task, security, false, false);
	task->desc = "Derived: build, then all checks side by side";
	return task->cmds.n > 0 ? task : NULL;
}

static struct task *
derive_sdlc(struct arena *a, struct taskfile *t, const char *name)
{
	static const char *const docs[] = { "docs", "doc", NULL };
	struct task *task = derive_qa(a, t, name);

	if (task == NULL)
		return NULL;
	derive_add_named(a, t, task, docs, false, false);
	task->commit.wanted = true;
	task->desc = "Derived: build, all checks, and one commit";
	return task;
}

const struct task *
derive_task(struct arena *a, struct taskfile *t, const char *name)
{
	const sv suffix = SV("-parallel");
	sv n = sv_of(name);
	const struct task *serial;
	struct task *task = NULL;

	if (!sv_ends(n, suffix) || n.n == suffix.n ||
	    derive_find(t, name) != NULL)
		return NULL;
	serial = derive_find(t, arena_strndup(a, name, n.n - suffix.n));
	if (serial != NULL)
		task = from_serial(a, serial, name);
	else if (strcmp(name, "qa-parallel") == 0)
		task = derive_qa(a, t, name);
	else if (strcmp(name, "sdlc-parallel") == 0)
		task = derive_sdlc(a, t, name);
	if (task == NULL)
		return NULL;
	if (t->tasks == NULL)
		t->tasks = map_new(a);
	map_put(t->tasks, n, task);
	return task;
}

static bool
is_barrier(const struct cmd *c)
{
	return c->kind == CMD_SHELL && c->cmd == barrier;
}

char *
derive_text(struct arena *a, const struct task *t)
{
	struct sb b cleanup_sb = SB_INIT;
	bool then = false;

	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct cmd *c = t->cmds.v[i];

		if (is_barrier(c)) {
			then = true;
			continue;
		}
		if (b.n > 0)
			sb_adds(&b, then ? ", then " : ", ");
		then = false;
		sb_adds(&b, c->kind == CMD_TASK ? c->task : c->cmd);
	}
	return (char *)sb_take(&b, a).p;
}

/* ---- as YAML ---- */

/* The node of the task that `t` was made of: its key stands where t says. */
static const struct ynode *
node_of_task(struct arena *a, const struct task *t, struct err *e)
{
	struct ynode *root = NULL, *tasks;
	sv text;

	if (!read_file(a, t->at.taskfile, &text, e) ||
	    !ynode_parse(a, text, &root, e))
		return NULL;
	tasks = root != NULL ? ynode_get(root, "tasks") : NULL;
	for (size_t i = 0; tasks != NULL && tasks->kind == YNODE_MAP &&
	    i < tasks->n; i += 2)
		if (tasks->items[i]->line == t->at.line &&
		    tasks->items[i]->column == t->at.column)
			return tasks->items[i + 1];
	err_set(e, ERR_GENERIC, "%s has changed", t->at.taskfile);
	return NULL;
}

static void
write_barrier(struct sb *out)
{
	sb_printf(out, "      - cmd: '%s'\n        silent: true\n", barrier);
}

/* The entries as they stand in the file, and the barriers between them. */
static void
write_cmds(struct sb *out, const struct task *t, const struct ynode *cmds)
{
	size_t at = 0;

	sb_adds(out, "    cmds:\n");
	for (size_t i = 0; i < t->cmds.n; i++) {
		if (is_barrier(t->cmds.v[i])) {
			write_barrier(out);
			continue;
		}
		while (at < cmds->n && cmds->items[at]->kind == YNODE_SCALAR &&
		    cmds->items[at]->tag == YTAG_NULL)
			at++;
		if (at == cmds->n)
			return;
		sb_adds(out, "      - ");
		ynode_write(out, cmds->items[at++], 8);
		sb_addc(out, '\n');
	}
}

static bool
write_serial(struct arena *a, struct sb *out, const struct task *t,
    struct err *e)
{
	const struct ynode *node = node_of_task(a, t, e), *cmds = node;
	struct ynode **fields;
	size_t n = 0;

	if (node == NULL || (node->kind == YNODE_MAP &&
		!ynode_fields(a, node, &fields, &n, e)))
		return false;
	for (size_t i = 0; i < n; i += 2) {
		sv key = fields[i]->text;

		if (sv_is(key, "cmds")) {
			cmds = fields[i + 1];
		} else if (!sv_is(key, "aliases") && !sv_is(key, "parallel")) {
			sb_adds(out, "    ");
			ynode_write_pair(out, fields[i], fields[i + 1], 4);
			sb_addc(out, '\n');
		}
	}
	if (cmds->kind == YNODE_SEQ)
		write_cmds(out, t, cmds);
	return true;
}

/* All its calls are by name alone. */
static void
write_calls(struct sb *out, const struct task *t)
{
	sb_printf(out, "    desc: '%s'\n", t->desc);
	if (t->commit.wanted)
		sb_adds(out, "    commit: true\n");
	sb_adds(out, "    cmds:\n");
	for (size_t i = 0; i < t->cmds.n; i++) {
		const char *name = t->cmds.v[i]->task;

		if (is_barrier(t->cmds.v[i])) {
			write_barrier(out);
			continue;
		}
		sb_adds(out, "      - task: '");
		for (; *name != '\0'; name++)
			sb_adds(out, *name == '\'' ? "''" :
				(char[]){ *name, '\0' });
		sb_adds(out, "'\n");
	}
}

bool
derive_yaml(struct arena *a, struct sb *out, const struct task *t,
    struct err *e)
{
	size_t n = strlen(t->namespace_);
	const char *name = t->name;

	if (n > 0 && strncmp(name, t->namespace_, n) == 0 && name[n] == ':') {
		name += n + 1;
		sb_printf(out, "  # for %s\n", t->at.taskfile);
	}
	sb_printf(out, "  \"%s\":\n    parallel: true\n", name);
	if (t->at.line > 1)
		return write_serial(a, out, t, e);
	write_calls(out, t);
	return true;
}
