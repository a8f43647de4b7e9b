/* SPDX-License-Identifier: MIT */
/*
 * The program behind `task:NAME` in a script (P-104): it hands its words and
 * its streams to the run that started the script, waits, and ends as the task
 * did.
 * May include: base/, join/, protocol.h.
 */
#ifndef PROJECT_LINK_H
#define PROJECT_LINK_H

#include "project/protocol.h"

/* Was prun started under such a name, inside of a run? */
bool link_is_one(const char *argv0, const struct protocol *outer);
/* Returns the exit status. */
int link_main(int argc, char **argv, const struct protocol *outer);

#endif
