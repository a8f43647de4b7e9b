/* SPDX-License-Identifier: MIT */
/*
 * The text of a Taskfile.  Once its nodes are made, which are no views of it,
 * only errors and pins of later includes want it: that of a large file is
 * forgotten until then, and read again.
 * May include: base/.
 */
#ifndef TASKFILE_FILE_TEXT_H
#define TASKFILE_FILE_TEXT_H

#include "base/err.h"
#include "base/str.h"

enum {
	FILE_TEXT_LARGE = 256 * 1024
};

/* A text that lies elsewhere is { .text = … }, and is never forgotten. */
struct file_text {
	sv text;          /* NULL: forgotten */
	char *heap;       /* where it lies, if it may be */
	const char *path; /* where it comes from */
	uint64_t hash;
};

/* Reads a file; with `waits` a pipe, too.  As read_file(). */
bool file_text_read(struct arena *a, const char *path, bool waits,
    struct file_text *out, struct err *e);
/* Lets go of what can be read again. */
void file_text_forget(struct file_text *t);
/* The text, once more from the file where it was forgotten; "" where that has
 * another one by now, or none. */
sv file_text_again(struct arena *a, const struct file_text *t);

#endif
