/* SPDX-License-Identifier: MIT */
/*
 * Whose a file is.  "Ours" is what belongs to the user that prun runs as or,
 * where that is root by way of sudo, to the one who called sudo, as git has it.
 * May include: base/.
 */
#ifndef BASE_OWNER_H
#define BASE_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

/* SUDO_UID is the process's. */
bool uid_is_ours(uid_t uid);
/* Is the path a folder of ours, also behind a link of ours? */
bool dir_is_ours(const char *path);
/* May what the path names be believed: nobody but we and root has a say in
 * it?  A link counts with what it names; what is not there is ours. */
bool file_is_ours(const char *path);

#endif
