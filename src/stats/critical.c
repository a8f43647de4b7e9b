/* SPDX-License-Identifier: MIT */
#include "stats/critical.h"

#include <stdlib.h>

#include "base/arena.h"

struct ended {
	const struct past_call *calls;
	size_t i;
};

/* By what made them, then the last one that ended first. */
static int
compare_ended(const void *x, const void *y)
{
	const struct ended *ex = x, *ey = y;
	const struct past_call *a = &ex->calls[ex->i], *b = &ey->calls[ey->i];

	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	if (a->end_ns != b->end_ns)
		return a->end_ns > b->end_ns ? -1 : 1;
	return (ex->i > ey->i) - (ex->i < ey->i);
}

/* The first of those that `parent` made; they are sorted. */
static size_t
children_of(const struct ended *sorted, size_t n, size_t parent)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle].calls[sorted[middle].i].parent < parent)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Marks what held `parent` up until `before`; each that is marked is put behind
 * the others to be looked at.  Returns how long that was. */
static int64_t
mark_children(struct past_call *calls, const struct ended *sorted, size_t n,
    size_t parent, int64_t before, size_t *todo, size_t *todo_n)
{
	int64_t held = 0;

	for (size_t k = children_of(sorted, n, parent);
	     k < n && calls[sorted[k].i].parent == parent; k++) {
		struct past_call *c = &calls[sorted[k].i];

		if (c->end_ns > before || c->end_ns <= c->start_ns)
			continue;
		c->critical = true;
		held += c->end_ns - c->start_ns;
		before = c->start_ns;
		todo[(*todo_n)++] = sorted[k].i;
	}
	return held;
}

void
critical_mark(struct past_call *calls, size_t n)
{
	struct ended *sorted = xmalloc((n + 1) * sizeof(*sorted));
	size_t *todo = xmalloc((n + 1) * sizeof(*todo)), todo_n = 0;

	for (size_t i = 0; i < n; i++) {
		sorted[i] = (struct ended){ calls, i };
		calls[i].critical = false;
		calls[i].alone_ns = 0;
	}
	qsort(sorted, n, sizeof(*sorted), compare_ended);
	mark_children(calls, sorted, n, SIZE_MAX, INT64_MAX, todo, &todo_n);
	for (size_t at = 0; at < todo_n; at++) {
		struct past_call *c = &calls[todo[at]];

		c->alone_ns = c->end_ns - c->start_ns -
			      mark_children(calls, sorted, n, todo[at],
				  c->end_ns, todo, &todo_n);
		if (c->alone_ns < 0)
			c->alone_ns = 0;
	}
	free(todo);
	free(sorted);
}
