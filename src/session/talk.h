/* SPDX-License-Identifier: MIT */
/*
 * What a session and its workers say to each other: JSON objects, one a line.
 * One struct has the fields of all messages; what is "", 0 or empty is not
 * sent.  The words, from the session: `setup` (once, first), `test`, `cancel`,
 * `end`; from a worker: `ready`, `waits` (all trees are somebody's), `tree` (it
 * has one), `run` (the id of the test's run), `done`.  Of a test that runs on a
 * cluster, where the session has to start it: `job`, `job_cancel` from the
 * worker, `job_runs`, `job_end` from the session.
 * May include: base/, go/ (JSON).
 */
#ifndef SESSION_TALK_H
#define SESSION_TALK_H

#include "base/err.h"
#include "taskfile/model.h"

/* kind, name */
#define TALK_FIELDS(X)                                                         \
	X(TEXT, say)                                                           \
	/* setup: the pool */                                                  \
	X(TEXT, dir)                                                           \
	X(TEXT, top) /* of the main work tree */                               \
	X(TEXT, session)                                                       \
	X(TEXT, commit)                                                        \
	X(TEXT, kind)                                                          \
	X(TEXT, lfs)                                                           \
	X(TEXT, foreign)                                                       \
	X(TEXT, prepare)                                                       \
	X(WORDS, prepare_key)                                                  \
	X(WORDS, keep)                                                         \
	X(NUMBER, size)                                                        \
	/* setup: how a test is started */                                     \
	X(TEXT, worker)                                                        \
	X(TEXT, program)                                                       \
	X(TEXT, state_of)    /* the repository that knows of its run */        \
	X(TEXT, below)       /* of its tree: where it starts; "" : there */    \
	X(TEXT, taskfile)    /* its name there; "" : it is found */            \
	X(TEXT, folder)      /* of the session */                              \
	X(NUMBER, grace_ns)  /* from TERM to KILL */                           \
	X(NUMBER, merges)    /* 1: what a test changed becomes a commit */     \
	X(NUMBER, preserves) /* 1: the tree of a failed test stays */          \
	X(NUMBER, is_far)    /* 1: the session starts the tests, far away */   \
	/* test */                                                             \
	X(NUMBER, number)                                                      \
	X(NUMBER, attempt)                                                     \
	X(NUMBER, is_last) /* 1: no try follows */                             \
	X(TEXT, name)                                                          \
	X(TEXT, task)                                                          \
	X(TEXT, plan_file)                                                     \
	X(TEXT, batch_range)                                                   \
	X(WORDS, words)  /* NAME=value */                                      \
	X(WORDS, flags)  /* in front of the task */                            \
	X(WORDS, behind) /* the dashes */                                      \
	X(NUMBER, timeout_ns)                                                  \
	/* tree, run, done */                                                  \
	X(NUMBER, pid) /* ready: of the worker */                              \
	X(TEXT, tree)                                                          \
	X(TEXT, run)                                                           \
	X(NUMBER, passed)   /* 1 */                                            \
	X(NUMBER, no_retry) /* 1: another try would not help */                \
	X(NUMBER, exit_status)                                                 \
	X(NUMBER, pool_ns) /* what its tree cost */                            \
	X(NUMBER, test_ns) /* the test alone */                                \
	X(TEXT, reason)                                                        \
	/* job, job_cancel, job_end: words, path and timeout_ns are its */     \
	X(TEXT, log)                                                           \
	X(TEXT, env) /* file: NAME=text, each up to a NUL; to be removed */    \
	X(NUMBER, signal)                                                      \
	X(TEXT, damage)  /* to what all trees share, while it ran */           \
	X(TEXT, warning) /* of what does not change the verdict */             \
	X(TEXT, kept)    /* refs of commits that it made */                    \
	X(TEXT, merge)   /* that commit */                                     \
	X(TEXT, path)    /* of a tree that stays */                            \
	X(TEXT, report)  /* file below the session's folder */                 \
	X(NUMBER, tasks_passed)                                                \
	X(NUMBER, tasks_failed)                                                \
	X(NUMBER, has_tasks) /* 1: the two say something */

#define TALK_TYPE_TEXT   const char *
#define TALK_TYPE_NUMBER int64_t
#define TALK_TYPE_WORDS  string_vec

/* Of the commits with what tests changed: this, session, "/", number. */
#define MERGE_REFS "refs/prun/merge/"

/* Texts are never NULL once it was read. */
struct talk {
#define X(kind, name) TALK_TYPE_##kind name;
	TALK_FIELDS(X)
#undef X
};

/* One without anything but the word. */
struct talk talk_new(const char *say);
/* Appends the line. */
void talk_write(struct sb *out, const struct talk *t);
/* false: it is none. */
bool talk_read(struct arena *a, sv line, struct talk *out);

#endif
