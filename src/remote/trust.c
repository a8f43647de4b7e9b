/* SPDX-License-Identifier: MIT */
/* C-607, C-608: whose content is used without a question. */
#include "config.h"

#include "remote/internal.h"

static const char first_use[] =
    "The task you are attempting to run depends on the remote Taskfile at %s.";
static const char changed[] =
    "The Taskfile at %s has changed since you last used it!";
static const char and_now[] =
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
remote_question(struct arena *a, const string_vec *trusted_hosts,
    const struct remote_claim *c)
{
	struct sb question cleanup_sb = SB_INIT;

	/* a host vouches for what it sends, not for where it leads to */
	if (sv_is(c->known, c->sum) ||
	    (is_trusted_host(trusted_hosts, c->host) &&
		(c->from.n == 0 || is_trusted_host(trusted_hosts, c->from))))
		return NULL;
	sb_printf(&question, c->known.n == 0 ? first_use : changed,
	    quote_go(a, sv_of(c->shown)));
	if (c->from.n > 0)
		sb_printf(&question, "\nIt comes from %s, where redirects led.",
		    quote_go(a, c->from));
	sb_adds(&question, and_now);
	return sb_take(&question, a).p;
}
