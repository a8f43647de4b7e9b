/* SPDX-License-Identifier: MIT */
#include "fingerprint/cache_key.h"

#include <stdlib.h>

#include "base/glob.h"
#include "base/path.h"
#include "fingerprint/content.h"
#include "fingerprint/internal.h"

const char *
cache_key_refusal(const struct ctask *t)
{
	if (t->sources.n == 0)
		return "it has no sources";
	if (!recipe_has_outputs(t))
		return "it generates nothing";
	if (t->status.n > 0)
		return "its status decides";
	if (t->interactive)
		return "it is interactive";
	return NULL;
}

/* ---- the key ---- */

static void
key_add_globs(struct sb *b, const glob_vec *v)
{
	for (size_t i = 0; i < v->n; i++) {
		sb_addc(b, v->v[i].negate ? '!' : '+');
		recipe_add_text(b, v->v[i].pattern);
	}
}

/* Deferred entries get their texts when they run: then of anything that the
 * task knows. */
static void
cache_key_add_deferred(struct arena *a, struct sb *b, const struct ctask *t)
{
	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct ccmd *c = &t->cmds.v[i];

		if (c->defer && c->source != NULL && c->source->cmd != NULL &&
		    strstr(c->source->cmd, "{{") != NULL) {
			recipe_add_value(a, b, t->vars);
			return;
		}
	}
}

static int
by_path(const void *x, const void *y)
{
	const struct source *a = x, *b = y;

	return strcmp(a->path, b->path);
}

/* Each by its content now, which must be what fp_check() has seen. */
static bool
key_add_sources(struct fp *f, struct arena *a, const struct snapshot *s,
    struct sb *b, struct cache_key *out, struct err *e)
{
	size_t n = s->sources.n;
	struct source *v = arena_alloc(a, (n + 1) * sizeof(*v));

	if (n > 0)
		memcpy(v, s->sources.v, n * sizeof(*v));
	qsort(v, n, sizeof(*v), by_path);
	for (size_t i = 0; i < n; i++) {
		const char *path = record_path(f->o.root_dir, v[i].path);
		struct key_part p = { .kind = "source",
			.name = fp_kept(f, a, path) };
		uint8_t sum[SHA256_SIZE];
		struct file_sig sig;

		if (!content_sha256(f->memo, v[i].path, &sig, sum) ||
		    !file_sig_same(&sig, &v[i].sig))
			return err_set(e, ERR_GENERIC,
			    "%s changes while it is read", path);
		recipe_add_text(b, path);
		sb_printf(b, "%o ", sig.mode & 0111);
		sb_add(b, (const char *)sum, sizeof(sum));
		memcpy(&p.high, sum, sizeof(p.high));
		p.low = sig.mode & 0111;
		vec_push(a, &out->parts, p);
	}
	return true;
}

/* What called tasks leave behind is theirs, and not among these outputs. */
static bool
key_add_recipe(struct fp *f, struct arena *a, const struct ctask *t,
    const struct snapshot *seen, struct sb *b, struct cache_key *out,
    struct err *e)
{
	struct recipe_input in = fp_recipe_input(f, t);
	part_vec parts = { .exact = b };

	in.programs = seen->programs;

	recipe_of(a, &in, &parts);
	for (size_t i = 0; i < parts.n; i++) {
		const struct part *p = &parts.v[i];

		if (strcmp(p->kind, "task") == 0)
			return err_set(e, ERR_GENERIC, "it calls other tasks");
		vec_push(a, &out->parts,
		    ((struct key_part){
			p->kind, fp_kept(f, a, p->name), p->hash, 0 }));
	}
	return true;
}

bool
fp_cache_key(struct fp *f, struct arena *a, const struct ctask *t,
    const struct fp_state *s, const char *around, struct cache_key *out,
    struct err *e)
{
	const struct snapshot *seen = s->snapshot;
	struct sb b cleanup_sb = SB_INIT;
	char digits[SHA256_HEX + 1];

	*out = (struct cache_key){ 0 };
	if (seen == NULL || !seen->readable)
		return err_set(e, ERR_GENERIC,
		    seen == NULL ? "its method is none"
				 : "a source cannot be read");
	sb_adds(&b, "prun cache key 1\n");
	recipe_add_text(&b, around);
	recipe_add_text(&b, t->task != NULL ? t->task->name : "");
	recipe_add_text(&b, t->full_name);
	key_add_globs(&b, &t->generates);
	vec_push(a, &out->parts,
	    ((struct key_part){ "around", "", hash64(sv_of(around)), 0 }));
	if (!key_add_sources(f, a, seen, &b, out, e) ||
	    !key_add_recipe(f, a, t, seen, &b, out, e))
		return false;
	cache_key_add_deferred(a, &b, t);
	sha256_text(sb_sv(&b), digits);
	out->key = arena_strdup(a, digits);
	return true;
}

bool
fp_content_is(void *fp, const struct stat *st, const uint8_t sum[32])
{
	const struct fp *f = fp;

	return content_is(f->memo, st, sum);
}

void
fp_content_note(void *fp, const struct stat *st, const uint8_t sum[32])
{
	const struct fp *f = fp;

	content_note(f->memo, st, sum);
}

void
fp_add_content(struct fp *f, struct sb *b, const char *path)
{
	uint8_t sum[SHA256_SIZE];
	char digits[SHA256_HEX + 1];
	struct file_sig sig;

	if (!content_sha256(f->memo, path, &sig, sum))
		return;
	sha256_digits(sum, digits);
	sb_printf(b, "%s\n", digits);
}

/* ---- what differs ---- */

static void
cache_key_split(struct arena *a, const struct cache_key *k, part_vec *parts,
    record_file_vec *files)
{
	*parts = (part_vec){ 0 };
	*files = (record_file_vec){ 0 };
	for (size_t i = 0; i < k->parts.n; i++) {
		const struct key_part *p = &k->parts.v[i];
		struct record_file file = { p->name, { p->high, p->low }, 0 };

		if (strcmp(p->kind, "source") == 0)
			vec_push(a, files, file);
		else
			vec_push(a, parts,
			    ((struct part){ p->kind, p->name, p->high }));
	}
}

void
cache_key_diff(struct arena *a, const struct cache_key *before,
    const struct cache_key *now, string_vec *reasons)
{
	part_vec parts[2];
	record_file_vec files[2];

	cache_key_split(a, before, &parts[0], &files[0]);
	cache_key_split(a, now, &parts[1], &files[1]);
	record_diff_files(a, "source", &files[0], &files[1], true, reasons);
	recipe_diff(a, &parts[0], &parts[1], reasons);
}

/* ---- outputs ---- */

/* What cannot be put back by a rename is no output: links are files here. */
static size_t
outputs_of(struct arena *a, const struct ctask *t, const struct glob *g,
    size_t n, const char ***files)
{
	struct glob_list *l = glob_list_new(a, t->dir);

	glob_list_keep_links(l);
	for (size_t i = 0; i < n; i++)
		glob_list_add(l, g[i].pattern, g[i].negate);
	return glob_list_files(l, files);
}

static int
output_order(const void *x, const void *y)
{
	const struct cache_output *a = x, *b = y;

	return strcmp(a->path, b->path);
}

static int
recorded_order(const void *x, const void *y)
{
	const struct record_file *a = x, *b = y;

	return strcmp(a->path, b->path);
}

/* By the digests of the record; without one all are strange. */
static bool
is_as_recorded(struct fp *f, const struct record *r, const char *file,
    struct cache_output *o)
{
	struct record_file wanted = { .path = o->path };
	struct err e cleanup_err = ERR_INIT;
	const struct record_file *was;
	struct file_sig sig;

	if (r->outputs.n == 0)
		return false;
	was = bsearch(&wanted, r->outputs.v, r->outputs.n, sizeof(wanted),
	    recorded_order);
	return was != NULL &&
	       memo_digest(f->memo, file, &sig, &o->digest, &e) &&
	       digest_equal(o->digest, was->digest);
}

void
fp_cache_outputs(
    struct fp *f, struct arena *a, const struct ctask *t, cache_output_vec *out)
{
	struct fp_paths paths;
	struct record r = { 0 };
	const char **files;
	size_t n = outputs_of(a, t, t->generates.v, t->generates.n, &files);

	if (n == 0)
		return;
	fp_paths_of(f, a, t, &paths);
	if (record_read(a, paths.record, &r) != RECORD_OK)
		r.outputs.n = 0;
	for (size_t i = 0; i < n; i++) {
		struct cache_output o = { .path = record_path(
					      f->o.root_dir, files[i]) };

		o.is_strange = !is_as_recorded(f, &r, files[i], &o);
		vec_push(a, out, o);
	}
	qsort(out->v, out->n, sizeof(*out->v), output_order);
}

void
fp_cache_know(
    struct fp_state *s, struct arena *a, const char *path, struct digest d)
{
	struct snapshot *seen = s->snapshot;
	struct digest *copy = arena_new_of(a, struct digest);

	*copy = d;
	if (seen->outputs == NULL)
		seen->outputs = map_new(a);
	map_put(seen->outputs, sv_of(path), copy);
}

bool
fp_cache_complete(struct arena *a, const struct ctask *t, struct err *e)
{
	for (size_t i = 0; i < t->generates.n; i++) {
		const struct glob *g = &t->generates.v[i];
		const char **files;

		if (!g->negate && outputs_of(a, t, g, 1, &files) == 0)
			return err_set(e, ERR_GENERIC,
			    "%s is no file: generates has to name files "
			    "(%s/**)",
			    g->pattern, g->pattern);
	}
	return true;
}

bool
fp_may_generate(const struct fp *f, struct arena *a, const struct ctask *t,
    const char *path)
{
	struct glob_list *l = glob_list_new(a, t->dir);
	const char **files;

	glob_list_ask(l, path_join(a, sv_of(f->o.root_dir), sv_of(path)));
	for (size_t i = 0; i < t->generates.n; i++)
		glob_list_add(
		    l, t->generates.v[i].pattern, t->generates.v[i].negate);
	return glob_list_files(l, &files) > 0;
}
