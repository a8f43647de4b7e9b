/* SPDX-License-Identifier: MIT */
/* Is a task up to date? */
#include "fingerprint/fp.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/glob.h"
#include "base/io.h"
#include "fingerprint/internal.h"

/* Of a task's name in the names of its records, to be recognised by people;
 * the hash behind it tells tasks apart. */
#define MAX_NAME_PART 60
/* Of a record's name behind that: two hashes and a dot. */
#define RECORD_HASHES 33

struct fp *
fp_new(const struct fp_options *o)
{
	struct fp *f = xcalloc(1, sizeof(*f));

	f->o = *o;
	if (f->o.now == NULL)
		f->o.now = clock_real_ns;
	if (f->o.root_dir == NULL)
		f->o.root_dir = "";
	f->arena = arena_new();
	f->contended = map_new(f->arena);
	f->names = map_new(f->arena);
	f->look = look_new();
	f->memo = memo_open(o->memo_path, o->dry, f->o.now);
	memo_set_threads(f->memo, o->threads);
	if (!o->compat && o->compiler != NULL)
		f->called = called_new();
	return f;
}

void
fp_free(struct fp *f)
{
	if (f == NULL)
		return;
	unfinished_release_all(f);
	arena_free(f->marks.arena);
	arena_free(f->arena);
	called_free(f->called);
	memo_close(f->memo);
	look_free(f->look);
	free(f);
}

void
fp_look_again(struct fp *f)
{
	if (f != NULL)
		look_again(f->look);
}

const char *
fp_temp_dir(const struct fp *f)
{
	return f->o.temp_dir;
}

bool
fp_is_unlocked(const struct fp *f)
{
	return f->is_unlocked;
}

unsigned
fp_digests_kept(const struct fp *f)
{
	return memo_kept(f->memo);
}

/* ---- names ---- */

bool
fp_method_of(const struct fp *f, const struct ctask *t, enum fp_method *out,
    struct err *e)
{
	const char *m = t->method;

	if (m == NULL || *m == '\0')
		m = f->o.default_method;
	if (m == NULL || *m == '\0' || strcmp(m, "checksum") == 0)
		*out = METHOD_CHECKSUM;
	else if (strcmp(m, "timestamp") == 0)
		*out = METHOD_TIMESTAMP;
	else if (strcmp(m, "none") == 0)
		*out = METHOD_NONE;
	else
		return err_set(e, ERR_GENERIC, "task: invalid method \"%s\"", m);
	return true;
}

const char *
fp_method_name(enum fp_method m)
{
	static const char *const names[] = { "checksum", "timestamp", "none" };

	return names[m];
}

struct recipe_input
fp_recipe_input(const struct fp *f, const struct ctask *t)
{
	return (struct recipe_input){ t, f->o.root_dir, f->o.cli_vars,
		f->o.file_vars, f->memo, f->o.ignored_env, f->o.compiler,
		f->called, NULL, NULL };
}

const char *
fp_kept(const struct fp *f, struct arena *a, const char *text)
{
	if (f->o.compat || f->o.compiler == NULL)
		return text;
	return secrets_masked(f->o.compiler->secrets, a, text);
}

void
fp_recipe(const struct fp *f, struct arena *a, const struct ctask *t,
    struct look *look, struct map *programs, part_vec *out)
{
	struct recipe_input in = fp_recipe_input(f, t);

	in.look = look;
	in.programs = programs;
	recipe_of(a, &in, out);
	for (size_t i = 0; i < out->n; i++)
		out->v[i].name = fp_kept(f, a, out->v[i].name);
}

/* The name that a task's files have, the same for as long as the run: a secret
 * that becomes known later must not part a mark from its owner. */
static const char *
fp_name_of(struct fp *f, const struct ctask *t)
{
	const char *name = map_get(f->names, sv_of(t->name));

	if (name == NULL) {
		name = arena_strdup(f->arena, fp_kept(f, f->arena, t->name));
		map_put(f->names, sv_of(arena_strdup(f->arena, t->name)),
		    (char *)name);
	}
	return name;
}

static const char *
declared_name(const struct ctask *t)
{
	return t->task != NULL && t->task->name != NULL ? t->task->name :
							  t->name;
}

void
fp_paths_of(struct fp *f, struct arena *a, const struct ctask *t,
    struct fp_paths *out)
{
	struct recipe_input in = fp_recipe_input(f, t);
	const char *temp = f->o.temp_dir;
	const char *shown = fp_name_of(f, t), *declared = declared_name(t);
	char *name = checksum_file_name(a, sv_of(shown));
	char *identity = arena_concat(a, declared, "\n", t->name, NULL);
	char of_task[17], of_variant[17], of_file[17];
	const char *file;
	struct err e cleanup_err = ERR_INIT;
	enum fp_method method = METHOD_CHECKSUM;

	/* All calls of a wildcard task share it, as go-task has it (C-302). */
	file = strcmp(declared, shown) == 0
		   ? name
		   : checksum_file_name(a, sv_of(declared));
	out->checksum = arena_concat(a, temp, "/checksum/", name, NULL);
	out->timestamp = arena_concat(a, temp, "/timestamp/", file, NULL);
	out->dir = arena_concat(a, temp, "/prun", NULL);
	hex16(of_task, hash64(sv_of(identity)));
	hex16(of_variant, variant_of(a, &in));
	fp_method_of(f, t, &method, &e);
	hex16(of_file,
	    hash64(sv_of(method == METHOD_TIMESTAMP ? file : name)));
	if (strlen(name) > MAX_NAME_PART)
		name = arena_strndup(a, name, MAX_NAME_PART);
	out->shared_start = arena_concat(a, name, "-", NULL);
	out->record = arena_concat(a, out->dir, "/", out->shared_start,
	    of_task, ".", of_variant, NULL);
	out->shared_end = arena_concat(a, ".", of_file, ".run", NULL);
	out->mark = arena_concat(a, out->record, out->shared_end, NULL);
}

/* ---- checking ---- */

/* C-314, C-337: every entry has to match something. */
static bool
check_generates(
    struct arena *a, const string_vec *unmatched, string_vec *reasons)
{
	for (size_t i = 0; i < unmatched->n; i++)
		vec_push(a, reasons,
		    arena_concat(a, "output missing: ", unmatched->v[i], NULL));
	return unmatched->n == 0;
}

static void
check_times(const struct fp *f, struct arena *a, const struct ctask *t,
    const struct snapshot *s, const found_files *outputs, string_vec *reasons)
{
	found_files tracked;

	if (t->use_gitignore) {
		fp_outputs_seen_by_git(f, a, t, &tracked);
		outputs = &tracked;
	}
	timestamp_check(
	    a, t, s->paths.timestamp, &s->sources, outputs, reasons);
}

const char *
fp_stored_checksum(struct arena *a, const char *path)
{
	struct err e cleanup_err = ERR_INIT;
	sv text;

	if (!read_file(a, path, &text, &e))
		return "";
	return sv_cstr(a, sv_trim(text));
}

/* Is `checksum` what one of our own records says, of this task or of another
 * one whose name reads alike in go-task's file?  Else another program has run
 * the task since. */
static bool
is_known_checksum(struct arena *a, const struct fp_paths *p,
    const char *checksum)
{
	DIR *d cleanup_dir = opendir(p->dir);
	size_t n = strlen(p->shared_start);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		struct record r;

		if (strncmp(entry->d_name, p->shared_start, n) != 0 ||
		    strlen(entry->d_name) != n + RECORD_HASHES)
			continue;
		if (record_read(a, arena_printf(a, "%s/%s", p->dir,
		    entry->d_name), &r) == RECORD_OK &&
		    strcmp(r.checksum, checksum) == 0)
			return true;
	}
	return false;
}

bool
fp_is_made_by_run(const struct part *p)
{
	return strcmp(p->kind, "task") == 0 ||
	       (strcmp(p->kind, "tool") == 0 && strchr(p->name, '/') != NULL);
}

void
fp_order_parts(struct arena *a, part_vec *parts)
{
	struct part *made = arena_alloc(a, parts->n * sizeof(*made));
	size_t kept = 0, n_made = 0;

	for (size_t i = 0; i < parts->n; i++)
		if (fp_is_made_by_run(&parts->v[i]))
			made[n_made++] = parts->v[i];
		else
			parts->v[kept++] = parts->v[i];
	for (size_t i = 0; i < n_made; i++)
		parts->v[kept + i] = made[i];
	parts->index = NULL;
}

/* go-task's own judgement by checksum. */
static void
check_stored(const struct fp *f, struct arena *a, const struct snapshot *s,
    string_vec *reasons)
{
	const char *now = checksum_text(a, s->sources.checksum), *stored;

	if (memo_content_is(f->memo, s->paths.checksum,
		sv_of(arena_concat(a, now, "\n", NULL))))
		return;
	stored = fp_stored_checksum(a, s->paths.checksum);
	if (strcmp(stored, now) == 0)
		return;
	if (*stored == '\0')
		vec_push(a, reasons, "never run successfully");
	else if (f->o.compat)
		vec_push(a, reasons, "sources changed");
	else if (!is_known_checksum(a, &s->paths, stored))
		vec_push(a, reasons, "run by another program since");
}

/* What the record would say if the task had just succeeded. */
static struct record
record_of_now(struct fp *f, struct arena *a, const struct snapshot *s,
    const found_files *outputs)
{
	struct record r = { .method = fp_method_name(s->method),
		.checksum = "",
		.parts = s->parts,
		.sources = fp_recorded_sources(f, a, &s->sources),
		.outputs = fp_recorded_outputs(f, a, outputs, NULL) };

	if (s->method == METHOD_CHECKSUM)
		r.checksum = checksum_text(a, s->sources.checksum);
	return r;
}

/* D-2 and D-3 against our own record.  Mostly it says what it would say if it
 * were written now, and need not be read for that. */
static void
check_record(struct fp *f, struct arena *a, const struct snapshot *s,
    const found_files *outputs, string_vec *reasons)
{
	struct record now = record_of_now(f, a, s, outputs), r;
	struct sb text cleanup_sb = SB_INIT;

	record_text(&now, &text);
	if (memo_content_is(f->memo, s->paths.record, sb_sv(&text)))
		return;
	switch (record_read(a, s->paths.record, &r)) {
	case RECORD_MISSING:
		vec_push(a, reasons, "no record of a successful run");
		return;
	case RECORD_DAMAGED:
		vec_push(a, reasons, "record damaged");
		return;
	case RECORD_OK:
		break;
	}
	if (strcmp(r.method, now.method) != 0)
		vec_push(a, reasons, "method changed");
	record_diff_files(a, "source", &r.sources, &now.sources, true, reasons);
	recipe_diff(a, &r.parts, &now.parts, reasons);
	/* Others may write beside our outputs. */
	record_diff_files(a, "output", &r.outputs, &now.outputs, false, reasons);
}

/* By go-task's own files alone, who was interrupted with other variables has
 * left the same traces as who was with these. */
static enum unfinished_state
look_for_mark(struct fp *f, struct arena *a, const struct fp_paths *p)
{
	enum unfinished_state own;

	/* with a record all that a mark made since then can have changed is
	 * seen in the files */
	if (!f->o.compat && !unfinished_is_held(f, p->mark) &&
	    !look_mark(f->look, p->dir, p->mark + strlen(p->dir) + 1))
		return MARK_NONE;
	own = unfinished_look(f, a, p->mark, NULL);
	if (own != MARK_NONE || !f->o.compat)
		return own;
	return unfinished_look_all(f, a, p->dir, p->shared_end);
}

static void
check_mark(struct fp *f, struct arena *a, const struct snapshot *s,
    struct fp_state *out)
{
	switch (look_for_mark(f, a, &s->paths)) {
	case MARK_NONE:
		break;
	case MARK_BUSY:
		out->busy = true;
		vec_push(a, &out->reasons, "another run is executing it");
		break;
	case MARK_LEFT:
		vec_push(a, &out->reasons, "last run did not finish");
		break;
	}
}

static void
recipe_to_check(struct fp *f, struct arena *a, const struct ctask *t,
    struct snapshot *s)
{
	fp_recipe(f, a, t, f->look, s->programs, &s->parts);
	fp_order_parts(a, &s->parts);
}

static void
check_sources(struct fp *f, struct arena *a, const struct ctask *t,
    struct snapshot *s, struct fp_state *out)
{
	struct err e cleanup_err = ERR_INIT;
	string_vec unmatched = { 0 };
	found_files outputs;

	s->readable = fp_read_sources(f, a, t, s->method, &s->sources, &e);
	if (!f->o.compat)
		recipe_to_check(f, a, t, s);
	check_mark(f, a, s, out);
	if (!s->readable) {
		vec_push(a, &out->reasons, "a source cannot be read");
		return;
	}
	out->hash[0] = s->sources.checksum.high;
	out->hash[1] = s->sources.checksum.low;
	fp_outputs(a, t, &outputs, &unmatched);
	if (!f->o.compat)
		check_record(f, a, s, &outputs, &out->reasons);
	s->has_outputs = check_generates(a, &unmatched, &out->reasons);
	if (s->method == METHOD_TIMESTAMP)
		check_times(f, a, t, s, &outputs, &out->reasons);
	else
		check_stored(f, a, s, &out->reasons);
}

bool
fp_check(struct fp *f, struct arena *a, const struct ctask *t,
    struct fp_state *out, struct err *e)
{
	enum fp_method method;
	struct snapshot *s;

	*out = (struct fp_state){ 0 };
	if (!fp_method_of(f, t, &method, e))
		return false;
	out->method = fp_method_name(method);
	out->reason = "";
	if (t->sources.n == 0)
		return true;
	out->has_sources = true;
	if (method == METHOD_NONE) {
		out->reason = "method: none";
		vec_push(a, &out->reasons, out->reason);
		return true;
	}
	s = arena_new_of(a, struct snapshot);
	s->programs = map_new(a);
	s->method = method;
	s->at_ns = f->o.now();
	fp_paths_of(f, a, t, &s->paths);
	check_sources(f, a, t, s, out);
	out->snapshot = s;
	out->up_to_date = out->reasons.n == 0;
	if (!out->up_to_date)
		out->reason = out->reasons.v[0];
	/* go-task moves its timestamp whenever it has compared (C-317). */
	else if (method == METHOD_TIMESTAMP && f->o.compat && !f->o.dry)
		return timestamp_write(a, s->paths.timestamp, s->at_ns, e);
	return true;
}
