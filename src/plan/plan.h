/* SPDX-License-Identifier: MIT */
/*
 * The plan: the DAG of calls that a run will make, as far as it can be known
 * before it starts (P-302).  It informs; the run decides.  Nothing is executed:
 * `sh:` variables are empty, conditions are taken as met.
 * May include: base/, template/, taskfile/, compile/.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "base/err.h"
#include "compile/compile.h"

typedef VEC(unsigned) plan_ids;

/* One call that the run will make. */
struct plan_node {
	unsigned id;	  /* from 0 */
	const char *name; /* label or full name */
	const char *task; /* declared name */
	unsigned parent;  /* caller's id; its own id for a requested task */
	plan_ids before;  /* must be done before its own commands start */
	unsigned level;	  /* longest chain in front of it */
	double seconds;	  /* expected time of its own commands; < 0 unknown */
	double own;	  /* the same; the mean where it is unknown (P-301) */
	double remaining; /* weight: with the longest chain behind it */
	bool is_dep;
	bool is_unknown; /* only the run can tell which task, or how often: its
			  * name is the text in the Taskfile */
	bool on_critical_path;
	size_t commands;  /* shell commands of its own */
};

struct plan {
	VEC(struct plan_node) nodes;
	unsigned levels;
	double critical_seconds; /* longest chain: the lower bound for any N */
	double work_seconds;	 /* sum of all */
	bool has_times;		 /* at least one node's time is known */
};

/* Expected seconds of a task's own commands, < 0 where nothing is known. */
typedef double (*plan_seconds_fn)(void *ctx, const char *task);

/* Builds the plan of these calls, run one after the other (or, with parallel,
 * side by side).  Errors: what the calls name does not exist, a cycle of
 * unconditional calls (D-9: ERR_CALL_LIMIT), more than 100,000 calls. */
bool plan_build(struct arena *a, struct compiler *c, const struct call *calls,
    size_t n, bool parallel, plan_seconds_fn seconds, void *ctx,
    struct plan *out, struct err *e);

/* Expected wall time on so many slots (0: no bound), longest chain first. */
double plan_wall(struct arena *a, const struct plan *p, int slots);

/* For people: levels, times, critical path, expected wall time. */
void plan_print(struct sb *out, const struct plan *p, int slots);
enum plan_format { PLAN_DOT, PLAN_JSON, PLAN_MERMAID };
bool plan_format_parse(const char *name, enum plan_format *out);
void plan_graph(struct sb *out, const struct plan *p, enum plan_format f);

/* ---- derived tasks (P-1403, P-1404) ---- */

/*
 * The task that `name` stands for where the Taskfile has none: NAME-parallel
 * from NAME, qa-parallel and sdlc-parallel from what is there.  Adds it to the
 * taskfile (is_derived) and returns it; NULL when nothing can be derived.
 */
const struct task *derive_task(struct arena *a, struct taskfile *t,
    const char *name);
/* The derived task as YAML for the Taskfile that it comes from (--eject), which
 * is read again: what prun does not know of is kept as well. */
bool derive_yaml(struct arena *a, struct sb *out, const struct task *t,
    struct err *e);
/* One line that says what it was made of: "build, then lint, test". */
char *derive_text(struct arena *a, const struct task *t);

#endif
