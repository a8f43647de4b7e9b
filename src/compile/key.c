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
add(struct sb *b, const char *s)
{
	sb_adds(b, s ? s : "");
	sb_addc(b, '\0');
}

static void
add_number(struct sb *b, int64_t n)
{
	sb_printf(b, "%lld", (long long)n);
	sb_addc(b, '\0');
}

static void
add_strings(struct sb *b, const string_vec *v)
{
	add_number(b, (int64_t)v->n);
	for (size_t i = 0; i < v->n; i++)
		add(b, v->v[i]);
}

static void
add_globs(struct sb *b, const glob_vec *v)
{
	add_number(b, (int64_t)v->n);
	for (size_t i = 0; i < v->n; i++) {
		add_number(b, v->v[i].negate);
		add(b, v->v[i].pattern);
	}
}

static void
add_vars(struct sb *b, const vars *v)
{
	const struct map_entry *e;

	add_number(b, (int64_t)map_count(v));
	map_each(v, e) {
		const struct var *x = e->value;

		add(b, e->key.p);
		add(b, x->sh);
		if (x->has_value)
			fmt_value(b, x->value);
		add(b, "");
	}
}

/* A deferred entry's texts are not final yet; what they would be now tells
 * calls apart. */
static void
add_deferred(struct cursor *cur, struct sb *b, const struct ccmd *c)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct ccmd now;

	if (!compile_defer(cur->a, cur->c, cur->t, c, 0, &now, &ignored))
		return;
	add(b, now.text);
	add(b, now.task);
	add_vars(b, now.vars);
}

static void
add_command(struct cursor *cur, struct sb *b, const struct ccmd *c)
{
	add_number(b, c->kind);
	add_number(b, c->silent | c->ignore_error << 1 | c->defer << 2);
	add_number(b, c->timeout_ns);
	add_strings(b, &c->set);
	add_strings(b, &c->shopt);
	if (c->defer) {
		add_deferred(cur, b, c);
		return;
	}
	add(b, c->text);
	add(b, c->task);
	add(b, c->if_text);
	add_vars(b, c->vars);
}

static void
add_environment(struct sb *b, const struct map *set)
{
	const struct map_entry *e;

	add_number(b, (int64_t)map_count(set));
	map_each(set, e) {
		add(b, e->key.p);
		add(b, e->value);
	}
}

uint64_t
when_changed_key(struct cursor *cur)
{
	const struct ctask *t = cur->t;
	struct sb b cleanup_sb = SB_INIT;

	add(&b, t->once_key);
	add(&b, t->label);
	add(&b, t->desc);
	add(&b, t->summary);
	add_strings(&b, &t->prompts);
	add(&b, t->dir);
	add(&b, t->method);
	add(&b, t->run);
	add(&b, t->if_text);
	add_strings(&b, &t->status);
	add_globs(&b, &t->sources);
	add_globs(&b, &t->generates);
	add_environment(&b, t->env_set);
	add_number(&b, (int64_t)t->preconditions.n);
	for (size_t i = 0; i < t->preconditions.n; i++) {
		add(&b, t->preconditions.v[i].sh);
		add(&b, t->preconditions.v[i].msg);
	}
	add_number(&b, (int64_t)t->cmds.n);
	for (size_t i = 0; i < t->cmds.n; i++)
		add_command(cur, &b, &t->cmds.v[i]);
	add_number(&b, (int64_t)t->deps.n);
	for (size_t i = 0; i < t->deps.n; i++) {
		add(&b, t->deps.v[i].task);
		add_number(&b, t->deps.v[i].timeout_ns);
		add_vars(&b, t->deps.v[i].vars);
	}
	return hash64(sb_sv(&b));
}
