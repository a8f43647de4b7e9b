/* SPDX-License-Identifier: MIT */
/*
 * go-task's checksum over the sources (C-325, C-326), and the sources as they
 * were seen, file by file.
 * May include: base/, taskfile/.
 */
#ifndef FINGERPRINT_CHECKSUM_H
#define FINGERPRINT_CHECKSUM_H

#include "fingerprint/memo.h"
#include "taskfile/model.h"

struct source {
	const char *path; /* absolute */
	struct file_sig sig;
	struct digest digest;
};

struct source_list {
	struct source *v;
	size_t n;
	struct digest checksum; /* C-325; when asked for */
};

/* A file that was found. */
struct found_file {
	const char *path; /* absolute */
	bool has_sig;     /* it was looked at when it was found */
	struct file_sig sig;
};
typedef VEC(struct found_file) found_files;

/* Its signature, looked for where it is not known yet. */
bool found_sig(const struct found_file *file, struct file_sig *sig);

/* Paths and signatures of them all; the first path that cannot be looked at,
 * with errno, or NULL.  From some thousand files on threads share them. */
const char *sources_look(struct memo *m, struct arena *a,
    const found_files *files, struct source_list *out);
/* Digests of `files`, and their checksum when `checksum`.  false when one
 * cannot be read. */
bool sources_read(struct memo *m, struct arena *a, const found_files *files,
    bool checksum, struct source_list *out, struct err *e);
/* Both halves in hex without leading zeros (C-326). */
char *checksum_text(struct arena *a, struct digest d);
/* A name as it is used for a file of .task (C-302). */
char *checksum_file_name(struct arena *a, sv name);

#endif
