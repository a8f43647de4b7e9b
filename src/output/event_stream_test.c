/* SPDX-License-Identifier: MIT */
#include "output/event_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tree.h"

static char *
fifo(struct tree *t)
{
	char *path = tree_path(t, "fifo");

	assert_int_equal(mkfifo(path, 0600), 0);
	return path;
}

static int
reader(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* What is there now. */
static void
read_now(int fd, struct sb *out)
{
	char block[4096];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		sb_add(out, block, (size_t)n);
}

static void
a_file_has_the_lines_of_this_run_alone(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct err e = ERR_INIT;
	struct event_stream *s;

	(void)state; /* P-118 */
	tree_file(&t, "f", "of an earlier one\n");
	s = event_stream_new(tree_path(&t, "f"), &e);
	assert_non_null(s);
	event_stream_add(s, SV("{\"a\":1}\n{\"b\":2}\n"));
	assert_string_equal(tree_read(&t, "f"), "{\"a\":1}\n{\"b\":2}\n");
	event_stream_add(s, SV("{}\n"));
	assert_true(event_stream_end(s, &e));
	assert_string_equal(tree_read(&t, "f"), "{\"a\":1}\n{\"b\":2}\n{}\n");
	assert_null(event_stream_new(tree_path(&t, "no/f"), &e));
	assert_int_equal(strncmp(e.message, "prun: --events: open ", 21), 0);
	err_clear(&e);
	assert_true(event_stream_end(NULL, &e));
}

static void
the_reader_of_a_pipe_may_come_later(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = fifo(&t);
	struct sb got cleanup_sb = SB_INIT;
	struct err e = ERR_INIT;
	struct event_stream *s;
	int fd cleanup_close = -1;

	(void)state; /* P-118 */
	s = event_stream_new(path, &e);
	assert_non_null(s);
	event_stream_add(s, SV("{\"ev\":\"run\"}\n"));
	fd = reader(path);
	event_stream_add(s, SV("{}\n"));
	read_now(fd, &got);
	assert_string_equal(sb_cstr(&got), "{\"ev\":\"run\"}\n{}\n");
	event_stream_add(s, SV("[]\n"));
	assert_true(event_stream_end(s, &e));
	sb_clear(&got);
	read_now(fd, &got);
	assert_string_equal(sb_cstr(&got), "[]\n");
}

static void
a_reader_who_goes_is_no_failure(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = fifo(&t);
	int fd = reader(path);
	struct err e = ERR_INIT;
	struct event_stream *s = event_stream_new(path, &e);

	(void)state; /* P-118 */
	signal(SIGPIPE, SIG_IGN);
	assert_non_null(s);
	event_stream_add(s, SV("{}\n"));
	close(fd);
	for (int i = 0; i < 100000; i++)
		event_stream_add(s, SV("{\"ev\":\"job\",\"id\":1}\n"));
	assert_true(event_stream_end(s, &e));
}

/* ---- one that is behind ---- */

struct seen {
	size_t lines, dropped, gaps;
	bool ended;
};

static void
count_lines(struct sb *text, struct seen *out)
{
	sv line, rest = sb_sv(text);

	while (sv_cut(rest, '\n', &line, &rest)) {
		static const char gap[] = "{\"ev\":\"dropped\",\"lines\":";

		assert_false(out->ended);
		if (sv_starts(line, SV("{\"ev\":\"dropped\""))) {
			assert_true(sv_starts(line, sv_of(gap)));
			out->dropped += strtoul(line.p + strlen(gap), NULL, 10);
			out->gaps++;
		} else {
			assert_true(line.p[line.n - 1] == '}');
			out->lines++;
			out->ended = sv_starts(line, SV("{\"ev\":\"end\""));
		}
	}
	assert_int_equal(line.n, 0);
}

/* Nothing waits, memory is bounded, what is missing is counted, and the end is
 * told all the same. */
static void
what_a_slow_reader_misses_is_counted(void **state)
{
	enum {
		LINES = 100000
	};
	struct tree t cleanup_tree = tree_new();
	const char *path = fifo(&t);
	int fd cleanup_close = reader(path);
	struct sb got cleanup_sb = SB_INIT;
	struct seen seen = { 0 };
	struct err e = ERR_INIT;
	struct event_stream *s = event_stream_new(path, &e);

	(void)state; /* P-118 */
	assert_non_null(s);
	for (int i = 1; i <= LINES; i++) {
		char line[64];

		snprintf(line, sizeof(line), "{\"ev\":\"job\",\"id\":%d}\n", i);
		event_stream_add(s, sv_of(line));
		/* takes all that waits, once */
		if (i % 60000 == 0)
			for (int k = 0; k < 100; k++) {
				read_now(fd, &got);
				event_stream_add(s, SV(""));
			}
	}
	event_stream_add(s, SV("{\"ev\":\"end\"}\n"));
	for (int k = 0; k < 100; k++) {
		read_now(fd, &got);
		event_stream_add(s, SV(""));
	}
	assert_false(event_stream_end(s, &e));
	assert_non_null(strstr(e.message, "is read too slowly"));
	err_clear(&e);
	read_now(fd, &got);
	count_lines(&got, &seen);
	assert_true(seen.ended);
	assert_true(seen.gaps >= 1 && seen.gaps < 10);
	assert_true(seen.dropped > 0);
	assert_int_equal(seen.lines + seen.dropped, LINES + 1);
}

static void
watch_end(void *arg)
{
	*(bool *)arg = true;
}

/* Without a further line too. */
static void
the_loop_hands_over_what_waits(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = fifo(&t);
	int fd cleanup_close = reader(path);
	struct loop *l = loop_new();
	struct sb got cleanup_sb = SB_INIT;
	struct err e = ERR_INIT;
	struct event_stream *s = event_stream_new(path, &e);
	struct timer *bound;
	bool late = false;

	(void)state; /* P-118 */
	assert_non_null(s);
	event_stream_attach(s, l);
	for (int i = 0; i < 20000; i++)
		event_stream_add(s, SV("{\"ev\":\"job\"}\n"));
	bound = loop_timer(l, INT64_C(20000000000), watch_end, &late);
	while (got.n < 20000 * 13 && !late) {
		read_now(fd, &got);
		loop_turn(l);
	}
	if (!late)
		loop_timer_stop(l, &bound);
	assert_int_equal(got.n, 20000 * 13);
	assert_true(event_stream_end(s, &e));
	loop_free(l);
}

static void
a_full_disk_is_told_at_the_end(void **state)
{
	struct err e = ERR_INIT;
	struct event_stream *s;

	(void)state; /* P-118 */
	if (access("/dev/full", W_OK) != 0)
		skip();
	s = event_stream_new("/dev/full", &e);
	assert_non_null(s);
	event_stream_add(s, SV("{}\n"));
	event_stream_add(s, SV("{}\n"));
	assert_false(event_stream_end(s, &e));
	assert_string_equal(
	    e.message, "write /dev/full: no space left on device");
	err_clear(&e);
}

int
test_output_event_stream(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_has_the_lines_of_this_run_alone),
		cmocka_unit_test(the_reader_of_a_pipe_may_come_later),
		cmocka_unit_test(a_reader_who_goes_is_no_failure),
		cmocka_unit_test(what_a_slow_reader_misses_is_counted),
		cmocka_unit_test(the_loop_hands_over_what_waits),
		cmocka_unit_test(a_full_disk_is_told_at_the_end),
	};

	return cmocka_run_group_tests_name(
	    "output/event_stream", tests, NULL, NULL);
}
