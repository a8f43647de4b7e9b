/* SPDX-License-Identifier: MIT */
/*
 * What the commands of the program share: the command line and what was made of
 * it.  One per process, made by main(); the commands only read it.
 * May include: everything below cli/.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/options.h"
#include "project/project.h"
#include "report/report.h"

struct cli {
	struct arena *a; /* lives as long as the process */
	struct invocation in;
	struct options o;
	struct setting_sources sources;
	struct setting_value flags[SETTING_COUNT];
	struct settings early;	  /* without prun.ini */
	const struct settings *s; /* the best that is known by now */
	struct term *term;
	struct event_stream *events; /* --events; NULL: nobody asked */
	char **argv; /* as others see it; `in` has copies */
	struct secrets_reader hides;
};

/* ---- open.c ---- */

/* Names, working directory, environment, terminal. */
void cli_start(struct cli *c, struct arena *a, int argc, char **argv);
/* The words of the command line, .taskrc.yml, the environment: everything that
 * needs no Taskfile.  On a usage error the caller prints help and the message. */
bool cli_read(struct cli *c, struct err *e);
/* --detach: true in the process that goes on; false in the one that was asked,
 * which ends with *status, or the error. */
bool cli_detach(struct cli *c, int *status, struct err *e);
/* The same for a command line that is there already, in the working directory
 * of now: *out is like `c` but for that. */
bool cli_again(const struct cli *c, const struct options *o, struct cli *out,
    struct err *e);
/* Warns of the first experiment whose value means nothing (M-90, M-91). */
void cli_warn_experiments(const struct cli *c);
/* The Taskfile; c->s are then the settings of its project. */
bool cli_load(struct cli *c, struct project *out, struct err *e);
/* project_calls(); where a task is not known, what there is (C-169). */
bool cli_calls(
    const struct cli *c, struct project *p, call_vec *out, struct err *e);
/* Prints an error as go-task does (C-190, C-195) and returns the exit status
 * (C-207, C-209); task: the named task that failed, or NULL. */
int cli_fail(const struct cli *c, struct err *e, const char *task);
/* Its parts.  On GitHub a line that makes an annotation, never in colour, so
 * that it starts its line; the message and its place; the status. */
void cli_annotate(const struct cli *c, const struct err *e, const char *task);
void cli_tell(const struct cli *c, const struct err *e);
int cli_status(const struct cli *c, const struct err *e);

/* ---- cmd_report.c ---- */

/* The reports that the command line and prun.ini ask for; false: one of them
 * cannot be. */
bool cli_reports(const struct cli *c, struct project *p, report_wishes *out,
    struct err *e);
/* Makes them of a run that has ended, whose folder is `dir` ("" : it left no
 * record); returns 0, or 1 when one is missing, which is told. */
int cli_make_reports(const struct cli *c, struct project *p, const char *id,
    const char *dir, report_wishes *wishes);

/* ---- the commands; each returns the exit status ---- */

int cmd_run(const struct cli *c, struct project *p);
/* The same for another command: what it came to.  push_later: the commit is not
 * pushed by the run. */
struct run_outcome {
	int status;
	bool left_to_outer; /* the commit: the outer run makes it */
};
struct run_outcome cmd_run_named(
    const struct cli *c, struct project *p, bool push_later);
int cmd_list(const struct cli *c, struct project *p);
int cmd_summary(const struct cli *c, struct project *p);
int cmd_push(const struct cli *c, struct project *p);
int cmd_cache(const struct cli *c, struct project *p);
int cmd_receipts(const struct cli *c, struct project *p);
int cmd_stats(const struct cli *c, struct project *p);
int cmd_features(const struct cli *c, struct project *p);
int cmd_plan(const struct cli *c, struct project *p);
int cmd_eject(const struct cli *c, struct project *p);
int cmd_log(const struct cli *c, struct project *p);
int cmd_runs(const struct cli *c, struct project *p);
int cmd_wait(const struct cli *c, struct project *p);
int cmd_cancel(const struct cli *c, struct project *p);
int cmd_report(const struct cli *c, struct project *p);
int cmd_session(const struct cli *c, struct project *p);
int cmd_results(const struct cli *c, struct project *p);
int cmd_follow(const struct cli *c, struct project *p);
int cmd_failed(const struct cli *c, struct project *p);
int cmd_explain(const struct cli *c, struct project *p);
int cmd_lint(const struct cli *c, struct project *p);
/* Those that need no Taskfile. */
int cmd_init(const struct cli *c);
int cmd_completion(const struct cli *c);
int cmd_schema(const struct cli *c);
/* They load it themselves. */
int cmd_hook(struct cli *c);
/* `prun __complete WORDS`: needs cli_start() only. */
int cmd_complete(struct cli *c);

#endif
