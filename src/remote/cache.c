/* SPDX-License-Identifier: MIT */
/*
 * The copies of remote files on disk, under the names that go-task gives them
 * (C-602, C-603), so that both use the same ones.
 */
#include "config.h"

#include <fcntl.h>
#include <string.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "go/date.h"
#include "remote/internal.h"

static const char *
cache_variable(void *env, const char *name)
{
	return remote_env(env, name);
}

const char *
remote_cache_dir(struct arena *a, const char *told, const char *temp_dir,
    const char *root_dir, char *const *env)
{
	const char *dir = *told ? told : remote_env(env, "TASK_REMOTE_DIR");

	if (dir == NULL || *dir == '\0')
		dir = *temp_dir ? temp_dir : ".task";
	if (*dir == '/' || *dir == '~')
		dir = path_expand(a, sv_of(dir), cache_variable, (void *)env);
	else
		dir = path_join(a, sv_of(root_dir), sv_of(dir));
	return path_join(a, sv_of(dir), SV("remote"));
}

bool
remote_clear_cache(const char *cache_dir, struct err *e)
{
	return remove_all(cache_dir, e);
}

/* "lastdir.filename" of a web address; the name may be empty. */
static const char *
http_prefix(struct arena *a, sv path)
{
	size_t n = path.n;
	const char *folder;
	sv name;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	name = sv_sub(path, n, SIZE_MAX);
	folder = path_base(a, sv_sub(path, 0, n));
	if (strlen(folder) <= 1)
		return sv_cstr(a, name);
	return arena_printf(a, "%s.%.*s", folder, SV_ARG(name));
}

/* The same of a path in a repository, "." for its root. */
static const char *
git_prefix(struct arena *a, sv inside)
{
	const char *folder = path_base(a, sv_of(path_dir(a, inside)));
	const char *name = path_base(a, inside);

	if (strlen(folder) <= 1)
		return name;
	return arena_printf(a, "%s.%s", folder, name);
}

bool
remote_cache_paths(
    struct arena *a, const char *dir, struct remote_file *f, struct err *e)
{
	bool git = f->at.kind == SOURCE_GIT;
	sv path = git ? f->at.inside : f->at.url.path;
	const char *key;

	/* an escaped NUL would cut the name, and with it the checksum, off */
	if (memchr(path.p ? path.p : "", '\0', path.n) != NULL)
		return err_set(
		    e, ERR_GENERIC, "open %s: invalid argument", f->shown);
	key = arena_printf(a, "%s.%.*s.%s.%s", git ? "git" : "http",
	    SV_ARG(f->at.url.host),
	    git ? git_prefix(a, path) : http_prefix(a, path),
	    sha256_hex(a, sv_of(f->location)));
	key = path_join(a, sv_of(dir), sv_of(key));
	f->cached = arena_printf(a, "%s.yaml", key);
	f->checksum = arena_printf(a, "%s.checksum", key);
	f->timestamp = arena_printf(a, "%s.timestamp", key);
	return true;
}

/*
 * A copy is three files, and more than one prun may be at work: whoever writes
 * holds the folder meanwhile.  Where that cannot be locked nobody waits, and a
 * copy that does not fit together is found out below.
 */
static int
cache_hold(struct remote *r, enum lock_kind kind)
{
	int fd = open(r->o->cache_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		(void)lock_wait(fd, kind);
	return fd;
}

static bool
cache_read_small(struct arena *a, const char *path, sv *out)
{
	struct err ignored cleanup_err = ERR_INIT;

	*out = SV("");
	return path_exists(path) && read_file(a, path, out, &ignored);
}

int64_t
remote_cache_time(struct remote *r, const struct remote_file *f)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct value_time t;
	sv text;

	if (!cache_read_small(r->a, f->timestamp, &text) ||
	    !time_parse(r->a, SV("2006-01-02T15:04:05Z07:00"), text, tz_utc(),
		&t, &ignored))
		return TIME_ZERO_SEC;
	return t.sec;
}

sv
remote_cache_checksum(struct remote *r, const struct remote_file *f)
{
	sv text;

	cache_read_small(r->a, f->checksum, &text);
	return text;
}

const char *
remote_time_text(struct arena *a, int64_t sec)
{
	struct value_time t = { .sec = sec, .zone = "UTC" };
	struct sb b cleanup_sb = SB_INIT;

	time_format(&b, &t, SV("2006-01-02T15:04:05Z07:00"));
	return sb_take(&b, a).p;
}

/* Is the content the one that was trusted?  go-task asks for no checksum. */
static bool
cache_fits(struct remote *r, const struct remote_file *f, sv *text)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv sum = remote_cache_checksum(r, f);

	return read_file(r->a, f->cached, text, &ignored) &&
	       (r->o->compat || sum.n == 0 ||
		   sv_is(sum, sha256_hex(r->a, *text)));
}

bool
remote_cache_read(struct remote *r, const struct remote_file *f, sv *text)
{
	int fd cleanup_close = -1;

	if (cache_fits(r, f, text))
		return true;
	fd = cache_hold(r, LOCK_KIND_SHARED);
	return cache_fits(r, f, text);
}

/* The time comes last: until then the copy counts as old. */
bool
remote_cache_write(struct remote *r, const struct remote_file *f,
    const char *checksum, int64_t now_s, sv text, struct err *e)
{
	int fd cleanup_close = -1;

	if (!mkdir_all(r->o->cache_dir, 0755, e))
		return false;
	fd = cache_hold(r, LOCK_KIND_ALONE);
	return write_atomic(f->cached, text, 0644, e) &&
	       write_atomic(f->checksum, sv_of(checksum), 0644, e) &&
	       write_atomic(
		   f->timestamp, sv_of(remote_time_text(r->a, now_s)), 0644, e);
}
