/* SPDX-License-Identifier: MIT */
/* C-607, C-608: whose content is used without a question. */
#include "config.h"

#include "remote/internal.h"

static const char first_use[] =
    "The task you are attempting to run depends on the remote Taskfile at %s."
    "\n--- Make sure you trust the source of this Taskfile before continuing "
    "---\nContinue?";
static const char changed[] =
    "The Taskfile at %s has changed since you last used it!"
    "\n--- Make sure you trust the source of this Taskfile before continuing "
    "---\nContinue?";

static bool
is_trusted_host(const string_vec *hosts, sv host)
{
	for (size_t i = 0; i < hosts->n; i++)
		if (sv_is(host, hosts->v[i]))
			return true;
	return false;
}

const char *
remote_question(struct arena *a, const string_vec *trusted_hosts, sv host,
    const char *location, sv known, const char *sum)
{
	struct sb question cleanup_sb = SB_INIT;

	if (sv_is(known, sum) || is_trusted_host(trusted_hosts, host))
		return NULL;
	sb_printf(&question, known.n == 0 ? first_use : changed,
	    quote_go(a, sv_of(location)));
	return sb_take(&question, a).p;
}
