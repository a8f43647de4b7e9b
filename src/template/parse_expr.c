/* SPDX-License-Identifier: MIT */
/* Tokens, errors, and expressions from literals to pipelines. */
#include "base/utf8.h"
#include "template/parse_internal.h"

/* ---- tokens ---- */

static const struct item *
advance(struct parser *p)
{
	if (p->ahead > 0)
		p->ahead--;
	else
		lex_next(&p->lex, &p->token[0]);
	return &p->token[p->ahead];
}

struct item
parse_next(struct parser *p)
{
	return *advance(p);
}

void
parse_backup(struct parser *p)
{
	p->ahead++;
}

void
parse_backup2(struct parser *p, struct item first)
{
	p->token[1] = first;
	p->ahead = 2;
}

static void
backup3(struct parser *p, struct item first, struct item second)
{
	p->token[1] = second;
	p->token[2] = first;
	p->ahead = 3;
}

const struct item *
parse_peek(struct parser *p)
{
	if (p->ahead == 0) {
		lex_next(&p->lex, &p->token[0]);
		p->ahead = 1;
	}
	return &p->token[p->ahead - 1];
}

struct item
parse_next_non_space(struct parser *p)
{
	const struct item *it;

	do
		it = advance(p);
	while (it->type == ITEM_SPACE);
	return *it;
}

const struct item *
parse_peek_non_space(struct parser *p)
{
	while (parse_peek(p)->type == ITEM_SPACE)
		p->ahead--;
	return parse_peek(p);
}

/* ---- errors; all return NULL ---- */

struct node *
parse_fail(struct parser *p, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = arena_vprintf(p->a, fmt, ap);
	va_end(ap);
	err_set(p->e, ERR_GENERIC, "template: %.*s:%d: %s",
	    SV_ARG(p->tmpl->name), p->token[0].line, text);
	return NULL;
}

static sv
first_runes(sv s, int n)
{
	size_t at = 0, width;

	while (n-- > 0 && at < s.n) {
		utf8_decode(sv_sub(s, at, SIZE_MAX), &width);
		at += width;
	}
	return sv_sub(s, 0, at);
}

static const char *
item_text(struct parser *p, struct item it)
{
	if (it.type == ITEM_EOF)
		return "EOF";
	if (it.type > ITEM_KEYWORD)
		return arena_printf(p->a, "<%.*s>", SV_ARG(it.text));
	if (it.text.n > 10)
		return arena_printf(p->a, "%s...",
		    quote_go(p->a, first_runes(it.text, 10)));
	return quote_go(p->a, it.text);
}

struct node *
parse_unexpected(struct parser *p, struct item it, const char *context)
{
	const char *extra = "";

	if (it.type != ITEM_ERROR)
		return parse_fail(p, "unexpected %s in %s", item_text(p, it),
		    context);
	/* "unclosed action" is not followed by a second "in action" */
	if (p->action_line != 0 && p->action_line != it.line)
		extra = arena_printf(p->a, "%s started at %.*s:%d",
		    sv_ends(it.text, SV(" action")) ? "" : " in action",
		    SV_ARG(p->tmpl->name), p->action_line);
	return parse_fail(p, "%.*s%s", SV_ARG(it.text), extra);
}

bool
parse_expect(struct parser *p, enum item_type type, const char *context,
    struct item *it)
{
	*it = parse_next_non_space(p);
	if (it->type == type)
		return true;
	parse_unexpected(p, *it, context);
	return false;
}

/* ---- nodes ---- */

struct node *
parse_new_node(struct parser *p, enum node_type type, size_t pos)
{
	struct node *n = arena_new_of(p->a, struct node);

	n->type = type;
	n->pos = pos;
	return n;
}

/* ".a.b" or "$x.a" to names, the first dot left out. */
static void
split_names(struct parser *p, sv text, struct name_vec *out)
{
	sv head, tail = text;
	bool more = true;

	while (more) {
		more = sv_cut(tail, '.', &head, &tail);
		vec_push(p->a, out, head);
	}
}

static struct node *
new_field(struct parser *p, struct item it)
{
	struct node *n = parse_new_node(p, NODE_FIELD, it.pos);

	split_names(p, sv_sub(it.text, 1, SIZE_MAX), &n->u.f.names);
	return n;
}

static struct node *
new_variable(struct parser *p, struct item it)
{
	struct node *n = parse_new_node(p, NODE_VARIABLE, it.pos);

	split_names(p, it.text, &n->u.f.names);
	return n;
}

static struct node *
use_variable(struct parser *p, struct item it)
{
	struct node *n = new_variable(p, it);
	sv name = n->u.f.names.v[0];

	for (size_t i = 0; i < p->vars.n; i++)
		if (sv_eq(p->vars.v[i], name))
			return n;
	return parse_fail(p, "undefined variable %s", quote_go(p->a, name));
}

static struct node *
new_identifier(struct parser *p, struct item it)
{
	struct node *n = parse_new_node(p, NODE_IDENTIFIER, it.pos);
	bool impure;

	n->u.id.name = it.text;
	n->u.id.func = func_find(it.text, &impure);
	p->tmpl->impure |= impure;
	if (n->u.id.func == NULL)
		return parse_fail(p, "function %s not defined",
		    quote_go(p->a, it.text));
	if (sv_is(it.text, "and"))
		n->u.id.special = SPECIAL_AND;
	else if (sv_is(it.text, "or"))
		n->u.id.special = SPECIAL_OR;
	else if (sv_is(it.text, "call"))
		n->u.id.special = SPECIAL_CALL;
	return n;
}

static struct node *
new_number(struct parser *p, struct item it)
{
	struct node *n = parse_new_node(p, NODE_NUMBER, it.pos);
	struct err inner cleanup_err = ERR_INIT;

	if (literal_number(it.text, it.type == ITEM_CHAR_CONSTANT, &n->u.num,
	    &inner))
		return n;
	return parse_fail(p, "%s", inner.message);
}

bool
parse_unquote(struct parser *p, struct item it, sv *out)
{
	if (literal_unquote(p->a, it.text, out))
		return true;
	parse_fail(p, "invalid syntax");
	return false;
}

static struct node *
new_string(struct parser *p, struct item it)
{
	struct node *n = parse_new_node(p, NODE_STRING, it.pos);

	n->u.s.quoted = it.text;
	return parse_unquote(p, it, &n->u.s.text) ? n : NULL;
}

/* ---- expressions ---- */

static struct node *
parse_paren(struct parser *p)
{
	struct node *n;

	if (p->depth >= PARSE_DEPTH_MAX)
		return parse_fail(p, "max expression depth exceeded");
	p->depth++;
	n = parse_pipeline(p, "parenthesized pipeline", ITEM_RIGHT_PAREN);
	p->depth--;
	return n;
}

/* NULL without an error: the next token starts no term. */
static struct node *
parse_term(struct parser *p)
{
	struct item it = parse_next_non_space(p);
	struct node *n;

	switch (it.type) {
	case ITEM_IDENTIFIER:
		return new_identifier(p, it);
	case ITEM_DOT:
		return parse_new_node(p, NODE_DOT, it.pos);
	case ITEM_NIL:
		return parse_new_node(p, NODE_NIL, it.pos);
	case ITEM_VARIABLE:
		return use_variable(p, it);
	case ITEM_FIELD:
		return new_field(p, it);
	case ITEM_BOOL:
		n = parse_new_node(p, NODE_BOOL, it.pos);
		n->u.truth = sv_is(it.text, "true");
		return n;
	case ITEM_CHAR_CONSTANT:
	case ITEM_COMPLEX:
	case ITEM_NUMBER:
		return new_number(p, it);
	case ITEM_LEFT_PAREN:
		return parse_paren(p);
	case ITEM_STRING:
	case ITEM_RAW_STRING:
		return new_string(p, it);
	default:
		parse_backup(p);
		return NULL;
	}
}

const char *
parse_node_text(struct parser *p, const struct node *n)
{
	struct sb b cleanup_sb = SB_INIT;

	node_write(&b, n);
	return sb_take(&b, p->a).p;
}

/* A term and the fields behind it.  A field or variable swallows them: its
 * place then is that of the first added field, as Go has it. */
static struct node *
parse_operand(struct parser *p)
{
	struct node *n = parse_term(p), *chain;
	struct name_vec *names;
	size_t pos;

	if (n == NULL || parse_peek(p)->type != ITEM_FIELD)
		return n;
	pos = parse_peek(p)->pos;
	switch (n->type) {
	case NODE_FIELD:
	case NODE_VARIABLE:
		chain = n;
		chain->pos = pos;
		break;
	case NODE_BOOL:
	case NODE_STRING:
	case NODE_NUMBER:
	case NODE_NIL:
	case NODE_DOT:
		while (parse_peek(p)->type == ITEM_FIELD)
			parse_next(p);
		return parse_fail(p, "unexpected . after term %s",
		    quote_go(p->a, sv_of(parse_node_text(p, n))));
	default:
		chain = parse_new_node(p, NODE_CHAIN, pos);
		chain->u.f.base = n;
		break;
	}
	names = &chain->u.f.names;
	while (parse_peek(p)->type == ITEM_FIELD)
		vec_push(p->a, names, sv_sub(parse_next(p).text, 1, SIZE_MAX));
	return chain;
}

static struct node *
parse_command(struct parser *p)
{
	struct node *cmd =
	    parse_new_node(p, NODE_COMMAND, parse_peek_non_space(p)->pos);
	struct item it;

	do {
		struct node *operand;

		parse_peek_non_space(p);
		operand = parse_operand(p);
		if (err_is_set(p->e))
			return NULL;
		if (operand != NULL)
			vec_push(p->a, &cmd->u.list, operand);
		it = parse_next(p);
	} while (it.type == ITEM_SPACE);
	if (it.type == ITEM_RIGHT_DELIM || it.type == ITEM_RIGHT_PAREN)
		parse_backup(p);
	else if (it.type != ITEM_PIPE)
		return parse_unexpected(p, it, "operand");
	if (cmd->u.list.n == 0)
		return parse_fail(p, "empty command");
	return cmd;
}

static void
declare(struct parser *p, struct node_pipe *pipe, struct item var)
{
	vec_push(p->a, &pipe->decl, new_variable(p, var));
	vec_push(p->a, &p->vars, var.text);
}

/* `$x :=`, `$x =`, and for range `$i, $x :=`.  False on error. */
static bool
parse_declarations(struct parser *p, struct node_pipe *pipe,
    const char *context)
{
	while (parse_peek_non_space(p)->type == ITEM_VARIABLE) {
		struct item var = parse_next_non_space(p),
			    after = *parse_peek(p),
			    it = *parse_peek_non_space(p);

		if (it.type == ITEM_ASSIGN || it.type == ITEM_DECLARE) {
			pipe->assign = it.type == ITEM_ASSIGN;
			parse_next_non_space(p);
			declare(p, pipe, var);
			return true;
		}
		if (it.type != ITEM_CHAR || !sv_is(it.text, ",")) {
			/* an operand after all */
			if (after.type == ITEM_SPACE)
				backup3(p, var, after);
			else
				parse_backup2(p, var);
			return true;
		}
		parse_next_non_space(p);
		declare(p, pipe, var);
		if (strcmp(context, "range") != 0 || pipe->decl.n >= 2) {
			parse_fail(p, "too many declarations in %s", context);
			return false;
		}
		switch (parse_peek_non_space(p)->type) {
		case ITEM_VARIABLE:
		case ITEM_RIGHT_DELIM:
		case ITEM_RIGHT_PAREN:
			break;
		default:
			parse_fail(p, "range can only initialize variables");
			return false;
		}
	}
	return true;
}

static struct node *
check_pipeline(struct parser *p, struct node *pipe, const char *context)
{
	struct node_vec *cmds = &pipe->u.p.cmds;

	if (cmds->n == 0)
		return parse_fail(p, "missing value for %s", context);
	for (size_t i = 1; i < cmds->n; i++)
		switch (cmds->v[i]->u.list.v[0]->type) {
		case NODE_BOOL:
		case NODE_DOT:
		case NODE_NIL:
		case NODE_NUMBER:
		case NODE_STRING:
			return parse_fail(p, "non executable command in pipeline "
			    "stage %zu", i + 1);
		default:
			break;
		}
	return pipe;
}

struct node *
parse_pipeline(struct parser *p, const char *context, enum item_type end)
{
	struct node *pipe =
	    parse_new_node(p, NODE_PIPE, parse_peek_non_space(p)->pos);

	if (!parse_declarations(p, &pipe->u.p, context))
		return NULL;
	for (;;) {
		struct item it = parse_next_non_space(p);
		struct node *cmd;

		if (it.type == end)
			return check_pipeline(p, pipe, context);
		switch (it.type) {
		case ITEM_BOOL:
		case ITEM_CHAR_CONSTANT:
		case ITEM_COMPLEX:
		case ITEM_DOT:
		case ITEM_FIELD:
		case ITEM_IDENTIFIER:
		case ITEM_NUMBER:
		case ITEM_NIL:
		case ITEM_RAW_STRING:
		case ITEM_STRING:
		case ITEM_VARIABLE:
		case ITEM_LEFT_PAREN:
			parse_backup(p);
			cmd = parse_command(p);
			if (cmd == NULL)
				return NULL;
			vec_push(p->a, &pipe->u.p.cmds, cmd);
			break;
		default:
			return parse_unexpected(p, it, context);
		}
	}
}
