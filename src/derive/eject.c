/* SPDX-License-Identifier: MIT */
/* A derived task as YAML (--eject): the task that it comes from is read again,
 * so that keys which prun does not know of are kept as well. */
#include <string.h>

#include "base/io.h"
#include "derive/internal.h"
#include "yaml/yaml.h"

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
	for (size_t i = 0;
	     tasks != NULL && tasks->kind == YNODE_MAP && i < tasks->n; i += 2)
		if (tasks->items[i]->line == t->at.line &&
		    tasks->items[i]->column == t->at.column)
			return tasks->items[i + 1];
	err_set(e, ERR_GENERIC, "%s has changed", t->at.taskfile);
	return NULL;
}

static void
write_barrier(struct sb *out)
{
	sb_adds(out, "      - cmd: ':'\n        silent: true\n");
}

static void
write_name(struct sb *out, const char *name, bool from_root)
{
	sb_adds(out, from_root ? "      - task: ':" : "      - task: '");
	for (; *name != '\0'; name++)
		sb_adds(out, *name == '\'' ? "''" : (char[]){ *name, '\0' });
	sb_adds(out, "'\n");
}

/* A call that stood in another task, from the namespace of this one. */
static void
write_call(struct sb *out, const struct task *t, const struct cmd *c)
{
	size_t n = strlen(t->namespace_);
	const char *name = c->task;
	bool outside = false;

	if (*name == ':')
		name++;
	if (n > 0 && strncmp(name, t->namespace_, n) == 0 && name[n] == ':')
		name += n + 1;
	else if (n > 0)
		outside = true;
	write_name(out, name, outside);
}

/* Where the command stands in the task that it was taken from. */
static size_t
step_place(const struct task *serial, const struct cmd *c)
{
	size_t i = 0;

	while (i < serial->cmds.n &&
	       (serial->cmds.v[i]->at.line != c->at.line ||
		   serial->cmds.v[i]->at.column != c->at.column))
		i++;
	return i;
}

/* The entries as they stand in the file, those of tasks that were opened, and
 * the barriers between them. */
static void
write_cmds(struct arena *a, struct sb *out, const struct task *serial,
    const struct task *t, const struct ynode *cmds)
{
	VEC(const struct ynode *) items = { 0 };

	for (size_t i = 0; i < cmds->n; i++)
		if (cmds->items[i]->kind != YNODE_SCALAR ||
		    cmds->items[i]->tag != YTAG_NULL)
			vec_push(a, &items, cmds->items[i]);
	sb_adds(out, "    cmds:\n");
	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct cmd *c = t->cmds.v[i];
		size_t at = step_place(serial, c);

		if (step_is_barrier(c)) {
			write_barrier(out);
		} else if (at < items.n && at < serial->cmds.n) {
			sb_adds(out, "      - ");
			ynode_write(out, items.v[at], 8);
			sb_addc(out, '\n');
		} else {
			write_call(out, t, c);
		}
	}
}

static bool
write_serial(struct arena *a, struct sb *out, const struct task *serial,
    const struct task *t, struct err *e)
{
	const struct ynode *node = node_of_task(a, t, e), *cmds = node;
	struct ynode **fields;
	size_t n = 0;

	if (node == NULL ||
	    (node->kind == YNODE_MAP && !ynode_fields(a, node, &fields, &n, e)))
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
		write_cmds(a, out, serial, t, cmds);
	return true;
}

/* All its calls are by name alone. */
static void
write_calls(struct sb *out, const struct task *t)
{
	sb_printf(out, "    desc: '%s'\n", t->desc);
	if (t->rare->commit.wanted)
		sb_adds(out, "    commit: true\n");
	sb_adds(out, "    cmds:\n");
	for (size_t i = 0; i < t->cmds.n; i++) {
		if (step_is_barrier(t->cmds.v[i]))
			write_barrier(out);
		else
			write_name(out, t->cmds.v[i]->task, false);
	}
}

/* What no key of the task says. */
static void
write_remarks(
    struct arena *a, struct taskfile *tf, struct sb *out, const struct task *t)
{
	string_vec shared = { 0 };
	bool checked = false, goes_on = false;

	steps_share(a, tf, t, false, &shared);
	for (size_t i = 0; i < shared.n; i++)
		sb_printf(out,
		    "  # give %s \"run: when_changed\": several calls need "
		    "it\n",
		    shared.v[i]);
	for (size_t i = 0; i < t->cmds.n; i++) {
		goes_on |= checked && step_is_barrier(t->cmds.v[i]);
		checked |= t->cmds.v[i]->kind == CMD_TASK &&
			   t->cmds.v[i]->stage >= STAGE_CHECKS;
	}
	if (goes_on)
		sb_adds(out, "  # derived, it goes on behind a failed check; "
			     "written here, it ends there\n");
}

bool
derive_yaml(struct arena *a, struct taskfile *tf, const char *wanted,
    struct sb *out, const char **why, struct err *e)
{
	const struct task *serial = NULL, *t = derive_make(a, tf, wanted, why);
	const char *name;
	size_t n;

	if (t == NULL)
		return false;
	n = strlen(t->namespace_);
	name = t->name;
	if (n > 0 && strncmp(name, t->namespace_, n) == 0 && name[n] == ':') {
		name += n + 1;
		sb_printf(out, "  # for %s\n", t->at.taskfile);
	}
	write_remarks(a, tf, out, t);
	sb_printf(out, "  \"%s\":\n    parallel: true\n", name);
	if (t->at.line > 1) {
		serial = derive_find(tf, derive_base(a, wanted), true);
		return write_serial(a, out, serial, t, e);
	}
	write_calls(out, t);
	return true;
}
