/* SPDX-License-Identifier: MIT */
/*
 * The whole of YAML by libyaml, with go-yaml's results and errors: what
 * ynode_parse() falls back to, and what the quick reader is held against.
 * May include: base/, yaml.h.
 */
#ifndef YAML_EVENTS_H
#define YAML_EVENTS_H

#include "yaml/resolve.h"

/* As ynode_parse(), whose contract this is. */
bool yaml_read_events(struct arena *a, sv text, struct ynode **out,
    struct err *e);

#endif
