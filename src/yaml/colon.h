/* SPDX-License-Identifier: MIT */
/*
 * In flow context libyaml refuses a plain text that ends with a colon
 * (`[echo a:, b]`), which go-yaml takes.  A colon that libyaml has refused is
 * hidden behind a character that nobody writes, and shown again in the result.
 * May include: base/.
 */
#ifndef YAML_COLON_H
#define YAML_COLON_H

#include "base/str.h"

/* false for a text that uses the character itself. */
bool colon_can_hide(sv text);
/* Hides the colon at character `index` of a text; false when there is none. */
bool colon_hide(struct arena *a, sv *text, size_t index);
/* Shows all hidden colons of a text, in place. */
void colon_show(char *text, size_t *n);

#endif
