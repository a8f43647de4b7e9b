/* SPDX-License-Identifier: MIT */
/*
 * Temporary trees for tests: a folder in $TMPDIR that goes when the test ends,
 * files and links in it.
 */
#ifndef UNIT_TREE_H
#define UNIT_TREE_H

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "unit.h"

struct tree {
	struct arena *a;
	const char *dir; /* absolute, without links */
};

static inline struct tree
tree_new(void)
{
	struct tree t = { arena_new(), NULL };
	const char *tmp = getenv("TMPDIR");
	char *real = realpath(tmp ? tmp : "/tmp", NULL);
	char *name = arena_printf(t.a, "%s/prun-test-XXXXXX", real);

	free(real);
	assert_non_null(mkdtemp(name));
	t.dir = name;
	return t;
}

static inline void
tree_cleanup(struct tree *t)
{
	struct err e = ERR_INIT;

	remove_all(t->dir, &e);
	err_clear(&e);
	arena_free(t->a);
}
#define cleanup_tree __attribute__((cleanup(tree_cleanup)))

static inline char *
tree_path(struct tree *t, const char *name)
{
	return path_resolve(t->a, sv_of(t->dir), sv_of(name));
}

static inline void
tree_dir(struct tree *t, const char *name)
{
	struct err e = ERR_INIT;

	assert_true(mkdir_all(tree_path(t, name), 0777, &e));
}

/* Writes in place, as an editor that keeps the inode does. */
static inline void
tree_file(struct tree *t, const char *name, const char *text)
{
	char *path = tree_path(t, name);
	FILE *f;

	tree_dir(t, path_dir(t->a, sv_of(path)));
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static inline void
tree_link(struct tree *t, const char *name, const char *target)
{
	tree_dir(t, path_dir(t->a, sv_of(tree_path(t, name))));
	assert_int_equal(symlink(target, tree_path(t, name)), 0);
}

static inline char *
tree_read(struct tree *t, const char *name)
{
	struct err e = ERR_INIT;
	sv text;

	if (!read_file(t->a, tree_path(t, name), &text, &e)) {
		err_clear(&e);
		return NULL;
	}
	return sv_cstr(t->a, text);
}

/* Sets a file's modification time in nanoseconds of the epoch. */
static inline void
tree_touch(struct tree *t, const char *name, int64_t ns)
{
	struct timespec ts = { ns / 1000000000, ns % 1000000000 };
	struct timespec both[2] = { ts, ts };

	assert_int_equal(utimensat(-1, tree_path(t, name), both, 0), 0);
}

#endif
