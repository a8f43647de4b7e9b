/* SPDX-License-Identifier: MIT */
/*
 * The plan: the DAG of calls that a run will make, as far as it can be known
 * before it starts (P-302).  It informs; the run decides.  Nothing is executed:
 * `sh:` variables are empty, conditions are taken as met.  Calls that the run
 * shares (`run: once`, `when_changed`) are one node, so that building and
 * everything else is linear in nodes and edges.
 * May include: base/, template/, taskfile/, compile/.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "base/err.h"
#include "compile/compile.h"

typedef VEC(unsigned) plan_ids;

enum {
	PLAN_NONE = UINT32_MAX
};

/* A call as it stands in its caller.  Callers of a shared node may hand it
 * different variables. */
struct plan_call {
	unsigned node;
	uint64_t key; /* call_key() */
};
typedef VEC(struct plan_call) plan_calls;

/* One call that the run will make. */
struct plan_node {
	unsigned id;	  /* from 0 */
	const char *name; /* label or full name */
	const char *task; /* declared name */
	plan_ids callers; /* one, or all of a shared one */
	plan_calls calls; /* that it makes itself, in the order of their starts */
	unsigned start;	  /* the point at which it begins */
	unsigned end;	  /* the point behind the last of its calls */
	unsigned level;	  /* longest chain of calls in front of its end */
	double seconds;	  /* expected time of its own commands; < 0 unknown */
	double own;	  /* the same; the mean where it is unknown (P-301) */
	double ends;	  /* when it settles where slots never lack */
	double remaining; /* own, and the longest chain of all that wait for it */
	bool is_shared;	  /* all calls of it are one execution */
	bool is_dep;	  /* of its first caller */
	bool is_unknown;  /* only the run can tell which task, or how often: its
			   * name is the text in the Taskfile */
	bool on_critical_path;
	size_t commands; /* shell commands of its own */
};

/*
 * A moment of the run, reached when the points are reached and the calls have
 * settled.  A shared call starts when the first of its callers comes to it:
 * `any` one of the points is enough.
 */
struct plan_point {
	bool any;
	plan_ids points, calls;
	unsigned first; /* any: the point that is expected to come first */
};

/* Which executor would have a task's commands, for people; NULL: there is but
 * one. */
typedef const char *(*plan_where_fn)(void *ctx, const char *task);

struct plan {
	VEC(struct plan_node) nodes;
	plan_calls requested;          /* by the user */
	VEC(struct plan_point) points; /* 0: the start of the run */
	/* Ends of calls (their id) and points (nodes.n + number), each behind
	 * what it waits for, in the order of the times that are expected. */
	plan_ids order;
	unsigned levels;
	double critical_seconds; /* longest chain: the lower bound for any N */
	double work_seconds;	 /* sum of all */
	double mean_seconds;     /* of a call whose time is not known */
	bool has_times;		 /* at least one node's time is known */
	plan_where_fn where;	 /* the caller's, for printing; or NULL */
	void *where_ctx;
};

/* Expected seconds of a task's own commands, < 0 where nothing is known. */
typedef double (*plan_seconds_fn)(void *ctx, const char *task);

/* Builds the plan of these calls, run one after the other (or, with parallel,
 * side by side).  Errors: what the calls name does not exist, those of
 * plan_check(), a circle of shared calls (ERR_CALL_LIMIT), more than 100,000
 * calls or 2,000,000 edges; *out has then what was found before. */
bool plan_build(struct arena *a, struct compiler *c, const struct call *calls,
    size_t n, bool parallel, plan_seconds_fn seconds, void *ctx,
    struct plan *out, struct err *e);

/* Refuses what cannot end well whatever happens, in time linear in the
 * Taskfile: a circle of unconditional calls without variables (D-9), and a task
 * that unconditional calls reach 100,000 times or more.  ERR_CALL_LIMIT. */
bool plan_check(
    struct compiler *c, const struct call *calls, size_t n, struct err *e);
/* The message of both. */
bool plan_limit_error(struct err *e, const char *task, int limit);

enum {
	PLAN_CALLS_MAX = 100000, /* nodes; in a run: calls of one task */
	PLAN_EDGES_MAX = 2000000,
};

/* Expected wall time on so many slots (0: no bound), longest chain first. */
double plan_wall(struct arena *a, const struct plan *p, int slots);

/* What must have settled before the own commands of each node run: an array of
 * nodes.n lists in `a`; what follows from other edges is mostly left out.  A
 * shared call comes behind what its first caller has behind it. */
plan_ids *plan_edges(struct arena *a, const struct plan *p);

/* ---- calls of a run among the nodes ---- */

struct plan_index;
struct plan_index *plan_index_new(struct arena *a, const struct plan *p);
/* The node of the next call that `caller` (PLAN_NONE: the user) makes with that
 * key; where it has none, of that task.  PLAN_NONE: the plan knows of none. */
unsigned plan_index_take(
    struct plan_index *x, unsigned caller, uint64_t key, const char *task);

/* ---- printing ---- */

/* For people: levels, times, critical path, expected wall time. */
void plan_print(struct sb *out, const struct plan *p, int slots);
enum plan_format { PLAN_DOT, PLAN_JSON, PLAN_MERMAID };
bool plan_format_parse(const char *name, enum plan_format *out);
void plan_graph(struct sb *out, const struct plan *p, enum plan_format f);

#endif
