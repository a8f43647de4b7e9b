/* SPDX-License-Identifier: MIT */
/* Which command a command line means (C-056); everything else is elsewhere. */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "exec/guardian.h"
#include "exec/jobserver_auth.h"
#include "exec/spawn.h"
#include "mcp/mcp.h"
#include "output/event_stream.h"
#include "project/detach.h"
#include "project/link.h"
#include "project/serve_exec.h"
#include "session/worker.h"
#include "watch/watch.h"

/* go-task's is asked for by scripts and stands on stderr. */
static void
help_of_task(const struct cli *c)
{
	struct sb text cleanup_sb = SB_INIT;

	options_help(&text, &c->o, c->s);
	term_write(c->term, STDERR_FILENO, sb_sv(&text));
}

static int
help(const struct cli *c)
{
	struct sb text cleanup_sb = SB_INIT;
	const char *topic = c->o.words.n > 0 ? c->o.words.v[0] : NULL;

	if (c->s->is_compat) {
		help_of_task(c);
		return 0;
	}
	if (!options_help_plain(&text, topic, c->s)) {
		term_print(c->term, STDERR_FILENO, COLOR_RED,
		    "prun: --help knows no topic %s (prun --help)\n",
		    quote_go(c->a, sv_of(topic)));
		return 2;
	}
	term_write(c->term, STDOUT_FILENO, sb_sv(&text));
	return c->term->stdout_failed;
}

static int
version(const struct cli *c)
{
	char line[128];

	if (c->in.is_task)
		snprintf(line, sizeof(line), "%s+prun.%s\n", TASKFILE_VERSION,
		    PACKAGE_VERSION);
	else
		snprintf(line, sizeof(line), "prun %s (Taskfile %s+prun.%s)\n",
		    PACKAGE_VERSION, TASKFILE_VERSION, PACKAGE_VERSION);
	term_write(c->term, STDOUT_FILENO, sv_of(line));
	return c->term->stdout_failed;
}

static void
experiment(const struct cli *c, struct sb *out, const char *name,
    const char *pad, bool on)
{
	struct sb state cleanup_sb = SB_INIT;

	sb_printf(&state, ": %s%s\n", pad, on ? "on (1)" : "off");
	term_add(c->term, out, COLOR_YELLOW, SV("* "));
	term_add(c->term, out, COLOR_GREEN, sv_of(name));
	term_add(c->term, out, COLOR_DEFAULT, sb_sv(&state));
}

static int
experiments(const struct cli *c)
{
	struct sb out cleanup_sb = SB_INIT;

	experiment(c, &out, "GENTLE_FORCE", "  ", c->s->gentle_force);
	experiment(c, &out, "ENV_PRECEDENCE", "", c->s->env_precedence);
	term_write(c->term, STDOUT_FILENO, sb_sv(&out));
	return c->term->stdout_failed;
}

/* prun's own words for where it looked in vain. */
static void
say_no_taskfile(const struct cli *c, struct err *e)
{
	const char *given = c->s->taskfile, *dir = c->s->dir;
	bool at_owner = strstr(e->message, "until ownership") != NULL;
	char *text;

	if (strstr(e->message, "Run `task --init`") == NULL)
		return;
	text = *given != '\0'
		   ? arena_printf(c->a, "at %s", quote_go(c->a, sv_of(given)))
	       : *dir != '\0' ? arena_printf(c->a, "in %s or above",
				    quote_go(c->a, sv_of(dir)))
			      : arena_strdup(c->a, "here or above");
	err_clear(e);
	err_set(e, ERR_NO_TASKFILE,
	    "prun: no Taskfile %s%s; prun --init writes one", text,
	    at_owner ? " (as far as the folders have one owner)" : "");
}

static int
main_fail(const struct cli *c, struct err *e)
{
	int status;

	if (e->code == ERR_NO_TASKFILE && !c->s->is_compat)
		say_no_taskfile(c, e);
	if (e->code == ERR_USAGE && !c->s->is_compat) {
		term_print(c->term, STDERR_FILENO, COLOR_RED,
		    "prun: %s (prun --help)\n",
		    c->o.plain != NULL ? c->o.plain : e->message);
		status = 2;
	} else if (e->code == ERR_USAGE) {
		help_of_task(c);
		term_write(c->term, STDERR_FILENO, sv_of(e->message));
		term_write(c->term, STDERR_FILENO, SV("\n"));
		status = 2;
	} else {
		status = cli_fail(c, e, NULL);
	}
	err_clear(e);
	return status;
}

static int
serve(const struct cli *c, struct project *p)
{
	struct err e = ERR_INIT;

	serve_exec(p, OPT_S(&c->o, listen), &e);
	return main_fail(c, &e);
}

static int
clear_cache(const struct cli *c, struct project *p)
{
	struct err e = ERR_INIT;
	struct remote_options o;

	project_remote(p, &o);
	return remote_clear_cache(o.cache_dir, &e) ? 0 : main_fail(c, &e);
}

/* The programs that it starts get the same flags. */
static int
mcp(const struct cli *c, struct project *p)
{
	struct options o = c->o;
	string_vec flags = { 0 };

	o.v[OPT_mcp] = (struct setting_value){ 0 };
	options_words(c->a, &o, &flags);
	return mcp_serve(p, &flags);
}

/* A command that only prints ends by SIGPIPE when nobody reads any more, as
 * programs do; a run has more to do than to print, and goes on. */
static int
print_by(int (*command)(const struct cli *), const struct cli *c)
{
	signal(SIGPIPE, SIG_DFL);
	return command(c);
}

static bool
only_prints(int (*command)(const struct cli *, struct project *))
{
	static int (*const printers[])(const struct cli *,
	    struct project *) = { cmd_list, cmd_summary, cmd_lint, cmd_receipts,
		cmd_cache, cmd_eject, cmd_plan, cmd_log, cmd_runs, cmd_explain,
		cmd_stats, cmd_features, cmd_wait, cmd_cancel, cmd_results };

	for (size_t i = 0; i < sizeof(printers) / sizeof(printers[0]); i++)
		if (printers[i] == command)
			return true;
	return false;
}

/* The commands that need no Taskfile, or find it themselves; false: it is none
 * of them. */
static bool
run_alone(struct cli *c, int *status)
{
	const struct options *o = &c->o;

	if (OPT_B(o, version))
		*status = print_by(version, c);
	else if (OPT_B(o, help))
		*status = print_by(help, c);
	else if (OPT_B(o, experiments))
		*status = print_by(experiments, c);
	else if (OPT_B(o, init))
		*status = cmd_init(c);
	else if (OPT_S(o, completion)[0] != '\0')
		*status = print_by(cmd_completion, c);
	else if (OPT_SET(o, schema))
		*status = print_by(cmd_schema, c);
	else if (OPT_S(o, hook)[0] != '\0')
		*status = cmd_hook(c);
	else
		return false;
	return true;
}

/* The command that works on a Taskfile. */
static int (*command_of(const struct options *o))(const struct cli *,
    struct project *)
{
	if (OPT_B(o, clear_cache))
		return clear_cache;
	if (OPT_SET(o, results))
		return cmd_results;
	if (OPT_B(o, mcp))
		return mcp;
	if (OPT_SET(o, wait))
		return cmd_wait;
	if (OPT_SET(o, cancel))
		return cmd_cancel;
	if (OPT_B(o, serve))
		return serve;
	if (OPT_B(o, stats))
		return cmd_stats;
	if (OPT_B(o, features))
		return cmd_features;
	if (OPT_B(o, list) || OPT_B(o, list_all))
		return cmd_list;
	if (OPT_B(o, summary) && !OPT_B(o, status))
		return cmd_summary;
	if (OPT_B(o, lint))
		return cmd_lint;
	if (OPT_S(o, cache)[0] != '\0')
		return cmd_cache;
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
	if (OPT_B(o, runs))
		return cmd_runs;
	if (OPT_SET(o, report) && OPT_SET(o, run))
		return cmd_report;
	if (OPT_S(o, explain)[0] != '\0')
		return cmd_explain;
	if (OPT_B(o, failed))
		return cmd_failed;
	if (OPT_SET(o, worktrees) || OPT_SET(o, plans) || OPT_SET(o, tests))
		return cmd_session;
	return cmd_run;
}

static bool
runs_tasks(int (*command)(const struct cli *, struct project *))
{
	return command == cmd_run || command == cmd_push ||
	       command == cmd_failed || command == cmd_session;
}

static int
detach_nothing(const struct cli *c)
{
	struct err e = ERR_INIT;

	err_set(&e, ERR_GENERIC,
	    "%s: --detach is for runs of tasks, and nothing else was asked for "
	    "to be left", c->s->is_compat ? "task" : "prun");
	return main_fail(c, &e);
}

/* That its reader has lost something does not change how a run ended. */
static void
end_events(const struct cli *c)
{
	struct err e cleanup_err = ERR_INIT;

	if (!event_stream_end(c->events, &e))
		term_print(c->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: --events is not whole: %s\n", e.message);
}

static int
main_dispatch(struct cli *c)
{
	const struct options *o = &c->o;
	struct err e = ERR_INIT;
	int (*command)(const struct cli *, struct project *);
	struct project p;
	int status;

	cli_warn_experiments(c);
	if (run_alone(c, &status))
		return status;
	command = command_of(o);
	if (OPT_B(o, detach) && !runs_tasks(command))
		return detach_nothing(c);
	if (OPT_B(o, detach) && !cli_detach(c, &status, &e))
		return err_is_set(&e) ? main_fail(c, &e) : status;
	if (OPT_SET(o, events) && runs_tasks(command) &&
	    command != cmd_session) {
		c->events = event_stream_new(OPT_S(o, events), &e);
		if (c->events == NULL)
			return main_fail(c, &e);
	}
	if (command == cmd_run && c->s->watch && !OPT_B(o, status))
		watch_expect_signals();
	if (!cli_load(c, &p, &e))
		return main_fail(c, &e);
	if (only_prints(command))
		signal(SIGPIPE, SIG_DFL);
	return command(c, &p);
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
	struct arena *a;
	struct err e = ERR_INIT;
	struct cli c;
	int status;

	if (guardian_is_one(argv[0]))
		return guardian_main();
	spawn_take_signals();
	main_open_streams();
	/* a closed pipe or a file at its bound is an error of the write, not
	 * the end of the run */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	a = arena_new();
	cli_start(&c, a, argc, argv);
	jobserver_note(a, environment_get(c.in.env, "MAKEFLAGS"),
	    environment_get(c.in.env, "CARGO_MAKEFLAGS"));
	if (link_is_one(argv[0], &c.in.outer)) {
		status = link_main(argc, argv, &c.in.outer);
	} else if (argc > 1 && strcmp(argv[1], "__complete") == 0) {
		signal(SIGPIPE, SIG_DFL);
		status = cmd_complete(&c);
	} else if (argc == 2 && strcmp(argv[1], WORKER_WORD) == 0) {
		status = worker_main(&c.in);
	} else {
		status = cli_read(&c, &e) ? main_dispatch(&c)
					  : main_fail(&c, &e);
	}
	end_events(&c);
	detach_end(status);
	secrets_free(c.in.secrets);
	arena_free(a);
	return status;
}
