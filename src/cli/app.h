/* SPDX-License-Identifier: MIT */
/*
 * What all commands of the program share: options, configuration, the loaded
 * Taskfile and the compiler for its calls.  One per process, made by main().
 * May include: everything below cli/.
 */
#ifndef CLI_APP_H
#define CLI_APP_H

#include "cli/settings.h"
#include "cli/options.h"
#include "compile/compile.h"
#include "output/output.h"
#include "store/state.h"

typedef VEC(struct call) call_vec;

struct capture;
struct app {
	struct arena *a; /* lives as long as the process */
	int argc;
	char **argv;
	bool compat;	   /* decisions: --compat, the name `task`, prun.ini */
	bool is_task;	   /* started under the name task */
	bool gentle_force, env_precedence; /* experiments */
	struct options o;
	struct taskrc rc;
	struct config cfg;
	struct term term;
	const char *cwd;
	/* after app_load() */
	const char *path, *root_dir; /* Taskfile, directory of root tasks; the
				      * latter is "" where stdin is read */
	const char *work_dir;	     /* root_dir, else the working directory */
	const char *repo_dir;	     /* git work tree above it, or root_dir */
	struct taskfile *taskfile;
	struct templater *templater;
	struct compiler compiler;
	bool in_hook;	   /* PRUN_HOOK: no stdin, no commit */
	bool push_later;   /* --push: the commit is not pushed by the run */
	bool commit_is_outer; /* it was left to the run around this one */
	struct state state;   /* setup_state() of the repository: */
	const char *state_asked; /* NULL: not asked yet */
	const char *state_of; /* the repository a gate works for; NULL: this */
	struct event_stream *events; /* --events; NULL: nobody asked */
	const string_vec *changed; /* P-703; NULL: all */
	/* watch mode: its executor, lent to every run, and one more reader of
	 * events; NULL: a run has an executor of its own */
	struct executor *executor;
	const struct sink *listener;
	call_vec named;	   /* the tasks of the command line, maybe none */
	enum output_mode mode;
	struct output_style style; /* with begin, end, error_only */
};

/* The first part of app_init(): names, working directory, terminal. */
void app_start(struct app *app, int argc, char **argv);
/* Options, .taskrc, environment; everything that needs no Taskfile.  On a
 * usage error the caller prints help and the message. */
bool app_init(struct app *app, int argc, char **argv, struct err *e);
/* Warns of the first experiment whose value means nothing (M-90, M-91). */
void app_warn_experiments(struct app *app);
/* Absolute path of the running program, for hooks and children. */
const char *app_program(struct app *app);
/* Prints an error as go-task does (C-190, C-195) and returns the exit status
 * (C-207, C-209); task: the named task that failed, or NULL. */
int app_fail(struct app *app, struct err *e, const char *task);

/* ---- load.c ---- */

/* Finds and loads the Taskfile, prun.ini, the output style, the compiler. */
bool app_load(struct app *app, struct err *e);
/* Runs a command where there is no run, for root dotenv paths and --explain:
 * its folder, environment and stderr are those of `c`, its words are filled in.
 * false: it could not be run. */
bool app_shell(struct app *app, const char *cmd, struct capture *c, sv *text,
    int *status, struct err *e);
/* Steps to the end and runs the commands of sh variables that it needs. */
bool app_compile(struct app *app, struct cursor *cursor, struct err *e);
/* P-201: --concurrency, --jobs, PRUN_JOBS, TASK_CONCURRENCY, prun.ini, default;
 * *by_user says that somebody asked for it.  0: no bound. */
int app_slots(struct app *app, bool *by_user);
/* Fingerprints of this Taskfile (C-300) for a run; read_only never writes. */
struct fp *app_fp(struct app *app, const char *run_id, bool read_only);

/* ---- calls.c ---- */

/* The tasks and variables that the words are, into app->named and the
 * compiler; app_load() calls it. */
void app_read_words(struct app *app);
/* The named tasks (default: "default"), each looked up before anything runs
 * (C-062); derives what the Taskfile has not (P-1403, P-1404). */
bool app_calls(struct app *app, call_vec *out, struct err *e);

/* ---- the commands, a file cmd_*.c each ---- */

/* What an unknown task's message follows on stdout (C-169). */
void app_list_hint(struct app *app);
/* The commands; each returns the exit status. */
int cmd_run(struct app *app);
/* Runs and watches these tasks until a signal (C-400). */
int cmd_watch(struct app *app, const call_vec *calls);
/* From now on, while the Taskfile is read, SIGINT and SIGTERM end prun as they
 * end cmd_watch(), which takes over (C-410). */
void watch_expect_signals(void);
int cmd_init(struct app *app);
int cmd_list(struct app *app);
int cmd_summary(struct app *app);
int cmd_hook(struct app *app);
int cmd_push(struct app *app);
int cmd_receipts(struct app *app);
int cmd_plan(struct app *app);
int cmd_eject(struct app *app);
int cmd_log(struct app *app);
int cmd_follow(struct app *app);
int cmd_failed(struct app *app);
int cmd_explain(struct app *app);
int cmd_completion(struct app *app);
int cmd_lint(struct app *app);
int cmd_schema(struct app *app);
/* `prun __complete WORDS`: needs app_start() only. */
int cmd_complete(struct app *app);

#endif
