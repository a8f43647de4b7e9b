/* SPDX-License-Identifier: MIT */
/* Commands, deps and conditions of a compiled task, loops expanded. */
#include "compile/internal.h"
#include "compile/task_words.h"

/* ---- CHECKSUM and TIMESTAMP (C-327) ---- */

static bool
text_has(const char *text, const char *name)
{
	return text != NULL && strstr(text, name) != NULL;
}

static bool
value_has(value v, const char *name)
{
	const struct map_entry *e;

	if (v.kind == VALUE_STRING)
		return text_has(v.u.s, name);
	if (v.kind == VALUE_LIST)
		for (size_t i = 0; i < v.u.list->n; i++)
			if (value_has(v.u.list->v[i], name))
				return true;
	if (v.kind == VALUE_MAP)
		map_each(v.u.map->entries, e)
			if (text_has(e->key.p, name) ||
			    value_has(*(const value *)e->value, name))
				return true;
	return false;
}

static bool
vars_have(const vars *vs, const char *name)
{
	const struct map_entry *e;

	map_each(vs, e) {
		const struct var *v = e->value;

		if (text_has(v->sh, name) || text_has(v->ref, name) ||
		    (v->has_value && value_has(v->value, name)))
			return true;
	}
	return false;
}

static bool
loop_has(const struct for_loop *l, const char *name)
{
	if (l->kind == FOR_LIST && value_has(l->list, name))
		return true;
	if (l->kind == FOR_VAR && strcmp(l->var, name) == 0)
		return true;
	for (size_t i = 0; l->kind == FOR_MATRIX && i < l->matrix.n; i++)
		if (text_has(l->matrix.v[i].ref, name) ||
		    value_has(l->matrix.v[i].list, name))
			return true;
	return false;
}

static bool
strings_have(const string_vec *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (text_has(v->v[i], name))
			return true;
	return false;
}

/* Does a text mention the variable?  Any occurrence counts. */
static bool
task_mentions(const struct task *t, const char *name)
{
	if (strings_have(&t->rare->status, name))
		return true;
	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct cmd *c = t->cmds.v[i];

		if (c != NULL &&
		    (text_has(c->cmd, name) || text_has(c->task, name) ||
			text_has(c->if_text, name) ||
			loop_has(&c->rare->loop, name) ||
			vars_have(c->vars, name)))
			return true;
	}
	for (size_t i = 0; i < t->deps.n; i++) {
		const struct dep *d = t->deps.v[i];

		if (d != NULL && (text_has(d->task, name) ||
				     loop_has(&d->rare->loop, name) ||
				     vars_have(d->vars, name)))
			return true;
	}
	for (size_t i = 0; i < t->rare->preconditions.n; i++)
		if (text_has(t->rare->preconditions.v[i].sh, name) ||
		    text_has(t->rare->preconditions.v[i].msg, name))
			return true;
	return false;
}

static const char *
effective_method(const struct cursor *cur)
{
	const char *method = cur->t->method;

	if (method[0] == '\0')
		method = cur->c->taskfile->method;
	return method && method[0] ? method : "checksum";
}

static bool
set_source_value(struct cursor *cur, struct err *e)
{
	const struct compiler *c = cur->c;
	const char *method = effective_method(cur), *name;
	value v = VALUE_ABSENT;
	bool (*ask)(void *, struct arena *, const struct ctask *, value *,
	    struct err *);

	if (strcmp(method, "checksum") == 0) {
		name = "CHECKSUM";
		ask = c->checksum;
	} else if (strcmp(method, "timestamp") == 0) {
		name = "TIMESTAMP";
		ask = c->timestamp;
	} else {
		return true;
	}
	if (ask == NULL || cur->mode == COMPILE_RECIPE ||
	    cur->task->sources.n == 0 || !task_mentions(cur->task, name))
		return true;
	if (!ask(c->ctx, cur->a, cur->t, &v, e))
		return false;
	if (v.kind != VALUE_INVALID) {
		value_map_set(cur->a, cur->data, sv_of(name), v);
		value_map_set(cur->a, cur->masked, sv_of(name), v);
	}
	return true;
}

/* ---- commands ---- */

static void
unite(struct cursor *cur, string_vec *out, const string_vec *in)
{
	for (size_t i = 0; i < in->n; i++) {
		size_t j = 0;

		while (j < out->n && strcmp(out->v[j], in->v[i]) != 0)
			j++;
		if (j == out->n)
			vec_push(cur->a, out, in->v[i]);
	}
}

static void
unite_options(struct cursor *cur, const struct cmd *in, struct ccmd *out)
{
	const struct taskfile *file = cur->c->taskfile;

	unite(cur, &out->set, &file->set);
	unite(cur, &out->set, &cur->task->rare->set);
	unite(cur, &out->set, &in->rare->set);
	unite(cur, &out->shopt, &file->shopt);
	unite(cur, &out->shopt, &cur->task->rare->shopt);
	unite(cur, &out->shopt, &in->rare->shopt);
}

/* The echo: secrets are masked, and what has a broken template is raw. */
static const char *
log_text(struct templater *t, struct arena *a, const char *text, value masked)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv out;

	if (text == NULL || strstr(text, "{{") == NULL)
		return text ? text : "";
	if (!templater_replace(t, a, sv_of(text), masked, &out, &ignored))
		return text;
	return sv_cstr(a, out);
}

static struct ccmd
start_command(struct cursor *cur, const struct cmd *in)
{
	struct ccmd out = {
		.kind = in->kind,
		.silent = in->silent,
		.ignore_error = in->ignore_error,
		.defer = in->defer,
		.plain = in->plain,
		.platforms = in->rare->platforms,
		.timeout_ns = in->rare->timeout_ns,
		.at = &in->at,
		.source = in,
		.loop_vars = VALUE_ABSENT,
		.text = "",
		.log_text = "",
		.if_text = "",
	};

	unite_options(cur, in, &out);
	return out;
}

/* A call of nothing is nothing, like an empty command (C-124). */
static void
drop_empty_call(struct ccmd *c)
{
	if (c->kind == CMD_TASK && c->task[0] == '\0')
		c->kind = CMD_NOTHING;
}

/* In a plan: does a command's output decide which task the text names, or with
 * a loop how often?  A loop's own variables are known by then. */
static bool
is_unknown(struct cursor *cur, const char *task, const struct for_loop *loop)
{
	struct refs r = { 0 };

	if (cur->mode != COMPILE_PLAN || task == NULL)
		return false;
	if (loop == NULL)
		refs_add_text(cur->a, cur->c->templater, &r, task);
	else
		refs_add_loop(cur->a, cur->c->templater, &r, loop);
	return refs_are_dynamic(cur, &r, PLACE_END);
}

/* The name of a called task; its raw text where it is unknown. */
static bool
subst_callee(struct cursor *cur, const char *task, value data,
    const char **out, bool *unknown, struct err *e)
{
	*unknown = is_unknown(cur, task, NULL);
	if (*unknown) {
		*out = task;
		return true;
	}
	if (!subst_with(cur, task, data, out, e))
		return false;
	/* its template has failed, which is the run's to say */
	*unknown = cur->mode == COMPILE_PLAN && *out == task &&
	    strstr(task, "{{") != NULL;
	return true;
}

/* What is written as words is a call all the same (P-103). */
static void
decode_words(struct cursor *cur, struct ccmd *c)
{
	struct task_words words;

	if (c->kind != CMD_SHELL || !c->plain)
		return;
	task_words_read(cur->a, sv_of(c->text), &words);
	if (words.kind == CMD_TASK &&
	    !task_is_known(cur->a, cur->c, words.task))
		return;
	c->kind = words.kind;
	c->task = words.task;
	c->vars = words.vars;
	c->background = words.background;
}

static bool
body_add_command(struct cursor *cur, const struct cmd *in, value data,
    value masked, value loop_vars, struct err *e)
{
	struct ccmd out = start_command(cur, in);

	out.loop_vars = loop_vars;
	if (in->kind == CMD_SHELL) {
		out.log_text = cur->has_secrets || cur->mode != COMPILE_FULL ?
		    log_text(cur->c->templater, cur->a, in->cmd, masked) :
		    NULL;
		if (!subst_with(cur, in->cmd, data, &out.text, e))
			return false;
		if (out.log_text == NULL)
			out.log_text = out.text;
	}
	if (in->kind == CMD_TASK &&
	    !subst_callee(cur, in->task, data, &out.task, &out.unknown, e))
		return false;
	if (!subst_with(cur, in->if_text, data, &out.if_text, e) ||
	    !subst_vars(cur, in->vars, data, &out.vars, e))
		return false;
	drop_empty_call(&out);
	decode_words(cur, &out);
	vec_push(cur->a, &cur->t->cmds, out);
	return true;
}

/* Deferred entries are made final when they run (L-127). */
static void
body_add_deferred(struct cursor *cur, const struct cmd *in)
{
	struct ccmd out = start_command(cur, in);

	out.text = out.log_text = in->cmd ? in->cmd : "";
	out.task = in->task;
	vec_push(cur->a, &cur->t->cmds, out);
}

/* Sets the loop's variables in a copy of the data; value: the map of them. */
static value
set_turn(struct cursor *cur, const struct for_loop *loop,
    const struct turn *turn, value data, value masked)
{
	const char *as = loop->as && loop->as[0] ? loop->as : "ITEM";
	value extra = value_map_new(cur->a, GO_MAP);

	value_map_set(cur->a, extra, sv_of(as), turn->item);
	value_map_set(cur->a, data, sv_of(as), turn->item);
	value_map_set(cur->a, masked, sv_of(as), turn->item);
	if (turn->key.kind != VALUE_INVALID) {
		value_map_set(cur->a, extra, SV("KEY"), turn->key);
		value_map_set(cur->a, data, SV("KEY"), turn->key);
		value_map_set(cur->a, masked, SV("KEY"), turn->key);
	}
	return extra;
}

/* `ref: .` hands the map itself out, so each turn has its own. */
static value
turn_data(struct cursor *cur, value data)
{
	return data_copy(cur->a, data);
}

static bool
add_command_loop(struct cursor *cur, const struct cmd *in, struct err *e)
{
	turn_vec turns = { 0 };

	if (is_unknown(cur, in->task, &in->rare->loop)) {
		struct ccmd out = start_command(cur, in);

		out.task = in->task;
		out.unknown = true;
		vec_push(cur->a, &cur->t->cmds, out);
		return true;
	}
	if (!for_turns(cur, &in->rare->loop, &turns, e))
		return false;
	for (size_t i = 0; i < turns.n; i++) {
		value data = turn_data(cur, cur->data);
		value masked = cur->has_secrets ?
		    turn_data(cur, cur->masked) :
		    data;
		value extra =
		    set_turn(cur, &in->rare->loop, &turns.v[i], data, masked);

		if (!body_add_command(cur, in, data, masked, extra, e))
			return false;
	}
	return true;
}

static bool
compile_commands(struct cursor *cur, struct err *e)
{
	for (size_t i = 0; i < cur->task->cmds.n; i++) {
		const struct cmd *in = cur->task->cmds.v[i];
		bool ok = true;

		if (in == NULL)
			continue;
		if (in->defer)
			body_add_deferred(cur, in);
		else if (in->rare->loop.kind != FOR_NONE)
			ok = add_command_loop(cur, in, e);
		else
			ok = body_add_command(
			    cur, in, cur->data, cur->masked, VALUE_ABSENT, e);
		if (!ok)
			return false;
	}
	return true;
}

/* ---- deps ---- */

static bool
add_dep(struct cursor *cur, const struct dep *in, value data, struct err *e)
{
	struct cdep out = { .silent = in->silent,
		.timeout_ns = in->rare->timeout_ns,
		.at = &in->at };

	if (!subst_callee(cur, in->task, data, &out.task, &out.unknown, e) ||
	    !subst_vars(cur, in->vars, data, &out.vars, e))
		return false;
	vec_push(cur->a, &cur->t->deps, out);
	return true;
}

static bool
add_dep_loop(struct cursor *cur, const struct dep *in, struct err *e)
{
	turn_vec turns = { 0 };

	if (is_unknown(cur, in->task, &in->rare->loop)) {
		vec_push(cur->a, &cur->t->deps,
		    ((struct cdep){
			.task = in->task, .unknown = true, .at = &in->at }));
		return true;
	}
	if (!for_turns(cur, &in->rare->loop, &turns, e))
		return false;
	for (size_t i = 0; i < turns.n; i++) {
		value data = turn_data(cur, cur->data);

		set_turn(cur, &in->rare->loop, &turns.v[i], data, data);
		if (!add_dep(cur, in, data, e))
			return false;
	}
	return true;
}

static bool
compile_deps(struct cursor *cur, struct err *e)
{
	for (size_t i = 0; i < cur->task->deps.n; i++) {
		const struct dep *in = cur->task->deps.v[i];

		if (in == NULL)
			continue;
		if (in->rare->loop.kind != FOR_NONE
			? !add_dep_loop(cur, in, e)
			: !add_dep(cur, in, cur->data, e))
			return false;
	}
	return true;
}

/* ---- the rest ---- */

static bool
compile_preconditions(struct cursor *cur, struct err *e)
{
	for (size_t i = 0; i < cur->task->rare->preconditions.n; i++) {
		struct precondition p = cur->task->rare->preconditions.v[i];

		if (!subst(cur, p.sh, &p.sh, e) ||
		    !subst(cur, p.msg, &p.msg, e))
			return false;
		vec_push(cur->a, &cur->t->preconditions, p);
	}
	return true;
}

bool
compile_body(struct cursor *cur, struct err *e)
{
	if (!set_source_value(cur, e) || !compile_commands(cur, e) ||
	    !compile_deps(cur, e) || !compile_preconditions(cur, e) ||
	    !subst_strings(cur, &cur->task->rare->status, &cur->t->status, e))
		return false;
	cur->t->when_changed_key = when_changed_key(cur);
	return true;
}

bool
compile_defer(struct arena *a, struct compiler *c, const struct ctask *t,
    const struct ccmd *deferred, int exit_status, struct ccmd *out,
    struct err *e)
{
	const struct cmd *in = deferred->source;
	struct cursor cur = { .a = a, .c = c, .mode = COMPILE_FULL };
	value data = data_copy(a, t->vars), masked = data_copy(a, t->masked_vars);

	if (exit_status > 0) {
		value code = value_cstr(arena_printf(a, "%d", exit_status));

		value_map_set(a, data, SV("EXIT_CODE"), code);
		value_map_set(a, masked, SV("EXIT_CODE"), code);
	}
	*out = *deferred;
	out->log_text = log_text(c->templater, a, in->cmd, masked);
	if (!subst_with(&cur, in->cmd, data, &out->text, e) ||
	    !subst_with(&cur, in->task, data, &out->task, e) ||
	    !subst_with(&cur, in->if_text, data, &out->if_text, e) ||
	    !subst_vars(&cur, in->vars, data, &out->vars, e))
		return false;
	drop_empty_call(out);
	return true;
}
