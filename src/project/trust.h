/* SPDX-License-Identifier: MIT */
/*
 * Whose word counts.  A file that says what prun does, found by walking up from
 * where somebody stands, is believed only if it is theirs: git's rule of safe
 * directories.  The owner is the user, or root, or where root came by sudo its
 * caller; or git's safe.directory names the folder.  What is refused is told
 * once.
 * May include: base/ to vcs/.
 */
#ifndef PROJECT_TRUST_H
#define PROJECT_TRUST_H

#include "output/term.h"
#include "project/environment.h"

struct trust;
/* `env` is lent. */
struct trust *trust_new(struct arena *a, struct environment *env);
/* May the file be read?  What lies in the home folder may, whoever it belongs
 * to; `trust` is a struct trust. */
bool trust_file(void *trust, const char *path);
/* Is the repository whose work tree is `dir` one that git would use? */
bool trust_repository(struct trust *t, const char *dir);
/* A folder of the state that belongs to another user is not used. */
void trust_refuse_state(struct trust *t, const char *dir);
/* Prints what was refused since the last time, a line each. */
void trust_tell(struct trust *t, struct term *term);

#endif
