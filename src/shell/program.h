/* SPDX-License-Identifier: MIT */
/*
 * A snippet that was read: a list of operations with jumps, whose commands are
 * words made of parts.  For the files of shell/ alone.
 * May include: base/, names.h, snippet.h.
 */
#ifndef SHELL_PROGRAM_H
#define SHELL_PROGRAM_H

#include "base/vec.h"
#include "shell/snippet.h"

/* ${NAME…} */
enum var_op {
	VAR_PLAIN,
	VAR_LENGTH,      /* ${#x} */
	VAR_DEFAULT,     /* ${x-w} */
	VAR_ASSIGN,      /* ${x=w} */
	VAR_OTHER,       /* ${x+w} */
	VAR_PREFIX,      /* ${x#p} */
	VAR_PREFIX_LONG, /* ${x##p} */
	VAR_SUFFIX,      /* ${x%p} */
	VAR_SUFFIX_LONG, /* ${x%%p} */
};

enum part_kind {
	PART_TEXT,
	PART_VARIABLE,
	PART_STATUS, /* $? */
	PART_TILDE,  /* ~ at the beginning: $HOME */
};

struct word;
struct word_part {
	enum part_kind kind;
	bool quoted;
	sv text; /* TEXT; VARIABLE: its name */
	enum var_op op;
	bool colon;              /* ${x:-w}: empty is as unset */
	const struct word *word; /* behind the operator; or NULL */
};
struct word {
	VEC(struct word_part) parts;
};

struct assignment {
	sv name;
	const struct word *value; /* NULL: `export NAME` */
};

enum redirect_kind {
	REDIRECT_IN,     /* < */
	REDIRECT_OUT,    /* > */
	REDIRECT_APPEND, /* >> */
	REDIRECT_COPY,   /* 2>&1 */
	REDIRECT_BOTH,   /* &> */
};
struct redirect {
	enum redirect_kind kind;
	int fd;
	int from; /* COPY */
	const struct word *target;
};

enum builtin {
	BUILTIN_NONE, /* a program */
	BUILTIN_TRUE, /* : too */
	BUILTIN_FALSE,
	BUILTIN_ECHO,
	BUILTIN_PRINTF,
	BUILTIN_TEST,
	BUILTIN_BRACKET,
	BUILTIN_PWD,
	BUILTIN_CD,
	BUILTIN_EXIT,
	BUILTIN_SET,
	BUILTIN_EXPORT,
	BUILTIN_UNSET,
	BUILTIN_READ, /* behind a pipe */
};

struct simple {
	VEC(struct assignment) before; /* in front of the command */
	VEC(struct word) words;
	VEC(struct redirect) redirects;
	VEC(struct assignment) exports; /* EXPORT; UNSET: names */
	enum builtin builtin;
	unsigned line;
	sv source;    /* for what bash says of a killed one */
	bool checked; /* its failure ends the snippet (errexit) */
	struct snippet_options on, off; /* SET */
};

/* for NAME in WORDS */
struct for_loop {
	sv name;
	VEC(struct word) words;
	size_t depth; /* of loops in each other */
};

enum op_code {
	OP_RUN,
	OP_NOT,     /* !: the status is turned round */
	OP_SUCCEED, /* the status is 0 */
	OP_GOTO,
	OP_IF_OK,     /* goes to `to` when the status is 0 */
	OP_IF_FAILED, /* when it is not */
	OP_FOR,
	OP_PIPE,      /* what the next command prints is kept */
	OP_PIPE_READ, /* and read by those that follow */
	OP_PIPE_END,
	OP_NEXT, /* the loop's next turn; to `to` behind the last */
};
struct op {
	enum op_code code;
	size_t to;
	bool checked; /* PIPE_END: a failure ends the snippet */
	struct simple *simple;
	struct for_loop *loop;
};

enum {
	SNIPPET_MAX = 64 * 1024, /* bytes of text */
	NESTED_MAX = 32,         /* constructs in each other */
	/* Nothing else happens in prun while builtins run: so many commands,
	 * loops counted, so many words in a loop, and such values to be looked
	 * through for patterns. */
	WORK_MAX = 50000,
	LOOP_WORDS_MAX = 100,
	PATTERN_VALUE_MAX = 4096,
	MEMORY_MAX = 64 * 1024 * 1024,
};

typedef VEC(sv) sv_vec;

struct snippet {
	VEC(struct op) ops;
	sv_vec reads;   /* variables that it reads */
	sv_vec writes;  /* and those that it sets */
	sv_vec whole;   /* those whose value must be one plain word */
	sv_vec listed;  /* those whose value must have no pattern */
	sv_vec lengths; /* those whose characters are counted */
	bool ascii;     /* there is nothing else in the text */
	bool uses_home;
	bool has_programs;
	bool has_pipes;
	bool sets_options;  /* nounset or pipefail */
	bool has_patterns;  /* ${x%p} and its like */
	size_t work;        /* commands that may run */
	bool has_dirs;      /* it uses cd */
	unsigned last_line; /* where bash is when it has read all of it */
	size_t loops;       /* in each other, at most */
};

/* read_word.c: reading a word. */
struct snippet_reader {
	struct arena *a;
	sv text;
	size_t at;
	unsigned line;
	unsigned depth;
	bool behind_pipe;
	size_t weight; /* how often what is read may run */
	struct snippet *s;
	bool refused;
};

static inline int
reader_peek(const struct snippet_reader *r, size_t ahead)
{
	return r->at + ahead < r->text.n
		   ? (unsigned char)r->text.p[r->at + ahead]
		   : -1;
}

static inline bool
reader_refuse(struct snippet_reader *r)
{
	r->refused = true;
	return false;
}

enum word_use {
	WORD_FIELDS, /* becomes words: split, and patterns are expanded */
	WORD_VALUE,  /* of an assignment */
	WORD_WHOLE,  /* must come to one word: of a redirection, cd */
	WORD_LIST,   /* of `for`: must come to words without patterns */
};
/* false: refused.  Leaves r->at behind the word. */
bool word_read(struct snippet_reader *r, enum word_use use, struct word *out);
/* read_simple.c: a simple command, whose first character is at r->at; false:
 * refused. */
bool simple_read(struct snippet_reader *r, struct simple *out);
/* Blanks and continued lines. */
void reader_skip_blanks(struct snippet_reader *r);
/* The length of the name at that place; 0: there is none. */
size_t name_length(sv text, size_t at);
/* May a snippet set it? */
bool name_may_be_set(sv name);
/* The literal text of a word without anything to expand or quoted parts; an
 * empty sv: it has some. */
sv word_literal(const struct word *w);

#endif
