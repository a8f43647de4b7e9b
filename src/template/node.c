/* SPDX-License-Identifier: MIT */
/* Writing nodes out again, for the places named in errors. */
#include "template/parse.h"

static void
write_names(struct sb *out, const struct name_vec *names, bool leading_dot)
{
	for (size_t i = 0; i < names->n; i++) {
		if (i > 0 || leading_dot)
			sb_addc(out, '.');
		sb_addv(out, names->v[i]);
	}
}

static void
write_pipe(struct sb *out, const struct node_pipe *p)
{
	for (size_t i = 0; i < p->decl.n; i++) {
		if (i > 0)
			sb_adds(out, ", ");
		node_write(out, p->decl.v[i]);
	}
	if (p->decl.n > 0)
		sb_adds(out, p->assign ? " = " : " := ");
	for (size_t i = 0; i < p->cmds.n; i++) {
		if (i > 0)
			sb_adds(out, " | ");
		node_write(out, p->cmds.v[i]);
	}
}

static void
write_operand(struct sb *out, const struct node *n)
{
	bool paren = n->type == NODE_PIPE;

	if (paren)
		sb_addc(out, '(');
	node_write(out, n);
	if (paren)
		sb_addc(out, ')');
}

static void
write_branch(struct sb *out, const char *word, const struct node_branch *b)
{
	sb_printf(out, "{{%s ", word);
	node_write(out, b->pipe);
	sb_adds(out, "}}");
	node_write(out, b->list);
	if (b->else_list != NULL) {
		sb_adds(out, "{{else}}");
		node_write(out, b->else_list);
	}
	sb_adds(out, "{{end}}");
}

static void
write_template(struct sb *out, const struct node_template *t)
{
	sb_adds(out, "{{template ");
	sb_quote_go(out, t->name);
	if (t->pipe != NULL) {
		sb_addc(out, ' ');
		node_write(out, t->pipe);
	}
	sb_adds(out, "}}");
}

void
node_write(struct sb *out, const struct node *n)
{
	switch (n->type) {
	case NODE_TEXT:
		sb_addv(out, n->u.text);
		return;
	case NODE_ACTION:
		sb_adds(out, "{{");
		node_write(out, n->u.pipe);
		sb_adds(out, "}}");
		return;
	case NODE_LIST:
		for (size_t i = 0; i < n->u.list.n; i++)
			node_write(out, n->u.list.v[i]);
		return;
	case NODE_PIPE:
		write_pipe(out, &n->u.p);
		return;
	case NODE_COMMAND:
		for (size_t i = 0; i < n->u.list.n; i++) {
			if (i > 0)
				sb_addc(out, ' ');
			write_operand(out, n->u.list.v[i]);
		}
		return;
	case NODE_IDENTIFIER:
		sb_addv(out, n->u.id.name);
		return;
	case NODE_VARIABLE:
		write_names(out, &n->u.f.names, false);
		return;
	case NODE_DOT:
		sb_addc(out, '.');
		return;
	case NODE_NIL:
		sb_adds(out, "nil");
		return;
	case NODE_FIELD:
		write_names(out, &n->u.f.names, true);
		return;
	case NODE_CHAIN:
		write_operand(out, n->u.f.base);
		write_names(out, &n->u.f.names, true);
		return;
	case NODE_BOOL:
		sb_adds(out, n->u.truth ? "true" : "false");
		return;
	case NODE_NUMBER:
		sb_addv(out, n->u.num.text);
		return;
	case NODE_STRING:
		sb_addv(out, n->u.s.quoted);
		return;
	case NODE_IF:
		write_branch(out, "if", &n->u.b);
		return;
	case NODE_RANGE:
		write_branch(out, "range", &n->u.b);
		return;
	case NODE_WITH:
		write_branch(out, "with", &n->u.b);
		return;
	case NODE_TEMPLATE:
		write_template(out, &n->u.t);
		return;
	case NODE_BREAK:
		sb_adds(out, "{{break}}");
		return;
	case NODE_CONTINUE:
		sb_adds(out, "{{continue}}");
		return;
	case NODE_END:
		sb_adds(out, "{{end}}");
		return;
	case NODE_ELSE:
		sb_adds(out, "{{else}}");
		return;
	}
}
