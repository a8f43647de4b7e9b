/* SPDX-License-Identifier: MIT */
/*
 * Keys of a Taskfile that nobody knows (D-8): a run says nothing of them as
 * go-task does not, unless a known one is near.
 * May include: everything below advice/.
 */
#ifndef ADVICE_KEYS_H
#define ADVICE_KEYS_H

#include "project/project.h"

/* Neither somebody's own (x-NAME, an anchor), nor seen at the same place
 * before. */
bool key_is_mistake(const struct taskfile *tf, const struct unknown_key *u);
/* The known key that may be meant: by spelling, else the longest that it starts
 * with.  It is the key itself where that counts for nothing; NULL: none. */
const char *key_nearest(struct arena *a, const struct unknown_key *u);
/* One line on stderr for each file that has a key with a known one near; none
 * in compat, with --silent, or inside another run. */
void keys_warn(const struct project *p);

#endif
