/* SPDX-License-Identifier: MIT */
/*
 * What a job may start itself (P-206): its jobserver, from just before its
 * process to its end.
 */
#include <string.h>

#include "run/internal.h"

/* The environment with another MAKEFLAGS; `flags` "": with none. */
static char *const *
tokens_env(const struct command *cm, char *const *env, const char *flags,
    const char *tie)
{
	struct arena *a = cm->owner->arena;
	size_t n = 0, k = 0;
	char **out;

	while (env[n] != NULL)
		n++;
	out = arena_alloc(a, (n + 3) * sizeof(*out));
	for (size_t i = 0; i < n; i++)
		if (!str_starts(env[i], "MAKEFLAGS=") &&
		    !str_starts(env[i], "CARGO_MAKEFLAGS=") &&
		    !str_starts(env[i], "PRUN_JOBSERVER="))
			out[k++] = env[i];
	if (*flags != '\0')
		out[k++] = arena_printf(a, "MAKEFLAGS=%s", flags);
	if (tie != NULL)
		out[k++] = arena_printf(a, "PRUN_JOBSERVER=%s", tie);
	out[k] = NULL;
	return out;
}

static const char *
makeflags_of(char *const *env)
{
	for (; *env != NULL; env++)
		if (str_starts(*env, "MAKEFLAGS="))
			return *env + 10;
	return NULL;
}

/* Slots that the job has beside the one that it needs to be. */
static int
spare_of_job(const struct command *cm)
{
	const struct slot_request *slot = &cm->loan.slot;

	return cm->loan.lender == NULL && slot->held ? slot->taken - 1 : 0;
}

void
tokens_enter(struct command *cm, struct job_spec *spec)
{
	const struct run_config *c = &cm->r->config;
	struct arena *a = cm->owner->arena;
	struct err why cleanup_err = ERR_INIT;
	const char *auth = NULL, *tie = NULL;

	if (c->jobserver == NULL || spec->env == NULL ||
	    cm->executor->ops->queues)
		return;
	/* a person starts what it starts */
	if (cm->cmd == NULL || !cm->owner->ctask->interactive)
		cm->tokens =
		    jobserver_enter(c->jobserver, spare_of_job(cm), &why);
	if (cm->tokens != NULL) {
		auth = jobserver_job_auth(cm->tokens);
		tie = arena_printf(a, "%s %s", c->make_level, auth);
		spec->pass = jobserver_job_fds(cm->tokens);
	} else if (err_is_set(&why) && c->no_jobserver != NULL) {
		c->no_jobserver(c->ctx, why.message);
	}
	spec->env = tokens_env(cm, spec->env,
	    jobserver_flags(a, makeflags_of(spec->env),
		slots_size(cm->r->slots, ""), auth),
	    tie);
}

void
tokens_started(struct command *cm)
{
	if (cm->tokens != NULL)
		jobserver_job_started(cm->tokens);
}

void
tokens_leave(struct command *cm)
{
	const struct run_config *c = &cm->r->config;
	unsigned surplus;

	if (cm->tokens == NULL)
		return;
	surplus = jobserver_leave(cm->tokens);
	cm->tokens = NULL;
	if (surplus > 0 && c->surplus != NULL)
		c->surplus(c->ctx, cm->record, surplus);
}
