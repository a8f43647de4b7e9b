/* SPDX-License-Identifier: MIT */
/*
 * Calls: operands are checked against and turned into what the function
 * declares, here alone, so that all functions report wrong types and counts in
 * the same words (L-144).
 */
#include "template/eval.h"
#include "go/fmt.h"

/* What a letter of func.args stands for. */
static const struct arg_type {
	char letter;
	enum go_type type; /* GO_NONE: several */
	const char *name;  /* when type is GO_NONE */
	bool nilable;
} arg_types[] = {
	{ ARG_ANY, GO_NONE, "interface {}", true },
	{ ARG_REFLECT, GO_NONE, "reflect.Value", true },
	{ ARG_STRING, GO_STRING, NULL, false },
	{ ARG_INT, GO_INT, NULL, false },
	{ ARG_INT64, GO_INT64, NULL, false },
	{ ARG_FLOAT, GO_FLOAT64, NULL, false },
	{ ARG_BOOL, GO_BOOL, NULL, false },
	{ ARG_LIST, GO_LIST, NULL, true },
	{ ARG_STRINGS, GO_LIST_STRING, NULL, true },
	{ ARG_MAP, GO_MAP, NULL, true },
	{ ARG_MAP_STRING, GO_MAP_STRING, NULL, true },
	{ ARG_TIME, GO_TIME, NULL, false },
	{ ARG_DURATION, GO_DURATION, NULL, false },
};

static const struct arg_type *
arg_type_of(char letter)
{
	for (size_t i = 0; i < sizeof(arg_types) / sizeof(arg_types[0]); i++)
		if (arg_types[i].letter == letter)
			return &arg_types[i];
	BUG("parameter of kind '%c'", letter);
}

static const char *
arg_type_name(const struct arg_type *t)
{
	if (t->name != NULL)
		return t->name;
	return value_type_name((value){ .type = (uint8_t)t->type });
}

/* Nil for a parameter that can be nil: of maps and lists an empty one. */
static value
nil_of(struct eval *x, const struct arg_type *t)
{
	switch (t->letter) {
	case ARG_ANY:
		return VALUE_NULL;
	case ARG_LIST:
	case ARG_STRINGS:
		return value_list_new(x->ctx.a, t->type);
	case ARG_MAP:
	case ARG_MAP_STRING:
		return value_map_new(x->ctx.a, t->type);
	default:
		return VALUE_ABSENT;
	}
}

/* Makes sure that *v can be given to a parameter of type `t`. */
static bool
check_type(struct eval *x, const struct arg_type *t, value *v)
{
	if (v->kind == VALUE_INVALID) {
		if (!t->nilable)
			return eval_fail(x, "invalid value; expected %s",
			    arg_type_name(t));
		*v = nil_of(x, t);
		return true;
	}
	if (t->type == GO_NONE || v->type == t->type) {
		v->boxed = false;
		return true;
	}
	return eval_fail(x, "wrong type for value; expected %s; got %s",
	    arg_type_name(t), v->kind == VALUE_NIL ? "interface {}" :
	    value_type_name(*v));
}

/* Literals take the type of the parameter, as untyped constants do. */
static bool
literal_argument(struct eval *x, const struct arg_type *t,
    const struct node *n, value *out)
{
	const char *want;

	switch (t->letter) {
	case ARG_BOOL:
		want = "bool";
		if (n->type == NODE_BOOL) {
			*out = value_bool(n->u.truth);
			return true;
		}
		break;
	case ARG_FLOAT:
		want = "float";
		if (n->type == NODE_NUMBER && n->u.num.is_float) {
			*out = value_float(n->u.num.f);
			return true;
		}
		break;
	case ARG_INT:
	case ARG_INT64:
	case ARG_DURATION:
		want = "integer";
		if (n->type == NODE_NUMBER && n->u.num.is_int) {
			*out = value_int(n->u.num.i);
			out->type = (uint8_t)t->type;
			if (t->letter == ARG_DURATION)
				out->kind = VALUE_DURATION;
			return true;
		}
		break;
	case ARG_STRING:
		want = "string";
		if (n->type == NODE_STRING) {
			*out = value_sv(n->u.s.text);
			return true;
		}
		break;
	case ARG_ANY:
	case ARG_REFLECT:
		return eval_operand(x, VALUE_ABSENT, n, out);
	default:
		return eval_fail(x, "can't handle %s for arg of type %s",
		    eval_node_text(x, n), arg_type_name(t));
	}
	return eval_fail(x, "expected %s; found %s", want,
	    eval_node_text(x, n));
}

static bool
argument(struct eval *x, value dot, char letter, const struct node *n,
    value *out)
{
	const struct arg_type *t = arg_type_of(letter);

	x->at = n;
	switch (n->type) {
	case NODE_NIL:
		if (!t->nilable)
			return eval_fail(x, "cannot assign nil to %s",
			    arg_type_name(t));
		*out = nil_of(x, t);
		return true;
	case NODE_BOOL:
	case NODE_NUMBER:
	case NODE_STRING:
		return literal_argument(x, t, n, out);
	default:
		return eval_operand(x, dot, n, out) && check_type(x, t, out);
	}
}

/* How many parameters: "as*" has one fixed one and a variadic one. */
struct params {
	const char *letters;
	size_t n; /* with the variadic one */
	bool variadic;
};

static struct params
params_of(const struct func *f)
{
	size_t n = strlen(f->args);
	bool variadic = n > 0 && f->args[n - 1] == '*';

	return (struct params){ f->args, n - variadic, variadic };
}

static char
letter_of(const struct params *p, size_t i)
{
	return p->letters[i < p->n ? i : p->n - 1];
}

static bool
check_count(struct eval *x, const struct params *p,
    const struct eval_call *call)
{
	size_t n = call->n + (call->final != NULL);

	if (p->variadic && n < p->n - 1)
		return eval_fail(x, "wrong number of args for %.*s: want at "
		    "least %zu got %zu", SV_ARG(call->name), p->n - 1,
		    call->n);
	if (!p->variadic && n != p->n)
		return eval_fail(x, "wrong number of args for %.*s: want %zu "
		    "got %zu", SV_ARG(call->name), p->n, n);
	return true;
}

/* `and` and `or` give back the operand that decides; those behind it are not
 * evaluated (L-139). */
static bool
call_lazily(struct eval *x, value dot, const struct eval_call *call,
    value *out)
{
	for (size_t i = 0; i < call->n; i++) {
		if (!argument(x, dot, ARG_REFLECT, call->args[i], out))
			return false;
		if (value_truth(*out) == (call->special == SPECIAL_OR))
			return true;
	}
	if (call->final != NULL)
		*out = *call->final;
	return true;
}

/* What Go names a callee that was piped in. */
static const char *
callee_name(struct eval *x, const struct eval_call *call, value callee)
{
	if (call->n > 0)
		return eval_node_text(x, call->args[0]);
	if (callee.kind == VALUE_STRING)
		return fmt_text(x->ctx.a, callee).p;
	return arena_printf(x->ctx.a, "<%s Value>", value_type_name(callee));
}

/* There are no function values, so `call` always fails. */
static bool
call_value(struct eval *x, const struct eval_call *call, value callee)
{
	x->at = call->cmd;
	if (value_is_nil(callee))
		return eval_fail(x, "error calling call: call of nil");
	return eval_fail(x, "error calling call: non-function %s of type %s",
	    callee_name(x, call, callee), value_type_name(callee));
}

static bool
eval_call_call_failed(
    struct eval *x, const struct eval_call *call, struct err *cause)
{
	x->at = call->cmd;
	eval_fail(x, "error calling %.*s: %s", SV_ARG(call->name),
	    cause->message ? cause->message : "");
	return false;
}

bool
eval_call(struct eval *x, value dot, const struct eval_call *call, value *out)
{
	struct params p = params_of(call->func);
	struct err cause cleanup_err = ERR_INIT;
	size_t n = 0;
	value *args;

	if (!check_count(x, &p, call))
		return false;
	if (call->special == SPECIAL_AND || call->special == SPECIAL_OR)
		return call_lazily(x, dot, call, out);
	args = arena_alloc(x->ctx.a, (call->n + 2) * sizeof(*args));
	if (call->self != NULL)
		args[n++] = *call->self;
	for (size_t i = 0; i < call->n; i++)
		if (!argument(x, dot, letter_of(&p, i), call->args[i],
		    &args[n++]))
			return false;
	if (call->final != NULL) {
		args[n] = *call->final;
		if (!check_type(x, arg_type_of(letter_of(&p, call->n)),
		    &args[n++]))
			return false;
	}
	if (call->special == SPECIAL_CALL)
		return call_value(x, call, args[0]);
	*out = VALUE_NULL;
	if (!call->func->fn(&x->ctx, args, n, out, &cause))
		return eval_call_call_failed(x, call, &cause);
	if (out->kind != VALUE_STRING)
		return true;
	if (out->len > EVAL_OUTPUT_MAX) {
		x->at = call->cmd;
		return eval_fail(x, "exceeded maximum output size");
	}
	return eval_check_bounds(x);
}
