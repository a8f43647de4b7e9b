/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "fingerprint/internal.h"

bool
sources_stat(struct memo *m, struct arena *a, const found_files *files,
    struct source_list *out)
{
	if (sources_look(m, a, files, out) != NULL)
		return false;
	for (size_t i = 0; i < out->n; i++) {
		struct source *s = &out->v[i];

		s->digest = (struct digest){ s->sig.size,
			(uint64_t)s->sig.mtime_ns };
	}
	return true;
}

/* Newest time of the generated files and the timestamp file. */
static bool
reference_time(const char *file, const found_files *outputs, int64_t *out)
{
	const struct found_file own = { .path = file };
	struct file_sig sig;
	bool any = false;

	*out = INT64_MIN;
	for (size_t i = 0; i <= outputs->n; i++) {
		if (!found_sig(i < outputs->n ? &outputs->v[i] : &own, &sig))
			continue;
		any = true;
		if (sig.mtime_ns > *out)
			*out = sig.mtime_ns;
	}
	return any;
}

void
timestamp_check(struct arena *a, const struct ctask *t, const char *file,
    const struct source_list *sources, const found_files *outputs,
    string_vec *reasons)
{
	int64_t reference;

	if (!reference_time(file, outputs, &reference)) {
		vec_push(a, reasons, "never run");
		return;
	}
	for (size_t i = 0; i < sources->n; i++)
		if (sources->v[i].sig.mtime_ns > reference)
			vec_push(a, reasons,
			    arena_printf(a, "source newer: %s",
				record_path(t->dir, sources->v[i].path)));
}

bool
timestamp_write(struct arena *a, const char *file, int64_t at_ns, struct err *e)
{
	struct timespec at = { at_ns / NS_PER_S, at_ns % NS_PER_S };
	struct timespec both[2] = { at, at };
	int fd cleanup_close = -1;

	if (!mkdir_all(path_dir(a, sv_of(file)), 0755, e))
		return false;
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK,
	    0644);
	if (fd < 0)
		return err_sys(e, errno, "open %s", file);
	if (futimens(fd, both) != 0)
		return err_sys(e, errno, "chtimes %s", file);
	return true;
}
