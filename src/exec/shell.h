/* SPDX-License-Identifier: MIT */
/*
 * From a command's text to an argv: plain words run directly (no shell), the
 * rest through bash -e (POSIX sh where there is no bash) with the options that
 * copy go-task's interpreter: errexit, inherit_errexit, lastpipe (L-210 ff.).
 * May include: base/, shell/.
 */
#ifndef EXEC_SHELL_H
#define EXEC_SHELL_H

#include "base/err.h"
#include "shell/snippet.h"

struct shell {
	const char *path; /* absolute path of bash or sh */
	bool is_bash;
	int bash_major, bash_minor; /* 0 when unknown */
	bool fast; /* plain words run without a shell */
	bool steps; /* snippets that need no shell run without one */
	bool asks; /* even what `echo` and the like come to is asked of it */
	const char *dash;    /* runs what it and bash do alike; NULL: nothing */
	bool no_dash;        /* it is not to */
	struct map *answers; /* what shell_lacks() asked; NULL: not kept */
	struct map *locales; /* what shell_plan_hush() remembers; NULL: it
			      * looks each time */
};

/* Finds the shell: bash on PATH (where there are several, the newest), else
 * sh.  `path_env` is PATH.  Lives in `a`. */
bool shell_find(struct arena *a, const char *path_env, struct shell *out,
    struct err *e);

/* Sets out->dash, where there is one and the shell is bash. */
void shell_find_dash(struct arena *a, const char *path_env, struct shell *out);

/* Is there a bash on that PATH?  Starts nothing. */
bool shell_has_bash(struct arena *a, const char *path_env);

/* What a text comes to. */
enum shell_plan_kind {
	SHELL_NOTHING, /* blank or comment: succeeds at once */
	SHELL_STATUS,  /* `true`, `false`, `exit N`, `:` : known status */
	SHELL_ECHO,    /* `echo WORDS`: `text` on stdout, success */
	SHELL_REFUSED, /* cannot be run: `text` on stderr, `status` 127 (M-48) */
	SHELL_STEPS,   /* `snippet` runs step by step, with `options` */
	SHELL_DIRECT,  /* argv[0] found at `program`, no shell */
	SHELL_SCRIPT,  /* argv starts the shell `program` */
	SHELL_INVALID, /* bad set/shopt: *e has M-89; or M-95 */
};
struct shell_plan {
	enum shell_plan_kind kind;
	int status;
	sv text;
	const char *program;
	const char *const *argv;
	const struct snippet *snippet;
	struct snippet_options options;
	bool whole; /* SCRIPT: wrapped so that it is parsed before it runs */
	const char *script; /* SCRIPT: the text as the shell gets it */
	size_t script_at;   /* its place in argv */
	bool by_dash;       /* SCRIPT: it runs in bash's place */
	bool by_descriptor; /* the shell reads it at SHELL_FD instead */
};
/* A descriptor of one digit, since sh knows no others. */
enum { SHELL_FD = 9 };
/* `env` is the job's environment (for PATH; NULL: prun's own); `set` and
 * `shopt` NULL-ended or NULL; `dir` NULL: prun's own.  Never spawns. */
void shell_plan(struct arena *a, const struct shell *sh, const char *text,
    const char *const *set, const char *const *shopt, const char *dir,
    char *const *env, struct shell_plan *out, struct err *e);

/* Does dash run the text in bash's place?  Then *out is how.  For shell_plan().
 */
bool shell_plan_by_dash(struct arena *a, const struct shell *sh,
    const char *text, const char *const *set, const char *const *shopt,
    const char *dir, char *const *env, struct shell_plan *out);
/* The environment for that.  For shell_plan_hush(). */
char *const *shell_dash_env(struct arena *a, char *const *env);

/* The text of a script leaves the argv, which everybody can see with ps and
 * which the system bounds: the shell reads it at SHELL_FD, and closes that. Not
 * for dash in bash's place (sh->no_dash). */
void shell_plan_hide(struct arena *a, const struct shell *sh,
    struct shell_plan *plan);
/* Is the script too long for an argument? */
bool shell_plan_is_long(const struct shell_plan *plan);

/* What the plan's shell is to be started with in place of `env` (NULL: prun's
 * own).  Where LC_ALL is not installed bash warns at its start, and go-task's
 * shell does not: the plan's script then sets it, without a word.  Before
 * shell_plan_hide(). */
char *const *shell_plan_hush(struct arena *a, const struct shell *sh,
    char *const *env, struct shell_plan *plan);
/* The same for an argv of shell_argv_of_file(). */
char *const *shell_file_hush(struct arena *a, const struct shell *sh,
    char *const *env, const char *const **argv);
/* The environment (NULL: prun's own) in the locale C, whose messages can be
 * read. */
char *const *shell_env_plain(struct arena *a, char *const *env);

/* Is what the text comes to known without a process (SHELL_NOTHING, SHELL_STATUS,
 * SHELL_ECHO)? */
bool shell_is_known(struct arena *a, const struct shell *sh, const char *text,
    const char *const *set, char *const *env);

/* Where `name` is on the PATH of `env`, with Go's rules (L-219): a regular file
 * that may be executed.  NULL when there is none; then *why is the reference's
 * text without a newline. */
const char *shell_look_up(struct arena *a, const char *name, const char *dir,
    char *const *env, const char **why);

/* The argv that runs a program file without a shebang (L-220); its $0 is the
 * path as it was written. */
const char *const *shell_argv_of_file(struct arena *a, const struct shell *sh,
    const char *program, const char *const *argv);

/* Appends a word, of any shell, that stands for the text. */
void shell_add_word(struct sb *out, const char *text);

/* Whether the shell can parse a plan's script; false with M-95 in
 * *e.  Starts a process, so it is asked only of scripts that failed. */
bool shell_can_parse(const struct shell *sh, const char *text, struct err *e);

#endif
