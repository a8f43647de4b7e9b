/* SPDX-License-Identifier: MIT */
/* --worktrees, --plans, --tests: a session of tests; --results: its report. */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "cli/cli.h"
#include "session/account.h"
#include "session/cost.h"
#include "session/session.h"

enum {
	WORKERS_MAX = 256,
};

/* NAME=value are for all tests; what is left are tasks. */
static bool
session_words(const struct cli *c, const struct project *p,
    struct session_request *q, struct err *e)
{
	const char **word;
	bool has_task = false;

	vec_each(&c->o.words, word)
		if (strchr(*word, '=') != NULL)
			vec_push(c->a, &q->words, *word);
		else
			has_task = true;
	q->behind = c->o.behind;
	q->merges = OPT_B(&c->o, merge);
	if (p->s->force)
		vec_push(c->a, &q->flags, "--force");
	if (p->s->yes)
		vec_push(c->a, &q->flags, "--yes");
	if (p->s->verbose)
		vec_push(c->a, &q->flags, "--verbose");
	if (q->merges &&
	    strcmp(CFG_S(&p->config, worktrees, kind), "clone") == 0)
		return err_set(e, ERR_GENERIC,
		    "prun: --merge is for work trees, not for kind = clone");
	if (has_task && (OPT_SET(&c->o, plans) || OPT_SET(&c->o, tests)))
		return err_set(e, ERR_GENERIC,
		    "prun: --plans and --tests say what to run; no task can "
		    "be named beside them");
	return true;
}

static bool
read_workers(const struct cli *c, struct session_request *q, struct err *e)
{
	const char *text = OPT_S(&c->o, worktrees);
	int64_t n = 0;
	bool range;

	if (*text == '\0')
		return true;
	if (!go_int_parse(text, 10, &n, &range) || n < 1 || n > WORKERS_MAX)
		return err_set(e, ERR_GENERIC,
		    "prun: --worktrees=%s: must be a number of workers from 1 "
		    "to %d",
		    text, WORKERS_MAX);
	q->workers = (int)n;
	return true;
}

static bool
read_tests(const struct cli *c, struct project *p, struct session_request *q,
    struct err *e)
{
	const char *file = OPT_S(&c->o, tests);
	sv text;

	if (strcmp(file, "-") == 0) {
		if (!read_fd(p->a, STDIN_FILENO, 8 << 20, &text, e))
			return err_wrap(e, "prun: --tests: ");
	} else if (!read_file_or_pipe(p->a,
		       path_resolve(p->a, sv_of(c->in.cwd), sv_of(file)), &text,
		       e)) {
		return err_wrap(e, "prun: --tests: ");
	}
	return request_json(p, text, q, e);
}

/* The trees have what the repository has, and nothing else. */
static bool
check_taskfile(const struct project *p, struct err *e)
{
	struct err ignored cleanup_err = ERR_INIT;
	char *below;

	if (*p->path == '/' &&
	    path_rel(
		p->a, sv_of(p->repo_dir), sv_of(p->path), &below, &ignored) &&
	    !sv_starts(sv_of(below), SV("..")))
		return true;
	return err_set(e, ERR_GENERIC,
	    "prun: --worktrees needs a Taskfile in the repository; %s is none",
	    p->path);
}

static bool
session_request_of(const struct cli *c, struct project *p,
    struct session_request *q, struct err *e)
{
	if (!check_taskfile(p, e) || !session_words(c, p, q, e) ||
	    !read_workers(c, q, e) ||
	    !cost_budget(OPT_S(&c->o, budget),
		CFG_S(&p->config, worktrees, rate), &q->budget_ns, e))
		return false;
	if (OPT_SET(&c->o, tests) ? !read_tests(c, p, q, e)
	    : OPT_SET(&c->o, plans)
		? !request_plans(p, OPT_S(&c->o, plans), q, e)
		: !request_tasks(p, q, e))
		return false;
	return request_check(p, q, e);
}

/* `--worktrees list`, `--worktrees clean`; with a number they are tasks. */
static bool
is_about_pool(const struct cli *c)
{
	return OPT_SET(&c->o, worktrees) && *OPT_S(&c->o, worktrees) == '\0' &&
	       c->o.words.n == 1 &&
	       (strcmp(c->o.words.v[0], "list") == 0 ||
		   strcmp(c->o.words.v[0], "clean") == 0);
}

static int
show_pool(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	bool cleans = strcmp(c->o.words.v[0], "clean") == 0;

	if (!session_show_pool(p, cleans, &e))
		return cli_fail(c, &e, NULL);
	return c->term->stdout_failed;
}

int
cmd_session(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	struct session_request q = { .retries = -1 };
	struct session_outcome out;
	report_wishes wishes = { 0 };
	int status = 1, missing;

	if (is_about_pool(c))
		return show_pool(c, p);
	if (!session_request_of(c, p, &q, &e) ||
	    !cli_reports(c, p, &wishes, &e) ||
	    !session_run(p, &q, &out, &status, &e))
		return cli_fail(c, &e, NULL);
	missing = cli_make_reports(c, p, out.id, out.folder, &wishes);
	return status != 0 ? status : missing;
}

int
cmd_results(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	int status = account_of(p, OPT_S(&c->o, results), &e);

	return err_is_set(&e) ? cli_fail(c, &e, NULL) : status;
}
