/* SPDX-License-Identifier: MIT */
/* Lines in, until there are no more. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "mcp/internal.h"

enum {
	BLOCK_MAX = 64 * 1024,
	MESSAGE_MAX = 4 * 1024 * 1024, /* bytes of a line */
	LAST_S = 10, /* for what is under way when the input ends */
};

struct input {
	struct mcp *m;
	struct sb line;
	bool is_over;
	bool is_too_long; /* the rest of a line that is refused */
};

static void
input_line(struct input *in)
{
	if (in->is_too_long)
		rpc_refuse(in->m, RPC_INVALID,
		    "a message is longer than 4 MiB, and was not read");
	else if (sv_trim(sb_sv(&in->line)).n > 0)
		rpc_take(in->m, sb_sv(&in->line));
	in->is_too_long = false;
	sb_clear(&in->line);
}

static void
input_add(struct input *in, sv bytes)
{
	if (in->line.n + bytes.n > MESSAGE_MAX) {
		in->is_too_long = true;
		sb_free(&in->line);
	}
	if (!in->is_too_long)
		sb_addv(&in->line, bytes);
}

static void
input_split(struct input *in, sv bytes)
{
	sv line, rest;

	while (sv_cut(bytes, '\n', &line, &rest)) {
		input_add(in, line);
		input_line(in);
		bytes = rest;
	}
	input_add(in, bytes);
}

static void
on_input(void *arg, int fd)
{
	struct input *in = arg;
	char block[BLOCK_MAX];
	ssize_t n = read(fd, block, sizeof(block));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		input_split(in, (sv){ block, (size_t)n });
		return;
	}
	/* a last line may lack its end */
	if (in->line.n > 0 || in->is_too_long)
		input_line(in);
	in->is_over = true;
}

/* Files are always readable, and no event tells of them. */
static bool
is_waited_for(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || isatty(fd));
}

static void
serve_input(struct input *in)
{
	bool watched = is_waited_for(STDIN_FILENO);

	if (watched)
		loop_watch(in->m->loop, STDIN_FILENO, on_input, in);
	while (!in->is_over && !in->m->is_deaf) {
		if (watched)
			loop_turn(in->m->loop);
		else
			on_input(in, STDIN_FILENO);
	}
	if (watched)
		loop_unwatch(in->m->loop, STDIN_FILENO);
}

static void
on_serve_late(void *arg)
{
	struct timer **late = arg;

	*late = NULL;
}

/* Nobody asks any more: what runs goes on, nobody waits for it; what is over in
 * a moment is answered. */
static void
end_requests(struct mcp *m)
{
	struct timer *late = loop_timer(
	    m->loop, m->is_deaf ? 0 : LAST_S * NS_PER_S, on_serve_late, &late);

	for (struct request *r = m->requests, *next; r != NULL; r = next) {
		next = r->next;
		if (request_is_idle(r))
			request_drop(r);
	}
	while (m->requests != NULL && late != NULL && !m->is_deaf)
		loop_turn(m->loop);
	loop_timer_stop(m->loop, &late);
	while (m->requests != NULL)
		request_drop(m->requests);
	/* those that were ended are fetched */
	while (loop_turn(m->loop))
		;
}

int
mcp_serve(struct project *p, const string_vec *flags)
{
	struct mcp m = { .p = p, .flags = flags, .loop = loop_new() };
	struct input in = { .m = &m };

	serve_input(&in);
	end_requests(&m);
	sb_free(&in.line);
	loop_free(m.loop);
	return m.is_deaf ? 1 : 0;
}
