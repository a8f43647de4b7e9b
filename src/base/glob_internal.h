/* SPDX-License-Identifier: MIT */
/* What the files of glob share. */
#ifndef BASE_GLOB_INTERNAL_H
#define BASE_GLOB_INTERNAL_H

#include "base/str.h"

/* The pattern's parts; a `**` behind a `**` adds nothing. */
const sv *glob_split_parts(struct arena *a, sv pattern, size_t *n);

/* Would the walk find `path`?  By one word below the folder `base`, or for
 * base/ ** /name. */
bool glob_word_names(
    struct arena *a, const char *base, sv word, const char *path);
bool glob_recursive_names(const char *base, sv name, const char *path);

#endif
