/* SPDX-License-Identifier: MIT */
/* Values of pipelines, fields, variables and literals. */
#include "go/date.h"
#include "template/eval.h"

/* ---- variables ---- */

void
eval_push_var(struct eval *x, sv name, value v)
{
	vec_push(x->ctx.a, &x->vars, ((struct eval_var){ name, v }));
}

static struct eval_var *
find_var(struct eval *x, sv name)
{
	for (size_t i = x->vars.n; i > x->frame; i--)
		if (sv_eq(x->vars.v[i - 1].name, name))
			return &x->vars.v[i - 1];
	/* `$x := $x` parses, but there is none yet */
	eval_fail(x, "undefined variable: %.*s", SV_ARG(name));
	return NULL;
}

bool
eval_set_var(struct eval *x, sv name, value v)
{
	struct eval_var *var = find_var(x, name);

	if (var == NULL)
		return false;
	var->v = v;
	return true;
}

/* ---- fields ---- */

/* What a command gives besides its first word. */
struct tail {
	struct node *const *args; /* without the first word */
	size_t n;
	const value *final; /* piped in, or NULL */
};

static bool
has_arguments(const struct tail *t)
{
	return t->n > 0 || t->final != NULL;
}

static bool
no_arguments(struct eval *x, const struct node *word, const struct tail *t)
{
	if (!has_arguments(t))
		return true;
	return eval_fail(x, "can't give argument to non-function %s",
	    eval_node_text(x, word));
}

static const char *
static_type(value v)
{
	return v.boxed ? "interface {}" : value_type_name(v);
}

static value
map_field(value map, sv name)
{
	value v = value_map_get(map, name);

	if (v.kind != VALUE_INVALID)
		v.boxed = map.type != GO_MAP_STRING;
	return v;
}

/* One step of .a.b.c.  A field of what is absent is absent (L-134). */
static bool
eval_field(struct eval *x, value dot, sv name, const struct node *n,
    const struct tail *t, value *v)
{
	value self = *v;
	const struct func *method;

	if (self.kind == VALUE_INVALID)
		return true;
	if (self.kind == VALUE_NIL)
		return eval_fail(x, "nil pointer evaluating interface {}.%.*s",
		    SV_ARG(name));
	method = method_find(self.type, name);
	if (method != NULL)
		return eval_call(x, dot, &(struct eval_call){
			.func = method,
			.name = name,
			.cmd = n,
			.args = t->args,
			.n = t->n,
			.final = t->final,
			.self = &self,
		    }, v);
	if (method_refusal(self.type, name) != NULL)
		return eval_fail(x, "%s", method_refusal(self.type, name));
	if (self.kind != VALUE_MAP)
		return eval_fail(x, "can't evaluate field %.*s in type %s",
		    SV_ARG(name), static_type(self));
	if (has_arguments(t))
		return eval_fail(x, "%.*s is not a method but has arguments",
		    SV_ARG(name));
	*v = map_field(self, name);
	return true;
}

static bool
eval_fields(struct eval *x, value dot, const struct node *n, size_t first,
    const struct tail *t, value *v)
{
	static const struct tail none = { NULL, 0, NULL };
	const struct name_vec *names = &n->u.f.names;

	for (size_t i = first; i < names->n; i++)
		if (!eval_field(x, dot, names->v[i], n,
		    i + 1 == names->n ? t : &none, v))
			return false;
	return true;
}

static bool
eval_variable(struct eval *x, value dot, const struct node *n,
    const struct tail *t, value *out)
{
	const struct eval_var *var;

	x->at = n;
	var = find_var(x, n->u.f.names.v[0]);
	if (var == NULL)
		return false;
	*out = var->v;
	if (n->u.f.names.n == 1)
		return no_arguments(x, n, t);
	return eval_fields(x, dot, n, 1, t, out);
}

static bool
eval_chain(struct eval *x, value dot, const struct node *n,
    const struct tail *t, value *out)
{
	x->at = n;
	if (n->u.f.base->type == NODE_NIL)
		return eval_fail(x, "indirection through explicit nil in %s",
		    eval_node_text(x, n));
	return eval_operand(x, dot, n->u.f.base, out) &&
	    eval_fields(x, dot, n, 0, t, out);
}

static bool
eval_identifier(struct eval *x, value dot, const struct node *n,
    const struct node *cmd, const struct tail *t, value *out)
{
	x->at = n;
	return eval_call(x, dot, &(struct eval_call){
		.func = n->u.id.func,
		.special = n->u.id.special,
		.name = n->u.id.name,
		.cmd = cmd,
		.args = t->args,
		.n = t->n,
		.final = t->final,
	    }, out);
}

/* ---- operands and commands ---- */

bool
eval_number(struct eval *x, const struct node *n, value *out)
{
	const struct node_number *num = &n->u.num;

	x->at = n;
	if (num->ideal_float)
		*out = value_float(num->f);
	else if (num->is_int)
		*out = value_int(num->i);
	else
		return eval_fail(x, "%.*s overflows int", SV_ARG(num->text));
	return true;
}

bool
eval_operand(struct eval *x, value dot, const struct node *n, value *out)
{
	static const struct tail none = { NULL, 0, NULL };

	x->at = n;
	switch (n->type) {
	case NODE_DOT:
		*out = dot;
		return true;
	case NODE_FIELD:
		*out = dot;
		return eval_fields(x, dot, n, 0, &none, out);
	case NODE_VARIABLE:
		return eval_variable(x, dot, n, &none, out);
	case NODE_PIPE:
		return eval_pipeline(x, dot, n, out);
	case NODE_IDENTIFIER:
		return eval_identifier(x, dot, n, n, &none, out);
	case NODE_CHAIN:
		return eval_chain(x, dot, n, &none, out);
	case NODE_BOOL:
		*out = value_bool(n->u.truth);
		return true;
	case NODE_NUMBER:
		return eval_number(x, n, out);
	case NODE_STRING:
		*out = value_sv(n->u.s.text);
		return true;
	default:
		BUG("operand of type %d", n->type);
	}
}

static bool
eval_word(struct eval *x, value dot, const struct node *word,
    const struct tail *t, value *out)
{
	x->at = word;
	if (!no_arguments(x, word, t))
		return false;
	if (word->type == NODE_NIL)
		return eval_fail(x, "nil is not a command");
	return eval_operand(x, dot, word, out);
}

static bool
eval_command(struct eval *x, value dot, const struct node *cmd,
    const value *final, value *out)
{
	const struct node *word = cmd->u.list.v[0];
	struct tail t = { cmd->u.list.v + 1, cmd->u.list.n - 1, final };

	switch (word->type) {
	case NODE_FIELD:
		x->at = word;
		*out = dot;
		return eval_fields(x, dot, word, 0, &t, out);
	case NODE_CHAIN:
		return eval_chain(x, dot, word, &t, out);
	case NODE_IDENTIFIER:
		return eval_identifier(x, dot, word, cmd, &t, out);
	case NODE_PIPE:
		return no_arguments(x, word, &t) &&
		    eval_pipeline(x, dot, word, out);
	case NODE_VARIABLE:
		return eval_variable(x, dot, word, &t, out);
	default:
		return eval_word(x, dot, word, &t, out);
	}
}

bool
eval_pipeline(struct eval *x, value dot, const struct node *pipe, value *out)
{
	const struct node_pipe *p;
	value v = VALUE_ABSENT;

	*out = VALUE_ABSENT;
	if (pipe == NULL)
		return true;
	p = &pipe->u.p;
	x->at = pipe;
	if (!eval_enter(x))
		return false;
	for (size_t i = 0; i < p->cmds.n; i++) {
		value final = v;

		if (!eval_command(x, dot, p->cmds.v[i], i > 0 ? &final : NULL,
		    &v))
			return false;
		if (v.kind == VALUE_NIL)
			v = VALUE_ABSENT;
		v.boxed = false;
	}
	for (size_t i = 0; i < p->decl.n; i++) {
		sv name = p->decl.v[i]->u.f.names.v[0];

		if (!p->assign)
			eval_push_var(x, name, v);
		else if (!eval_set_var(x, name, v))
			return false;
	}
	x->depth--;
	*out = v;
	return true;
}
