/* SPDX-License-Identifier: MIT */
/*
 * What a task would run (D-2), as a list of named hashes: commands, directory,
 * environment that it sets or names, the programs it calls.  Two
 * equal lists are the same fingerprint; where they differ, the names say why.
 * Only hashes leave this module, so secrets stay where they are (P-406).
 * May include: base/, template/, compile/.
 */
#ifndef FINGERPRINT_PARTS_H
#define FINGERPRINT_PARTS_H

#include "compile/compile.h"
#include "fingerprint/look.h"

struct part {
	const char *kind; /* "cmd", "task", "dir", "env", "tool", "call",
			   * "cli", and "var", which explains but does not
			   * decide */
	const char *name; /* "2", "CFLAGS", "gcc" */
	uint64_t hash;
};
/* A VEC, and places in it by kind, then name, which recipe.c keeps. */
typedef struct {
	struct part *v;
	size_t n, cap;
	struct map *index;
	/* where the texts that decide go as well, for who needs more than 64
	 * bits of them; NULL: nowhere */
	struct sb *exact;
} part_vec;

struct recipe_input {
	const struct ctask *task;
	const char *root_dir;
	const vars *cli_vars;  /* or NULL */
	const vars *file_vars; /* or NULL */
	struct memo *memo;
	const char *const *ignored_env; /* as in fp_options */
	struct compiler *compiler; /* with `called`: for what calls would run */
	struct called *called;	   /* or NULL: calls count by name */
	/* where programs were found a moment ago: name → path, "" : nowhere;
	 * what is not in it is looked up and goes in.  NULL: nothing is known */
	struct map *programs;
	struct look *look; /* what was seen a moment ago; NULL: all is looked at */
};

/* Texts with their length, so that neighbours cannot run together. */
void recipe_add_text(struct sb *b, const char *s);
void recipe_add_value(struct arena *a, struct sb *b, value v);
void recipe_add_vars(struct arena *a, struct sb *b, const vars *v);

/* What the task itself would run, without its calls and without explanations. */
void recipe_own(struct arena *a, const struct recipe_input *in, part_vec *out);
void recipe_of(struct arena *a, const struct recipe_input *in, part_vec *out);
/* Does `generates` name anything? */
bool recipe_has_outputs(const struct ctask *t);
/* Tells calls with different variables apart, those of the call and those of
 * the command line, where outputs are named by which a mix-up of the two would
 * show (D-2, D-3); else all are one. */
uint64_t variant_of(struct arena *a, const struct recipe_input *in);

/* Words for the difference of two lists, for people: "command changed",
 * "variable changed: CC"; none when they are equal in what decides. */
void recipe_diff(struct arena *a, const part_vec *before, const part_vec *now,
    string_vec *reasons);

#endif
