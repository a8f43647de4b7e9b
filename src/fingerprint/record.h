/* SPDX-License-Identifier: MIT */
/*
 * prun's own record of a success, in .task/prun: what was run (D-2), from
 * which sources, with which outputs (D-3).  One text file per task and variant;
 * its first line is a sum over the rest, so a torn, zeroed or edited file is no
 * record; one of an older version of the format is none either.
 * May include: base/, taskfile/.
 */
#ifndef FINGERPRINT_RECORD_H
#define FINGERPRINT_RECORD_H

#include "fingerprint/checksum.h"
#include "fingerprint/recipe.h"

struct record_file {
	const char *path; /* below the root where it lies there, else absolute */
	struct digest digest;
	unsigned mode; /* permissions */
};
typedef VEC(struct record_file) record_file_vec;

struct record {
	const char *method;
	const char *checksum; /* go-task's text; "" for timestamp */
	part_vec parts;
	record_file_vec sources, outputs;
};

enum record_status { RECORD_OK, RECORD_MISSING, RECORD_DAMAGED };

enum record_status record_read(struct arena *a, const char *path,
    struct record *out);
bool record_write(const char *path, const struct record *r, struct err *e);
/* What record_write() would write. */
void record_text(const struct record *r, struct sb *out);
/* Paths as a record holds them. */
const char *record_path(const char *root, const char *path);

/* Words for files that differ: "source changed: a.c", "output missing: x".
 * `what` is "source" or "output"; `extra` says whether new files count. */
void record_diff_files(struct arena *a, const char *what,
    const record_file_vec *before, const record_file_vec *now, bool extra,
    string_vec *reasons);

#endif
