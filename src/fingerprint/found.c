/* SPDX-License-Identifier: MIT */
/* Looks at the files that were found. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crew.h"
#include "fingerprint/checksum.h"

enum {
	FOLDER_FILES = 8,    /* a folder is opened for so many in a row */
	BLOCK_FILES = 512,   /* looked at by one thread */
	THREADS_FILES = 4096 /* fewer are seen before threads have begun */
};

/* From a folder its files are found sooner than from the root. */
struct folder {
	const char *path; /* of one of its files */
	size_t n;         /* bytes of that up to the name */
	int fd;           /* -1: none is open */
};

bool
found_sig(const struct found_file *file, struct file_sig *sig)
{
	if (!file->has_sig)
		return file_sig_of(file->path, sig);
	*sig = file->sig;
	return true;
}

static bool
is_right_in(const struct folder *f, const char *path)
{
	return strncmp(path, f->path, f->n) == 0 &&
	       strchr(path + f->n, '/') == NULL;
}

static void
folder_close(struct folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* That of file i, where there are enough of them. */
static void
folder_open(struct folder *f, const found_files *files, size_t i)
{
#ifdef O_PATH
	const char *path = files->v[i].path, *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	f->path = path;
	f->n = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	if (f->n == 0 || f->n >= sizeof(folder) ||
	    files->n - i < FOLDER_FILES ||
	    !is_right_in(f, files->v[i + FOLDER_FILES - 1].path))
		return;
	memcpy(folder, path, f->n);
	folder[f->n] = '\0';
	f->fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
#else
	(void)f;
	(void)files;
	(void)i;
#endif
}

static bool
sig_from(
    struct folder *f, const found_files *files, size_t i, struct file_sig *sig)
{
	const struct found_file *file = &files->v[i];
	struct stat st;

	if (file->has_sig)
		return found_sig(file, sig);
	if (f->fd >= 0 && !is_right_in(f, file->path))
		folder_close(f);
	if (f->fd < 0)
		folder_open(f, files, i);
	if (f->fd < 0)
		return file_sig_of(file->path, sig);
	if (fstatat(f->fd, file->path + f->n, &st, 0) != 0)
		return false;
	*sig = file_sig_of_stat(&st);
	return true;
}

/* ---- all of them ---- */

struct sources_view {
	const found_files *files;
	struct source *to;
	int *failed; /* of each block; 0: it did not */
	size_t *at;  /* the file that failed */
};

/* On any thread: files next to each other, which are often of one folder. */
static void
look_at_block(void *ctx, size_t block)
{
	struct sources_view *v = ctx;
	struct folder f = { .fd = -1 };
	size_t i = block * BLOCK_FILES, end = i + BLOCK_FILES;

	for (; i < end && i < v->files->n; i++) {
		v->to[i].path = v->files->v[i].path;
		if (!sig_from(&f, v->files, i, &v->to[i].sig)) {
			v->failed[block] = errno;
			v->at[block] = i;
			break;
		}
	}
	folder_close(&f);
}

const char *
sources_look(struct memo *m, struct arena *a, const found_files *files,
    struct source_list *out)
{
	size_t n = files->n / BLOCK_FILES + 1;
	struct sources_view v = { .files = files };
	unsigned threads = 1;

	*out = (struct source_list){ .n = files->n };
	out->v = v.to = arena_alloc(a, (files->n + 1) * sizeof(*out->v));
	v.failed = arena_alloc(a, n * sizeof(*v.failed));
	v.at = arena_alloc(a, n * sizeof(*v.at));
	if (files->n >= THREADS_FILES)
		threads = memo_threads(m, files->n);
	crew_each(threads, n, look_at_block, &v);
	for (size_t block = 0; block < n; block++)
		if (v.failed[block] != 0) {
			errno = v.failed[block];
			return files->v[v.at[block]].path;
		}
	return NULL;
}
