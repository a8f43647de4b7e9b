/* SPDX-License-Identifier: MIT */
/* Looks at the files that were found. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fingerprint/checksum.h"

/* A folder is opened for so many of its files in a row. */
enum {
	FOLDER_FILES = 8
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
sig_from(struct folder *f, const found_files *files, size_t i,
    struct file_sig *sig)
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

const char *
sources_look(struct arena *a, const found_files *files, struct source_list *out)
{
	struct folder f = { .fd = -1 };
	size_t i;
	int failed;

	*out = (struct source_list){ 0 };
	out->v = arena_alloc(a, (files->n + 1) * sizeof(*out->v));
	out->n = files->n;
	for (i = 0; i < files->n; i++) {
		out->v[i].path = files->v[i].path;
		if (!sig_from(&f, files, i, &out->v[i].sig))
			break;
	}
	failed = errno;
	folder_close(&f);
	errno = failed;
	return i < files->n ? files->v[i].path : NULL;
}
