/* SPDX-License-Identifier: MIT */
#include "derive/derive.h"

#include <string.h>

#include "base/map.h"
#include "derive/internal.h"

static const char suffix[] = "-parallel";

/* NAME with its calls as one parallel group.  NULL: it has none. */
static struct task *
from_serial(struct arena *a, struct taskfile *t, const struct task *serial,
    const char *name)
{
	const cmd_ptrs from = { .v = serial->cmds.v, .n = serial->cmds.n };
	struct task *task = arena_new_of(a, struct task);
	cmd_ptrs steps = { 0 };
	size_t calls = serial->deps.n;

	for (size_t i = 0; i < from.n; i++)
		calls += from.v[i]->kind == CMD_TASK && !from.v[i]->defer;
	if (calls == 0)
		return NULL;
	*task = *serial;
	task->name = arena_strdup(a, name);
	task->local_name = task->name;
	task->is_derived = true;
	task->parallel = true;
	memset(&task->cmds, 0, sizeof(task->cmds));
	memset(&task->aliases, 0, sizeof(task->aliases));
	steps_of(a, t, &from, &steps);
	steps_into(a, &steps, task);
	return task;
}

const char *
derive_base(struct arena *a, const char *name)
{
	size_t n = strlen(name), end = strlen(suffix);

	if (n <= end || strcmp(name + n - end, suffix) != 0)
		return NULL;
	return arena_strndup(a, name, n - end);
}

struct task *
derive_make(
    struct arena *a, struct taskfile *t, const char *name, const char **why)
{
	const char *base = derive_base(a, name);
	const struct task *serial;
	struct task *task = NULL;

	*why = NULL;
	if (base == NULL || map_get(t->tasks, sv_of(name)) != NULL ||
	    derive_find(t, name, true) != NULL)
		return NULL;
	serial = derive_find(t, base, true);
	if (serial != NULL && !serial->internal) {
		task = from_serial(a, t, serial, name);
		if (task == NULL)
			*why = arena_printf(a, "%s makes no calls", base);
	} else if (serial != NULL) {
		*why = arena_printf(a, "%s is internal", base);
	} else if (strcmp(base, "qa") == 0 || strcmp(base, "sdlc") == 0) {
		task = *base == 'q' ? derive_qa(a, t, name)
				    : derive_sdlc(a, t, name);
		if (task == NULL)
			*why = "the Taskfile has no lint, test, check or the "
			       "like to make it of";
	} else {
		*why = arena_printf(a, "there is no task %s", base);
	}
	return task;
}

const struct task *
derive_task(
    struct arena *a, struct taskfile *t, const char *name, const char **why)
{
	struct task *task;
	string_vec shared = { 0 };

	if (t->tasks == NULL)
		t->tasks = map_new(a);
	task = derive_make(a, t, name, why);
	if (task == NULL)
		return NULL;
	steps_share(a, t, task, true, &shared);
	map_put(t->tasks, sv_of(task->name), task);
	return task;
}

static bool
makes_a_call(const struct task *t)
{
	for (size_t i = 0; i < t->cmds.n; i++)
		if (t->cmds.v[i]->kind == CMD_TASK && !t->cmds.v[i]->defer)
			return true;
	return false;
}

void
derive_names(struct arena *a, struct taskfile *t, size_t max, string_vec *out)
{
	const char *why, *qa = "qa-parallel";
	const struct map_entry *m;
	const struct task *task;

	if (t->tasks == NULL)
		return;
	task = derive_make(a, t, qa, &why);
	if (task != NULL && derive_is_parallel(task))
		vec_push(a, out, qa);
	map_each(t->tasks, m) {
		const struct task *of = m->value;
		const char *name;

		if (out->n >= max)
			return;
		if (of->is_derived || of->internal || !makes_a_call(of) ||
		    strcmp(of->name, "qa") == 0)
			continue;
		name = arena_printf(a, "%s%s", of->name, suffix);
		task = derive_make(a, t, name, &why);
		if (task != NULL && derive_is_parallel(task))
			vec_push(a, out, name);
	}
}

/* ---- in words ---- */

enum {
	COMMAND_SHOWN = 40 /* bytes of a command in the line */
};

/* The first line of a command, cut. */
static void
say_command(struct sb *b, const char *text)
{
	sv line = sv_trim(sv_of(text));
	size_t n = strcspn(line.p, "\n");
	bool cut = n < line.n;

	if (n > COMMAND_SHOWN) {
		n = COMMAND_SHOWN;
		while (n > 0 && ((unsigned char)line.p[n] & 0xC0) == 0x80)
			n--;
		cut = true;
	}
	sb_addv(b, sv_sub(line, 0, n < line.n ? n : line.n));
	if (cut)
		sb_adds(b, "…");
}

static void
say_step(struct sb *b, const struct cmd *c)
{
	if (c->kind == CMD_TASK)
		sb_adds(b, c->task);
	else
		say_command(b, c->cmd != NULL ? c->cmd : "");
	if (c->rare->loop.kind != FOR_NONE)
		sb_adds(b, " (for each)");
}

static void
say_defers(struct sb *b, const struct task *t)
{
	const char *before = ", at its end ";

	for (size_t i = t->cmds.n; i-- > 0;)
		if (t->cmds.v[i]->defer) {
			sb_adds(b, before);
			say_step(b, t->cmds.v[i]);
			before = ", then ";
		}
}

char *
derive_text(struct arena *a, const struct task *t)
{
	struct sb b cleanup_sb = SB_INIT;
	bool then = false;

	for (size_t i = 0; i < t->deps.n; i++) {
		sb_printf(&b, "%s%s", i > 0 ? ", " : "", t->deps.v[i]->task);
		then = true;
	}
	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct cmd *c = t->cmds.v[i];

		if (c->defer || c->kind == CMD_NOTHING)
			continue;
		if (step_is_barrier(c)) {
			then = true;
			continue;
		}
		if (b.n > 0)
			sb_adds(&b,
			    then || c->kind == CMD_SHELL ? ", then " : ", ");
		then = c->kind == CMD_SHELL;
		say_step(&b, c);
	}
	say_defers(&b, t);
	return (char *)sb_take(&b, a).p;
}
