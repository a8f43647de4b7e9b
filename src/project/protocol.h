/* SPDX-License-Identifier: MIT */
/*
 * What runs tell the runs inside of them, in variables of the environment
 * whose names begin with PRUN_: all of them, read and written here.  A job gets
 * them beside its own environment; the prun of a gate gets those of the gate.
 * Four are written below, where what they name is made: PRUN_JOB with each job
 * (exec/), PRUN_CONTROL with the socket of a run and PRUN_BIN with its folder
 * of links (join/), PRUN_JOBSERVER (jobserver.c). May include: base/,
 * taskfile/.
 */
#ifndef PROJECT_PROTOCOL_H
#define PROJECT_PROTOCOL_H

#include <stdbool.h>

#include "base/vec.h"
#include "project/environment.h"
#include "taskfile/model.h"

/* Lists have the nearest run first, but for `runs`. */
struct protocol {
	long level;	 /* how many runs are around this one; 0: none said */
	bool has_level;	 /* anything was said of it */
	string_vec runs; /* their ids, the outermost first */
	/* their folders, in the same order; "-" where one has none */
	string_vec folders;
	bool compat; /* the outermost one answers as go-task does */
	/* a run said so, not the user: it ends with the runs */
	bool compat_of_run;
	/* The run whose job this one is: its socket, and the job's mark; NULL:
	 * none. */
	const char *control, *job;
	/* The folder of links to prun that it put first on the PATH. */
	const char *bin;
	/* The jobserver whose tokens the run around this one takes or gives,
	 * and MAKELEVEL there: "1 3,4". */
	const char *jobserver;
	/* Files by which runs around this one hear of a commit that is owed in
	 * their repository, and these repositories, in the same order. */
	string_vec owes, repos;
	bool has_repos; /* else the first of `owes` is asked for all */
	/* No commit is made; where there are repositories, in those alone. */
	bool no_commit;
	string_vec no_commit_in;
	/* Folders of the runs that said so, one for each of no_commit_in, or
	 * any number for everywhere; none: the user did. */
	string_vec no_commit_by;
	/* Said to one run alone, not to what its jobs start: it checks for a
	 * hook; the repository in whose state it keeps what it keeps (NULL:
	 * its own); the pipe that it writes its id to, as the test of the
	 * session that is the last of `runs` (NULL: it is none). */
	bool in_hook;
	const char *state_of, *id_to;
};

/* What this run was told. */
void protocol_read(
    struct arena *a, const struct environment *env, struct protocol *out);
/* "NAME=text" onto *out for all that is said in `p`; what is not said stands in
 * the environment of the child as it is. */
void protocol_write(
    struct arena *a, const struct protocol *p, string_vec *out);
/* For a child that is no job: `env` (NULL-ended) with just what is said in `p`;
 * of those that are written below what `env` has. */
char **protocol_environment(
    struct arena *a, char *const *env, const struct protocol *p);
/* The environment of this run without what is said to it alone, and without the
 * outer run's folder of links on the PATH, which is for its jobs. */
void protocol_leave(const struct protocol *p, struct environment *env);

/* outer_alive.c: a process may outlive the run that started it, as terminals,
 * editors and daemons do. */
/* Does the run with this folder live?  It holds the lock there; of one that has
 * none the socket of the nearest run is asked. */
bool protocol_is_alive(const struct protocol *p, const char *folder);
/* Takes out of `p`, and of the environment, all that was said by runs which are
 * over.  After protocol_leave(). */
void protocol_forget_dead(
    struct arena *a, struct protocol *p, struct environment *env);
/* Takes out likewise what ties this run to those around it, but for how many
 * they are: it goes on when they are over. */
void protocol_stand_alone(
    struct arena *a, struct protocol *p, struct environment *env);

/* The names of all of them, NULL at the end: they say nothing of what a task
 * does. */
extern const char *const protocol_names[];

#endif
