/* SPDX-License-Identifier: MIT */
/* What a tree needs once, until the files change that say what it needs; and
 * what in it leads elsewhere. */
#include "config.h"

#include "vcs/pool_internal.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/path.h"

/* What git tracks of the patterns, by content, and the task. */
static bool
digest_key(const struct pool *p, const struct pool_tree *t, const char *task,
    const string_vec *key, const char **out)
{
	struct sb b cleanup_sb = SB_INIT;
	struct git git = *p->git;
	VEC(const char *) words = { 0 };
	sv text = { NULL, 0 };

	git.top = t->path;
	vec_push(git.a, &words, "ls-files");
	vec_push(git.a, &words, "-s");
	vec_push(git.a, &words, "-z");
	vec_push(git.a, &words, "--");
	for (size_t i = 0; i < key->n; i++)
		vec_push(git.a, &words, key->v[i]);
	vec_push(git.a, &words, NULL);
	/* no pattern would be all files */
	if (key->n > 0 && !git_try(&git, words.v, &text))
		return false;
	sb_printf(&b, "%s%c", task, 0);
	for (size_t i = 0; i < key->n; i++)
		sb_printf(&b, "%s%c", key->v[i], 0);
	sb_addv(&b, text);
	*out = sha256_hex(git.a, sb_sv(&b));
	return true;
}

/* What lies in the tree and git does not track, folders as one. */
static bool
list_made(
    const struct pool *p, const struct pool_tree *t, sv *out, struct err *e)
{
	struct git git = *p->git;

	git.top = t->path;
	return git_run(&git,
	    GIT_WORDS("ls-files", "--others", "--directory",
		"--no-empty-directory", "-z"),
	    out, e);
}

static const char *
made_file(const struct pool *p, const struct pool_tree *t)
{
	return pool_tree_file(p, t->name, ".prepared");
}

static bool
all_still_there(const struct pool *p, const struct pool_tree *t)
{
	struct err none cleanup_err = ERR_INIT;
	struct arena *a = p->git->a;
	sv text, path;

	if (!path_exists(made_file(p, t)) ||
	    !read_file(a, made_file(p, t), &text, &none))
		return false;
	while (text.n > 0) {
		sv_cut(text, '\0', &path, &text);
		if (!path_exists(path_join(a, sv_of(t->path), path)))
			return false;
	}
	return true;
}

bool
pool_is_prepared(const struct pool *p, const struct pool_tree *t,
    const char *task, const string_vec *key)
{
	struct pool_record r;
	const char *digest;

	return pool_record_read(p, t->name, &r) &&
	       digest_key(p, t, task, key, &digest) &&
	       strcmp(r.prepared, digest) == 0 && all_still_there(p, t);
}

bool
pool_mark_prepared(const struct pool *p, const struct pool_tree *t,
    const char *task, const string_vec *key, struct err *e)
{
	struct pool_record r;
	const char *digest;
	sv made;

	if (!pool_record_read(p, t->name, &r) ||
	    !digest_key(p, t, task, key, &digest))
		return err_set(
		    e, ERR_GENERIC, "prun: %s is not of the pool", t->name);
	r.prepared = digest;
	return list_made(p, t, &made, e) &&
	       write_atomic(made_file(p, t), made, 0666, e) &&
	       pool_record_write(p, t->name, &r, e);
}

bool
pool_foreign(const struct pool *p, const struct pool_tree *t, foreign_vec *out,
    size_t *n, struct err *e)
{
	string_vec others;

	pool_all_trees(p, &others);
	foreign_find(p->git->a, t->path, &others, out, n);
	/* nothing was found in what is not there */
	return path_is_dir(t->path) ||
	       err_set(e, ERR_GENERIC, "prun: %s is gone", t->path);
}
