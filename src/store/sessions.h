/* SPDX-License-Identifier: MIT */
/*
 * Test sessions over work trees (P-806): a row for each session, each of its
 * tests, each try of a test and each worker, in `sessions.db` of the state
 * folder.  The coordinator of a session writes, a change of state a
 * transaction; whoever reads (--results, the server) never keeps it waiting and
 * sees whole changes only.  Losing it loses what there is to look up: a session
 * goes on without.
 *
 * The session has a folder besides, sessions/ID in the state folder, whose lock
 * its coordinator holds as long as it lives: that tells one that goes on from
 * one that was killed.  Times are ns of the epoch, 0 where they are not yet.
 * May include: base/, store/ (database, state).
 */
#ifndef STORE_SESSIONS_H
#define STORE_SESSIONS_H

#include "base/vec.h"
#include "store/database.h"
#include "store/state.h"

/* The states of a test, of a session, and what only a session can be. */
#define SESSION_STATES(X)                                                      \
	X(SESSION_PENDING, "pending")                                          \
	X(SESSION_RUNNING, "running")                                          \
	X(SESSION_COMPLETED, "completed") /* every test passed */              \
	X(SESSION_FAILED, "failed")                                            \
	X(SESSION_CANCELLED, "cancelled")                                      \
	X(SESSION_INTERRUPTED, "interrupted") /* its coordinator was killed */ \
	X(SESSION_SKIPPED, "skipped") /* not started: the budget, a test that  \
				       * it needs */

enum session_state {
#define X(name, word) name,
	SESSION_STATES(X)
#undef X
};
const char *session_state_word(enum session_state s);

struct session_row {
	const char *id;  /* like a run's */
	int num_workers; /* at most side by side */
	enum session_state status;
	int64_t started_ns, completed_ns;
	int tests_total, tests_passed, tests_failed;
	const char *head;    /* the commit that is tested */
	const char *root;    /* of the main work tree */
	const char *reason;  /* why it did not complete; "" */
	int exit_status;     /* -1: not over */
	int64_t pid;         /* of the coordinator */
	int max_retries;     /* of the whole session */
	int64_t timeout_ns;  /* of a test */
	int64_t pool_ns;     /* of the worker whose trees took longest to make,
			      * ready and clean: that */
	int64_t expected_ns; /* of all that was queued; 0: not known */
	const char *rate;    /* "0.02/min", or "" */
};

/* A test of a session: a row of parallel_test_executions. */
struct execution_row {
	int number; /* in its session, from 1 on, in the order of the request */
	const char *name; /* for people, alone of its name in the session */
	const char *task;
	const char *plan_file, *batch_range; /* "" */
	const char *vars;                    /* JSON object, "" */
	int priority;
	enum session_state status;
	/* of its last try */
	const char *test_run_id; /* run whose journal and logs it has; "" */
	const char *worktree_id, *worker_id; /* "wt-1", "worker-1"; "" */
	int retry_count;                     /* tries after the first one */
	int64_t queued_ns, started_ns, completed_ns;
	int exit_status;                /* -1: none */
	const char *reason;             /* of a failure, in words; "" */
	int tasks_passed, tasks_failed; /* -1: it did not say */
	const char *report_path;        /* file that it reported; "" */
	const char *worktree_path;      /* of a tree that is kept for it; "" */
	const char *kept;               /* refs of commits that it made; "" */
	int64_t expected_ns;
};

/* One try of a test. */
struct attempt_row {
	int number;  /* of the test */
	int attempt; /* from 1 on */
	const char *test_run_id, *worktree_id, *worker_id;
	enum session_state status;
	int64_t started_ns, completed_ns;
	int exit_status;
	const char *reason;
};

struct worker_row {
	const char *worker_id; /* "worker-1" */
	const char *status;    /* "starting", "idle", "busy", "ended", "died" */
	int number;            /* of the test that it is at; 0: none */
	const char *worktree_id;
	int64_t pid;
};

typedef VEC(struct session_row) session_rows;
typedef VEC(struct execution_row) execution_rows;
typedef VEC(struct attempt_row) attempt_rows;
typedef VEC(struct worker_row) worker_rows;

/* `sessions.db` of the state folder; see database_open(). */
const char *sessions_path(struct arena *a, const struct state *s);
struct database *sessions_open(
    const char *path, bool writes, enum db_fault *fault, struct err *e);

/* The folders of sessions as those of runs: run_dir_new(), state_runs(),
 * state_run_path(), state_run_is_live() and state_prune() on it. */
struct state sessions_folder(struct arena *a, const struct state *s);

/* ---- writing, each in a transaction that is begun ---- */

/* Waits for other writers; a DB_BUSY of before is forgotten. */
bool sessions_begin(struct database *db);
/* All of it or, where something failed, nothing. */
bool sessions_commit(struct database *db);
/* The row as it is now, new or not. */
bool session_put(struct database *db, const struct session_row *r);
bool execution_put(
    struct database *db, const char *session, const struct execution_row *r);
bool attempt_put(
    struct database *db, const char *session, const struct attempt_row *r);
bool worker_put(
    struct database *db, const char *session, const struct worker_row *r);
/* A session of which nobody holds the lock any more: it and what it had not
 * ended become interrupted. */
bool session_interrupt(struct database *db, const char *id, int64_t now_ns);
/* The oldest sessions beyond `keep` go, with all of theirs. */
bool sessions_prune(struct database *db, int keep);

/* ---- reading ---- */

/* One by its id; false: there is none, or a fault. */
bool session_get(struct database *db, struct arena *a, const char *id,
    struct session_row *out);
/* Newest first, those before `after` ("": all), at most `limit` (0: all). */
bool sessions_list(struct database *db, struct arena *a, const char *after,
    int limit, session_rows *out);
/* By number. */
bool executions_list(struct database *db, struct arena *a, const char *session,
    execution_rows *out);
/* By number and attempt; number 0: of all tests. */
bool attempts_list(struct database *db, struct arena *a, const char *session,
    int number, attempt_rows *out);
bool workers_list(struct database *db, struct arena *a, const char *session,
    worker_rows *out);

/* How long the test that this one is (task, plan, range and variables) took
 * where it passed: the median of its last five times; 0: not known. */
int64_t execution_expected(struct database *db, const struct execution_row *r);

/* ---- requests that are answered once ---- */

/* What was answered to this key since then; false: nothing. */
bool idempotency_get(struct database *db, struct arena *a, const char *key,
    int64_t since_ns, const char **body_hash, const char **answer);
/* In a transaction.  Answers from before `since_ns` go. */
bool idempotency_put(struct database *db, const char *key,
    const char *body_hash, const char *answer, int64_t now_ns,
    int64_t since_ns);

#endif
