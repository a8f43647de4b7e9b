/* SPDX-License-Identifier: MIT */
/*
 * What a request may name: tasks, variables, plans.  These words become words
 * of prun's command line, so none may be a flag, a variable where a task is
 * meant, or a path that leaves the project. May include: base/, go/.
 */
#ifndef SERVE_NAMES_H
#define SERVE_NAMES_H

#include "base/str.h"
#include "go/value.h"

enum {
	TOOL_NAMES_MAX = 64,
	TASK_NAME_MAX = 255,
	PLAN_FILE_MAX = 1024,
	VARS_MAX = 64,
	VAR_NAME_MAX = 128,
	VAR_VALUE_MAX = 4096,
	BATCH_RANGE_MAX = 255,
};

bool task_name_is_one(sv name);
bool var_name_is_one(sv name);
/* A text without a NUL. */
bool var_value_is_one(value v);
/* "all", "1-3", "1,4-6" */
bool batch_range_is_one(sv text);
/* A file below `root`, also behind links; else why not. */
const char *plan_file_fault(struct arena *a, const char *root, sv name);

#endif
