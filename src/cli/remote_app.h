/* SPDX-License-Identifier: MIT */
/*
 * Remote Taskfiles as a project wants them.
 * May include: everything below cli/.
 */
#ifndef CLI_REMOTE_APP_H
#define CLI_REMOTE_APP_H

#include "project/project.h"

extern const struct project_remote remote_transfer;

#endif
