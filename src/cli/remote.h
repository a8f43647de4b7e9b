/* SPDX-License-Identifier: MIT */
/*
 * Remote Taskfiles (C-600 to C-642): what is asked of the network, what is
 * taken from the cache, and what the user is asked first.  The transfer itself
 * is done by other programs, prun-fetch and git.
 * May include: everything below cli/.
 */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include "cli/app.h"

struct remote;

/* After app->path, root_dir and templater are known; the time of --timeout
 * runs from here. */
struct remote *remote_open(struct app *app);
/* For taskfile_load(); as long as `r` is open. */
const struct remote_ops *remote_ops(struct remote *r);
/* Removes the clones of this run. */
void remote_close(struct remote *r);
/* C-107: forgets all cached copies. */
bool remote_clear_cache(struct app *app, struct err *e);

#endif
