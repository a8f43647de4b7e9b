/* SPDX-License-Identifier: MIT */
#include "template/names.h"

#include "base/vec.h"

/* What dot and $ are at a node: the data root or something else. */
struct scope {
	bool dot, dollar;
};

struct collector {
	struct arena *a;
	struct tmpl_names out;
};

static void names_collect(
    struct collector *c, const struct node *n, struct scope s);

static void
collect_all(struct collector *c, const struct node_vec *nodes, size_t from,
    struct scope s)
{
	for (size_t i = from; i < nodes->n; i++)
		names_collect(c, nodes->v[i], s);
}

static bool
is_root(const struct node *n, struct scope s)
{
	if (n->type == NODE_DOT)
		return s.dot;
	return n->type == NODE_VARIABLE && n->u.f.names.n == 1 &&
	    sv_is(n->u.f.names.v[0], "$") && s.dollar;
}

/* `index . "NAME"`, `get . "NAME"` and `hasKey . "NAME"` read one name, what
 * follows in an index goes deeper. */
static bool
collect_index(struct collector *c, const struct node_vec *args,
    struct scope s)
{
	const struct node *word = args->v[0];

	if (word->type != NODE_IDENTIFIER || args->n < 3 ||
	    !is_root(args->v[1], s) || args->v[2]->type != NODE_STRING)
		return false;
	if (!sv_is(word->u.id.name, "index") &&
	    !sv_is(word->u.id.name, "get") &&
	    !sv_is(word->u.id.name, "hasKey"))
		return false;
	vec_push(c->a, &c->out.names, args->v[2]->u.s.text);
	collect_all(c, args, 3, s);
	return true;
}

static void
collect_branch(struct collector *c, const struct node *n, struct scope s)
{
	struct scope inside = s;

	if (n->type != NODE_IF)
		inside.dot = false;
	names_collect(c, n->u.b.pipe, s);
	names_collect(c, n->u.b.list, inside);
	if (n->u.b.else_list != NULL)
		names_collect(c, n->u.b.else_list, s);
}

static void
names_collect(struct collector *c, const struct node *n, struct scope s)
{
	const struct name_vec *names = &n->u.f.names;

	switch (n->type) {
	case NODE_ACTION:
		names_collect(c, n->u.pipe, s);
		return;
	case NODE_LIST:
		collect_all(c, &n->u.list, 0, s);
		return;
	case NODE_PIPE:
		collect_all(c, &n->u.p.cmds, 0, s);
		return;
	case NODE_COMMAND:
		if (!collect_index(c, &n->u.list, s))
			collect_all(c, &n->u.list, 0, s);
		return;
	case NODE_DOT:
		c->out.all |= s.dot;
		return;
	case NODE_FIELD:
		if (s.dot)
			vec_push(c->a, &c->out.names, names->v[0]);
		return;
	case NODE_VARIABLE:
		if (is_root(n, s))
			c->out.all = true;
		else if (s.dollar && sv_is(names->v[0], "$"))
			vec_push(c->a, &c->out.names, names->v[1]);
		return;
	case NODE_CHAIN:
		names_collect(c, n->u.f.base, s);
		return;
	case NODE_IF:
	case NODE_RANGE:
	case NODE_WITH:
		collect_branch(c, n, s);
		return;
	case NODE_TEMPLATE:
		if (n->u.t.pipe != NULL)
			names_collect(c, n->u.t.pipe, s);
		return;
	default:
		return;
	}
}

struct tmpl_names
names_of(struct arena *a, const struct tmpl *t)
{
	/* A defined template gets as dot and $ what it is called with; where
	 * that is the root, a bare dot says so at the call. */
	static const struct scope root = { true, true },
				  defined = { false, false };
	struct collector c = { .a = a };
	const struct map_entry *tree;

	map_each(t->trees, tree)
		names_collect(
		    &c, tree->value, tree->value == t->root ? root : defined);
	return c.out;
}
