/* SPDX-License-Identifier: MIT */
/*
 * A world without processes for tests of the engine: an executor with a clock
 * of its own, jobs that take the time and end with the status that the test
 * says, and a record of everything that happened.
 */
#ifndef RUN_FAKE_H
#define RUN_FAKE_H

#include "run/run.h"

/* What a command text does; unknown texts end with 0 after a moment. */
struct fake_script {
	const char *text;
	int status;
	const char *out;
	int64_t ns;	 /* how long it takes; < 0: until it is killed */
	bool ignores_int; /* only KILL ends it */
	int64_t cleans_ns; /* that it needs to end after another signal */
};

struct fake_job {
	struct fake_job *next;
	struct job_spec spec;
	char *text;
	const struct fake_script *script;
	int64_t start_ns, end_ns;
	int status, signal;
	int number;  /* from 1, in the order of their starts */
	int signals; /* how many it got, KILL apart */
};

struct fake;

struct fake_watch {
	int fd;
	void (*fn)(void *, int fd);
	void *arg;
};

/* Time that passes when there is nothing else to do. */
struct fake_loop {
	struct loop loop; /* first */
	int64_t now_ns;
	struct timer *timers;
	VEC(struct fake_watch) watches; /* asked before time passes */
	struct fake *executors;         /* all that are on it */
	void (*on_signal)(void *, int);
	void *signal_arg;
};

struct fake {
	struct executor executor; /* first */
	struct fake_loop *l;
	struct fake *next; /* on the same loop */
	/* how long a job takes; NULL: as scripts and seed say */
	int64_t (*how_long)(void *arg, const struct job_spec *spec);
	void *how_long_arg;
	uint64_t seed; /* 0: jobs take 1 ms each; else random times */
	const struct fake_script *scripts;
	size_t n_scripts;
	struct fake_job *jobs;
	int running, max_running, started;
	int max_signals; /* most that any job got */
	struct sb log; /* "start TEXT\n", "end TEXT\n" */
};

void fake_loop_init(struct fake_loop *l);
void fake_loop_free(struct fake_loop *l);
void fake_init(struct fake *f, struct fake_loop *l);
void fake_free(struct fake *f);

/* The whole engine over a Taskfile given as text. */
struct world {
	struct fake_loop loop;
	struct fake fake;  /* the executor "local" */
	struct fake other; /* and "other", where the config says so */
	struct executor_entry executors[3];
	struct arena *arena;
	struct compiler compiler;
	struct templater *templater;
	struct run_config config;
	struct slots *slots;
	struct fp *fp;
	struct run *run;
	struct sb events; /* "KIND call: text\n" of the kinds asked for */
	uint64_t wanted;  /* bit per event kind; 0: all but jobs and output */
	/* sees every event too; may be NULL */
	void (*check)(struct world *w, const struct event *ev);
	void *check_arg;
	VEC(const struct run_call *) check_calls;
	struct err err; /* of the Taskfile */
	char *dir;	  /* temporary, removed at the end */
};

/* `slots` 0: unlimited.  Set w->config and w->fake.scripts, then run. */
void world_init(struct world *w, const char *taskfile, int slots);
void world_script(struct world *w, const struct fake_script *scripts,
    size_t n);
/* A signal that comes `ns` after the start. */
struct world_signal {
	struct world *w;
	int sig;
};
void world_signal_at(struct world_signal *s, struct world *w, int sig,
    int64_t ns);
/* Runs the named tasks (NULL-ended); what run_loop() says. */
bool world_run(struct world *w, ...) __attribute__((sentinel));
/* The error text of the run, "" when there was none. */
const char *world_error(const struct world *w);
enum err_code world_code(const struct world *w);
/* The n-th call (from 0) of a task, or NULL. */
const struct run_call *world_call(const struct world *w, const char *task,
    size_t n);
size_t world_count(const struct world *w, const char *task);
/* Place of a line in the executor's log or -1; n-th occurrence from 0. */
long world_at(const struct world *w, const char *line, size_t n);
/* Is the line among the events? */
bool world_saw(const struct world *w, const char *line);
void world_free(struct world *w);

#endif
