/* SPDX-License-Identifier: MIT */
/*
 * YAML nodes to template values: untyped places of a Taskfile (`map:`, lists in
 * variables) and the function fromYaml see the same types.
 * May include: base/, yaml/, value.h.
 */
#ifndef GO_FROM_YAML_H
#define GO_FROM_YAML_H

#include "base/err.h"
#include "go/value.h"

struct ynode;

/*
 * Sets *out to the value of a node, typed by L-019 to L-025: int, uint64 above
 * that, float64, bool, string, nil; a map with any key that is no string is
 * GO_MAP_ANY, with keys spelled as they print (0x10 is "16").  Timestamps stay
 * the strings they are written as (L-023).  NULL is nil.  Texts are copied.
 * Errors (ERR_DECODE): `line N: mapping key "x" already defined at line M`, all
 * of them with a newline and two blanks between, `invalid map key: …`, `map
 * merge requires map or sequence of maps as the value`.
 */
bool value_from_ynode(struct arena *a, const struct ynode *n, value *out,
    struct err *e);

/* The same with timestamps as time.Time, for the function fromYaml. */
bool value_from_ynode_times(struct arena *a, const struct ynode *n, value *out,
    struct err *e);

#endif
