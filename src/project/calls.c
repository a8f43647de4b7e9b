/* SPDX-License-Identifier: MIT */
/* Which tasks the words of the command line name. */
#include "config.h"

#include <unistd.h>

#include "derive/derive.h"
#include "project/project.h"

/* A value that the command line gives to a secret is one. */
static void
learn_given(struct project *p)
{
	const struct map_entry *m;

	map_each(p->compiler.globals_cli, m) {
		const struct var *v = m->value;

		if (v->value.kind == VALUE_STRING &&
		    compiler_is_secret(&p->compiler, m->key))
			secrets_add(p->in->secrets, value_text(v->value));
	}
}

void
project_read_words(struct project *p)
{
	const struct settings *s = p->s;
	const string_vec *words = p->o.words, *behind = p->o.behind;
	string_vec tasks = { 0 };
	const char **name;

	if (words == NULL) {
		p->compiler.globals_cli = map_new(p->a);
		p->compiler.specials_cli = map_new(p->a);
		return;
	}
	compiler_cli_vars(p->a, &p->compiler,
	    &(struct cli_words){
		.words = words->v,
		.n_words = words->n,
		.rest = behind != NULL ? behind->v : NULL,
		.n_rest = behind != NULL ? behind->n : 0,
		.force = s->force || s->force_all,
		.silent = s->silent,
		.verbose = s->verbose,
		.offline = s->offline,
		.assume_yes = s->yes,
	    },
	    &tasks);
	learn_given(p);
	vec_each(&tasks, name)
		vec_push(p->a, &p->named, ((struct call){ .task = *name }));
}

bool
project_derives(const struct project *p)
{
	return !p->s->is_compat && CFG_B(&p->config, features, derived_tasks);
}

enum {
	NAMES_MAX = 6
};

/* "BEFORE qa-parallel, test-parallel", what could be derived here; empty where
 * nothing could. */
static const char *
other_names(struct project *p, const char *before)
{
	struct sb b cleanup_sb = SB_INIT;
	string_vec names = { 0 };

	derive_names(p->a, p->taskfile, NAMES_MAX, &names);
	for (size_t i = 0; i < names.n; i++)
		sb_printf(&b, "%s%s", i == 0 ? before : ", ", names.v[i]);
	return (const char *)sb_take(&b, p->a).p;
}

static void
tell_derived(struct project *p, const struct task *t)
{
	bool beside = derive_is_parallel(t) || t->deps.n > 1;

	term_print(p->term, STDERR_FILENO, COLOR_DEFAULT,
	    "prun: %s is derived: %s%s%s\n", t->name, derive_text(p->a, t),
	    beside ? "" : "; none of these runs beside another",
	    beside ? "" : other_names(p, ", as it does in "));
}

/* P-407: by what runs, where nobody says how it is to be shown. */
static void
choose_mode(struct project *p, bool derived)
{
	if (!p->has_default_mode || p->s->is_compat)
		return;
	if (derived || p->s->in_hook)
		p->mode = output_mode_find("tidy");
	else if (p->taskfile->has_groups)
		p->mode = output_mode_beside;
}

/* A name that the Taskfile has not may stand for a task that can be made of
 * what is there; a Taskfile's own task always wins. */
static bool
find_or_derive(
    struct project *p, const char *name, struct match *m, struct err *e)
{
	struct err first cleanup_err = ERR_INIT;
	const struct task *t;
	const char *why;

	if (task_find(p->a, &p->compiler, name, m, &first))
		return true;
	if (first.code != ERR_TASK_NOT_FOUND || !project_derives(p)) {
		err_move(e, &first);
		return false;
	}
	t = derive_task(p->a, p->taskfile, name, &why);
	if (t != NULL) {
		if (!p->s->silent)
			tell_derived(p, t);
	} else if (why != NULL) {
		return err_set(e, ERR_TASK_NOT_FOUND, "prun: no %s: %s%s", name,
		    why, other_names(p, "; there is "));
	} else {
		derive_names(p->a, p->taskfile, SIZE_MAX, &p->compiler.derived);
	}
	return task_find(p->a, &p->compiler, name, m, e);
}

bool
project_calls(struct project *p, bool lenient, call_vec *out, struct err *e)
{
	bool derived = false;

	*out = p->named;
	if (out->n == 0)
		vec_push(p->a, out, ((struct call){ .task = "default" }));
	for (size_t i = 0; i < out->n; i++) {
		struct match m;

		if (!find_or_derive(p, out->v[i].task, &m, e)) {
			if (!lenient)
				return false;
			err_clear(e);
			continue;
		}
		derived |= m.task->is_derived;
		if (m.task->internal && !lenient)
			return err_set(e, ERR_TASK_INTERNAL,
			    "task: Task \"%s\" is internal", out->v[i].task);
	}
	choose_mode(p, derived);
	return true;
}
