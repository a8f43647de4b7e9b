/* SPDX-License-Identifier: MIT */
/* The program of regex_nfa.h: instructions, and what matches a rune. */
#ifndef GO_REGEX_PROG_H
#define GO_REGEX_PROG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Instructions, and bounds that all of them may keep at a time. */
#define PROG_MAX       1000000u
#define NFA_BOUNDS_MAX ((size_t)8 << 20)

enum prog_assertion {
	ASSERT_TEXT_BEGIN,
	ASSERT_TEXT_END,
	ASSERT_LINE_BEGIN,
	ASSERT_LINE_END,
	ASSERT_WORD,
	ASSERT_NO_WORD
};

enum inst_op {
	INST_RUNE,  /* one rune of `set` */
	INST_SPLIT, /* `next`, or else `other` */
	INST_JUMP,
	INST_BOUND, /* a group begins or ends */
	INST_ASSERT,
	INST_NEVER,
	INST_MATCH
};

struct prog_set;

struct inst {
	enum inst_op op;
	enum prog_assertion assertion;
	uint32_t next, other;
	uint32_t bound;
	const struct prog_set *set;
};

struct prog {
	struct inst *v;
	size_t n, cap;
};

/* Reads a translated pattern; see nfa_new(). */
struct prog *prog_new(struct arena *a, sv translated, struct err *e);
bool prog_set_has(const struct prog_set *s, uint32_t rune);

#endif
