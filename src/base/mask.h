/* SPDX-License-Identifier: MIT */
/*
 * Takes secrets out of a stream of bytes, also where one is split over several
 * writes (P-406, never-event 32): bytes that may be the start of a secret are
 * held back until it is decided.
 * May include: base/.
 */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#include "base/str.h"

/* What stands in the place of a secret. */
#define MASK_TEXT "*****"
/* Bytes of the shortest text that is masked. */
enum { MASK_MIN = 4 };

struct mask;
/* The texts are copied; those of fewer than MASK_MIN bytes are left out, since they
 * would blot out ordinary output.  NULL when none is left. */
struct mask *mask_new(const char *const *secrets, size_t n);
/* One that has none yet. */
struct mask *mask_new_empty(void);
/* From now on these are masked, too; what was held back counts. */
void mask_learn(struct mask *m, const char *const *secrets, size_t n);
void mask_free(struct mask *m);
/* Appends what of `bytes` is decided, each secret as *****. */
void mask_add(struct mask *m, sv bytes, struct sb *out);
/* Appends what was held back. */
void mask_end(struct mask *m, struct sb *out);

#endif
