/* SPDX-License-Identifier: MIT */
/*
 * prun below GNU make, ninja, cargo or another prun (P-206): the right to run
 * one job came with the process, that for each further one is a byte read from
 * the jobserver.  As many as are held go back, the same ones, whatever ends the
 * process but KILL.
 * May include: base/, jobserver_auth.h, loop.h, slots.h.
 */
#ifndef EXEC_JOBSERVER_CLIENT_H
#define EXEC_JOBSERVER_CLIENT_H

#include "base/err.h"
#include "exec/jobserver_auth.h"
#include "exec/loop.h"
#include "exec/slots.h"

struct jobserver_client;

/* From now on each job of `slots` here needs a token.  All three are lent until
 * jobserver_client_free(); one client at a time in a process.  NULL: the
 * jobserver cannot be used, *e says why. */
struct jobserver_client *jobserver_client_new(const struct jobserver_auth *auth,
    struct slots *slots, struct loop *l, struct err *e);
/* Who has a token asks there, too, as slots_set_upstream() has it; NULL: not
 * any more. */
void jobserver_client_then(
    struct jobserver_client *c, const struct slots_upstream *next);
/* Tokens that are held beside the one that came with the process. */
size_t jobserver_client_held(const struct jobserver_client *c);
/* Gives all back; NULL is fine. */
void jobserver_client_free(struct jobserver_client *c);

/* jobserver_reader.c: where a pipe cannot be opened once more without the flags
 * that all its users share, a thread reads it, one token when it is told to. */
struct jobserver_reader;
/* NULL with errno.  `fd` is lent. */
struct jobserver_reader *jobserver_reader_new(int fd);
/* To be waited for; a byte is a token. */
int jobserver_reader_fd(const struct jobserver_reader *r);
/* How many are wanted in all from now on. */
void jobserver_reader_want(struct jobserver_reader *r, unsigned n);
/* Ends the thread.  What it had read is still in the descriptor, which does not
 * wait, until jobserver_reader_free(). */
void jobserver_reader_stop(struct jobserver_reader *r);
/* In a handler of a signal: it reads nothing more. */
void jobserver_reader_abandon(struct jobserver_reader *r);
void jobserver_reader_free(struct jobserver_reader *r);

#endif
