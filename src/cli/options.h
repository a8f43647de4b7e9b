/* SPDX-License-Identifier: MIT */
/*
 * The command line as one table: it drives parsing, --help, the environment
 * and configuration defaults, completions, and a test against the manual page.
 * Parses as pflag does (C-050 to C-058), with its messages (M-01 to M-06).
 * May include: everything below cli/.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/err.h"
#include "taskfile/taskfile.h"

enum option_kind {
	OPTION_BOOL,
	OPTION_INT,
	OPTION_STRING,
	OPTION_DURATION,
	OPTION_LIST,	 /* comma-separated, repeatable */
	OPTION_REPEAT,	 /* repeatable, taken whole */
	OPTION_OPTIONAL, /* --name or --name=value; never a detached value */
	OPTION_JOBS,	 /* number or "max" */
};

/* One value as parsed; which member counts follows from the kind. */
struct option_value {
	bool is_set; /* by a flag, the environment or a config file */
	bool by_flag;
	bool b;
	int64_t i;	/* number, or nanoseconds */
	const char *s;	/* never NULL once defaults are applied */
	string_vec list;
};

/* name, short, kind, environment, default, argument word, help.  In order of
 * their long names, which is the order of --help. */
#define OPTIONS(X)                                                            \
	X(cacert, 0, STRING, "TASK_REMOTE_CACERT", "", "string",              \
	    "CA certificate file for remote Taskfiles over https")            \
	X(cert, 0, STRING, "TASK_REMOTE_CERT", "", "string",                  \
	    "client certificate for remote Taskfiles; needs --cert-key")      \
	X(cert_key, 0, STRING, "TASK_REMOTE_CERT_KEY", "", "string",          \
	    "key of the client certificate; needs --cert")                    \
	X(changed, 0, OPTIONAL, NULL, "", "string",                           \
	    "skip tasks none of whose sources changed (in a git range)")      \
	X(clear_cache, 0, BOOL, NULL, "", NULL,                               \
	    "remove the cached copies of remote Taskfiles")                   \
	X(color, 'c', BOOL, "TASK_COLOR", "true", NULL,                       \
	    "coloured output")                                                \
	X(commit, 0, OPTIONAL, NULL, "", "string",                            \
	    "make one git commit at the end, with this message")              \
	X(compat, 0, BOOL, "PRUN_COMPAT", "", NULL,                           \
	    "answer as go-task does where prun would differ")                 \
	X(completion, 0, STRING, NULL, "", "string",                          \
	    "print a completion script: bash, zsh, fish, powershell, nu")     \
	X(concurrency, 'C', INT, "TASK_CONCURRENCY", "0", "int",              \
	    "run at most this many jobs at a time; 0 is no bound")            \
	X(dir, 'd', STRING, NULL, "", "string",                               \
	    "where to look for the Taskfile, and to run it")                  \
	X(disable_fuzzy, 0, BOOL, "TASK_DISABLE_FUZZY", "", NULL,             \
	    "no suggestion for an unknown task")                              \
	X(download, 0, BOOL, NULL, "", NULL,                                  \
	    "fetch remote Taskfiles even where the cache is valid")           \
	X(dry, 'n', BOOL, "TASK_DRY", "", NULL,                               \
	    "print the commands, do not run them")                            \
	X(eject, 0, STRING, NULL, "", "string",                               \
	    "print a derived task as YAML for the Taskfile")                  \
	X(events, 0, STRING, NULL, "", "file",                                \
	    "write what happens as JSON lines; - is stdout")                  \
	X(exit_code, 'x', BOOL, NULL, "", NULL,                               \
	    "exit with the status of the command that failed")                \
	X(experiments, 0, BOOL, NULL, "", NULL,                               \
	    "list the experiments and whether they are on")                   \
	X(expiry, 0, DURATION, "TASK_REMOTE_CACHE_EXPIRY", "0s", "duration",  \
	    "how long a cached remote Taskfile is valid")                     \
	X(explain, 0, STRING, NULL, "", "string",                             \
	    "say why a task would run or be skipped")                         \
	X(failed, 0, BOOL, NULL, "", NULL,                                    \
	    "run again what failed or was skipped in the last run")           \
	X(failfast, 'F', BOOL, "TASK_FAILFAST", "", NULL,                     \
	    "cancel the others as soon as one task fails")                    \
	X(follow, 0, BOOL, NULL, "", NULL,                                    \
	    "with --log: go on with a run until it ends")                     \
	X(force, 'f', BOOL, NULL, "", NULL,                                   \
	    "run even what is up to date")                                    \
	X(force_all, 0, BOOL, NULL, "", NULL,                                 \
	    "force the called tasks as well as the named ones")               \
	X(global, 'g', BOOL, NULL, "", NULL,                                  \
	    "use the Taskfile of the home directory")                         \
	X(graph, 0, STRING, NULL, "", "string",                               \
	    "print the graph of calls: dot, json or mermaid")                 \
	X(help, 'h', BOOL, NULL, "", NULL, "print this help")                 \
	X(hook, 0, STRING, NULL, "", "string",                                \
	    "git hooks: install, remove, status (then the hook's name)")      \
	X(init, 'i', BOOL, NULL, "", NULL, "write a first Taskfile")          \
	X(insecure, 0, BOOL, "TASK_REMOTE_INSECURE", "", NULL,                \
	    "allow http and unverified https for remote Taskfiles")           \
	X(interactive, 0, BOOL, "TASK_INTERACTIVE", "", NULL,                 \
	    "ask for required variables that are missing")                    \
	X(interval, 'I', DURATION, NULL, "0s", "duration",                    \
	    "wait this long for more changes when watching")                  \
	X(jobs, 0, JOBS, "PRUN_JOBS", "", "string",                           \
	    "the same as --concurrency; max is one job per core (also -jN)")  \
	X(json, 'j', BOOL, NULL, "", NULL, "list the tasks as JSON")          \
	X(lint, 0, BOOL, NULL, "", NULL,                                      \
	    "check the Taskfile for unknown keys and dead tasks")             \
	X(list, 'l', BOOL, NULL, "", NULL, "list the tasks with a "           \
	    "description")                                                    \
	X(list_all, 'a', BOOL, NULL, "", NULL, "list all tasks")              \
	X(load, 0, STRING, NULL, "", "string",                                \
	    "start no further job while the machine is busier (80%)")         \
	X(log, 0, BOOL, NULL, "", NULL,                                       \
	    "print the logs of the last run (of the named tasks)")            \
	X(memfree, 0, STRING, NULL, "", "string",                             \
	    "start no further job with less memory available (1G)")           \
	X(nested, 0, BOOL, NULL, "", NULL,                                    \
	    "nest namespaces in the JSON list")                               \
	X(no_commit, 0, BOOL, NULL, "", NULL,                                 \
	    "make no commit, even where tasks ask for one")                   \
	X(no_progress, 0, BOOL, NULL, "", NULL,                               \
	    "no live status on a terminal")                                   \
	X(no_receipt, 0, BOOL, NULL, "", NULL,                                \
	    "do not trust the receipts of earlier runs")                      \
	X(no_status, 0, BOOL, NULL, "", NULL,                                 \
	    "leave up_to_date out of the JSON list")                          \
	X(offline, 0, BOOL, "TASK_REMOTE_OFFLINE", "", NULL,                  \
	    "use cached remote Taskfiles only")                               \
	X(output, 'o', STRING, "TASK_OUTPUT", "", "string",                   \
	    "interleaved, group, prefixed or group-task")                     \
	X(output_group_begin, 0, STRING, "TASK_OUTPUT_GROUP_BEGIN", "",       \
	    "string", "template in front of each group of output")            \
	X(output_group_end, 0, STRING, "TASK_OUTPUT_GROUP_END", "",           \
	    "string", "template behind each group of output")                 \
	X(output_group_error_only, 0, BOOL, "TASK_OUTPUT_GROUP_ERROR_ONLY",   \
	    "", NULL, "show the output of failed commands only")              \
	X(parallel, 'p', BOOL, NULL, "", NULL,                                \
	    "run the named tasks side by side")                               \
	X(plan, 0, BOOL, NULL, "", NULL,                                      \
	    "print what would run, in levels, and how long it takes")         \
	X(push, 0, BOOL, NULL, "", NULL,                                      \
	    "check, commit where one is owed, then git push")                 \
	X(receipts, 0, BOOL, NULL, "", NULL,                                  \
	    "list the receipts of passed runs")                               \
	X(remote_cache_dir, 0, STRING, "TASK_REMOTE_CACHE_DIR", "", "string", \
	    "where remote Taskfiles are cached")                              \
	X(run, 0, STRING, NULL, "", "string",                                 \
	    "with --log: the id of an older run")                             \
	X(run_timeout, 0, DURATION, NULL, "0s", "duration",                   \
	    "end the whole run after this time")                              \
	X(schema, 0, OPTIONAL, NULL, "", "string",                            \
	    "print the JSON schema of Taskfiles, or of events")               \
	X(serial, 0, BOOL, NULL, "", NULL,                                    \
	    "one job at a time, in declared order")                           \
	X(silent, 's', BOOL, "TASK_SILENT", "", NULL,                         \
	    "do not print the commands")                                      \
	X(sort, 0, STRING, NULL, "", "string",                                \
	    "order of lists: default, alphanumeric or none")                  \
	X(status, 0, BOOL, NULL, "", NULL,                                    \
	    "exit 1 if any named task is not up to date")                     \
	X(summary, 0, BOOL, NULL, "", NULL,                                   \
	    "describe the named tasks instead of running them")               \
	X(taskfile, 't', STRING, NULL, "", "string",                          \
	    "the Taskfile: a file, a folder, an address, or - for stdin")     \
	X(temp_dir, 0, STRING, "TASK_TEMP_DIR", "", "string",                 \
	    "state folder of fingerprints (default .task)")                   \
	X(timeout, 0, DURATION, "TASK_REMOTE_TIMEOUT", "10s", "duration",     \
	    "how long remote Taskfiles may take to arrive")                   \
	X(trusted_hosts, 0, LIST, "TASK_REMOTE_TRUSTED_HOSTS", "", "strings", \
	    "hosts whose Taskfiles need no confirmation")                     \
	X(verbose, 'v', BOOL, "TASK_VERBOSE", "", NULL,                       \
	    "say more about what is done")                                    \
	X(version, 0, BOOL, NULL, "", NULL, "print the version")              \
	X(watch, 'w', BOOL, NULL, "", NULL,                                   \
	    "run again whenever a source changes")                            \
	X(yes, 'y', BOOL, "TASK_ASSUME_YES", "", NULL,                        \
	    "answer yes to all prompts")

enum option_id {
#define X(name, ...) OPT_##name,
	OPTIONS(X)
#undef X
	OPT_COUNT
};

struct option_def {
	const char *name; /* long name with dashes */
	char letter;	  /* 0: none */
	enum option_kind kind;
	const char *env, *fallback, *word, *help;
};
extern const struct option_def option_defs[OPT_COUNT];

struct options {
	struct option_value v[OPT_COUNT];
	string_vec words;  /* before --, in order */
	string_vec behind; /* after -- */
	bool has_dashes;
};

/* o->color and so on. */
#define OPT_B(o, name) ((o)->v[OPT_##name].b)
#define OPT_I(o, name) ((o)->v[OPT_##name].i)
#define OPT_S(o, name) ((o)->v[OPT_##name].s)
#define OPT_SET(o, name) ((o)->v[OPT_##name].is_set)

/* Parses argv[1..]; ERR_USAGE with pflag's text.  gentle_force makes
 * --force-all known (C-017). */
bool options_parse(struct arena *a, int argc, char *const *argv,
    bool gentle_force, struct options *o, struct err *e);
/* "--dry-run" of an option. */
char *option_flag(struct arena *a, enum option_id id);
/* The option whose value the word behind `arg` would be (--dir, -d, -xd); -1
 * where there is none. */
int options_wants_value(const char *arg);
/* Fills what no flag set, from the environment and then `rc`. */
void options_defaults(struct arena *a, struct options *o,
    const struct taskrc *rc);
/* C-070 to C-080. */
bool options_check(const struct options *o, struct err *e);
/* --force-all without gentle_force: neither parsed nor shown. */
bool option_is_hidden(enum option_id id, bool gentle_force);

/* help.c: the whole --help text. */
void options_help(struct sb *out, const struct options *o,
    bool gentle_force);

#endif
