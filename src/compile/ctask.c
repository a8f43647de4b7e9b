/* SPDX-License-Identifier: MIT */
/*
 * The fields of a compiled task up to its directory, in the order in which
 * go-task replaces them: the first error is the one that is told.
 */
#include "compile/internal.h"
#include "compile/task_words.h"

bool
subst_globs(struct cursor *cur, const glob_vec *in, glob_vec *out,
    struct err *e)
{
	for (size_t i = 0; i < in->n && !cur->sticky; i++) {
		struct glob g = in->v[i];

		if (!subst(cur, g.pattern, &g.pattern, e))
			return false;
		vec_push(cur->a, out, g);
	}
	return true;
}

/* The name without the part that the outermost include gave it: what is shared
 * by all includes of one file (L-188). */
const char *
task_once_key(struct arena *a, const struct task *task, const char *full_name)
{
	const char *file = task->at.taskfile ? task->at.taskfile : "";
	const char *local = full_name;
	size_t n = task->namespace_ ? strcspn(task->namespace_, ":") : 0;

	if (n > 0 && strncmp(local, task->namespace_, n) == 0)
		local += n;
	if (*local == ':')
		local++;
	return arena_concat(a, file, ":", local, NULL);
}

static void
set_fixed_fields(struct cursor *cur)
{
	const struct task *task = cur->task;
	const struct taskfile *file = cur->c->taskfile;
	struct ctask *t = cur->t;

	t->task = task;
	t->called_name = cur->call->task;
	t->call_vars = cur->call->vars;
	t->full_name = cur->match->full_name;
	t->once_key = task_once_key(cur->a, task, t->full_name);
	t->at = task->at;
	t->silent = task->silent == TRI_TRUE || file->silent == TRI_TRUE ||
	    cur->call->silent;
	t->use_gitignore = task->use_gitignore == TRI_UNSET ?
	    file->use_gitignore == TRI_TRUE :
	    task->use_gitignore == TRI_TRUE;
	t->ignore_error = task->ignore_error;
	t->interactive = task->interactive;
	t->failfast = task->failfast;
	t->requires = task->rare->requires;
}

static bool
set_dir(struct cursor *cur, struct err *e)
{
	const char *dir;

	if (!subst(cur, cur->task->dir, &dir, e))
		return false;
	cur->t->dir = expand_dir(cur, dir);
	return true;
}

bool
compile_head(struct cursor *cur, struct err *e)
{
	const struct task *task = cur->task;
	struct ctask *t = cur->t;

	set_fixed_fields(cur);
	if (cur->mode == COMPILE_FULL && !requires_resolve_enums(cur, e))
		return false;
	if (!subst(cur, task->rare->label, &t->label, e) ||
	    !subst(cur, task->desc, &t->desc, e) ||
	    !subst_strings(cur, &task->rare->prompts, &t->prompts, e) ||
	    !subst(cur, task->rare->summary, &t->summary, e) ||
	    !subst_globs(cur, &task->sources, &t->sources, e) ||
	    !subst_globs(cur, &task->generates, &t->generates, e) ||
	    !set_dir(cur, e) ||
	    !subst(cur, task->rare->method, &t->method, e) ||
	    !subst(cur, task->rare->prefix, &t->prefix, e) ||
	    !subst(cur, task->rare->run, &t->run, e) ||
	    !subst(cur, task->rare->if_text, &t->if_text, e))
		return false;
	t->name = t->label[0] != '\0' ? t->label : t->full_name;
	if (t->prefix[0] == '\0')
		t->prefix = task->name;
	return true;
}
