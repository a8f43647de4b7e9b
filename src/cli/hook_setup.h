/* SPDX-License-Identifier: MIT */
/*
 * --hook install, remove and status (P-701).
 * May include: everything below cli/.
 */
#ifndef CLI_HOOK_SETUP_H
#define CLI_HOOK_SETUP_H

#include "cli/cli.h"
#include "vcs/git.h"

/* Each returns the exit status. */
int hook_setup_install(
    const struct cli *c, struct project *p, const struct git *git);
int hook_setup_remove(
    const struct cli *c, struct project *p, const struct git *git);
int hook_setup_status(
    const struct cli *c, const struct project *p, const struct git *git);

/* The word behind the action. */
bool hook_setup_name(const struct cli *c, const char **name, struct err *e);
/* Prints the error; never 0. */
int hook_setup_fail(const struct cli *c, struct err *e);
/* Where it is written down that a hook was skipped: one line each, the time as
 * a run's id, and the hook. */
const char *hook_setup_skips(const struct project *p);

#endif
