/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/pool_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"

static const char record_suffix[] = ".tree";
static const char lease_suffix[] = ".lease";

const char *
pool_file(const struct pool *p, const char *name)
{
	return arena_printf(
	    p->git->a, "%s/prun/pool/%s", p->git->common_dir, name);
}

const char *
pool_tree_file(const struct pool *p, const char *tree, const char *suffix)
{
	return arena_printf(p->git->a, "%s%s", pool_file(p, tree), suffix);
}

const char *
pool_tree_name(struct arena *a, int number)
{
	return arena_printf(a, "wt-%d", number);
}

const char *
pool_default_dir(const struct git *g)
{
	struct arena *a = g->a;
	const char *main = g->common_dir;
	sv name;

	/* "repo/.git" is repo's; a bare repository is called repo.git */
	if (strcmp(path_base(a, sv_of(main)), ".git") == 0)
		main = path_dir(a, sv_of(main));
	name = sv_of(path_base(a, sv_of(main)));
	if (sv_ends(name, SV(".git")))
		name.n -= 4;
	return arena_printf(
	    a, "%s/%.*s-worktrees", path_dir(a, sv_of(main)), SV_ARG(name));
}

/* ---- records ---- */

/* All fields are texts here; the file is KEY NUL VALUE NUL … */
struct record_field {
	const char *name;
	const char **text; /* either */
	int64_t *number;
};
enum {
	N_FIELDS = 12
};

static void
record_fields(
    struct pool_record *r, int64_t *flags, struct record_field out[N_FIELDS])
{
	const struct record_field f[N_FIELDS] = {
		{ "mark", NULL, &flags[0] },
		{ "kind", NULL, &flags[1] },
		{ "clean", NULL, &flags[2] },
		{ "path", &r->path, NULL },
		{ "session", &r->session, NULL },
		{ "commit", &r->commit, NULL },
		{ "test", &r->test, NULL },
		{ "why", &r->why, NULL },
		{ "own", &r->own, NULL },
		{ "prepared", &r->prepared, NULL },
		{ "made", NULL, &r->made_ns },
		{ "inode", NULL, &r->inode },
	};

	memcpy(out, f, sizeof(f));
}

static void
record_take(struct arena *a, const struct record_field *f, sv text)
{
	if (f->text != NULL)
		*f->text = sv_cstr(a, text);
	else
		*f->number = strtoimax(sv_cstr(a, text), NULL, 10);
}

bool
pool_record_read(
    const struct pool *p, const char *tree, struct pool_record *out)
{
	const char *path = pool_tree_file(p, tree, record_suffix);
	struct err none cleanup_err = ERR_INIT;
	struct record_field fields[N_FIELDS];
	struct arena *a = p->git->a;
	int64_t flags[3] = { 0 };
	struct stat st;
	sv text, key, field;

	*out = (struct pool_record){ .path = "",
		.session = "",
		.commit = "",
		.test = "",
		.why = "",
		.own = "",
		.prepared = "" };
	if (stat(path, &st) != 0 || !read_file(a, path, &text, &none))
		return false;
	record_fields(out, flags, fields);
	while (sv_cut(text, '\0', &key, &text) &&
	       sv_cut(text, '\0', &field, &text))
		for (int i = 0; i < N_FIELDS; i++)
			if (sv_is(key, fields[i].name))
				record_take(a, &fields[i], field);
	out->mark = (enum pool_mark)flags[0];
	out->kind = flags[1] == POOL_CLONE ? POOL_CLONE : POOL_WORKTREE;
	out->is_clean = flags[2] != 0;
	/* it is written when the tree is taken and given back */
	out->used_ns = stat_mtime_ns(&st);
	return *out->path == '/' && flags[0] >= POOL_MADE &&
	       flags[0] <= POOL_BROKEN;
}

bool
pool_record_write(const struct pool *p, const char *tree,
    const struct pool_record *r, struct err *e)
{
	struct pool_record copy = *r;
	int64_t flags[] = { r->mark, r->kind, r->is_clean };
	struct record_field fields[N_FIELDS];
	struct sb b cleanup_sb = SB_INIT;

	record_fields(&copy, flags, fields);
	for (int i = 0; i < N_FIELDS; i++) {
		sb_printf(&b, "%s%c", fields[i].name, 0);
		if (fields[i].text != NULL)
			sb_printf(&b, "%s%c", *fields[i].text, 0);
		else
			sb_printf(&b, "%" PRId64 "%c", *fields[i].number, 0);
	}
	return write_atomic(
	    pool_tree_file(p, tree, record_suffix), sb_sv(&b), 0666, e);
}

/* "wt-12.tree" or ".lease": 12; 0: something else. */
static int
number_in_name(const char *name)
{
	char *end;
	long n;

	if (strncmp(name, "wt-", 3) != 0 || name[3] < '1' || name[3] > '9')
		return 0;
	n = strtol(name + 3, &end, 10);
	return n < INT_MAX && strcmp(end, record_suffix) == 0 ? (int)n : 0;
}

static int
by_number(const void *x, const void *y)
{
	const int *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

void
pool_known(const struct pool *p, pool_numbers *out)
{
	DIR *d cleanup_dir = opendir(pool_file(p, ""));
	struct dirent *entry;

	*out = (pool_numbers){ 0 };
	while (d != NULL && (entry = readdir(d)) != NULL) {
		int n = number_in_name(entry->d_name);

		if (n > 0)
			vec_push(p->git->a, out, n);
	}
	if (out->n > 1)
		qsort(out->v, out->n, sizeof(*out->v), by_number);
}

/* ---- locks ---- */

/* The file of that name, locked; *fd is -1 where somebody else has it. */
static bool
lock_file(
    const struct pool *p, const char *path, bool wait, int *fd, struct err *e)
{
	enum lock_result r;

	if (!mkdir_all(pool_file(p, ""), 0777, e))
		return false;
	for (;;) {
		*fd = lock_open(path, LOCK_FILE_SHARED, 0666);
		if (*fd < 0)
			return err_sys(e, errno, "prun: open %s", path);
		r = wait ? lock_wait(*fd, LOCK_KIND_ALONE)
			 : lock_try(*fd, LOCK_KIND_ALONE);
		if (r == LOCK_TAKEN && lock_is_current(*fd, path))
			return true;
		close(*fd);
		*fd = -1;
		if (r == LOCK_BUSY)
			return true;
		if (r == LOCK_UNSUPPORTED)
			return err_set(e, ERR_GENERIC,
			    "prun: %s cannot be locked: a pool of worktrees "
			    "needs a file system with locks",
			    path);
	}
}

static void
inherit(int fd, bool with_children)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, with_children ? 0 : FD_CLOEXEC);
}

bool
pool_book_lock(const struct pool *p, int *fd, struct err *e)
{
	if (!lock_file(p, pool_file(p, "lock"), true, fd, e))
		return false;
	inherit(*fd, true);
	return true;
}

void
pool_lease_share(const struct pool_tree *t, bool with_children)
{
	inherit(t->lease_fd, with_children);
}

/* Sixteen digits that no other lease has had. */
static const char *
new_lease_id(struct arena *a)
{
	uint64_t bits = 0;
	int fd cleanup_close = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, &bits, sizeof(bits)) != sizeof(bits))
		bits = (uint64_t)clock_real_ns() ^ ((uint64_t)getpid() << 48);
	return arena_printf(a, "%016" PRIx64, bits);
}

bool
pool_lease_take(const struct pool *p, const char *tree, int *fd,
    const char **id, struct err *e)
{
	const char *path = pool_tree_file(p, tree, lease_suffix);
	const char *text;

	*id = new_lease_id(p->git->a);
	if (!lock_file(p, path, false, fd, e) || *fd < 0)
		return false;
	text = arena_printf(p->git->a, "session %s, process %ld, lease %s\n",
	    p->session, (long)getpid(), *id);
	if (lock_sign(*fd, sv_of(text)))
		return true;
	err_sys(e, errno, "prun: write %s", path);
	close(*fd);
	*fd = -1;
	return false;
}

const char *
pool_lease_holder(const struct pool *p, const char *tree)
{
	int fd cleanup_close =
	    lock_open(pool_tree_file(p, tree, lease_suffix), LOCK_FILE_LOOK, 0);

	if (fd < 0 || lock_try(fd, LOCK_KIND_SHARED) != LOCK_BUSY)
		return NULL;
	return sv_cstr(p->git->a, sv_trim(sv_of(lock_holder(p->git->a, fd))));
}
