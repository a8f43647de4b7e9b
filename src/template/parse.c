/* SPDX-License-Identifier: MIT */
#include "template/parse_internal.h"

static struct node *parse_control(struct parser *p, enum node_type type);
static struct node *text_or_action(struct parser *p);

/* ---- lists and control ---- */

/* Up to {{end}} or {{else}}, which comes back in *end. */
static struct node *
parse_list(struct parser *p, struct node **end)
{
	struct node *list, *n;

	if (p->depth >= PARSE_DEPTH_MAX)
		return parse_fail(p, "max nesting depth exceeded");
	p->depth++;
	list = parse_new_node(p, NODE_LIST, parse_peek_non_space(p)->pos);
	while (parse_peek_non_space(p)->type != ITEM_EOF) {
		n = text_or_action(p);
		if (n == NULL)
			return NULL;
		if (n->type == NODE_END || n->type == NODE_ELSE) {
			p->depth--;
			*end = n;
			return list;
		}
		vec_push(p->a, &list->u.list, n);
	}
	return parse_fail(p, "unexpected EOF");
}

static bool
is_blank_list(const struct node *list)
{
	for (size_t i = 0; i < list->u.list.n; i++) {
		const struct node *n = list->u.list.v[i];

		if (n->type == NODE_LIST
			? !is_blank_list(n)
			: n->type != NODE_TEXT || sv_trim(n->u.text).n > 0)
			return false;
	}
	return true;
}

/* A later definition replaces a blank one only. */
static bool
add_tree(struct parser *p, sv name, struct node *root)
{
	struct node *old = map_get(p->tmpl->trees, name);

	if (old == NULL || is_blank_list(old)) {
		map_put(p->tmpl->trees, name, root);
		return true;
	}
	if (!is_blank_list(root))
		parse_fail(p, "template: multiple definition of template %s",
		    quote_go(p->a, name));
	return !err_is_set(p->e);
}

/* Body of {{define}} and {{block}}: sees no variables from outside. */
static bool
parse_body(struct parser *p, sv name, const char *context)
{
	struct name_vec vars = p->vars;
	int range_depth = p->range_depth, action_line = p->action_line;
	struct node *body, *end;

	p->vars = (struct name_vec){ NULL, 0, 0 };
	p->range_depth = p->action_line = 0;
	vec_push(p->a, &p->vars, SV("$"));
	body = parse_list(p, &end);
	if (body == NULL)
		return false;
	if (end->type != NODE_END) {
		parse_fail(p, "unexpected %s in %s", parse_node_text(p, end), context);
		return false;
	}
	p->vars = vars;
	p->range_depth = range_depth;
	p->action_line = action_line;
	return add_tree(p, name, body);
}

static bool
parse_definition(struct parser *p)
{
	static const char context[] = "define clause";
	struct item name = parse_next_non_space(p), it;
	sv text;

	if (name.type != ITEM_STRING && name.type != ITEM_RAW_STRING) {
		parse_unexpected(p, name, context);
		return false;
	}
	return parse_unquote(p, name, &text) &&
	    parse_expect(p, ITEM_RIGHT_DELIM, context, &it) &&
	    parse_body(p, text, context);
}

static bool
template_name(struct parser *p, struct item it, const char *context, sv *out)
{
	if (it.type == ITEM_STRING || it.type == ITEM_RAW_STRING)
		return parse_unquote(p, it, out);
	parse_unexpected(p, it, context);
	return false;
}

static struct node *
parse_template(struct parser *p, bool block)
{
	const char *context = block ? "block clause" : "template clause";
	struct item it = parse_next_non_space(p);
	struct node *n = parse_new_node(p, NODE_TEMPLATE, it.pos);
	sv name;

	if (!template_name(p, it, context, &name))
		return NULL;
	n->u.t.name = name;
	if (!block && parse_peek_non_space(p)->type == ITEM_RIGHT_DELIM) {
		parse_next_non_space(p);
		return n;
	}
	n->u.t.pipe = parse_pipeline(p, context, ITEM_RIGHT_DELIM);
	if (n->u.t.pipe == NULL || (block && !parse_body(p, name, context)))
		return NULL;
	return n;
}

static struct node *
parse_break(struct parser *p, struct item word)
{
	bool is_break = word.type == ITEM_BREAK;
	const char *name = is_break ? "{{break}}" : "{{continue}}";
	struct item it = parse_next_non_space(p);

	if (it.type != ITEM_RIGHT_DELIM)
		return parse_unexpected(p, it, name);
	if (p->range_depth == 0)
		return parse_fail(p, "%s outside {{range}}", name);
	return parse_new_node(p, is_break ? NODE_BREAK : NODE_CONTINUE, word.pos);
}

/* For "else if" the "if" is left for the caller. */
static struct node *
parse_else(struct parser *p)
{
	struct item it = *parse_peek_non_space(p);

	if (it.type != ITEM_IF && it.type != ITEM_WITH &&
	    !parse_expect(p, ITEM_RIGHT_DELIM, "else", &it))
		return NULL;
	return parse_new_node(p, NODE_ELSE, it.pos);
}

static struct node *
parse_end(struct parser *p)
{
	struct item it;

	if (!parse_expect(p, ITEM_RIGHT_DELIM, "end", &it))
		return NULL;
	return parse_new_node(p, NODE_END, it.pos);
}

/* Behind {{else}}; "else if" is an if inside the else list that shares the
 * one {{end}}. */
static struct node *
parse_else_list(struct parser *p, enum node_type type, struct node *at)
{
	enum item_type again = type == NODE_IF ? ITEM_IF : ITEM_WITH;
	struct node *list, *end, *inner;

	if (type != NODE_RANGE && parse_peek(p)->type == again) {
		parse_next(p);
		list = parse_new_node(p, NODE_LIST, at->pos);
		if (p->depth >= PARSE_DEPTH_MAX)
			return parse_fail(p, "max nesting depth exceeded");
		p->depth++;
		inner = parse_control(p, type);
		p->depth--;
		if (inner == NULL)
			return NULL;
		vec_push(p->a, &list->u.list, inner);
		return list;
	}
	list = parse_list(p, &end);
	if (list != NULL && end->type != NODE_END)
		return parse_fail(p, "expected end; found %s", parse_node_text(p, end));
	return list;
}

static struct node *
parse_control(struct parser *p, enum node_type type)
{
	const char *context = type == NODE_IF ? "if" :
	    type == NODE_WITH ? "with" : "range";
	size_t vars = p->vars.n;
	struct node *n = parse_new_node(p, type, 0), *end;

	n->u.b.pipe = parse_pipeline(p, context, ITEM_RIGHT_DELIM);
	if (n->u.b.pipe == NULL)
		return NULL;
	n->pos = n->u.b.pipe->pos;
	p->range_depth += type == NODE_RANGE;
	n->u.b.list = parse_list(p, &end);
	p->range_depth -= type == NODE_RANGE;
	if (n->u.b.list == NULL)
		return NULL;
	if (end->type == NODE_ELSE) {
		n->u.b.else_list = parse_else_list(p, type, end);
		if (n->u.b.else_list == NULL)
			return NULL;
	}
	p->vars.n = vars;
	return n;
}

static struct node *
parse_action(struct parser *p)
{
	struct item it = parse_next_non_space(p);
	struct node *n;

	switch (it.type) {
	case ITEM_BLOCK:
	case ITEM_TEMPLATE:
		return parse_template(p, it.type == ITEM_BLOCK);
	case ITEM_BREAK:
	case ITEM_CONTINUE:
		return parse_break(p, it);
	case ITEM_ELSE:
		return parse_else(p);
	case ITEM_END:
		return parse_end(p);
	case ITEM_IF:
		return parse_control(p, NODE_IF);
	case ITEM_RANGE:
		return parse_control(p, NODE_RANGE);
	case ITEM_WITH:
		return parse_control(p, NODE_WITH);
	default:
		parse_backup(p);
		n = parse_new_node(p, NODE_ACTION, parse_peek(p)->pos);
		n->u.pipe = parse_pipeline(p, "command", ITEM_RIGHT_DELIM);
		return n->u.pipe ? n : NULL;
	}
}

static struct node *
text_or_action(struct parser *p)
{
	struct item it = parse_next_non_space(p);
	struct node *n;

	if (it.type == ITEM_TEXT) {
		n = parse_new_node(p, NODE_TEXT, it.pos);
		n->u.text = it.text;
		return n;
	}
	if (it.type != ITEM_LEFT_DELIM)
		return parse_unexpected(p, it, "input");
	p->action_line = it.line;
	n = parse_action(p);
	p->action_line = 0;
	return n;
}

static bool
parse_all(struct parser *p)
{
	struct node *root = parse_new_node(p, NODE_LIST, parse_peek(p)->pos),
		    *n;

	while (parse_peek(p)->type != ITEM_EOF) {
		if (parse_peek(p)->type == ITEM_LEFT_DELIM) {
			struct item delim = parse_next(p);

			if (parse_next_non_space(p).type == ITEM_DEFINE) {
				if (!parse_definition(p))
					return false;
				continue;
			}
			parse_backup2(p, delim);
		}
		n = text_or_action(p);
		if (n == NULL)
			return false;
		if (n->type == NODE_END || n->type == NODE_ELSE) {
			parse_fail(p, "unexpected %s", parse_node_text(p, n));
			return false;
		}
		vec_push(p->a, &root->u.list, n);
	}
	return add_tree(p, p->tmpl->name, root);
}

struct tmpl *
tmpl_parse(struct arena *a, sv name, sv text, struct err *e)
{
	struct parser p = { .a = a, .e = e };

	p.tmpl = arena_new_of(a, struct tmpl);
	p.tmpl->name = name;
	p.tmpl->text = text;
	p.tmpl->trees = map_new(a);
	lex_init(&p.lex, a, text);
	vec_push(a, &p.vars, SV("$"));
	if (!parse_all(&p))
		return NULL;
	p.tmpl->root = map_get(p.tmpl->trees, name);
	return p.tmpl;
}
