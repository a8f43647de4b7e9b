/* SPDX-License-Identifier: MIT */
/* From the words of the command line to settings and a project. */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "taskfile/source.h"
#include "cli/cli.h"
#include "output/list.h"
#include "project/detach.h"

void
cli_warn_experiments(const struct cli *c)
{
	static const struct {
		const char *name;
		bool released;
	} known[] = {
		{ "GENTLE_FORCE", false },
		{ "ENV_PRECEDENCE", false },
		{ "ANY_VARIABLES", true },
		{ "MAP_VARIABLES", true },
		{ "REMOTE_TASKFILES", true },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		long n = setting_experiment(&c->sources, known[i].name);

		if (n == 0 || (n == 1 && !known[i].released))
			continue;
		if (known[i].released)
			term_print(c->term, STDERR_FILENO, COLOR_YELLOW,
			    "task: Experiment \"%s\" is released and no "
			    "longer needs to be enabled\n",
			    known[i].name);
		else
			term_print(c->term, STDERR_FILENO, COLOR_YELLOW,
			    "task: Experiment \"%s\" has an invalid value "
			    "%ld (allowed values: 1)\n",
			    known[i].name, n);
		return;
	}
}

/* -d, the folder of -t, or the working directory (C-501). */
static const char *
config_dir(const struct cli *c, const struct options *o)
{
	const char *t = OPT_S(o, taskfile);

	if (*OPT_S(o, dir) != '\0')
		return path_abs(c->a, sv_of(OPT_S(o, dir)));
	if (*t == '\0' || strcmp(t, "-") == 0 || strstr(t, "://") != NULL)
		return c->in.cwd;
	t = path_abs(c->a, sv_of(t));
	return path_is_dir(t) ? t : path_dir(c->a, sv_of(t));
}

static bool
started_as_task(const char *argv0)
{
	struct arena *a cleanup_arena = arena_new();

	return strcmp(path_base(a, sv_of(argv0)), "task") == 0;
}

static void
init_term(const struct cli *c, int forced)
{
	term_init(c->a, c->term, forced, environment_answer, c->in.env);
	c->term->secrets = c->in.secrets;
}

/* The process's, as this run sees it. */
static void
open_environment(struct cli *c)
{
	c->in.env = arena_new_of(c->a, struct environment);
	environment_open(c->a, c->in.env);
	protocol_read(c->a, c->in.env, &c->in.outer);
	protocol_leave(&c->in.outer, c->in.env);
	protocol_forget_dead(c->a, &c->in.outer, c->in.env);
	if (detach_is_one())
		protocol_stand_alone(c->a, &c->in.outer, c->in.env);
	c->in.trust = trust_new(c->a, c->in.env);
}

/* Whoever lists the processes sees the command line as long as this one runs, so
 * what turns out to be a secret is starred in it. */
static void
hide_in_argv(void *arg, const char *secret)
{
	const struct cli *c = arg;
	size_t n = strlen(secret);

	for (char **word = c->argv; *word != NULL; word++)
		for (char *at = *word; (at = strstr(at, secret)) != NULL;
		     at += n)
			memset(at, '*', n);
}

void
cli_start(struct cli *c, struct arena *a, int argc, char **argv)
{
	*c = (struct cli){ .a = a,
		.term = arena_new_of(a, struct term),
		.argv = argv,
		.hides = { hide_in_argv, c, NULL } };
	for (int i = 0; i < argc; i++)
		vec_push(a, &c->in.argv, arena_strdup(a, argv[i]));
	c->in.is_task = started_as_task(argv[0]);
	c->in.secrets = secrets_new();
	secrets_tell(c->in.secrets, &c->hides);
	c->in.cwd = path_cwd(a);
	open_environment(c);
	init_term(c, -1);
	c->term->raw = c->in.is_task;
}

/* What the flags and all the others say, without prun.ini. */
static void
cli_decide(struct cli *c)
{
	options_flags(&c->o, c->flags);
	c->sources.flags = c->flags;
	settings_resolve(c->a, &c->sources, &c->early);
	c->s = &c->early;
}

/* What the folder says that the flags name, before they count themselves: an
 * experiment decides which there are. */
static void
read_sources(struct cli *c, const struct options *o, struct err *e)
{
	(void)setting_sources_read(
	    c->a, config_dir(c, o), &c->in, &c->sources, e);
	c->sources.outer = &c->in.outer;
	c->sources.is_task = c->in.is_task;
}

/* Mistakes of the command line come first, then those of .taskrc.yml. */
static bool
cli_check(struct cli *c, struct err *broken, struct err *e)
{
	cli_decide(c);
	init_term(c, c->s->color_forced);
	c->term->raw = c->s->is_compat;
	/* an editor asks for the version whatever the file is like */
	if (err_is_set(broken) && !OPT_B(&c->o, version) &&
	    !OPT_B(&c->o, help)) {
		err_move(e, broken);
		return false;
	}
	return options_check(&c->o, c->s, e);
}

bool
cli_read(struct cli *c, struct err *e)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct err broken cleanup_err = ERR_INIT;
	char *const *argv = (char *const *)c->in.argv.v;
	int argc = (int)c->in.argv.n;
	struct options first = { 0 };

	options_parse(c->a, argc, argv, true, &first, &ignored);
	read_sources(c, &first, &broken);
	if (options_parse(c->a, argc, argv, c->sources.gentle_force, &c->o, e))
		return cli_check(c, &broken, e);
	cli_decide(c);
	return false;
}

bool
cli_detach(struct cli *c, int *status, struct err *e)
{
	if (!detach_begin(status, e))
		return false;
	protocol_stand_alone(c->a, &c->in.outer, c->in.env);
	/* there is no terminal any more */
	init_term(c, c->s->color_forced);
	c->term->raw = c->s->is_compat;
	return true;
}

bool
cli_again(const struct cli *c, const struct options *o, struct cli *out,
    struct err *e)
{
	struct err broken cleanup_err = ERR_INIT;

	*out = (struct cli){ .a = c->a,
		.in = c->in,
		.o = *o,
		.term = c->term,
		.events = c->events };
	out->in.argv = (string_vec){ 0 };
	vec_push(c->a, &out->in.argv, c->in.argv.v[0]);
	options_words(c->a, o, &out->in.argv);
	out->in.cwd = path_cwd(c->a);
	/* what .env said of the folder before is not for this one */
	open_environment(out);
	read_sources(out, o, &broken);
	return cli_check(out, &broken, e);
}

bool
cli_load(struct cli *c, struct project *out, struct err *e)
{
	const struct options *o = &c->o;
	bool lists = OPT_B(o, list) || OPT_B(o, list_all);
	bool of_git = OPT_B(o, push) || *OPT_S(o, hook) != '\0';
	const struct project_options po = {
		.sources = &c->sources,
		.early = &c->early,
		.words = lists ? NULL : &o->words,
		/* they are git's, not the tasks' */
		.behind = of_git ? NULL : &o->behind,
		.events = c->events,
		.place_only =
		    OPT_SET(o, wait) || OPT_SET(o, cancel) || OPT_B(o, mcp),
	};
	bool ok = project_load(c->a, &c->in, &po, c->term, out, e);

	if (out->s != NULL)
		c->s = out->s;
	return ok;
}

bool
cli_calls(const struct cli *c, struct project *p, call_vec *out, struct err *e)
{
	/* even with -s the list is a full one (C-169) */
	struct list_options lo = { .sort = OPT_S(&c->o, sort) };
	struct err ignored cleanup_err = ERR_INIT;
	bool empty;

	if (project_calls(p, OPT_B(&c->o, status), out, e))
		return true;
	if (e->code == ERR_TASK_NOT_FOUND)
		list_tasks(
		    p->a, &p->compiler, NULL, &lo, p->term, &empty, &ignored);
	return false;
}

static bool
on_github(const struct cli *c)
{
	bool on = false;

	return go_bool_parse(
		   environment_get(c->in.env, "GITHUB_ACTIONS"), &on) &&
	       on;
}

void
cli_annotate(const struct cli *c, const struct err *e, const char *task)
{
	struct sb line cleanup_sb = SB_INIT;
	const char *message = source_masked(c->a, e->message);
	const char *inner = task ? strstr(message, "\": ") : NULL;

	if (!on_github(c))
		return;
	if (task != NULL)
		sb_printf(&line, "::error title=Task '%s' failed::%s\n", task,
		    inner ? inner + 3 : message);
	else
		sb_printf(&line, "::error title=Task failed::%s\n", message);
	term_write(c->term, STDOUT_FILENO, sb_sv(&line));
}

int
cli_status(const struct cli *c, const struct err *e)
{
	if (OPT_B(&c->o, exit_code)) {
		if (e->status >= 0)
			return e->status;
		if (e->code == ERR_TIMEOUT)
			return 124;
	}
	return err_exit_status(e->code);
}

void
cli_tell(const struct cli *c, const struct err *e)
{
	term_print(c->term, STDERR_FILENO, COLOR_RED, "%s\n",
	    source_masked(c->a, e->message));
	if (e->place != NULL && !c->s->is_compat)
		term_print(c->term, STDERR_FILENO, COLOR_RED, "prun: at %s\n",
		    source_masked(c->a, e->place));
}

int
cli_fail(const struct cli *c, struct err *e, const char *task)
{
	cli_annotate(c, e, task);
	cli_tell(c, e);
	return cli_status(c, e);
}
