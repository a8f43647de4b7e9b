/* SPDX-License-Identifier: MIT */
#include "vcs/commit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "base/sender.h"
#include "exec/capture.h"
#include "vcs/push_shown.h"

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
	bool on_branch;
	sv text;

	*branch = "";
	if (!git_ask(g, GIT_WORDS("symbolic-ref", "-q", "--short", "HEAD"),
		&on_branch, &text, e))
		return err_wrap(e, "prun: no commit can be made: ");
	if (on_branch)
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

	if (!refuse_unfinished(&b->git, e) ||
	    !refuse_detached(&b->git, &branch, true, e))
		return false;
	if (strcmp(branch, b->branch) != 0)
		return err_set(e, ERR_GENERIC, "prun: no commit can be made: "
		    "%s when the run began, now %s",
		    *b->branch ? arena_printf(b->git.a,
			"the branch was %s", b->branch) : "HEAD was detached",
		    *branch ? arena_printf(b->git.a, "it is %s", branch)
			    : "HEAD is detached");
	return refuse_detached(&b->git, &branch, detached_allowed, e);
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
	bool has_head;
	sv text;

	*out = (struct commit_before){ .head = "", .branch = "" };
	if (!git_open(a, dir, env, &out->git, &none))
		return git_is_repository(dir)
		    ? err_set(e, ERR_GENERIC, "prun: no commit can be made: %s",
			  none.message)
		    : err_set(e, ERR_GENERIC, "prun: no commit can be made: %s "
			  "is not in a git repository", dir);
	if (!git_ask(&out->git, GIT_WORDS("rev-parse", "-q", "--verify",
		"HEAD^{commit}"), &has_head, &text, e))
		return err_wrap(e, "prun: no commit can be made: ");
	if (has_head)
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
	string_vec add;	 /* paths that are there: new, changed, of another kind */
	string_vec gone; /* paths that are not, or where a folder is now */
};

static void
commit_take(struct arena *a, const struct git_change *g, struct choice *c,
    struct commit_outcome *out)
{
	vec_push(a, &out->committed, g->path);
	if (g->state[1] == 'D' || (g->state[1] == '.' && g->state[0] == 'D'))
		vec_push(a, &c->gone, g->path);
	else
		vec_push(a, &c->add, g->path);
}

static bool
choose(struct arena *a, const struct commit_before *b,
    const struct commit_request *r, struct choice *c,
    struct commit_outcome *out, struct err *e)
{
	change_vec changes;
	const char *why;

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
		why = r->paths == COMMIT_RUN && r->keep_out != NULL
			  ? r->keep_out(r->whose, g->path)
			  : NULL;
		if (why != NULL) {
			vec_push(a, &out->kept_out, g->path);
			vec_push(a, &out->why, why);
			continue;
		}
		commit_take(a, g, c, out);
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
 * All steps in one script, which goes on to its end when prun dies.
 *
 * plain: the tree had no change before the run, so the commit is made as people
 * make it: what hooks stage belongs to it, and a commit that fails takes back
 * what was staged here, nothing else.  many: the same without naming each file
 * to git, which would compare every file with every name.
 *
 * apart: something was changed or staged before, or has been since.  The commit
 * is made in an index of its own, a copy of the user's brought back to HEAD; the
 * user's own index is not touched before the commit is there, and then only in
 * the paths that it holds.
 *
 * A signal of the terminal ends git, which leaves all or nothing, but not the
 * script.  What git says goes to a file: a pipe would break with prun.
 */
static const char script[] =
    "how=$1 add=$2 gone=$3 msg=$4\n"
    "exec >\"$5\" 2>&1\n"
    "trap : INT QUIT TERM HUP\n"
    /* of this script's own: that of a run which was killed may still be at
     * work */
    "own=$(git rev-parse --path-format=absolute --git-path prun-index).$$"
    " || exit\n"
    "rm -f \"$own\" \"$own.lock\"\n"
    "trap 'rm -f \"$own\" \"$own.lock\"' EXIT\n"
    /* asked once: a git that a signal ends has not said no */
    "git rev-parse -q --verify HEAD >/dev/null\n"
    "unborn=$?\n"
    "[ $unborn -le 1 ] || exit\n"
    "listed() {\n"
    "  list=$1; shift\n"
    "  [ ! -s \"$list\" ] || git --literal-pathspecs \"$@\""
    " --pathspec-from-file=\"$list\" --pathspec-file-nul\n"
    "}\n"
    "back() {\n"
    "  for list in \"$gone\" \"$add\"; do\n"
    "    if [ $unborn -eq 0 ]; then listed \"$list\" reset --quiet\n"
    "    else listed \"$list\" rm --quiet --cached --force --ignore-unmatch\n"
    "    fi 2>/dev/null || return\n"
    "  done\n"
    "}\n"
    /* others may hold the lock for a while */
    "back_to_head() {\n"
    "  n=0\n"
    "  until back || [ $n -ge 100 ]; do\n"
    "    n=$((n + 1)); sleep 0.1 2>/dev/null || sleep 1\n"
    "  done\n"
    "}\n"
    "stage() {\n"
    "  if [ $how = many ]; then\n"
    "    git add --all -- . ':(exclude,glob)**/.task/**'; return\n"
    "  fi\n"
    "  set --\n"
    "  [ \"$(git config --bool core.sparseCheckout)\" != true ] ||"
    " set -- --sparse\n"
    "  { [ ! -s \"$gone\" ] ||"
    " git update-index --force-remove -z --stdin <\"$gone\"; } &&\n"
    "  listed \"$add\" add --all \"$@\"\n"
    "}\n"
    "[ $how = apart ] || git diff --cached --quiet || how=apart\n"
    "if [ $how = apart ]; then\n"
    "  index=$(git rev-parse --path-format=absolute --git-path index)"
    " || exit\n"
    "  [ ! -e \"$index\" ] || cp -p \"$index\" \"$own\" || exit\n"
    "  GIT_INDEX_FILE=$own; export GIT_INDEX_FILE\n"
    "  if [ $unborn -eq 0 ]; then git read-tree --reset HEAD\n"
    "  else git read-tree --empty\n"
    "  fi || exit\n"
    "fi\n"
    "stage\n"
    "status=$?\n"
    "if [ $status -eq 0 ] && git diff --cached --quiet; then exit 100; fi\n"
    "if [ $status -eq 0 ]; then\n"
    "  git commit --quiet --cleanup=whitespace -F \"$msg\"\n"
    "  status=$?\n"
    "  [ $status -ne 0 ] || unborn=0\n"
    "fi\n"
    "unset GIT_INDEX_FILE\n"
    "if [ $how = apart ]; then [ $status -ne 0 ] || back_to_head\n"
    "elif [ $status -ne 0 ]; then back_to_head\n"
    "fi\n"
    "exit $status\n";
enum { MANY_PATHS = 1000, STATUS_NOTHING = 100 };

static const char *
how_to_commit(const struct commit_before *b, const struct commit_request *r,
    const struct commit_outcome *out)
{
	if (b->dirty->n > 0)
		return "apart";
	if (out->committed.n <= MANY_PATHS || r->paths == COMMIT_LIST ||
	    out->inner.n > 0 || out->kept_out.n > 0)
		return "plain";
	return "many";
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

/* ---- ^C while git is at work ---- */

static volatile sig_atomic_t key_pressed, n_keys;

/* What somebody sends to prun alone ends it as ever, and so does the third key:
 * a hook may hear nothing. */
static void
note_key(int sig, siginfo_t *info, void *context)
{
	(void)context;
	key_pressed = sig;
	if (!signal_is_of_terminal(info) || ++n_keys > 2) {
		signal(sig, SIG_DFL);
		raise(sig);
	}
}

/* ^C and ^\ reach git and its hooks by themselves; prun dies of them once the
 * script has put right what git had begun. */
static const int keys[] = { SIGINT, SIGQUIT };
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static void
hold_keys(struct sigaction *before)
{
	struct sigaction note = { .sa_sigaction = note_key,
		.sa_flags = SA_SIGINFO };

	key_pressed = n_keys = 0;
	for (int i = 0; i < KEYS; i++) {
		sigaction(keys[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaction(keys[i], &note, NULL);
	}
}

static void
pass_keys(const struct sigaction *before)
{
	for (int i = 0; i < KEYS; i++)
		sigaction(keys[i], &before[i], NULL);
	if (key_pressed != 0)
		raise(key_pressed);
}

/* Hooks and signing may ask somebody who sits at the terminal; where nobody
 * does, git has none, and what would ask fails at once. */
static bool
run_script(struct arena *a, const struct commit_before *b,
    const struct commit_request *r, const struct choice *c,
    const struct commit_outcome *out, int *status, struct err *e)
{
	const char *add = path_join(a, sv_of(r->scratch_dir), SV("add"));
	const char *gone = path_join(a, sv_of(r->scratch_dir), SV("gone"));
	const char *message = path_join(a, sv_of(r->scratch_dir), SV("message"));
	const char *said_path = path_join(a, sv_of(r->scratch_dir), SV("said"));
	const char *const argv[] = { "sh", "-c", script, "prun-commit",
		how_to_commit(b, r, out), add, gone, message, said_path, NULL };
	struct capture run = { .argv = argv, .dir = b->git.top,
		.env = b->git.env, .own_session = !capture_has_terminal() };
	struct err unread cleanup_err = ERR_INIT;
	struct sigaction before[KEYS];
	sv said = { NULL, 0 };
	bool ran;

	if (!commit_write_list(add, &c->add, e) ||
	    !commit_write_list(gone, &c->gone, e) ||
	    !write_atomic(message, sv_of(r->message), 0600, e))
		return false;
	if (!wait_for_lock(&b->git, r, e))
		return false;
	hold_keys(before);
	ran = capture_run(a, &run, status, NULL, NULL, e);
	pass_keys(before);
	if (!ran)
		return false;
	if (*status == 0 || *status == STATUS_NOTHING)
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
	int status = 0;

	*out = (struct commit_outcome){ .id = "" };
	if (!choose(a, before, r, &c, out, e))
		return false;
	if (out->committed.n == 0)
		return true;
	if (!run_script(a, before, r, &c, out, &status, e))
		return false;
	if (status == STATUS_NOTHING) {
		/* line ends, or what a filter of git's undoes */
		out->committed.n = 0;
		return true;
	}
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
			to = push_short_ref(to);
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

	if (name == NULL || !git_try(g, GIT_WORDS("rev-parse", "-q", "--verify",
		"--end-of-options", name), &text))
		return "0000000000000000000000000000000000000000";
	return sv_cstr(g->a, sv_trim(text));
}

bool
commit_push(const struct git *g, const char *const *words, const char *branch,
    struct push_result *out, struct err *e)
{
	VEC(const char *) argv = { 0 };
	struct push_filter f = { .fd = STDERR_FILENO };
	struct capture c = { .dir = g->top,
		.env = g->env,
		.copy_stderr = true,
		.on_stdout = push_filter_take,
		.ctx = &f };
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
	*out = (struct push_result){ .shown = "" };
	ok = capture_run(g->a, &c, &status, &text, &said, e);
	push_filter_end(&f);
	vec_free(&argv);
	if (!ok)
		return false;
	push_output_parse(g->a, text, branch, &line);
	*out = (struct push_result){ .shown = push_shown(g->a, text),
		.changed = line.from != NULL,
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
		sb_printf(&b, "- %s %s (%s)\n", phases[i].failed ? "⚠️" : "✅",
		    phases[i].name,
		    phases[i].failed	   ? "failed, does not count"
			: phases[i].up_to_date ? "up to date"
			: phases[i].cached     ? "cached"
					       : duration_short(a, phases[i].ns));
	sb_printf(&b, "%sPrun-Run: %s\n", n > 0 ? "\n" : "", run_id);
	for (size_t i = 0; trailers != NULL && i < trailers->n; i++)
		sb_printf(&b, "%s\n", trailers->v[i]);
	return (char *)sb_take(&b, a).p;
}
