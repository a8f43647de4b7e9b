/* SPDX-License-Identifier: MIT */
/* The files of a task: sources and outputs, as they are and as records hold
 * them. */
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "fingerprint/internal.h"

/* The files of globs without those that the rules ignore; `unmatched` gets the
 * entries that match nothing, and may be NULL. */
static void
find_files(struct arena *a, const char *dir, const glob_vec *globs,
    struct gitignore *rules, found_files *out, string_vec *unmatched)
{
	struct glob_list *l = glob_list_new(a, dir);
	struct glob_found *found;
	size_t n;

	for (size_t i = 0; i < globs->n; i++) {
		const struct glob *g = &globs->v[i];

		if (!glob_list_add(l, g->pattern, g->negate) && !g->negate &&
		    unmatched != NULL)
			vec_push(a, unmatched, g->pattern);
	}
	glob_list_ignore(l, rules);
	n = glob_list_found(l, &found);
	out->v = arena_alloc(a, n * sizeof(*out->v));
	out->n = out->cap = n;
	for (size_t i = 0; i < n; i++) {
		out->v[i].path = found[i].path;
		out->v[i].has_sig = found[i].seen != NULL;
		if (found[i].seen != NULL)
			out->v[i].sig = file_sig_of_stat(found[i].seen);
	}
}

bool
fp_files(struct arena *a, const char *dir, const glob_vec *globs,
    bool use_gitignore, string_vec *out, struct err *e)
{
	found_files found;

	(void)e;
	find_files(a, dir, globs, use_gitignore ? gitignore_open(a, dir) : NULL,
	    &found, NULL);
	for (size_t i = 0; i < found.n; i++)
		vec_push(a, out, found.v[i].path);
	return true;
}

void
fp_outputs(struct arena *a, const struct ctask *t, found_files *out,
    string_vec *unmatched)
{
	find_files(a, t->dir, &t->generates, NULL, out, unmatched);
}

void
fp_outputs_seen_by_git(const struct fp *f, struct arena *a,
    const struct ctask *t, found_files *out)
{
	find_files(a, t->dir, &t->generates, look_gitignore(f->look, t->dir),
	    out, NULL);
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
    found_files *out)
{
	sv state = sv_of(arena_concat(
	    a, f->o.temp_dir, f->o.compat ? "/prun/" : "/", NULL));
	size_t kept = 0;

	find_files(a, t->dir, &t->sources,
	    t->use_gitignore ? look_gitignore(f->look, t->dir) : NULL, out,
	    NULL);
	for (size_t i = 0; i < out->n; i++)
		if (!sv_starts(sv_of(out->v[i].path), state))
			out->v[kept++] = out->v[i];
	out->n = kept;
}

bool
fp_read_sources(struct fp *f, struct arena *a, const struct ctask *t,
    enum fp_method method, struct source_list *out, struct err *e)
{
	found_files files;

	source_files(f, a, t, &files);
	if (method == METHOD_TIMESTAMP)
		return sources_stat(f->memo, a, &files, out);
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

/* Mostly they come in order. */
static void
sort_files(record_file_vec *v)
{
	size_t i = 1;

	while (i < v->n && compare_files(&v->v[i - 1], &v->v[i]) <= 0)
		i++;
	if (i < v->n)
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

/* The digest of what `generates` names (D-3).  What cannot be read is not
 * there. */
static bool
output_digest(struct fp *f, const struct map *known, const char *path,
    const struct found_file *file, struct file_sig *sig, struct digest *d)
{
	struct err e cleanup_err = ERR_INIT;
	const struct digest *k =
	    known != NULL ? map_get(known, sv_of(path)) : NULL;

	if (!found_sig(file, sig))
		return false;
	if (k == NULL)
		return memo_digest_seen(f->memo, file->path, sig, d, &e);
	*d = *k;
	return true;
}

record_file_vec
fp_recorded_outputs(struct fp *f, struct arena *a, const found_files *outputs,
    const struct map *known)
{
	record_file_vec out = { 0 };

	for (size_t i = 0; i < outputs->n; i++) {
		const struct found_file *file = &outputs->v[i];
		const char *path = record_path(f->o.root_dir, file->path);
		struct record_file r;
		struct file_sig sig;

		if (!output_digest(f, known, path, file, &sig, &r.digest))
			continue;
		r.path = fp_kept(f, a, path);
		r.mode = sig.mode;
		vec_push(a, &out, r);
	}
	sort_files(&out);
	return out;
}
