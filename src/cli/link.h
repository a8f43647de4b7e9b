/* SPDX-License-Identifier: MIT */
/*
 * The program behind `task:NAME` in a script (P-104): it hands its words and
 * its streams to the run that started the script, waits, and ends as the task
 * did.
 * May include: base/, run/.
 */
#ifndef CLI_LINK_H
#define CLI_LINK_H

#include <stdbool.h>

/* Was prun started under such a name, inside of a run? */
bool link_is_one(const char *argv0);
/* Returns the exit status. */
int link_main(int argc, char **argv);

#endif
