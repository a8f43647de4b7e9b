/* SPDX-License-Identifier: MIT */
/*
 * --failed: the last run once more, with its flags and variables, but only
 * what failed or was skipped in it (P-507).
 */
#include "config.h"

#include "cli/cli.h"

#include <string.h>
#include <unistd.h>

#include "project/history.h"

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

/* What is to run: the tasks that failed or were skipped; all that was asked for
 * where the run was killed or failed after its tasks. */
static const journal_words *
tasks_of(const struct journal_log *log)
{
	return log->has_end && log->end.rerun.n > 0 ? &log->end.rerun
						    : &log->run.tasks;
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
	vec_each(tasks_of(log), word)
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

static int
run_again(const struct cli *c, const struct history_run *last,
    const struct options *old)
{
	struct err e cleanup_err = ERR_INIT;
	struct options o = rerun_options(c, &last->log, old);
	struct project p;
	struct cli again;

	if (chdir(last->log.run.cwd) != 0)
		err_set(&e, ERR_GENERIC, "prun: the folder of the last run is "
		    "gone: %s", last->log.run.cwd);
	else if (cli_again(c, &o, &again, &e) && cli_load(&again, &p, &e))
		return cmd_run(&again, &p);
	return cli_fail(c, &e, NULL);
}

int
cmd_failed(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	struct history_run last;
	struct options old = { 0 };

	if (!history_find(p, "", &last, &e) ||
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
