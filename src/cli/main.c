/* SPDX-License-Identifier: MIT */
/* Which command a command line means (C-056); everything else is elsewhere. */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/app.h"
#include "cli/link.h"
#include "cli/remote.h"
#include "output/event_stream.h"

static int
help(struct app *app)
{
	struct sb text cleanup_sb = SB_INIT;

	options_help(&text, &app->o, app->gentle_force);
	term_write(&app->term, STDERR_FILENO, sb_sv(&text));
	return 0;
}

static int
version(struct app *app)
{
	char line[128];

	if (app->is_task)
		snprintf(line, sizeof(line), "%s+prun.%s\n", TASKFILE_VERSION,
		    PACKAGE_VERSION);
	else
		snprintf(line, sizeof(line), "prun %s (Taskfile %s+prun.%s)\n",
		    PACKAGE_VERSION, TASKFILE_VERSION, PACKAGE_VERSION);
	term_write(&app->term, STDOUT_FILENO, sv_of(line));
	return app->term.stdout_failed;
}

static void
experiment(struct app *app, struct sb *out, const char *name,
    const char *pad, bool on)
{
	struct sb state cleanup_sb = SB_INIT;

	sb_printf(&state, ": %s%s\n", pad, on ? "on (1)" : "off");
	term_add(&app->term, out, COLOR_YELLOW, SV("* "));
	term_add(&app->term, out, COLOR_GREEN, sv_of(name));
	term_add(&app->term, out, COLOR_DEFAULT, sb_sv(&state));
}

static int
experiments(struct app *app)
{
	struct sb out cleanup_sb = SB_INIT;

	experiment(app, &out, "GENTLE_FORCE", "  ", app->gentle_force);
	experiment(app, &out, "ENV_PRECEDENCE", "", app->env_precedence);
	term_write(&app->term, STDOUT_FILENO, sb_sv(&out));
	return app->term.stdout_failed;
}

static int
main_fail(struct app *app, struct err *e)
{
	int status;

	if (e->code == ERR_USAGE) {
		help(app);
		term_write(&app->term, STDERR_FILENO, sv_of(e->message));
		term_write(&app->term, STDERR_FILENO, SV("\n"));
		status = 2;
	} else {
		status = app_fail(app, e, NULL);
	}
	err_clear(e);
	return status;
}

static int
clear_cache(struct app *app)
{
	struct err e = ERR_INIT;

	return remote_clear_cache(app, &e) ? 0 : main_fail(app, &e);
}

/* The command that works on a Taskfile. */
static int (*command_of(const struct options *o))(struct app *)
{
	if (OPT_B(o, clear_cache))
		return clear_cache;
	if (OPT_B(o, list) || OPT_B(o, list_all))
		return cmd_list;
	if (OPT_B(o, summary) && !OPT_B(o, status))
		return cmd_summary;
	if (OPT_B(o, lint))
		return cmd_lint;
	if (OPT_B(o, receipts))
		return cmd_receipts;
	if (OPT_B(o, push))
		return cmd_push;
	if (OPT_S(o, eject)[0] != '\0')
		return cmd_eject;
	if (OPT_B(o, plan) || OPT_S(o, graph)[0] != '\0')
		return cmd_plan;
	if (OPT_B(o, log))
		return cmd_log;
	if (OPT_S(o, explain)[0] != '\0')
		return cmd_explain;
	if (OPT_B(o, failed))
		return cmd_failed;
	return cmd_run;
}

static bool
runs_tasks(int (*command)(struct app *))
{
	return command == cmd_run || command == cmd_push ||
	       command == cmd_failed;
}

/* That its reader has lost something does not change how a run ended. */
static void
end_events(struct app *app)
{
	struct err e cleanup_err = ERR_INIT;

	if (!event_stream_end(app->events, &e))
		term_print(&app->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: --events is not whole: %s\n", e.message);
}

static int
main_dispatch(struct app *app)
{
	const struct options *o = &app->o;
	struct err e = ERR_INIT;
	int (*command)(struct app *);

	app_warn_experiments(app);
	if (OPT_B(o, version))
		return version(app);
	if (OPT_B(o, help))
		return help(app);
	if (OPT_B(o, experiments))
		return experiments(app);
	if (OPT_B(o, init))
		return cmd_init(app);
	if (OPT_S(o, completion)[0] != '\0')
		return cmd_completion(app);
	if (OPT_SET(o, schema))
		return cmd_schema(app);
	if (OPT_S(o, hook)[0] != '\0')
		return cmd_hook(app);
	command = command_of(o);
	if (OPT_SET(o, events) && runs_tasks(command)) {
		app->events = event_stream_new(OPT_S(o, events), &e);
		if (app->events == NULL)
			return main_fail(app, &e);
	}
	if (command == cmd_run && OPT_B(o, watch) && !OPT_B(o, status))
		watch_expect_signals();
	return app_load(app, &e) ? command(app) : main_fail(app, &e);
}

/* A standard stream that is closed is /dev/null, as in go-task; else a file of
 * prun's own would get its number, and the output of commands. */
static void
main_open_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
main(int argc, char **argv)
{
	struct app app = { .a = arena_new() };
	struct err e = ERR_INIT;
	int status;

	main_open_streams();
	/* a closed pipe or a file at its bound is an error of the write, not
	 * the end of the run */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (link_is_one(argv[0])) {
		arena_free(app.a);
		return link_main(argc, argv);
	}
	if (argc > 1 && strcmp(argv[1], "__complete") == 0) {
		app_start(&app, argc, argv);
		status = cmd_complete(&app);
		arena_free(app.a);
		return status;
	}
	status = app_init(&app, argc, argv, &e) ? main_dispatch(&app)
						: main_fail(&app, &e);
	end_events(&app);
	arena_free(app.a);
	return status;
}
