/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "store/cache_internal.h"

enum {
	BLOCK = 256 * 1024
};

struct cache *
cache_open(const struct cache_options *o)
{
	struct cache *c = xcalloc(1, sizeof(*c));

	c->o = *o;
	if (c->o.now == NULL)
		c->o.now = clock_real_ns;
	c->arena = arena_new();
	c->lock_fd = -1;
	c->memory = cache_memory_new(o->memory);
	return c;
}

void
cache_close(struct cache *c)
{
	if (c == NULL)
		return;
	cache_note_run(c);
	cache_memory_free(c->memory);
	arena_free(c->arena);
	sb_free(&c->big);
	free(c);
}

/* ---- places ---- */

void
cache_path(const struct cache *c, const char *kind, const char *digest,
    struct sb *out)
{
	sb_clear(out);
	sb_printf(out, "%s/%s/%.2s/%s", c->o.dir, kind, digest, digest);
	sb_cstr(out);
}

int
cache_temporary(struct cache *c, struct sb *path, struct err *e)
{
	int fd;

	sb_clear(path);
	sb_printf(path, "%s/tmp/%ld.%u", c->o.dir, (long)getpid(), c->n_tmp++);
	fd = open(sb_cstr(path),
	    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		err_sys(e, errno, "open %s", sb_cstr(path));
	return fd;
}

bool
cache_publish(
    const struct cache *c, const char *from, const char *to, struct err *e)
{
	if (rename(from, to) == 0)
		return true;
	if (errno == ENOENT &&
	    mkdir_all(path_dir(c->arena, sv_of(to)), 0700, e) &&
	    rename(from, to) == 0)
		return true;
	return err_is_set(e) || err_sys(e, errno, "rename %s", to);
}

/* ---- the lock ---- */

enum lock_result
cache_lock_soon(int fd, enum lock_kind kind)
{
	const struct timespec moment = { 0, NS_PER_MS };
	enum lock_result r;

	for (int tries = 0; tries < 1000; tries++) {
		r = lock_try(fd, kind);
		if (r != LOCK_BUSY)
			break;
		nanosleep(&moment, NULL);
	}
	return r;
}

static bool
cache_lock(struct cache *c, bool make)
{
	struct sb path cleanup_sb = SB_INIT;

	if (c->holds > 0) {
		c->holds++;
		return true;
	}
	sb_printf(&path, "%s/lock", c->o.dir);
	c->lock_fd = lock_open(sb_cstr(&path),
	    make ? LOCK_FILE_OURS : LOCK_FILE_LOOK, 0600);
	if (c->lock_fd < 0)
		return false;
	/* where there are no locks, what is half there is found by its digest */
	if (cache_lock_soon(c->lock_fd, LOCK_KIND_SHARED) == LOCK_BUSY) {
		close_cleanup(&c->lock_fd);
		c->lock_fd = -1;
		return false;
	}
	c->holds = 1;
	return true;
}

bool
cache_hold(struct cache *c)
{
	return cache_lock(c, false);
}

bool
cache_begin(struct cache *c, struct err *e)
{
	struct sb path cleanup_sb = SB_INIT;

	sb_printf(&path, "%s/tmp", c->o.dir);
	if (!path_is_dir(sb_cstr(&path)) &&
	    !mkdir_all(sb_cstr(&path), 0700, e))
		return false;
	return cache_lock(c, true) ||
	       err_set(e, ERR_GENERIC, "the cache is being cleaned");
}

void
cache_end(struct cache *c)
{
	struct err ignored cleanup_err = ERR_INIT;

	if (--c->holds > 0)
		return;
	cache_note_added(c);
	close_cleanup(&c->lock_fd);
	c->lock_fd = -1;
	if (cache_is_full(c))
		cache_prune(c, NULL, &ignored);
	c->has_added = false;
}

/* ---- entries ---- */

static void
last_path(const struct cache *c, const char *task, struct sb *out)
{
	char name[SHA256_HEX + 1];

	sha256_text(sv_of(task), name);
	sb_clear(out);
	sb_printf(out, "%s/last/%.32s", c->o.dir, name);
	sb_cstr(out);
}

static bool
is_too_old(const struct cache *c, int fd)
{
	struct stat st;

	return c->o.ttl_ns > 0 && fstat(fd, &st) == 0 &&
	       c->o.now() - stat_mtime_ns(&st) > c->o.ttl_ns;
}

enum cache_found
cache_find(struct cache *c, struct arena *a, const char *key,
    struct cache_entry *out)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct sb path cleanup_sb = SB_INIT;
	int fd cleanup_close = -1;
	sv text;

	cache_path(c, "entry", key, &path);
	fd = open(path.p, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || is_too_old(c, fd))
		return CACHE_NONE;
	if (read_fd(a, fd, CACHE_ENTRY_MAX, &text, &ignored) &&
	    cache_entry_read(a, key, text, out))
		return CACHE_FOUND;
	unlink(path.p);
	return CACHE_DAMAGED;
}

bool
cache_find_last(struct cache *c, struct arena *a, const char *task,
    struct cache_entry *out)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct sb path cleanup_sb = SB_INIT;
	int fd cleanup_close = -1;
	sv text;

	last_path(c, task, &path);
	fd = open(path.p, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || !read_fd(a, fd, 2 * SHA256_HEX, &text, &ignored))
		return false;
	text = sv_trim(text);
	return sha256_is_digits(text) &&
	       cache_find(c, a, sv_cstr(a, text), out) == CACHE_FOUND;
}

bool
cache_write_whole(struct cache *c, const char *path, sv text, struct err *e)
{
	struct sb tmp cleanup_sb = SB_INIT;
	int fd cleanup_close = cache_temporary(c, &tmp, e);

	if (fd < 0)
		return false;
	if (!write_all(fd, text.p, text.n))
		err_sys(e, errno, "write %s", tmp.p);
	else if (cache_publish(c, tmp.p, path, e))
		return true;
	unlink(tmp.p);
	return false;
}

/* Of two runs that add the same one, either's is right. */
bool
cache_add(struct cache *c, const char *key, const struct cache_entry *x,
    struct err *e)
{
	struct sb text cleanup_sb = SB_INIT, path cleanup_sb = SB_INIT;

	cache_entry_write(key, x, &text);
	cache_path(c, "entry", key, &path);
	if (!cache_write_whole(c, path.p, sb_sv(&text), e))
		return false;
	c->added += text.n;
	last_path(c, x->task, &path);
	return cache_write_whole(c, path.p, sv_of(key), e);
}

void
cache_used(struct cache *c, const char *key)
{
	struct sb path cleanup_sb = SB_INIT;

	cache_path(c, "entry", key, &path);
	utimensat(AT_FDCWD, path.p, NULL, AT_SYMLINK_NOFOLLOW);
}

void
cache_count(struct cache *c, bool hit, int64_t saved_ns)
{
	c->hits += hit;
	c->misses += !hit;
	c->saved_ns += saved_ns;
}

void
cache_count_remote(struct cache *c)
{
	c->remote++;
}

/* ---- adding blobs ---- */

bool
cache_blob_publish(
    struct cache *c, const char *tmp, const struct cache_blob *b, struct err *e)
{
	struct sb path cleanup_sb = SB_INIT;

	bool is_new;

	cache_path(c, "blob", b->digest, &path);
	is_new = access(path.p, F_OK) != 0;
	/* also over one that is there: it may be damaged */
	if (!cache_publish(c, tmp, path.p, e)) {
		unlink(tmp);
		return false;
	}
	c->added += is_new ? b->size : 0;
	return true;
}

bool
cache_add_fd(struct cache *c, struct arena *a, int from,
    struct cache_blob *out, struct err *e)
{
	struct sb tmp cleanup_sb = SB_INIT;
	char *block cleanup_free = xmalloc(BLOCK);
	char digits[SHA256_HEX + 1];
	uint8_t sum[SHA256_SIZE];
	struct sha256 s;
	ssize_t n;
	int fd cleanup_close = cache_temporary(c, &tmp, e);

	if (fd < 0)
		return false;
	sha256_begin(&s);
	while ((n = read(from, block, BLOCK)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0) {
			sha256_add(&s, block, (size_t)n);
			if (!write_all(fd, block, (size_t)n))
				break;
		}
	if (n != 0) {
		err_sys(e, errno, "write %s", tmp.p);
		unlink(tmp.p);
		return false;
	}
	out->size = s.n;
	sha256_end(&s, sum);
	sha256_digits(sum, digits);
	out->digest = arena_strdup(a, digits);
	return cache_blob_publish(c, tmp.p, out, e);
}

bool
cache_add_bytes(struct cache *c, struct arena *a, sv bytes,
    struct cache_blob *out, struct err *e)
{
	struct sb tmp cleanup_sb = SB_INIT;
	int fd cleanup_close = cache_temporary(c, &tmp, e);
	char digits[SHA256_HEX + 1];

	if (fd < 0)
		return false;
	if (!write_all(fd, bytes.p, bytes.n)) {
		err_sys(e, errno, "write %s", tmp.p);
		unlink(tmp.p);
		return false;
	}
	sha256_text(bytes, digits);
	*out = (struct cache_blob){ arena_strdup(a, digits), bytes.n };
	return cache_blob_publish(c, tmp.p, out, e);
}

/* ---- reading blobs ---- */

bool
cache_has(const struct cache *c, const char *digest)
{
	struct sb path cleanup_sb = SB_INIT;

	cache_path(c, "blob", digest, &path);
	return access(path.p, F_OK) == 0;
}

int
cache_blob_open(struct cache *c, const struct cache_blob *b, struct stat *st)
{
	struct sb path cleanup_sb = SB_INIT;
	int fd;

	cache_path(c, "blob", b->digest, &path);
	fd = open(path.p, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode) &&
	    (uint64_t)st->st_size == b->size)
		return fd;
	close_cleanup(&fd);
	unlink(path.p);
	return -1;
}

static bool
blob_is_known(
    const struct cache *c, const struct cache_blob *b, const struct stat *st)
{
	uint8_t sum[SHA256_SIZE];

	return c->o.known.is != NULL && sha256_of_digits(b->digest, sum) &&
	       c->o.known.is(c->o.known.ctx, st, sum);
}

/* Of all that was read of it. */
static bool
blob_is_right(struct cache *c, const struct cache_blob *b,
    struct sha256 *s, const struct stat *st)
{
	struct sb path cleanup_sb = SB_INIT;
	char digits[SHA256_HEX + 1];
	uint8_t sum[SHA256_SIZE];

	sha256_end(s, sum);
	sha256_digits(sum, digits);
	if (strcmp(digits, b->digest) == 0) {
		if (c->o.known.note != NULL)
			c->o.known.note(c->o.known.ctx, st, sum);
		return true;
	}
	cache_path(c, "blob", b->digest, &path);
	unlink(path.p);
	return false;
}

static bool
blob_pass(int from, struct sha256 *s, int to, uint64_t size)
{
	char *block cleanup_free = xmalloc(BLOCK);

	while (s->n < size) {
		size_t want = size - s->n < BLOCK ? (size_t)(size - s->n)
						  : BLOCK;
		ssize_t n = read(from, block, want);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		sha256_add(s, block, (size_t)n);
		if (!write_all(to, block, (size_t)n))
			return false;
	}
	return true;
}

static bool
blob_fill(int from, char *to, uint64_t size)
{
	for (uint64_t at = 0; at < size;) {
		ssize_t n = read(from, to + at, (size_t)(size - at));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (uint64_t)n;
	}
	return true;
}

/* In a buffer that the memory then has, or `big`. */
static bool
blob_read(struct cache *c, const struct cache_blob *b, int fd,
    const struct stat *st, sv *out)
{
	struct held_blob *held = cache_memory_room(c->memory, b);
	struct sha256 s;

	if (held == NULL) {
		sb_clear(&c->big);
		sb_reserve(&c->big, (size_t)b->size);
	}
	*out = (sv){ held != NULL ? cache_memory_bytes(held) : c->big.p,
		(size_t)b->size };
	sha256_begin(&s);
	if (blob_fill(fd, (char *)out->p, b->size)) {
		sha256_add(&s, out->p, out->n);
		if (blob_is_right(c, b, &s, st)) {
			cache_memory_put(c->memory, held);
			return true;
		}
	}
	free(held);
	return false;
}

bool
cache_read(struct cache *c, const struct cache_blob *b, sv *out)
{
	struct stat st;
	int fd cleanup_close = -1;

	if (cache_memory_get(c->memory, b->digest, out))
		return out->n == b->size;
	fd = cache_blob_open(c, b, &st);
	return fd >= 0 && blob_read(c, b, fd, &st, out);
}

/* Shares the blocks where the file system can. */
static bool
blob_clone(int from, int to, uint64_t size)
{
#ifdef PRUN_LINUX
	while (size > 0) {
		ssize_t n =
		    copy_file_range(from, NULL, to, NULL, (size_t)size, 0);

		if (n <= 0)
			break;
		size -= (uint64_t)n;
	}
#endif
	while (size > 0) {
		char block[16 * 1024];
		ssize_t n = read(from, block,
		    size < sizeof(block) ? (size_t)size : sizeof(block));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || !write_all(to, block, (size_t)n))
			return false;
		size -= (uint64_t)n;
	}
	return true;
}

bool
cache_copy(struct cache *c, const struct cache_blob *b, int to)
{
	struct sha256 s;
	struct stat st;
	int fd cleanup_close = -1;
	sv bytes;

	if (cache_memory_get(c->memory, b->digest, &bytes))
		return bytes.n == b->size &&
		       write_all(to, bytes.p, bytes.n);
	fd = cache_blob_open(c, b, &st);
	if (fd < 0)
		return false;
	if (blob_is_known(c, b, &st))
		return blob_clone(fd, to, b->size);
	if (b->size <= CACHE_IN_MEMORY)
		return blob_read(c, b, fd, &st, &bytes) &&
		       write_all(to, bytes.p, bytes.n);
	sha256_begin(&s);
	return blob_pass(fd, &s, to, b->size) &&
	       blob_is_right(c, b, &s, &st);
}
