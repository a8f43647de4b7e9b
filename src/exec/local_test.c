/* SPDX-License-Identifier: MIT */
#include "exec/executor.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "exec/exec_fixture.h"
#include "unit.h"

static struct executor *x;

static int
set_up(void **state)
{
	(void)state;
	x = fixture_executor();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	fixture_executor_free(x);
	return 0;
}

static void
expect(const char *script, int status, const char *out)
{
	struct heard h = { 0 };

	fixture_run(x, &h, script);
	if (strcmp(sb_cstr(&h.out), out) != 0 || h.status != status)
		fail_msg("%s: status %d, out \"%s\", err \"%s\"", script,
		    h.status, sb_cstr(&h.out), sb_cstr(&h.err));
	fixture_free(&h);
}

static void
statuses_are_those_of_a_shell(void **state)
{
	(void)state;
	expect("true", 0, "");
	expect("false", 1, "");
	expect("exit 300", 44, ""); /* L-219 */
	expect("sh -c 'exit 7'", 7, "");
	expect("/bin/sh -c 'kill -9 $$'", 137, "");
	expect("kill -TERM $$", 143, "");
	expect("# only a comment", 0, "");
	expect("echo a  'b  c'", 0, "a b  c\n");
	expect("/bin/echo a  'b  c'", 0, "a b  c\n");
	expect("echo a | tr a b", 0, "b\n");
	expect("false\necho not reached", 1, "");       /* L-211 */
	expect("x=$(false; echo not reached)", 1, ""); /* L-211 */
	expect("echo a | read x; echo $x", 0, "a\n");  /* L-216 */
	expect("echo $0 $#", 0, "gosh 0\n");            /* L-210 */
}

static void
signal_of_the_death_is_told(void **state)
{
	struct heard h = { 0 };

	(void)state;
	fixture_run(x, &h, "sh -c 'kill -TERM $$'");
	assert_int_equal(h.signal, SIGTERM);
	assert_int_equal(h.status, 143);
	fixture_free(&h);
}

static void
streams_come_apart(void **state)
{
	struct heard h = { 0 };

	(void)state;
	fixture_run(x, &h, "echo one; echo two >&2");
	assert_string_equal(sb_cstr(&h.out), "one\n");
	assert_string_equal(sb_cstr(&h.err), "two\n");
	fixture_free(&h);
}

static void
one_pipe_keeps_the_order_of_both(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	struct heard h = { 0 };
	struct job_spec spec;

	(void)state;
	fixture_spec(x, &h, &spec);
	spec.script = "echo 1; echo 2 >&2; echo 3; echo 4 >&2";
	spec.err.kind = STDIO_STDOUT;
	assert_non_null(x->ops->start(x, &spec, &e));
	fixture_wait(x, &h);
	assert_string_equal(sb_cstr(&h.out), "1\n2\n3\n4\n");
	fixture_free(&h);
}

/* M-48, L-217 */
static void
missing_programs_have_the_texts_of_the_reference(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct heard h = { 0 };
	struct job_spec spec;
	struct err e cleanup_err = ERR_INIT;
	char *dir = fixture_mkdir(a);
	const char *const cases[][2] = {
		{ "no-such-program x",
		    "\"no-such-program\": executable file not found in $PATH\n" },
		{ "./none", "stat %s/none: no such file or directory\n" },
		{ "./plain", "permission denied\n" },
		{ "./", "is a directory\n" },
	};

	(void)state;
	assert_true(write_atomic(arena_printf(a, "%s/plain", dir), SV("x"),
	    0644, &e));
	for (size_t i = 0; i < 4; i++) {
		fixture_spec(x, &h, &spec);
		spec.script = cases[i][0];
		spec.dir = dir;
		assert_non_null(x->ops->start(x, &spec, &e));
		fixture_wait(x, &h);
		assert_int_equal(h.status, 127);
		assert_string_equal(sb_cstr(&h.err),
		    strstr(cases[i][1], "%s") == NULL ? cases[i][1] :
		    arena_printf(a, "stat %s/none: no such file or directory\n",
		    dir));
		fixture_free(&h);
	}
	fixture_rmdir(dir);
}

static void
failed_starts_say_which_step(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct heard h = { 0 };
	struct job_spec spec;
	char *dir = fixture_mkdir(a), *file = arena_printf(a, "%s/bad", dir);

	(void)state;
	fixture_spec(x, &h, &spec);
	spec.script = "/bin/true";
	spec.dir = "/no/such/dir";
	assert_null(x->ops->start(x, &spec, &e));
	assert_string_equal(e.message,
	    "chdir /no/such/dir: no such file or directory");
	err_clear(&e);
	assert_true(write_atomic(file, SV("#!/no/such/i\n"), 0755, &e));
	spec.script = file;
	spec.dir = NULL;
	assert_null(x->ops->start(x, &spec, &e));
	assert_string_equal(e.message, arena_printf(a,
	    "fork/exec %s: no such file or directory", file));
	assert_int_equal(h.done, 0);
	fixture_rmdir(dir);
}

/* L-220 */
static void
file_without_shebang_is_a_script(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	char *dir = fixture_mkdir(a), *file = arena_printf(a, "%s/s", dir);

	(void)state;
	assert_true(write_atomic(file, SV("echo $0 $1\n"), 0755, &e));
	expect(arena_printf(a, "%s you", file), 0,
	    arena_printf(a, "%s you\n", file));
	fixture_rmdir(dir);
}

/* L-218 */
static void
syntax_error_runs_nothing(void **state)
{
	struct heard h = { 0 };
	struct err e cleanup_err = ERR_INIT;
	struct job_spec spec;

	(void)state;
	fixture_run(x, &h, "echo a\necho b\nfi");
	assert_int_equal(h.bytes - h.err.n, 0);
	assert_true(h.syntax_error);
	assert_non_null(strstr(sb_cstr(&h.err), "syntax error"));
	assert_string_equal(h.error,
	    "3:1: syntax error near unexpected token `fi'");
	fixture_free(&h);
	fixture_run(x, &h, "cat <<E\nx");
	assert_true(h.syntax_error);
	assert_int_equal(h.out.n, 0);
	fixture_free(&h);
	fixture_run(x, &h, "echo a\nexit 2");
	assert_false(h.syntax_error);
	assert_int_equal(h.status, 2);
	fixture_free(&h);
	fixture_spec(x, &h, &spec);
	spec.script = "echo \"a";
	assert_null(x->ops->start(x, &spec, &e));
	assert_string_equal(e.message,
	    "1:6: reached EOF without closing quote `\"`");
}

/* L-115 */
static void
directory_is_set_and_told(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct heard h = { 0 };
	struct job_spec spec;
	char *dir = fixture_mkdir(a);

	(void)state;
	for (int i = 0; i < 2; i++) {
		fixture_spec(x, &h, &spec);
		spec.script = i == 0 ? "printenv PWD" : "echo $PWD; :";
		spec.dir = dir;
		assert_non_null(x->ops->start(x, &spec, &e));
		fixture_wait(x, &h);
		assert_string_equal(sb_cstr(&h.out),
		    arena_printf(a, "%s\n", dir));
		fixture_free(&h);
	}
	fixture_rmdir(dir);
}

/* never-event 26: what was written before the kill is all there. */
static void
kill_loses_no_output(void **state)
{
	struct heard h = { 0 };

	(void)state;
	fixture_run(x, &h,
	    "head -c 1048576 /dev/zero; printf tail; kill -9 $$");
	assert_int_equal(h.signal, SIGKILL);
	assert_int_equal(h.bytes, 1048576 + 4);
	fixture_free(&h);
}

/* P-403 */
static void
memory_stays_bounded(void **state)
{
	struct heard h = { .drop = true };
	struct rusage before, after;

	(void)state;
	getrusage(RUSAGE_SELF, &before);
	fixture_run(x, &h, "head -c 209715200 /dev/zero");
	getrusage(RUSAGE_SELF, &after);
	assert_int_equal(h.bytes, 209715200);
	assert_true(after.ru_maxrss - before.ru_maxrss < 4096);
	fixture_free(&h);
}

static void
descriptor_takes_output_without_us(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct heard h = { 0 };
	struct job_spec spec;
	char *dir = fixture_mkdir(a), *log = arena_printf(a, "%s/log", dir);
	int fd = open(log, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	const char *const scripts[] = { "echo in process", "/bin/echo direct",
		"echo shell; no-such-program-at-all || true", "no-such-x" };
	sv text;

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < 4; i++) {
		fixture_spec(x, &h, &spec);
		spec.script = scripts[i];
		spec.out = (struct job_stdio){ STDIO_FD, fd };
		spec.err.kind = i < 2 ? STDIO_NULL : STDIO_STDOUT;
		assert_non_null(x->ops->start(x, &spec, &e));
		fixture_wait(x, &h);
		assert_int_equal(h.bytes, 0);
		fixture_free(&h);
	}
	close(fd);
	assert_true(read_file(a, log, &text, &e));
	assert_true(sv_starts(text, SV("in process\ndirect\nshell\n")));
	assert_true(sv_ends(text,
	    SV("\"no-such-x\": executable file not found in $PATH\n")));
	fixture_rmdir(dir);
}

static void
used_resources_are_told(void **state)
{
	struct heard h = { 0 };

	(void)state;
	fixture_run(x, &h, "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done");
	assert_true(h.cpu_ns > 5 * NS_PER_MS);
	assert_true(h.wall_ns > 5 * NS_PER_MS);
	assert_true(h.rss > 500000);
	fixture_free(&h);
}

/* Jobs get no descriptor of prun's beyond 0, 1, 2. */
static void
descriptors_do_not_leak(void **state)
{
	struct heard other = { 0 }, h = { 0 };

	(void)state;
	if (access("/proc/self/fd", R_OK) != 0)
		skip();
	/* what the tests themselves were started with is not meant */
	for (int fd = 3; fd < 1024; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	fixture_start(x, &other, "head -c 1 /dev/zero | cat; read -t 1 || :");
	/* ls itself opens the folder as descriptor 3 */
	fixture_run(x, &h, "ls /proc/self/fd");
	assert_string_equal(sb_cstr(&h.out), "0\n1\n2\n3\n");
	fixture_wait(x, &other);
	fixture_free(&h);
	fixture_free(&other);
}

static void
signals_are_at_their_defaults(void **state)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	sigset_t block, old;

	(void)state;
	sigaction(SIGPIPE, &ignore, &before);
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &old);
	/* 141: yes dies of SIGPIPE */
	expect("set -o pipefail; yes | head -n 1 >/dev/null", 141, "");
	expect("sh -c 'kill -TERM $$'", 143, "");
	sigprocmask(SIG_SETMASK, &old, NULL);
	sigaction(SIGPIPE, &before, NULL);
}

static int fired;

static void
count_fired(void *arg)
{
	fired = fired * 10 + *(int *)arg;
}

static void
timers_fire_in_order_and_stop(void **state)
{
	int one = 1, two = 2, three = 3;
	struct timer *t;
	int64_t start = loop_now(x->loop);

	(void)state;
	fired = 0;
	loop_timer(x->loop, 20 * NS_PER_MS, count_fired, &two);
	loop_timer(x->loop, 5 * NS_PER_MS, count_fired, &one);
	t = loop_timer(x->loop, 10 * NS_PER_MS, count_fired, &three);
	loop_timer_stop(x->loop, &t);
	while (loop_turn(x->loop))
		;
	assert_int_equal(fired, 12);
	assert_true(loop_now(x->loop) - start >= 20 * NS_PER_MS);
}

static int reads;

static void
count_read(void *arg, int fd)
{
	char c;

	assert_int_equal(read(fd, &c, 1), 1);
	if (++reads == 3)
		loop_unwatch(x->loop, *(int *)arg);
}

static void
watch_reports_until_unwatched(void **state)
{
	int fds[2];

	(void)state;
	reads = 0;
	assert_int_equal(pipe(fds), 0);
	loop_watch(x->loop, fds[0], count_read, &fds[0]);
	assert_int_equal(write(fds[1], "abcd", 4), 4);
	while (loop_turn(x->loop))
		;
	assert_int_equal(reads, 3);
	/* what others share stays as it was */
	assert_int_equal(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
	close(fds[0]);
	close(fds[1]);
}

int
test_exec_local(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(statuses_are_those_of_a_shell),
		T(signal_of_the_death_is_told),
		T(streams_come_apart),
		T(one_pipe_keeps_the_order_of_both),
		T(missing_programs_have_the_texts_of_the_reference),
		T(failed_starts_say_which_step),
		T(file_without_shebang_is_a_script),
		T(syntax_error_runs_nothing),
		T(directory_is_set_and_told),
		T(kill_loses_no_output),
		T(memory_stays_bounded),
		T(descriptor_takes_output_without_us),
		T(used_resources_are_told),
		T(descriptors_do_not_leak),
		T(signals_are_at_their_defaults),
		T(timers_fire_in_order_and_stop),
		T(watch_reports_until_unwatched),
	};

	return cmocka_run_group_tests_name("exec/local", tests, NULL, NULL);
}
