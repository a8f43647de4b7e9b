/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/remote_setup.h"

#include <unistd.h>

extern char **environ;

static void
remote_line(void *ctx, const char *line)
{
	struct app *app = ctx;

	term_print(&app->term, STDOUT_FILENO, COLOR_MAGENTA, "%s\n", line);
}

static bool
remote_confirm(void *ctx, const char *question)
{
	struct app *app = ctx;

	if (OPT_B(&app->o, yes)) {
		term_print(&app->term, STDOUT_FILENO, COLOR_YELLOW,
		    "%s [assuming yes]\n", question);
		return true;
	}
	return !app->in_hook && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
	       term_ask(&app->term, question) == 1;
}

const struct remote_options *
remote_setup(struct app *app)
{
	struct remote_options *to = arena_new_of(app->a, struct remote_options);
	const struct options *o = &app->o;

	*to = (struct remote_options){
		.root = app->path,
		.cache_dir =
		    remote_cache_dir(app->a, OPT_S(o, remote_cache_dir),
			OPT_S(o, temp_dir), app->root_dir, environ),
		.offline = OPT_B(o, offline),
		.download = OPT_B(o, download),
		.insecure = OPT_B(o, insecure),
		.expiry_ns = OPT_I(o, expiry),
		.timeout_ns = OPT_I(o, timeout),
		.cacert = OPT_S(o, cacert),
		.cert = OPT_S(o, cert),
		.cert_key = OPT_S(o, cert_key),
		.trusted_hosts = &o->v[OPT_trusted_hosts].list,
		.headers = app->rc.headers.v,
		.n_headers = app->rc.headers.n,
		.templater = app->templater,
		.self = app_program(app),
		.env = environ,
		.compat = app->compat,
		.say = OPT_B(o, verbose) ? remote_line : NULL,
		.ask = remote_confirm,
		.ctx = app,
	};
	return to;
}
