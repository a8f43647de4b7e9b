/* SPDX-License-Identifier: MIT */
/*
 * A repository of its own for a test, and a session in it.
 */
#ifndef UNIT_POOL_WORLD_H
#define UNIT_POOL_WORLD_H

#include "exec/capture.h"
#include "tree.h"
#include "vcs/pool.h"

/* A repository with one commit, and what a session in it wants. */
struct world {
	struct tree t;
	struct git git;
	struct pool p;
	struct sb said;
	VEC(char *) env;
};

static inline void
world_hear(void *ctx, const char *text)
{
	struct world *w = ctx;

	sb_printf(&w->said, "%s\n", text);
}

/* A script in `dir`; its output without the last newline. */
static inline const char *
world_sh(struct world *w, const char *dir, const char *script)
{
	struct capture c = { .dir = tree_path(&w->t, dir), .env = w->env.v };
	struct err e cleanup_err = ERR_INIT;
	const char *const argv[] = { "sh", "-ec", script, NULL };
	int status;
	sv out, err;

	c.argv = argv;
	assert_true(capture_run(w->t.a, &c, &status, &out, &err, &e));
	if (status != 0)
		print_error("%s: %.*s\n", script, SV_ARG(err));
	assert_int_equal(status, 0);
	return sv_cstr(w->t.a, sv_trim(out));
}

static inline void
world_env(struct world *w)
{
	static const char *const same[] = { "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@example.com",
		"GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@example.com",
		"LC_ALL=C" };
	struct arena *a = w->t.a;

	vec_push(a, &w->env,
	    arena_printf(
		a, "PATH=%s:%s", tree_path(&w->t, "bin"), getenv("PATH")));
	vec_push(
	    a, &w->env, arena_printf(a, "HOME=%s", tree_path(&w->t, "home")));
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		vec_push(a, &w->env, arena_strdup(a, same[i]));
	vec_push(a, &w->env, NULL);
}

static inline void
world_open(struct world *w)
{
	struct err e cleanup_err = ERR_INIT;

	w->t = tree_new();
	w->said = (struct sb)SB_INIT;
	memset(&w->env, 0, sizeof(w->env));
	world_env(w);
	tree_dir(&w->t, "home");
	tree_dir(&w->t, "bin");
	tree_file(&w->t, "repo/a", "a\n");
	tree_file(&w->t, "repo/sub/b", "b\n");
	tree_file(&w->t, "repo/.gitignore", "*.o\nkeep/\n");
	world_sh(
	    w, "repo", "git init -q -b main; git add .; git commit -qm one");
	assert_true(
	    git_open(w->t.a, tree_path(&w->t, "repo"), w->env.v, &w->git, &e));
	w->p = (struct pool){ .git = &w->git,
		.dir = pool_default_dir(&w->git),
		.session = "20261121-094617-123456",
		.commit = world_sh(w, "repo", "git rev-parse HEAD"),
		.size = 2,
		.say = world_hear,
		.ctx = w };
}

static inline void
world_close(struct world *w)
{
	sb_free(&w->said);
	tree_cleanup(&w->t);
}
#define cleanup_world __attribute__((cleanup(world_close)))

static inline void
world_failed(const struct err *e)
{
	print_error("%s\n", e->message ? e->message : "no reason");
	fail();
}

static inline struct pool_tree
world_lease(struct world *w)
{
	struct err e cleanup_err = ERR_INIT;
	struct pool_tree t;
	bool busy;

	if (!pool_lease(&w->p, &t, &busy, &e) ||
	    !pool_ready(&w->p, &t, "test", &e))
		world_failed(&e);
	return t;
}

static inline struct pool_kept
world_release(struct world *w, struct pool_tree *t)
{
	struct err e cleanup_err = ERR_INIT;
	struct pool_kept kept;

	if (!pool_release(&w->p, t, &kept, &e))
		world_failed(&e);
	return kept;
}

static inline void
world_said(struct world *w, const char *what)
{
	if (strstr(sb_cstr(&w->said), what) == NULL) {
		print_error("not said: %s, but: %s\n", what, sb_cstr(&w->said));
		fail();
	}
}

#endif
