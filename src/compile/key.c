/* SPDX-License-Identifier: MIT */
/*
 * Identity of a compiled task for `run: when_changed` (L-189): all its texts
 * and, unlike go-task's, the environment and the variables that it hands on, so
 * that two calls which would do different things both run.
 */
#include "base/hash.h"
#include "compile/internal.h"
#include "go/fmt.h"

/* Each text with its end, so that no two lists look alike. */
static void
key_add(struct sb *b, const char *s)
{
	sb_adds(b, s ? s : "");
	sb_addc(b, '\0');
}

/* As it lies in memory: the key does not outlive the process. */
static void
key_add_number(struct sb *b, int64_t n)
{
	sb_add(b, (const char *)&n, sizeof(n));
}

static void
add_strings(struct sb *b, const string_vec *v)
{
	key_add_number(b, (int64_t)v->n);
	for (size_t i = 0; i < v->n; i++)
		key_add(b, v->v[i]);
}

static void
add_globs(struct sb *b, const glob_vec *v)
{
	key_add_number(b, (int64_t)v->n);
	for (size_t i = 0; i < v->n; i++) {
		key_add_number(b, v->v[i].negate);
		key_add(b, v->v[i].pattern);
	}
}

static void
key_add_vars(struct sb *b, const vars *v)
{
	const struct map_entry *e;

	key_add_number(b, (int64_t)map_count(v));
	map_each(v, e) {
		const struct var *x = e->value;

		key_add(b, e->key.p);
		key_add(b, x->sh);
		if (x->has_value)
			fmt_value(b, x->value);
		key_add(b, "");
	}
}

/* A deferred entry's texts are not final yet; what they would be now tells
 * calls apart. */
static void
key_add_deferred(struct cursor *cur, struct sb *b, const struct ccmd *c)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct ccmd now;

	if (!compile_defer(cur->a, cur->c, cur->t, c, 0, &now, &ignored))
		return;
	key_add(b, now.text);
	key_add(b, now.task);
	key_add_vars(b, now.vars);
}

static void
key_add_command(struct cursor *cur, struct sb *b, const struct ccmd *c)
{
	key_add_number(b, c->kind);
	key_add_number(b, c->silent | c->ignore_error << 1 | c->defer << 2);
	key_add_number(b, c->timeout_ns);
	add_strings(b, &c->set);
	add_strings(b, &c->shopt);
	if (c->defer) {
		key_add_deferred(cur, b, c);
		return;
	}
	key_add(b, c->text);
	key_add(b, c->task);
	key_add(b, c->if_text);
	key_add_vars(b, c->vars);
}

static void
key_add_environment(struct sb *b, const struct map *set)
{
	const struct map_entry *e;

	key_add_number(b, (int64_t)map_count(set));
	map_each(set, e) {
		key_add(b, e->key.p);
		key_add(b, e->value);
	}
}

uint64_t
when_changed_key(struct cursor *cur)
{
	const struct ctask *t = cur->t;
	struct sb b cleanup_sb = SB_INIT;

	sb_reserve(&b, 512);
	key_add(&b, t->once_key);
	key_add(&b, t->label);
	key_add(&b, t->desc);
	key_add(&b, t->summary);
	add_strings(&b, &t->prompts);
	key_add(&b, t->dir);
	key_add(&b, t->method);
	key_add(&b, t->run);
	key_add(&b, t->if_text);
	add_strings(&b, &t->status);
	add_globs(&b, &t->sources);
	add_globs(&b, &t->generates);
	key_add_environment(&b, t->env_set);
	key_add_number(&b, (int64_t)t->preconditions.n);
	for (size_t i = 0; i < t->preconditions.n; i++) {
		key_add(&b, t->preconditions.v[i].sh);
		key_add(&b, t->preconditions.v[i].msg);
	}
	key_add_number(&b, (int64_t)t->cmds.n);
	for (size_t i = 0; i < t->cmds.n; i++)
		key_add_command(cur, &b, &t->cmds.v[i]);
	key_add_number(&b, (int64_t)t->deps.n);
	for (size_t i = 0; i < t->deps.n; i++) {
		key_add(&b, t->deps.v[i].task);
		key_add_number(&b, t->deps.v[i].timeout_ns);
		key_add_vars(&b, t->deps.v[i].vars);
	}
	return hash64(sb_sv(&b));
}
