/* SPDX-License-Identifier: MIT */
/* What the files of a session's own process share: session.c (from the request
 * to the end), crew.c (its workers), verdict.c (what becomes of its tests),
 * book.c (what is written down), tell.c and live.c (what is said while it goes
 * on), merge.c (what the tests changed). */
#ifndef SESSION_INTERNAL_H
#define SESSION_INTERNAL_H

#include "exec/companion.h"
#include "exec/loop.h"
#include "session/queue.h"
#include "session/request.h"
#include "session/session.h"
#include "session/talk.h"
#include "vcs/pool.h"

/* A test, from the request to its verdict. */
struct test {
	const struct session_test *asked;
	struct queue_test *queued;
	struct execution_row row;
	const char *suspicion;  /* damage that it may have done; "" */
	const char *merge;      /* commit of what it changed; "" */
	struct attempt_row try; /* the last one */
	bool is_dirty;          /* not written down yet */
	bool is_told;           /* its verdict */
	int64_t work_ns;
};

enum hand_state {
	HAND_NONE,     /* not started */
	HAND_STARTING, /* not heard of yet */
	HAND_IDLE,
	HAND_BUSY,
	HAND_ENDING, /* was told to */
};

/* A worker, from outside. */
struct hand {
	struct session *s;
	struct worker_row row;
	enum hand_state state;
	struct companion *c;
	struct test *test; /* BUSY */
	bool is_gone;      /* since the last step */
	bool is_dirty;
	int64_t pool_ns; /* that its trees took so far */
	int deaths;      /* in a row, without a verdict */
	struct cluster_job *on_cluster; /* its test is there; or NULL */
};

struct session {
	struct project *p;
	const struct session_request *q;
	struct arena *a;
	struct loop *l;
	struct git git;
	struct pool pool;
	struct run_dir dir;
	struct session_row row;
	struct test *tests;
	int n;
	struct queue *queue;
	struct hand *hands;
	int most;   /* workers */
	int wanted; /* now: `workers = auto` */
	bool is_auto;
	struct machine machine;
	struct timer *look;  /* at the machine */
	struct journal *journal; /* or NULL */
	struct database *db; /* NULL: nothing is written down */
	bool is_dirty;
	int64_t grace_ns;
	int64_t start_ns; /* monotonic */
	int err_fd;       /* of workers */
	char **worker_env;
	struct executor *local, *cluster; /* NULL: tests run here */
	struct timer *together; /* jobs wait for others, to go in as one */
	int signal; /* that ends it, or 0 */
	struct timer *kill;
	bool is_killing;    /* no worker is waited for any more */
	const char *fault;  /* it cannot go on; or NULL */
	int n_told;         /* verdicts */
	attempt_rows tries; /* that are over */
	size_t n_written;   /* of them */
};

/* ---- crew.c ---- */

/* The messages of setup, and the environment of workers. */
void crew_open(struct session *s);
/* Idle ones get tests, dead ones are replaced, surplus ones end.  false:
 * nobody is left and nothing is to be done. */
bool crew_step(struct session *s);
/* What they do is to end, with the grace. */
void crew_cancel(struct session *s);
/* Each of them, now. */
void crew_close(struct session *s);

void hand_say(struct hand *h, const struct talk *t);

/* ---- cluster_jobs.c ---- */

bool cluster_jobs_open(struct session *s, struct err *e);
void cluster_jobs_close(struct session *s);
/* A worker has a test for the cluster. */
void cluster_jobs_add(struct hand *h, const struct talk *m);
/* The job of its test ends; where it has one. */
void cluster_jobs_end(struct hand *h, int sig);
/* The same, and nobody hears of it. */
void cluster_jobs_forget(struct hand *h);

/* ---- verdict.c: what workers say of tests ---- */

void test_given(struct session *s, struct test *t, struct hand *h);
void test_has_tree(struct session *s, struct test *t, const struct talk *m);
void test_is_run(struct session *s, struct test *t, const char *id);
void test_done(struct session *s, struct test *t, const struct talk *m);

/* ---- book.c ---- */

/* What killed sessions left there is ended.  Without a database it goes on. */
void book_open(struct session *s);
/* What is expected of a test, from earlier sessions; 0: not known. */
int64_t book_expected(struct session *s, const struct execution_row *r);
/* All that is dirty, in one transaction. */
void book_write(struct session *s);
void book_close(struct session *s);
/* In the folder of the session, as of a run, for reports. */
void book_journal_begin(struct session *s);
void book_journal_end(struct session *s);

/* ---- merge.c ---- */

/* What the tests changed goes into the branch, all of it or nothing. */
void session_merge(struct session *s);

/* ---- live.c ---- */

/* NULL: nobody looks. */
struct live *live_open(struct session *s);
void live_show(struct live *v);
void live_close(struct live *v);

/* ---- tell.c ---- */

void tell_begin(struct session *s);
/* What the pool has repaired, kept or removed. */
void tell_note(void *session, const char *text);
void tell_trouble(struct session *s, const char *text);
void tell_warning(struct session *s, const struct test *t, const char *text);
void tell_fault(struct session *s);
void tell_signal(struct session *s);
void tell_waiting(struct session *s, const struct hand *h);
/* A try has ended that is not the last one. */
void tell_again(struct session *s, const struct test *t);
void tell_verdicts(struct session *s);
void tell_died(struct session *s, const struct hand *h, bool is_final);

#endif
