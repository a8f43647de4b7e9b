/* SPDX-License-Identifier: MIT */
/*
 * --failed: the last run once more, with its flags and variables, but only
 * what failed or was skipped in it (P-507).
 */
#include "config.h"

#include "cli/cli.h"

#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "base/path.h"
#include "project/history.h"
#include "project/rerun.h"

/* What the last run was told. */
static bool
parse_old(const struct cli *c, const struct journal_run *r,
    struct options *old, struct err *e)
{
	string_vec argv = { 0 };
	const char *const *word;

	vec_push(c->a, &argv, c->in.argv.v[0]);
	vec_each(&r->argv, word)
		vec_push(c->a, &argv, *word);
	return options_parse(c->a, (int)argv.n, (char *const *)argv.v,
	    c->s->gentle_force, old, e);
}

/* The flags of then with those of now on top; its tasks, the variables of
 * both. */
static struct options
rerun_options(const struct cli *c, const struct journal_log *log,
    const struct options *old)
{
	struct options o = *old;
	const char *const *word;

	options_add(c->a, &o, &c->o);
	o.v[OPT_failed] = (struct setting_value){ 0 };
	o.words = (string_vec){ 0 };
	vec_each(&log->run.tasks, word)
		vec_push(c->a, &o.words, *word);
	vec_each(&old->words, word)
		if (strchr(*word, '=') != NULL)
			vec_push(c->a, &o.words, *word);
	vec_each(&c->o.words, word)
		vec_push(c->a, &o.words, *word);
	return o;
}

/* Is there another value for the NAME of `word` on this command line? */
static bool
is_given_again(const struct cli *c, const char *word)
{
	size_t n = strcspn(word, "=") + 1;
	const char *const *now;

	vec_each (&c->o.words, now)
		if (strncmp(*now, word, n) == 0)
			return true;
	return false;
}

/* P-406: the record has the name of a secret that was given, not its value. */
static bool
check_secrets(const struct cli *c, const struct options *old, struct err *e)
{
	const char *const *word;

	vec_each (&old->words, word) {
		const char *eq = strchr(*word, '=');

		if (eq != NULL && strstr(eq + 1, KEPT_SECRET) != NULL &&
		    !is_given_again(c, *word))
			return err_set(e, ERR_GENERIC,
			    "prun: %.*s is a secret, whose value was not kept: "
			    "prun --failed %.*s=...",
			    (int)(eq - *word), *word, (int)(eq - *word),
			    *word);
	}
	return true;
}

/* A task that was asked for and is gone cannot run; one that another called is
 * no part of what was asked for any more. */
static bool
check_names(const struct cli *c, struct project *p,
    const struct history_run *last, struct err *e)
{
	const struct journal_log *log = &last->log;
	struct map *told = map_new(c->a);
	call_vec calls;

	/* what was derived is again */
	if (!project_calls(p, true, &calls, e))
		return false;
	for (size_t i = 0; i < log->calls.n; i++) {
		const struct journal_call *call = &log->calls.v[i];
		struct err none cleanup_err = ERR_INIT;
		struct match m;

		if (call->id == 0 || map_get(told, sv_of(call->key)) != NULL ||
		    (call->parent != 0 && !rerun_is_root_cause(call)) ||
		    task_find(c->a, &p->compiler, call->key, &m, &none))
			continue;
		if (call->parent == 0)
			return err_set(e, ERR_TASK_NOT_FOUND,
			    "prun: task %s of the last run (%s) is gone from "
			    "the Taskfile",
			    quote_go(c->a, sv_of(call->key)), last->id);
		map_put(told, sv_of(call->key), told);
		term_print(c->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: task %s, which failed in the last run, is gone from "
		    "the Taskfile\n",
		    quote_go(c->a, sv_of(call->key)));
	}
	return true;
}

/* What a hook checked in a tree of its own runs in the user's. */
static const char *
folder_of(const struct cli *c, const struct journal_run *r, struct options *o)
{
	const char *taskfile = OPT_S(o, taskfile);

	if (*r->home == '\0')
		return r->cwd;
	o->v[OPT_dir] = (struct setting_value){ 0 };
	if (*taskfile != '\0')
		o->v[OPT_taskfile].s = path_join(c->a, sv_of(r->home),
		    sv_of(path_base(c->a, sv_of(taskfile))));
	return r->home;
}

static int
run_again(const struct cli *c, const struct history_run *last,
    const struct options *old)
{
	struct err e cleanup_err = ERR_INIT;
	struct options o = rerun_options(c, &last->log, old);
	const char *folder = folder_of(c, &last->log.run, &o);
	struct project p;
	struct cli again;

	if (chdir(folder) != 0)
		err_set(&e, ERR_GENERIC, "prun: the folder of the last run is "
		    "gone: %s", folder);
	else if (cli_again(c, &o, &again, &e) && cli_load(&again, &p, &e) &&
		 check_names(&again, &p, last, &e)) {
		p.rerun = rerun_new(c->a, &last->log);
		return cmd_run(&again, &p);
	}
	return cli_fail(c, &e, NULL);
}

int
cmd_failed(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	struct history_run last;
	struct options old = { 0 };

	if (!history_find(p, OPT_S(&c->o, run), &last, &e) ||
	    !parse_old(c, &last.log.run, &old, &e))
		return cli_fail(c, &e, NULL);
	if (last.log.has_end && last.log.end.exit_status == 0) {
		term_print(c->term, STDERR_FILENO, COLOR_DEFAULT,
		    "prun: nothing failed in the last run (%s)\n", last.id);
		return 0;
	}
	if (!check_secrets(c, &old, &e))
		return cli_fail(c, &e, NULL);
	return run_again(c, &last, &old);
}
