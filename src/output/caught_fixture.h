/* SPDX-License-Identifier: MIT */
/* What tests write to fds 1 and 2, caught in files. */
#ifndef OUTPUT_CAUGHT_FIXTURE_H
#define OUTPUT_CAUGHT_FIXTURE_H

#include "output/term.h"
#include "tree.h"

struct caught {
	int saved[2], files[2];
	bool merged; /* both are one file, as on a terminal */
};
void catch_begin(struct caught *c, bool merged);
/* Puts the descriptors back; the texts in `a`, *err may be NULL. */
void catch_end(struct caught *c, struct arena *a, const char **out,
    const char **err);
/* A terminal without an environment. */
void fixture_term(struct arena *a, struct term *t, bool color);
/* assert_string_equal() that names the row. */
void assert_row(const char *row, const char *what, const char *got,
    const char *want);

#endif
