/* SPDX-License-Identifier: MIT */
/*
 * The command line as one table: it drives parsing, --help, completions, and a
 * test against the manual page.
 * Parses as pflag does (C-050 to C-058), with its messages (M-01 to M-06).
 * May include: everything below cli/.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/err.h"
#include "project/settings.h"

/* name, short, kind, argument word, group, help.  In order of their long names,
 * which is the order of --help within a group.  A flag that has the name of a setting gives it a value;
 * the variable and the default of that stand in SETTINGS. */
#define OPTIONS(X)                                                             \
	X(budget, 0, STRING, "time", RUN,                                      \
	    "with --worktrees: start no test that goes beyond it")             \
	X(cacert, 0, STRING, "string", REMOTE,                                 \
	    "CA certificate file for remote Taskfiles over https")             \
	X(cache, 0, STRING, "string", LOOK,                                    \
	    "outputs that are kept: stats, clear, prune, or warm TASK...")     \
	X(cancel, 0, STRING, "id", LOOK,                                       \
	    "end a run that goes on elsewhere: its id, or last")               \
	X(cert, 0, STRING, "string", REMOTE,                                   \
	    "client certificate for remote Taskfiles; needs --cert-key")       \
	X(cert_key, 0, STRING, "string", REMOTE,                               \
	    "key of the client certificate; needs --cert")                     \
	X(changed, 0, OPTIONAL, "string", RUN,                                 \
	    "skip tasks none of whose sources changed (in a git range)")       \
	X(clear_cache, 0, BOOL, NULL, REMOTE,                                  \
	    "remove the cached copies of remote Taskfiles")                    \
	X(color, 'c', BOOL, NULL, OUTPUT, "coloured output")                   \
	X(commit, 0, OPTIONAL, "string", GIT,                                  \
	    "make one git commit at the end, with this message")               \
	X(compat, 0, BOOL, NULL, SETUP,                                        \
	    "answer as go-task does where prun would differ")                  \
	X(completion, 0, STRING, "string", SETUP,                              \
	    "print a completion script: bash, zsh, fish, powershell, nu")      \
	X(concurrency, 'C', INT, "int", RUN,                                   \
	    "run at most this many jobs at a time; 0 is no bound")             \
	X(detach, 0, BOOL, NULL, RUN,                                          \
	    "leave the run to itself: print its id, and return")               \
	X(dir, 'd', STRING, "string", WHAT,                                    \
	    "where to look for the Taskfile, and to run it")                   \
	X(disable_fuzzy, 0, BOOL, NULL, WHAT,                                  \
	    "no suggestion for an unknown task")                               \
	X(download, 0, BOOL, NULL, REMOTE,                                     \
	    "fetch remote Taskfiles even where the cache is valid")            \
	X(dry, 'n', BOOL, NULL, RUN, "print the commands, do not run them")    \
	X(eject, 0, STRING, "string", LOOK,                                    \
	    "print a derived task as YAML for the Taskfile")                   \
	X(events, 0, STRING, "file", OUTPUT,                                   \
	    "write what happens as JSON lines; - is stdout")                   \
	X(exit_code, 'x', BOOL, NULL, RUN,                                     \
	    "exit with the status of the command that failed")                 \
	X(experiments, 0, BOOL, NULL, SETUP,                                   \
	    "list the experiments and whether they are on")                    \
	X(executor, 0, STRING, "string", RUN,                                  \
	    "where commands run: local, or slurm for a cluster")               \
	X(expiry, 0, DURATION, "duration", REMOTE,                             \
	    "how long a cached remote Taskfile is valid")                      \
	X(explain, 0, STRING, "string", LOOK,                                  \
	    "say why a task would run or be skipped")                          \
	X(failed, 0, BOOL, NULL, RUN,                                          \
	    "run again what failed or was skipped in the last run")            \
	X(failfast, 'F', BOOL, NULL, RUN,                                      \
	    "cancel the others as soon as one task fails")                     \
	X(features, 0, BOOL, NULL, LOOK,                                       \
	    "list the optimisations and what each spared in the last run")     \
	X(follow, 0, BOOL, NULL, LOOK,                                         \
	    "with --log: go on with a run until it ends")                      \
	X(force, 'f', BOOL, NULL, RUN, "run even what is up to date")          \
	X(force_all, 0, BOOL, NULL, RUN,                                       \
	    "force the called tasks as well as the named ones")                \
	X(global, 'g', BOOL, NULL, WHAT,                                       \
	    "use the Taskfile of the home directory")                          \
	X(graph, 0, STRING, "string", LOOK,                                    \
	    "print the graph of calls: dot, json or mermaid")                  \
	X(help, 'h', BOOL, NULL, SETUP, "print this help")                     \
	X(hook, 0, STRING, "string", GIT,                                      \
	    "git hooks: install, remove, status (then the hook's name)")       \
	X(init, 'i', BOOL, NULL, SETUP, "write a first Taskfile")              \
	X(insecure, 0, BOOL, NULL, REMOTE,                                     \
	    "allow http and unverified https for remote Taskfiles")            \
	X(interactive, 0, BOOL, NULL, RUN,                                     \
	    "ask for required variables that are missing")                     \
	X(interval, 'I', DURATION, "duration", RUN,                            \
	    "wait this long for more changes when watching")                   \
	X(jobs, 0, JOBS, "string", RUN,                                        \
	    "as --concurrency; also max (one per core) and auto (also -jN)")   \
	X(json, 'j', BOOL, NULL, LOOK, "list the tasks as JSON")               \
	X(lint, 0, BOOL, NULL, LOOK,                                           \
	    "check the Taskfile for unknown keys and dead tasks")              \
	X(list, 'l', BOOL, NULL, LOOK, "list the tasks with a description")    \
	X(list_all, 'a', BOOL, NULL, LOOK, "list all tasks")                   \
	X(listen, 0, STRING, "address", SETUP,                                 \
	    "with --serve: ADDRESS:PORT or unix:PATH (127.0.0.1:8377)")        \
	X(load, 0, STRING, "string", RUN,                                      \
	    "start no further job while the machine is busier (80%)")          \
	X(log, 0, BOOL, NULL, LOOK,                                            \
	    "print the logs of the last run (of the named tasks)")             \
	X(mcp, 0, BOOL, NULL, SETUP,                                           \
	    "serve the Model Context Protocol on stdin and stdout")            \
	X(memfree, 0, STRING, "string", RUN,                                   \
	    "start no further job with less memory available (1G)")            \
	X(merge, 0, BOOL, NULL, GIT,                                           \
	    "with --worktrees: merge what the tests changed, if all pass")     \
	X(nested, 0, BOOL, NULL, LOOK, "nest namespaces in the JSON list")     \
	X(no_commit, 0, BOOL, NULL, GIT,                                       \
	    "make no commit, even where tasks ask for one")                    \
	X(no_progress, 0, BOOL, NULL, OUTPUT, "no live status on a terminal")  \
	X(no_receipt, 0, BOOL, NULL, GIT,                                      \
	    "do not trust the receipts of earlier runs")                       \
	X(no_status, 0, BOOL, NULL, LOOK,                                      \
	    "leave up_to_date out of the JSON list")                           \
	X(offline, 0, BOOL, NULL, REMOTE, "use cached remote Taskfiles only")  \
	X(output, 'o', STRING, "string", OUTPUT,                               \
	    "" /* the modes of output/ */)                                     \
	X(output_group_begin, 0, STRING, "string", OUTPUT,                     \
	    "template in front of each group of output")                       \
	X(output_group_end, 0, STRING, "string", OUTPUT,                       \
	    "template behind each group of output")                            \
	X(output_group_error_only, 0, BOOL, NULL, OUTPUT,                      \
	    "show the output of failed commands only")                         \
	X(overflow, 0, STRING, "string", RUN,                                  \
	    "where commands go that find no free slot here: slurm")            \
	X(parallel, 'p', BOOL, NULL, RUN, "run the named tasks side by side")  \
	X(plan, 0, BOOL, NULL, LOOK,                                           \
	    "print what would run, in levels, and how long it takes")          \
	X(plans, 0, STRING, "pattern", RUN,                                    \
	    "with --worktrees: a test of every file (docs/plans/*.md)")        \
	X(push, 0, BOOL, NULL, GIT,                                            \
	    "check, commit where one is owed, then git push")                  \
	X(receipts, 0, BOOL, NULL, LOOK, "list the receipts of passed runs")   \
	X(remote_cache_dir, 0, STRING, "string", REMOTE,                       \
	    "where remote Taskfiles are cached")                               \
	X(report, 0, REPEAT, "kind:file", OUTPUT,                              \
	    "write a report: html, json, junit, trace, markdown, ctrf, otlp")  \
	X(results, 0, STRING, "id", LOOK,                                      \
	    "print the report of a session: its id, or last")                  \
	X(run, 0, STRING, "id", LOOK,                                          \
	    "with --log, --failed, --report: the id of an older run")           \
	X(run_timeout, 0, DURATION, "duration", RUN,                           \
	    "end the whole run after this time")                               \
	X(runs, 0, BOOL, NULL, LOOK,                                           \
	    "list the runs on record: id, time, command, verdict")             \
	X(schema, 0, OPTIONAL, "string", SETUP,                                \
	    "print the JSON schema: taskfile, events or report")               \
	X(serial, 0, BOOL, NULL, RUN, "one job at a time, in declared order")  \
	X(serve, 0, BOOL, NULL, SETUP,                                         \
	    "serve the runs over HTTP, with a page, to who has the token")     \
	X(silent, 's', BOOL, NULL, OUTPUT, "do not print the commands")        \
	X(sort, 0, STRING, "string", LOOK,                                     \
	    "order of lists: default, alphanumeric or none")                   \
	X(stats, 0, BOOL, NULL, LOOK,                                          \
	    "print how long calls take, how often they fail, and hints")       \
	X(status, 0, BOOL, NULL, RUN,                                          \
	    "exit 1 if any named task is not up to date")                      \
	X(summary, 0, BOOL, NULL, LOOK,                                        \
	    "describe the named tasks instead of running them")                \
	X(taskfile, 't', STRING, "string", WHAT,                               \
	    "the Taskfile: a file, a folder, an address, or - for stdin")      \
	X(temp_dir, 0, STRING, "string", WHAT,                                 \
	    "state folder of fingerprints (default .task)")                    \
	X(tests, 0, STRING, "file", RUN,                                       \
	    "with --worktrees: the tests as JSON; - is stdin")                 \
	X(timeout, 0, DURATION, "duration", REMOTE,                            \
	    "how long remote Taskfiles may take to arrive")                    \
	X(trusted_hosts, 0, LIST, "strings", REMOTE,                           \
	    "hosts whose Taskfiles need no confirmation")                      \
	X(verbose, 'v', BOOL, NULL, OUTPUT, "say more about what is done")     \
	X(version, 0, BOOL, NULL, SETUP, "print the version")                  \
	X(wait, 0, STRING, "id", LOOK,                                         \
	    "wait for a run, and end as it does: its id, or last")             \
	X(watch, 'w', BOOL, NULL, RUN, "run again whenever a source changes")  \
	X(within, 0, DURATION, "duration", LOOK,                               \
	    "with --wait: no longer; 75 says that it still runs")              \
	X(worktrees, 0, OPTIONAL, "int", RUN,                                  \
	    "run each task in a git work tree of its own, so many at a time")  \
	X(yes, 'y', BOOL, NULL, RUN, "answer yes to all prompts")

enum option_id {
#define X(name, ...) OPT_##name,
	OPTIONS(X)
#undef X
	OPT_COUNT
};

/* What options are about, for --help and the manual page. */
#define OPTION_GROUPS(X)                                                      \
	X(RUN, "running", "Running")                                          \
	X(WHAT, "what", "What to run")                                        \
	X(OUTPUT, "output", "Output")                                         \
	X(LOOK, "looking", "Looking")                                         \
	X(GIT, "git", "Git")                                                  \
	X(REMOTE, "remote", "Remote Taskfiles")                               \
	X(SETUP, "setup", "Setting up")

enum option_group {
#define X(name, ...) GROUP_##name,
	OPTION_GROUPS(X)
#undef X
	GROUP_COUNT
};

struct option_def {
	const char *name; /* long name with dashes */
	char letter;	  /* 0: none */
	enum setting_kind kind;
	const char *word;
	enum option_group group;
	const char *help;
};
extern const struct option_def option_defs[OPT_COUNT];

struct options {
	struct setting_value v[OPT_COUNT];
	string_vec words;  /* before --, in order */
	string_vec behind; /* after -- */
	bool has_dashes;
	const char *plain; /* an ERR_USAGE in prun's own words */
};

/* Flags as they were given: o->list and so on. */
#define OPT_B(o, name) ((o)->v[OPT_##name].b)
#define OPT_I(o, name) ((o)->v[OPT_##name].i)
#define OPT_S(o, name) option_text(&(o)->v[OPT_##name])
#define OPT_SET(o, name) ((o)->v[OPT_##name].is_set)

static inline const char *
option_text(const struct setting_value *v)
{
	return v->s != NULL ? v->s : "";
}

/* Parses argv[1..]; ERR_USAGE with pflag's text, and o->plain.  gentle_force makes
 * --force-all known (C-017). */
bool options_parse(struct arena *a, int argc, char *const *argv,
    bool gentle_force, struct options *o, struct err *e);
/* The setting that the flag gives a value (enum setting_id); -1: it is an action
 * of the program's. */
int option_setting(enum option_id id);
/* "--dry-run" of an option. */
char *option_flag(struct arena *a, enum option_id id);
/* What it does, for --help and completions. */
const char *option_help(struct arena *a, enum option_id id);
/* The option whose value the word behind `arg` would be (--dir, -d, -xd); -1
 * where there is none. */
int options_wants_value(const char *arg);
/* What the flags say of settings: SETTING_COUNT values, as setting_sources have
 * them. */
void options_flags(const struct options *o, struct setting_value *flags);
/* The words that say the same. */
void options_words(struct arena *a, const struct options *o, string_vec *out);
/* `more` on top of `o`: lists grow, other flags are those of `more`, words and
 * what is behind the dashes stay. */
void options_add(struct arena *a, struct options *o, const struct options *more);
/* Flags that do not go together, or lack another one (C-070 to C-080). */
bool options_check(
    const struct options *o, const struct settings *s, struct err *e);
/* --force-all without gentle_force: neither parsed nor shown. */
bool option_is_hidden(enum option_id id, bool gentle_force);

/* As go-task has it: all flags, by name, with what they are set to. */
void options_help(
    struct sb *out, const struct options *o, const struct settings *s);
/* In prun's own words: what is used most; with `topic` all flags ("all"), or
 * those of one group.  false: there is no such topic. */
bool options_help_plain(
    struct sb *out, const char *topic, const struct settings *s);

#endif
