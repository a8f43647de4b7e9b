/* SPDX-License-Identifier: MIT */
/* --hook run, and the way to the rest (P-702 to P-707). */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "base/real_path.h"
#include "cli/cli.h"
#include "cli/hook_setup.h"
#include "gate/pushed.h"
#include "gate/receipt.h"
#include "vcs/hook.h"

static bool
hook_git(const struct cli *c, struct git *out, struct err *e)
{
	return git_open(
	    c->a, c->in.cwd, environment_block(c->in.env), out, e);
}

/* The Taskfile tells where the state is, but it may be broken or not there. */
static bool
load_leniently(struct cli *c, struct project *p, const char *dir)
{
	struct err none cleanup_err = ERR_INIT;
	bool ok = cli_load(c, p, &none);

	if (p->state.dir == NULL)
		project_set_repo(p, dir);
	return ok;
}

/* PRUN_HOOKS=0 skips the gate; that it did is written down. */
static void
record_skip(const struct project *p, const char *name)
{
	struct err none cleanup_err = ERR_INIT;
	int fd cleanup_close = -1;

	if (state_make(&p->state, &none))
		fd = open_own(
		    hook_setup_skips(p), O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd >= 0) {
		const char *line = arena_printf(p->a, "%s %s\n",
		    run_id_text(p->a, clock_real_ns()), name);

		write_all(fd, line, strlen(line));
	}
	term_print(p->term, STDERR_FILENO, COLOR_YELLOW,
	    "prun: %s skipped: PRUN_HOOKS=0\n", name);
}

static bool
open_gate(struct cli *c, struct project *p, const char *name, struct gate *g,
    struct err *e)
{
	*g = (struct gate){ .p = p, .hook = name, .range = "" };
	if (!hook_git(c, &g->git, e) || !cli_load(c, p, e))
		return false;
	receipt_want(p, true);
	g->config = config_hook(&p->config, name);
	for (size_t i = 1; i < c->o.words.n; i++)
		vec_push(c->a, &g->tasks, c->o.words.v[i]);
	return true;
}

static bool
only_deletes(const push_ref_vec *refs)
{
	for (size_t i = 0; i < refs->n; i++)
		if (!refs->v[i].deletes)
			return false;
	return true;
}

/* One line says that it is a refusal, whatever the reason is. */
static int
hook_refuse(const struct cli *c, const char *name, struct err *e)
{
	bool says_so = strstr(e->message, " refused: ") != NULL;
	int status = hook_setup_fail(c, e);

	if (!says_so)
		term_print(c->term, STDERR_FILENO, COLOR_RED, "prun: %s "
		    "refused: nothing was checked\n", name);
	return status;
}

static int
end_gate(const struct cli *c, const struct gate *g, struct err *e)
{
	int status = hook_refuse(c, g->hook, e);

	return g->signal != 0 ? 128 + g->signal : status;
}

/* By hand, on a terminal: HEAD as if it were pushed to where nothing is. */
static bool
add_pushed_head(const struct gate *g, push_ref_vec *refs, struct err *e)
{
	struct push_ref r = { .local_ref = "HEAD",
		.remote_ref = "HEAD",
		.remote_id = "0000000000000000000000000000000000000000" };

	if (!git_line(&g->git, GIT_WORDS("rev-parse", "--verify", "HEAD"),
		&r.local_id, e))
		return false;
	vec_push(g->p->a, refs, r);
	return true;
}

/* Nor is there a Taskfile in the checkout: a branch of pages, say. */
static bool
has_nothing_to_check(const struct cli *c, const struct project *p,
    const struct gate *g, const push_ref_vec *refs, const struct err *e)
{
	if (e->code != ERR_NO_TASKFILE || p->path != NULL ||
	    *c->s->taskfile != '\0' ||
	    !pushed_never_had_taskfile(&g->git, refs))
		return false;
	term_print(c->term, STDERR_FILENO, COLOR_DEFAULT,
	    "prun: nothing of what is pushed has a Taskfile: nothing to "
	    "check\n");
	return true;
}

static int
run_pre_push(struct cli *c, struct project *p, const char *name, sv text)
{
	struct err e = ERR_INIT;
	struct pushed push = {
		.remote = c->o.behind.n > 0 ? c->o.behind.v[0] : "",
		.url = c->o.behind.n > 1 ? c->o.behind.v[1] : "",
	};
	struct gate g = { 0 };
	bool by_hand = isatty(STDIN_FILENO);

	if (!push_refs_parse(c->a, text, &push.refs, &e))
		return hook_refuse(c, name, &e);
	/* git names the remote even where there is nothing to push */
	if (text.n == 0 && c->o.behind.n == 0 && !by_hand) {
		err_set(&e, ERR_GENERIC,
		    "prun: pre-push refused: no refs on "
		    "standard input, which is no terminal");
		return hook_refuse(c, name, &e);
	}
	if (!by_hand && only_deletes(&push.refs))
		return 0;
	if (!open_gate(c, p, name, &g, &e)) {
		if (by_hand ||
		    !has_nothing_to_check(c, p, &g, &push.refs, &e))
			return end_gate(c, &g, &e);
		err_clear(&e);
		return 0;
	}
	if ((by_hand && !add_pushed_head(&g, &push.refs, &e)) ||
	    !gate_check_pushed(&g, &push, &e))
		return end_gate(c, &g, &e);
	return 0;
}

/* What git gives a hook, HOOK_ARG_1 …; a file is named so that it is found
 * from any folder. */
static void
describe_hook(const struct cli *c, struct gate *g)
{
	struct arena *a = c->a;

	for (size_t i = 0; i < c->o.behind.n; i++) {
		const char *text = c->o.behind.v[i];

		if (i == 0 && strstr(g->hook, "commit-msg") != NULL)
			text = path_abs(a, sv_of(text));
		gate_assign(g, arena_printf(a, "HOOK_ARG_%zu", i + 1), text);
	}
}

/* Hooks before a commit check what is about to be committed, others the tree as
 * it is. */
static bool
checks_index(const char *name)
{
	return strcmp(name, "pre-commit") == 0 ||
	    strcmp(name, "pre-merge-commit") == 0;
}

/* Standard input is read to its end before anything else, also by a hook that
 * is skipped: git dies of SIGPIPE otherwise. */
static int
run_hook(struct cli *c)
{
	struct err e = ERR_INIT;
	const char *name, *off = environment_get(c->in.env, "PRUN_HOOKS");
	struct project p = { 0 };
	struct gate g = { 0 };
	sv text = { NULL, 0 };

	if (!hook_setup_name(c, &name, &e))
		return hook_setup_fail(c, &e);
	if (strcmp(name, "pre-push") == 0 && !isatty(STDIN_FILENO) &&
	    !read_fd(c->a, STDIN_FILENO, 0, &text, &e))
		return hook_refuse(c, name, &e);
	if (off != NULL && strcmp(off, "0") == 0) {
		load_leniently(c, &p, c->in.cwd);
		record_skip(&p, name);
		return 0;
	}
	if (strcmp(name, "pre-push") == 0)
		return run_pre_push(c, &p, name, text);
	if (!open_gate(c, &p, name, &g, &e))
		return hook_refuse(c, name, &e);
	describe_hook(c, &g);
	if (!gate_check(&g, checks_index(name) ? "" : NULL, &e))
		return end_gate(c, &g, &e);
	return 0;
}

int
cmd_hook(struct cli *c)
{
	const char *action = OPT_S(&c->o, hook);
	struct err e = ERR_INIT;
	struct project p;
	struct git git;

	if (strcmp(action, "run") == 0)
		return run_hook(c);
	if (!hook_git(c, &git, &e))
		return hook_setup_fail(c, &e);
	if (!load_leniently(c, &p, git.top))
		project_set_repo(&p, git.top);
	if (strcmp(action, "install") == 0)
		return hook_setup_install(c, &p, &git);
	if (strcmp(action, "remove") == 0)
		return hook_setup_remove(c, &p, &git);
	if (strcmp(action, "status") == 0)
		return hook_setup_status(c, &p, &git);
	err_set(&e, ERR_USAGE, "unknown action %s for --hook: install, remove "
	    "or status", quote_go(c->a, sv_of(action)));
	return hook_setup_fail(c, &e);
}
