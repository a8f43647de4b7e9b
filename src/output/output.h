/* SPDX-License-Identifier: MIT */
/*
 * What a run shows and keeps: go-task's messages, the output modes, a log file
 * per call, secrets masked, the summary.  A sink of run/ events; the only layer
 * that writes to the terminal.
 * May include: base/ to run/.
 */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include <sys/types.h>

#include "output/term.h"
#include "run/run.h"
#include "store/state.h"

/* How the output of jobs is shown, one of a table (mode.h). */
struct output_mode;

/* Which CI system reads the output (P-504). */
enum output_ci {
	OUTPUT_CI_NONE,
	OUTPUT_CI_GITHUB,
	OUTPUT_CI_GITLAB,
};

struct output_config {
	enum output_ci ci;
	bool is_log;   /* somebody reads it as a log: it is no value that a
			* command substitution takes (--silent, a nested run) */
	bool has_many; /* more than one task is asked for */
	const struct output_mode *mode;
	const char *group_begin, *group_end; /* templates; "" : none */
	bool group_error_only;
	bool silent, verbose, compat;
	bool dry; /* nothing runs: what would is all there is to see */
	const struct run_dir *run_dir; /* of this run; NULL: no logs */
	bool is_run_dir_kept; /* [logs] dir has it, that a CI job can keep */
	bool captures_all;    /* also what could have the terminal itself */
	bool stdin_is_tty, stdout_is_tty, stderr_is_tty;
	bool no_stdin;	      /* a hook: jobs read nothing (P-705) */
	struct templater *templater;
	struct secrets *secrets; /* what is masked; NULL: nothing is */
	bool may_have_secrets;	 /* there may be some once a log is open */
	const char *root_dir;    /* of the Taskfile */
	const char *workspace; /* the folder that a CI system's annotations are
				* about; "" : root_dir */
	const char *temp_dir; /* where unlinked files lie; NULL: /tmp */
	struct term *term;
};

/* The mode of that name; NULL: there is none. */
const struct output_mode *output_mode_find(const char *name);
/* The one that has no name: of a Taskfile with groups side by side, where nobody
 * says how it is to be shown (P-407). */
extern const struct output_mode *const output_mode_beside;
/* The names of all, those that go-task has first; `prun` false: those only. */
void output_mode_names(struct arena *a, bool prun, string_vec *out);
/* The same as a text: "a, b or c". */
const char *output_mode_words(struct arena *a);

struct output;
struct output *output_new(const struct output_config *c);
void output_free(struct output *o);
struct sink output_sink(struct output *o);
/* run_config.stdio; ctx is the struct output. */
void output_stdio(void *output, struct run_call *call, const struct ccmd *cmd,
    struct job_spec *spec);
/* run_config.ask_var. */
const char *output_ask_var(void *output, struct arena *a, const char *name,
    const string_vec *allowed);
/* M-79, also where there is no run; the value of a secret is "*****". */
void output_dynamic_var(struct term *t, const char *cmd, const char *result);
/* The log of a call. */
struct output_log {
	const char *path; /* NULL: nothing was written yet, or there is none */
	off_t size;       /* bytes written so far */
	bool was_lent;    /* a job had the terminal, so there is more to see
			   * there */
};
struct output_log output_log_of(
    const struct output *o, const struct run_call *call);
/* errno of a log that could not be written, else 0 (never-event 11). */
int output_log_errno(const struct output *o);

/* P-106, P-502: what the run came to, on stderr, after all else.  `rerun` is
 * the command that runs again what failed; NULL: there is none. */
void output_summary(
    struct output *o, const struct run_result *r, const char *rerun);
/* What failed and what was not run, by names that a command line can have: for
 * the record. */
void output_rerun(struct arena *a, const struct run_result *r,
    string_vec *out);
/* Does the summary say why the run failed, so that nobody else needs to? */
bool output_tells_failure(const struct output *o, const struct run_result *r);
/* Does it announce them to the CI system? */
bool output_annotates(const struct output *o, const struct run_result *r);
/* What the run came to, for its last line and for lists of runs: how many calls
 * ended how ("3 passed, 1 up to date"), behind the names of what failed where
 * it has failed ("FAILED: test:py; 1 failed, 3 passed").  `behind`: what failed
 * behind calls that have passed; NULL: nothing. */
const char *output_verdict(
    struct arena *a, const struct run_result *r, const char *behind);

#endif
