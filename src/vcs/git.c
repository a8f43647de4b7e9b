/* SPDX-License-Identifier: MIT */
#include "vcs/git.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "exec/capture.h"

/* What `git rev-parse --local-env-vars` lists. */
static const char *const local_names[] = { "GIT_ALTERNATE_OBJECT_DIRECTORIES",
	"GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT",
	"GIT_OBJECT_DIRECTORY", "GIT_DIR", "GIT_WORK_TREE",
	"GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_INDEX_FILE",
	"GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_PREFIX",
	"GIT_SHALLOW_FILE", "GIT_COMMON_DIR", "GIT_INTERNAL_SUPER_PREFIX",
	"GIT_QUARANTINE_PATH" };

bool
git_is_local_env(const char *name_and_value)
{
	for (size_t i = 0; i < sizeof(local_names) / sizeof(local_names[0]);
	    i++) {
		size_t n = strlen(local_names[i]);

		if (strncmp(name_and_value, local_names[i], n) == 0 &&
		    (name_and_value[n] == '=' || name_and_value[n] == '\0'))
			return true;
	}
	/* GIT_CONFIG_KEY_0 and its like go with GIT_CONFIG_COUNT */
	return strncmp(name_and_value, "GIT_CONFIG_KEY_", 15) == 0 ||
	    strncmp(name_and_value, "GIT_CONFIG_VALUE_", 17) == 0;
}

char **
git_clean_env(struct arena *a, char *const *env)
{
	size_t n = 0, out = 0;
	char **clean;

	while (env[n] != NULL)
		n++;
	clean = arena_alloc(a, (n + 3) * sizeof(*clean));
	for (size_t i = 0; i < n; i++)
		if (!git_is_local_env(env[i]))
			clean[out++] = env[i];
	return clean;
}

bool
git_is_repository(const char *dir)
{
	struct arena *a cleanup_arena = arena_new();

	for (;;) {
		if (path_exists(path_join(a, sv_of(dir), SV(".git"))))
			return true;
		if (strcmp(dir, "/") == 0 || strcmp(dir, ".") == 0)
			return false;
		dir = path_dir(a, sv_of(dir));
	}
}

static bool
run(const struct git *g, const char *const *words, int *status, sv *out,
    sv *err, struct err *e)
{
	VEC(const char *) argv = { 0 };
	struct capture c = { .dir = g->top, .env = g->env,
		.own_group = g->own_group };
	bool ok;

	vec_push(NULL, &argv, "git");
	for (; *words != NULL; words++)
		vec_push(NULL, &argv, *words);
	vec_push(NULL, &argv, NULL);
	c.argv = argv.v;
	ok = capture_run(g->a, &c, status, out, err, e);
	vec_free(&argv);
	return ok;
}

bool
git_run(const struct git *g, const char *const *words, sv *out, struct err *e)
{
	sv text, said;
	int status;

	if (!run(g, words, &status, &text, &said, e))
		return false;
	if (out != NULL)
		*out = text;
	if (status == 0)
		return true;
	said = sv_trim(said);
	if (said.n == 0)
		said = sv_trim(text);
	return err_set(e, ERR_GENERIC, "git %s: %.*s", words[0],
	    SV_ARG(said.n ? said : SV("failed")));
}

/* 126 and 127 are a shell's, or a wrapper's that found no git; 129 and more are
 * signals.  Of its own git ends with 128 at most. */
static bool
has_said(int status)
{
	return status < 126 || status == 128;
}

bool
git_ask(const struct git *g, const char *const *words, bool *yes, sv *out,
    struct err *e)
{
	sv text, said;
	int status;

	*yes = false;
	if (!run(g, words, &status, &text, &said, e))
		return false;
	if (!has_said(status))
		return err_set(e, ERR_GENERIC,
		    "git %s did not come to its end: status %d", words[0],
		    status);
	if (out != NULL)
		*out = text;
	*yes = status == 0;
	return true;
}

bool
git_try(const struct git *g, const char *const *words, sv *out)
{
	struct err ignored cleanup_err = ERR_INIT;
	bool yes;

	return git_ask(g, words, &yes, out, &ignored) && yes;
}

bool
git_line(const struct git *g, const char *const *words, const char **out,
    struct err *e)
{
	sv text, line;

	if (!git_run(g, words, &text, e))
		return false;
	sv_cut(text, '\n', &line, &text);
	*out = sv_cstr(g->a, line);
	return true;
}

bool
git_open(struct arena *a, const char *dir, char *const *env, struct git *out,
    struct err *e)
{
	sv text, line;

	*out = (struct git){ .a = a, .top = dir, .env = git_clean_env(a, env) };
	if (!git_run(out, GIT_WORDS("rev-parse", "--path-format=absolute",
		"--show-toplevel", "--git-dir", "--git-common-dir"), &text, e))
		return false;
	sv_cut(text, '\n', &line, &text);
	out->top = sv_cstr(a, line);
	sv_cut(text, '\n', &line, &text);
	out->git_dir = sv_cstr(a, line);
	sv_cut(text, '\n', &line, &text);
	out->common_dir = sv_cstr(a, line);
	return true;
}

bool
git_is_object_id(sv text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_digit((unsigned char)text.p[i]) &&
		    !(text.p[i] >= 'a' && text.p[i] <= 'f'))
			return false;
	return text.n == 40 || text.n == 64;
}

/* The path is the field after `skip` blanks; it may hold blanks itself. */
static sv
field_after(sv entry, int skip)
{
	sv head;

	while (skip-- > 0)
		sv_cut(entry, ' ', &head, &entry);
	return entry;
}

/* Our own folder of fingerprints, where nobody has told git to ignore it. */
static bool
is_fingerprint(sv path)
{
	sv part;

	while (path.n > 0) {
		bool more = sv_cut(path, '/', &part, &path);

		if (more && sv_is(part, ".task"))
			return true;
	}
	return false;
}

/* The field "S..." of a submodule: "C" where its commit is another one. */
static bool
is_inner(sv entry, const struct git_change *c)
{
	sv sub = field_after(entry, 2);

	if (c->untracked)
		return sv_ends(entry, SV("/"));
	return entry.p[0] == '1' && sub.n > 2 && sub.p[0] == 'S' &&
	    sub.p[1] == '.' && strcmp(c->state, ".M") == 0;
}

bool
git_mode_leads_on(sv mode)
{
	return sv_starts(mode, SV("120")) || sv_starts(mode, SV("160"));
}

/* One of the three modes of a line about a tracked file. */
static bool
is_entry_lead(sv entry)
{
	sv mode, rest = field_after(entry, 3);

	for (int i = 0; i < 3; i++) {
		sv_cut(rest, ' ', &mode, &rest);
		if (git_mode_leads_on(mode))
			return true;
	}
	return false;
}

bool
git_untracked_leads_on(const struct git *g, sv path)
{
	struct stat st;

	return sv_ends(path, SV("/")) ||
	       (lstat(path_join(g->a, sv_of(g->top), path), &st) == 0 &&
		   S_ISLNK(st.st_mode));
}

bool
git_status(const struct git *g, change_vec *out, struct err *e)
{
	sv text, entry;

	*out = (change_vec){ 0 };
	if (!git_run(g, GIT_WORDS("--no-optional-locks", "status",
		"--porcelain=v2", "-z", "--no-renames",
		"--untracked-files=all", "--ignore-submodules=none"), &text,
		e))
		return false;
	while (text.n > 0) {
		struct git_change c = { 0 };
		sv path;

		sv_cut(text, '\0', &entry, &text);
		if (entry.n < 3)
			continue;
		c.untracked = entry.p[0] == '?';
		c.unmerged = entry.p[0] == 'u';
		c.state = c.untracked ? "??"
				      : arena_strndup(g->a, entry.p + 2, 2);
		if (c.untracked)
			path = field_after(entry, 1);
		else if (entry.p[0] == '1')
			path = field_after(entry, 8);
		else if (c.unmerged)
			path = field_after(entry, 10);
		else
			continue;
		if (c.untracked && is_fingerprint(path))
			continue;
		c.inner = is_inner(entry, &c);
		c.leads_on = c.untracked ? git_untracked_leads_on(g, path)
					 : is_entry_lead(entry);
		c.path = sv_cstr(g->a, path);
		vec_push(g->a, out, c);
	}
	return true;
}

bool
git_worktree_tree(const struct git *g, const char *scratch_dir,
    const char **tree, struct err *e)
{
	struct git scratch = *g;
	char *index = arena_printf(g->a, "%s/index-XXXXXX", scratch_dir);
	int fd cleanup_close = mkstemp(index);
	const char *own = path_join(g->a, sv_of(g->git_dir), SV("index"));
	size_t n = 0;
	bool ok;
	sv text;

	/* git takes no empty file for an index */
	if (fd < 0 || unlink(index) != 0)
		return err_sys(e, errno, "create %s", index);
	scratch.env = git_clean_env(g->a, g->env);
	while (scratch.env[n] != NULL)
		n++;
	/* git_clean_env() leaves room for two more */
	scratch.env[n] = arena_printf(g->a, "GIT_INDEX_FILE=%s", index);
	/* a copy of the user's index spares reading unchanged files */
	if (path_exists(own) && (!read_file(g->a, own, &text, e) ||
		!write_atomic(index, text, 0600, e)))
		return false;
	ok = git_run(&scratch, GIT_WORDS("add", "--all", "--", ":/",
		 ":(top,exclude,glob)**/.task/**"), NULL, e) &&
	    git_line(&scratch, GIT_WORDS("write-tree"), tree, e);
	unlink(index);
	return ok;
}
