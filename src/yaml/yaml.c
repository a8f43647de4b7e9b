/* SPDX-License-Identifier: MIT */
#include "yaml/yaml.h"

#include "yaml/events.h"
#include "yaml/quick.h"

bool
ynode_parse(struct arena *a, sv text, struct ynode **out, struct err *e)
{
	return yaml_read_quick(a, text, out) ||
	       yaml_read_events(a, text, out, e);
}
