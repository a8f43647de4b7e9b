/* SPDX-License-Identifier: MIT */
/* What settings and the terminal are for remote/. */
#include "config.h"

#include <unistd.h>

#include "project/project.h"

static void
remote_line(void *ctx, const char *line)
{
	const struct project *p = ctx;

	term_print(p->term, STDOUT_FILENO, COLOR_MAGENTA, "%s\n", line);
}

static bool
remote_confirm(void *ctx, const char *question)
{
	const struct project *p = ctx;

	if (p->s->yes) {
		term_print(p->term, STDOUT_FILENO, COLOR_YELLOW,
		    "%s [assuming yes]\n", question);
		return true;
	}
	return !p->s->in_hook && isatty(STDIN_FILENO) &&
	       isatty(STDOUT_FILENO) && term_ask(p->term, question) == 1;
}

void
project_remote(struct project *p, struct remote_options *out)
{
	const struct settings *s = p->s;
	char *const *env = environment_block(p->in->env);

	*out = (struct remote_options){
		.root = p->path,
		.cache_dir = remote_cache_dir(
		    p->a, s->remote_cache_dir, s->temp_dir, p->root_dir, env),
		.offline = s->offline,
		.download = s->download,
		.insecure = s->insecure,
		.expiry_ns = s->expiry,
		.timeout_ns = s->timeout,
		.cacert = s->cacert,
		.cert = s->cert,
		.cert_key = s->cert_key,
		.trusted_hosts = &s->trusted_hosts,
		.headers = s->rc->headers.v,
		.n_headers = s->rc->headers.n,
		.templater = p->templater,
		.self = p->program,
		.env = env,
		.compat = s->is_compat,
		.say = s->verbose ? remote_line : NULL,
		.ask = remote_confirm,
		.ctx = p,
	};
}
