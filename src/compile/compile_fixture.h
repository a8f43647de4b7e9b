/* SPDX-License-Identifier: MIT */
/*
 * Runs calls of a Taskfile for tests without a process: compiles them, and has
 * a tiny pure shell give the answers and the output.
 */
#ifndef COMPILE_FIXTURE_H
#define COMPILE_FIXTURE_H

#include "compile/compile.h"
#include "tree.h"

struct fixture {
	struct tree *tree; /* its folder is the root directory */
	struct arena *a;
	struct taskfile *file;
	struct compiler c;
	struct sb out;	    /* what commands print, and echo lines */
	bool echo;	    /* print `task: [name] cmd` too */
	string_vec shells;  /* every command of an sh: that ran */
	int side_by_side;   /* most needs at once */
};

/* Loads Taskfile.yml of the tree; os_env: "NAME=value", NULL at the end. */
bool fix_load(struct fixture *f, struct tree *tree, const char *const *os_env,
    struct err *e);
void fix_free(struct fixture *f);
/* Sets the words of the command line; returns the tasks. */
string_vec fix_words(struct fixture *f, const struct cli_words *w);
/* Root dotenv files. */
bool fix_globals(struct fixture *f, struct err *e);
/* Compiles a call with the shell's answers; NULL on error. */
struct ctask *fix_compile(struct fixture *f, const struct call *call,
    enum compile_mode mode, struct err *e);
/* Runs a call: deps, commands, deferred ones. */
bool fix_run(struct fixture *f, const struct call *call, struct err *e);
/* The pure shell: echo with $NAME, pwd, exit, true; several joined by `;`. */
int fix_shell(struct fixture *f, const char *cmd, const char *dir,
    char *const *env, struct sb *out);

#endif
