/* SPDX-License-Identifier: MIT */
/*
 * What in a tree leads into another tree of the repository, so that a test
 * there would read files that are not its own (P-809): links, also those of
 * node_modules, *.pth files and other marks of editable installs, virtual
 * environments that were made elsewhere.
 * May include: base/.
 */
#ifndef VCS_FOREIGN_H
#define VCS_FOREIGN_H

#include "base/vec.h"
#include "taskfile/model.h"

struct foreign {
	const char *path;  /* from the root of the tree */
	const char *what;  /* "link", "editable install" … */
	const char *leads; /* absolute: where to */
};
typedef VEC(struct foreign) foreign_vec;

/* Looks through the tree at `top`; `others`: the roots of the other trees.  At
 * most FOREIGN_MOST are given; *n is how many there are. */
enum {
	FOREIGN_MOST = 20
};
void foreign_find(struct arena *a, const char *top, const string_vec *others,
    foreign_vec *out, size_t *n);

#endif
