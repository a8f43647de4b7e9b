/* SPDX-License-Identifier: MIT */
/*
 * Listings of tasks: --list, --list-all, --silent, --json, --nested, byte for
 * byte as go-task writes them (C-160 to C-176).  Read-only: nothing runs and no
 * state is written.
 * May include: base/ to run/.
 */
#ifndef OUTPUT_LIST_H
#define OUTPUT_LIST_H

#include "fingerprint/fp.h"
#include "output/term.h"

struct list_options {
	bool all;    /* tasks without a description too */
	bool silent; /* names only */
	bool json, nested, no_status;
	const char *sort; /* "alphanumeric", "none", else default */
};

/* Writes the list to stdout; *empty says that there was nothing to list (exit
 * status 1).  `fp` answers up_to_date in JSON. */
bool list_tasks(struct arena *a, struct compiler *c, struct fp *fp,
    const struct list_options *o, struct term *t, bool *empty,
    struct err *e);

/* What a listing or a completion shows of one task. */
struct list_row {
	const struct task *task;
	const char *name; /* label, or the task's name (JSON) */
	const char *desc, *summary;
	bool in_namespace;
};
typedef VEC(struct list_row) list_row_vec;
/* Non-internal tasks in the order of `sort`; with `all` false only those with
 * a description. */
void list_collect(struct arena *a, struct compiler *c, bool all,
    const char *sort, list_row_vec *out);

/* --summary of named tasks (C-180 to C-185). */
bool summary_tasks(struct arena *a, struct compiler *c,
    const struct call *calls, size_t n, struct term *t, struct err *e);

#endif
