/* SPDX-License-Identifier: MIT */
/* A snippet, step by step. */
#include "shell/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

static void
begin_folders(struct snippet_run *r)
{
	const char *old = env_get(r->env, SV("OLDPWD"));
	struct stat st;

	variable_set(r, SV("PWD"), r->dir);
	variable_export(r, SV("PWD"));
	/* bash forgets one that is no folder */
	if (old != NULL && (stat(old, &st) != 0 || !S_ISDIR(st.st_mode)))
		variable_unset(r, SV("OLDPWD"));
}

struct snippet_run *
snippet_begin(
    struct arena *a, const struct snippet *s, const struct snippet_place *place)
{
	struct snippet_run *r = arena_new_of(a, struct snippet_run);

	r->a = a;
	r->s = s;
	r->env = place->env;
	r->dir = place->dir;
	r->options = place->options;
	r->memory_before = arena_size(a);
	begin_folders(r);
	redirects_close(r);
	return r;
}

void
snippet_run_keep(struct snippet_run *r)
{
	argv_vec env = { 0 };

	for (; *r->env != NULL; r->env++)
		vec_push(r->a, &env, arena_strdup(r->a, *r->env));
	vec_push(r->a, &env, NULL);
	r->env = (char *const *)env.v;
	r->dir = arena_strdup(r->a, r->dir);
}

bool
snippet_has_more(const struct snippet_run *r)
{
	return !r->over && r->pc + 1 < r->s->ops.n;
}

void
snippet_end(struct snippet_run *r)
{
	redirects_close(r);
	fields_free(&r->fields);
	sb_free(&r->out);
	sb_free(&r->pipe);
	if (r->pipe_fd > 0)
		close(r->pipe_fd);
}

/* ---- what is wanted ---- */

static void
want(struct snippet_run *r, enum snippet_want_kind kind, enum run_phase phase)
{
	r->want = (struct snippet_want){ .kind = kind, .dir = r->dir };
	memcpy(r->want.sink, r->sink, sizeof(r->sink));
	r->phase = phase;
}

static bool
want_bash(struct snippet_run *r, enum run_phase phase, const char *script)
{
	static const variable_vec none;

	want(r, SNIPPET_BASH, phase);
	pipe_lend(r);
	r->want.script = script;
	r->want.options = r->options;
	r->want.env = run_environment(r, &none, NULL);
	return true;
}

static bool
want_print(struct snippet_run *r, enum run_phase phase, int slot, sv text)
{
	want(r, SNIPPET_PRINT, phase);
	r->want.slot = slot;
	r->want.text = text;
	return true;
}

/* A variable is unset that must be set: bash says so, and that is the end. */
static bool
leave_unset(struct snippet_run *r)
{
	redirects_close(r);
	return want_bash(r, PHASE_LAST, script_of_unset(r));
}

/* ---- one command ---- */

static bool
assign_before(struct snippet_run *r, const struct simple *c, variable_vec *out)
{
	for (size_t i = 0; i < c->before.n; i++) {
		struct variable v = { .name = c->before.v[i].name,
			.exported = true,
			.value = word_value(r, c->before.v[i].value) };

		if (v.value == NULL)
			return false;
		if (c->words.n == 0)
			variable_set(r, v.name, v.value);
		else
			vec_push(r->a, out, v);
	}
	return true;
}

/* The last of several for one name holds. */
static void
drop_earlier(variable_vec *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		bool again = false;

		for (size_t k = i + 1; k < v->n; k++)
			again |= sv_eq(v->v[i].name, v->v[k].name);
		if (!again)
			v->v[n++] = v->v[i];
	}
	v->n = n;
}

static bool
spawn_wanted(struct snippet_run *r, variable_vec *before)
{
	const char *path = program_find(r, r->fields.argv.v[0]);

	drop_earlier(before);
	if (path == NULL) {
		want_bash(
		    r, PHASE_BASH, script_of_command(r, r->simple, false));
	} else {
		want(r, SNIPPET_SPAWN, PHASE_PROGRAM);
		r->want.path = path;
		r->want.argv = r->fields.argv.v;
	}
	r->want.env = run_environment(r, before, path);
	return true;
}

/* What a builtin prints goes to a file at once. */
static bool
print_wanted(struct snippet_run *r)
{
	const struct snippet_sink *to = &r->sink[1];

	if (r->out.n == 0 || to->slot == SNIPPET_NULL)
		return false;
	if (to->slot == SINK_PIPE) {
		sb_addv(&r->pipe, sb_sv(&r->out));
		return false;
	}
	if (to->slot != SNIPPET_FILE)
		return want_print(r, PHASE_PRINTED, to->slot, sb_sv(&r->out));
	if (write_all(to->fd, r->out.p, r->out.n))
		return false;
	/* bash says what is wrong with it */
	return want_bash(r, PHASE_BASH, script_of_command(r, r->simple, false));
}

static bool
builtin_wanted(struct snippet_run *r)
{
	const struct simple *c = r->simple;
	const struct fields *f = &r->fields;

	sb_clear(&r->out);
	switch (builtin_run(r, c, f->argv.v, f->argv.n)) {
	case BUILTIN_BASHES:
		return want_bash(r, PHASE_BASH, script_of_command(r, c, false));
	case BUILTIN_LEAVES:
		r->over = r->unset == NULL;
		return r->unset != NULL && leave_unset(r);
	case BUILTIN_ENDED:
		break;
	}
	return print_wanted(r);
}

static bool
expand_command(struct snippet_run *r, const struct simple *c)
{
	struct fields *f = &r->fields;

	f->argv = (argv_vec){ 0 };
	f->masks.n = f->argv.n;
	f->has_pattern = f->in_word = f->pattern_here = false;
	sb_clear(&f->text);
	sb_clear(&f->mask);
	for (size_t i = 0; i < c->words.n; i++)
		if (!word_add_fields(r, &c->words.v[i], f))
			return false;
	return true;
}

/* true: something is wanted. */
static bool
command_begin(struct snippet_run *r, const struct simple *c)
{
	variable_vec before = { 0 };

	r->simple = c;
	if (!expand_command(r, c) || !assign_before(r, c, &before))
		return leave_unset(r);
	if (c->words.n == 0) {
		r->status = 0;
		return false;
	}
	if (!redirects_open(r, c)) {
		redirects_close(r);
		if (r->unset != NULL)
			return leave_unset(r);
		want_bash(r, PHASE_BASH, script_of_command(r, c, true));
		r->want.env = run_environment(r, &before, NULL);
		return true;
	}
	/* behind the last, and not one of them */
	vec_push(r->a, &r->fields.argv, NULL);
	r->fields.argv.n--;
	if (!r->fields.has_pattern)
		return c->builtin == BUILTIN_NONE ? spawn_wanted(r, &before)
						  : builtin_wanted(r);
	want_bash(r, PHASE_BASH, script_of_command(r, c, false));
	r->want.env = run_environment(r, &before, NULL);
	return true;
}

static void
command_over(struct snippet_run *r)
{
	redirects_close(r);
	r->phase = PHASE_STEP;
	if (r->status != 0 && r->simple->checked && r->options.errexit)
		r->over = true;
	r->pc++;
}

/* ---- the operations ---- */

static bool
loop_begin(struct snippet_run *r, const struct for_loop *loop)
{
	struct loop_state *l = &r->loops[loop->depth];
	struct fields f = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < loop->words.n; i++)
		ok = word_add_fields(r, &loop->words.v[i], &f);
	fields_free(&f);
	*l = (struct loop_state){ .words = f.argv };
	return ok;
}

static void
loop_next(struct snippet_run *r, const struct op *op)
{
	struct loop_state *l = &r->loops[op->loop->depth];

	if (l->next == l->words.n) {
		if (l->words.n == 0)
			r->status = 0;
		r->pc = op->to;
		return;
	}
	variable_set(r, op->loop->name, l->words.v[l->next++]);
	r->pc++;
}

/* bash would go on until it has all the memory there is; prun does not. */
static bool
leave_too_large(struct snippet_run *r)
{
	r->over = true;
	r->status = 1;
	return want_print(r, PHASE_KILLED, 2,
	    SV("gosh: the values of this snippet need more than 64 MiB\n"));
}

/* true: something is wanted. */
static bool
operate(struct snippet_run *r, const struct op *op)
{
	bool jumps = op->code == OP_GOTO ||
		     (op->code == OP_IF_OK && r->status == 0) ||
		     (op->code == OP_IF_FAILED && r->status != 0);

	if (arena_size(r->a) - r->memory_before > MEMORY_MAX)
		return leave_too_large(r);
	switch (op->code) {
	case OP_RUN:
		if (command_begin(r, op->simple))
			return true;
		command_over(r);
		return false;
	case OP_FOR:
		if (!loop_begin(r, op->loop))
			return leave_unset(r);
		break;
	case OP_NEXT:
		loop_next(r, op);
		return false;
	case OP_NOT:
		r->status = r->status == 0;
		break;
	case OP_SUCCEED:
		r->status = 0;
		break;
	case OP_PIPE:
	case OP_PIPE_END:
		sb_clear(&r->pipe);
		r->pipe_at = 0;
		r->piping = op->code == OP_PIPE;
		redirects_close(r);
		r->over |= op->checked && r->status != 0 && r->options.errexit;
		break;
	case OP_PIPE_READ:
		r->piping = false;
		redirects_close(r);
		break;
	case OP_GOTO:
	case OP_IF_OK:
	case OP_IF_FAILED:
		break;
	}
	r->pc = jumps ? op->to : r->pc + 1;
	return false;
}

const struct snippet_want *
snippet_step(struct snippet_run *r)
{
	while (r->phase == PHASE_STEP && !r->over && r->pc < r->s->ops.n)
		if (operate(r, &r->s->ops.v[r->pc]))
			return &r->want;
	if (r->phase == PHASE_STEP || r->over) {
		want(r, SNIPPET_DONE, PHASE_OVER);
		r->want.status = r->status;
		r->want.signal = r->killed_by;
	}
	return &r->want;
}

/* ---- what came of it ---- */

/* bash itself would have died of it. */
static void
die(struct snippet_run *r, int sig)
{
	r->killed_by = sig;
	r->status = 128 + sig;
	r->over = true;
}

void
snippet_printed(struct snippet_run *r, int error)
{
	enum run_phase phase = r->phase;

	if (error == EAGAIN) {
		sv text = r->want.text;
		int slot = r->want.slot;

		redirects_close(r);
		want_bash(r, phase == PHASE_PRINTED ? PHASE_BASH : PHASE_SAYING,
		    script_of_text(r, slot, text));
		return;
	}
	if (error == EPIPE && phase == PHASE_PRINTED)
		die(r, SIGPIPE);
	else if (error != 0 && phase == PHASE_PRINTED)
		r->status = 1;
	command_over(r);
}

/* The words in which bash tells of a killed program, padded as there. */
static const char *
describe_killed(struct snippet_run *r, long pid, int sig)
{
	const char *name = strsignal(sig);

	if (sig == SIGTERM)
		return "Terminated\n";
	return arena_printf(r->a, "gosh: line %u: %5ld %-24s%.*s\n",
	    r->s->last_line, pid, name != NULL ? name : "?",
	    SV_ARG(r->simple->source));
}

/* Is it the last, which bash does not stay for? */
static bool
is_last(const struct snippet_run *r)
{
	return r->pc + 1 == r->s->ops.n && r->s->last_line == 1 &&
	       r->simple->checked && r->simple->redirects.n == 0;
}

void
snippet_ended(struct snippet_run *r, long pid, int status, int signal)
{
	enum run_phase phase = r->phase;

	if (phase != PHASE_SAYING)
		r->status = status;
	pipe_take_back(r);
	if (phase == PHASE_LAST) {
		r->over = true;
		if (r->status == 0)
			r->status = 1;
	}
	if (phase == PHASE_BASH && signal != 0)
		die(r, signal);
	if (phase == PHASE_PROGRAM && signal != 0 && is_last(r)) {
		die(r, signal);
	} else if (phase == PHASE_PROGRAM && signal != 0 && signal != SIGINT &&
		   signal != SIGPIPE) {
		redirects_close(r);
		want_print(
		    r, PHASE_KILLED, 2, sv_of(describe_killed(r, pid, signal)));
		return;
	}
	command_over(r);
}

void
snippet_not_started(struct snippet_run *r)
{
	char *const *env = r->want.env;

	want_bash(r, PHASE_BASH, script_of_command(r, r->simple, false));
	r->want.env = env;
}
