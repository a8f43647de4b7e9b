/* SPDX-License-Identifier: MIT */
/* Counts words: a hash table from a word to how often it was seen. */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>

struct word {
	char *text; /* NULL: an empty place in the table */
	size_t count;
};

struct words {
	struct word *slots;
	size_t n;   /* different words */
	size_t cap; /* a power of two, or 0 */
};

/* Adds every word of a text; a word is a run of letters, in lower case.
 * Returns -1 where memory is short. */
int words_add(struct words *w, const char *text);

/* How often a word was seen. */
size_t words_count(const struct words *w, const char *word);

/* All words, the most frequent first, equal ones by the alphabet.  The array
 * is the caller's to free, its texts stay the table's. */
struct word *words_sorted(const struct words *w);

void words_free(struct words *w);

#endif
