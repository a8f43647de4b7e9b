/* SPDX-License-Identifier: MIT */
/*
 * A pattern that regex_parse.c has written, read again: into a tree, and that
 * into instructions as Go's compiler makes them, which decides which of several
 * ways is preferred.  The pattern has been accepted by PCRE2, so there is
 * nothing to complain of but size.
 */
#include "go/regex_prog.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"

/* ---- what matches a rune ---- */

/* PCRE2 knows what a class has, and what folds into what: it is asked once for
 * each ASCII character, and for the others one by one. */
struct prog_set {
	enum {
		SET_ONE,
		SET_ANY,
		SET_NO_NEWLINE,
		SET_CLASS
	} kind;
	uint32_t rune; /* SET_ONE */
	pcre2_code *code;
	pcre2_match_data *data;
	bool ascii[128];
};

static void
prog_set_free(void *arg)
{
	struct prog_set *s = arg;

	pcre2_match_data_free(s->data);
	pcre2_code_free(s->code);
}

static bool
class_has(const struct prog_set *s, uint32_t rune)
{
	struct sb text cleanup_sb = SB_INIT;

	sb_add_rune(&text, rune);
	return pcre2_match(s->code, (PCRE2_SPTR)text.p, text.n, 0, 0, s->data,
		   NULL) > 0;
}

bool
prog_set_has(const struct prog_set *s, uint32_t rune)
{
	switch (s->kind) {
	case SET_ONE:
		return rune == s->rune;
	case SET_ANY:
		return true;
	case SET_NO_NEWLINE:
		return rune != '\n';
	case SET_CLASS:
		return rune < 128 ? s->ascii[rune] : class_has(s, rune);
	}
	return false;
}

/* ---- the tree ---- */

enum node_kind {
	NODE_NEVER,
	NODE_RUNE,
	NODE_ASSERT,
	NODE_CAT,
	NODE_ALT,
	NODE_CAPTURE,
	NODE_REPEAT
};

struct node {
	enum node_kind kind;
	bool nullable; /* may match nothing */
	bool lazy;
	int min, max; /* NODE_REPEAT; max < 0: no bound */
	unsigned group;
	enum prog_assertion assertion;
	const struct prog_set *set;
	VEC(struct node *) list; /* one for CAPTURE and REPEAT */
};

struct reader {
	struct arena *a;
	sv s;
	size_t at;
	bool fold;
	unsigned groups;
	struct map *sets;
	struct prog *prog;
};

static struct node *read_alternatives(struct reader *r);

static struct node *
prog_node(struct reader *r, enum node_kind kind)
{
	struct node *n = arena_new_of(r->a, struct node);

	n->kind = kind;
	n->nullable = kind == NODE_ASSERT || kind == NODE_CAT;
	return n;
}

static bool
take(struct reader *r, sv word)
{
	if (!sv_starts(sv_sub(r->s, r->at, SIZE_MAX), word))
		return false;
	r->at += word.n;
	return true;
}

static bool
is_at(const struct reader *r, char c)
{
	return r->at < r->s.n && r->s.p[r->at] == c;
}

static struct prog_set *
new_class(struct reader *r, sv text)
{
	struct prog_set *s = arena_new_of(r->a, struct prog_set);
	PCRE2_SIZE at;
	int code;

	s->kind = SET_CLASS;
	s->code = pcre2_compile((PCRE2_SPTR)text.p, text.n,
	    PCRE2_UTF | PCRE2_ANCHORED, &code, &at, NULL);
	if (s->code == NULL)
		BUG("a part of a regular expression is none");
	s->data = pcre2_match_data_create_from_pattern(s->code, NULL);
	if (s->data == NULL)
		BUG("no memory for a regular expression");
	arena_defer(r->a, prog_set_free, s);
	for (uint32_t c = 0; c < 128; c++)
		s->ascii[c] = class_has(s, c);
	return s;
}

/* The item from `from` to where the reader stands. */
static const struct prog_set *
set_of(struct reader *r, size_t from, bool one, uint32_t rune)
{
	sv item = sv_sub(r->s, from, r->at - from), text = item;
	struct prog_set *s;

	if (r->fold)
		text = sv_of(arena_printf(r->a, "(?i)%.*s", SV_ARG(item)));
	s = map_get(r->sets, text);
	if (s != NULL)
		return s;
	if (sv_is(item, "(?s:.)") || sv_is(item, "[^\\n]") ||
	    (one && !r->fold)) {
		s = arena_new_of(r->a, struct prog_set);
		s->kind = one                     ? SET_ONE
			  : sv_is(item, "[^\\n]") ? SET_NO_NEWLINE
						  : SET_ANY;
		s->rune = rune;
	} else {
		s = new_class(r, text);
	}
	map_put(r->sets, text, s);
	return s;
}

static struct node *
read_rune(struct reader *r)
{
	struct node *n = prog_node(r, NODE_RUNE);
	size_t from = r->at;
	uint32_t rune = 0;
	bool one = false;

	if (is_at(r, '[')) {
		/* all that is special in it is spelled \x{…} */
		r->at = (size_t)sv_find_char(r->s, ']', from) + 1;
	} else if (!take(r, SV("(?s:.)"))) {
		one = true;
		if (take(r, SV("\\x{"))) {
			for (; !is_at(r, '}'); r->at++)
				rune = rune * 16 +
				       (uint32_t)hex_value(
					   (unsigned char)r->s.p[r->at]);
		} else {
			rune = (unsigned char)r->s.p[r->at];
		}
		r->at++;
	}
	n->set = set_of(r, from, one, rune);
	return n;
}

static struct node *
read_assertion(struct reader *r)
{
	static const struct {
		const char *text;
		enum prog_assertion what;
	} all[] = {
		{ "\\A", ASSERT_TEXT_BEGIN },
		{ "\\z", ASSERT_TEXT_END },
		{ "\\b", ASSERT_WORD },
		{ "\\B", ASSERT_NO_WORD },
		{ "(?<![^\\n])", ASSERT_LINE_BEGIN },
		{ "(?![^\\n])", ASSERT_LINE_END },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct node *n;

		if (!take(r, sv_of(all[i].text)))
			continue;
		n = prog_node(r, NODE_ASSERT);
		n->assertion = all[i].what;
		return n;
	}
	return NULL;
}

static struct node *
prog_read_group(struct reader *r, bool captures)
{
	unsigned group = captures ? ++r->groups : 0;
	bool fold = r->fold;
	struct node *inner = read_alternatives(r), *n = inner;

	r->fold = fold;
	r->at++; /* the parenthesis */
	if (captures) {
		n = prog_node(r, NODE_CAPTURE);
		n->group = group;
		n->nullable = inner->nullable;
		vec_push(r->a, &n->list, inner);
	}
	return n;
}

static struct node *
read_atom(struct reader *r)
{
	struct node *n = read_assertion(r);

	if (n != NULL)
		return n;
	if (take(r, SV("(?!)")))
		return prog_node(r, NODE_NEVER);
	if (sv_starts(sv_sub(r->s, r->at, SIZE_MAX), SV("(?s:.)")))
		return read_rune(r);
	if (take(r, SV("(?:")))
		return prog_read_group(r, false);
	if (take(r, SV("(")))
		return prog_read_group(r, true);
	return read_rune(r);
}

static int
prog_number(struct reader *r)
{
	int n = 0;

	while (r->at < r->s.n && r->s.p[r->at] >= '0' && r->s.p[r->at] <= '9')
		n = n * 10 + (r->s.p[r->at++] - '0');
	return n;
}

/* An operator behind an item; false: there is none. */
static bool
read_counts(struct reader *r, int *min, int *max)
{
	*min = 0;
	*max = -1;
	if (take(r, SV("*")))
		return true;
	if (take(r, SV("+"))) {
		*min = 1;
		return true;
	}
	if (take(r, SV("?"))) {
		*max = 1;
		return true;
	}
	if (!take(r, SV("{")))
		return false;
	*min = *max = prog_number(r);
	if (take(r, SV(",")))
		*max = is_at(r, '}') ? -1 : prog_number(r);
	r->at++;
	return true;
}

static struct node *
read_piece(struct reader *r)
{
	struct node *item = read_atom(r), *n;
	int min, max;

	if (!read_counts(r, &min, &max))
		return item;
	n = prog_node(r, NODE_REPEAT);
	n->lazy = take(r, SV("?"));
	n->min = min;
	n->max = max;
	n->nullable = min == 0 || item->nullable;
	vec_push(r->a, &n->list, item);
	return n;
}

static struct node *
prog_read_sequence(struct reader *r)
{
	struct node *n = prog_node(r, NODE_CAT), *piece;

	while (r->at < r->s.n && !is_at(r, '|') && !is_at(r, ')')) {
		if (take(r, SV("(?i)"))) {
			r->fold = true;
			continue;
		}
		if (take(r, SV("(?-i)"))) {
			r->fold = false;
			continue;
		}
		piece = read_piece(r);
		n->nullable &= piece->nullable;
		vec_push(r->a, &n->list, piece);
	}
	return n;
}

static struct node *
read_alternatives(struct reader *r)
{
	struct node *n = prog_node(r, NODE_ALT), *one;

	do {
		one = prog_read_sequence(r);
		n->nullable |= one->nullable;
		vec_push(r->a, &n->list, one);
	} while (take(r, SV("|")));
	return n;
}

/* ---- instructions: each piece goes on at what is written next ---- */

/* Past the bound the last one is written over and over. */
static uint32_t
prog_emit(struct reader *r, enum inst_op op)
{
	struct prog *p = r->prog;
	struct inst i = { .op = op };

	if (p->n <= PROG_MAX)
		vec_push(r->a, p, i);
	p->v[p->n - 1].op = op;
	p->v[p->n - 1].next = (uint32_t)p->n;
	return (uint32_t)p->n - 1;
}

static void prog_write_node(struct reader *r, const struct node *n);

/* A choice at `at`: to go in, which follows, or to go out. */
static void
prog_choose(struct reader *r, uint32_t at, uint32_t in, uint32_t out, bool lazy)
{
	r->prog->v[at].next = lazy ? out : in;
	r->prog->v[at].other = lazy ? in : out;
}

static void
write_plus(struct reader *r, const struct node *item, bool lazy)
{
	uint32_t begin = (uint32_t)r->prog->n, at;

	prog_write_node(r, item);
	at = prog_emit(r, INST_SPLIT);
	prog_choose(r, at, begin, (uint32_t)r->prog->n, lazy);
}

/* One that may match nothing is (x+)?, so that nothing is found once. */
static void
write_star(struct reader *r, const struct node *item, bool lazy)
{
	uint32_t at = prog_emit(r, INST_SPLIT), back;

	if (item->nullable) {
		write_plus(r, item, lazy);
	} else {
		prog_write_node(r, item);
		back = prog_emit(r, INST_JUMP);
		r->prog->v[back].next = at;
	}
	prog_choose(r, at, at + 1, (uint32_t)r->prog->n, lazy);
}

static void
write_repeat(struct reader *r, const struct node *n)
{
	const struct node *item = n->list.v[0];
	VEC(uint32_t) splits = { 0 };

	for (int i = 0; i < n->min - (n->max < 0) && r->prog->n <= PROG_MAX;
	     i++)
		prog_write_node(r, item);
	if (n->max < 0 && n->min > 0)
		write_plus(r, item, n->lazy);
	else if (n->max < 0)
		write_star(r, item, n->lazy);
	/* x{0,2} is (x(x)?)? */
	for (int i = n->min; i < n->max && r->prog->n <= PROG_MAX; i++) {
		vec_push(r->a, &splits, prog_emit(r, INST_SPLIT));
		prog_write_node(r, item);
	}
	for (size_t i = 0; i < splits.n; i++)
		prog_choose(r, splits.v[i], splits.v[i] + 1,
		    (uint32_t)r->prog->n, n->lazy);
}

static void
write_alternatives(struct reader *r, const struct node *n)
{
	VEC(uint32_t) jumps = { 0 };

	for (size_t i = 0; i < n->list.n && r->prog->n <= PROG_MAX; i++) {
		bool last = i + 1 == n->list.n;
		uint32_t at = last ? 0 : prog_emit(r, INST_SPLIT);

		prog_write_node(r, n->list.v[i]);
		if (last)
			break;
		vec_push(r->a, &jumps, prog_emit(r, INST_JUMP));
		prog_choose(r, at, at + 1, (uint32_t)r->prog->n, false);
	}
	for (size_t i = 0; i < jumps.n; i++)
		r->prog->v[jumps.v[i]].next = (uint32_t)r->prog->n;
}

static void
prog_write_node(struct reader *r, const struct node *n)
{
	uint32_t at;

	switch (n->kind) {
	case NODE_NEVER:
		prog_emit(r, INST_NEVER);
		break;
	case NODE_RUNE:
		at = prog_emit(r, INST_RUNE);
		r->prog->v[at].set = n->set;
		break;
	case NODE_ASSERT:
		at = prog_emit(r, INST_ASSERT);
		r->prog->v[at].assertion = n->assertion;
		break;
	case NODE_CAT:
		for (size_t i = 0; i < n->list.n && r->prog->n <= PROG_MAX; i++)
			prog_write_node(r, n->list.v[i]);
		break;
	case NODE_ALT:
		write_alternatives(r, n);
		break;
	case NODE_CAPTURE:
		at = prog_emit(r, INST_BOUND);
		r->prog->v[at].bound = 2 * n->group;
		prog_write_node(r, n->list.v[0]);
		at = prog_emit(r, INST_BOUND);
		r->prog->v[at].bound = 2 * n->group + 1;
		break;
	case NODE_REPEAT:
		write_repeat(r, n);
		break;
	}
}

struct prog *
prog_new(struct arena *a, sv translated, struct err *e)
{
	struct prog *p = arena_new_of(a, struct prog);
	struct reader r = {
		.a = a, .s = translated, .sets = map_new(a), .prog = p
	};

	prog_write_node(&r, read_alternatives(&r));
	prog_emit(&r, INST_MATCH);
	if (p->n <= PROG_MAX)
		return p;
	err_set(e, ERR_GENERIC, "regexp: expression too large");
	return NULL;
}
