/* SPDX-License-Identifier: MIT */
/*
 * The files of a repository that all of its work trees go by: config and hooks,
 * as they were, and put back.
 * May include: base/ to run/.
 */
#ifndef VCS_SHARED_FILES_H
#define VCS_SHARED_FILES_H

#include "base/map.h"
#include "vcs/shared_mark.h"

struct shared_file {
	sv text;
	unsigned mode;
};

/* Those that are there: path → struct shared_file. */
void shared_files_take(const struct git *g, struct map **out);
bool shared_files_save(
    const struct map *files, const char *path, struct err *e);
bool shared_files_load(
    struct arena *a, const char *path, struct map **out, struct err *e);

typedef shared_changes shared_file_changes;
/* Puts back what differs; what stood there is kept as NOTES.changed-N. */
void shared_files_restore(const struct git *g, const struct map *files,
    const char *notes, shared_file_changes *out);

#endif
