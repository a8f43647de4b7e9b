/* SPDX-License-Identifier: MIT */
/*
 * Receipts (P-706): that a run has passed whole on a certain tree.  The caller
 * makes the key, a text of everything that the receipt attests; a receipt is
 * found by exactly this text.
 * May include: base/.
 */
#ifndef STORE_RECEIPTS_H
#define STORE_RECEIPTS_H

#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"

struct receipt {
	const char *key;   /* any text, lines included */
	const char *title; /* one line for people: "qa on 1a2b3c" */
	const char *run;   /* id */
	int64_t at_ns;	   /* of the epoch */
};
typedef VEC(struct receipt) receipt_vec;

/* `dir`: the folder of receipts; written atomically, at once. */
bool receipts_put(const char *dir, const struct receipt *r, struct err *e);
/* The receipt for exactly this key; not one older than `max_age_ns` (0: no
 * bound) or from the future, nor one that is damaged. */
bool receipts_get(struct arena *a, const char *dir, const char *key,
    int64_t now_ns, int64_t max_age_ns, struct receipt *out);
/* All, newest first. */
void receipts_list(struct arena *a, const char *dir, receipt_vec *out);
/* Removes damaged ones, those older than `max_age_ns` (0: no bound), and the
 * oldest beyond `keep` (0: no bound). */
void receipts_expire(struct arena *a, const char *dir, int64_t now_ns,
    int64_t max_age_ns, size_t keep);

#endif
