/* SPDX-License-Identifier: MIT */
/* From the program to a match; regex_prog.c makes the program. */
#include "go/regex_nfa.h"

#include "base/utf8.h"
#include "go/regex_prog.h"

/* Instructions that wait for the same rune, in order of preference. */
struct queue {
	size_t n;
	uint32_t *pcs;
	uint32_t *place; /* instruction → where it stands, if it does */
	size_t *bounds;  /* of each place, n_bounds of them */
};

/* What is left to be done of an instruction that was followed: another one, or
 * a bound to be put back. */
struct todo {
	uint32_t pc;
	bool restores;
	size_t bound, value;
};

struct nfa {
	struct prog *prog;
	size_t n_bounds;
	struct queue now, next;
	struct todo *todo;
	size_t *bounds; /* while ways are followed */
};

struct nfa *
nfa_new(struct arena *a, sv translated, size_t groups, struct err *e)
{
	struct nfa *n = arena_new_of(a, struct nfa);
	struct queue *queues[] = { &n->now, &n->next };
	size_t size;

	n->prog = prog_new(a, translated, e);
	if (n->prog == NULL)
		return NULL;
	size = n->prog->n;
	n->n_bounds = 2 * groups;
	if (size > PROG_MAX || size * n->n_bounds > NFA_BOUNDS_MAX) {
		err_set(e, ERR_GENERIC, "regexp: expression too large");
		return NULL;
	}
	for (int i = 0; i < 2; i++) {
		queues[i]->pcs = arena_alloc(a, size * sizeof(uint32_t));
		queues[i]->place = arena_alloc(a, size * sizeof(uint32_t));
		queues[i]->bounds =
		    arena_alloc(a, size * n->n_bounds * sizeof(size_t));
	}
	n->todo = arena_alloc(a, (2 * size + 2) * sizeof(*n->todo));
	n->bounds = arena_alloc(a, n->n_bounds * sizeof(size_t));
	return n;
}

static bool
is_in(const struct queue *q, uint32_t pc)
{
	return q->place[pc] < q->n && q->pcs[q->place[pc]] == pc;
}

static bool
is_word(sv text, size_t at)
{
	char c = at < text.n ? text.p[at] : ' ';

	return c == '_' || (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool
holds_at(enum prog_assertion what, sv text, size_t at)
{
	bool word_before = at > 0 && is_word(text, at - 1);

	switch (what) {
	case ASSERT_TEXT_BEGIN:
		return at == 0;
	case ASSERT_TEXT_END:
		return at == text.n;
	case ASSERT_LINE_BEGIN:
		return at == 0 || text.p[at - 1] == '\n';
	case ASSERT_LINE_END:
		return at == text.n || text.p[at] == '\n';
	case ASSERT_WORD:
		return word_before != is_word(text, at);
	case ASSERT_NO_WORD:
		return word_before == is_word(text, at);
	}
	return false;
}

/* Puts what waits for a rune, on all ways from `pc` on, at the end of the
 * queue; the best way to an instruction comes first, others do not count. */
static void
follow(struct nfa *n, struct queue *q, uint32_t pc, sv text, size_t at)
{
	size_t top = 0;

	n->todo[top++] = (struct todo){ .pc = pc };
	while (top > 0) {
		struct todo t = n->todo[--top];
		const struct inst *i = &n->prog->v[t.pc];

		if (t.restores) {
			n->bounds[t.bound] = t.value;
			continue;
		}
		if (is_in(q, t.pc))
			continue;
		q->place[t.pc] = (uint32_t)q->n;
		q->pcs[q->n] = t.pc;
		if (i->op == INST_RUNE || i->op == INST_MATCH)
			memcpy(&q->bounds[q->n * n->n_bounds], n->bounds,
			    n->n_bounds * sizeof(size_t));
		q->n++;
		switch (i->op) {
		case INST_SPLIT:
			n->todo[top++] = (struct todo){ .pc = i->other };
			n->todo[top++] = (struct todo){ .pc = i->next };
			break;
		case INST_JUMP:
			n->todo[top++] = (struct todo){ .pc = i->next };
			break;
		case INST_ASSERT:
			if (holds_at(i->assertion, text, at))
				n->todo[top++] = (struct todo){ .pc = i->next };
			break;
		case INST_BOUND:
			n->todo[top++] = (struct todo){ .restores = true,
				.bound = i->bound,
				.value = n->bounds[i->bound] };
			n->bounds[i->bound] = at;
			n->todo[top++] = (struct todo){ .pc = i->next };
			break;
		case INST_RUNE:
		case INST_NEVER:
		case INST_MATCH:
			break;
		}
	}
}

/* All that wait for the rune at `at`, in order; a match ends it, since those
 * behind are worse.  true: there was one. */
static bool
take_rune(struct nfa *n, sv text, size_t at, size_t width, uint32_t rune,
    size_t *bounds)
{
	for (size_t k = 0; k < n->now.n; k++) {
		const struct inst *i = &n->prog->v[n->now.pcs[k]];
		const size_t *mine = &n->now.bounds[k * n->n_bounds];

		if (i->op == INST_MATCH) {
			memcpy(bounds, mine, n->n_bounds * sizeof(size_t));
			bounds[1] = at;
			return true;
		}
		if (i->op != INST_RUNE || width == 0 ||
		    !prog_set_has(i->set, rune))
			continue;
		memcpy(n->bounds, mine, n->n_bounds * sizeof(size_t));
		follow(n, &n->next, i->next, text, at + width);
	}
	return false;
}

bool
nfa_search(struct nfa *n, sv text, size_t from, size_t *bounds)
{
	bool found = false;
	size_t at = from;

	n->now.n = n->next.n = 0;
	for (;;) {
		struct queue spent = n->now;
		uint32_t rune = 0;
		size_t width = 0;

		if (n->now.n == 0 && found)
			return true;
		if (!found) {
			for (size_t i = 0; i < n->n_bounds; i++)
				n->bounds[i] = SIZE_MAX;
			n->bounds[0] = at;
			follow(n, &n->now, 0, text, at);
			spent.n = n->now.n;
		}
		if (at < text.n)
			rune = utf8_decode(sv_sub(text, at, SIZE_MAX), &width);
		found |= take_rune(n, text, at, width, rune, bounds);
		if (at >= text.n)
			return found;
		at += width;
		n->now = n->next;
		n->next = spent;
		n->next.n = 0;
	}
}
