/* SPDX-License-Identifier: MIT */
/* What is kept of a task's success, and taken away otherwise. */
#include <errno.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "fingerprint/internal.h"

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

	if (!fp_read_sources(f, a, t, s->method, &now, &e) ||
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
renew_tools(struct fp *f, struct arena *a, const struct ctask *t,
    struct map *programs, part_vec *parts)
{
	part_vec now = { 0 };
	size_t kept = 0;

	/* of programs on PATH only what was seen before counts */
	fp_recipe(f, a, t, NULL, programs, &now);
	for (size_t i = 0; i < parts->n; i++)
		if (!fp_is_made_by_run(&parts->v[i]))
			parts->v[kept++] = parts->v[i];
	parts->n = kept;
	for (size_t i = 0; i < now.n; i++)
		if (fp_is_made_by_run(&now.v[i]))
			vec_push(a, parts, now.v[i]);
}

/* Removes all that says that the task was done. */
static void
outcome_forget(struct fp *f, const struct fp_paths *p, enum fp_method method)
{
	if (method == METHOD_CHECKSUM)
		unlink(p->checksum);
	unlink(p->record);
	/* By time alone the outputs look fresh: the mark has to stay. */
	unfinished_release(f, p->mark, method == METHOD_TIMESTAMP);
	if (f->o.compat)
		rmdir(p->dir);
}

static bool
write_checksum(const struct fp *f, struct arena *a, const struct snapshot *s,
    struct err *e)
{
	const char *path = s->paths.checksum;
	const char *text = checksum_text(a, s->sources.checksum);

	if (strcmp(fp_stored_checksum(a, path), text) == 0)
		return true;
	memo_forget(f->memo, path);
	return mkdir_all(path_dir(a, sv_of(path)), 0755, e) &&
	    write_atomic(path, sv_of(arena_printf(a, "%s\n", text)), 0644, e);
}

static bool
write_record(struct fp *f, struct arena *a, const struct ctask *t,
    struct snapshot *s, struct err *e)
{
	struct record r = { .method = fp_method_name(s->method), .checksum = "" };
	found_files outputs;

	if (s->method == METHOD_CHECKSUM)
		r.checksum = checksum_text(a, s->sources.checksum);
	renew_tools(f, a, t, s->programs, &s->parts);
	r.parts = s->parts;
	r.sources = fp_recorded_sources(f, a, &s->sources);
	fp_outputs(a, t, &outputs, NULL);
	r.outputs = fp_recorded_outputs(f, a, &outputs, s->outputs);
	memo_forget(f->memo, s->paths.record);
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
		outcome_forget(f, &s->paths, s->method);
		return true;
	}
	unlink(s->paths.record);
	if (!unfinished_is_held(f, s->paths.mark))
		unfinished_take(f, a, s->paths.mark, NULL);
	unfinished_release(f, s->paths.mark, true);
	return write_checksum(f, a, s, e);
}

/* Without outputs nobody can tell what another variant of the task, which ran
 * at the same time, has written over this one's. */
static bool
is_mixed(const struct fp *f, const struct ctask *t, const struct snapshot *s)
{
	return !f->o.compat && !recipe_has_outputs(t) &&
	       unfinished_is_contended(f, s->paths.mark);
}

/* In compat go-task's file speaks for all variants, so does what became of it.
 * Our own record cannot know what the outputs look like now. */
static void
settle_compat(struct fp *f, struct arena *a, const struct ctask *t,
    const struct fp_paths *p)
{
	unfinished_clear_all(f, a, p->dir, p->shared_end);
	if (!recipe_has_outputs(t))
		unlink(p->record);
	rmdir(p->dir);
}

bool
fp_record(struct fp *f, struct arena *a, const struct ctask *t,
    const struct fp_state *state, bool *disturbed, struct err *e)
{
	struct snapshot *s = state->snapshot;
	bool ok;

	look_again(f->look);
	if (disturbed != NULL)
		*disturbed = false;
	if (s == NULL || f->o.dry)
		return true;
	if (!s->readable || is_disturbed(f, a, t, s)) {
		if (disturbed != NULL)
			*disturbed = true;
		return record_disturbed(f, a, s, e);
	}
	if (is_mixed(f, t, s)) {
		outcome_forget(f, &s->paths, s->method);
		return true;
	}
	ok = f->o.compat || write_record(f, a, t, s, e);
	/* go-task comes to its timestamp only where there are outputs. */
	if (ok && s->method == METHOD_TIMESTAMP && s->has_outputs)
		ok = timestamp_write(a, s->paths.timestamp, s->at_ns, e);
	else if (ok && s->method == METHOD_CHECKSUM)
		ok = write_checksum(f, a, s, e);
	if (!ok) {
		outcome_forget(f, &s->paths, s->method);
		return false;
	}
	unfinished_release(f, s->paths.mark, false);
	if (f->o.compat)
		settle_compat(f, a, t, &s->paths);
	return true;
}

bool
fp_forget(struct fp *f, struct arena *a, const struct ctask *t, struct err *e)
{
	struct fp_paths p;
	enum fp_method method;
	bool was_held, missing;

	look_again(f->look);
	if (t->sources.n == 0 || f->o.dry)
		return true;
	if (!fp_method_of(f, t, &method, e))
		return false;
	if (method == METHOD_NONE)
		return true;
	fp_paths_of(f, a, t, &p);
	was_held = unfinished_is_held(f, p.mark);
	missing = method == METHOD_CHECKSUM && !path_exists(p.checksum);
	outcome_forget(f, &p, method);
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

	look_again(f->look);
	if (f->o.dry || !has_mark(f, a, t, &p))
		return FP_LOCK_TAKEN;
	return unfinished_take(f, a, p.mark, owner);
}

/* A forced run stores nothing (C-316); what it has made of other sources must
 * not pass for what the record says. */
static bool
record_still_holds(struct fp *f, struct arena *a, const struct ctask *t,
    const struct fp_paths *p)
{
	struct err e cleanup_err = ERR_INIT;
	struct source_list sources;
	enum fp_method method;
	string_vec reasons = { 0 };
	record_file_vec now;
	part_vec parts = { 0 };
	struct record r;

	if (record_read(a, p->record, &r) != RECORD_OK ||
	    !fp_method_of(f, t, &method, &e) ||
	    !fp_read_sources(f, a, t, method, &sources, &e))
		return false;
	now = fp_recorded_sources(f, a, &sources);
	fp_recipe(f, a, t, NULL, NULL, &parts);
	record_diff_files(a, "source", &r.sources, &now, true, &reasons);
	recipe_diff(a, &r.parts, &parts, &reasons);
	return reasons.n == 0;
}

void
fp_unlock(struct fp *f, struct arena *a, const struct ctask *t)
{
	struct fp_paths p;

	look_again(f->look);
	if (f->o.dry || !has_mark(f, a, t, &p) ||
	    !unfinished_is_held(f, p.mark))
		return;
	if (!f->o.compat && !record_still_holds(f, a, t, &p))
		unlink(p.record);
	unfinished_release(f, p.mark, false);
	if (f->o.compat)
		rmdir(p.dir);
}
