/* SPDX-License-Identifier: MIT */
/*
 * --serve: this process becomes prun-serve (serve/main.c), the server of this
 * project, which needs no Taskfile by itself.
 * May include: base/ to remote/.
 */
#ifndef PROJECT_SERVE_EXEC_H
#define PROJECT_SERVE_EXEC_H

#include "project/project.h"

/* `listen`: of the command line, or "".  Returns where it failed only. */
bool serve_exec(struct project *p, const char *listen, struct err *e);

#endif
