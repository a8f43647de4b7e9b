/* SPDX-License-Identifier: MIT */
#include "yaml/yaml.h"

#include "yaml/events.h"
#include "yaml/quick.h"

bool
ynode_parse_apart(struct arena *a, struct arena *nodes, sv text,
    struct ynode **out, struct err *e)
{
	return yaml_read_quick(a, nodes, text, out) ||
	       yaml_read_events(a, text, out, e);
}

bool
ynode_parse(struct arena *a, sv text, struct ynode **out, struct err *e)
{
	return ynode_parse_apart(a, a, text, out, e);
}

/* The quick reader makes a map before its values, and each of them before the
 * key that follows; libyaml's nodes lie elsewhere, and stay. */
void
ynode_recycle(
    struct arena *a, struct arena *nodes, const struct ynode *map, size_t i)
{
	arena_recycle(a, nodes, map, map->items[i]);
}
