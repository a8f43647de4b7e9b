/* SPDX-License-Identifier: MIT */
/*
 * Schema versions (L-011 to L-016): semantic versions, written loosely.
 * May include: base/.
 */
#ifndef TASKFILE_VERSION_H
#define TASKFILE_VERSION_H

#include <stdint.h>

#include "base/str.h"

struct version {
	uint64_t part[3];
	sv pre;	 /* behind "-"; "" : none */
	sv meta; /* behind "+" */
};

/* One to three numbers with an optional v in front; "3" is 3.0.0.  The parts
 * point into `text`. */
bool version_parse(sv text, struct version *out);
/* "3.10.0" */
const char *version_text(struct arena *a, const struct version *v);
/* Order without regard to metadata: <0, 0, >0. */
int version_cmp(const struct version *x, const struct version *y);

#endif
