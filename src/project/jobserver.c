/* SPDX-License-Identifier: MIT */
/*
 * Below whom a run is, and so who says how many jobs it may have: nobody, the
 * run whose job it is, a make, or both.  Where a make stands between a run and
 * the one around it and both take tokens of one jobserver, the tokens alone
 * count: the make has one of them for each of its recipes.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/str.h"
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

void
jobserver_close(struct run_setup *w)
{
	jobserver_client_free(w->tokens);
	w->tokens = NULL;
}
