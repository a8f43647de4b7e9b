/* SPDX-License-Identifier: MIT */
/*
 * Questions for values on the terminal (C-202): a line to type, or a list to
 * choose from.  Drawn on stderr, keys read from stdin; what was drawn is gone
 * when the answer is there.  Texts and keys are go-task's.
 * May include: base/, taskfile/model.h.
 */
#ifndef OUTPUT_ASK_H
#define OUTPUT_ASK_H

#include "output/term.h"
#include "taskfile/model.h"

/* The answer in `a`; NULL when it was cancelled (esc, ctrl-c, end of input).
 * `allowed` empty: any text of at most 256 characters. */
const char *ask_value(struct arena *a, struct term *t, const char *name,
    const string_vec *allowed);

#endif
