/* SPDX-License-Identifier: MIT */
/* --hook install, remove, status and run; --push (P-701 to P-708). */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "cli/gate.h"
#include "cli/run_setup.h"
#include "go/shellword.h"
#include "vcs/hook.h"

static int
hook_fail(struct app *app, struct err *e)
{
	int status = app_fail(app, e, NULL);

	err_clear(e);
	return status > 0 ? status : 1;
}

static void
print(struct app *app, const char *text)
{
	term_print(&app->term, STDOUT_FILENO, COLOR_DEFAULT, "%s\n", text);
}

static bool
hook_name(struct app *app, const char **name, struct err *e)
{
	if (app->o.words.n == 0)
		return err_set(e, ERR_USAGE, "--hook %s needs the name of a "
		    "hook, such as pre-push", OPT_S(&app->o, hook));
	*name = app->o.words.v[0];
	if (hook_is_known(*name))
		return true;
	return err_set(e, ERR_USAGE, "unknown git hook: %s", *name);
}

/* Runs leave receipts where a hook is installed, see work.c. */
static void
note_gate(struct app *app, bool on)
{
	struct err none cleanup_err = ERR_INIT;
	struct state state;
	const char *path;

	setup_state(app, &state);
	path = state_path(app->a, &state, RECEIPTS_WANTED);
	if (!on)
		unlink(path);
	else if (!path_exists(path) && state_make(&state, &none))
		write_atomic(path, SV(""), 0600, &none);
}

/* Where the Taskfile is not at the root: the hook is started there. */
static void
add_dir(struct app *app, const struct git *git, string_vec *words)
{
	struct err none cleanup_err = ERR_INIT;
	char *below;

	if (app->work_dir == NULL || !path_rel(app->a, sv_of(git->top),
		sv_of(app->work_dir), &below, &none) ||
	    strcmp(below, ".") == 0 || strncmp(below, "..", 2) == 0)
		return;
	vec_push(app->a, words, "-d");
	vec_push(app->a, words, below);
}

static bool
is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

/* core.hooksPath may name a folder that other repositories use as well. */
static void
tell_shared(struct app *app, const struct git *git, const char *name)
{
	struct err none cleanup_err = ERR_INIT;
	struct hook_info info;

	if (hook_look(git, name, &info, &none) && info.installed &&
	    !is_below(info.path, git->common_dir) &&
	    !is_below(info.path, git->top))
		print(app, arena_printf(app->a, "it lies in %s "
		    "(core.hooksPath) and is there for every repository that "
		    "uses this folder", path_dir(app->a, sv_of(info.path))));
}

static int
install(struct app *app, const struct git *git, bool remove)
{
	struct err e = ERR_INIT;
	string_vec tasks = { 0 };
	const char *name;
	bool changed, ok;

	if (!hook_name(app, &name, &e))
		return hook_fail(app, &e);
	for (size_t i = 1; i < app->o.words.n; i++)
		vec_push(app->a, &tasks, app->o.words.v[i]);
	add_dir(app, git, &tasks);
	vec_push(app->a, &tasks, NULL);
	ok = remove ? hook_remove(git, name, &changed, &e)
		    : hook_install(git, name, app_program(app),
			  tasks.v, &changed, &e);
	if (!ok)
		return hook_fail(app, &e);
	note_gate(app, !remove);
	print(app, arena_printf(app->a, remove
		? changed ? "%s is removed" : "%s is not prun's; left as it is"
		: changed ? "%s is installed" : "%s is installed already",
	    name));
	if (!remove)
		tell_shared(app, git, name);
	return 0;
}

/* One line per skipped hook: the time as a run's id, and the hook. */
static const char *
skip_path(struct app *app)
{
	struct state state;

	setup_state(app, &state);
	return state_path(app->a, &state, "skipped-hooks");
}

static void
print_skips(struct app *app)
{
	struct err none cleanup_err = ERR_INIT;
	sv text, line, last = { NULL, 0 };
	size_t n = 0;

	if (!path_exists(skip_path(app)) ||
	    !read_file(app->a, skip_path(app), &text, &none))
		return;
	for (; text.n > 0; n++) {
		sv_cut(text, '\n', &line, &text);
		last = line;
	}
	print(app, arena_printf(app->a, "skipped by PRUN_HOOKS=0: %zu, last "
	    "%.*s", n, SV_ARG(last)));
}

static int
status(struct app *app, const struct git *git)
{
	struct err e = ERR_INIT;
	bool any = false;

	for (size_t i = 0; hook_names[i] != NULL; i++) {
		struct hook_info info;

		if (!hook_look(git, hook_names[i], &info, &e))
			return hook_fail(app, &e);
		if (!info.installed)
			continue;
		any = true;
		print(app, arena_printf(app->a, "%s: %s%s", info.name,
		    info.path, info.kept ? " (runs the one that was there "
					   "before first)" : ""));
	}
	if (!any)
		print(app, "no hook is installed");
	print_skips(app);
	return 0;
}

/* PRUN_HOOKS=0 skips the gate; that it did is written down. */
static void
record_skip(struct app *app, const char *name)
{
	struct err none cleanup_err = ERR_INIT;
	struct state state;
	int fd cleanup_close = -1;

	setup_state(app, &state);
	if (state_make(&state, &none))
		fd = open(skip_path(app), O_WRONLY | O_CREAT | O_APPEND |
			O_CLOEXEC, 0600);
	if (fd >= 0) {
		const char *line = arena_printf(app->a, "%s %s\n",
		    run_id_text(app->a, clock_real_ns()), name);

		write_all(fd, line, strlen(line));
	}
	term_print(&app->term, STDERR_FILENO, COLOR_YELLOW,
	    "prun: %s skipped: PRUN_HOOKS=0\n", name);
}

static bool
open_gate(struct app *app, const char *name, struct gate *g, struct err *e)
{
	*g = (struct gate){ .app = app, .hook = name, .range = "" };
	if (!git_open(app->a, app->cwd, &g->git, e) || !app_load(app, e))
		return false;
	note_gate(app, true);
	g->config = config_hook(&app->cfg, name);
	for (size_t i = 1; i < app->o.words.n; i++)
		vec_push(app->a, &g->tasks, app->o.words.v[i]);
	return true;
}

static void
assign(struct gate *g, const char *name, const char *text)
{
	vec_push(g->app->a, &g->assignments,
	    arena_printf(g->app->a, "%s=%s", name, text));
}

enum { CHANGED_FILES_MAX = 100000 };

/* As words of a shell.  More than a command line holds stands as ".", the whole
 * tree: more is run, never less. */
static const char *
as_words(struct gate *g, const string_vec *files)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < files->n; i++)
		sb_printf(&b, "%s%s", i ? " " : "", shell_quote(g->app->a,
		    sv_of(files->v[i] + strlen(g->git.top) + 1)));
	if (b.n > CHANGED_FILES_MAX)
		return ".";
	return sb_take(&b, g->app->a).p;
}

/* A name and a password in a URL are nobody's business. */
static const char *
without_password(struct arena *a, const char *url)
{
	const char *host = strstr(url, "://");
	const char *end, *at = NULL;

	if (host == NULL || strncmp(url, "http", 4) != 0)
		return url;
	host += 3;
	end = host + strcspn(host, "/");
	for (const char *p = host; p < end; p++)
		if (*p == '@')
			at = p;
	return at == NULL ? url : arena_printf(a, "%.*s%s", (int)(host - url),
	    url, at + 1);
}

struct push {
	const char *remote, *url;
	push_ref_vec refs;
};

/*
 * What is new on the remote: since its old tip, or since where the commit left
 * what is known of the remote; "" where neither is known here.
 */
static const char *
new_range(struct gate *g, const struct push *p, const char *remote_id,
    const char *commit)
{
	struct arena *a = g->app->a;
	VEC(const char *) words = { 0 };
	const char *refs = arena_printf(a, "refs/remotes/%s", p->remote);
	const char *old;
	sv text, line;

	if (strspn(remote_id, "0") < strlen(remote_id))
		return git_try(&g->git, GIT_WORDS("cat-file", "-e",
			   arena_printf(a, "%s^{commit}", remote_id)), NULL)
			== 0 ? arena_printf(a, "%s..%s", remote_id, commit) : "";
	if (git_try(&g->git, GIT_WORDS("for-each-ref", "--count=500",
		"--format=%(objectname)", refs), &text) != 0 || text.n == 0)
		return "";
	vec_push(a, &words, "merge-base");
	vec_push(a, &words, commit);
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		vec_push(a, &words, sv_cstr(a, line));
	}
	vec_push(a, &words, NULL);
	if (git_try(&g->git, words.v, &text) != 0)
		return "";
	old = sv_cstr(a, sv_trim(text));
	return arena_printf(a, "%s..%s", old, commit);
}

/* The range and its files for the tasks; a range that is not known stands for
 * everything. */
static void
describe_push(struct gate *g, const struct push *p, const char *range,
    const char *commit)
{
	struct err none cleanup_err = ERR_INIT;
	string_vec files = { 0 };
	bool known = *range != '\0' &&
	    git_changed_files(&g->git, range, &files, &none);

	g->assignments = (string_vec){ 0 };
	g->range = known ? range : "";
	assign(g, "PUSH_REMOTE", p->remote);
	assign(g, "PUSH_URL", without_password(g->app->a, p->url));
	assign(g, "PUSH_RANGE", known ? range : commit);
	assign(g, "CHANGED_FILES", known ? as_words(g, &files) : ".");
}

/* Was the key new? */
static bool
is_first(struct map *seen, const char *key)
{
	if (map_get(seen, sv_of(key)) != NULL)
		return false;
	map_put(seen, sv_of(key), seen);
	return true;
}

/* Each distinct commit once; where ranges narrow the run, once for each range. */
static bool
check_push(struct gate *g, const struct push *p, struct err *e)
{
	struct arena *a = g->app->a;
	struct map *seen = map_new(a);

	for (size_t i = 0; i < p->refs.n; i++) {
		const struct push_ref *r = &p->refs.v[i];
		bool narrow = g->config.only_changed;
		const char *commit, *range;
		sv text;

		/* a push of thousands of tags asks git but once for each */
		if (r->deletes || !is_first(seen, arena_printf(a, "%s %s",
			r->local_id, narrow ? r->remote_id : "")))
			continue;
		/* a tag may name another object than a commit */
		if (git_try(&g->git, GIT_WORDS("rev-parse", "-q", "--verify",
			arena_printf(a, "%s^{commit}", r->local_id)), &text)
		    != 0) {
			term_print(&g->app->term, STDERR_FILENO, COLOR_DEFAULT,
			    "prun: %s is no commit: nothing to check\n",
			    r->local_ref);
			continue;
		}
		commit = sv_cstr(a, sv_trim(text));
		if (!narrow && !is_first(seen, commit))
			continue;
		range = new_range(g, p, r->remote_id, commit);
		describe_push(g, p, range, commit);
		if (!gate_check(g, commit, e))
			return false;
	}
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
hook_refuse(struct app *app, const char *name, struct err *e)
{
	bool says_so = strstr(e->message, " refused: ") != NULL;
	int status = hook_fail(app, e);

	if (!says_so)
		term_print(&app->term, STDERR_FILENO, COLOR_RED, "prun: %s "
		    "refused: nothing was checked\n", name);
	return status;
}

static int
end_gate(struct app *app, const struct gate *g, struct err *e)
{
	int status = hook_refuse(app, g->hook, e);

	return g->signal != 0 ? 128 + g->signal : status;
}

static int
run_pre_push(struct app *app, const char *name, sv text)
{
	struct err e = ERR_INIT;
	struct push p = {
		.remote = app->o.behind.n > 0 ? app->o.behind.v[0] : "",
		.url = app->o.behind.n > 1 ? app->o.behind.v[1] : "",
	};
	struct gate g = { 0 };

	if (!push_refs_parse(app->a, text, &p.refs, &e))
		return hook_refuse(app, name, &e);
	if (only_deletes(&p.refs))
		return 0;
	if (!open_gate(app, name, &g, &e) || !check_push(&g, &p, &e))
		return end_gate(app, &g, &e);
	return 0;
}

/* What git gives a hook, HOOK_ARG_1 …; a file is named so that it is found
 * from any folder. */
static void
describe_hook(struct gate *g)
{
	struct arena *a = g->app->a;

	for (size_t i = 0; i < g->app->o.behind.n; i++) {
		const char *text = g->app->o.behind.v[i];

		if (i == 0 && strstr(g->hook, "commit-msg") != NULL)
			text = path_abs(a, sv_of(text));
		assign(g, arena_printf(a, "HOOK_ARG_%zu", i + 1), text);
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
run_hook(struct app *app)
{
	struct err e = ERR_INIT, none cleanup_err = ERR_INIT;
	const char *name, *off = getenv("PRUN_HOOKS");
	struct gate g = { 0 };
	sv text = { NULL, 0 };

	if (!hook_name(app, &name, &e))
		return hook_fail(app, &e);
	if (strcmp(name, "pre-push") == 0 &&
	    !read_fd(app->a, STDIN_FILENO, 0, &text, &e))
		return hook_refuse(app, name, &e);
	if (off != NULL && strcmp(off, "0") == 0) {
		/* the Taskfile tells where the state is; it may be broken */
		app_load(app, &none);
		record_skip(app, name);
		return 0;
	}
	if (strcmp(name, "pre-push") == 0)
		return run_pre_push(app, name, text);
	if (!open_gate(app, name, &g, &e))
		return hook_refuse(app, name, &e);
	describe_hook(&g);
	if (!gate_check(&g, checks_index(name) ? "" : NULL, &e))
		return end_gate(app, &g, &e);
	return 0;
}

int
cmd_hook(struct app *app)
{
	const char *action = OPT_S(&app->o, hook);
	struct err e = ERR_INIT, none cleanup_err = ERR_INIT;
	struct git git;

	app->repo_dir = app->cwd;
	if (strcmp(action, "run") == 0)
		return run_hook(app);
	if (!git_open(app->a, app->cwd, &git, &e))
		return hook_fail(app, &e);
	/* without a Taskfile the state is that of the work tree */
	if (!app_load(app, &none))
		app->repo_dir = git.top;
	if (strcmp(action, "install") == 0)
		return install(app, &git, false);
	if (strcmp(action, "remove") == 0)
		return install(app, &git, true);
	if (strcmp(action, "status") == 0)
		return status(app, &git);
	err_set(&e, ERR_USAGE, "unknown action %s for --hook: install, remove "
	    "or status", quote_go(app->a, sv_of(action)));
	return hook_fail(app, &e);
}
