/* SPDX-License-Identifier: MIT */
/*
 * Which top-level names a template reads, for variables that are only made
 * when something uses them.
 * May include: base/, parse.h.
 */
#ifndef TEMPLATE_NAMES_H
#define TEMPLATE_NAMES_H

#include "template/parse.h"

struct tmpl_names {
	struct name_vec names; /* each once or more */
	bool all; /* can read any: `.` or `$` on its own */
};

/* Names live as long as the template. */
struct tmpl_names names_of(struct arena *a, const struct tmpl *t);

#endif
