/* SPDX-License-Identifier: MIT */
/*
 * What the options, the configuration and the terminal are for remote/.
 * May include: everything below cli/.
 */
#ifndef CLI_REMOTE_SETUP_H
#define CLI_REMOTE_SETUP_H

#include "cli/app.h"
#include "remote/remote.h"

/* After app->path, root_dir and templater are known; lives with the app. */
const struct remote_options *remote_setup(struct app *app);

#endif
