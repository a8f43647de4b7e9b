/* SPDX-License-Identifier: MIT */
/*
 * Where there is no bash: what the commands of a run need of it is named before
 * anything runs, each with its place.  What only the run can tell (templates in
 * names, conditions) is found when it is about to run (exec/).
 * May include: base/ to run/.
 */
#ifndef PROJECT_SHELL_CHECK_H
#define PROJECT_SHELL_CHECK_H

#include "project/project.h"

/* false with an error that has a line for each of them. */
bool shell_check(struct project *p, const call_vec *calls, struct err *e);

#endif
