/* SPDX-License-Identifier: MIT */
/*
 * Running parsed templates.  eval.c walks the nodes that print and branch,
 * eval_expr.c gets values, eval_call.c calls functions and methods.
 * May include: base/, parse.h, funcs.h, fmt.h.
 */
#ifndef TEMPLATE_EVAL_H
#define TEMPLATE_EVAL_H

#include "base/vec.h"
#include "template/funcs.h"
#include "template/parse.h"

/* Runs a template on `data`; what it prints goes to `out`.  On errors
 * `template: :1:5: executing "" at <…>: …` (L-142) and part of the output. */
bool tmpl_exec(struct arena *a, const struct tmpl_env *env,
    const struct tmpl *t, value data, struct sb *out, struct err *e);
/* Value of a template that is one action (L-084); never VALUE_ABSENT. */
bool tmpl_value(struct arena *a, const struct tmpl_env *env,
    const struct tmpl *t, value data, value *out, struct err *e);

/* ---- between the files of the evaluator ---- */

/* Hostile templates end with an error and not with the machine's memory. */
enum { EVAL_DEPTH_MAX = 3000 };
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define EVAL_TURNS_MAX 1000
#define EVAL_OUTPUT_MAX ((size_t)1 << 20)
#define EVAL_MEMORY_MAX ((size_t)16 << 20)
#else
#define EVAL_TURNS_MAX (10 * 1000 * 1000)
#define EVAL_OUTPUT_MAX TMPL_TEXT_MAX
#define EVAL_MEMORY_MAX ((size_t)1 << 30)
#endif

struct eval_var {
	sv name; /* with its dollar sign */
	value v;
};

struct eval {
	struct func_ctx ctx;
	const struct tmpl *t;
	sv name;	       /* of the template running: "" or a define */
	const struct node *at; /* what errors point to */
	struct sb *out;
	VEC(struct eval_var) vars;
	size_t frame; /* first variable of the running template */
	int depth;
	size_t turns;	    /* of all range loops */
	size_t arena_start; /* size of the arena before */
	struct err *e;
};

/* Sets the error with its place; returns false. */
bool eval_fail(struct eval *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Node as text for messages; lives in the arena. */
const char *eval_node_text(struct eval *x, const struct node *n);
/* Neither too much output nor too much memory by now? */
bool eval_check_bounds(struct eval *x);
/* One level deeper; false with an error at the bound. */
bool eval_enter(struct eval *x);

/* Value of a pipeline (NULL: none), its variables set.  Null is VALUE_ABSENT
 * here, and nothing is boxed. */
bool eval_pipeline(struct eval *x, value dot, const struct node *pipe,
    value *out);
void eval_push_var(struct eval *x, sv name, value v);
bool eval_set_var(struct eval *x, sv name, value v);
/* A literal, field, variable, call or pipeline in parentheses as operand; kind
 * 0 takes any type.  `cmd` of a call is the operand itself. */
bool eval_operand(struct eval *x, value dot, const struct node *n,
    value *out);
/* A number whose type nothing demands: int, or float64 if written so. */
bool eval_number(struct eval *x, const struct node *n, value *out);

/* How something is called: `cmd` is what errors point to, `args` (without the
 * name) the operands, `final` the value piped in or NULL, `self` the receiver
 * of a method or NULL. */
struct eval_call {
	const struct func *func;
	enum special special;
	sv name;
	const struct node *cmd;
	struct node *const *args;
	size_t n;
	const value *final, *self;
};
bool eval_call(struct eval *x, value dot, const struct eval_call *call,
    value *out);

#endif
