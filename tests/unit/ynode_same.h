/* SPDX-License-Identifier: MIT */
/* Both readers of YAML on one text: what the quick one takes, libyaml takes as
 * well, and the trees are the same in everything that a node has. */
#ifndef UNIT_YNODE_SAME_H
#define UNIT_YNODE_SAME_H

#include "yaml/events.h"
#include "yaml/quick.h"

static inline bool
ynode_same(const struct ynode *x, const struct ynode *y)
{
	if (x->kind != y->kind || x->tag != y->tag || x->quoted != y->quoted ||
	    x->tagged || y->tagged || x->line != y->line ||
	    x->column != y->column)
		return false;
	if (x->kind == YNODE_SCALAR)
		return sv_eq(x->text, y->text) && x->text.p[x->text.n] == '\0';
	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (!ynode_same(x->items[i], y->items[i]))
			return false;
	return true;
}

enum readers {
	READERS_AGREE,
	READERS_QUICK_GAVE_UP,
	READERS_DIFFER
};

static inline enum readers
ynode_compare_readers(sv text)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct ynode *quick, *whole;

	if (!yaml_read_quick(a, a, text, &quick))
		return READERS_QUICK_GAVE_UP;
	return yaml_read_events(a, text, &whole, &e) && whole != NULL &&
		       ynode_same(quick, whole)
		   ? READERS_AGREE
		   : READERS_DIFFER;
}

#endif
