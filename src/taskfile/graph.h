/* SPDX-License-Identifier: MIT */
/*
 * The files that were read and which includes which: made by read.c, folded
 * into one model by merge.c.
 * May include: base/, model.h, source.h.
 */
#ifndef TASKFILE_GRAPH_H
#define TASKFILE_GRAPH_H

#include "base/err.h"
#include "taskfile/file_text.h"
#include "taskfile/model.h"
#include "taskfile/source.h"

struct vertex;

/* All include statements of one file that lead to one other. */
struct edge {
	struct vertex *to;
	VEC(struct include *) includes; /* paths resolved */
};

struct vertex {
	const char *location; /* names the file; without password */
	const char *address;  /* what is read: the same, with it */
	enum source_kind kind;
	const char *dir; /* of the include that led here first */
	struct vertex *parent;
	const char *checksum; /* pinned by that include; "" : none */
	struct file_text text; /* later includes may pin it, too */
	struct taskfile *tf;
	struct arena *names; /* of tasks, while it is merged; or NULL */
	VEC(struct edge) edges;
	unsigned seen;	/* mark of the last search that came by */
	VEC(struct vertex *) includers; /* files with an edge to this one */
	size_t parents_done; /* of them, while levels are found */
	size_t level;	     /* longest way from the root */
};

struct graph {
	struct arena *a;
	struct map *by_location;
	VEC(struct vertex *) all; /* in the order read; the root first */
	unsigned searches;
};

/* Folds all into the root's Taskfile; tasks of included files are copies. */
bool graph_merge(struct graph *g, struct err *e);

#endif
