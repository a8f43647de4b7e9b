/* SPDX-License-Identifier: MIT */
#include "exec/jobserver_client.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/vec.h"
#include "unit.h"

enum {
	JOBS = 12
};

/* A jobserver of some tokens, each a byte of its own, and jobs that want one.
 */
static struct {
	struct arena *a;
	struct loop *loop;
	struct slots *slots;
	struct jobserver_client *client;
	struct jobserver_auth auth;
	int fds[2];
	struct slot_request job[JOBS];
	unsigned granted[JOBS];
} t;

static void
count_one(void *arg)
{
	++*(unsigned *)arg;
}

static void
put(const char *tokens)
{
	assert_int_equal(
	    write(t.fds[1], tokens, strlen(tokens)), (ssize_t)strlen(tokens));
}

static int
by_byte(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

/* All that is in the pipe, sorted; it is empty then. */
static const char *
drain(void)
{
	static char text[64];
	int flags = fcntl(t.fds[0], F_GETFL);
	ssize_t n;

	fcntl(t.fds[0], F_SETFL, flags | O_NONBLOCK);
	n = read(t.fds[0], text, sizeof(text) - 1);
	fcntl(t.fds[0], F_SETFL, flags);
	if (n < 0)
		n = 0;
	qsort(text, (size_t)n, 1, by_byte);
	text[n] = '\0';
	return text;
}

static void
open_client(int bound)
{
	struct err e = ERR_INIT;

	t.loop = loop_new();
	t.slots = slots_new(bound, true);
	t.auth.kind = JOBSERVER_PIPE;
	t.auth.fds[0] = t.fds[0];
	t.auth.fds[1] = t.fds[1];
	t.client = jobserver_client_new(&t.auth, t.slots, t.loop, &e);
	assert_non_null(t.client);
	for (size_t i = 0; i < JOBS; i++)
		t.job[i] = (struct slot_request){ .pool = "",
			.n = 1,
			.granted = count_one,
			.arg = &t.granted[i] };
}

static int
set_up(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.a = arena_new();
	assert_int_equal(pipe(t.fds), 0);
	return 0;
}

static void
close_client(void)
{
	jobserver_client_free(t.client);
	t.client = NULL;
	if (t.slots != NULL)
		slots_free(t.slots);
	if (t.loop != NULL)
		loop_free(t.loop);
}

static int
tear_down(void **state)
{
	(void)state;
	close_client();
	close(t.fds[0]);
	close(t.fds[1]);
	arena_free(t.a);
	return 0;
}

static unsigned
granted(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < JOBS; i++)
		n += t.granted[i];
	return n;
}

/* P-206: one came with the process, each other one is a byte, and the same
 * bytes go back. */
static void
first_job_is_free_and_others_cost_a_byte(void **state)
{
	(void)state;
	open_client(JOBS);
	put("ab");
	for (size_t i = 0; i < 5; i++)
		slots_request(t.slots, &t.job[i]);
	while (granted() < 3)
		assert_true(loop_turn(t.loop));
	assert_string_equal(drain(), "");
	assert_int_equal(jobserver_client_held(t.client), 2);
	/* the first ends: its right is the next one's, no byte moves */
	slots_release(t.slots, &t.job[0]);
	assert_int_equal(granted(), 4);
	slots_release(t.slots, &t.job[1]);
	assert_int_equal(granted(), 5);
	slots_release(t.slots, &t.job[2]);
	assert_int_equal(jobserver_client_held(t.client), 1);
	slots_release(t.slots, &t.job[3]);
	assert_int_equal(jobserver_client_held(t.client), 0);
	assert_string_equal(drain(), "ab");
	slots_release(t.slots, &t.job[4]);
	assert_string_equal(drain(), "");
}

/* P-206: who waits is told by the loop when somebody gives a token back. */
static void
token_that_comes_later_is_taken(void **state)
{
	(void)state;
	open_client(JOBS);
	slots_request(t.slots, &t.job[0]);
	slots_request(t.slots, &t.job[1]);
	assert_int_equal(granted(), 1);
	put("x");
	while (granted() < 2)
		assert_true(loop_turn(t.loop));
	slots_release(t.slots, &t.job[1]);
	assert_string_equal(drain(), "x");
	slots_release(t.slots, &t.job[0]);
}

/* P-206: nobody waits any more, so nothing is taken. */
static void
cancelled_job_takes_none(void **state)
{
	(void)state;
	open_client(JOBS);
	slots_request(t.slots, &t.job[0]);
	slots_request(t.slots, &t.job[1]);
	slots_cancel(t.slots, &t.job[1]);
	put("x");
	assert_false(loop_turn(t.loop));
	assert_string_equal(drain(), "x");
	slots_release(t.slots, &t.job[0]);
}

/* P-206: whatever still runs. */
static void
end_gives_all_back(void **state)
{
	(void)state;
	open_client(JOBS);
	put("abc");
	for (size_t i = 0; i < JOBS; i++)
		slots_request(t.slots, &t.job[i]);
	while (granted() < 4)
		assert_true(loop_turn(t.loop));
	jobserver_client_free(t.client);
	t.client = NULL;
	assert_string_equal(drain(), "abc");
	/* without the jobserver the own bound alone holds */
	assert_int_equal(granted(), JOBS);
	for (size_t i = 0; i < JOBS; i++)
		slots_release(t.slots, &t.job[i]);
}

/* P-206: the flags of what is shared stay as they are. */
static void
shared_pipe_still_waits(void **state)
{
	(void)state;
	open_client(JOBS);
	put("a");
	slots_request(t.slots, &t.job[0]);
	slots_request(t.slots, &t.job[1]);
	slots_request(t.slots, &t.job[2]);
	while (granted() < 2)
		assert_true(loop_turn(t.loop));
	assert_false(fcntl(t.fds[0], F_GETFL) & O_NONBLOCK);
	assert_false(fcntl(t.fds[1], F_GETFL) & O_NONBLOCK);
	assert_false(fcntl(t.fds[0], F_GETFD) & FD_CLOEXEC);
	for (size_t i = 0; i < 3; i++)
		slots_cancel(t.slots, &t.job[i]);
	for (size_t i = 0; i < 3; i++)
		slots_release(t.slots, &t.job[i]);
}

/* P-206: a job on another machine is none of the jobserver's. */
static void
job_elsewhere_needs_none(void **state)
{
	(void)state;
	open_client(JOBS);
	t.job[1].elsewhere = true;
	slots_request(t.slots, &t.job[0]);
	slots_request(t.slots, &t.job[1]);
	assert_int_equal(granted(), 2);
	put("a");
	slots_release(t.slots, &t.job[0]);
	slots_release(t.slots, &t.job[1]);
	assert_string_equal(drain(), "a");
}

/* P-206: a signal of which a process dies, in one that holds tokens. */
static void
signal_gives_all_back(void **state)
{
	const int sigs[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGABRT };

	(void)state;
	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		int how;
		pid_t pid;

		put("abc");
		pid = fork();
		if (pid == 0) {
			for (size_t k = 0; k < sizeof(sigs) / sizeof(*sigs);
			     k++)
				signal(sigs[k], SIG_DFL);
			open_client(JOBS);
			for (size_t k = 0; k < JOBS; k++)
				slots_request(t.slots, &t.job[k]);
			while (granted() < 4)
				loop_turn(t.loop);
			raise(sigs[i]);
			_exit(1);
		}
		assert_int_equal(waitpid(pid, &how, 0), pid);
		assert_true(WIFSIGNALED(how) && WTERMSIG(how) == sigs[i]);
		assert_string_equal(drain(), "abc");
	}
}

/* ---- behind it another one ---- */

static VEC(uint32_t) asked;
static unsigned given;

static void
note_asked(void *arg, uint32_t number, const struct slot_request *r)
{
	(void)arg;
	(void)r;
	vec_push(NULL, &asked, number);
}

static void
note_given(void *arg, uint32_t number)
{
	(void)arg;
	(void)number;
	given++;
}

/* P-108, P-206: below an outer run and a make, both bounds hold; without the
 * outer run the make's alone. */
static void
outer_run_is_asked_behind_the_token(void **state)
{
	const struct slots_upstream next = { note_asked, note_given, NULL };

	(void)state;
	asked.n = 0;
	given = 0;
	open_client(JOBS);
	jobserver_client_then(t.client, &next);
	put("a");
	for (size_t i = 0; i < 3; i++)
		slots_request(t.slots, &t.job[i]);
	while (asked.n < 2)
		assert_true(loop_turn(t.loop));
	assert_int_equal(granted(), 0);
	slots_answer(t.slots, asked.v[1]);
	assert_int_equal(t.granted[1], 1);
	slots_release(t.slots, &t.job[1]);
	assert_int_equal(given, 1);
	assert_int_equal(asked.n, 3);
	jobserver_client_then(t.client, NULL);
	assert_int_equal(t.granted[0] + t.granted[2], 2);
	slots_release(t.slots, &t.job[0]);
	slots_release(t.slots, &t.job[2]);
	assert_string_equal(drain(), "a");
	vec_free(&asked);
}

/* ---- any order of things ---- */

/* P-206: held and left are always what there was; never more run than that
 * and one. */
static void
walk_loses_no_token(void **state)
{
	uint64_t seed = 206;
	char taken[8];
	size_t n_taken = 0;

	(void)state;
	open_client(5);
	put("abcd");
	for (unsigned step = 0; step < 4000; step++) {
		struct slot_request *r;
		unsigned running = 0;

		seed = seed * 6364136223846793005U + 1442695040888963407U;
		r = &t.job[(seed >> 40) % JOBS];
		switch ((seed >> 33) % 4) {
		case 0: /* another client of the same jobserver takes one */
			if (n_taken < 3 &&
			    jobserver_client_held(t.client) + n_taken < 4) {
				int flags = fcntl(t.fds[0], F_GETFL);

				fcntl(t.fds[0], F_SETFL, flags | O_NONBLOCK);
				if (read(t.fds[0], &taken[n_taken], 1) == 1)
					n_taken++;
				fcntl(t.fds[0], F_SETFL, flags);
			} else if (n_taken > 0) {
				n_taken--;
				assert_int_equal(
				    write(t.fds[1], &taken[n_taken], 1), 1);
			}
			break;
		case 1:
			if (!r->waiting && !r->held)
				slots_request(t.slots, r);
			break;
		default:
			if (r->waiting || r->asking)
				slots_cancel(t.slots, r);
			else if (r->held)
				slots_release(t.slots, r);
		}
		if (n_taken == 0 && jobserver_client_held(t.client) < 4 &&
		    slots_ungranted(t.slots) > 0 && slots_held(t.slots) > 0)
			/* it is told only where it waits for one */
			for (size_t i = 0; i < JOBS; i++)
				if (t.job[i].asking) {
					loop_turn(t.loop);
					break;
				}
		for (size_t i = 0; i < JOBS; i++)
			running += t.job[i].held && !t.job[i].asking;
		assert_true(running <= 5);
		assert_true(running <= jobserver_client_held(t.client) + 1);
		assert_true(jobserver_client_held(t.client) + n_taken <= 4);
	}
	for (size_t i = 0; i < JOBS; i++)
		if (t.job[i].waiting || t.job[i].asking)
			slots_cancel(t.slots, &t.job[i]);
	for (size_t i = 0; i < JOBS; i++)
		slots_release(t.slots, &t.job[i]);
	while (n_taken > 0)
		assert_int_equal(write(t.fds[1], &taken[--n_taken], 1), 1);
	assert_string_equal(drain(), "abcd");
}

/* ---- a thread in place of a descriptor of its own ---- */

/* P-206: it takes what it is told to, and what it took and nobody wanted is
 * there to be given back. */
static void
thread_reads_what_is_wanted(void **state)
{
	struct jobserver_reader *r = jobserver_reader_new(t.fds[0]);
	char byte;
	int n = 0;

	(void)state;
	assert_non_null(r);
	put("abcd");
	jobserver_reader_want(r, 2);
	while (n < 2)
		n += read(jobserver_reader_fd(r), &byte, 1) == 1;
	assert_int_equal(byte, 'b');
	jobserver_reader_want(r, 3);
	jobserver_reader_stop(r);
	n = 0;
	while (read(jobserver_reader_fd(r), &byte, 1) == 1)
		n++;
	jobserver_reader_free(r);
	assert_int_equal(strlen(drain()) + (size_t)n, 2);
}

/* P-206: it ends while it waits, too: for work, or for a token. */
static void
thread_ends_while_it_waits(void **state)
{
	(void)state;
	for (unsigned wants = 0; wants < 2; wants++)
		for (int i = 0; i < 20; i++) {
			struct jobserver_reader *r =
			    jobserver_reader_new(t.fds[0]);

			assert_non_null(r);
			jobserver_reader_want(r, wants);
			jobserver_reader_free(r);
		}
}

/* ---- how it is named ---- */

static void
reads(const char *flags, enum jobserver_kind kind, const char *text)
{
	struct jobserver_auth auth;

	jobserver_auth_read(t.a, flags, &auth);
	if (auth.kind != kind)
		fail_msg("%s: kind %d", flags != NULL ? flags : "(none)",
		    auth.kind);
	if (text != NULL)
		assert_string_equal(auth.text, text);
}

/* P-206: the last one wins; negative numbers are none. */
static void
auth_is_read_from_makeflags(void **state)
{
	(void)state;
	reads(NULL, JOBSERVER_NONE, NULL);
	reads("", JOBSERVER_NONE, NULL);
	reads("ks -j4", JOBSERVER_NONE, NULL);
	reads(" -j3 --jobserver-auth=3,4", JOBSERVER_PIPE, "3,4");
	reads("-j --jobserver-fds=3,4", JOBSERVER_PIPE, "3,4");
	reads("-j --jobserver-fds=3,4 --jobserver-auth=5,6", JOBSERVER_PIPE,
	    "5,6");
	reads("-j9 --jobserver-auth=3,4 -j2 --jobserver-auth=fifo:/x/y",
	    JOBSERVER_FIFO, "fifo:/x/y");
	reads("-j2 --jobserver-auth=fifo:/x/y --jobserver-auth=12,13 -- A=b",
	    JOBSERVER_PIPE, "12,13");
	reads("-j2 --jobserver-auth=-2,-2", JOBSERVER_OFF, "-2,-2");
	reads("-j2 --jobserver-auth=3,-1", JOBSERVER_OFF, "3,-1");
	/* a variable's text is none */
	reads("k -- A=x\\ --jobserver-auth=3,4", JOBSERVER_NONE, NULL);
	reads("k -- --jobserver-auth=3,4", JOBSERVER_NONE, NULL);
	/* what is not known cannot be used */
	reads("--jobserver-auth=sem:12", JOBSERVER_OFF, "sem:12");
	reads("--jobserver-auth=", JOBSERVER_OFF, "");
	reads("--jobserver-auth=3", JOBSERVER_OFF, "3");
	reads("--jobserver-auth=3,4,5", JOBSERVER_OFF, "3,4,5");
	reads("--jobserver-auth=99999999999,4", JOBSERVER_OFF, NULL);
	reads("--jobserver-auth=fifo:", JOBSERVER_OFF, "fifo:");
}

static void
writes(const char *flags, const char *auth, const char *text)
{
	assert_string_equal(jobserver_flags(t.a, flags, 4, auth), text);
}

/* P-206: what the user had stays. */
static void
auth_is_written_behind_the_users_flags(void **state)
{
	(void)state;
	writes(NULL, "10,11", " -j4 --jobserver-auth=10,11");
	writes("", "10,11", " -j4 --jobserver-auth=10,11");
	writes("ks", "fifo:/r/x", "ks -j4 --jobserver-auth=fifo:/r/x");
	writes("-j9", "10,11", "-j9 -j4 --jobserver-auth=10,11");
	writes("k -j3 --jobserver-auth=3,4", "10,11",
	    "k -j3 -j4 --jobserver-auth=10,11");
	writes("k -- A=b\\ c D=--jobserver-auth=3,4", "10,11",
	    "k -j4 --jobserver-auth=10,11 -- A=b\\ c D=--jobserver-auth=3,4");
	writes("k --jobserver-fds=3,4 -- A=b", NULL, "k -- A=b");
	writes(" -j4 --jobserver-auth=3,4", NULL, "-j4");
	writes(NULL, NULL, "");
}

static const char *
fault_of(const char *text)
{
	jobserver_note(t.a, text, NULL);
	return jobserver_noted()->fault;
}

/* P-206: both ends must be pipes, the right way round. */
static void
descriptors_are_looked_at(void **state)
{
	int file = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_null(fault_of(arena_printf(
	    t.a, "-j --jobserver-auth=%d,%d", t.fds[0], t.fds[1])));
	assert_non_null(fault_of(arena_printf(
	    t.a, "-j --jobserver-auth=%d,%d", t.fds[1], t.fds[0])));
	assert_non_null(strstr(fault_of(arena_printf(t.a,
				   "--jobserver-auth=%d,%d", file, t.fds[1])),
	    "is no pipe"));
	assert_non_null(strstr(fault_of("--jobserver-auth=3000,3001"),
	    "descriptor 3000 is closed"));
	close(file);
	/* cargo's variable counts where make's says nothing */
	jobserver_note(t.a, "k", "-j --jobserver-auth=-1,-1");
	assert_int_equal(jobserver_noted()->kind, JOBSERVER_OFF);
	jobserver_note(t.a, NULL, NULL);
	assert_int_equal(jobserver_noted()->kind, JOBSERVER_NONE);
}

/* P-206: a fifo is opened by its path; another file is refused. */
static void
fifo_is_opened_by_path(void **state)
{
	char dir[] = "/tmp/prun-fifo-XXXXXX";
	struct err e = ERR_INIT;
	const char *path;
	int fds[2];

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = arena_printf(t.a, "%s/f", dir);
	assert_non_null(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	fds[0] = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(write(fds[0], "q", 1), 1);
	jobserver_auth_read(t.a,
	    arena_printf(t.a, "-j2 --jobserver-auth=fifo:%s", path), &t.auth);
	t.loop = loop_new();
	t.slots = slots_new(4, true);
	t.client = jobserver_client_new(&t.auth, t.slots, t.loop, &e);
	assert_non_null(t.client);
	for (size_t i = 0; i < 3; i++) {
		t.job[i] = (struct slot_request){ .pool = "",
			.n = 1,
			.granted = count_one,
			.arg = &t.granted[i] };
		slots_request(t.slots, &t.job[i]);
	}
	while (granted() < 2)
		assert_true(loop_turn(t.loop));
	close_client();
	t.slots = NULL;
	t.loop = NULL;
	unlink(path);
	t.auth.path = arena_printf(t.a, "%s/none", dir);
	assert_null(jobserver_client_new(&t.auth, NULL, NULL, &e));
	assert_true(err_is_set(&e));
	assert_non_null(strstr(e.message, "none"));
	err_clear(&e);
	t.auth.path = dir;
	assert_null(jobserver_client_new(&t.auth, NULL, NULL, &e));
	err_clear(&e);
	close(fds[0]);
	rmdir(dir);
}

int
test_exec_jobserver_client(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(first_job_is_free_and_others_cost_a_byte),
		T(token_that_comes_later_is_taken),
		T(cancelled_job_takes_none),
		T(end_gives_all_back),
		T(shared_pipe_still_waits),
		T(job_elsewhere_needs_none),
		T(signal_gives_all_back),
		T(outer_run_is_asked_behind_the_token),
		T(walk_loses_no_token),
		T(thread_reads_what_is_wanted),
		T(thread_ends_while_it_waits),
		T(auth_is_read_from_makeflags),
		T(auth_is_written_behind_the_users_flags),
		T(descriptors_are_looked_at),
		T(fifo_is_opened_by_path),
	};

	return cmocka_run_group_tests_name(
	    "exec/jobserver_client", tests, NULL, NULL);
}
