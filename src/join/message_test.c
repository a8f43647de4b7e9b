/* SPDX-License-Identifier: MIT */
#include "join/message.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

static int ends[2];
static struct message_reader in;
static struct arena *a;

static int
set_up(void **state)
{
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	message_reader_init(&in);
	a = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	message_reader_free(&in);
	arena_free(a);
	if (ends[0] >= 0)
		close(ends[0]);
	close(ends[1]);
	return 0;
}

/* Any bytes, more than the socket holds, and nobody waits. */
static void
bytes_wait_for_their_reader(void **state)
{
	struct sb queue cleanup_sb = SB_INIT;
	struct message m;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 64; i++)
		message_add(&queue, MESSAGE_OUTPUT, (sv){ "a\0b\n", 4 });
	for (int i = 0; i < 16; i++) {
		static char block[65536];

		message_add(
		    &queue, MESSAGE_ERRORS, (sv){ block, sizeof(block) });
	}
	assert_true(message_push(ends[0], &queue));
	assert_true(queue.n > 0);
	while (queue.n > 0 || n < 64 * 4 + 16 * 65536) {
		message_fill(&in, ends[1]);
		while (message_next(&in, a, &m)) {
			if (m.kind == MESSAGE_OUTPUT)
				assert_memory_equal(m.bytes.p, "a\0b\n", 4);
			n += m.bytes.n;
		}
		assert_true(message_push(ends[0], &queue));
	}
	assert_int_equal(n, 64 * 4 + 16 * 65536);
	close(ends[1]);
	message_add(&queue, MESSAGE_OUTPUT, SV("x"));
	assert_false(message_push(ends[0], &queue));
	ends[1] = ends[0];
	ends[0] = -1;
}

static void
messages_arrive_whole_and_in_order(void **state)
{
	const char *one[] = { "1", "", "two words", NULL };
	const char *none[] = { NULL };
	struct message m;

	(void)state;
	assert_true(message_send(ends[0], MESSAGE_ASK, one, NULL, false));
	assert_true(message_send(ends[0], MESSAGE_GRANT, none, NULL, false));
	message_fill(&in, ends[1]);
	assert_true(message_next(&in, a, &m));
	assert_int_equal(m.kind, MESSAGE_ASK);
	assert_int_equal(m.n, 3);
	assert_string_equal(m.v[1], "");
	assert_string_equal(m.v[2], "two words");
	assert_true(message_next(&in, a, &m));
	assert_int_equal(m.kind, MESSAGE_GRANT);
	assert_int_equal(m.n, 0);
	assert_false(message_next(&in, a, &m));
	assert_false(in.ended);
}

static void
half_a_message_waits_for_the_other_half(void **state)
{
	static const char bytes[] = "\4\0\0\0Gab";
	struct message m;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		assert_false(message_next(&in, a, &m));
		assert_int_equal(write(ends[0], bytes + i, 1), 1);
		message_fill(&in, ends[1]);
	}
	assert_true(message_next(&in, a, &m));
	assert_string_equal(m.v[0], "ab");
}

static void
nonsense_ends_the_connection(void **state)
{
	struct message m;

	(void)state;
	assert_int_equal(write(ends[0], "\377\377\377\377", 4), 4);
	message_fill(&in, ends[1]);
	assert_false(message_next(&in, a, &m));
	assert_true(in.ended);
}

static void
the_last_message_is_read_before_the_end(void **state)
{
	const char *texts[] = { "0", NULL };
	struct message m;

	(void)state;
	assert_true(message_send(ends[0], MESSAGE_END, texts, NULL, false));
	close(ends[0]);
	ends[0] = -1;
	message_fill(&in, ends[1]);
	assert_true(in.ended);
	assert_true(message_next(&in, a, &m));
	assert_string_equal(m.v[0], "0");
}

static void
descriptors_come_with_the_message(void **state)
{
	const char *texts[] = { "a", NULL };
	struct message m;
	int p[2], fds[MESSAGE_FDS];
	char c;

	(void)state;
	assert_int_equal(pipe(p), 0);
	fds[0] = fds[2] = p[0];
	fds[1] = p[1];
	assert_true(message_send(ends[0], MESSAGE_CALL, texts, fds, true));
	message_fill(&in, ends[1]);
	assert_true(message_next(&in, a, &m));
	assert_int_equal(write(in.fds[1], "x", 1), 1);
	assert_int_equal(read(p[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	assert_int_not_equal(fcntl(in.fds[0], F_GETFD) & FD_CLOEXEC, 0);
	close(p[0]);
	close(p[1]);
}

static void
numbers_are_as_large_as_an_int(void **state)
{
	(void)state;
	assert_int_equal(message_int("42"), 42);
	assert_int_equal(message_int("-1"), -1);
	assert_int_equal(message_int("many"), 0);
	assert_int_equal(message_int("2147483648"), INT_MAX);
	assert_int_equal(message_int("99999999999999999999"), INT_MAX);
	assert_int_equal(message_int("-99999999999999999999"), INT_MIN);
}

int
test_join_message(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(messages_arrive_whole_and_in_order),
		T(bytes_wait_for_their_reader),
		T(half_a_message_waits_for_the_other_half),
		T(nonsense_ends_the_connection),
		T(the_last_message_is_read_before_the_end),
		T(descriptors_come_with_the_message),
		T(numbers_are_as_large_as_an_int),
	};

	return cmocka_run_group_tests_name("join/message", tests, NULL, NULL);
}
