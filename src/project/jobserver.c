/* SPDX-License-Identifier: MIT */
/*
 * Below whom a run is, and so who says how many jobs it may have: nobody, the
 * run whose job it is, a make, or both.  Where a make stands between a run and
 * the one around it and both take tokens of one jobserver, the tokens alone
 * count: the make has one of them for each of its recipes.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "base/real_path.h"
#include "exec/capture.h"
#include "exec/jobserver_serve.h"
#include "join/outer_run.h"
#include "project/run_setup.h"

static const char *
make_level(const struct project *p)
{
	const char *level = environment_get(p->in->env, "MAKELEVEL");

	return level != NULL ? level : "";
}

/* Whose it is: level and name, as PRUN_JOBSERVER has it. */
static const char *
tie_text(const struct project *p, const char *auth)
{
	return arena_printf(p->a, "%s %s", make_level(p), auth);
}

enum tie {
	TIE_OUTER = 1,
	TIE_TOKENS = 2
};

/* Does the run around this one have to do with the same jobserver? */
static enum tie
tie_of(const struct run_setup *w, const struct jobserver_auth *auth)
{
	const char *said = w->p->in->outer.jobserver;
	const char *space = said != NULL ? strchr(said, ' ') : NULL;

	if (w->outer == NULL || space == NULL ||
	    strcmp(space + 1, auth->text) != 0)
		return TIE_OUTER | TIE_TOKENS;
	/* each of its jobs has one token, whatever runs in it */
	return strcmp(said, tie_text(w->p, auth->text)) == 0 ? TIE_OUTER
							     : TIE_TOKENS;
}

/* Once in a process: the next one of `watch` is no news. */
static void
say_fault(const struct run_setup *w, const struct jobserver_auth *auth,
    const char *why)
{
	const struct project *p = w->p;
	static bool said;

	if (said || p->s->silent || p->in->outer.runs.n > 0)
		return;
	said = true;
	term_print(p->term, STDERR_FILENO, COLOR_YELLOW,
	    "prun: the jobserver in MAKEFLAGS is not used: %s%s\n", why,
	    auth->kind == JOBSERVER_PIPE
		? " (a recipe that starts prun begins with +)"
		: "");
}

static void
open_tokens(struct run_setup *w, const struct jobserver_auth *auth)
{
	struct err e cleanup_err = ERR_INIT;

	if (auth->fault != NULL) {
		say_fault(w, auth, auth->fault);
		return;
	}
	w->tokens = jobserver_client_new(auth, w->slots, w->loop, &e);
	if (w->tokens == NULL)
		say_fault(w, auth, e.message);
}

void
jobserver_open(struct run_setup *w)
{
	const struct jobserver_auth *auth = jobserver_noted();
	enum tie tie = TIE_OUTER;

	if (auth->text != NULL && !w->p->s->is_compat && !w->p->s->dry)
		tie = tie_of(w, auth);
	if (auth->kind != JOBSERVER_NONE && (tie & TIE_TOKENS))
		if (auth->kind != JOBSERVER_OFF || auth->fault != NULL)
			open_tokens(w, auth);
	if (w->outer != NULL)
		outer_run_slots(w->outer,
		    (tie & TIE_OUTER) || w->tokens == NULL ? w->slots : NULL,
		    w->tokens, w->loop);
}

void
jobserver_tell(const struct run_setup *w, string_vec *env)
{
	struct arena *a = w->p->a;

	if (w->tokens != NULL)
		vec_push(a, env,
		    arena_printf(a, "PRUN_JOBSERVER=%s",
			tie_text(w->p, jobserver_noted()->text)));
}

/* ---- for jobs ---- */

/* The program that `make` is in a job; NULL: none. */
static const char *
find_make(const struct project *p)
{
	const char *path = environment_get(p->in->env, "PATH");
	sv rest = sv_of(path != NULL ? path : ""), dir;

	while (rest.n > 0) {
		const char *program;

		sv_cut(rest, ':', &dir, &rest);
		program = path_join(p->a, dir, SV("make"));
		if (path_is_abs(dir) && access(program, X_OK) == 0 &&
		    !path_is_dir(program))
			return program;
	}
	return NULL;
}

/* What is in the repository is not run just to learn its version. */
static bool
is_of_repository(const struct project *p, const char *program)
{
	const char *root =
	    arena_printf(p->a, "%s/", path_real(p->a, p->repo_dir));

	return sv_starts(sv_of(path_real(p->a, program)), sv_of(root));
}

/* GNU make up to 4.3 ends with an error where it is given a fifo, and ninja
 * takes nothing else. */
static enum jobserver_kind
kind_of_make(const struct project *p)
{
	const char *program = find_make(p);
	const char *argv[] = { program, "--version", NULL };
	struct capture c = { .argv = argv,
		.dir = "/",
		.own_group = true,
		.deadline_ns = clock_mono_ns() + 2 * NS_PER_S,
		.most = 4096 };
	struct err ignored cleanup_err = ERR_INIT;
	int status, major = 0, minor = 0;
	sv out, said;

	if (program == NULL)
		return JOBSERVER_FIFO;
	if (is_of_repository(p, program) ||
	    !capture_run(p->a, &c, &status, &out, &said, &ignored) ||
	    sscanf(sv_cstr(p->a, out), "GNU Make %d.%d", &major, &minor) != 2)
		return JOBSERVER_PIPE;
	return major > 4 || (major == 4 && minor >= 4) ? JOBSERVER_FIFO
						       : JOBSERVER_PIPE;
}

static enum jobserver_kind
kind_wanted(void *arg)
{
	const struct project *p = ((const struct run_setup *)arg)->p;
	const char *text = CFG_S(&p->config, run, jobserver);

	if (strcmp(text, "pipe") == 0)
		return JOBSERVER_PIPE;
	return strcmp(text, "fifo") == 0 ? JOBSERVER_FIFO : kind_of_make(p);
}

static void
on_no_jobserver(void *ctx, const char *why)
{
	struct run_setup *w = ctx;

	if (!w->no_jobserver_said && !w->p->s->silent)
		term_print(w->p->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: commands have no jobserver: %s\n", why);
	w->no_jobserver_said = true;
}

static void
on_surplus(void *ctx, const struct run_call *call, unsigned n)
{
	const struct run_setup *w = ctx;

	if (!w->p->s->silent)
		term_print(w->p->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: %s left %u more token%s in its jobserver than it "
		    "was given; %s thrown away\n",
		    call->name, n, n == 1 ? "" : "s",
		    n == 1 ? "it is" : "they are");
}

/* A run below another one, or below a make, leaves that to them: what it could
 * lend is not its own. */
void
jobserver_offer(struct run_setup *w, struct run_config *rc)
{
	const struct project *p = w->p;

	if (w->tokens != NULL || w->outer != NULL || p->s->is_compat ||
	    p->s->dry || w->q->only_status ||
	    slots_size(w->slots, "") == SLOTS_UNLIMITED ||
	    strcmp(CFG_S(&p->config, run, jobserver), "off") == 0)
		return;
	w->jobserver = jobserver_new(&(struct jobserver_options){
	    .loop = w->loop,
	    .slots = w->slots,
	    .kind = kind_wanted,
	    .runtime_dir = run_setup_runtime_dir,
	    .arg = w,
	});
	rc->jobserver = w->jobserver;
	rc->make_level = make_level(p);
	rc->no_jobserver = on_no_jobserver;
	rc->surplus = on_surplus;
}

void
jobserver_close(struct run_setup *w)
{
	jobserver_free(w->jobserver);
	w->jobserver = NULL;
	jobserver_client_free(w->tokens);
	w->tokens = NULL;
}
