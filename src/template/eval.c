/* SPDX-License-Identifier: MIT */
#include "template/eval.h"

#include "go/fmt.h"

enum flow { FLOW_FAILED, FLOW_NEXT, FLOW_BREAK, FLOW_CONTINUE };

static enum flow eval_walk(struct eval *x, value dot, const struct node *n);

/* ---- errors and bounds ---- */

static sv
place(struct eval *x, const struct node *n)
{
	sv before = sv_sub(x->t->text, 0, n->pos);
	size_t line = 1, start = 0;

	for (size_t i = 0; i < before.n; i++)
		if (before.p[i] == '\n') {
			line++;
			start = i + 1;
		}
	return sv_of(arena_printf(x->ctx.a, "%.*s:%zu:%zu",
	    SV_ARG(x->t->name), line, n->pos - start));
}

const char *
eval_node_text(struct eval *x, const struct node *n)
{
	struct sb b cleanup_sb = SB_INIT;

	node_write(&b, n);
	return sb_take(&b, x->ctx.a).p;
}

bool
eval_fail(struct eval *x, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = arena_vprintf(x->ctx.a, fmt, ap);
	va_end(ap);
	return err_set(x->e, ERR_GENERIC,
	    "template: %.*s: executing %s at <%s>: %s",
	    SV_ARG(place(x, x->at)), quote_go(x->ctx.a, x->name),
	    eval_node_text(x, x->at), text);
}

static bool
has_room(struct eval *x, int levels)
{
	if (x->depth + levels <= EVAL_DEPTH_MAX)
		return true;
	return eval_fail(x, "exceeded maximum template depth (%d)",
	    EVAL_DEPTH_MAX);
}

bool
eval_enter(struct eval *x)
{
	if (!has_room(x, 1))
		return false;
	x->depth++;
	return true;
}

bool
eval_check_bounds(struct eval *x)
{
	if (x->out != NULL && x->out->n > EVAL_OUTPUT_MAX)
		return eval_fail(x, "exceeded maximum output size");
	if (arena_size(x->ctx.a) - x->arena_start > EVAL_MEMORY_MAX)
		return eval_fail(x, "exceeded maximum memory");
	return true;
}

/* ---- nodes ---- */

static enum flow
walk_list(struct eval *x, value dot, const struct node *list)
{
	enum flow flow = FLOW_NEXT;

	x->at = list;
	if (!eval_enter(x))
		return FLOW_FAILED;
	for (size_t i = 0; i < list->u.list.n && flow == FLOW_NEXT; i++)
		flow = eval_walk(x, dot, list->u.list.v[i]);
	x->depth--;
	return flow;
}

static enum flow
walk_action(struct eval *x, value dot, const struct node *n)
{
	value v;

	if (!eval_pipeline(x, dot, n->u.pipe, &v))
		return FLOW_FAILED;
	if (n->u.pipe->u.p.decl.n > 0)
		return FLOW_NEXT;
	x->at = n;
	fmt_value(x->out, v);
	return eval_check_bounds(x) ? FLOW_NEXT : FLOW_FAILED;
}

static enum flow
walk_branch(struct eval *x, value dot, const struct node *n)
{
	size_t mark = x->vars.n;
	enum flow flow = FLOW_NEXT;
	value v;

	if (!eval_pipeline(x, dot, n->u.b.pipe, &v))
		return FLOW_FAILED;
	if (value_truth(v))
		flow = walk_list(x, n->type == NODE_WITH ? v : dot,
		    n->u.b.list);
	else if (n->u.b.else_list != NULL)
		flow = walk_list(x, dot, n->u.b.else_list);
	x->vars.n = mark;
	return flow;
}

/* ---- range ---- */

struct turn {
	value index, element;
};

/* With one variable it is the element, with two the first is the index. */
static bool
set_loop_vars(struct eval *x, const struct node_pipe *p, struct turn t)
{
	bool two = p->decl.n > 1;

	if (p->decl.n == 0)
		return true;
	if (p->assign)
		return eval_set_var(x, p->decl.v[0]->u.f.names.v[0],
		    two ? t.index : t.element) &&
		    (!two || eval_set_var(x, p->decl.v[1]->u.f.names.v[0],
		    t.element));
	x->vars.v[x->vars.n - 1].v = t.element;
	if (two)
		x->vars.v[x->vars.n - 2].v = t.index;
	return true;
}

/* One more turn of a loop, or call of a template: two that call the next one
 * twice, forty deep, would take a day. */
static bool
count_turn(struct eval *x)
{
	return ++x->turns <= EVAL_TURNS_MAX ||
	       eval_fail(x, "exceeded maximum number of iterations (%d)",
		   EVAL_TURNS_MAX);
}

static enum flow
walk_turn(struct eval *x, const struct node *n, struct turn t)
{
	size_t mark = x->vars.n;
	enum flow flow;

	if (!count_turn(x) ||
	    !set_loop_vars(x, &n->u.b.pipe->u.p, t))
		return FLOW_FAILED;
	flow = walk_list(x, t.element, n->u.b.list);
	x->vars.n = mark;
	if (flow != FLOW_FAILED && !eval_check_bounds(x))
		return FLOW_FAILED;
	return flow == FLOW_CONTINUE ? FLOW_NEXT : flow;
}

static enum flow
range_list(struct eval *x, const struct node *n, value over)
{
	const struct value_list *list = over.u.list;
	enum flow flow = FLOW_NEXT;

	for (size_t i = 0; i < list->n && flow == FLOW_NEXT; i++) {
		struct turn t = { value_int((int64_t)i), list->v[i] };

		t.element.boxed = over.type == GO_LIST;
		flow = walk_turn(x, n, t);
	}
	return flow;
}

/* The entries are copied first: the body may `set` and `unset`. */
static enum flow
range_map(struct eval *x, const struct node *n, value over)
{
	const struct map_entry **entries = value_map_sorted(x->ctx.a, over);
	size_t count = value_map_count(over);
	struct turn *turns = arena_alloc(x->ctx.a, (count + 1) *
	    sizeof(*turns));
	enum flow flow = FLOW_NEXT;

	for (size_t i = 0; i < count; i++) {
		turns[i].index = value_sv(entries[i]->key);
		turns[i].element = *(const value *)entries[i]->value;
		turns[i].element.boxed = over.type != GO_MAP_STRING;
	}
	for (size_t i = 0; i < count && flow == FLOW_NEXT; i++)
		flow = walk_turn(x, n, turns[i]);
	return flow;
}

static enum flow
range_integer(struct eval *x, const struct node *n, value over)
{
	enum flow flow = FLOW_NEXT;
	value i = over;

	if (n->u.b.pipe->u.p.decl.n > 1) {
		eval_fail(x, "can't use %s to iterate over more than one "
		    "variable", fmt_text(x->ctx.a, over).p);
		return FLOW_FAILED;
	}
	for (i.u.i = 0; i.u.i < over.u.i && flow == FLOW_NEXT; i.u.i++)
		flow = walk_turn(x, n, (struct turn){ VALUE_ABSENT, i });
	return flow;
}

static bool
is_eval_empty(value v)
{
	switch ((enum value_kind)v.kind) {
	case VALUE_LIST:
		return v.u.list->n == 0;
	case VALUE_MAP:
		return value_map_count(v) == 0;
	case VALUE_UINT:
		return v.u.u == 0;
	case VALUE_INT:
	case VALUE_DURATION:
		return v.u.i <= 0;
	default:
		return value_is_nil(v);
	}
}

static enum flow
range_over(struct eval *x, const struct node *n, value over)
{
	switch ((enum value_kind)over.kind) {
	case VALUE_LIST:
		return range_list(x, n, over);
	case VALUE_MAP:
		return range_map(x, n, over);
	case VALUE_INT:
	case VALUE_DURATION:
	case VALUE_UINT:
		return range_integer(x, n, over);
	default:
		eval_fail(x, "range can't iterate over %s",
		    fmt_text(x->ctx.a, over).p);
		return FLOW_FAILED;
	}
}

static bool
is_eval_number(value v)
{
	return v.kind == VALUE_INT || v.kind == VALUE_DURATION ||
	    v.kind == VALUE_UINT;
}

static enum flow
walk_range(struct eval *x, value dot, const struct node *n)
{
	size_t mark = x->vars.n;
	enum flow flow = FLOW_NEXT;
	value over;

	x->at = n;
	if (!eval_pipeline(x, dot, n->u.b.pipe, &over))
		return FLOW_FAILED;
	/* the wrong number of variables is wrong for range 0, too */
	if (!is_eval_empty(over) ||
	    (is_eval_number(over) && n->u.b.pipe->u.p.decl.n > 1))
		flow = range_over(x, n, over);
	else if (n->u.b.else_list != NULL)
		flow = walk_list(x, dot, n->u.b.else_list);
	else
		flow = FLOW_NEXT;
	x->vars.n = mark;
	/* break in an else list belongs to the loop around */
	if (flow == FLOW_BREAK)
		flow = FLOW_NEXT;
	return flow;
}

static enum flow
walk_template(struct eval *x, value dot, const struct node *n)
{
	const struct node *body, *at;
	sv name = x->name;
	size_t frame = x->frame;
	enum flow flow;
	value arg;

	x->at = n;
	body = map_get(x->t->trees, n->u.t.name);
	if (body == NULL) {
		eval_fail(x, "template %s not defined",
		    quote_go(x->ctx.a, n->u.t.name));
		return FLOW_FAILED;
	}
	/* seen here, an endless recursion is blamed on its call */
	if (!has_room(x, 2) || !count_turn(x) ||
	    !eval_pipeline(x, dot, n->u.t.pipe, &arg))
		return FLOW_FAILED;
	at = x->at;
	x->name = n->u.t.name;
	x->frame = x->vars.n;
	eval_push_var(x, SV("$"), arg);
	flow = walk_list(x, arg, body);
	if (flow == FLOW_FAILED)
		return flow;
	x->vars.n = x->frame;
	x->name = name;
	x->frame = frame;
	x->at = at;
	return flow;
}

static enum flow
eval_walk(struct eval *x, value dot, const struct node *n)
{
	x->at = n;
	switch (n->type) {
	case NODE_TEXT:
		sb_addv(x->out, n->u.text);
		return FLOW_NEXT;
	case NODE_ACTION:
		return walk_action(x, dot, n);
	case NODE_LIST:
		return walk_list(x, dot, n);
	case NODE_IF:
	case NODE_WITH:
		return walk_branch(x, dot, n);
	case NODE_RANGE:
		return walk_range(x, dot, n);
	case NODE_TEMPLATE:
		return walk_template(x, dot, n);
	case NODE_BREAK:
		return FLOW_BREAK;
	case NODE_CONTINUE:
		return FLOW_CONTINUE;
	default:
		eval_fail(x, "unknown node: %s", eval_node_text(x, n));
		return FLOW_FAILED;
	}
}

static void
init(struct eval *x, struct arena *a, const struct tmpl_env *env,
    const struct tmpl *t, value data, struct err *e)
{
	*x = (struct eval){
		.ctx = { .a = a, .env = env },
		.t = t,
		.name = t->name,
		.at = t->root,
		.arena_start = arena_size(a),
		.e = e,
	};
	eval_push_var(x, SV("$"), data);
}

bool
tmpl_exec(struct arena *a, const struct tmpl_env *env, const struct tmpl *t,
    value data, struct sb *out, struct err *e)
{
	struct eval x;

	init(&x, a, env, t, data, e);
	x.out = out;
	return walk_list(&x, data, t->root) != FLOW_FAILED;
}

bool
tmpl_value(struct arena *a, const struct tmpl_env *env, const struct tmpl *t,
    value data, value *out, struct err *e)
{
	const struct node_vec *nodes = &t->root->u.list;
	struct eval x;

	*out = VALUE_NULL;
	init(&x, a, env, t, data, e);
	if (nodes->n == 0)
		return true;
	if (nodes->n > 1)
		return eval_fail(&x, "template can only contain one action "
		    "node when resolving a value");
	if (nodes->v[0]->type != NODE_ACTION)
		return eval_fail(&x, "unknown node: %s",
		    eval_node_text(&x, nodes->v[0]));
	if (!eval_pipeline(&x, data, nodes->v[0]->u.pipe, out))
		return false;
	if (value_is_nil(*out))
		*out = VALUE_NULL;
	return true;
}
