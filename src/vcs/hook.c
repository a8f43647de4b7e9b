/* SPDX-License-Identifier: MIT */
#include "vcs/hook.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "vcs/hook_kept.h"

const char *const hook_names[] = { "pre-commit", "commit-msg", "pre-push",
	"prepare-commit-msg", "pre-merge-commit", "pre-rebase", "post-commit",
	"post-merge", "post-checkout", NULL };

bool
hook_is_known(const char *name)
{
	for (size_t i = 0; hook_names[i] != NULL; i++)
		if (strcmp(hook_names[i], name) == 0)
			return true;
	return false;
}

/* One of prun's hooks of the name: the one that git starts, or one that another
 * program has renamed. */
struct hook_file {
	const char *path;
	bool is_top;
	struct hook_script script;
	sv text;
};
typedef VEC(struct hook_file) hook_file_vec;

/* `force`: one that has been changed by hand counts as one without checks. */
static bool
add_hook_file(const struct hook_place *p, const char *path, bool force,
    hook_file_vec *out, struct err *e)
{
	struct err none cleanup_err = ERR_INIT;
	struct hook_file f = { .path = path,
		.is_top = strcmp(path, p->path) == 0 };

	if (!hook_is_ours(p->a, path, p->name, &f.text))
		return true;
	if (!hook_script_read(
		p->a, f.text, p->name, &f.script, force ? &none : e)) {
		if (!force)
			return err_wrap(e,
			    "prun: %s has been changed by hand "
			    "(--force passes over that): ",
			    path);
		f.script = (struct hook_script){ .name = p->name };
	}
	vec_push(p->a, out, f);
	return true;
}

/* The first one is git's, if that is prun's. */
static bool
find_hook_files(
    const struct hook_place *p, bool force, hook_file_vec *out, struct err *e)
{
	DIR *d cleanup_dir = opendir(p->dir);
	struct dirent *entry;

	*out = (hook_file_vec){ 0 };
	if (!add_hook_file(p, p->path, force, out, e))
		return false;
	while (d != NULL && (entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, p->name) != 0 &&
		    !add_hook_file(p,
			path_join(p->a, sv_of(p->dir), sv_of(entry->d_name)),
			force, out, e))
			return false;
	return true;
}

static bool
is_installed(const hook_file_vec *files)
{
	return files->n > 0 && files->v[0].is_top;
}

/* The check in the place of the one for the same folder, else behind all. */
static void
put_check(struct arena *a, hook_check_vec *checks, const struct hook_check *c)
{
	for (size_t i = 0; i < checks->n; i++)
		if (hook_check_same(&checks->v[i], c)) {
			checks->v[i] = *c;
			return;
		}
	vec_push(a, checks, *c);
}

static bool
drop_check(struct arena *a, hook_check_vec *checks, const struct hook_check *c)
{
	hook_check_vec left = { 0 };
	const struct hook_check *there;
	bool found;

	vec_each(checks, there)
		if (!hook_check_same(there, c))
			vec_push(a, &left, *there);
	found = left.n < checks->n;
	*checks = left;
	return found;
}

/* What a file of the name says, where that is a hook of somebody else. */
static bool
read_foreign(const struct hook_place *p, const char *path, sv *text)
{
	struct err none cleanup_err = ERR_INIT;

	return path_exists(path) && !hook_is_ours(p->a, path, NULL, NULL) &&
	       read_file(p->a, path, text, &none);
}

/* husky 9 has git look into a folder of its own, whose hooks run those of the
 * folder above. */
static const char *
caller_above(const struct hook_place *p)
{
	if (strcmp(path_base(p->a, sv_of(p->dir)), "_") != 0 ||
	    !path_exists(path_join(p->a, sv_of(p->dir), SV("h"))))
		return NULL;
	return path_join(
	    p->a, sv_of(path_dir(p->a, sv_of(p->dir))), sv_of(p->name));
}

/* The hook of somebody else that runs prun's check by itself (`c`: just this
 * one); NULL: none does. */
static const char *
find_caller(const struct hook_place *p, const struct hook_check *c)
{
	const char *const paths[] = { p->path, caller_above(p) };
	sv text;

	for (size_t i = 0; i < 2; i++)
		if (paths[i] != NULL && read_foreign(p, paths[i], &text) &&
		    hook_script_calls(p->a, text, p->name, c))
			return paths[i];
	return NULL;
}

/* How a hook becomes prun's. */
struct hook_change {
	struct hook_place place;
	hook_file_vec files;
	struct hook_script script; /* as it will be */
	int old_level, top_level;  /* of what is to be kept now; 0: nothing */
};

static int
next_level(const struct hook_script *s)
{
	return s->levels.n == 0 ? 1 : s->levels.v[s->levels.n - 1] + 1;
}

/* At the level of what the same program had there before, else at a new one. */
static int
level_for(struct hook_change *c, const char *path)
{
	struct hook_script *s = &c->script;
	const struct hook_place *p = &c->place;
	int level = next_level(s);

	for (size_t i = 0; i < s->levels.n; i++)
		if (hook_is_same_program(
			p->a, path, hook_kept_path(p, s->levels.v[i])))
			return s->levels.v[i];
	vec_push(p->a, &s->levels, level);
	return level;
}

static void
plan_change(struct hook_change *c, const struct hook_request *r)
{
	const struct hook_place *p = &c->place;
	struct hook_script *s = &c->script;
	const struct hook_file *f;
	const struct hook_check *check;

	*s = (struct hook_script){ .name = r->name, .prun = r->prun };
	/* what another program has renamed goes on to count */
	vec_each(&c->files, f)
		if (f->is_top || !is_installed(&c->files))
			vec_each(&f->script.checks, check)
				put_check(p->a, &s->checks, check);
	put_check(p->a, &s->checks, &r->check);
	hook_kept_levels(p, &s->levels);
	if (hook_is_there(hook_kept_old_path(p)))
		c->old_level = level_for(c, hook_kept_old_path(p));
	if (!is_installed(&c->files) && hook_is_there(p->path))
		c->top_level = level_for(c, p->path);
}

/* In this order there is a hook at every moment, and nothing is lost wherever
 * it ends. */
static bool
make_change(const struct hook_change *c, sv text, struct err *e)
{
	const struct hook_place *p = &c->place;
	const char *old = hook_kept_old_path(p);

	if (access(p->dir, W_OK) != 0)
		return err_sys(e, errno, "write %s", p->dir);
	if (c->old_level != 0 && !hook_keep(p, old, c->old_level, e))
		return false;
	if (c->top_level != 0 && !hook_keep(p, p->path, c->top_level, e))
		return false;
	if (!write_atomic(p->path, text, 0755, e))
		return false;
	if (c->old_level != 0 && unlink(old) != 0)
		return err_sys(e, errno, "remove %s", old);
	return hook_kept_link(p, e);
}

static bool
refuse_tracked(
    const struct hook_place *p, const struct hook_check *c, struct err *e)
{
	const char *shown = hook_place_shown(p, p->path);

	if (c == NULL)
		return err_set(e, ERR_GENERIC,
		    "prun: %s is a tracked file; "
		    "--force changes it",
		    shown);
	return err_set(e, ERR_GENERIC,
	    "prun: %s is a tracked file and is left "
	    "as it is (--force replaces it); put this line first into it:\n"
	    "\t%s",
	    shown, hook_script_line(p->a, p->name, c));
}

static void
tell_done(const struct hook_change *c, struct hook_done *out)
{
	const char *above = caller_above(&c->place);

	*out = (struct hook_done){
		.path = hook_place_shown(&c->place, c->place.path),
		.dir = c->place.dir,
		.is_shared = !hook_place_is_own(&c->place),
		.above = above ? hook_place_shown(&c->place, above) : NULL,
		.checks = c->script.checks,
	};
}

bool
hook_install(const struct git *g, const struct hook_request *r,
    struct hook_done *out, struct err *e)
{
	struct hook_change c = { 0 };
	struct hook_place *p = &c.place;
	struct hook_request request = *r;
	sv text;

	if (!hook_place_find(g, r->name, p, e) || !mkdir_all(p->dir, 0777, e) ||
	    !find_hook_files(p, r->force, &c.files, e))
		return false;
	/* a folder means nothing to other repositories */
	if (!hook_place_is_own(p) && r->check.flag != NULL)
		request.check.repo = p->common_dir;
	plan_change(&c, &request);
	tell_done(&c, out);
	out->caller = r->force ? NULL : find_caller(p, &request.check);
	if (out->caller != NULL) {
		out->caller = hook_place_shown(p, out->caller);
		return true;
	}
	text = hook_script_text(g->a, &c.script);
	if (is_installed(&c.files) && c.old_level == 0 &&
	    sv_eq(c.files.v[0].text, text) && access(p->path, X_OK) == 0)
		return true;
	if (p->is_tracked && !r->force)
		return refuse_tracked(p, &request.check, e);
	out->changed = true;
	if (make_change(&c, text, e))
		return true;
	/* what is kept in vain is the same as what is there */
	if (c.top_level != 0 && !hook_is_ours(g->a, p->path, NULL, NULL))
		unlink(hook_kept_path(p, c.top_level));
	hook_kept_tidy(p);
	return false;
}

/* The last one that was there before it.  Where another program has renamed it,
 * that program's own earlier hook is none: it would have written over it. */
static const char *
what_was_there(const struct hook_place *p, const struct hook_file *f)
{
	const level_vec *levels = &f->script.levels;
	const char *old = hook_kept_old_path(p);

	for (size_t i = levels->n; i-- > 0;) {
		const char *kept = hook_kept_path(p, levels->v[i]);

		if (!hook_is_there(kept))
			continue;
		if (f->is_top || !hook_is_same_program(p->a, kept, p->path))
			return kept;
		unlink(kept);
	}
	return hook_is_there(old) ? old : NULL;
}

static bool
put_back(const struct hook_place *p, const struct hook_file *f, struct err *e)
{
	const char *kept = what_was_there(p, f);

	if (kept != NULL && rename(kept, f->path) != 0)
		return err_sys(e, errno, "rename %s", kept);
	if (kept == NULL && unlink(f->path) != 0)
		return err_sys(e, errno, "remove %s", f->path);
	return true;
}

static bool
remove_check(const struct hook_place *p, const struct hook_request *r,
    struct hook_file *f, struct hook_done *out, struct err *e)
{
	struct hook_script *s = &f->script;

	if (r->force)
		s->checks = (hook_check_vec){ 0 };
	else if (!drop_check(p->a, &s->checks, &r->check))
		return true;
	out->changed = true;
	s->prun = r->prun;
	if (s->checks.n == 0)
		return put_back(p, f, e);
	/* one that kept its hook as versions before this one did has one check,
	 * and comes not here */
	return write_atomic(f->path, hook_script_text(p->a, s), 0755, e);
}

bool
hook_remove(const struct git *g, const struct hook_request *r,
    struct hook_done *out, struct err *e)
{
	struct hook_change c = { 0 };
	struct hook_place *p = &c.place;
	struct hook_request request = *r;
	struct hook_file *f;
	level_vec left = { 0 };

	if (!hook_place_find(g, r->name, p, e) ||
	    !find_hook_files(p, r->force, &c.files, e))
		return false;
	tell_done(&c, out);
	if (!hook_place_is_own(p) && r->check.flag != NULL)
		request.check.repo = p->common_dir;
	if (is_installed(&c.files) && p->is_tracked && !r->force)
		return refuse_tracked(p, NULL, e);
	vec_each(&c.files, f) {
		if (!remove_check(p, &request, f, out, e))
			return false;
		if (f == c.files.v)
			out->checks = f->script.checks;
	}
	hook_kept_tidy(p);
	if (out->checks.n == 0)
		hook_kept_levels(p, &left);
	if (left.n > 0)
		out->kept = hook_place_shown(p, hook_kept_path(p, left.v[0]));
	return true;
}

bool
hook_look(
    const struct git *g, const char *name, struct hook_info *out, struct err *e)
{
	const char *elsewhere =
	    arena_printf(g->a, "%s/hooks/%s", g->common_dir, name);
	const struct hook_file *f;
	struct hook_place p;
	hook_file_vec files;
	level_vec levels = { 0 };

	*out = (struct hook_info){ .name = name };
	if (!hook_place_find(g, name, &p, e) ||
	    !find_hook_files(&p, true, &files, e))
		return false;
	out->path = hook_place_shown(&p, p.path);
	out->dir = p.dir;
	out->is_there = hook_is_there(p.path);
	out->is_runnable = access(p.path, X_OK) == 0;
	vec_each(&files, f) {
		if (f->is_top) {
			out->installed = true;
			out->checks = f->script.checks;
		} else if (out->renamed == NULL) {
			out->renamed = hook_place_shown(&p, f->path);
		}
	}
	hook_kept_levels(&p, &levels);
	if (levels.n > 0)
		out->kept =
		    hook_place_shown(&p, hook_kept_path(&p, levels.v[0]));
	else if (hook_is_there(hook_kept_old_path(&p)))
		out->kept = hook_place_shown(&p, hook_kept_old_path(&p));
	out->caller = find_caller(&p, NULL);
	if (out->caller != NULL)
		out->caller = hook_place_shown(&p, out->caller);
	if (strcmp(p.path, elsewhere) != 0 &&
	    hook_is_ours(g->a, elsewhere, name, NULL))
		out->passed_over = hook_place_shown(&p, elsewhere);
	return true;
}

static bool
is_zero(sv id)
{
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] != '0')
			return false;
	return id.n > 0;
}

bool
push_refs_parse(struct arena *a, sv text, push_ref_vec *out, struct err *e)
{
	sv line, word[4];

	*out = (push_ref_vec){ 0 };
	while (text.n > 0) {
		struct push_ref r;

		sv_cut(text, '\n', &line, &text);
		if (line.n == 0)
			continue;
		for (int i = 0; i < 4; i++)
			sv_cut(line, ' ', &word[i], &line);
		if (!git_is_object_id(word[1]) || !git_is_object_id(word[3]))
			return err_set(e, ERR_GENERIC, "prun: git gave the "
			    "hook a line that is no ref update");
		r = (struct push_ref){ sv_cstr(a, word[0]), sv_cstr(a, word[1]),
			sv_cstr(a, word[2]), sv_cstr(a, word[3]),
			is_zero(word[1]) };
		vec_push(a, out, r);
	}
	return true;
}
