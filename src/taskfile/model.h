/* SPDX-License-Identifier: MIT */
/*
 * What the user wrote, as plain structs: the Taskfile model.  Made by decode.c,
 * merged by read.c, const for everything above.  All strings are NUL-terminated
 * and live in the load arena; NULL or "" is "not given" as noted.
 * May include: base/, go/value.h.
 */
#ifndef TASKFILE_MODEL_H
#define TASKFILE_MODEL_H

#include "base/map.h"
#include "base/vec.h"
#include "go/value.h"

/* Three-state bool: unset inherits. */
enum tristate { TRI_UNSET, TRI_FALSE, TRI_TRUE };

struct location {
	const char *taskfile; /* absolute path, URL, or "__stdin__" */
	int line, column;     /* from 1 */
};

/* "FILE:LINE:COLUMN: the line's text", without the text where the file is not
 * on this machine or cannot be read any more. */
const char *location_text(struct arena *a, const struct location *at);

typedef VEC(const char *) string_vec;

/* A variable (L-080 to L-086). */
struct var {
	bool has_value; /* scalar, list, `map:` or `value:` */
	bool secret;
	bool unknown;	 /* compiled without a shell: a command's output has
			  * a say in the value */
	bool final;	 /* the text is never templated (words of the command
			  * line, values a caller has evaluated) */
	value value;     /* with has_value */
	const char *sh;  /* not NULL: dynamic */
	const char *ref; /* not NULL: a pipeline */
	const char *dir; /* where sh runs; NULL: the default of its layer */
	struct location at;
};

/* name → struct var *, in the order of the file; NULL is empty. */
typedef struct map vars;

struct glob {
	const char *pattern;
	bool negate; /* {exclude: …} */
};
typedef VEC(struct glob) glob_vec;

/* `flaky`: its failures do not count until that day is over (P-1103). */
struct quarantine {
	const char *owner, *until; /* as they stand there; NULL: none */
	int last_day;              /* 20261231; 0: none */
};

struct platform {
	const char *os, *arch; /* Go's names, "" is any */
};
typedef VEC(struct platform) platform_vec;

struct matrix_row {
	const char *name;
	const char *ref; /* not NULL: resolves to a list */
	value list;	 /* else */
};

/* `for` of a command or dep (L-055 to L-063); kind FOR_NONE: no loop. */
enum for_kind {
	FOR_NONE,
	FOR_LIST,
	FOR_SOURCES,
	FOR_GENERATES,
	FOR_VAR,
	FOR_MATRIX,
	FOR_EMPTY, /* an unknown word: no iterations, no error */
};
struct for_loop {
	enum for_kind kind;
	value list;	  /* FOR_LIST */
	const char *var;  /* FOR_VAR */
	const char *split; /* "" : at white space */
	const char *as;	  /* "" : ITEM */
	VEC(struct matrix_row) matrix;
};

/* One entry of cmds (L-045 to L-051). */
enum cmd_kind {
	CMD_SHELL,
	CMD_TASK,
	CMD_NOTHING,
	/* of compiled commands alone (P-103); both have a text, and are that
	 * where there is nothing to join or to keep apart */
	CMD_JOIN,    /* `wait` */
	CMD_BARRIER, /* `:` */
};
/* Of a call in a derived task (P-1403): what stands beside it, and what its
 * failure means for the calls behind it. */
enum call_stage {
	STAGE_OTHER,	  /* alone, and not behind a failure: as in a Taskfile */
	STAGE_BUILDS,	  /* alone, behind a failed check too */
	STAGE_CHECKS,	  /* beside other checks; its failure keeps no check and
			   * no build from running */
	STAGE_ALONE_CHECK, /* the same, but alone */
};

/* What few commands and deps have, so that the others are small. */
struct cmd_rare {
	struct for_loop loop;
	string_vec set, shopt;
	platform_vec platforms;
	int64_t timeout_ns; /* 0: none */
};
/* Where nothing of it is given. */
extern const struct cmd_rare cmd_rare_none;

struct cmd {
	enum cmd_kind kind : 8;
	enum call_stage stage : 8;
	bool silent;
	bool ignore_error;
	bool defer;
	bool plain; /* written as a scalar: may be `task:NAME` or `wait` (P-103) */
	const char *cmd;     /* CMD_SHELL: text before templates */
	const char *task;    /* CMD_TASK: name before templates */
	vars *vars;          /* CMD_TASK */
	const char *if_text; /* "" : none */
	const struct cmd_rare *rare;
	struct location at;
};

struct dep {
	const char *task;
	vars *vars;
	const struct cmd_rare *rare; /* its loop and its timeout */
	struct location at;
	bool silent;
};

struct precondition {
	const char *sh;
	const char *msg; /* never empty: the default is filled in (L-054) */
};
typedef VEC(struct precondition) precondition_vec;

/* One of requires.vars (L-072). */
struct required_var {
	const char *name;
	bool has_enum;
	string_vec enum_values;
	const char *enum_ref; /* not NULL: resolves to the list */
};
typedef VEC(struct required_var) required_vec;

/* `commit:` of prun (P-601). */
enum commit_paths { COMMIT_RUN, COMMIT_ALL, COMMIT_LIST };
struct commit_spec {
	bool wanted; /* commit: true, or a map */
	const char *message; /* NULL: default */
	enum commit_paths paths;
	string_vec path_list;
	bool push;
	bool detached;
	string_vec trailers;
};

struct taskfile;
struct include;

/* What few tasks have.  `tasks` of a large Taskfile are held by the ten
 * thousand, and most of them have nothing of it. */
struct task_rare {
	const char *label, *summary, *method, *prefix, *run,
	    *if_text; /* "" when not given */
	string_vec prompts, status, dotenv, set, shopt;
	precondition_vec preconditions;
	required_vec requires;
	platform_vec platforms;
	/* prun's own keys */
	int64_t retry_delay_ns;
	int64_t memory_bytes; /* of each job, on a cluster; 0: not said */
	struct grace {
		bool is_given;
		int64_t ns;
	} grace;                             /* from a signal to KILL */
	const char *pool, *mutex, *executor; /* "" : none */
	struct quarantine quarantine;
	struct commit_spec commit;
};
/* Where nothing of it is given. */
extern const struct task_rare task_rare_none;

struct task {
	const char *name; /* with namespaces, as callable */
	const char *local_name; /* as written in its own file */
	VEC(struct cmd *) cmds;
	VEC(struct dep *) deps;
	const char *desc, *dir; /* "" when not given */
	string_vec aliases;
	glob_vec sources, generates;
	vars *vars, *env;
	const struct task_rare *rare; /* never NULL */
	enum tristate silent, use_gitignore;
	bool interactive, internal, ignore_error, watch, failfast;
	/* prun's own keys (parallel.md); go-task ignores them */
	bool parallel;
	bool writes, cache;
	int priority, retries, slots;
	/* filled in by merging */
	bool in_library; /* an include says that all its tasks are internal */
	bool is_derived; /* made by P-1403/P-1404, not in the file */
	const char *namespace_; /* "" in the root file; "a:b" below */
	const char *include_dir; /* NULL; else the dir of map-form includes */
	vars *include_vars;	 /* layer 5: `vars` of the include statement(s) */
	vars *included_vars;     /* layer 6: copy of a map-form file's vars */
	struct location at;      /* of the task's key */
};

/* A task and a command of which nothing is given yet, in an arena. */
struct task *task_new(struct arena *a);
/* The rare part of a task that is being made, its own from then on; of one that
 * is made, which may share it with its copies, use the other. */
struct task_rare *task_rare_of(struct arena *a, struct task *t);
struct task_rare *task_rare_copy(struct arena *a, struct task *t);
struct cmd *cmd_new(struct arena *a);

struct include {
	const char *namespace_;
	const char *taskfile, *dir; /* before templates; "" : not given */
	bool optional, internal, flatten;
	bool advanced; /* map form */
	string_vec aliases, excludes;
	vars *vars;
	const char *checksum; /* "" : none */
	struct location at;
};

struct output_style {
	const char *name; /* "" : not given */
	const char *group_begin, *group_end;
	bool group_error_only;
};

struct unknown_key {
	const char *where, *key; /* "task build", "descr" */
	struct location at;
};

struct taskfile {
	const char *location; /* absolute path, URL, "__stdin__" */
	const char *dir;      /* of the file */
	const char *version;  /* three-part form, "3.10.0" */
	struct output_style output;
	const char *method, *run; /* "" : default */
	struct map *includes; /* name → struct include * */
	vars *vars, *env;
	struct map *tasks; /* name → struct task *, root first, then merged */
	enum tristate silent, use_gitignore;
	string_vec dotenv, set, shopt;
	int64_t interval_ns; /* 0: not given */
	/* keys nobody knows, for --lint */
	VEC(struct unknown_key) unknown;
	/* of every file, missing optional ones too, for --lint; texts are
	 * replaced */
	VEC(const struct include *) all_includes;
	/* every file read, in order, for receipts and watch: absolute paths */
	string_vec files;
	/* of what is no file here: location, blank, sha256; for receipts */
	string_vec digests;
	VEC(sv) fetched; /* their texts */
	/* global dotenv entries in order (filled by taskfile_load's caller) */
	bool has_dotenv;
	bool has_secrets; /* a variable somewhere, in an include too, is one */
	bool has_groups;  /* a task somewhere has `parallel: true` */
	bool has_aliases; /* or another name */
	bool has_executors; /* or says where it runs */
};

/* Keys of each map in the Taskfile, for decode, --lint and the JSON schema. */
extern const char *const taskfile_keys[], *const task_keys[],
    *const cmd_keys[], *const dep_keys[], *const include_keys[],
    *const var_keys[];

#endif
