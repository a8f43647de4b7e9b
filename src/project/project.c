/* SPDX-License-Identifier: MIT */
/* What can be asked of a project without a run. */
#include "config.h"

#include "project/project.h"

#include <unistd.h>

#include "base/path.h"
#include "exec/capture.h"
#include "exec/machine.h"
#include "exec/shell.h"
#include "fingerprint/fp.h"
#include "taskfile/source.h"
#include "vcs/worktree.h"

static void
project_tell(struct project *p, const struct shell_need *need, sv out)
{
	if (p->s->verbose)
		output_dynamic_var(p->term, need->cmd,
		    need->secret ? "*****"
				 : sv_cstr(p->a, compile_trim_output(out)));
}

bool
project_shell(struct project *p, const char *cmd, struct capture *c, sv *text,
    int *status, struct err *e)
{
	struct shell shell = { 0 };
	struct shell_plan plan;

	*text = (sv){ "", 0 };
	*status = 0;
	if (!shell_find(p->a, environment_get(p->in->env, "PATH"), &shell, e))
		return false;
	shell.fast = false;
	shell.asks = true;
	shell_plan(p->a, &shell, cmd, NULL, NULL, c->dir, c->env, &plan, e);
	c->env = shell_plan_hush(p->a, &shell, c->env, &plan);
	if (shell_plan_is_long(&plan) ||
	    (plan.kind == SHELL_SCRIPT &&
		(p->taskfile->has_secrets ||
		    secrets_count(p->in->secrets) > 0))) {
		shell_plan_hide(p->a, &shell, &plan);
		c->script = plan.script;
	}
	c->argv = plan.argv;
	if (plan.kind == SHELL_STATUS || plan.kind == SHELL_REFUSED)
		*status = plan.status;
	return !err_is_set(e) &&
	       (plan.kind != SHELL_SCRIPT ||
		   capture_run(p->a, c, status, text, NULL, e));
}

/* The answer to one need of a cursor. */
static void
answer(struct project *p, struct cursor *cursor, size_t i,
    const struct shell_need *need)
{
	struct err failure cleanup_err = ERR_INIT;
	struct capture run = { .dir = need->dir,
		.env = need->env,
		.pass_stderr = true,
		.most = (size_t)CFG_I(&p->config, run, max_var) };
	int status;
	sv text;

	if (project_shell(p, need->cmd, &run, &text, &status, &failure)) {
		if (run.most != 0 && text.n > run.most)
			err_set(&failure, ERR_GENERIC,
			    "it prints more than %zu bytes ([run] max_var)",
			    run.most);
		else if (status != 0)
			err_set_status(&failure, status);
	}
	if (!err_is_set(&failure))
		project_tell(p, need, text);
	compile_answer(cursor, i, text, err_is_set(&failure) ? &failure : NULL);
}

bool
project_compile(struct project *p, struct cursor *cursor, struct err *e)
{
	enum compile_status status;

	while ((status = compile_step(cursor, e)) == COMPILE_NEEDS_SHELL) {
		size_t n;
		const struct shell_need *needs = compile_needs(cursor, &n);

		for (size_t i = 0; i < n; i++)
			answer(p, cursor, i, &needs[i]);
	}
	return status == COMPILE_DONE;
}

bool
project_compile_call(struct project *p, const struct call *call,
    const struct match *m, bool may_ask, struct ctask **out, struct err *e)
{
	struct cursor *cursor;

	*out = NULL;
	if (!requires_check(p->a, &p->compiler, call, m, e))
		return false;
	cursor = compile_begin(p->a, &p->compiler, call, m, COMPILE_FULL);
	if (may_ask && !project_compile(p, cursor, e))
		return false;
	if (!may_ask)
		switch (compile_step(cursor, e)) {
		case COMPILE_DONE:
			break;
		case COMPILE_NEEDS_SHELL:
		case COMPILE_WAITS:
			compile_cancel(cursor);
			return true;
		case COMPILE_FAILED:
			return false;
		}
	*out = compile_result(cursor);
	return true;
}

/* Where fingerprints lie: .task beside the Taskfile, unless told (C-300). */
static const char *
temp_dir(const struct project *p)
{
	const char *dir = p->s->temp_dir, *home;

	if (*dir == '\0')
		dir = ".task";
	if (*dir != '/' && *dir != '~')
		return path_join(p->a, sv_of(p->root_dir), sv_of(dir));
	if (*dir == '~') {
		home = environment_get(p->in->env, "HOME");
		dir = path_join(
		    p->a, sv_of(home != NULL ? home : ""), sv_of(dir + 1));
	}
	return path_join(
	    p->a, sv_of(dir), sv_of(path_base(p->a, sv_of(p->root_dir))));
}

struct fp *
project_fp(struct project *p, const char *run_id, bool read_only)
{
	struct fp_options o = {
		.temp_dir = temp_dir(p),
		.root_dir = p->root_dir,
		.default_method = p->taskfile->method,
		.dry = read_only,
		/* digests may go at any time, so they lie with the caches */
		.memo_path =
		    CFG_B(&p->config, features, digest_cache)
			? arena_printf(p->a, "%s/digests", p->state.cache)
			: NULL,
		.run_id = run_id,
		.ignored_env = protocol_names,
		.compat = p->s->is_compat,
		.threads = CFG_B(&p->config, features, hash_threads)
			       ? cores_usable
			       : NULL,
		.cli_vars = p->compiler.globals_cli,
		.file_vars = p->taskfile->vars,
		.compiler = &p->compiler,
	};

	return fp_new(&o);
}

const char *
project_kept_word(const struct project *p, const char *word)
{
	const char *eq = strchr(word, '=');
	sv name = { word, eq ? (size_t)(eq - word) : 0 };

	if (eq != NULL && compiler_is_secret(&p->compiler, name))
		return arena_printf(
		    p->a, "%.*s=" KEPT_SECRET, SV_ARG(name));
	return source_masked(p->a, word);
}

bool
project_git(
    const struct project *p, const char *dir, struct git *out, struct err *e)
{
	return git_open(p->a, dir, environment_block(p->in->env), out, e);
}

const char *
project_clean_tree(const struct project *p, struct tree_still *still)
{
	struct err none cleanup_err = ERR_INIT;
	struct git git;

	if (!git_is_repository(p->repo_dir) ||
	    !project_git(p, p->repo_dir, &git, &none))
		return NULL;
	/* first: what happens from here on is seen */
	tree_still_take(&git, still);
	return worktree_clean_id(&git);
}
