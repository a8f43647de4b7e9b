/* SPDX-License-Identifier: MIT */
/*
 * Which commit is checked out, read from git's files without starting git: for
 * records, where a wrong "not known" does no harm and a process would cost more
 * than the record.
 * May include: base/.
 */
#ifndef VCS_HEAD_H
#define VCS_HEAD_H

#include "base/arena.h"

/* The id of the commit that is checked out in the work tree around `dir`; ""
 * where there is none, or where its references are kept otherwise than as
 * files.
 */
const char *git_head_read(struct arena *a, const char *dir);

#endif
