/* SPDX-License-Identifier: MIT */
/*
 * The reader behind posix.c: recursive descent over a script's text.  All
 * functions return false where the text is not accepted; that is final.
 * For posix*.c alone.
 * May include: base/, posix.h.
 */
#ifndef EXEC_POSIX_READER_H
#define EXEC_POSIX_READER_H

#include "base/map.h"
#include "base/vec.h"
#include "exec/posix.h"

/* ---- variables ----
 *
 * Nothing is run, so what a variable holds is known only by what all
 * assignments of the text, and the environment, could make of it. */

struct posix_name;
typedef VEC(struct posix_name *) posix_names;

struct posix_name {
	const char *name;
	const char *in_env; /* its value there; NULL: it is not */
	bool assigned;
	/* What its value may be that is not ... */
	bool odd;   /* plain: has \ * ? [, or a - where echo takes an option */
	bool wordy; /* a decimal number or empty */
	bool blank; /* anything at all, once it was set */
	posix_names from; /* it may get their values */
	/* What of it is asked. */
	bool must_be_plain, must_be_number, must_be_filled, is_echoed;
	size_t sure_at; /* it has a value from here on; SIZE_MAX: not sure */
	VEC(size_t) seen, set; /* where in the text */
};

/* ---- words ---- */

struct posix_word {
	size_t at, end;    /* in the text */
	const char *text;  /* of its literal parts, without quotes */
	bool literal;      /* there are no others */
	bool quoted;       /* any of it */
	bool expands;      /* a part is an expansion */
	bool glob;         /* a pattern of files */
	bool splits;       /* an expansion that may come to several words */
	bool many;         /* "$@" */
	bool unknown;      /* a part whose value can be anything */
	bool odd;          /* its literal parts are, see above */
	bool number;       /* it is a decimal number, or one arithmetic */
	bool status;       /* it is $? or $# */
	unsigned parts;    /* literal stretches and expansions */
	posix_names names; /* of its other parts */
};

/* What may stand in a word, and where it ends. */
enum posix_place {
	POSIX_ARGUMENT, /* is split, and a pattern of files */
	POSIX_VALUE,    /* of an assignment */
	POSIX_SUBJECT,  /* of case */
	POSIX_PATTERN,  /* of case */
	POSIX_TARGET,   /* of a redirection */
};

struct posix_heredoc {
	const char *end;
	bool quoted, strips;
};

/* A change of the text: `skip` bytes at `at` give way to `with`. */
struct posix_edit {
	size_t at, skip;
	const char *with;
	bool asks; /* ends with what stands before the command: ";" */
};

struct posix_function {
	const char *name;
	bool strict; /* its body has what must not stand in a condition */
};

struct posix_span {
	size_t from, to;
};

struct posix {
	struct arena *a;
	const struct posix_job *job;
	sv text;
	size_t at;
	unsigned depth;
	struct map *names; /* struct posix_name */
	VEC(struct posix_name *) all_names;
	VEC(struct posix_heredoc) heredocs; /* whose bodies are to come */
	VEC(struct posix_edit) edits;
	VEC(struct posix_function) functions;
	/* The last parts of pipes, which bash runs in the shell itself. */
	VEC(struct posix_span) last_parts;

	/* where the reader is */
	bool tested; /* a failure here does not end the shell */
	bool in_function;
	unsigned loops;   /* around, in this process */
	unsigned maybe;   /* above 0: this may not be run */
	unsigned nesting; /* of commands that have others */
	bool is_list;     /* more than one simple command was seen */
	/* The last places + 1 of ... */
	size_t strict_at; /* what must not be `tested` */
	size_t effect_at; /* what changes the shell, but variables */
	size_t jump_at;   /* what leaves a loop or a function */

	/* what was seen */
	bool globs, counts_characters, uses_home, reads_status, unsets_errexit;
	bool echoes; /* something that echo must not look into */
	bool changes_dir, asks_command, opens_files;
	unsigned effects; /* of words: commands and assignments in them */
};

/* posix_reader.c: the text */
char posix_peek(const struct posix *p, size_t ahead); /* '\0': the end */
char posix_take(struct posix *p);
/* Blanks, line continuations and a comment. */
void posix_skip_blanks(struct posix *p);
bool posix_is_blank_to_end(const struct posix *p);
void posix_add_edit(struct posix *p, size_t at, size_t skip, const char *with);
/* What is asked from there on stands where a failure does not end the shell. */
void posix_edits_are_tested(struct posix *p, size_t from);
void posix_edits_sort(struct posix *p);
/* A command in single quotes that stands, for bash, in that line of the text.
 */
void posix_add_at_line(
    const struct posix *p, size_t at, const char *command, struct sb *out);
/* Bounds how deep it goes: pairs. */
bool posix_enter(struct posix *p);
void posix_leave(struct posix *p);

/* posix_names.c */
bool posix_name_is_usable(struct posix *p, const char *name, bool assigned);
struct posix_name *posix_name_at(struct posix *p, const char *name, size_t at);
/* Anything may be in it from here on. */
bool posix_name_set(struct posix *p, const char *name, size_t at);
/* The word is in it. */
bool posix_name_assign(
    struct posix *p, const char *name, const struct posix_word *w);
/* What the text asks of all names is so. */
bool posix_names_hold(struct posix *p);
/* Is the value one that nothing could change or take for an option? */
bool posix_is_plain(sv value);
bool posix_is_number(sv value);

/* posix_words.c */
bool posix_word_read(
    struct posix *p, enum posix_place place, struct posix_word *w);
/* Asks of the word what makes it plain, a number; false: it is not. */
bool posix_word_want_plain(const struct posix_word *w);
bool posix_word_want_number(const struct posix_word *w);
/* Not an empty one either. */
bool posix_word_want_digits(const struct posix_word *w);
/* One word of its own, whatever is in it. */
bool posix_word_is_one(const struct posix_word *w);

/* posix_expand.c: a `$` or a backtick at p->at */
bool posix_expand(struct posix *p, bool quoted, struct posix_word *w);

/* posix_arith.c: behind "$((", to behind "))" */
bool posix_arith(struct posix *p);

/* posix_heredoc.c */
bool posix_heredoc_begin(struct posix *p);
/* Behind a newline: all that wait. */
bool posix_heredoc_bodies(struct posix *p);

/* posix_redirect.c: those at p->at, as far as they go */
struct posix_redirects {
	bool any;
	bool out_is_null;
	bool err_is_elsewhere;
	bool err_is_out; /* messages of the shell itself would be output */
	bool writes;
	struct sb asks; /* the commands that tell whether files can be opened */
};
bool posix_at_redirect(const struct posix *p);
/* Behind a word: is that the number of a descriptor, which dash knows with one
 * digit only? */
bool posix_at_far_descriptor(const struct posix *p);
/* `at`: where the command begins. */
bool posix_redirect_read(struct posix *p, size_t at, struct posix_redirects *r);
/* Puts what it asks before the command from `at` to p->at; false: that would
 * change what the command does. */
bool posix_redirects_ask(
    struct posix *p, size_t at, const struct posix_redirects *r);

/* posix_grammar.c */
/* At least one command, to what ends the list, which is not taken. */
bool posix_list(struct posix *p);
/* In a process of its own, up to `end` and over it ('\0': the end). */
bool posix_subshell(struct posix *p, char end);
/* Does that word of the grammar stand at p->at? */
bool posix_at_keyword(const struct posix *p, const char *word);

/* posix_simple.c: a simple command or the definition of a function */
struct posix_simple {
	size_t at;
	const char *name;
	VEC(struct posix_word) words; /* behind the name */
	struct posix_redirects redirects;
	bool prefixed; /* by assignments */
};
bool posix_simple(struct posix *p);

/* posix_builtins.c: false, too, where it is none that both have alike */
bool posix_is_builtin(const char *name);
bool posix_builtin(struct posix *p, struct posix_simple *c);

#endif
