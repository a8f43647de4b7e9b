/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 64 };

static uint64_t
hash(const char *text, size_t len)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 1099511628211u;
	return h ^ (h >> 32);
}

/* The place of a word, or the empty place where it would go. */
static struct word *
place(struct word *slots, size_t cap, const char *text, size_t len)
{
	size_t i = (size_t)hash(text, len) & (cap - 1);

	while (slots[i].text != NULL &&
	    (strncmp(slots[i].text, text, len) != 0 ||
		slots[i].text[len] != '\0'))
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static int
grow(struct words *w)
{
	size_t cap = w->cap == 0 ? FIRST_CAP : w->cap * 2;
	struct word *slots = calloc(cap, sizeof(*slots));

	if (slots == NULL)
		return -1;
	for (size_t i = 0; i < w->cap; i++) {
		const char *text = w->slots[i].text;

		if (text != NULL)
			*place(slots, cap, text, strlen(text)) = w->slots[i];
	}
	free(w->slots);
	w->slots = slots;
	w->cap = cap;
	return 0;
}

static int
add(struct words *w, const char *text, size_t len)
{
	struct word *word;

	/* at most half full, so that a search is short */
	if (w->n * 2 >= w->cap && grow(w) != 0)
		return -1;
	word = place(w->slots, w->cap, text, len);
	if (word->text == NULL) {
		word->text = malloc(len + 1);
		if (word->text == NULL)
			return -1;
		memcpy(word->text, text, len);
		word->text[len] = '\0';
		w->n++;
	}
	word->count++;
	return 0;
}

int
words_add(struct words *w, const char *text)
{
	char word[64];
	size_t len = 0;

	for (;; text++) {
		if (isalpha((unsigned char)*text)) {
			/* the tail of an endless word is dropped */
			if (len < sizeof(word))
				word[len++] =
				    (char)tolower((unsigned char)*text);
			continue;
		}
		if (len > 0 && add(w, word, len) != 0)
			return -1;
		if (*text == '\0')
			return 0;
		len = 0;
	}
}

size_t
words_count(const struct words *w, const char *word)
{
	if (w->cap == 0)
		return 0;
	return place(w->slots, w->cap, word, strlen(word))->count;
}

static int
by_count(const void *left, const void *right)
{
	const struct word *a = left, *b = right;

	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return strcmp(a->text, b->text);
}

struct word *
words_sorted(const struct words *w)
{
	struct word *all = malloc((w->n + 1) * sizeof(*all));
	size_t n = 0;

	if (all == NULL)
		return NULL;
	for (size_t i = 0; i < w->cap; i++)
		if (w->slots[i].text != NULL)
			all[n++] = w->slots[i];
	if (n > 0)
		qsort(all, n, sizeof(*all), by_count);
	return all;
}

void
words_free(struct words *w)
{
	for (size_t i = 0; i < w->cap; i++)
		free(w->slots[i].text);
	free(w->slots);
	memset(w, 0, sizeof(*w));
}
