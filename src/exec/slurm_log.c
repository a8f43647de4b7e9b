/* SPDX-License-Identifier: MIT */
/* A job's output on its way back: files that grow on another machine. */
#include "exec/slurm_job.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"

enum {
	LOG_CHUNK = 65536,
	LOG_CHUNKS = 64 /* of a stream, before others have their turn */
};

static void
log_hand_on(struct slurm_job *j, int stream, sv bytes)
{
	const struct job_stdio *to = &j->spec.out;

	/* one that was adopted may keep apart what is to be one */
	if (stream == 2 && j->spec.err.kind == STDIO_STDOUT)
		stream = 1;
	else if (stream == 2)
		to = &j->spec.err;
	switch (to->kind) {
	case STDIO_NULL:
	case STDIO_STDOUT:
		break;
	case STDIO_INHERIT:
		write_all(stream, bytes.p, bytes.n);
		break;
	case STDIO_FD:
		write_all(j->fds[stream], bytes.p, bytes.n);
		break;
	case STDIO_PIPE:
	case STDIO_PTY:
		j->spec.output(j->spec.arg, stream, bytes);
		break;
	}
}

/* Opened anew each time: a network file system then asks how long it is. */
static void
log_read_stream(struct slurm_job *j, int stream, char *buffer)
{
	struct arena *a cleanup_arena = arena_new();
	int fd cleanup_close =
	    open(slurm_file(a, j, stream == 2 ? "err" : "out"),
		O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	for (int i = 0; i < LOG_CHUNKS; i++) {
		ssize_t n = pread(fd, buffer, LOG_CHUNK, j->read_to[stream]);

		if (n <= 0)
			return;
		j->read_to[stream] += n;
		log_hand_on(j, stream, (sv){ buffer, (size_t)n });
	}
}

bool
slurm_log_read(struct slurm_job *j)
{
	char *buffer cleanup_free = NULL;

	if (j->held)
		return false;
	buffer = xmalloc(LOG_CHUNK);
	log_read_stream(j, 1, buffer);
	if (j->held)
		return false;
	log_read_stream(j, 2, buffer);
	return !j->has_result || (j->read_to[1] >= j->result.size[1] &&
				     j->read_to[2] >= j->result.size[2]);
}
