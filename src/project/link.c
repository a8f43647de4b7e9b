/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/vec.h"
#include "join/message.h"

static const char *
name_of(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	return slash != NULL ? slash + 1 : argv0;
}

bool
link_is_one(const char *argv0, const struct protocol *outer)
{
	return strncmp(name_of(argv0), "task:", 5) == 0 &&
	    name_of(argv0)[5] != '\0' && outer->control != NULL;
}

static int
link_fail(const char *name, const char *text, int status)
{
	struct sb b cleanup_sb = SB_INIT;

	sb_printf(&b, "prun: %s: %s\n", name, text);
	write_all(STDERR_FILENO, b.p, b.n);
	return status;
}

static bool
is_assignment(const char *word)
{
	const char *p = word;

	while (*p == '_' || (*p >= 'a' && *p <= 'z') ||
	    (*p >= 'A' && *p <= 'Z') || (p > word && *p >= '0' && *p <= '9'))
		p++;
	return p > word && *p == '=';
}

/* A closed stream is an empty one. */
static void
link_open_streams(int fds[MESSAGE_FDS])
{
	for (int i = 0; i < MESSAGE_FDS; i++) {
		fds[i] = i;
		if (fcntl(i, F_GETFD) < 0)
			fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
	}
}

/* What the call wrote, to where the script wants it. */
static void
pass_on(int fd, const int *fds, const struct message *m)
{
	char n[24];
	const char *texts[] = { n, NULL };

	if (write_all(fds[m->kind == MESSAGE_ERRORS ? 2 : 1], m->bytes.p,
		m->bytes.n)) {
		snprintf(n, sizeof(n), "%zu", m->bytes.n);
		/* when nobody is there any more, the next read tells */
		message_send(fd, MESSAGE_TAKEN, texts, NULL, true);
		return;
	}
	if (errno == EPIPE) /* and nobody is killed by it */
		exit(128 + SIGPIPE);
	texts[0] = errno_text(errno);
	message_send(fd, MESSAGE_LOST, texts, NULL, true);
}

/* The next message; false: there is none any more. */
static bool
receive(int fd, struct message_reader *w, struct arena *a, struct message *m)
{
	struct pollfd p = { fd, POLLIN, 0 };

	while (!message_next(w, a, m)) {
		if (w->ended)
			return false;
		poll(&p, 1, -1);
		message_fill(w, fd);
	}
	return true;
}

static int
await(const char *name, int fd, const int *fds)
{
	struct arena *a cleanup_arena = arena_new();
	struct message m;
	struct message_reader w;
	int status;

	message_reader_init(&w);
	for (;;) {
		struct arena_mark mark = arena_mark(a);

		if (!receive(fd, &w, a, &m)) {
			message_reader_free(&w);
			return link_fail(name,
			    "the run that it is part of ended "
			    "before it",
			    1);
		}
		if (m.kind != MESSAGE_OUTPUT && m.kind != MESSAGE_ERRORS)
			break;
		pass_on(fd, fds, &m);
		arena_release(a, mark);
	}
	status = m.kind == MESSAGE_DONE && m.n == 2 ? message_int(m.v[0]) : 1;
	if (m.n == 2 && strncmp(m.v[1], "task: ", 6) == 0) {
		struct sb b cleanup_sb = SB_INIT;

		sb_printf(&b, "%s\n", m.v[1]);
		write_all(STDERR_FILENO, b.p, b.n);
	} else if (status != 0) {
		link_fail(name, m.n == 2 ? m.v[1] : "no answer", status);
	}
	message_reader_free(&w);
	return status;
}

static bool
ignores_int(void)
{
	struct sigaction now;

	return sigaction(SIGINT, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* Does that process ignore SIGINT?  Where nobody knows: no. */
static bool
parent_ignores_int(long pid)
{
	struct arena *a cleanup_arena = arena_new();
	struct err ignored cleanup_err = ERR_INIT;
	sv text, line;

	if (!read_file(a, arena_printf(a, "/proc/%ld/status", pid), &text,
		&ignored))
		return false;
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		if (sv_starts(line, SV("SigIgn:")))
			return (strtoull(sv_cstr(a, sv_sub(line, 7, SIZE_MAX)),
				    NULL, 16) >>
				       (SIGINT - 1)) &
			       1;
	}
	return false;
}

/* A shell lets what it starts in the background ignore SIGINT, a subshell as
 * well; see MESSAGE_CALL. */
static const char *
how_called(struct arena *a)
{
	long parent = (long)getppid();
	char how = 'f';

	if (parent_ignores_int(parent))
		how = 's';
	else if (ignores_int())
		how = 'b';
	return arena_printf(a, "%c%ld", how, parent);
}

int
link_main(int argc, char **argv, const struct protocol *outer)
{
	struct arena *a cleanup_arena = arena_new();
	const char *name = name_of(argv[0]), *mark = outer->job;
	VEC(const char *) words = { 0 };
	int fds[MESSAGE_FDS], fd, status;

	vec_push(NULL, &words, MESSAGE_VERSION);
	vec_push(NULL, &words, mark != NULL ? mark : "");
	vec_push(NULL, &words, name + 5);
	vec_push(NULL, &words, how_called(a));
	for (int i = 1; i < argc; i++) {
		if (!is_assignment(argv[i])) {
			vec_free(&words);
			return link_fail(
			    name, "its arguments are NAME=value", 2);
		}
		vec_push(NULL, &words, argv[i]);
	}
	vec_push(NULL, &words, NULL);
	link_open_streams(fds);
	fd = message_connect(outer->control);
	if (fd < 0 || !message_send(fd, MESSAGE_CALL, words.v, fds, true))
		status =
		    link_fail(name, "the run that it is part of is gone", 1);
	else
		status = await(name, fd, fds);
	vec_free(&words);
	if (fd >= 0)
		close(fd);
	return status;
}
