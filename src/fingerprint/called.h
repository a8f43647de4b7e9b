/* SPDX-License-Identifier: MIT */
/*
 * What the calls of a task would run, as parts of its recipe (recipe.h).
 * May include: base/, compile/.
 */
#ifndef FINGERPRINT_CALLED_H
#define FINGERPRINT_CALLED_H

#include "fingerprint/recipe.h"

/* What is known of calls already. */
struct called *called_new(void);
void called_free(struct called *k);
/* A call names a program of the project, at an absolute path. */
void called_note_program(struct called *k, const char *path);

/* Adds a part "task" for each task that `in->task` calls. */
void called_parts(struct called *k, struct arena *a,
    const struct recipe_input *in, part_vec *out);

#endif
