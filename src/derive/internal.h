/* SPDX-License-Identifier: MIT */
/* Between the sources of derive/. */
#ifndef DERIVE_INTERNAL_H
#define DERIVE_INTERNAL_H

#include "base/str.h"
#include "derive/derive.h"

/* ---- kind.c: what a name promises ---- */

enum name_kind {
	NAME_UNKNOWN,
	NAME_CHECKS, /* looks at the tree and changes nothing in it */
	NAME_BUILDS,
	NAME_SERVES,  /* sets up, starts or stops what others need */
	NAME_CHANGES, /* the tree, or what is outside of it */
};

enum name_kind name_kind(const char *name);
/* Has the name that word, between its ends, dashes, colons and the like? */
bool name_has_word(const char *name, const char *word);

/* ---- reach.c: what a task's commands do, as far as their texts say ---- */

/* May be or'ed. */
enum {
	REACH_WRITES = 1,  /* changes files of the tree */
	REACH_CLEAN = 2,   /* asks whether the tree is clean */
	REACH_ASKS = 4,    /* needs a person, or never ends */
	REACH_CLUSTER = 8, /* talks to a cluster */
};

/* Of the task, its deps and all that it calls. */
unsigned reach_of(
    struct arena *a, const struct taskfile *t, const struct task *task);
/* The tasks that it calls or depends on, however deep: names as map keys, in
 * the order in which they are found.  Not itself, unless it is called. */
struct map *reach_tasks(
    struct arena *a, const struct taskfile *t, const struct task *task);

/* ---- steps.c: the list that a derived task is made of ---- */

/* The task of a name or alias that a user may call; `any`: one that only other
 * tasks may call, too.  NULL: none, or a pattern. */
struct task *derive_find(const struct taskfile *t, const char *name, bool any);

typedef VEC(struct cmd *) cmd_ptrs;

/* May a call of that task run beside others? */
bool is_harmless(
    struct arena *a, const struct taskfile *t, const struct task *task);
/* The calls that stand for the calls of `from`: those of tasks that have
 * nothing but calls are opened, transitively, where what is in them allows it;
 * what is in the list already, or in another one's calls, is left out.  Each
 * has its stage. */
void steps_of(struct arena *a, const struct taskfile *t, const cmd_ptrs *from,
    cmd_ptrs *out);
/* The same as the commands of `to`, with barriers around what runs alone. */
void steps_into(struct arena *a, const cmd_ptrs *steps, struct task *to);
bool step_is_barrier(const struct cmd *c);
/* Tasks that more than one call of `to` needs run once (run: when_changed);
 * their names are told, with `set` they are changed. */
void steps_share(struct arena *a, struct taskfile *t, const struct task *to,
    bool set, string_vec *names);

/* ---- derive.c ---- */

/* NAME of NAME-parallel; NULL: it does not end so. */
const char *derive_base(struct arena *a, const char *name);
/* As derive_task(), but the taskfile stays as it is. */
struct task *derive_make(
    struct arena *a, struct taskfile *t, const char *name, const char **why);

/* ---- common.c: qa-parallel from the names that people use ---- */

struct task *derive_new(struct arena *a, struct taskfile *t, const char *name);
/* NULL: the Taskfile has no check. */
struct task *derive_qa(struct arena *a, struct taskfile *t, const char *name);
struct task *derive_sdlc(struct arena *a, struct taskfile *t, const char *name);

#endif
