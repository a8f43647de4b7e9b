/* SPDX-License-Identifier: MIT */
/*
 * A snippet that runs: what its files share.  For the files of shell/ alone.
 * May include: base/, names.h, program.h, snippet.h.
 */
#ifndef SHELL_RUN_H
#define SHELL_RUN_H

#include "shell/program.h"

/* What the snippet has set or unset; the rest is in the environment. */
struct variable {
	sv name;
	const char *value; /* NULL: unset */
	bool exported;
};
typedef VEC(struct variable) variable_vec;

/* Where a program was found first. */
struct found {
	const char *name, *path;
};

typedef VEC(const char *) argv_vec;

/* One argument while it is put together: which bytes came from an expansion
 * without quotes, where bash looks for patterns. */
struct fields {
	argv_vec argv;
	VEC(const char *) masks; /* NULL: it has no pattern */
	bool has_pattern;
	struct sb text, mask;
	bool in_word;
	bool pattern_here;
};

/* One loop that is under way. */
struct loop_state {
	argv_vec words;
	size_t next;
};

enum run_phase {
	PHASE_STEP,
	PHASE_PRINTED, /* what a builtin prints is on its way */
	PHASE_PROGRAM, /* a program runs */
	PHASE_BASH,    /* bash runs one command */
	PHASE_LAST,    /* bash says why the snippet is over */
	PHASE_KILLED,  /* what bash says of a killed program is on its way */
	PHASE_SAYING,  /* bash prints what could not be printed here */
	PHASE_OVER,
};

struct snippet_run {
	struct arena *a;
	const struct snippet *s;
	size_t memory_before;
	char *const *env;
	variable_vec variables;
	VEC(struct found) found;
	const char *dir;
	struct snippet_options options;
	size_t pc;
	int status;
	enum run_phase phase;
	int killed_by; /* a signal that ends the shell; or 0 */
	bool over;
	struct loop_state loops[NESTED_MAX];
	const char *unset; /* the variable that ends it (nounset); or NULL */
	/* of the command that runs */
	const struct simple *simple;
	struct fields fields;
	struct snippet_sink sink[3];
	VEC(int) open;
	struct sb out; /* what the builtin prints */
	/* A pipe between builtins: what the first has printed, and how much of
	 * it has been read. */
	bool piping;
	struct sb pipe;
	size_t pipe_at;
	int pipe_fd; /* where bash writes it; 0: nowhere */
	struct snippet_want want;
};

/* variables.c */
/* NULL: it is unset. */
const char *variable_get(const struct snippet_run *r, sv name);
void variable_set(struct snippet_run *r, sv name, const char *value);
void variable_unset(struct snippet_run *r, sv name);
void variable_export(struct snippet_run *r, sv name);
/* The environment of a program, with the assignments in front of it, and `_`
 * where `path` is not NULL. */
char *const *run_environment(
    struct snippet_run *r, const variable_vec *before, const char *path);
const char *env_get(char *const *env, sv name);

/* expand.c */
/* false: a variable is unset that must not be (r->unset). */
bool word_add_fields(
    struct snippet_run *r, const struct word *w, struct fields *out);
/* Without splitting; NULL likewise. */
const char *word_value(struct snippet_run *r, const struct word *w);
void fields_free(struct fields *f);

/* pattern.c: the value without what the pattern (plain characters and *)
 * matches of it. */
sv pattern_strip(sv value, sv pattern, enum var_op op);

/* builtin.c: what a builtin came to. */
enum builtin_end {
	BUILTIN_ENDED,  /* r->status is set, r->out has what it prints */
	BUILTIN_BASHES, /* bash is to run it: it knows, or says why not */
	BUILTIN_LEAVES, /* the snippet is over */
};
enum builtin_end builtin_run(struct snippet_run *r, const struct simple *c,
    const char *const *argv, size_t argc);
/* test.c, printf.c, pipe.c, directory.c */
enum builtin_end builtin_test(
    struct snippet_run *r, const char *const *argv, size_t argc);
enum builtin_end builtin_printf(
    struct snippet_run *r, const char *const *argv, size_t argc);
enum builtin_end builtin_read(
    struct snippet_run *r, const char *const *argv, size_t argc);
enum builtin_end builtin_cd(
    struct snippet_run *r, const char *const *argv, size_t argc);
/* A path as the snippet's own folder makes it. */
const char *run_path(struct snippet_run *r, const char *path);
/* Files that are another's in another process. */
bool path_is_strange(struct snippet_run *r, const char *path);

/* pipe.c */
/* What is wanted of bash shall write into a file, where it leads into the pipe.
 */
void pipe_lend(struct snippet_run *r);
/* What bash wrote there. */
void pipe_take_back(struct snippet_run *r);

/* redirect.c */
enum {
	SINK_PIPE = -3 /* the next command of a pipe; never seen outside */
};
/* r->sink for the command; false: bash is to do it, or to say why not.  Or
 * r->unset is set. */
bool redirects_open(struct snippet_run *r, const struct simple *c);
void redirects_close(struct snippet_run *r);

/* find.c: where the program is that a command names; NULL: bash has to say why
 * there is none. */
const char *program_find(struct snippet_run *r, const char *name);

/* delegate.c: scripts for bash. */
/* The command as it came to be; `redirects`: with these as well. */
const char *script_of_command(
    struct snippet_run *r, const struct simple *c, bool redirects);
const char *script_of_unset(struct snippet_run *r);
const char *script_of_text(struct snippet_run *r, int slot, sv text);

#endif
