/* SPDX-License-Identifier: MIT */
#include "fingerprint/fp.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/glob.h"
#include "base/io.h"
#include "base/path.h"
#include "fingerprint/internal.h"

/* Of a task's name in the names of its records, to be recognised by people;
 * the hash behind it tells tasks apart. */
#define MAX_NAME_PART 60

struct fp *
fp_new(const struct fp_options *o)
{
	struct fp *f = xcalloc(1, sizeof(*f));

	f->o = *o;
	if (f->o.now == NULL)
		f->o.now = clock_real_ns;
	if (f->o.root_dir == NULL)
		f->o.root_dir = "";
	f->memo = memo_open(o->memo_path, o->dry, f->o.now);
	return f;
}

void
fp_free(struct fp *f)
{
	if (f == NULL)
		return;
	mark_release_all(f);
	memo_close(f->memo);
	free(f);
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

static const char *
method_name(enum fp_method m)
{
	static const char *const names[] = { "checksum", "timestamp", "none" };

	return names[m];
}

static struct parts_input
parts_input_of(const struct fp *f, const struct ctask *t)
{
	return (struct parts_input){ t, f->o.root_dir, f->o.shell,
		f->o.cli_vars, f->o.file_vars, f->memo };
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
	struct parts_input in = parts_input_of(f, t);
	const char *temp = f->o.temp_dir;
	char *name = checksum_file_name(a, sv_of(t->name));
	char *identity = arena_printf(a, "%s\n%s", declared_name(t), t->name);

	out->checksum = arena_printf(a, "%s/checksum/%s", temp, name);
	/* All calls of a wildcard task share it, as go-task has it (C-302). */
	out->timestamp = arena_printf(a, "%s/timestamp/%s", temp,
	    checksum_file_name(a, sv_of(declared_name(t))));
	out->dir = arena_printf(a, "%s/prun", temp);
	out->prefix = arena_printf(a, "%.*s-%016" PRIx64 ".", MAX_NAME_PART,
	    name, hash64(sv_of(identity)));
	out->record = arena_printf(a, "%s/%s%016" PRIx64, out->dir, out->prefix,
	    variant_of(a, &in));
	out->mark = arena_printf(a, "%s.run", out->record);
}

/* ---- files ---- */

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

static bool
read_sources(struct fp *f, struct arena *a, const struct ctask *t,
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

	return strcmp(a->path, b->path);
}

static void
sort_files(record_file_vec *v)
{
	if (v->n > 1)
		qsort(v->v, v->n, sizeof(*v->v), compare_files);
}

static record_file_vec
recorded_sources(const struct fp *f, struct arena *a,
    const struct source_list *l)
{
	record_file_vec out = { 0 };

	for (size_t i = 0; i < l->n; i++) {
		struct record_file r = {
			record_path(a, f->o.root_dir, l->v[i].path),
			l->v[i].digest,
		};

		vec_push(a, &out, r);
	}
	sort_files(&out);
	return out;
}

/* What `generates` names, with digests (D-3); ignored files as well, which
 * outputs mostly are.  What cannot be read is not there. */
static record_file_vec
recorded_outputs(struct fp *f, struct arena *a, const struct ctask *t)
{
	record_file_vec out = { 0 };
	string_vec files = { 0 };
	struct err e cleanup_err = ERR_INIT;

	fp_files(a, t->dir, &t->generates, false, &files, &e);
	for (size_t i = 0; i < files.n; i++) {
		struct record_file r;
		struct file_sig sig;

		err_clear(&e);
		if (!memo_digest(f->memo, files.v[i], &sig, &r.digest, &e))
			continue;
		r.path = record_path(a, f->o.root_dir, files.v[i]);
		vec_push(a, &out, r);
	}
	sort_files(&out);
	return out;
}

/* ---- checking ---- */

/* C-314, C-337: every entry has to match something. */
static bool
check_generates(struct arena *a, const struct ctask *t, string_vec *reasons)
{
	bool all = true;

	for (size_t i = 0; i < t->generates.n; i++) {
		const struct glob *g = &t->generates.v[i];

		if (g->negate || glob_exists(a, t->dir, g->pattern))
			continue;
		all = false;
		vec_push(a, reasons,
		    arena_printf(a, "output missing: %s", g->pattern));
	}
	return all;
}

static const char *
stored_checksum(struct arena *a, const char *path)
{
	struct err e cleanup_err = ERR_INIT;
	sv text;

	if (!read_file(a, path, &text, &e))
		return "";
	return sv_cstr(a, sv_trim(text));
}

/* Is `checksum` what one of our own records of the task's variants says?  Else
 * another program has run the task since. */
static bool
is_known_checksum(struct arena *a, const struct fp_paths *p,
    const char *checksum)
{
	DIR *d cleanup_dir = opendir(p->dir);
	size_t n = strlen(p->prefix);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		struct record r;

		if (strncmp(entry->d_name, p->prefix, n) != 0 ||
		    strlen(entry->d_name) != n + 16)
			continue;
		if (record_read(a, arena_printf(a, "%s/%s", p->dir,
		    entry->d_name), &r) == RECORD_OK &&
		    strcmp(r.checksum, checksum) == 0)
			return true;
	}
	return false;
}

/* go-task's own judgement by checksum. */
static void
check_stored(struct arena *a, const struct snapshot *s, bool compat,
    string_vec *reasons)
{
	const char *stored = stored_checksum(a, s->paths.checksum);
	const char *now = checksum_text(a, s->sources.checksum);

	if (strcmp(stored, now) == 0)
		return;
	if (*stored == '\0')
		vec_push(a, reasons, "never run successfully");
	else if (compat)
		vec_push(a, reasons, "sources changed");
	else if (!is_known_checksum(a, &s->paths, stored))
		vec_push(a, reasons, "run by another program since");
}

/* D-2 and D-3 against our own record. */
static void
check_record(struct fp *f, struct arena *a, const struct ctask *t,
    struct snapshot *s, string_vec *reasons)
{
	record_file_vec now;
	struct record r;

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
	if (strcmp(r.method, method_name(s->method)) != 0)
		vec_push(a, reasons, "method changed");
	now = recorded_sources(f, a, &s->sources);
	record_diff_files(a, "source", &r.sources, &now, true, reasons);
	parts_diff(a, &r.parts, &s->parts, reasons);
	now = recorded_outputs(f, a, t);
	/* Others may write beside our outputs. */
	record_diff_files(a, "output", &r.outputs, &now, false, reasons);
}

static void
check_mark(struct fp *f, struct arena *a, const struct snapshot *s,
    struct fp_state *out)
{
	switch (mark_look(f, a, s->paths.mark, NULL)) {
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
check_sources(struct fp *f, struct arena *a, const struct ctask *t,
    struct snapshot *s, struct fp_state *out)
{
	struct parts_input in = parts_input_of(f, t);
	struct err e cleanup_err = ERR_INIT;

	s->readable = read_sources(f, a, t, s->method, &s->sources, &e);
	if (!f->o.compat)
		parts_of(a, &in, &s->parts);
	check_mark(f, a, s, out);
	if (!s->readable) {
		vec_push(a, &out->reasons, "a source cannot be read");
		return;
	}
	out->hash[0] = s->sources.checksum.high;
	out->hash[1] = s->sources.checksum.low;
	if (!f->o.compat)
		check_record(f, a, t, s, &out->reasons);
	s->has_outputs = check_generates(a, t, &out->reasons);
	if (s->method == METHOD_TIMESTAMP)
		timestamp_check(a, t, s->paths.timestamp, &s->sources,
		    &out->reasons);
	else
		check_stored(a, s, f->o.compat, &out->reasons);
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
	out->method = method_name(method);
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

/* ---- outcomes ---- */

/* May the task itself have written this source, by what it says of itself? */
static bool
is_output(struct arena *a, const struct ctask *t, const char *path)
{
	struct err e cleanup_err = ERR_INIT;
	string_vec outputs = { 0 };

	fp_files(a, t->dir, &t->generates, false, &outputs, &e);
	for (size_t i = 0; i < outputs.n; i++)
		if (strcmp(outputs.v[i], path) == 0)
			return true;
	return false;
}

/* Did anybody write a source since fp_check()?  Also when it reads the same
 * again now: nobody knows what the task has seen in between, unless it is the
 * one who writes it.  go-task never asks, so compat goes by the content. */
static bool
is_disturbed(struct fp *f, struct arena *a, const struct ctask *t,
    const struct snapshot *s)
{
	struct err e cleanup_err = ERR_INIT;
	struct source_list now;

	if (!read_sources(f, a, t, s->method, &now, &e) ||
	    now.n != s->sources.n)
		return true;
	for (size_t i = 0; i < now.n; i++) {
		const struct source *x = &s->sources.v[i], *y = &now.v[i];

		if (strcmp(x->path, y->path) != 0 ||
		    !digest_equal(x->digest, y->digest))
			return true;
		if (!file_sig_same(&x->sig, &y->sig) && !f->o.compat &&
		    !is_output(a, t, x->path))
			return true;
	}
	return false;
}

/* A task may build the program that it then runs; the new one is what the next
 * check will find. */
static void
renew_tools(struct fp *f, struct arena *a, const struct ctask *t, part_vec *parts)
{
	struct parts_input in = parts_input_of(f, t);
	part_vec now = { 0 };
	size_t kept = 0;

	parts_of(a, &in, &now);
	for (size_t i = 0; i < parts->n; i++)
		if (strcmp(parts->v[i].kind, "tool") != 0 ||
		    strchr(parts->v[i].name, '/') == NULL)
			parts->v[kept++] = parts->v[i];
	parts->n = kept;
	for (size_t i = 0; i < now.n; i++)
		if (strcmp(now.v[i].kind, "tool") == 0 &&
		    strchr(now.v[i].name, '/') != NULL)
			vec_push(a, parts, now.v[i]);
}

/* Removes all that says that the task was done. */
static void
forget(struct fp *f, const struct fp_paths *p, enum fp_method method)
{
	if (method == METHOD_CHECKSUM)
		unlink(p->checksum);
	unlink(p->record);
	/* By time alone the outputs look fresh: the mark has to stay. */
	mark_release(f, p->mark, method == METHOD_TIMESTAMP);
	if (f->o.compat)
		rmdir(p->dir);
}

static bool
write_checksum(struct arena *a, const struct snapshot *s, struct err *e)
{
	const char *path = s->paths.checksum;
	const char *text = checksum_text(a, s->sources.checksum);

	if (strcmp(stored_checksum(a, path), text) == 0)
		return true;
	return mkdir_all(path_dir(a, sv_of(path)), 0755, e) &&
	    write_atomic(path, sv_of(arena_printf(a, "%s\n", text)), 0644, e);
}

static bool
write_record(struct fp *f, struct arena *a, const struct ctask *t,
    struct snapshot *s, struct err *e)
{
	struct record r = { .method = method_name(s->method), .checksum = "" };

	if (s->method == METHOD_CHECKSUM)
		r.checksum = checksum_text(a, s->sources.checksum);
	renew_tools(f, a, t, &s->parts);
	r.parts = s->parts;
	r.sources = recorded_sources(f, a, &s->sources);
	r.outputs = recorded_outputs(f, a, t);
	return mkdir_all(s->paths.dir, 0755, e) &&
	    record_write(s->paths.record, &r, e);
}

/* Nothing counts as done.  In compat go-task's file is left as it would leave
 * it, and the mark says what it is worth. */
static bool
record_disturbed(struct fp *f, struct arena *a, const struct snapshot *s,
    struct err *e)
{
	if (!f->o.compat || !s->readable || s->method != METHOD_CHECKSUM) {
		forget(f, &s->paths, s->method);
		return true;
	}
	unlink(s->paths.record);
	if (!mark_is_held(f, s->paths.mark))
		mark_take(f, a, s->paths.mark, NULL);
	mark_release(f, s->paths.mark, true);
	return write_checksum(a, s, e);
}

bool
fp_record(struct fp *f, struct arena *a, const struct ctask *t,
    const struct fp_state *state, bool *disturbed, struct err *e)
{
	struct snapshot *s = state->snapshot;
	bool ok;

	if (disturbed != NULL)
		*disturbed = false;
	if (s == NULL || f->o.dry)
		return true;
	if (!s->readable || is_disturbed(f, a, t, s)) {
		if (disturbed != NULL)
			*disturbed = true;
		return record_disturbed(f, a, s, e);
	}
	ok = f->o.compat || write_record(f, a, t, s, e);
	/* go-task comes to its timestamp only where there are outputs. */
	if (ok && s->method == METHOD_TIMESTAMP && s->has_outputs)
		ok = timestamp_write(a, s->paths.timestamp, s->at_ns, e);
	else if (ok && s->method == METHOD_CHECKSUM)
		ok = write_checksum(a, s, e);
	if (!ok) {
		forget(f, &s->paths, s->method);
		return false;
	}
	mark_release(f, s->paths.mark, false);
	if (f->o.compat)
		rmdir(s->paths.dir);
	return true;
}

bool
fp_forget(struct fp *f, struct arena *a, const struct ctask *t, struct err *e)
{
	struct fp_paths p;
	enum fp_method method;
	bool was_held, missing;

	if (t->sources.n == 0 || f->o.dry)
		return true;
	if (!fp_method_of(f, t, &method, e))
		return false;
	if (method == METHOD_NONE)
		return true;
	fp_paths_of(f, a, t, &p);
	was_held = mark_is_held(f, p.mark);
	missing = method == METHOD_CHECKSUM && !path_exists(p.checksum);
	forget(f, &p, method);
	/* go-task has written it before it began, and leaves the folder. */
	if (f->o.compat && was_held && method == METHOD_CHECKSUM)
		mkdir_all(path_dir(a, sv_of(p.checksum)), 0755, e);
	if (missing && !was_held)
		return err_sys(e, ENOENT, "remove %s", p.checksum);
	return true;
}

/* ---- marks ---- */

/* Is there anything to mark for this task? */
static bool
has_mark(struct fp *f, struct arena *a, const struct ctask *t,
    struct fp_paths *p)
{
	struct err e cleanup_err = ERR_INIT;
	enum fp_method method;

	if (t->sources.n == 0 || !fp_method_of(f, t, &method, &e) ||
	    method == METHOD_NONE)
		return false;
	fp_paths_of(f, a, t, p);
	return true;
}

enum fp_lock
fp_lock_try(struct fp *f, struct arena *a, const struct ctask *t,
    struct fp_owner *owner)
{
	struct fp_paths p;

	if (f->o.dry || !has_mark(f, a, t, &p))
		return FP_LOCK_TAKEN;
	return mark_take(f, a, p.mark, owner);
}

bool
fp_busy(struct fp *f, struct arena *a, const struct ctask *t,
    struct fp_owner *owner)
{
	struct fp_paths p;

	return has_mark(f, a, t, &p) &&
	    mark_look(f, a, p.mark, owner) == MARK_BUSY;
}

/* A forced run stores nothing (C-316); what it has made of other sources must
 * not pass for what the record says. */
static bool
record_still_holds(struct fp *f, struct arena *a, const struct ctask *t,
    const struct fp_paths *p)
{
	struct parts_input in = parts_input_of(f, t);
	struct err e cleanup_err = ERR_INIT;
	struct source_list sources;
	enum fp_method method;
	string_vec reasons = { 0 };
	record_file_vec now;
	part_vec parts = { 0 };
	struct record r;

	if (record_read(a, p->record, &r) != RECORD_OK ||
	    !fp_method_of(f, t, &method, &e) ||
	    !read_sources(f, a, t, method, &sources, &e))
		return false;
	now = recorded_sources(f, a, &sources);
	parts_of(a, &in, &parts);
	record_diff_files(a, "source", &r.sources, &now, true, &reasons);
	parts_diff(a, &r.parts, &parts, &reasons);
	return reasons.n == 0;
}

void
fp_unlock(struct fp *f, struct arena *a, const struct ctask *t)
{
	struct fp_paths p;

	if (f->o.dry || !has_mark(f, a, t, &p) ||
	    !mark_is_held(f, p.mark))
		return;
	if (!f->o.compat && !record_still_holds(f, a, t, &p))
		unlink(p.record);
	mark_release(f, p.mark, false);
	if (f->o.compat)
		rmdir(p.dir);
}

/* ---- CHECKSUM and TIMESTAMP ---- */

bool
fp_checksum_value(void *fp, struct arena *a, const struct ctask *t, value *out,
    struct err *e)
{
	struct fp *f = fp;
	struct source_list sources;
	enum fp_method method;

	*out = value_cstr("");
	if (!fp_method_of(f, t, &method, e))
		return false;
	if (method != METHOD_CHECKSUM || t->sources.n == 0)
		return true;
	if (!read_sources(f, a, t, method, &sources, e))
		return false;
	*out = value_cstr(checksum_text(a, sources.checksum));
	return true;
}

/* Newest source, shown in the local zone; the epoch without sources. */
bool
fp_timestamp_value(void *fp, struct arena *a, const struct ctask *t, value *out,
    struct err *e)
{
	struct fp *f = fp;
	struct source_list sources;
	struct value_time *v;
	enum fp_method method;
	int64_t newest = 0;
	struct tm tm;
	time_t sec;

	*out = value_cstr("");
	if (!fp_method_of(f, t, &method, e))
		return false;
	if (method != METHOD_TIMESTAMP || t->sources.n == 0)
		return true;
	if (!read_sources(f, a, t, method, &sources, e))
		return false;
	for (size_t i = 0; i < sources.n; i++)
		if (i == 0 || sources.v[i].sig.mtime_ns > newest)
			newest = sources.v[i].sig.mtime_ns;
	v = arena_new_of(a, struct value_time);
	sec = (time_t)(newest / NS_PER_S - (newest % NS_PER_S < 0));
	localtime_r(&sec, &tm);
	*v = (struct value_time){
		.sec = sec,
		.nsec = (int32_t)(newest - (int64_t)sec * NS_PER_S),
		.offset = (int32_t)tm.tm_gmtoff,
		.zone = arena_strdup(a, tm.tm_zone),
		.local = true,
	};
	*out = (value){ .kind = VALUE_TIME, .type = GO_TIME, .u.time = v };
	return true;
}
