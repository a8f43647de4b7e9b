/* SPDX-License-Identifier: MIT */
/*
 * The texts that this process must not show or keep (P-406).  One set for all
 * that it does: whoever meets a secret adds it, whoever writes masks with it,
 * whoever hands on what is known hears of each.
 * May include: base/.
 */
#ifndef BASE_SECRETS_H
#define BASE_SECRETS_H

#include "base/str.h"

struct secrets;

struct secrets *secrets_new(void);
void secrets_free(struct secrets *s);
/* Copied.  true: it was not known.  What is too short to be masked (mask.h) is
 * none, nor is the text that stands for a secret. */
bool secrets_add(struct secrets *s, sv text);
/* All of them, in the order in which they were learnt; the texts stay where
 * they are, the array may move.  NULL has none. */
size_t secrets_count(const struct secrets *s);
const char *const *secrets_texts(const struct secrets *s);

/* Appends the text with each secret as *****; NULL has none. */
void secrets_mask(struct secrets *s, sv text, struct sb *out);
/* The same as an arena string; the text itself where there is nothing to mask.
 * NULL is NULL. */
const char *secrets_masked(
    struct secrets *s, struct arena *a, const char *text);

/* Hears of each secret: of those that are known now, and of each when it is
 * learnt.  The caller keeps the reader until secrets_leave(). */
struct secrets_reader {
	void (*learnt)(void *arg, const char *text);
	void *arg;
	struct secrets_reader *next;
};
void secrets_tell(struct secrets *s, struct secrets_reader *reader);
/* Also of one that never heard anything, and of NULL. */
void secrets_leave(struct secrets *s, struct secrets_reader *reader);

#endif
