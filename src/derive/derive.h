/* SPDX-License-Identifier: MIT */
/*
 * Tasks that a Taskfile does not have but could: NAME-parallel from NAME, and
 * qa-parallel and sdlc-parallel from the names that people use (P-1403,
 * P-1404).  Only what is known to look and not to touch runs side by side; all
 * else keeps its place, set off by an empty command, which is a barrier in a
 * parallel task and so reads the same when it is written out.
 * May include: base/, yaml/, go/, template/, taskfile/, compile/.
 */
#ifndef DERIVE_DERIVE_H
#define DERIVE_DERIVE_H

#include "base/err.h"
#include "base/vec.h"
#include "taskfile/model.h"

/*
 * The task that `name` stands for where the Taskfile has none.  Adds it to the
 * taskfile (is_derived) and returns it.  NULL: there is none; *why is then NULL
 * where the name does not end in -parallel or has a task already, else a text
 * in `a` that says why, to be read behind "NAME: ".
 */
const struct task *derive_task(
    struct arena *a, struct taskfile *t, const char *name, const char **why);

/* The names that have such a task in which calls do run side by side:
 * qa-parallel first, then in the Taskfile's order.  sdlc-parallel of common
 * names is not among them: nobody shall stumble on a commit.  The first `max` of
 * them; nothing is added to the taskfile. */
void derive_names(
    struct arena *a, struct taskfile *t, size_t max, string_vec *out);

/* Do any of its calls run side by side? */
bool derive_is_parallel(const struct task *t);

/* One line that says what it does, in its true order: "build, then lint, test,
 * at its end clean". */
char *derive_text(struct arena *a, const struct task *t);

/* The task that derive_task() would make as YAML for the Taskfile that it comes
 * from (--eject), which is read again: what prun does not know of is kept as
 * well.  false without *e: there is none, and *why as above. */
bool derive_yaml(struct arena *a, struct taskfile *tf, const char *name,
    struct sb *out, const char **why, struct err *e);

#endif
