/* SPDX-License-Identifier: MIT */
/*
 * Which texts dash may run in bash's place: those in which every word and
 * operator is one that is known to come to the same in both (docs/shell.md has
 * the list).  Whatever is not known is not accepted.
 * May include: base/.
 */
#ifndef EXEC_POSIX_H
#define EXEC_POSIX_H

#include "base/str.h"

struct posix_job {
	sv text;
	char *const *env; /* that the shell gets */
	const char *dir;  /* that it runs in; NULL: prun's own */
	const char *bash; /* for what only the run can tell to need it */
};

/* The script for dash that does what bash -e, with the options that prun gives
 * it, does with the text; NULL: only bash may run it.  Lives in `a`.  Looks
 * programs up, starts none. */
const char *posix_script(struct arena *a, const struct posix_job *job);

/* May dash stand for bash with that environment, as far as it alone can tell?
 * bash makes something of some variables, and dash loses those whose names are
 * no names of the shell. */
bool posix_env_is_alike(char *const *env);

#endif
