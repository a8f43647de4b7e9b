/* SPDX-License-Identifier: MIT */
/*
 * What the calls of a task would run (D-2): each called task as it would be
 * compiled, with the calls that it makes itself, dependencies included.  No
 * command is run for that: an `sh:` variable counts by its text.  A call is
 * looked at once for all tasks that make it, so the work grows with the number
 * of calls.  The dependencies of the task itself are left out: they run
 * whatever it says.
 */
#include "fingerprint/called.h"

#include "base/hash.h"
#include "base/map.h"
#include "fingerprint/recipe.h"

#define MAX_DEPTH  1000 /* of calls in calls */
#define MAX_VISITS 4000 /* from one task, of what is not known yet */
/* Of one task in itself: a recursion that ends by its conditions has no end
 * here. */
#define MAX_NESTED 3

enum node_state { NODE_OPEN, NODE_DONE };

/* A call: its task and variables. */
struct call_node {
	enum node_state state;
	uint64_t hash;
};

struct called {
	struct arena *arena;
	struct map *nodes;    /* key of a call → struct call_node * */
	struct map *programs; /* path → struct file_sig *, as they were seen */
};

/* A task that is being looked at, and those around it. */
struct open_task {
	const struct open_task *up;
	const struct task *task;
};

/* A walk from one task. */
struct visit {
	struct called *known;
	struct arena *a; /* of the call that is being looked at */
	const struct recipe_input *in;
	const struct open_task *open;
	unsigned *left;
	/* The walk ended before its end: what was found depends on where it
	 * began, and is not kept. */
	bool is_cut;
};

static void
called_clear(struct called *k)
{
	arena_free(k->arena);
	k->arena = arena_new();
	k->nodes = map_new(k->arena);
	k->programs = map_new(k->arena);
}

struct called *
called_new(void)
{
	struct called *k = xcalloc(1, sizeof(*k));

	called_clear(k);
	return k;
}

void
called_free(struct called *k)
{
	if (k == NULL)
		return;
	arena_free(k->arena);
	free(k);
}

/* What is not there has a signature as well. */
static struct file_sig
program_sig(const char *path)
{
	struct file_sig sig = { 0 };

	file_sig_of(path, &sig);
	return sig;
}

void
called_note_program(struct called *k, const char *path)
{
	struct file_sig *sig;

	if (map_get(k->programs, sv_of(path)) != NULL)
		return;
	sig = arena_new_of(k->arena, struct file_sig);
	*sig = program_sig(path);
	map_put(k->programs, sv_of(path), sig);
}

/* Where a program has changed meanwhile, nothing is known any more. */
static void
called_renew(struct called *k)
{
	const struct map_entry *e;

	map_each(k->programs, e) {
		struct file_sig now = program_sig(e->key.p);

		if (!file_sig_same(&now, e->value)) {
			called_clear(k);
			return;
		}
	}
}

static void called_visit(struct visit *v, const char *name, const vars *with,
    struct sb *out);

/* ---- what a task calls ---- */

static bool
called_is_template(const char *text)
{
	return strstr(text, "{{") != NULL;
}

/* A loop whose turns are not known without a shell or a look at files; its task
 * may be known. */
static bool
is_open_loop(const struct for_loop *l)
{
	return l->kind != FOR_NONE && l->kind != FOR_EMPTY &&
	       l->kind != FOR_LIST;
}

static bool
is_end_of_word(char c)
{
	return c == '\0' || strchr(" \t\n;|&()<>\"'`", c) != NULL;
}

static void
called_visit_word(struct visit *v, sv name, struct sb *out)
{
	const struct compiler *c = v->in->compiler;
	char *text = sv_cstr(v->a, name);

	/* A plain word is seldom a task; a look-up in vain would look for the
	 * nearest one. */
	if (name.n > 0 && map_get(c->taskfile->tasks, name) != NULL)
		called_visit(v, text, NULL, out);
}

/* `task:NAME`, `task NAME` and `prun NAME` in the text of a command (P-103,
 * P-104, P-108), as far as it can be told without a shell's grammar: a word too
 * many costs a look-up, and makes the task run again for nothing at worst. */
static void
called_visit_script(struct visit *v, const char *text, struct sb *out)
{
	bool names = false;

	if (text == NULL ||
	    (strstr(text, "task") == NULL && strstr(text, "prun") == NULL))
		return;
	while (*text != '\0') {
		size_t n = 0;
		sv word;

		while (!is_end_of_word(text[n]))
			n++;
		word = (sv){ text, n };
		if (sv_starts(word, SV("task:")))
			called_visit_word(v, sv_sub(word, 5, SIZE_MAX), out);
		else if (sv_is(word, "task") || sv_is(word, "prun"))
			names = true;
		else if (names)
			called_visit_word(v, word, out);
		text += n;
		if (*text != '\0' && strchr("\n;|&", *text) != NULL)
			names = false;
		text += *text != '\0';
	}
}

static void
called_visit_cmd(struct visit *v, const struct ccmd *cmd, struct sb *out)
{
	const struct cmd *raw = cmd->defer ? cmd->source : NULL;

	if (cmd->kind == CMD_SHELL)
		called_visit_script(v, raw ? raw->cmd : cmd->text, out);
	else if (raw != NULL && !called_is_template(raw->task))
		called_visit(v, raw->task, raw->vars, out);
	else if (raw == NULL && cmd->kind == CMD_TASK)
		called_visit(v, cmd->task, cmd->vars, out);
}

/* ---- one called task ---- */

static void
called_add_globs(struct sb *out, const glob_vec *globs)
{
	for (size_t i = 0; i < globs->n; i++) {
		sb_addc(out, globs->v[i].negate ? '!' : '+');
		recipe_add_text(out, globs->v[i].pattern);
	}
}

/* Loops whose turns are not known count as they are written. */
static void
add_open_loops(struct visit *v, const struct task *t, struct sb *out)
{
	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct cmd *c = t->cmds.v[i];

		if (c == NULL || !is_open_loop(&c->rare->loop))
			continue;
		recipe_add_text(out, c->rare->loop.var);
		recipe_add_text(out, c->cmd);
		recipe_add_text(out, c->task);
		recipe_add_vars(v->a, out, c->vars);
		if (c->kind == CMD_SHELL)
			called_visit_script(v, c->cmd, out);
		else if (c->task != NULL && !called_is_template(c->task))
			called_visit(v, c->task, NULL, out);
	}
	for (size_t i = 0; i < t->deps.n; i++) {
		const struct dep *d = t->deps.v[i];

		if (d == NULL || !is_open_loop(&d->rare->loop))
			continue;
		recipe_add_text(out, d->task);
		if (!called_is_template(d->task))
			called_visit(v, d->task, NULL, out);
	}
}

/* What decides whether it runs, and how. */
static void
called_add_conditions(const struct ctask *t, struct sb *out)
{
	recipe_add_text(out, t->if_text);
	recipe_add_text(out, t->method);
	called_add_globs(out, &t->sources);
	called_add_globs(out, &t->generates);
	for (size_t i = 0; i < t->status.n; i++)
		recipe_add_text(out, t->status.v[i]);
	for (size_t i = 0; i < t->preconditions.n; i++)
		recipe_add_text(out, t->preconditions.v[i].sh);
	for (size_t i = 0; i < t->sh_texts.n; i++)
		recipe_add_text(out, t->sh_texts.v[i]);
}

static void
called_add_task(struct visit *v, const struct ctask *t, struct sb *out)
{
	struct recipe_input in = *v->in;
	part_vec parts = { 0 };

	in.task = t;
	recipe_own(v->a, &in, &parts);
	for (size_t i = 0; i < parts.n; i++) {
		recipe_add_text(out, parts.v[i].kind);
		recipe_add_text(out, parts.v[i].name);
		sb_hex16(out, parts.v[i].hash);
	}
	called_add_conditions(t, out);
	for (size_t i = 0; i < t->cmds.n; i++)
		called_visit_cmd(v, &t->cmds.v[i], out);
	for (size_t i = 0; i < t->deps.n; i++)
		called_visit(v, t->deps.v[i].task, t->deps.v[i].vars, out);
	add_open_loops(v, t->task, out);
}

/* ---- the walk ---- */

static uint64_t
called_hash(struct visit *v, const struct call *call, const struct match *m)
{
	struct err e cleanup_err = ERR_INIT;
	struct sb text cleanup_sb = SB_INIT;
	struct cursor *cur = compile_begin(
	    v->a, v->in->compiler, call, m, COMPILE_RECIPE);

	if (compile_step(cur, &e) == COMPILE_DONE)
		called_add_task(v, compile_result(cur), &text);
	else
		sb_adds(&text, e.message);
	return hash64(sb_sv(&text));
}

static void
called_visit_match(struct visit *v, const struct call *call, const struct match *m,
    struct call_node *node)
{
	struct visit inner = *v;
	struct open_task open = { v->open, m->task };

	inner.open = &open;
	inner.is_cut = false;
	inner.a = arena_new();
	node->hash = called_hash(&inner, call, m);
	arena_free(inner.a);
	v->is_cut |= inner.is_cut;
}

/* May the walk go into a task? */
static bool
called_may_enter(const struct visit *v, const struct task *t)
{
	unsigned depth = 0, nested = 0;

	for (const struct open_task *o = v->open; o != NULL; o = o->up) {
		depth++;
		nested += o->task == t;
	}
	return *v->left > 0 && depth < MAX_DEPTH && nested < MAX_NESTED;
}

/* Adds the hash of a call.  One that is open further up, or too far down, adds
 * its name. */
static void
called_visit(struct visit *v, const char *name, const vars *with, struct sb *out)
{
	struct err e cleanup_err = ERR_INIT;
	struct call call = { .task = name, .vars = (vars *)with,
		.indirect = true };
	struct sb key cleanup_sb = SB_INIT;
	struct call_node *node;
	struct match m;

	recipe_add_text(&key, name);
	recipe_add_vars(v->a, &key, with);
	recipe_add_text(out, name);
	node = map_get(v->known->nodes, sb_sv(&key));
	if (node == NULL) {
		node = arena_new_of(v->known->arena, struct call_node);
		map_put(v->known->nodes, sb_sv(&key), node);
	} else if (node->state == NODE_OPEN) {
		v->is_cut = true;
		return;
	} else {
		sb_hex16(out, node->hash);
		return;
	}
	if (!task_find(v->a, v->in->compiler, name, &m, &e) ||
	    !called_may_enter(v, m.task)) {
		v->is_cut = true;
	} else {
		bool was_cut = v->is_cut;

		--*v->left;
		v->is_cut = false;
		called_visit_match(v, &call, &m, node);
		sb_hex16(out, node->hash);
		node->state = NODE_DONE;
		if (!v->is_cut) {
			v->is_cut = was_cut;
			return;
		}
	}
	map_del(v->known->nodes, sb_sv(&key));
}

/* ---- the parts of a task ---- */

static void
add_called(part_vec *out, struct arena *a, const char *name, sv text)
{
	uint64_t hash = hash64(text);

	for (size_t i = 0; i < out->n; i++)
		if (strcmp(out->v[i].kind, "task") == 0 &&
		    strcmp(out->v[i].name, name) == 0) {
			/* Several calls of one task are one part. */
			out->v[i].hash = out->v[i].hash * 31 + hash;
			return;
		}
	vec_push(a, out, ((struct part){ "task", name, hash }));
}

void
called_parts(struct called *k, struct arena *a, const struct recipe_input *in,
    part_vec *out)
{
	const struct ctask *t = in->task;
	unsigned left = MAX_VISITS;
	struct visit v = { .known = k, .a = a, .in = in, .left = &left };

	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct ccmd *c = &t->cmds.v[i];
		struct sb text cleanup_sb = SB_INIT;

		if (c->kind == CMD_TASK)
			called_renew(k);
		called_visit_cmd(&v, c, &text);
		if (text.n > 0)
			add_called(out, a,
			    c->kind == CMD_TASK && c->task ? c->task : "",
			    sb_sv(&text));
	}
}
