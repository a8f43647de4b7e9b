/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/hook_setup.h"

#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/real_path.h"
#include "gate/gate.h"
#include "gate/receipt.h"
#include "project/program.h"
#include "vcs/hook.h"

int
hook_setup_fail(const struct cli *c, struct err *e)
{
	int status = cli_fail(c, e, NULL);

	err_clear(e);
	return status > 0 ? status : 1;
}

static void
say(const struct cli *c, const char *text)
{
	term_print(c->term, STDOUT_FILENO, COLOR_DEFAULT, "%s\n", text);
}

bool
hook_setup_name(const struct cli *c, const char **name, struct err *e)
{
	if (c->o.words.n == 0)
		return err_set(e, ERR_USAGE,
		    "--hook %s needs the name of a "
		    "hook, such as pre-push",
		    OPT_S(&c->o, hook));
	*name = c->o.words.v[0];
	if (hook_is_known(*name))
		return true;
	return err_set(e, ERR_USAGE, "unknown git hook: %s", *name);
}

/* Seen from the root, where git starts hooks; NULL: it does not lie below. */
static const char *
from_root(const struct git *git, const char *path)
{
	struct err none cleanup_err = ERR_INIT;
	char *below;

	if (!path_rel(git->a, sv_of(git->top), sv_of(path), &below, &none) ||
	    strcmp(below, "..") == 0 || strncmp(below, "../", 3) == 0)
		return NULL;
	return below;
}

/* Where the Taskfile is not at the root: the hook is started there. */
static void
set_folder(const struct git *git, const char *dir, struct hook_check *check)
{
	const char *below =
	    dir == NULL ? NULL : from_root(git, path_real(git->a, dir));

	check->flag = check->place = NULL;
	if (below == NULL || strcmp(below, ".") == 0)
		return;
	check->flag = "-d";
	check->place = below;
}

static bool
names_taskfile(const struct project *p)
{
	return p->s != NULL && *p->s->taskfile != '\0' &&
	       strcmp(p->s->taskfile, "-") != 0;
}

static bool
read_request(const struct cli *c, const struct project *p,
    const struct git *git, struct hook_request *r, struct err *e)
{
	const char *below;

	*r = (struct hook_request){
		.prun = program_asked_for(c->a, c->in.argv.v[0],
		    environment_get(c->in.env, "PATH"), p->program),
		.force = OPT_B(&c->o, force),
	};
	if (!hook_setup_name(c, &r->name, e))
		return false;
	for (size_t i = 1; i < c->o.words.n; i++)
		vec_push(c->a, &r->check.tasks, c->o.words.v[i]);
	if (!names_taskfile(p)) {
		set_folder(git, p->work_dir, &r->check);
		return true;
	}
	r->check.flag = "-t";
	r->check.place = path_real_place(c->a, p->s->taskfile);
	below = from_root(git, r->check.place);
	if (below != NULL)
		r->check.place = below;
	return true;
}

/* When a hook runs, and how it is left out. */
static const struct hook_words {
	const char *name, *when, *skip;
} hook_words[] = {
	{ "pre-commit", "before each commit", "git commit --no-verify" },
	{ "commit-msg", "on each commit message", "git commit --no-verify" },
	{ "pre-push", "before each push", "git push --no-verify" },
	{ "prepare-commit-msg", "before a commit message is edited", NULL },
	{ "pre-merge-commit", "before each merge commit",
	    "git merge --no-verify" },
	{ "pre-rebase", "before each rebase", "git rebase --no-verify" },
	{ "post-commit", "after each commit", NULL },
	{ "post-merge", "after each merge", NULL },
	{ "post-checkout", "after each checkout", NULL },
};

static void
add_place(struct sb *b, const struct hook_check *check)
{
	if (check->flag != NULL)
		sb_printf(b, " %s %s",
		    strcmp(check->flag, "-t") == 0 ? "of" : "in", check->place);
	if (check->repo != NULL)
		sb_printf(b, " of %s", check->repo);
}

/* "lint, test in packages/a". */
static void
add_check_text(struct sb *b, const struct hook_check *check)
{
	for (size_t i = 0; i < check->tasks.n; i++)
		sb_printf(b, "%s%s", i ? ", " : "", check->tasks.v[i]);
	if (check->tasks.n == 0)
		sb_adds(b, "the default task");
	add_place(b, check);
}

/* `but`: all others. */
static const char *
checks_text(
    struct arena *a, const hook_check_vec *checks, const struct hook_check *but)
{
	struct sb b cleanup_sb = SB_INIT;
	const struct hook_check *check;

	vec_each(checks, check) {
		if (but != NULL && hook_check_same(check, but))
			continue;
		sb_adds(&b, b.n > 0 ? "; " : "");
		add_check_text(&b, check);
	}
	return sb_take(&b, a).p;
}

/* What this installation runs and when, and what else the hook does. */
static const char *
installed_text(const struct cli *c, struct project *p,
    const struct hook_request *r, const struct hook_done *done)
{
	struct err none cleanup_err = ERR_INIT;
	struct hook_check check = r->check;
	struct sb b cleanup_sb = SB_INIT;
	const char *others = checks_text(c->a, &done->checks, &check);

	/* where none is there yet, the hook will say so */
	if (check.tasks.n == 0 && p->taskfile != NULL)
		gate_default_tasks(p, r->name, &check.tasks, &none);
	sb_printf(&b, "%s is installed%s: %s runs ", r->name,
	    done->changed ? "" : " already", done->path);
	add_check_text(&b, &check);
	for (size_t i = 0; i < sizeof(hook_words) / sizeof(hook_words[0]);
	     i++) {
		const struct hook_words *w = &hook_words[i];

		if (strcmp(w->name, r->name) != 0)
			continue;
		sb_printf(&b, " %s", w->when);
		if (w->skip != NULL)
			sb_printf(&b, " (%s skips it)", w->skip);
	}
	if (*others != '\0')
		sb_printf(&b, "\nit also runs %s", others);
	return sb_take(&b, c->a).p;
}

int
hook_setup_install(
    const struct cli *c, struct project *p, const struct git *git)
{
	struct err e = ERR_INIT;
	struct hook_request r;
	struct hook_done done;

	if (!read_request(c, p, git, &r, &e) ||
	    !hook_install(git, &r, &done, &e))
		return hook_setup_fail(c, &e);
	receipt_want(p, true);
	if (done.caller != NULL) {
		say(c,
		    arena_printf(c->a, "%s is installed already: %s runs prun",
			r.name, done.caller));
		return 0;
	}
	say(c, installed_text(c, p, &r, &done));
	if (done.is_shared)
		say(c,
		    arena_printf(c->a,
			"it lies in %s (core.hooksPath) and "
			"is there for every repository that uses this folder",
			done.dir));
	if (done.above != NULL)
		say(c,
		    arena_printf(c->a,
			"husky writes that folder anew when "
			"it is installed; this line in %s lasts:\n\t%s",
			done.above, hook_script_line(c->a, r.name, &r.check)));
	return 0;
}

static const char *
removed_text(const struct cli *c, const struct hook_request *r,
    const struct hook_done *done)
{
	const char *left = checks_text(c->a, &done->checks, NULL);
	struct sb b cleanup_sb = SB_INIT;

	if (done->changed && *left == '\0')
		sb_printf(&b, "%s is removed", r->name);
	else if (done->changed)
		sb_printf(&b, "%s is removed for this folder; it still runs %s",
		    r->name, left);
	else if (*left != '\0')
		sb_printf(&b,
		    "%s runs %s, nothing of this folder; left as it "
		    "is (--force removes it)",
		    r->name, left);
	else
		sb_printf(&b, "%s is not prun's; left as it is", r->name);
	if (done->kept != NULL)
		sb_printf(&b, "\nthe hook that was there before it is %s",
		    done->kept);
	return sb_take(&b, c->a).p;
}

int
hook_setup_remove(const struct cli *c, struct project *p, const struct git *git)
{
	struct err e = ERR_INIT;
	struct hook_request r;
	struct hook_done done;

	if (!read_request(c, p, git, &r, &e) ||
	    !hook_remove(git, &r, &done, &e))
		return hook_setup_fail(c, &e);
	/* the folder's Taskfile may be gone */
	if (!done.changed && done.checks.n > 0 && !names_taskfile(p)) {
		set_folder(git, c->in.cwd, &r.check);
		if (!hook_remove(git, &r, &done, &e))
			return hook_setup_fail(c, &e);
	}
	if (done.checks.n == 0)
		receipt_want(p, false);
	say(c, removed_text(c, &r, &done));
	return 0;
}

const char *
hook_setup_skips(const struct project *p)
{
	return state_path(p->a, &p->state, "skipped-hooks");
}

static void
print_skips(const struct cli *c, const struct project *p)
{
	struct err none cleanup_err = ERR_INIT;
	const char *path = hook_setup_skips(p);
	sv text, line, last = { NULL, 0 };
	size_t n = 0;

	if (!path_exists(path) || !read_file(c->a, path, &text, &none))
		return;
	for (; text.n > 0; n++) {
		sv_cut(text, '\n', &line, &text);
		last = line;
	}
	say(c, arena_printf(c->a, "skipped by PRUN_HOOKS=0: %zu, last %.*s", n,
		   SV_ARG(last)));
}

/* The state of one hook in a line; NULL: prun has nothing to do with it. */
static const char *
state_text(struct arena *a, const struct hook_info *h)
{
	if (h->installed)
		return arena_printf(a, "%s: %s runs %s%s%s", h->name, h->path,
		    checks_text(a, &h->checks, NULL),
		    h->kept ? " (first the hook that was there before)" : "",
		    h->is_runnable ? ""
				   : "; but git passes over it, since it "
				     "is not executable");
	if (h->caller != NULL)
		return arena_printf(a, "%s: %s runs prun", h->name, h->caller);
	if (h->renamed != NULL && h->is_there)
		return arena_printf(a,
		    "%s: %s is another program's; prun's "
		    "has become %s, and runs only if that one starts it",
		    h->name, h->path, h->renamed);
	if (h->renamed != NULL)
		return arena_printf(a,
		    "%s: prun's has become %s, which "
		    "nothing starts",
		    h->name, h->renamed);
	if (h->passed_over != NULL)
		return arena_printf(a,
		    "%s: %s is prun's, but git looks into "
		    "%s (core.hooksPath)",
		    h->name, h->passed_over, h->dir);
	if (h->kept != NULL)
		return arena_printf(a,
		    "%s: prun's is gone; the hook that was "
		    "there before it is %s",
		    h->name, h->kept);
	return NULL;
}

int
hook_setup_status(
    const struct cli *c, const struct project *p, const struct git *git)
{
	struct err e = ERR_INIT;
	bool any = false;

	for (size_t i = 0; hook_names[i] != NULL; i++) {
		struct hook_info info;
		const char *text;

		if (!hook_look(git, hook_names[i], &info, &e))
			return hook_setup_fail(c, &e);
		text = state_text(c->a, &info);
		if (text == NULL)
			continue;
		any = true;
		say(c, text);
	}
	if (!any)
		say(c, "no hook is installed");
	print_skips(c, p);
	return 0;
}
