/* SPDX-License-Identifier: MIT */
/*
 * The words by which a command calls tasks: `task:NAME VAR=value …`, maybe with
 * ` &` behind it, and `wait`, as a whole command (P-103), or `task:NAME` as a
 * word of a script (P-104).  Everything that wants to know whether a text calls
 * a task asks here; a compiled command has the answer in its kind.
 * May include: base/, template/, taskfile/, compile.h.
 */
#ifndef COMPILE_TASK_WORDS_H
#define COMPILE_TASK_WORDS_H

#include "compile/compile.h"

/* What a whole command text is. */
struct task_words {
	enum cmd_kind kind; /* CMD_TASK, CMD_JOIN, CMD_BARRIER or CMD_SHELL */
	const char *task;   /* CMD_TASK: a name, maybe of no task */
	vars *vars;         /* CMD_TASK */
	bool background;    /* CMD_TASK: with ` &` behind it */
};

/* Reads a final text; what a shell would have to look at is the shell's.  Texts
 * are allocated in `a`. */
void task_words_read(struct arena *a, sv text, struct task_words *out);
/* May a text that still has templates in it become a call or `wait`? */
bool task_words_possible(sv text);
/* Is there a task of that name, alias or pattern?  Nothing is guessed. */
bool task_is_known(struct arena *a, const struct compiler *c, const char *name);
/* The next `task:NAME` from *at on where a word of a script may begin, quotes
 * apart; *at goes behind it.  false: there is none. */
bool task_words_next(sv script, size_t *at, sv *name);

/* ---- what the order of calls rests on ---- */

/* May one call of the task end where another with equal variables goes on?  So
 * a recursion through it may have an end (D-9). */
bool task_is_conditional(const struct task *t);
/* As far as the Taskfile says: does it run commands of its own, or does it only
 * call others? */
bool task_has_commands(struct arena *a, const struct task *t);
/* Does any task write the tree, and does that of a name (P-113)? */
bool taskfile_has_writers(const struct taskfile *t);
bool task_writes(struct arena *a, const struct compiler *c, const char *name);
/* Writers first, in their order, then the others: numbers of the n entries of a
 * group in the order in which they start (P-113).  NULL: nobody writes, as
 * declared. */
size_t *writers_first(struct arena *a, const bool *writes, size_t n);
/* Does the Taskfile name more than one `mutex` (P-112)? */
bool taskfile_has_locks(const struct taskfile *t);
/* The mutexes that a call of the task may take until it settles, its own and
 * those of what its commands call, sorted.  What only templates or programs
 * know is not among them. */
void ctask_mutexes(struct arena *a, const struct compiler *c,
    const struct ctask *t, string_vec *out);
/* What stands for the execution that a call shares by `run:` (L-188, C-213);
 * *key is NULL where each call is one of its own.  Errors: an unknown `run:`.
 */
bool ctask_share_key(struct arena *a, const struct compiler *c,
    const struct ctask *t, const char **key, struct err *e);
/* The part of it that names the task: "<file>:<local name>". */
const char *task_once_key(
    struct arena *a, const struct task *task, const char *full_name);
/* Stands for a task with the variables of a call. */
uint64_t call_key(const struct match *m, const vars *v);

#endif
