/* SPDX-License-Identifier: MIT */
/*
 * The journal of a run: events.jsonl in its folder, one JSON object a line,
 * appended as things happen.  `--log` and `--failed` read nothing else.  Each
 * line has "ev", its kind:
 *
 *	run   the head: id, what was asked, where, when
 *	call  what became of a call; the last line of a call counts
 *	end   the outcome; without it the run was killed or is going on
 *
 * Times are ns since the start of the run, but for "at".  The writer masks
 * secrets before (P-406).
 * May include: base/, template/ (JSON).
 */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"

typedef VEC(const char *) journal_words;

struct journal_run {
	const char *id;	    /* run id */
	const char *root;   /* of the project */
	const char *cwd;
	const char *version; /* of prun */
	const char *parent; /* id of the outer run; "" : none */
	journal_words argv; /* without the program */
	journal_words tasks; /* as requested */
	int64_t at_ns;	    /* start, of the epoch */
	unsigned slots;	    /* bound of the cpu pool; 0: unlimited */
	bool serial;
};

/* A call; NULL texts read as "". */
struct journal_call {
	unsigned id, parent; /* from 1; parent 0: requested */
	const char *name;    /* label or full name, for people */
	const char *task;    /* declared name */
	const char *key;     /* name and variables: history, durations */
	const char *status;  /* what outcome_name() says: "passed", "up to
			      * date", "skipped", "failed", "not run",
			      * "cancelled" */
	const char *reason;  /* why it was skipped, stale or not run */
	const char *error;   /* what it failed with */
	const char *log;     /* file, relative to the run's folder; "" : none */
	unsigned twin;	     /* the call whose execution it shared; 0: none */
	unsigned cause;	     /* the call whose failure it passes on; 0: none */
	int64_t created_ns, start_ns, end_ns; /* end 0: not yet */
	int64_t slot_wait_ns, job_ns, cpu_ns, max_rss_bytes;
	int exit_status; /* -1: none */
	int signal;	 /* 0: none */
	unsigned jobs, attempts;
	bool flaky, is_dep, is_background, is_phase;
};

struct journal_end {
	int64_t end_ns;
	int exit_status, signal;
	const char *error; /* "" : passed */
	const char *commit; /* hash of the commit that was made; "" */
	journal_words rerun; /* tasks to run again: failed or skipped */
	bool disturbed, narrowed;
};

/* ---- writing ---- */

struct journal;

/* NULL with an error where the file cannot be made. */
struct journal *journal_open(const char *path, struct err *e);
/* Each appends one line at once.  A full disk is told once, by
 * journal_close(). */
void journal_add_run(struct journal *j, const struct journal_run *r);
void journal_add_call(struct journal *j, const struct journal_call *c);
void journal_add_end(struct journal *j, const struct journal_end *end);
bool journal_close(struct journal *j, struct err *e);

/* ---- reading ---- */

struct journal_log {
	struct journal_run run;
	VEC(struct journal_call) calls; /* by id; calls.v[i].id == i + 1 but
					 * for holes, which have id 0 */
	struct journal_end end;
	bool has_run, has_end;
};

/* Reads what is there; a torn last line and lines of unknown kinds are passed
 * over.  false when the file cannot be read. */
bool journal_read(struct arena *a, const char *path, struct journal_log *out,
    struct err *e);
#endif
