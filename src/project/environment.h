/* SPDX-License-Identifier: MIT */
/*
 * The environment as this run sees it and hands it on: the process's own, with
 * the few changes that prun makes for itself.  The process's is never changed,
 * so that what a part of the program is given is all that it depends on.
 * May include: base/.
 */
#ifndef PROJECT_ENVIRONMENT_H
#define PROJECT_ENVIRONMENT_H

#include "base/map.h"
#include "base/vec.h"

struct environment_change {
	const char *name, *text; /* NULL: it is not there */
};

struct environment {
	struct arena *a;
	VEC(struct environment_change) changes;
	/* made when they are first asked for */
	char **block;
	struct map *map;
};

/* The process's environment. */
void environment_open(struct arena *a, struct environment *out);
/* One variable is another here, or (NULL) is none; before any of the three
 * below is asked for. */
void environment_set(
    struct environment *env, const char *name, const char *text);
/* NULL where it is not set. */
const char *environment_get(const struct environment *env, const char *name);
/* The same for those that take a function; `env` is a struct environment. */
const char *environment_answer(void *env, const char *name);
/* "NAME=text", NULL at the end, in the process's order; for children. */
char **environment_block(struct environment *env);
/* name → text (char *), in the process's order. */
struct map *environment_map(struct environment *env);

#endif
