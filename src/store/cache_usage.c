/* SPDX-License-Identifier: MIT */
/*
 * How much there is, what runs found, and what goes.  DIR/runs has a line with
 * the size when it was last counted, and after it one for each addition, so
 * that several runs keep one bound, and one for each run: when, hits, misses,
 * ns saved, hits from elsewhere.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/map.h"
#include "store/cache_internal.h"

enum {
	RUNS_SHOWN = 20,
};

struct cache_run {
	int64_t at_ns, saved_ns;
	uint64_t hits, misses, remote;
};

struct usage {
	uint64_t size; /* counted, and added since */
	VEC(struct cache_run) runs;
};

static char *
usage_path(const struct cache *c, struct arena *a)
{
	return arena_printf(a, "%s/runs", c->o.dir);
}

static void
usage_read_line(struct arena *a, const char *line, struct usage *out)
{
	struct cache_run r = { 0 };
	uint64_t n;

	if (sscanf(line, "add %" SCNu64, &n) == 1)
		out->size += n;
	else if (sscanf(line, "size %" SCNu64, &n) == 1)
		out->size = n;
	else if (sscanf(line,
		     "run %" SCNd64 " %" SCNu64 " %" SCNu64 " %" SCNd64
		     " %" SCNu64,
		     &r.at_ns, &r.hits, &r.misses, &r.saved_ns, &r.remote) >= 4)
		vec_push(a, &out->runs, r);
}

static void
usage_read(struct arena *a, sv text, struct usage *out)
{
	sv line;

	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		usage_read_line(a, sv_cstr(a, line), out);
	}
}

static void
usage_read_all(const struct cache *c, struct arena *a, struct usage *out)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv text;

	*out = (struct usage){ 0 };
	if (read_file(a, usage_path(c, a), &text, &ignored))
		usage_read(a, text, out);
}

static void
usage_add_run(struct sb *b, const struct cache_run *r)
{
	sb_printf(b,
	    "run %" PRId64 " %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRIu64 "\n",
	    r->at_ns, r->hits, r->misses, r->saved_ns, r->remote);
}

/* Anew, with the last runs.  Nobody else has the lock. */
static void
usage_write(struct cache *c, struct arena *a, uint64_t size)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct sb b cleanup_sb = SB_INIT;
	struct usage u;
	size_t skip;

	usage_read_all(c, a, &u);
	skip = u.runs.n > RUNS_SHOWN ? u.runs.n - RUNS_SHOWN : 0;
	sb_printf(&b, "size %" PRIu64 "\n", size);
	for (size_t i = skip; i < u.runs.n; i++)
		usage_add_run(&b, &u.runs.v[i]);
	cache_write_whole(c, usage_path(c, a), sb_sv(&b), &ignored);
}

static void
usage_append(struct cache *c, struct arena *a, const struct sb *b)
{
	int fd cleanup_close =
	    open_own(usage_path(c, a), O_WRONLY | O_APPEND | O_CREAT, 0600);

	if (fd >= 0)
		write_all(fd, b->p, b->n);
}

void
cache_note_added(struct cache *c)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;

	if (c->added == 0)
		return;
	sb_printf(&b, "add %" PRIu64 "\n", c->added);
	usage_append(c, a, &b);
	c->added = 0;
	c->has_added = true;
}

/* What others have added, too: only what is new since the last look is read. */
static uint64_t
usage_size(struct cache *c)
{
	struct arena *a cleanup_arena = arena_new();
	struct usage u = { .size = c->size };
	int fd cleanup_close = open_own(usage_path(c, a), O_RDONLY, 0);
	struct err ignored cleanup_err = ERR_INIT;
	struct stat st;
	sv text;

	if (fd < 0 || fstat(fd, &st) != 0)
		return 0;
	if (st.st_ino != c->usage_ino || st.st_size < c->usage_read) {
		c->usage_ino = st.st_ino;
		c->usage_read = 0;
		u.size = 0;
	}
	if (lseek(fd, c->usage_read, SEEK_SET) >= 0 &&
	    read_fd(a, fd, 0, &text, &ignored)) {
		while (text.n > 0 && text.p[text.n - 1] != '\n')
			text.n--;
		usage_read(a, text, &u);
		c->usage_read += (off_t)text.n;
	}
	c->size = u.size;
	return u.size;
}

bool
cache_is_full(struct cache *c)
{
	return c->o.max_bytes > 0 && c->has_added &&
	       usage_size(c) > c->o.max_bytes;
}

void
cache_note_run(struct cache *c)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	struct cache_run r = { c->o.now(), c->saved_ns, c->hits, c->misses,
		c->remote };

	if (c->hits + c->misses == 0)
		return;
	usage_add_run(&b, &r);
	usage_append(c, a, &b);
}

/* ---- all that there is ---- */

struct kept_entry {
	char key[SHA256_HEX + 1];
	int64_t used_ns;
	uint64_t size; /* of its text */
	bool is_kept;
	struct cache_entry x;
};
typedef VEC(struct kept_entry) kept_entry_vec;

/* Calls fn(arg, path, name, stat) for the files of DIR/kind/xx/. */
static void
each_file(const struct cache *c, const char *kind,
    void (*fn)(void *, const char *, const char *, const struct stat *),
    void *arg)
{
	struct arena *a cleanup_arena = arena_new();

	for (int i = 0; i < 256; i++) {
		char *dir = arena_printf(a, "%s/%s/%02x", c->o.dir, kind, i);
		DIR *d cleanup_dir = opendir(dir);
		struct dirent *x;

		while (d != NULL && (x = readdir(d)) != NULL) {
			struct arena_mark mark = arena_mark(a);
			char *path = arena_printf(a, "%s/%s", dir, x->d_name);
			struct stat st;

			if (x->d_name[0] != '.' && lstat(path, &st) == 0)
				fn(arg, path, x->d_name, &st);
			arena_release(a, mark);
		}
	}
}

struct entry_list {
	struct cache *c;
	struct arena *a;
	kept_entry_vec v;
};

static void
list_entry(
    void *arg, const char *path, const char *name, const struct stat *st)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct entry_list *l = arg;
	struct kept_entry k = { .used_ns = stat_mtime_ns(st),
		.size = (uint64_t)st->st_size };
	sv text;

	if (sha256_is_digits(sv_of(name)) && S_ISREG(st->st_mode) &&
	    k.size <= CACHE_ENTRY_MAX &&
	    read_file(l->a, path, &text, &ignored) &&
	    cache_entry_read(l->a, name, text, &k.x)) {
		memcpy(k.key, name, sizeof(k.key));
		vec_push(l->a, &l->v, k);
		return;
	}
	unlink(path);
}

static int
by_last_use(const void *x, const void *y)
{
	const struct kept_entry *a = x, *b = y;

	return (a->used_ns < b->used_ns) - (a->used_ns > b->used_ns);
}

/* ---- pruning ---- */

struct prune {
	struct cache *c;
	struct map *wanted; /* blobs */
	uint64_t size;
	struct cache_stats *removed;
};

/* What an entry adds to what is kept already. */
static uint64_t
prune_cost(const struct prune *p, const struct kept_entry *k)
{
	uint64_t n = k->size;

	for (size_t i = 0; i < k->x.files.n; i++)
		if (k->x.files.v[i].link == NULL &&
		    map_get(p->wanted,
			sv_of(k->x.files.v[i].blob.digest)) == NULL)
			n += k->x.files.v[i].blob.size;
	return n + k->x.log.size;
}

static void
prune_keep(struct prune *p, struct kept_entry *k)
{
	p->size += prune_cost(p, k);
	k->is_kept = true;
	for (size_t i = 0; i < k->x.files.n; i++)
		if (k->x.files.v[i].link == NULL)
			map_put(p->wanted,
			    sv_of(k->x.files.v[i].blob.digest), k);
	if (*k->x.log.digest != '\0')
		map_put(p->wanted, sv_of(k->x.log.digest), k);
}

static void
prune_entries(struct prune *p, struct entry_list *l)
{
	const struct cache_options *o = &p->c->o;
	struct sb path cleanup_sb = SB_INIT;
	/* with room for what comes next, or each addition would prune again */
	uint64_t room = o->max_bytes - o->max_bytes / 10;
	int64_t now = o->now();

	if (l->v.n > 1)
		qsort(l->v.v, l->v.n, sizeof(*l->v.v), by_last_use);
	for (size_t i = 0; i < l->v.n; i++) {
		struct kept_entry *k = &l->v.v[i];

		if ((o->ttl_ns == 0 || now - k->used_ns <= o->ttl_ns) &&
		    (o->max_bytes == 0 || p->size + prune_cost(p, k) <= room)) {
			prune_keep(p, k);
			continue;
		}
		cache_path(p->c, "entry", k->key, &path);
		if (unlink(path.p) == 0)
			p->removed->entries++;
	}
}

static void
prune_blob(
    void *arg, const char *path, const char *name, const struct stat *st)
{
	struct prune *p = arg;

	if (map_get(p->wanted, sv_of(name)) != NULL || unlink(path) != 0)
		return;
	p->removed->blobs++;
	p->removed->bytes += (uint64_t)st->st_size;
}

/* Names of tasks whose last entry is gone. */
static void
prune_last(struct cache *c, struct arena *a, const struct entry_list *l)
{
	char *dir = arena_printf(a, "%s/last", c->o.dir);
	DIR *d cleanup_dir = opendir(dir);
	struct map *keys = map_new(a);
	struct dirent *x;

	for (size_t i = 0; i < l->v.n; i++)
		if (l->v.v[i].is_kept)
			map_put(keys, sv_of(l->v.v[i].key), &l->v.v[i]);
	while (d != NULL && (x = readdir(d)) != NULL) {
		struct err ignored cleanup_err = ERR_INIT;
		char *path = arena_printf(a, "%s/%s", dir, x->d_name);
		sv text;

		if (path_is_dir(path))
			continue;
		if (!read_file(a, path, &text, &ignored) ||
		    map_get(keys, sv_trim(text)) == NULL)
			unlink(path);
	}
}

/* Alone: who reads or adds has the same lock together with others. */
static int
lock_alone(struct cache *c, struct arena *a, bool waits)
{
	int fd = lock_open(
	    arena_printf(a, "%s/lock", c->o.dir), LOCK_FILE_OURS, 0600);
	enum lock_result r;

	if (fd < 0)
		return -1;
	r = waits ? lock_wait(fd, LOCK_KIND_ALONE)
		  : cache_lock_soon(fd, LOCK_KIND_ALONE);
	/* where nothing can be locked others may be at it */
	if (r != LOCK_TAKEN)
		close_cleanup(&fd);
	return r == LOCK_TAKEN ? fd : -1;
}

bool
cache_prune(struct cache *c, struct cache_stats *removed, struct err *e)
{
	struct arena *a cleanup_arena = arena_new();
	struct entry_list l = { c, a, { 0 } };
	struct cache_stats own = { 0 };
	struct prune p = { c, map_new(a), 0, removed ? removed : &own };
	int lock cleanup_close = -1;

	if (!path_is_dir(c->o.dir))
		return true;
	lock = lock_alone(c, a, removed != NULL);
	if (lock < 0)
		return err_set(e, ERR_GENERIC, "the cache cannot be locked");
	each_file(c, "entry", list_entry, &l);
	prune_entries(&p, &l);
	each_file(c, "blob", prune_blob, &p);
	prune_last(c, a, &l);
	remove_all(arena_printf(a, "%s/tmp", c->o.dir), e);
	err_clear(e);
	mkdir_all(arena_printf(a, "%s/tmp", c->o.dir), 0700, e);
	err_clear(e);
	usage_write(c, a, p.size);
	return true;
}

bool
cache_clear(struct cache *c, struct err *e)
{
	static const char *const parts[] = { "entry", "blob", "last", "tmp",
		"runs" };
	struct arena *a cleanup_arena = arena_new();
	int lock cleanup_close = -1;

	if (!path_is_dir(c->o.dir))
		return true;
	lock = lock_alone(c, a, true);
	if (lock < 0)
		return err_set(e, ERR_GENERIC, "the cache cannot be locked");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!remove_all(
			arena_printf(a, "%s/%s", c->o.dir, parts[i]), e))
			return false;
	return true;
}

/* ---- statistics ---- */

static void
count_entry(
    void *arg, const char *path, const char *name, const struct stat *st)
{
	struct cache_stats *s = arg;

	(void)path;
	(void)name;
	s->entries++;
	s->bytes += (uint64_t)st->st_size;
}

static void
count_blob(
    void *arg, const char *path, const char *name, const struct stat *st)
{
	struct cache_stats *s = arg;

	(void)path;
	(void)name;
	s->blobs++;
	s->bytes += (uint64_t)st->st_size;
}

bool
cache_stats(struct cache *c, struct cache_stats *out, struct err *e)
{
	struct arena *a cleanup_arena = arena_new();
	struct usage u;

	(void)e;
	*out = (struct cache_stats){ 0 };
	each_file(c, "entry", count_entry, out);
	each_file(c, "blob", count_blob, out);
	usage_read_all(c, a, &u);
	for (size_t i = u.runs.n > RUNS_SHOWN ? u.runs.n - RUNS_SHOWN : 0;
	     i < u.runs.n; i++) {
		const struct cache_run *r = &u.runs.v[i];

		/* one that only added was forced */
		out->runs++;
		out->hits += r->hits;
		out->remote += r->remote;
		out->misses += r->misses;
		out->saved_ns += r->saved_ns;
	}
	return true;
}
