/* SPDX-License-Identifier: MIT */
/*
 * What was seen a moment ago: where programs are, what stat says of them, what
 * git ignores.  Thousands of tasks are checked between two commands of a run,
 * and most of them ask for the same.  Nothing of it outlives look_again(), which
 * is called whenever time has passed or something may have been written.
 * May include: base/.
 */
#ifndef FINGERPRINT_LOOK_H
#define FINGERPRINT_LOOK_H

#include "base/gitignore.h"
#include "fingerprint/memo.h"

struct look;

struct look *look_new(void);
void look_free(struct look *k);
/* All is looked for anew. */
void look_again(struct look *k);

/* As file_sig_of(), for a file that many ask for. */
bool look_sig(struct look *k, const char *path, struct file_sig *sig);
/* Where find(ctx, name) finds a program on a PATH; "" where it does not.  The
 * text lives until look_again(). */
const char *look_program(struct look *k, const char *path, const char *name,
    const char *(*find)(void *ctx, const char *name), void *ctx);
/* Could a file of that name with the end `.run` lie in the folder?  The folder
 * is read when many ask. */
bool look_mark(struct look *k, const char *dir, const char *name);
/* The rules for a folder; NULL outside of a work tree. */
struct gitignore *look_gitignore(struct look *k, const char *dir);

#endif
