/* SPDX-License-Identifier: MIT */
/*
 * For the tests of exec/: one job and what was heard of it.
 */
#ifndef EXEC_FIXTURE_H
#define EXEC_FIXTURE_H

#include "base/str.h"
#include "exec/executor.h"

struct heard {
	struct sb out, err;
	size_t bytes; /* counted even when not kept */
	bool drop;    /* do not keep the bytes */
	int done;
	int status, signal;
	bool pipe_held, syntax_error;
	char *error;
	int64_t wall_ns, cpu_ns, rss;
	struct job *job;
	void (*on_output)(struct heard *h);
	struct executor *x;
};

/* A local executor with a loop of its own. */
struct executor *fixture_executor(void);
void fixture_executor_free(struct executor *x);
/* Starts `script` with both streams in pipes. */
struct job *fixture_start(struct executor *x, struct heard *h,
    const char *script);
/* Fills a spec that reports to `h`: stdin null, streams in pipes. */
void fixture_spec(struct executor *x, struct heard *h, struct job_spec *spec);
/* Turns until h->done. */
void fixture_wait(struct executor *x, struct heard *h);
/* Turns until the text is in h->out. */
void fixture_wait_text(struct executor *x, struct heard *h, const char *text);
/* Starts and waits. */
void fixture_run(struct executor *x, struct heard *h, const char *script);
void fixture_free(struct heard *h);
/* An empty folder of its own; removed by fixture_rmdir(). */
char *fixture_mkdir(struct arena *a);
void fixture_rmdir(const char *dir);
/* Waits for a file to be there (as long as it takes). */
void fixture_wait_file(const char *path);
/* Whether the pid in the file is of a live process. */
bool fixture_lives(struct arena *a, const char *pid_file);

#endif
