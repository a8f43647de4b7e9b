/* SPDX-License-Identifier: MIT */
/*
 * What a plain scalar means: go-yaml v3's mix of YAML 1.1 and 1.2 (L-019 to
 * L-023).  Shared by the files of this folder.
 * May include: base/, yaml.h.
 */
#ifndef YAML_RESOLVE_H
#define YAML_RESOLVE_H

#include "yaml/yaml.h"

/* A node that says itself what it is, and how. */
struct tagged_ynode {
	struct ynode node;
	const char *tag_text;
};

/* Tag of a scalar without one. */
enum ytag yaml_resolve(sv text);
/* "!!int" for YTAG_INT and so on. */
const char *yaml_tag_name(enum ytag tag);

#endif
