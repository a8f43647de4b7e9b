/* SPDX-License-Identifier: MIT */
/* Ptys, and the foreground of a terminal under a little shell (P-402). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/exec_fixture.h"
#include "unit.h"

/* How long what is not coming is waited for. */
#define ANSWER_MS 20000
/* A signal that comes between a shell's look at its traps and its read(2) waits
 * for a line; between two short commands, it does not. */
#define UNTIL_TRAPPED "until [ $n -gt 0 ]; do sleep 0.02 || :; done; "

static struct executor *x;

static void
pty_job(struct heard *h, const char *script, enum stdio_kind in)
{
	struct err e cleanup_err = ERR_INIT;
	struct job_spec spec;

	fixture_spec(x, h, &spec);
	spec.script = script;
	spec.in.kind = in;
	spec.out.kind = STDIO_PTY;
	spec.err.kind = STDIO_STDOUT;
	h->job = x->ops->start(x, &spec, &e);
	if (h->job == NULL)
		fail_msg("%s: %s", script, e.message);
}

static void
pty_is_a_terminal_without_carriage_returns(void **state)
{
	struct heard h = { 0 };

	(void)state;
	x = fixture_executor();
	pty_job(&h, "test -t 1 && test -t 2 && ! test -t 0 && echo yes\n"
	    "echo two >&2; stty size <&1", STDIO_NULL);
	fixture_wait(x, &h);
	assert_int_equal(h.status, 0);
	assert_int_equal(strncmp(sb_cstr(&h.out), "yes\ntwo\n", 8), 0);
	/* that of the tests' own terminal, or 24 80 */
	assert_non_null(strchr(sb_cstr(&h.out) + 8, ' '));
	assert_null(strchr(h.out.p, '\r'));
	assert_int_equal(h.err.n, 0);
	fixture_free(&h);
	fixture_executor_free(x);
}

static void
pty_loses_nothing_and_prints_what_we_say(void **state)
{
	struct heard h = { .drop = true }, refused = { 0 };

	(void)state;
	x = fixture_executor();
	pty_job(&h, "head -c 1048576 /dev/zero | tr '\\0' x; kill -9 $$",
	    STDIO_NULL);
	fixture_wait(x, &h);
	assert_int_equal(h.bytes, 1048576);
	assert_int_equal(h.signal, SIGKILL);
	pty_job(&refused, "no-such-program", STDIO_NULL);
	fixture_wait(x, &refused);
	assert_string_equal(sb_cstr(&refused.out),
	    "\"no-such-program\": executable file not found in $PATH\n");
	fixture_free(&h);
	fixture_free(&refused);
	fixture_executor_free(x);
}

static void
pty_can_be_the_controlling_terminal(void **state)
{
	struct heard h = { 0 };

	(void)state;
	x = fixture_executor();
	pty_job(&h, "echo to the terminal >/dev/tty", STDIO_PTY);
	fixture_wait(x, &h);
	assert_string_equal(sb_cstr(&h.out), "to the terminal\n");
	fixture_free(&h);
	fixture_executor_free(x);
}

/* A little shell ----------------------------------------------------------- */

/* A session on a pty of its own: the leader is a shell with one job, which is
 * prun; the test holds the keyboard. */
struct session {
	int master;
	pid_t leader;
	struct sb screen;
};

static int signals_heard;

static void
hear_signal(void *arg, int sig)
{
	(void)arg;
	(void)sig;
	signals_heard++;
}

/* prun, in a process: runs the script on its terminal, says how it went. */
static void
be_prun(const char *script, enum stdio_kind out)
{
	struct err e = ERR_INIT;
	struct heard h = { 0 };
	struct job_spec spec;
	char line[128];
	struct termios modes;

	x = fixture_executor();
	loop_on_signal(x->loop, hear_signal, NULL);
	fixture_spec(x, &h, &spec);
	spec.script = script;
	spec.in.kind = STDIO_INHERIT;
	spec.out.kind = out;
	spec.err.kind = out == STDIO_PTY ? STDIO_STDOUT : out;
	spec.here = true;
	h.job = x->ops->start(x, &spec, &e);
	while (h.job != NULL && h.done == 0)
		loop_turn(x->loop);
	tcgetattr(0, &modes);
	snprintf(line, sizeof(line),
	    "[status %d, signals %d, %s, %s, out %zu]\n", h.status,
	    signals_heard,
	    tcgetpgrp(0) == getpgrp() ? "foreground" : "background",
	    (modes.c_lflag & ECHO) != 0 ? "echo" : "no echo", h.bytes);
	fixture_executor_free(x);
	if (!write_all(1, line, strlen(line)))
		_exit(1);
	_exit(0);
}

/* The shell: `fg` as soon as its job stops. */
static void
be_shell(const char *script, enum stdio_kind out)
{
	pid_t pid = fork();
	int status;

	signal(SIGTTOU, SIG_IGN);
	if (pid == 0) {
		setpgid(0, 0);
		tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
		be_prun(script, out);
	}
	setpgid(pid, pid);
	while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)) {
		tcsetpgrp(0, getpgrp());
		if (!write_all(1, "[stopped]\n", 10))
			_exit(1);
		tcsetpgrp(0, pid);
		kill(-pid, SIGCONT);
	}
	_exit(0);
}

static void
session_start(struct session *s, const char *script, enum stdio_kind out)
{
	int slave;

	*s = (struct session){ .master = posix_openpt(O_RDWR | O_NOCTTY) };
	assert_true(s->master >= 0);
	assert_int_equal(grantpt(s->master) | unlockpt(s->master), 0);
	fflush(NULL);
	s->leader = fork();
	assert_true(s->leader >= 0);
	if (s->leader != 0)
		return;
	setsid();
	slave = open(ptsname(s->master), O_RDWR);
	ioctl(slave, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(slave, fd);
	close(s->master);
	if (slave > 2)
		close(slave);
	be_shell(script, out);
}

static bool
session_read(struct session *s)
{
	char buffer[4096];
	struct pollfd p = { .fd = s->master, .events = POLLIN };
	ssize_t n = -1;

	if (poll(&p, 1, ANSWER_MS) > 0)
		n = read(s->master, buffer, sizeof(buffer));
	if (n > 0)
		sb_add(&s->screen, buffer, (size_t)n);
	return n > 0;
}

static void
expect(struct session *s, const char *text)
{
	while (strstr(sb_cstr(&s->screen), text) == NULL)
		if (!session_read(s))
			fail_msg("no \"%s\" in \"%s\"", text,
			    sb_cstr(&s->screen));
}

static void
type(struct session *s, const char *keys)
{
	assert_true(write_all(s->master, keys, strlen(keys)));
}

static void
session_end(struct session *s)
{
	while (session_read(s))
		;
	waitpid(s->leader, NULL, 0);
	close(s->master);
	sb_free(&s->screen);
}

static void
job_that_is_here_reads_the_terminal(void **state)
{
	struct session s;

	(void)state;
	session_start(&s, "echo ready; read x; echo \"<$x>\"", STDIO_INHERIT);
	expect(&s, "ready");
	type(&s, "hello\n");
	expect(&s, "<hello>");
	expect(&s, "[status 0, signals 0, foreground, echo, out 0]");
	session_end(&s);
}

/* never-event 25: under a terminal, too, ^C counts once. */
static void
interrupt_key_counts_once(void **state)
{
	struct session s;

	(void)state;
	session_start(&s,
	    "n=0; trap 'n=$((n+1)); echo got $n' INT; echo "
	    "ready; " UNTIL_TRAPPED "read x; echo \"total $n\"",
	    STDIO_INHERIT);
	expect(&s, "ready");
	type(&s, "\003");
	expect(&s, "got 1");
	type(&s, "line\n");
	expect(&s, "total 1");
	expect(&s, "[status 0, signals 1,");
	session_end(&s);
}

/* A program that reads keys has ^C for itself, unless it dies of it.  (It leaves
 * the modes as they are: a prun that gets no processor for so long that it hears
 * of ^C when they are back cannot know.) */
static void
interrupt_key_of_a_reader_of_keys_is_its_own(void **state)
{
	struct session s;

	(void)state;
	session_start(&s,
	    "stty -icanon; n=0; trap 'n=1; echo got it' INT; "
	    "echo ready; " UNTIL_TRAPPED "read x; echo \"<$x>\"",
	    STDIO_INHERIT);
	expect(&s, "ready");
	type(&s, "\003");
	expect(&s, "got it");
	type(&s, "x\n");
	expect(&s, "<x>");
	expect(&s, "[status 0, signals 0, foreground, echo, out 0]");
	session_end(&s);
	session_start(&s,
	    "stty -icanon; n=0; trap 'exit 130' INT; echo "
	    "ready; " UNTIL_TRAPPED,
	    STDIO_INHERIT);
	expect(&s, "ready");
	type(&s, "\003");
	expect(&s, "[status 130, signals 1, foreground, echo, out 0]");
	session_end(&s);
}

static void
death_by_interrupt_key_is_told(void **state)
{
	struct session s;

	(void)state;
	session_start(&s, "stty -echo; echo ready; sleep 1000", STDIO_INHERIT);
	expect(&s, "ready");
	type(&s, "\003");
	/* and the modes that it left are put right */
	expect(&s, "[status 130, signals 1, foreground, echo, out 0]");
	session_end(&s);
}

static void
stop_key_stops_all_and_fg_resumes(void **state)
{
	struct session s;

	(void)state;
	session_start(&s, "echo ready; read x; echo \"<$x>\"", STDIO_INHERIT);
	expect(&s, "ready");
	type(&s, "\032");
	expect(&s, "[stopped]");
	type(&s, "again\n");
	expect(&s, "<again>");
	expect(&s, "[status 0, signals 0, foreground, echo, out 0]");
	session_end(&s);
}

/* Output through a pty of prun's, input from the user's terminal. */
static void
pty_and_terminal_go_together(void **state)
{
	struct session s;

	(void)state;
	session_start(&s, "read x; read y </dev/tty; echo \"$x$y\"; test -t 1",
	    STDIO_PTY);
	type(&s, "ab\ncd\n");
	expect(&s, "[status 0, signals 0, foreground, echo, out 5]");
	session_end(&s);
}

static void
window_size_is_passed_on(void **state)
{
	struct session s;
	struct winsize size = { .ws_row = 33, .ws_col = 44 };

	(void)state;
	/* Who hears of it looks more than once: the kernel tells the
	 * foreground before the job's own pty has the size, and a shell can
	 * miss the signal that follows while it is in its trap. */
	session_start(&s,
	    "exec 3>&1; trap heard=1 WINCH\n"
	    "echo ready >/dev/tty; until [ -n \"$heard\" ] &&\n"
	    "[ \"$(stty size <&3)\" = '33 44' ]; do sleep 0.02; done\n"
	    "echo winch >/dev/tty",
	    STDIO_PTY);
	expect(&s, "ready");
	assert_int_equal(ioctl(s.master, TIOCSWINSZ, &size), 0);
	expect(&s, "winch");
	expect(&s, "[status 0,");
	session_end(&s);
}

/* A chroot or a container may have no /dev/pts. */
static bool
has_pty(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	bool ok = master >= 0 && grantpt(master) == 0 &&
	    unlockpt(master) == 0 && ptsname(master) != NULL &&
	    access(ptsname(master), R_OK | W_OK) == 0;

	if (master >= 0)
		close(master);
	return ok;
}

int
test_exec_terminal(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pty_is_a_terminal_without_carriage_returns),
		cmocka_unit_test(pty_loses_nothing_and_prints_what_we_say),
		cmocka_unit_test(pty_can_be_the_controlling_terminal),
		cmocka_unit_test(job_that_is_here_reads_the_terminal),
		cmocka_unit_test(interrupt_key_counts_once),
		cmocka_unit_test(interrupt_key_of_a_reader_of_keys_is_its_own),
		cmocka_unit_test(death_by_interrupt_key_is_told),
		cmocka_unit_test(stop_key_stops_all_and_fg_resumes),
		cmocka_unit_test(pty_and_terminal_go_together),
		cmocka_unit_test(window_size_is_passed_on),
	};

	if (!has_pty()) {
		fprintf(stderr, "exec/terminal: left out, no terminals here\n");
		return 0;
	}
	return cmocka_run_group_tests_name("exec/terminal", tests, NULL, NULL);
}
