/* SPDX-License-Identifier: MIT */
/* The files of a task: sources and outputs, as they are and as records hold
 * them. */
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "fingerprint/internal.h"

bool
fp_files(struct arena *a, const char *dir, const glob_vec *globs,
    bool use_gitignore, string_vec *out, struct err *e)
{
	struct glob_list *l = glob_list_new(a, dir);
	const char **files;
	size_t n;

	(void)e;
	for (size_t i = 0; i < globs->n; i++)
		glob_list_add(l, globs->v[i].pattern, globs->v[i].negate);
	if (use_gitignore)
		glob_list_ignore(l);
	n = glob_list_files(l, &files);
	for (size_t i = 0; i < n; i++)
		vec_push(a, out, files[i]);
	return true;
}

bool
fp_files_for(void *ctx, struct arena *a, const char *dir, const glob_vec *globs,
    bool use_gitignore, string_vec *out, struct err *e)
{
	(void)ctx;
	return fp_files(a, dir, globs, use_gitignore, out, e);
}

/* The sources without our own state, which no task reads.  go-task leaves its
 * own in, and so does compat. */
static void
source_files(const struct fp *f, struct arena *a, const struct ctask *t,
    string_vec *out)
{
	struct err e cleanup_err = ERR_INIT;
	string_vec all = { 0 };
	sv state = sv_of(arena_printf(a, "%s%s/", f->o.temp_dir,
	    f->o.compat ? "/prun" : ""));

	fp_files(a, t->dir, &t->sources, t->use_gitignore, &all, &e);
	for (size_t i = 0; i < all.n; i++)
		if (!sv_starts(sv_of(all.v[i]), state))
			vec_push(a, out, all.v[i]);
}

bool
fp_read_sources(struct fp *f, struct arena *a, const struct ctask *t,
    enum fp_method method, struct source_list *out, struct err *e)
{
	string_vec files = { 0 };

	source_files(f, a, t, &files);
	if (method == METHOD_TIMESTAMP)
		return sources_stat(a, &files, out);
	return sources_read(f->memo, a, &files, true, out, e);
}

static int
compare_files(const void *x, const void *y)
{
	const struct record_file *a = x, *b = y;
	int order = strcmp(a->path, b->path);

	/* names that differ in a secret only read alike */
	return order != 0 ? order
			  : memcmp(&a->digest, &b->digest, sizeof(a->digest));
}

static void
sort_files(record_file_vec *v)
{
	if (v->n > 1)
		qsort(v->v, v->n, sizeof(*v->v), compare_files);
}

record_file_vec
fp_recorded_sources(const struct fp *f, struct arena *a,
    const struct source_list *l)
{
	record_file_vec out = { 0 };

	for (size_t i = 0; i < l->n; i++) {
		struct record_file r = {
			fp_kept(f, a,
			    record_path(f->o.root_dir, l->v[i].path)),
			l->v[i].digest,
			l->v[i].sig.mode,
		};

		vec_push(a, &out, r);
	}
	sort_files(&out);
	return out;
}

/* What `generates` names, with digests (D-3); ignored files as well, which
 * outputs mostly are.  What cannot be read is not there. */
static bool
output_digest(struct fp *f, const struct map *known, const char *path,
    const char *file, struct file_sig *sig, struct digest *d)
{
	struct err e cleanup_err = ERR_INIT;
	const struct digest *k =
	    known != NULL ? map_get(known, sv_of(path)) : NULL;

	if (k == NULL)
		return memo_digest(f->memo, file, sig, d, &e);
	*d = *k;
	return file_sig_of(file, sig);
}

record_file_vec
fp_recorded_outputs(struct fp *f, struct arena *a, const struct ctask *t,
    const struct map *known)
{
	record_file_vec out = { 0 };
	string_vec files = { 0 };
	struct err e cleanup_err = ERR_INIT;

	fp_files(a, t->dir, &t->generates, false, &files, &e);
	for (size_t i = 0; i < files.n; i++) {
		const char *path = record_path(f->o.root_dir, files.v[i]);
		struct record_file r;
		struct file_sig sig;

		if (!output_digest(f, known, path, files.v[i], &sig, &r.digest))
			continue;
		r.path = fp_kept(f, a, path);
		r.mode = sig.mode;
		vec_push(a, &out, r);
	}
	sort_files(&out);
	return out;
}
