/* SPDX-License-Identifier: MIT */
/* $(( )) in a text that dash may run: decimal numbers, variables that hold
 * some, and the operators that both shells have. */
#include "exec/posix_reader.h"

/* The longest first. */
static const char *const binary[] = { "<<", ">>", "<=", ">=", "==", "!=", "&&",
	"||", "+", "-", "*", "/", "%", "<", ">", "&", "|", "^" };

struct arith {
	struct posix *p;
	bool wants_value;
	bool first;       /* in the expression or its parentheses */
	const char *name; /* the value just read, which may be assigned to */
	size_t name_at;
	VEC(char) open; /* '(' and '?' */
};

static bool
arith_number(struct arith *r)
{
	size_t from = r->p->at;

	while (is_name_byte((unsigned char)posix_peek(r->p, 0)))
		r->p->at++;
	return posix_is_number(sv_sub(r->p->text, from, r->p->at - from));
}

static bool
arith_name(struct arith *r, bool by_dollar)
{
	struct posix *p = r->p;
	size_t from = p->at;
	struct posix_name *n;
	const char *name;

	while (is_name_byte((unsigned char)posix_peek(p, 0)))
		p->at++;
	name = arena_strndup(p->a, p->text.p + from, p->at - from);
	if (*name == '\0' || is_digit((unsigned char)*name) ||
	    (n = posix_name_at(p, name, from)) == NULL)
		return false;
	n->must_be_number = true;
	/* nothing would be left of it */
	n->must_be_filled |= by_dollar;
	if (by_dollar && n->sure_at >= from)
		return false;
	if (!by_dollar && r->first) {
		r->name = name;
		r->name_at = from;
	}
	return true;
}

static bool
arith_dollar(struct arith *r)
{
	struct posix *p = r->p;
	bool brace = posix_peek(p, 1) == '{';

	/* the sign of its value and one before it would be one operator */
	if (strchr("+-", p->text.p[p->at - 1]) != NULL)
		return false;
	p->at += 1 + brace;
	if (!arith_name(r, true))
		return false;
	return !brace || posix_take(p) == '}';
}

static bool
arith_value(struct arith *r)
{
	struct posix *p = r->p;
	char c = posix_peek(p, 0), next = posix_peek(p, 1);
	bool first = r->first;

	if (c == '(') {
		vec_push(p->a, &r->open, c);
		r->first = true;
		p->at++;
		return true;
	}
	if (strchr("+-!~", c) != NULL) {
		r->first = false;
		p->at++;
		return c != '\0' && next != c && next != '=';
	}
	r->wants_value = false;
	r->name = NULL;
	r->first = first;
	if (c == '$'                     ? !arith_dollar(r)
	    : is_digit((unsigned char)c) ? !arith_number(r)
					 : !arith_name(r, false))
		return false;
	r->first = false;
	return true;
}

/* "=", "+=" and the like behind a name. */
static bool
arith_assign(struct arith *r, size_t length)
{
	struct posix_word value = {
		.at = r->name_at, .number = true, .parts = 1
	};

	r->p->at += length;
	r->p->effects++;
	r->wants_value = true;
	r->p->maybe++; /* it may stand where it is not looked at */
	if (!posix_name_assign(r->p, r->name, &value))
		return false;
	r->p->maybe--;
	return true;
}

/* No more than a number that can do no harm may stand behind these. */
static bool
arith_is_bounded(const struct arith *r, char op)
{
	size_t i = 0;
	char c;

	if (op != '/' && op != '%' && op != 's')
		return true;
	while (posix_peek(r->p, i) == ' ')
		i++;
	c = posix_peek(r->p, i);
	if (!is_digit((unsigned char)c) || (c == '0' && op != 's'))
		return false;
	return op != 's' ||
	       (!is_digit((unsigned char)posix_peek(r->p, i + 2)) && c <= '3');
}

static bool
arith_binary(struct arith *r)
{
	sv rest = sv_sub(r->p->text, r->p->at, SIZE_MAX);

	for (size_t i = 0; i < sizeof(binary) / sizeof(*binary); i++) {
		size_t n = strlen(binary[i]);
		char op = i < 2 ? 's' : binary[i][0];

		if (!sv_starts(rest, sv_of(binary[i])))
			continue;
		r->p->at += n;
		r->wants_value = true;
		/* "+" and "+" with nothing between are something else */
		return arith_is_bounded(r, op) &&
		       strchr("+-=*", posix_peek(r->p, 0)) == NULL;
	}
	return false;
}

static bool
arith_close(struct arith *r, char open)
{
	if (r->open.n == 0 || r->open.v[r->open.n - 1] != open)
		return false;
	r->open.n--;
	r->p->at++;
	return true;
}

static bool
arith_operator(struct arith *r)
{
	struct posix *p = r->p;
	char c = posix_peek(p, 0), next = posix_peek(p, 1);

	if (r->name != NULL && c == '=' && next != '=')
		return arith_assign(r, 1);
	if (r->name != NULL && strchr("+-*", c) != NULL && next == '=')
		return arith_assign(r, 2);
	r->name = NULL;
	if (c == ')')
		return arith_close(r, '(');
	if (c == ':') {
		r->wants_value = true;
		return arith_close(r, '?');
	}
	if (c == '?') {
		vec_push(p->a, &r->open, c);
		r->wants_value = true;
		p->at++;
		return true;
	}
	return arith_binary(r);
}

bool
posix_arith(struct posix *p)
{
	struct arith r = { .p = p, .wants_value = true, .first = true };

	for (;;) {
		char c = posix_peek(p, 0), next = posix_peek(p, 1);

		if (c == ' ') {
			p->at++;
			continue;
		}
		if (c == '\0')
			return false;
		if (c == ')' && r.open.n == 0) {
			p->at += 2;
			return !r.wants_value && next == ')';
		}
		if (r.wants_value ? !arith_value(&r) : !arith_operator(&r))
			return false;
	}
}
