/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/serve_exec.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"

#define SERVE_GRACE_NS (10 * NS_PER_S)

/* What PRUN_SERVE says, beside this program, or where it was installed. */
static const char *
serve_program(struct project *p)
{
	const char *told = environment_get(p->in->env, "PRUN_SERVE");
	const char *here = path_dir(p->a, sv_of(p->program));
	const char *places[] = {
		path_join(p->a, sv_of(here), SV("prun-serve")),
		path_join(p->a, sv_of(here), SV("../libexec/prun/prun-serve")),
		PKGLIBEXECDIR "/prun-serve",
	};

	if (told != NULL && *told != '\0')
		return told;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

static void
serve_add(
    struct project *p, string_vec *argv, const char *key, const char *text)
{
	vec_push(p->a, argv, arena_printf(p->a, "%s=%s", key, text));
}

static void
serve_add_number(
    struct project *p, string_vec *argv, const char *key, int64_t n)
{
	vec_push(p->a, argv, arena_printf(p->a, "%s=%" PRId64, key, n));
}

/* How its children find the Taskfile: as this process did. */
static void
serve_add_flags(struct project *p, string_vec *argv)
{
	if (*p->s->dir != '\0') {
		serve_add(p, argv, "flag", "--dir");
		serve_add(p, argv, "flag", p->s->dir);
	}
	if (*p->s->taskfile != '\0') {
		serve_add(p, argv, "flag", "--taskfile");
		serve_add(p, argv, "flag", p->s->taskfile);
	}
	if (p->s->global)
		serve_add(p, argv, "flag", "--global");
}

static void
serve_argv(struct project *p, const char *listen, string_vec *argv)
{
	int64_t grace_ns = CFG_I(&p->config, run, grace);
	int64_t workers = CFG_I(&p->config, worktrees, workers);
	const char *plan_task = CFG_S(&p->config, server, plan_task);

	if (*listen == '\0')
		listen = CFG_S(&p->config, server, listen);
	vec_push(p->a, argv, "prun-serve");
	serve_add(p, argv, "program", p->program);
	serve_add(p, argv, "root", p->work_dir);
	serve_add(p, argv, "cwd", p->in->cwd);
	serve_add(p, argv, "listen", listen);
	serve_add(p, argv, "hosts", CFG_S(&p->config, server, hosts));
	if (*plan_task == '\0')
		plan_task = CFG_S(&p->config, worktrees, plan_task);
	serve_add(p, argv, "plan_task", plan_task);
	/* how many `max` and `auto` are only a session can say */
	if (workers > 0)
		serve_add_number(p, argv, "workers", workers);
	serve_add_number(p, argv, "max_queue",
	    CFG_I(&p->config, worktrees, max_queue));
	serve_add(p, argv, "state", p->state.dir);
	serve_add(p, argv, "state_root", p->state.root);
	serve_add(p, argv, "runs", p->state.runs);
	serve_add(p, argv, "cache", p->state.cache);
	serve_add_number(
	    p, argv, "grace_ns", grace_ns > 0 ? grace_ns : SERVE_GRACE_NS);
	serve_add_flags(p, argv);
	vec_push(p->a, argv, NULL);
}

bool
serve_exec(struct project *p, const char *listen, struct err *e)
{
	const char *program = serve_program(p);
	string_vec argv = { 0 };

	if (*p->root_dir == '\0')
		return err_set(e, ERR_USAGE,
		    "prun: --serve needs a Taskfile that stays, not stdin");
	if (program == NULL)
		return err_set(e, ERR_GENERIC,
		    "prun: there is no program prun-serve; it is built where "
		    "libmicrohttpd is installed");
	serve_argv(p, listen, &argv);
	execve(program, (char *const *)argv.v, environment_block(p->in->env));
	return err_sys(e, errno, "prun: exec %s", program);
}
