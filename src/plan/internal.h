/* SPDX-License-Identifier: MIT */
/* What the files of plan/ share. */
#ifndef PLAN_INTERNAL_H
#define PLAN_INTERNAL_H

#include "compile/task_words.h"
#include "plan/plan.h"

/* ---- body.c: what a call does, as far as order goes ---- */

struct plan_step {
	enum cmd_kind kind;
	const char *task; /* CMD_TASK */
	vars *vars;
	bool background, conditional;
	bool unknown; /* only the run can tell which call, or how many */
};
typedef VEC(struct plan_step) plan_steps;

struct plan_body {
	const char *name;  /* label or full name */
	const char *share; /* ctask_share_key(); NULL: a call of its own */
	plan_steps deps, cmds, defers /* in the order in which they run */;
};

/* Reads the task of a call; what has no templates in it is not compiled. */
bool plan_body_read(struct arena *a, struct compiler *c,
    const struct call *call, const struct match *m, struct plan_body *out,
    struct err *e);

/* ---- weigh.c ---- */

/* Fills order, levels, times and the critical path of a built plan. */
void plan_weigh(struct arena *a, struct plan *p);

#endif
