/* SPDX-License-Identifier: MIT */
#include "fingerprint/look.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/map.h"

/* A folder may hold many records: it is read when more than these were asked
 * for, one by one. */
enum { MARKS_ONE_BY_ONE = 16 };

struct look {
	struct arena *arena; /* NULL: nothing is known */
	const char *path;    /* that the programs are on */
	struct map *programs; /* name → const char * */
	struct map *sigs;     /* path → struct seen_sig * */
	struct map *ignores;  /* folder → struct seen_ignore * */
	unsigned marks_asked;
	const char *marks_dir; /* of `marks`; NULL: not read */
	struct map *marks;     /* names of files that are there; NULL: unknown */
};

struct seen_sig {
	bool is_there;
	struct file_sig sig;
};

struct seen_ignore {
	struct gitignore *rules; /* or NULL */
};

struct look *
look_new(void)
{
	return xcalloc(1, sizeof(struct look));
}

void
look_again(struct look *k)
{
	if (k->arena == NULL)
		return;
	arena_free(k->arena);
	*k = (struct look){ 0 };
}

void
look_free(struct look *k)
{
	if (k == NULL)
		return;
	look_again(k);
	free(k);
}

static void
look_begin(struct look *k)
{
	if (k->arena != NULL)
		return;
	k->arena = arena_new();
	k->programs = map_new(k->arena);
	k->sigs = map_new(k->arena);
	k->ignores = map_new(k->arena);
}

bool
look_sig(struct look *k, const char *path, struct file_sig *sig)
{
	struct seen_sig *seen;

	look_begin(k);
	seen = map_get(k->sigs, sv_of(path));
	if (seen == NULL) {
		seen = arena_new_of(k->arena, struct seen_sig);
		seen->is_there = file_sig_of(path, &seen->sig);
		map_put(k->sigs, sv_of(path), seen);
	}
	*sig = seen->sig;
	return seen->is_there;
}

const char *
look_program(struct look *k, const char *path, const char *name,
    const char *(*find)(void *ctx, const char *name), void *ctx)
{
	char *place;

	look_begin(k);
	if (k->path == NULL || strcmp(k->path, path) != 0) {
		k->path = arena_strdup(k->arena, path);
		k->programs = map_new(k->arena);
	}
	place = map_get(k->programs, sv_of(name));
	if (place == NULL) {
		place = arena_strdup(k->arena, find(ctx, name));
		map_put(k->programs, sv_of(name), place);
	}
	return place;
}

static void
read_marks(struct look *k, const char *dir)
{
	DIR *d cleanup_dir = opendir(dir);
	struct dirent *entry;

	k->marks_dir = arena_strdup(k->arena, dir);
	/* one that cannot be read may hold anything */
	k->marks = d != NULL || errno == ENOENT ? map_new(k->arena) : NULL;
	while (d != NULL && (entry = readdir(d)) != NULL) {
		sv name = sv_of(entry->d_name);

		if (sv_ends(name, SV(".run")))
			map_put(k->marks, name, k);
	}
}

bool
look_mark(struct look *k, const char *dir, const char *name)
{
	look_begin(k);
	if (k->marks_asked++ < MARKS_ONE_BY_ONE)
		return true;
	if (k->marks_dir == NULL || strcmp(k->marks_dir, dir) != 0)
		read_marks(k, dir);
	return k->marks == NULL || map_get(k->marks, sv_of(name)) != NULL;
}

struct gitignore *
look_gitignore(struct look *k, const char *dir)
{
	struct seen_ignore *seen;

	look_begin(k);
	seen = map_get(k->ignores, sv_of(dir));
	if (seen == NULL) {
		seen = arena_new_of(k->arena, struct seen_ignore);
		seen->rules = gitignore_open(k->arena, dir);
		map_put(k->ignores, sv_of(dir), seen);
	}
	return seen->rules;
}
