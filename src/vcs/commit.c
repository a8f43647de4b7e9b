/* SPDX-License-Identifier: MIT */
#include "vcs/commit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "exec/capture.h"

static bool
in_git_dir(const struct git *g, const char *name)
{
	return path_exists(path_join(g->a, sv_of(g->git_dir), sv_of(name)));
}

/* Another operation is half done: its commit is not ours to make. */
static bool
refuse_unfinished(const struct git *g, struct err *e)
{
	static const struct {
		const char *file, *what;
	} states[] = { { "MERGE_HEAD", "merge" },
		{ "rebase-merge", "rebase" }, { "rebase-apply", "rebase" },
		{ "CHERRY_PICK_HEAD", "cherry-pick" },
		{ "REVERT_HEAD", "revert" },
		{ "sequencer", "cherry-pick or revert" },
		{ "BISECT_LOG", "bisect" } };

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (in_git_dir(g, states[i].file))
			return err_set(e, ERR_GENERIC, "prun: no commit can be "
			    "made: a %s is in progress in %s", states[i].what,
			    g->top);
	return true;
}

static bool
refuse_no_identity(const struct git *g, struct err *e)
{
	struct err said cleanup_err = ERR_INIT;

	if (git_run(g, GIT_WORDS("var", "GIT_AUTHOR_IDENT"), NULL, &said) &&
	    git_run(g, GIT_WORDS("var", "GIT_COMMITTER_IDENT"), NULL, &said))
		return true;
	return err_set(e, ERR_GENERIC, "prun: no commit can be made: git does "
	    "not know who you are; set user.name and user.email");
}

static bool
refuse_detached(const struct git *g, const char **branch, bool allowed,
    struct err *e)
{
	sv text;

	*branch = "";
	if (git_try(g, GIT_WORDS("symbolic-ref", "-q", "--short", "HEAD"),
		&text) == 0)
		*branch = sv_cstr(g->a, sv_trim(text));
	if (**branch != '\0' || allowed)
		return true;
	return err_set(e, ERR_GENERIC, "prun: no commit can be made: HEAD is "
	    "detached; allow it with commit: {detached: true}");
}

bool
commit_check_again(const struct commit_before *b, bool detached_allowed,
    struct err *e)
{
	const char *branch;

	return refuse_unfinished(&b->git, e) &&
	    refuse_detached(&b->git, &branch, detached_allowed, e);
}

static bool
take_snapshot(struct arena *a, struct commit_before *b, bool strict,
    struct err *e)
{
	change_vec changes;

	b->dirty = map_new(a);
	if (!git_status(&b->git, &changes, e))
		return false;
	for (size_t i = 0; i < changes.n; i++) {
		if (changes.v[i].unmerged && strict)
			return err_set(e, ERR_GENERIC, "prun: no commit can be "
			    "made: %s has unmerged changes", changes.v[i].path);
		map_put(b->dirty, sv_of(changes.v[i].path), b);
	}
	return true;
}

bool
commit_check(struct arena *a, const char *dir, char *const *env, bool strict,
    bool detached_allowed, struct commit_before *out, struct err *e)
{
	struct err none cleanup_err = ERR_INIT;
	sv text;

	*out = (struct commit_before){ .head = "", .branch = "" };
	if (!git_open(a, dir, env, &out->git, &none))
		return git_is_repository(dir)
		    ? err_set(e, ERR_GENERIC, "prun: no commit can be made: %s",
			  none.message)
		    : err_set(e, ERR_GENERIC, "prun: no commit can be made: %s "
			  "is not in a git repository", dir);
	if (git_try(&out->git, GIT_WORDS("rev-parse", "-q", "--verify",
		"HEAD^{commit}"), &text) == 0)
		out->head = sv_cstr(a, sv_trim(text));
	if (strict && !refuse_unfinished(&out->git, e))
		return false;
	if (!refuse_detached(&out->git, &out->branch,
		!strict || detached_allowed, e))
		return false;
	if (strict && !refuse_no_identity(&out->git, e))
		return false;
	return take_snapshot(a, out, strict, e);
}

/* Is the path one of the list, or below one? */
static bool
is_listed(struct arena *a, const string_vec *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++) {
		sv want = sv_of(path_clean(a, sv_of(list->v[i])));

		if (sv_is(want, ".") || sv_is(want, path))
			return true;
		if (sv_starts(sv_of(path), want) && path[want.n] == '/')
			return true;
	}
	return false;
}

struct choice {
	string_vec add;	  /* files that git does not know yet */
	string_vec gone;  /* removed by the run; the index has them as HEAD has */
	string_vec paths; /* for git: all but the replaced ones */
	/* A folder stands where a file was.  Git takes it for a repository where
	 * it is named; what is in the folder replaces it. */
	bool replaced;
};

static void
commit_take(struct arena *a, const struct commit_before *b,
    const struct git_change *g, struct choice *c, struct commit_outcome *out)
{
	vec_push(a, &out->committed, g->path);
	if (g->untracked)
		vec_push(a, &c->add, g->path);
	if (strcmp(g->state, ".D") == 0)
		vec_push(a, &c->gone, g->path);
	if (g->state[1] == 'D' && path_is_dir(path_join(a, sv_of(b->git.top),
		sv_of(g->path))))
		c->replaced = true;
	else
		vec_push(a, &c->paths, g->path);
}

static bool
choose(struct arena *a, const struct commit_before *b,
    const struct commit_request *r, struct choice *c,
    struct commit_outcome *out, struct err *e)
{
	change_vec changes;

	if (!git_status(&b->git, &changes, e))
		return false;
	for (size_t i = 0; i < changes.n; i++) {
		const struct git_change *g = &changes.v[i];

		if (r->paths == COMMIT_LIST && !is_listed(a,
			r->path_list, g->path))
			continue;
		if (r->paths != COMMIT_ALL &&
		    map_get(b->dirty, sv_of(g->path)) != NULL) {
			vec_push(a, &out->left_out, g->path);
			continue;
		}
		if (g->inner) {
			vec_push(a, &out->inner, g->path);
			continue;
		}
		commit_take(a, b, g, c, out);
	}
	return true;
}

static bool
commit_write_list(const char *path, const string_vec *list, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < list->n; i++)
		sb_add(&b, list->v[i], strlen(list->v[i]) + 1);
	return write_atomic(path, sb_sv(&b), 0600, e);
}

/*
 * All steps in one script in a session of its own: when prun dies, it goes on
 * to the end, and what git might ask on the terminal fails instead of waiting
 * for ever in the background.  `commit --only` takes just the listed paths,
 * through an index of git's own making, and keeps whatever else is staged;
 * files new to git must be announced to it first, and the announcement is
 * taken back when the commit fails, also where somebody holds the lock for a
 * while.  What git says goes to a file: a pipe would break with prun.
 */
static const char script[] =
    "new=$1 all=$2 msg=$3 gone=$5\n"
    "exec >\"$4\" 2>&1\n"
    "set --\n"
    "undo() {\n"
    "  n=0\n"
    "  while [ -s \"$new\" ] && [ $n -lt 100 ]; do\n"
    "    git --literal-pathspecs rm --quiet --cached --force --ignore-unmatch"
    " --pathspec-from-file=\"$new\" --pathspec-file-nul 2>/dev/null && break\n"
    "    n=$((n + 1)); sleep 0.1 2>/dev/null || sleep 1\n"
    "  done\n"
    "  if [ -s \"$new\" ] && [ -s \"$gone\" ]; then\n"
    "    git --literal-pathspecs reset --quiet"
    " --pathspec-from-file=\"$gone\" --pathspec-file-nul\n"
    "  fi\n"
    "  exit $status\n"
    "}\n"
    "if [ -s \"$new\" ]; then\n"
    "  [ \"$(git config --bool core.sparseCheckout)\" != true ] ||"
    " set -- --sparse\n"
    "  git --literal-pathspecs add -N \"$@\" --pathspec-from-file=\"$new\""
    " --pathspec-file-nul || { status=$?; undo; }\n"
    "fi\n"
    "git --literal-pathspecs commit --quiet --only --cleanup=whitespace"
    " --pathspec-from-file=\"$all\" --pathspec-file-nul -F \"$msg\" && exit\n"
    "status=$?\n"
    "undo\n";

/*
 * The same for very many files on a tree that had no change at all before the
 * run: then everything is the run's, and git need not compare each file with
 * each path.
 */
static const char whole_script[] =
    "msg=$3\n"
    "exec >\"$4\" 2>&1\n"
    "git add --all -- . ':(exclude,glob)**/.task/**' &&\n"
    "git commit --quiet --cleanup=whitespace -F \"$msg\" && exit\n"
    "status=$? n=0\n"
    "if git rev-parse -q --verify HEAD >/dev/null; then set -- reset --quiet\n"
    "else set -- read-tree --empty\n"
    "fi\n"
    "until git \"$@\" 2>/dev/null || [ $n -ge 100 ]; do\n"
    "  n=$((n + 1)); sleep 0.1 2>/dev/null || sleep 1\n"
    "done\n"
    "exit $status\n";
enum { MANY_PATHS = 1000 };

static bool
is_all_of_a_clean_tree(const struct commit_before *b,
    const struct commit_request *r, const struct choice *c,
    const struct commit_outcome *out)
{
	return (out->committed.n > MANY_PATHS || c->replaced) &&
	    r->paths != COMMIT_LIST &&
	    b->dirty->n == 0 && out->inner.n == 0;
}

/* Somebody else's lock is waited for, never removed (never-event 22). */
static bool
wait_for_lock(const struct git *g, const struct commit_request *r,
    struct err *e)
{
	const struct timespec pause = { 0, 50 * 1000 * 1000 };
	const char *lock = path_join(g->a, sv_of(g->git_dir), SV("index.lock"));

	for (int i = 0; i < 200; i++) {
		if (!path_exists(lock))
			return true;
		if (i == 20 && r->say != NULL)
			r->say(r->ctx, arena_printf(g->a,
				"waiting for %s of another git", lock));
		nanosleep(&pause, NULL);
	}
	return !path_exists(lock) || err_set(e, ERR_GENERIC, "prun: the commit "
	    "was not made: %s is still there; if no git is at work in the "
	    "repository, remove it", lock);
}

static bool
run_script(struct arena *a, const struct commit_before *b,
    const struct commit_request *r, const struct choice *c,
    const struct commit_outcome *out, struct err *e)
{
	const char *new_list = path_join(a, sv_of(r->scratch_dir), SV("new"));
	const char *all_list = path_join(a, sv_of(r->scratch_dir), SV("all"));
	const char *gone_list = path_join(a, sv_of(r->scratch_dir),
	    SV("gone"));
	const char *message = path_join(a, sv_of(r->scratch_dir), SV("message"));
	const char *said_path = path_join(a, sv_of(r->scratch_dir), SV("said"));
	const char *const argv[] = { "sh", "-c",
		is_all_of_a_clean_tree(b, r, c, out) ? whole_script : script,
		"prun-commit", new_list, all_list, message, said_path, gone_list, NULL };
	struct capture run = { .argv = argv, .dir = b->git.top,
		.env = b->git.env, .own_session = true };
	struct err unread cleanup_err = ERR_INIT;
	sv said = { NULL, 0 };
	int status;

	if (!commit_write_list(new_list, &c->add, e) ||
	    !commit_write_list(all_list, &c->paths, e) ||
	    !commit_write_list(gone_list, &c->gone, e) ||
	    !write_atomic(message, sv_of(r->message), 0600, e))
		return false;
	if (!wait_for_lock(&b->git, r, e) ||
	    !capture_run(a, &run, &status, NULL, NULL, e))
		return false;
	if (status == 0)
		return true;
	read_file(a, said_path, &said, &unread);
	said = sv_trim(said);
	return err_set(e, ERR_GENERIC,
	    "prun: the commit was not made: %.*s", SV_ARG(said.n ? said
		: SV("git failed")));
}

bool
commit_make(struct arena *a, const struct commit_before *before,
    const struct commit_request *r, struct commit_outcome *out, struct err *e)
{
	struct choice c = { 0 };

	*out = (struct commit_outcome){ .id = "" };
	if (!choose(a, before, r, &c, out, e))
		return false;
	if (out->committed.n == 0)
		return true;
	if (!run_script(a, before, r, &c, out, e))
		return false;
	out->made = true;
	return git_line(&before->git, GIT_WORDS("rev-parse", "HEAD"),
	    &out->id, e);
}

/* "1a2b3c..4d5e6f", "[new branch]", "[rejected] (fetch first)" */
static void
read_summary(struct arena *a, char flag, sv from, sv summary,
    struct push_line *out)
{
	ptrdiff_t dots = sv_find(summary, SV(".."), 0);
	sv rest;

	out->from = sv_cstr(a, from);
	out->old_id = out->new_id = NULL;
	if (flag == '*' || flag == '=' || flag == '-' || dots <= 0)
		return;
	out->old_id = sv_cstr(a, sv_sub(summary, 0, (size_t)dots));
	rest = sv_sub(summary, (size_t)dots, SIZE_MAX);
	while (rest.n > 0 && rest.p[0] == '.')
		rest = sv_sub(rest, 1, SIZE_MAX);
	sv_cut(rest, ' ', &rest, &summary);
	out->new_id = sv_cstr(a, rest);
}

void
push_output_parse(struct arena *a, sv text, const char *branch,
    struct push_line *out)
{
	const char *wanted = arena_printf(a, "refs/heads/%s", branch);
	bool found = false;
	sv line, flag, names, from, to;

	*out = (struct push_line){ 0 };
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		if (!sv_cut(line, '\t', &flag, &line) || flag.n != 1 ||
		    !sv_cut(line, '\t', &names, &line) ||
		    !sv_cut(names, ':', &from, &to))
			continue;
		if (flag.p[0] == '!') {
			out->refused = arena_printf(a, "%.*s %.*s", SV_ARG(to),
			    SV_ARG(line));
			continue;
		}
		if (flag.p[0] == '=' || (found && !sv_is(from, wanted)))
			continue;
		found = true;
		read_summary(a, flag.p[0], from, line, out);
	}
}

const char *
push_reason(struct arena *a, sv text)
{
	static const char *const marks[] = { "prun: pre-push refused",
		"fatal: ", "remote: error: ", "error: " };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		sv rest = text, line;

		while (rest.n > 0) {
			sv_cut(rest, '\n', &line, &rest);
			if (sv_starts(line, sv_of(marks[i])))
				return sv_cstr(a, sv_trim(line));
		}
	}
	return "";
}

static const char *
whole_id(const struct git *g, const char *name)
{
	sv text;

	if (name == NULL || git_try(g, GIT_WORDS("rev-parse", "-q", "--verify",
		"--end-of-options", name), &text) != 0)
		return "0000000000000000000000000000000000000000";
	return sv_cstr(g->a, sv_trim(text));
}

bool
commit_push(const struct git *g, const char *const *words, const char *branch,
    struct push_result *out, struct err *e)
{
	VEC(const char *) argv = { 0 };
	struct capture c = { .dir = g->top, .env = g->env,
		.copy_to_stderr = true };
	struct push_line line;
	const char *why;
	sv text = { NULL, 0 }, said = { NULL, 0 };
	int status = 0;
	bool ok;

	vec_push(NULL, &argv, "git");
	vec_push(NULL, &argv, "push");
	vec_push(NULL, &argv, "--porcelain");
	if (isatty(STDERR_FILENO))
		vec_push(NULL, &argv, "--progress");
	for (; words != NULL && *words != NULL; words++)
		vec_push(NULL, &argv, *words);
	vec_push(NULL, &argv, NULL);
	c.argv = argv.v;
	ok = capture_run(g->a, &c, &status, &text, &said, e);
	vec_free(&argv);
	if (!ok)
		return false;
	push_output_parse(g->a, text, branch, &line);
	*out = (struct push_result){ .changed = line.from != NULL,
		.old_id = whole_id(g, line.old_id),
		.new_id = whole_id(g, line.new_id ? line.new_id : line.from) };
	if (status == 0)
		return true;
	why = line.refused ? line.refused : push_reason(g->a, said);
	if (*why == '\0')
		why = arena_printf(g->a, "git push ended with status %d",
		    status);
	return err_set(e, ERR_GENERIC, "%s", why);
}

char *
commit_message(struct arena *a, const char *subject, const char *issue,
    const struct commit_phase *phases, size_t n, const char *run_id,
    const string_vec *trailers)
{
	struct sb b cleanup_sb = SB_INIT;

	sb_adds(&b, subject);
	if (issue != NULL && *issue != '\0')
		sb_printf(&b, " for #%s", issue);
	sb_adds(&b, "\n\n");
	for (size_t i = 0; i < n; i++)
		sb_printf(&b, "- ✅ %s (%s)\n", phases[i].name,
		    phases[i].up_to_date ? "up to date"
					 : duration_short(a, phases[i].ns));
	sb_printf(&b, "%sPrun-Run: %s\n", n > 0 ? "\n" : "", run_id);
	for (size_t i = 0; trailers != NULL && i < trailers->n; i++)
		sb_printf(&b, "%s\n", trailers->v[i]);
	return (char *)sb_take(&b, a).p;
}
