/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "watch/watch_files.h"

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "fingerprint/fp.h"

enum { DEPTH_MAX = 1000 };
/* The times of files lag behind the clock by a tick. */
#define CLOCK_GRAIN_NS (20 * NS_PER_MS)

struct glob_set {
	const char *dir;
	glob_vec globs;
	bool use_gitignore;
	unsigned generation; /* the last run that used it */
};

struct seen_file {
	bool exists;
	int64_t size, mtime_ns;
	ino_t ino;
	unsigned round; /* when it was a source last */
};

void
watch_files_init(struct watch_files *wf, struct project *p, struct fswatch *fs)
{
	*wf = (struct watch_files){ .a = arena_new(), .p = p, .fs = fs,
		.round = 1, .last_dir = "" };
	wf->sets = map_new(wf->a);
	wf->files = map_new(wf->a);
	wf->told = map_new(wf->a);
}

void
watch_files_free(struct watch_files *wf)
{
	arena_free(wf->a);
}

bool
watch_ignores(const char *path)
{
	static const char *const names[] = { "/.task", "/.git", "/.hg",
		"/node_modules" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		for (const char *p = path; (p = strstr(p, names[i])); p += n)
			if (p[n] == '/' || p[n] == '\0')
				return true;
	}
	return false;
}

/* ---- one file ---- */

static struct seen_file
files_look(const char *path, int64_t *ctime_ns)
{
	struct seen_file f = { 0 };
	struct stat st;

	*ctime_ns = 0;
	if (stat(path, &st) != 0)
		return f;
	f.exists = true;
	f.size = st.st_size;
	f.mtime_ns = stat_mtime_ns(&st);
	f.ino = st.st_ino;
	*ctime_ns = stat_ctime_ns(&st);
	return f;
}

/* Size and time tell: what changed only in mode or owner is the same. */
static bool
is_same(const struct seen_file *x, const struct seen_file *y)
{
	return x->exists == y->exists && x->size == y->size &&
	    x->mtime_ns == y->mtime_ns && x->ino == y->ino;
}

enum seen
watch_files_see(struct watch_files *wf, const char *path, bool note)
{
	struct seen_file *known = map_get(wf->files, sv_of(path)), now;
	int64_t ctime_ns;
	bool same;

	if (known == NULL || known->round != wf->round)
		return SEEN_NO_SOURCE;
	now = files_look(path, &ctime_ns);
	now.round = known->round;
	same = is_same(known, &now);
	if (note)
		*known = now;
	return same ? SEEN_SAME : SEEN_CHANGED;
}

/* ---- directories ---- */

/* C-412: told once, not every five seconds. */
static void
files_tell(struct watch_files *wf, struct err *e)
{
	if (map_get(wf->told, sv_of(e->message)) == NULL) {
		map_put(wf->told, sv_of(e->message), wf);
		term_print(wf->p->term, STDERR_FILENO, COLOR_RED, "%s\n",
		    e->message);
	}
	err_clear(e);
}

static void
watch_dir_of(struct watch_files *wf, struct arena *a, const char *file)
{
	struct err e cleanup_err = ERR_INIT;
	const char *dir = path_dir(a, sv_of(file));
	char *rel;

	if (strcmp(dir, wf->last_dir) == 0)
		return;
	wf->last_dir = dir;
	if (!fswatch_add(wf->fs, dir, &wf->last_is_new, &e)) {
		files_tell(wf, &e);
		wf->last_is_new = true;
		return;
	}
	if (wf->last_is_new && wf->p->s->verbose &&
	    path_rel(a, sv_of(wf->p->root_dir), sv_of(dir), &rel, &e))
		term_print(wf->p->term, STDOUT_FILENO, COLOR_GREEN,
		    "task: watching new dir: %s\n", rel);
}

/* ---- all files ---- */

/* True when it is another than it was.  It is watched before it is looked at,
 * so that no change falls between. */
static bool
files_meet(
    struct watch_files *wf, struct arena *a, const char *path, int64_t since_ns)
{
	struct seen_file *known = map_get(wf->files, sv_of(path)), now;
	int64_t ctime_ns;
	bool changed;

	watch_dir_of(wf, a, path);
	now = files_look(path, &ctime_ns);
	/* new since the run began, in a directory that was watched already: its
	 * event is on the way and decides */
	if (known == NULL && since_ns == INT64_MAX && !wf->last_is_new &&
	    ctime_ns >= wf->began_ns)
		return false;
	if (known == NULL) {
		known = arena_new_of(wf->a, struct seen_file);
		map_put(wf->files, sv_of(path), known);
		changed = ctime_ns >= since_ns;
	} else if (known->round + 1 < wf->round) {
		/* not a source of late, hence as good as new; what was gone
		 * before a run and comes back during it is not the run's own */
		changed = !known->exists || ctime_ns >= since_ns;
	} else {
		changed = !is_same(known, &now);
	}
	*known = now;
	known->round = wf->round;
	return changed;
}

static bool
look_at_set(struct watch_files *wf, const struct glob_set *set,
    int64_t since_ns)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	string_vec files = { 0 };
	const char **file;
	bool changed = false;

	if (!fp_files(a, set->dir, &set->globs, set->use_gitignore, &files,
		&e)) {
		files_tell(wf, &e);
		return false;
	}
	wf->last_dir = "";
	vec_each(&files, file)
		if (!watch_ignores(*file))
			changed |= files_meet(wf, a, *file, since_ns);
	wf->last_dir = "";
	return changed;
}

/* A source that a look at everything has not met is gone. */
static bool
drop_vanished(struct watch_files *wf)
{
	const struct map_entry *m;
	bool changed = false;

	map_each(wf->files, m) {
		struct seen_file *f = m->value;

		if (f->round + 1 != wf->round)
			continue;
		if (f->exists && access(m->key.p, F_OK) != 0)
			changed = true;
		f->exists = false;
	}
	return changed;
}

bool
watch_files_look(struct watch_files *wf, int64_t since_ns)
{
	const struct map_entry *m;
	bool changed = false;

	wf->round++;
	map_each(wf->sets, m)
		changed |= look_at_set(wf, m->value, since_ns);
	return drop_vanished(wf) || changed;
}

/* ---- whose sources ---- */

static sv
files_key_of(struct arena *a, const struct ctask *t)
{
	struct sb key cleanup_sb = SB_INIT;

	sb_printf(&key, "%d %s", t->use_gitignore, t->dir);
	for (size_t i = 0; i < t->sources.n; i++)
		sb_printf(&key, "\n%d%s", t->sources.v[i].negate,
		    t->sources.v[i].pattern);
	return sb_take(&key, a);
}

static struct glob_set *
set_new(struct arena *a, const struct ctask *t)
{
	struct glob_set *set = arena_new_of(a, struct glob_set);

	set->dir = arena_strdup(a, t->dir);
	set->use_gitignore = t->use_gitignore;
	for (size_t i = 0; i < t->sources.n; i++) {
		struct glob g = { arena_strdup(a, t->sources.v[i].pattern),
			t->sources.v[i].negate };

		vec_push(a, &set->globs, g);
	}
	return set;
}

void
watch_files_add(struct watch_files *wf, const struct ctask *t)
{
	struct arena *a cleanup_arena = arena_new();
	struct glob_set *set;
	sv key;

	if (t->sources.n == 0)
		return;
	key = files_key_of(a, t);
	set = map_get(wf->sets, key);
	if (set == NULL) {
		set = set_new(wf->a, t);
		map_put(wf->sets, key, set);
		look_at_set(wf, set, INT64_MAX);
	}
	set->generation = wf->generation;
}

void
watch_files_next(struct watch_files *wf)
{
	wf->generation++;
	wf->began_ns = clock_real_ns() - CLOCK_GRAIN_NS;
}

void
watch_files_forget_old(struct watch_files *wf)
{
	for (size_t i = 0; i < wf->sets->n; i++) {
		struct map_entry *m = &wf->sets->entries[i];
		struct glob_set *set = m->value;

		if (set != NULL && set->generation != wf->generation)
			map_del(wf->sets, m->key);
	}
}

/* ---- the tree of calls ---- */

struct walk {
	struct watch_files *wf;
	struct compiler *c;
	struct arena *a;
	struct map *been; /* tasks without variables that were walked */
	unsigned depth;
};

static void walk_call(struct walk *w, const struct call *call);

static void
walk_task(struct walk *w, const struct ctask *t)
{
	struct call call = { .indirect = true };

	watch_files_add(w->wf, t);
	for (size_t i = 0; i < t->deps.n; i++) {
		call.task = t->deps.v[i].task;
		call.vars = t->deps.v[i].vars;
		walk_call(w, &call);
	}
	for (size_t i = 0; i < t->cmds.n; i++) {
		call.task = t->cmds.v[i].task;
		call.vars = t->cmds.v[i].vars;
		if (t->cmds.v[i].kind == CMD_TASK)
			walk_call(w, &call);
	}
}

static bool
was_there(struct walk *w, const struct call *call)
{
	if (map_count(call->vars) > 0)
		return false;
	if (map_get(w->been, sv_of(call->task)) != NULL)
		return true;
	map_put(w->been, sv_of(call->task), w);
	return false;
}

/* What cannot be found or compiled the run has said already. */
static void
walk_call(struct walk *w, const struct call *call)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct cursor *cursor;
	struct match m;

	if (was_there(w, call) || w->depth >= DEPTH_MAX ||
	    !task_find(w->a, w->c, call->task, &m, &ignored))
		return;
	cursor = compile_begin(w->a, w->c, call, &m, COMPILE_FULL);
	switch (compile_step(cursor, &ignored)) {
	case COMPILE_DONE:
		w->depth++;
		walk_task(w, compile_result(cursor));
		w->depth--;
		break;
	case COMPILE_NEEDS_SHELL:
		/* not reached by the run, and not to be asked for here */
		compile_cancel(cursor);
		break;
	case COMPILE_WAITS:
	case COMPILE_FAILED:
		break;
	}
}

void
watch_files_add_calls(struct watch_files *wf, struct compiler *c,
    const call_vec *calls)
{
	struct arena *a cleanup_arena = arena_new();
	struct walk w = { .wf = wf, .c = c, .a = a, .been = map_new(a) };
	const struct call *call;

	vec_each(calls, call)
		walk_call(&w, call);
}
