/* SPDX-License-Identifier: MIT */
#include "cli/remote_app.h"

#include "cli/cli.h"
#include "cli/remote.h"
#include "project/program.h"

struct transfer {
	struct app app;
	struct term *term;
	struct remote *remote;
};

const char *
app_program(struct app *app)
{
	return app->program;
}

static void
fill_app(const struct project *p, struct app *app)
{
	*app = (struct app){
		.a = p->a,
		.rc = *p->s->rc,
		.term = *p->term,
		.compat = p->s->is_compat,
		.in_hook = p->s->in_hook,
		.program = program_path(p->a, p->in->argv.v[0]),
		.path = p->path,
		.root_dir = p->root_dir,
		.templater = p->templater,
	};
	for (int i = 0; i < OPT_COUNT; i++) {
		int setting = option_setting((enum option_id)i);

		if (setting >= 0)
			app->o.v[i] = settings_value(
			    p->s, (enum setting_id)setting);
	}
}

static const struct remote_ops *
transfer_open(struct project *p, void **out)
{
	struct transfer *t = arena_new_of(p->a, struct transfer);

	fill_app(p, &t->app);
	t->term = p->term;
	t->remote = remote_open(&t->app);
	*out = t;
	return remote_ops(t->remote);
}

static void
transfer_close(void *transfer)
{
	struct transfer *t = transfer;

	remote_close(t->remote);
	t->term->stdout_failed |= t->app.term.stdout_failed;
}

const struct project_remote remote_transfer = { transfer_open,
	transfer_close };

int
cmd_clear_cache(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	struct app app;

	fill_app(p, &app);
	return remote_clear_cache(&app, &e) ? 0 : cli_fail(c, &e, NULL);
}
