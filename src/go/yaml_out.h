/* SPDX-License-Identifier: MIT */
/*
 * Values as YAML in go-yaml v3's style, for the function toYaml: four blanks a
 * level, keys in natural order, quotes only where a plain scalar would read as
 * something else.
 * May include: base/, yaml/, value.h, fmt.h.
 */
#ifndef GO_YAML_OUT_H
#define GO_YAML_OUT_H

#include "go/value.h"

/* Appends a document, with a line break at its end; `a` is for scratch. */
void yaml_write(struct arena *a, struct sb *out, value v);

#endif
