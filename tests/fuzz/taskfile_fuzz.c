/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a Taskfile: `make fuzz`, then tests/fuzz/taskfile_fuzz CORPUS.
 * Seeds: any Taskfiles.
 */
#include "fuzz/fuzz.h"

#include "taskfile/taskfile.h"

FUZZ_TARGET(taskfile)
{
	struct arena *a = arena_new();
	struct err e = ERR_INIT;
	struct taskfile *tf;

	if (taskfile_decode(a, &(struct file_text){ .text = text },
		"/srv/Taskfile.yml", "/srv", &tf, &e)) {
		if (tf->version == NULL || err_is_set(&e))
			BUG("success without a version, or with an error");
	} else if (!err_is_set(&e) || e.message == NULL) {
		BUG("failure without an error");
	}
	err_clear(&e);
	arena_free(a);
}
