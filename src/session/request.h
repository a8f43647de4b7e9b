/* SPDX-License-Identifier: MIT */
/*
 * The tests that a session is asked for: named tasks, a file for each of which
 * the harness task runs (--plans), or a list as JSON (--tests).
 * May include: base/ to project/.
 */
#ifndef SESSION_REQUEST_H
#define SESSION_REQUEST_H

#include "project/project.h"

struct session_test {
	const char *name; /* for people, alone of its name in the session */
	const char *task;
	const char *plan_file;   /* from the folder of the Taskfile; "" */
	const char *batch_range; /* "all", "1-3"; "" where there is no plan */
	string_vec words;        /* NAME=value: of this test */
	int priority;
	string_vec mutexes; /* that its task or one that it calls has */
	VEC(int) needs;     /* numbers, from 1 on, of tests that its deps are */
};

struct session_request {
	bool merges;        /* what the tests change, into the branch */
	int workers;        /* at most; 0: as prun.ini has it */
	int64_t timeout_ns; /* of a test; 0: as prun.ini has it */
	int retries;        /* -1: as prun.ini has it */
	int64_t budget_ns;  /* of the times of tests; 0: no bound */
	/* of the command line, for all tests: NAME=value; flags; what stands
	 * behind the dashes */
	string_vec words, flags, behind;
	VEC(struct session_test) tests;
};

/* The named tasks, one test each; none is `default`. */
bool request_tasks(struct project *p, struct session_request *q, struct err *e);
/* A test of every file that the pattern matches, sorted by path. */
bool request_plans(struct project *p, const char *pattern,
    struct session_request *q, struct err *e);
/* {"tests":[{"task"?,"plan_file"?,"batch_range"?,"vars"?,"priority"?}],
 * "task_timeout"?,"max_retries"?} */
bool request_json(
    struct project *p, sv text, struct session_request *q, struct err *e);
/* Once all tests are there: every task can be called by a user, names are
 * unique, and who needs whom is known. */
bool request_check(struct project *p, struct session_request *q, struct err *e);

/* The variables of the test as a JSON object, sorted; "" where it has none. */
const char *request_vars(struct arena *a, const struct session_request *q,
    const struct session_test *t);

#endif
