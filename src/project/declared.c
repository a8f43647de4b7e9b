/* SPDX-License-Identifier: MIT */
/* Which files the called tasks declare as theirs. */
#include "project/commit_share.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "base/match.h"
#include "base/path.h"
#include "fingerprint/fp.h"

/* A pattern as the repository sees it; NULL: it leads out of it. */
static const char *
pattern_in(struct arena *a, const char *top, const char *dir, const char *glob)
{
	const char *path = path_clean(a,
	    sv_of(*glob == '/' ? glob : path_join(a, sv_of(dir), sv_of(glob))));
	size_t n = strlen(top);

	if (strncmp(path, top, n) != 0 || path[n] != '/')
		return NULL;
	return path + n + 1;
}

/* ---- what is noted, and told ---- */

static void
on_declared_event(void *ctx, const struct event *ev)
{
	struct declared_calls *d = ctx;
	const struct ctask *t = ev->call != NULL ? ev->call->ctask : NULL;
	struct declared_call c = { 0 };

	if (ev->kind != EVENT_CALL_STARTED || t == NULL || t->generates.n == 0)
		return;
	c.dir = arena_strdup(d->a, t->dir);
	for (size_t i = 0; i < t->generates.n; i++) {
		const struct glob *g = &t->generates.v[i];

		vec_push(d->a, &c.generates,
		    ((struct glob){
			arena_strdup(d->a, g->pattern), g->negate }));
	}
	vec_push(d->a, &d->v, c);
}

struct sink
declared_sink(struct declared_calls *d)
{
	return (struct sink){ on_declared_event, d };
}

static const char *
reports_in(struct arena *a, const char *folder)
{
	return path_join(a, sv_of(folder), SV("declares"));
}

/* The folder and the patterns of each call, ended by NULs, and one more. */
static void
add_report(struct sb *b, const struct declared_call *c, struct secrets *secrets)
{
	struct arena *a cleanup_arena = arena_new();

	if (strcmp(secrets_masked(secrets, a, c->dir), c->dir) != 0)
		return;
	sb_add(b, c->dir, strlen(c->dir) + 1);
	for (size_t i = 0; i < c->generates.n; i++) {
		const struct glob *g = &c->generates.v[i];

		if (strcmp(secrets_masked(secrets, a, g->pattern),
			g->pattern) != 0)
			continue;
		sb_addc(b, g->negate ? '!' : '+');
		sb_add(b, g->pattern, strlen(g->pattern) + 1);
	}
	sb_addc(b, '\0');
}

void
declared_report(const struct declared_calls *d, const string_vec *folders,
    struct secrets *secrets)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < d->v.n; i++)
		add_report(&b, &d->v.v[i], secrets);
	for (size_t i = 0; i < folders->n && b.n > 0; i++) {
		const char *path = reports_in(a, folders->v[i]);
		int fd cleanup_close = strcmp(folders->v[i], "-") == 0
		    ? -1
		    : open_own(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

		/* what is not told is named as declared by nobody */
		if (fd >= 0)
			write_all(fd, b.p, b.n);
	}
}

void
declared_take(struct declared_calls *d, const char *folder)
{
	bool is_there = folder != NULL && *folder != '\0';
	const char *path = is_there ? reports_in(d->a, folder) : "";
	int fd cleanup_close = is_there ? open_own(path, O_RDONLY, 0) : -1;
	struct err ignored cleanup_err = ERR_INIT;
	sv text = { NULL, 0 }, part;

	if (fd < 0)
		return;
	unlink(path);
	if (!read_fd(d->a, fd, 0, &text, &ignored))
		return;
	while (sv_cut(text, '\0', &part, &text)) {
		struct declared_call c = { .dir = sv_cstr(d->a, part) };

		while (sv_cut(text, '\0', &part, &text) && part.n > 0)
			vec_push(d->a, &c.generates,
			    ((struct glob){
				sv_cstr(d->a, sv_sub(part, 1, SIZE_MAX)),
				*part.p == '!' }));
		vec_push(d->a, &d->v, c);
	}
}

/* ---- whose a path is ---- */

static void
declared_add_call(struct arena *a, struct declared *d, const char *top,
    const struct declared_call *t)
{
	struct err ignored cleanup_err = ERR_INIT;
	char *real = realpath(t->dir, NULL);
	const char *dir = real ? arena_strdup(a, real) : t->dir;
	string_vec files = { 0 };

	free(real);
	fp_files(a, dir, &t->generates, false, &files, &ignored);
	for (size_t i = 0; i < files.n; i++)
		map_put(d->files, sv_of(files.v[i]), d);
	for (size_t i = 0; i < t->generates.n; i++) {
		const struct glob *g = &t->generates.v[i];
		const char *pattern = pattern_in(a, top, dir, g->pattern);

		if (pattern != NULL)
			vec_push(a, &d->patterns,
			    ((struct glob){ pattern, g->negate }));
	}
}

void
declared_read(struct arena *a, const char *top,
    const struct declared_calls *calls, struct declared *d)
{
	*d = (struct declared){ .a = a, .top = top, .files = map_new(a) };
	for (size_t i = 0; i < calls->v.n; i++)
		declared_add_call(a, d, top, &calls->v.v[i]);
}

/* What is in a folder that is declared is declared. */
static bool
is_declared_below(sv path, sv dir)
{
	return path.n > dir.n && sv_starts(path, dir) && path.p[dir.n] == '/';
}

bool
declared_has(const struct declared *d, const char *path)
{
	struct arena *a cleanup_arena = arena_new();
	const char *full = path_join(a, sv_of(d->top), sv_of(path));
	bool is_there = path_exists(full), found = false;

	if (map_get(d->files, sv_of(full)) != NULL)
		return true;
	/* no walk finds a file that was removed */
	for (size_t i = 0; i < d->patterns.n; i++) {
		sv pattern = sv_of(d->patterns.v[i].pattern);

		if (is_declared_below(sv_of(path), pattern) ||
		    (!is_there && match_git(pattern, sv_of(path))))
			found = !d->patterns.v[i].negate;
	}
	return found;
}
