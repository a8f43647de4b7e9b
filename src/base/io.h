/* SPDX-License-Identifier: MIT */
/*
 * Whole-file reading and writing, folders, and clean-up attributes for
 * descriptors.  All descriptors are made close-on-exec.
 * May include: arena.h, str.h, err.h, clock.h.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

void close_cleanup(int *fd);
#define cleanup_close __attribute__((cleanup(close_cleanup)))
void fclose_cleanup(FILE **f);
#define cleanup_file __attribute__((cleanup(fclose_cleanup)))
void closedir_cleanup(DIR **d);
#define cleanup_dir __attribute__((cleanup(closedir_cleanup)))

/* The whole file, of a device at most 64 MiB, and so of a pipe that is an open
 * descriptor (/dev/stdin, /dev/fd/N).  Pipes with a name are refused: nobody
 * waits for a writer.  Errors read "open PATH: no such file or directory". */
bool read_file(struct arena *a, const char *path, sv *out, struct err *e);
/* The same of what the user named: waits for the writer of a pipe. */
bool read_file_or_pipe(struct arena *a, const char *path, sv *out,
    struct err *e);
/* Either of them into an empty buffer; *again tells that the file can be read
 * once more. */
bool read_file_into(
    struct sb *out, const char *path, bool waits, bool *again, struct err *e);
/* Makes a descriptor one that waits.  The flag is of the open file, so all that
 * have it see the change. */
void fd_make_blocking(int fd);
/* All of a descriptor to its end, waiting as write_all() does; more than `limit` bytes (0: no bound) are an
 * error. */
bool read_fd(struct arena *a, int fd, size_t limit, sv *out, struct err *e);
/* Writes a new file beside `path`, then renames it over it. */
bool write_atomic(const char *path, sv data, mode_t mode, struct err *e);
/* Writes all, over EINTR and short writes, and waits where the descriptor does
 * not (O_NONBLOCK) for as long as a slow reader takes; errno on failure. */
bool write_all(int fd, const void *p, size_t n);
/* Folder and its parents with 0777 & ~umask (or `mode`). */
bool mkdir_all(const char *path, mode_t mode, struct err *e);
bool path_exists(const char *path);
bool path_is_dir(const char *path);
/* When its contents or its status last changed, ns of the epoch. */
int64_t stat_mtime_ns(const struct stat *st);
int64_t stat_ctime_ns(const struct stat *st);
/* Removes a tree without following links; missing is success. */
bool remove_all(const char *path, struct err *e);

/* Closes all descriptors from this one on; for a new process that shall hold
 * none of its parent's. */
void close_from(int lowest);

#endif
