/* SPDX-License-Identifier: MIT */
/*
 * From names to strings: look-up of a called task, its variable layers, and the
 * compiled task in which every text is final.  Pure but for reading files:
 * where a process is needed (`sh:` variables) the cursor says so and is
 * answered. May include: base/, template/, taskfile/.
 */
#ifndef COMPILE_COMPILE_H
#define COMPILE_COMPILE_H

#include "base/err.h"
#include "base/host.h"
#include "base/secrets.h"
#include "taskfile/model.h"
#include "template/template.h"

struct ctask;
struct sh_cache;

/* One call: a task with the variables it was called with. */
struct call {
	const char *task; /* name as called */
	vars *vars;    /* layer 7, already evaluated in the caller; or NULL */
	bool silent;   /* the calling entry says silent */
	bool indirect; /* called by a task, not named by the user */
	const struct location *at; /* where a Taskfile says so; or NULL */
};

/* Everything that is the same for all calls of a run. */
struct compiler {
	const struct taskfile *taskfile;
	struct templater *templater;
	const char *root_dir, *cwd; /* ROOT_DIR, USER_WORKING_DIR */
	const char *task_exe;       /* argv[0] */
	vars *globals_cli;          /* NAME=value of the command line (L-096) */
	vars *specials_cli;         /* CLI_*: head of the file-level vars */
	string_vec extra_texts;     /* templates that the caller replaces with
				     * ctask.vars (output groups, the commit's
				     * message): what they read is there */
	struct map *os_env; /* name → const char *: the process environment */
	bool env_precedence; /* experiment (L-110) */
	bool eager;          /* compat: all sh variables, used or not */
	bool disable_fuzzy;
	string_vec
	    derived; /* names that could be meant beside the tasks' own */
	/* CHECKSUM and TIMESTAMP of a half compiled task, asked for only when a
	 * text mentions them (C-327); given by run/. */
	bool (*checksum)(void *ctx, struct arena *a, const struct ctask *t,
	    value *out, struct err *e);
	bool (*timestamp)(void *ctx, struct arena *a, const struct ctask *t,
	    value *out, struct err *e);
	/* Sorted absolute files of globs, for `for: sources` (L-057); NULL: no
	 * files. */
	bool (*files)(void *ctx, struct arena *a, const char *dir,
	    const glob_vec *globs, bool use_gitignore, string_vec *out,
	    struct err *e);
	void *ctx;
	/* Learns the values of secret variables as soon as they are known
	 * (P-406); NULL: nobody wants to know. */
	struct secrets *secrets;
	/* made by compiler_init() */
	struct sh_cache *sh_cache;
	struct scope *scope;
	struct map *secret_names; /* see compiler_is_secret() */
	struct arena *arena;
	vars *file_env; /* env of the file with root dotenv; NULL: the file's */
};

/* Fills the caches; the other members are set by the caller before (those about
 * the command line at the latest before the first compile_begin()).  `a` must
 * live as long as the compiler. */
void compiler_init(struct arena *a, struct compiler *c);
/* Does the Taskfile declare a variable of that name as secret, wherever? */
bool compiler_is_secret(const struct compiler *c, sv name);

/* What the command line says beside flags (C-057 to C-060). */
struct cli_words {
	const char *const *words; /* before the double dash */
	size_t n_words;
	const char *const *rest; /* behind it */
	size_t n_rest;
	bool force, silent, verbose, offline, assume_yes;
};
/* Sets globals_cli and specials_cli; the words that are tasks are added to
 * `tasks` (none: stays empty, the caller says `default`). */
void compiler_cli_vars(struct arena *a, struct compiler *c,
    const struct cli_words *w, string_vec *tasks);

/* A command ready to run.  Its kind tells whoever orders commands what it is:
 * one that was written as `task:NAME` is a call like any other. */
struct ccmd {
	enum cmd_kind kind;
	const char *text;     /* final text; none of a `task:` entry */
	const char *log_text; /* echo: secrets are ***** */
	const char *task;     /* CMD_TASK: name to look up */
	bool unknown; /* CMD_TASK: COMPILE_PLAN cannot tell which, or how many,
		       * a command's output has a say; task is the raw text */
	vars *vars;   /* CMD_TASK: evaluated */
	const char *if_text; /* final; "" : none */
	bool silent, ignore_error, defer, plain;
	bool background;       /* CMD_TASK: with ` &` behind it */
	string_vec set, shopt; /* file, task and command united */
	platform_vec platforms;
	int64_t timeout_ns;
	const struct location *at;
	/* defer: templated by compile_defer() when it runs */
	const struct cmd *source;
	value loop_vars; /* ITEM, KEY of this turn; VALUE_ABSENT: none */
};
struct cdep {
	const char *task;
	bool unknown; /* as in struct ccmd */
	vars *vars;
	bool silent;
	int64_t timeout_ns;
	const struct location *at;
};

/* A compiled task: all strings final; const for the run. */
struct ctask {
	const struct task *task;
	const char *called_name; /* ALIAS */
	const vars *call_vars;   /* layer 7 of the call, D-2; or NULL */
	const char *full_name;   /* wildcards filled in (L-043) */
	const char *name;        /* label, else full_name: for messages */
	const char *prefix;      /* for prefixed output */
	const char *label, *desc, *summary, *dir /* absolute */, *method, *run,
	    *if_text;
	const char *once_key; /* "<file>:<local name>": identity for run: once
			       * and the text of M-63 */
	string_vec prompts, status;
	glob_vec sources, generates;
	VEC(struct precondition) preconditions;
	required_vec requires; /* enum references resolved (full mode) */
	VEC(struct ccmd) cmds;
	VEC(struct cdep) deps;
	char **env;          /* of commands: "NAME=value", NULL at the end */
	bool env_is_shared;  /* with calls that add nothing to it either */
	struct map *env_set; /* what the Taskfile sets: name → const char * */
	value vars;        /* what its texts read, for output groups, defers and
			    * the commit's message */
	value masked_vars; /* the same, secrets as ***** */
	/* Recipe mode: the commands that stand behind what its texts read,
	 * "NAME", command and folder in turn. */
	string_vec sh_texts;
	bool silent; /* task, file or call says so */
	bool use_gitignore, ignore_error, interactive, failfast;
	uint64_t when_changed_key; /* hash for run: when_changed */
	struct location at;
};

enum compile_mode {
	COMPILE_FULL,
	COMPILE_FAST, /* no sh variables ("" instead); template errors keep the
		       * raw text: summary */
	COMPILE_PLAN, /* as fast, but an error spoils its own text only, and
		       * calls that cannot be told are marked unknown */
	COMPILE_RECIPE, /* as fast, without a look at files; what commands stand
			 * behind the values is in ctask.sh_texts */
	COMPILE_LIST,   /* as fast, but commands, deps, env and conditions are
			 * left out: listings of many tasks */
};

/* ---- look-up (L-064 to L-070, C-064, C-065) ---- */

struct match {
	const struct task *task;
	string_vec parts; /* MATCH of wildcards */
	const char *full_name;
};
/* ERR_TASK_NOT_FOUND (with "Did you mean"), ERR_TASK_CONFLICT. */
bool task_find(struct arena *a, const struct compiler *c, const char *name,
    struct match *out, struct err *e);
/* The names of variables that these tasks and all that they call may read, as
 * far as the Taskfile says (*names; shared value).  false: they may read any.
 */
bool tasks_read(struct arena *a, const struct compiler *c,
    const string_vec *tasks, struct map **names);
/* Nearest of `words` to `name` by C-065; NULL when none is near. */
const char *fuzzy_nearest(
    struct arena *a, const char *name, const char *const *words, size_t n);
/* Does any of the platforms (none: yes) fit this machine? (L-078) */
bool platform_matches(const platform_vec *platforms);

/* ---- requires (L-072 to L-077) ---- */

/* Required variables that no layer defines, in order. */
void requires_missing(struct arena *a, struct compiler *c,
    const struct call *call, const struct match *m, required_vec *out);
/* Resolves the enum references of `missing` as far as that goes without a
 * shell, for the choice that a prompt offers (L-077). */
void requires_offer_enums(struct arena *a, struct compiler *c,
    const struct call *call, const struct match *m, required_vec *missing);
/* The same as an error: ERR_MISSING_VARS with M-35.  To be asked before
 * compile_begin(): no shell has run then (L-074). */
bool requires_check(struct arena *a, struct compiler *c,
    const struct call *call, const struct match *m, struct err *e);
/* Enum values, after compiling: ERR_ENUM_VARS with M-36. */
bool requires_check_enums(
    struct arena *a, struct compiler *c, const struct ctask *t, struct err *e);

/* ---- compiling ---- */

/* A shell command whose output the cursor waits for. */
struct shell_need {
	const char *cmd; /* final text */
	const char *dir;
	char **env;
	bool secret;
};

/*
 * COMPILE_WAITS: another cursor is running the very command that this one
 * needs; nothing is to be done until its wake function is called.  Only cursors
 * with one (compile_on_wake()) are told so; others are handed the need, and the
 * first answer counts for both.
 */
enum compile_status {
	COMPILE_DONE,
	COMPILE_NEEDS_SHELL,
	COMPILE_WAITS,
	COMPILE_FAILED
};

struct cursor;
/* The cursor and all that it makes live in `a`, which must not be freed while
 * the cursor's needs are running (else compile_cancel() first). */
struct cursor *compile_begin(struct arena *a, struct compiler *c,
    const struct call *call, const struct match *m, enum compile_mode mode);
/* `wake(ctx)` may be called from within compile_answer() or compile_cancel() of
 * another cursor; it should only note that this one is to be stepped again. */
void compile_on_wake(struct cursor *c, void (*wake)(void *ctx), void *ctx);
/* Of the n-th of the answers that it waits for while another cursor asks: what
 * that one has as its ctx; NULL: it does not wait for that any more.  false:
 * there is no n-th. */
bool compile_waits_for(const struct cursor *c, size_t n, void **ctx);
/* Goes on until done, failed, or commands must be run.  With NEEDS_SHELL the
 * needs are compile_needs(); each must be answered before the next step. */
enum compile_status compile_step(struct cursor *c, struct err *e);
/* Independent needs, to be run side by side. */
const struct shell_need *compile_needs(const struct cursor *c, size_t *n);
/* Answer to need i: the command's stdout as read (the cursor removes the one
 * trailing newline), or its failure (`exit status 3`, from which the cursor
 * makes M-85). */
void compile_answer(
    struct cursor *c, size_t i, sv out, const struct err *failure);
/* Gives unanswered needs up, so that cursors waiting for them run them
 * themselves; the cursor must not be stepped again. */
void compile_cancel(struct cursor *c);
/* The value of an `sh:` variable: without the one trailing newline (L-085);
 * for M-79. */
sv compile_trim_output(sv out);
/* After COMPILE_DONE; NULL for compile_globals(). */
struct ctask *compile_result(struct cursor *c);

/* Templates of a deferred entry, when it runs; exit_status <= 0: success, no
 * EXIT_CODE (L-197).  A template error is an error. */
bool compile_defer(struct arena *a, struct compiler *c, const struct ctask *t,
    const struct ccmd *deferred, int exit_status, struct ccmd *out,
    struct err *e);

/*
 * Root dotenv files (L-116 to L-118): evaluates the file-level variables that
 * their paths use (in eager mode all), reads the files, and adds what they
 * define to the file-level env of `c`.  Step it as any cursor, once, before the
 * first compile_begin(), also for listings; done at once without `dotenv`.
 */
struct cursor *compile_globals(struct arena *a, struct compiler *c);

/* ---- summary (C-182, C-183) ---- */

struct visible_var {
	const char *name;
	value value;    /* as far as fast mode knows it */
	const char *sh; /* not NULL: dynamic, the final text */
	bool secret;
};
typedef VEC(struct visible_var) visible_vec;

/* Variables and environment of a task as --summary shows them, in the order of
 * the layers, with the exclusions of C-182. */
void compile_visible_vars(struct arena *a, struct compiler *c,
    const struct call *call, const struct match *m, visible_vec *variables,
    visible_vec *env);

#endif
