/* SPDX-License-Identifier: MIT */
/*
 * One value of a setting, as flags and variables of the environment write it.
 * May include: base/, taskfile/.
 */
#ifndef PROJECT_SETTING_H
#define PROJECT_SETTING_H

#include "base/err.h"
#include "taskfile/model.h"

enum setting_kind {
	SETTING_BOOL,
	SETTING_INT,
	SETTING_STRING,
	SETTING_DURATION,
	SETTING_LIST,	  /* separated by commas, more than once */
	SETTING_REPEAT,	  /* more than once, each taken whole */
	SETTING_OPTIONAL, /* with or without a text */
	SETTING_JOBS,	  /* number or "max" */
};

/* Which member counts follows from the kind. */
struct setting_value {
	bool is_set;
	bool b;
	int64_t i;     /* number, or nanoseconds; JOBS: -1 is max */
	const char *s; /* as it was written; NULL: it was not */
	string_vec list;
};

/* Sets *v from a text; lists grow.  false: *reason, in the words of Go's
 * libraries, says why, and *v is as it was.  base: of numbers, 0 for those with
 * a prefix. */
bool setting_parse(struct arena *a, enum setting_kind kind, const char *text,
    int base, struct setting_value *v, const char **reason);

#endif
