/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/shared_files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"

/* ---- as they are ---- */

static bool
take_shared_file(struct arena *a, const char *path, struct map *out)
{
	struct err none cleanup_err = ERR_INIT;
	struct shared_file *f = arena_new_of(a, struct shared_file);
	struct stat st;

	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    !read_file(a, path, &f->text, &none))
		return false;
	f->mode = st.st_mode & 07777;
	map_put(out, sv_of(path), f);
	return true;
}

void
shared_files_take(const struct git *g, struct map **out)
{
	static const char *const names[] = { "config", "config.worktree" };
	const char *hooks = path_join(g->a, sv_of(g->common_dir), SV("hooks"));
	DIR *d cleanup_dir = opendir(hooks);
	struct dirent *entry;

	*out = map_new(g->a);
	for (size_t i = 0; i < 2; i++)
		take_shared_file(g->a,
		    path_join(g->a, sv_of(g->common_dir), sv_of(names[i])),
		    *out);
	while (d != NULL && (entry = readdir(d)) != NULL)
		if (!sv_ends(sv_of(entry->d_name), SV(".sample")))
			take_shared_file(g->a,
			    path_join(g->a, sv_of(hooks), sv_of(entry->d_name)),
			    *out);
}

/* PATH NUL MODE NUL SIZE NUL BYTES, one behind the other. */
bool
shared_files_save(const struct map *files, const char *path, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	const struct map_entry *x;

	map_each(files, x) {
		const struct shared_file *f = x->value;

		sb_printf(
		    &b, "%s%c%o%c%zu%c", x->key.p, 0, f->mode, 0, f->text.n, 0);
		sb_addv(&b, f->text);
	}
	return write_atomic(path, sb_sv(&b), 0600, e);
}

bool
shared_files_load(
    struct arena *a, const char *path, struct map **out, struct err *e)
{
	sv text, name, number;

	*out = map_new(a);
	if (!read_file(a, path, &text, e))
		return false;
	while (text.n > 0) {
		struct shared_file *f = arena_new_of(a, struct shared_file);

		sv_cut(text, '\0', &name, &text);
		sv_cut(text, '\0', &number, &text);
		f->mode = (unsigned)strtoul(sv_cstr(a, number), NULL, 8);
		sv_cut(text, '\0', &number, &text);
		f->text =
		    sv_sub(text, 0, strtoul(sv_cstr(a, number), NULL, 10));
		text = sv_sub(text, f->text.n, SIZE_MAX);
		map_put(*out, name, f);
	}
	return true;
}

/* ---- what is different, in words ---- */

/* Entries of a config file by key; false: git cannot read it. */
static bool
read_config(const struct git *g, const char *file, struct map **out)
{
	struct git git = *g;
	sv text, entry, key, says;

	*out = map_new(g->a);
	/* the repository's config may be the damaged one */
	git.top = path_dir(g->a, sv_of(file));
	if (!git_try(&git,
		GIT_WORDS("config", "--file", file, "--no-includes", "--null",
		    "--list"),
		&text))
		return false;
	while (text.n > 0) {
		const char *before;

		sv_cut(text, '\0', &entry, &text);
		sv_cut(entry, '\n', &key, &says);
		before = map_get(*out, key);
		map_put(*out, key,
		    arena_printf(g->a, "%s%s%.*s", before ? before : "",
			before ? ", " : "", SV_ARG(says)));
	}
	return true;
}

static void
add_config_key(
    struct sb *b, int *n, const char *key, const char *was, const char *is)
{
	enum {
		SHOWN = 3
	};

	if (++*n > SHOWN)
		return;
	sb_printf(b, "%s%s ", *n > 1 ? "; " : "", key);
	if (is == NULL)
		sb_printf(b, "(%s) was removed", was);
	else if (was == NULL)
		sb_printf(b, "was set to %s", is);
	else
		sb_printf(b, "was changed from %s to %s", was, is);
}

/* The keys that differ between two files. */
static const char *
config_change(const struct git *g, const char *before, const char *after)
{
	struct sb b cleanup_sb = SB_INIT;
	struct map *old, *new;
	const struct map_entry *x;
	int n = 0;

	if (!read_config(g, after, &new))
		return "git cannot read it any more";
	if (!read_config(g, before, &old))
		return "it was changed";
	map_each(new, x) {
		const char *was = map_get(old, x->key);

		if (was == NULL || strcmp(was, x->value) != 0)
			add_config_key(&b, &n, x->key.p, was, x->value);
	}
	map_each(old, x) {
		if (map_get(new, x->key) == NULL)
			add_config_key(&b, &n, x->key.p, x->value, NULL);
	}
	if (n > 3)
		sb_printf(&b, "; and %d more", n - 3);
	return n == 0 ? "its text was changed" : sb_take(&b, g->a).p;
}

/* ---- put back ---- */

/* Git's own way: whoever has made PATH.lock may write; *fd is -1 where somebody
 * else has it for longer than a git takes. */
static bool
lock_like_git(const char *lock, int *fd, struct err *e)
{
	const struct timespec pause = { 0, 20 * NS_PER_MS };

	for (int i = 0; i < 250; i++) {
		*fd = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (*fd >= 0)
			return true;
		if (errno != EEXIST)
			break;
		nanosleep(&pause, NULL);
	}
	return err_sys(e, errno, "make %s", lock);
}

/* As it was; `f` NULL: it was not there. */
static bool
put_file_back(struct arena *a, const char *path, const struct shared_file *f,
    struct err *e)
{
	const char *lock = arena_printf(a, "%s.lock", path);
	int fd cleanup_close = -1;

	if (f == NULL)
		return unlink(path) == 0 || errno == ENOENT ||
		       err_sys(e, errno, "remove %s", path);
	if (!mkdir_all(path_dir(a, sv_of(path)), 0777, e) ||
	    !lock_like_git(lock, &fd, e))
		return false;
	if (write_all(fd, f->text.p, f->text.n) &&
	    fchmod(fd, (mode_t)f->mode) == 0 && rename(lock, path) == 0)
		return true;
	err_sys(e, errno, "write %s", path);
	unlink(lock);
	return false;
}

/* A copy under a name that is not taken; NULL: there is none. */
static const char *
keep_copy(struct arena *a, const char *notes, sv text, const char *ending)
{
	for (int n = 1; n < 10000; n++) {
		const char *path =
		    arena_printf(a, "%s.%s-%d", notes, ending, n);
		int fd cleanup_close =
		    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

		if (fd < 0 && errno == EEXIST)
			continue;
		return fd >= 0 && write_all(fd, text.p, text.n) ? path : NULL;
	}
	return NULL;
}

static const char *
file_change(const struct git *g, const char *path,
    const struct shared_file *was, const struct shared_file *is,
    const char *notes, const char *copy)
{
	struct arena *a = g->a;
	const char *name = path_base(a, sv_of(path)), *before, *what;

	if (strncmp(name, "config", 6) != 0 ||
	    strcmp(path_dir(a, sv_of(path)), g->common_dir) != 0)
		return arena_printf(a, "the hook %s was %s", name,
		    was == NULL  ? "added"
		    : is == NULL ? "removed"
				 : "changed");
	if (was == NULL || is == NULL || copy == NULL)
		return arena_printf(a, "git's %s was %s", name,
		    was == NULL  ? "added"
		    : is == NULL ? "removed"
				 : "changed");
	before = keep_copy(a, notes, was->text, "before");
	what =
	    before == NULL ? "it was changed" : config_change(g, before, copy);
	if (before != NULL)
		unlink(before);
	return arena_printf(a, "git's %s: %s", name, what);
}

static void
restore_file(const struct git *g, const char *path,
    const struct shared_file *was, const struct shared_file *is,
    const char *notes, shared_file_changes *out)
{
	struct err why cleanup_err = ERR_INIT;
	const char *copy =
	    is == NULL ? NULL : keep_copy(g->a, notes, is->text, "changed");
	struct shared_change c;
	const char *text = file_change(g, path, was, is, notes, copy);

	c.repaired = put_file_back(g->a, path, was, &why);
	if (!c.repaired)
		c.text = arena_printf(
		    g->a, "%s, and not put back: %s", text, why.message);
	else if (copy != NULL)
		c.text = arena_printf(
		    g->a, "%s; put back (what stood there: %s)", text, copy);
	else
		c.text = arena_printf(g->a, "%s; put back", text);
	vec_push(g->a, out, c);
}

void
shared_files_restore(const struct git *g, const struct map *files,
    const char *notes, shared_file_changes *out)
{
	const struct map_entry *x;
	struct map *now;

	*out = (shared_file_changes){ 0 };
	shared_files_take(g, &now);
	map_each(files, x) {
		const struct shared_file *was = x->value;
		const struct shared_file *is = map_get(now, x->key);

		if (is == NULL || is->mode != was->mode ||
		    !sv_eq(is->text, was->text))
			restore_file(g, x->key.p, was, is, notes, out);
	}
	map_each(now, x) {
		if (map_get(files, x->key) == NULL)
			restore_file(g, x->key.p, NULL, x->value, notes, out);
	}
}
