/* SPDX-License-Identifier: MIT */
#include "join/outer_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "join/message.h"
#include "run/fake.h"
#include "unit.h"

/* The outer run, as far as a nested one can tell. */
struct outer {
	char dir[32], path[64];
	int listener, fd;
	struct message_reader reader;
	struct fake_loop loop;
	struct slots *slots;
	struct outer_run *run;
	struct sb said; /* "KIND text text\n" of each message */
};

static struct outer o;

static void
hear(void)
{
	struct arena *a cleanup_arena = arena_new();
	struct message m;

	message_fill(&o.reader, o.fd);
	while (message_next(&o.reader, a, &m)) {
		sb_addc(&o.said, m.kind);
		for (size_t i = 0; i < m.n; i++)
			sb_printf(&o.said, " %s", m.v[i]);
		sb_addc(&o.said, '\n');
	}
}

static void
said(const char *text)
{
	hear();
	assert_string_equal(sb_cstr(&o.said), text);
	sb_clear(&o.said);
}

static void
grant(const char *number)
{
	const char *texts[] = { number, NULL };

	assert_true(message_send(o.fd, MESSAGE_GRANT, texts, NULL, true));
	assert_true(loop_turn(&o.loop.loop));
}

static int
set_up(void **state)
{
	pid_t pid;

	(void)state;
	o = (struct outer){ .dir = "/tmp/prun-outer-XXXXXX" };
	assert_non_null(mkdtemp(o.dir));
	snprintf(o.path, sizeof(o.path), "%s/control", o.dir);
	o.listener = message_listen(o.path);
	assert_true(o.listener >= 0);
	fake_loop_init(&o.loop);
	o.slots = slots_new(4, true);
	o.run = outer_run_new(o.path, "1-2", "task build");
	assert_non_null(o.run);
	o.fd = message_accept(o.listener, &pid);
	assert_true(o.fd >= 0);
	message_reader_init(&o.reader);
	said("R " MESSAGE_VERSION " 1-2 task build\n");
	outer_run_slots(o.run, o.slots, NULL, &o.loop.loop);
	return 0;
}

static int
tear_down(void **state)
{
	struct err e cleanup_err = ERR_INIT;

	(void)state;
	outer_run_end(o.run, 0, 0);
	slots_free(o.slots);
	fake_loop_free(&o.loop);
	message_reader_free(&o.reader);
	sb_free(&o.said);
	if (o.fd >= 0)
		close(o.fd);
	close(o.listener);
	assert_true(remove_all(o.dir, &e));
	return 0;
}

static void
count_granted(void *arg)
{
	++*(int *)arg;
}

/* P-108 */
static void
each_slot_is_asked_for_and_given_back(void **state)
{
	int granted = 0;
	struct slot_request r = { .pool = "io",
		.n = 2,
		.priority = 7,
		.granted = count_granted,
		.arg = &granted };

	(void)state;
	slots_request(o.slots, &r);
	said("A 1 io 2 7\n");
	assert_int_equal(granted, 0);
	grant("5"); /* nobody waits for that */
	assert_int_equal(granted, 0);
	grant("1");
	assert_int_equal(granted, 1);
	slots_release(o.slots, &r);
	/* what was read is told, so that there is room for more (T) */
	said("T 1\nT 1\nB 1\n");
}

static void
request_is_taken_back_unanswered(void **state)
{
	int granted = 0;
	struct slot_request r = {
		.pool = "", .granted = count_granted, .arg = &granted
	};

	(void)state;
	slots_request(o.slots, &r);
	slots_cancel(o.slots, &r);
	said("A 1  0 0\nB 1\n");
	grant("1");
	assert_int_equal(granted, 0);
}

/* When the outer run is gone, this one goes on alone. */
static void
run_goes_on_alone(void **state)
{
	int granted = 0;
	struct slot_request one = { .pool = "",
		.n = 1,
		.granted = count_granted,
		.arg = &granted },
			    two = one;

	(void)state;
	slots_request(o.slots, &one);
	said("A 1  1 0\n");
	close(o.fd);
	o.fd = -1;
	assert_true(loop_turn(&o.loop.loop));
	assert_int_equal(granted, 1);
	slots_request(o.slots, &two);
	assert_int_equal(granted, 2);
	assert_false(loop_turn(&o.loop.loop));
	outer_run_rest(o.run);
	slots_release(o.slots, &one);
	slots_release(o.slots, &two);
}

static void
end_is_told_and_rest_waits_for_nothing(void **state)
{
	int granted = 0;
	struct slot_request r = {
		.pool = "", .n = 1, .granted = count_granted, .arg = &granted
	};

	(void)state;
	slots_request(o.slots, &r);
	grant("1");
	slots_release(o.slots, &r);
	outer_run_rest(o.run);
	assert_int_equal(o.loop.watches.n, 0);
	slots_request(o.slots, &r);
	assert_int_equal(granted, 2);
	slots_release(o.slots, &r);
	outer_run_end(o.run, 3, 15);
	o.run = NULL;
	said("A 1  1 0\nT 1\nB 1\nE 3 15\n");
	assert_true(o.reader.ended);
}

/* P-406: all is known before anything else happens. */
static void
secrets_are_shared(void **state)
{
	const char *texts[] = { "of the outer", NULL }, *none[] = { NULL };
	struct secrets *known = secrets_new();

	(void)state;
	secrets_add(known, SV("of this one"));
	assert_true(message_send(o.fd, MESSAGE_SECRET, texts, NULL, true));
	assert_true(message_send(o.fd, MESSAGE_WELCOME, none, NULL, true));
	outer_run_share(o.run, known);
	assert_int_equal(secrets_count(known), 2);
	assert_string_equal(secrets_texts(known)[1], "of the outer");
	secrets_add(known, SV("found late"));
	said("S of this one\nT 2\nS found late\n");
	texts[0] = "told late";
	assert_true(message_send(o.fd, MESSAGE_SECRET, texts, NULL, true));
	assert_true(loop_turn(&o.loop.loop));
	assert_int_equal(secrets_count(known), 4);
	said("T 1\n");
	outer_run_end(o.run, 0, 0);
	o.run = NULL;
	assert_true(secrets_add(known, SV("told to nobody")));
	secrets_free(known);
}

/* One that goes away instead of an answer is waited for no longer. */
static void
no_welcome_means_alone(void **state)
{
	struct secrets *known = secrets_new();

	(void)state;
	outer_run_rest(o.run);
	close(o.fd);
	o.fd = -1;
	outer_run_share(o.run, known);
	outer_run_end(o.run, 0, 0);
	o.run = NULL;
	secrets_free(known);
}

static void
nobody_there_means_alone(void **state)
{
	(void)state;
	assert_null(outer_run_new("/nowhere/control", NULL, "task"));
	outer_run_end(NULL, 1, 0);
}

int
test_join_outer_run(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(each_slot_is_asked_for_and_given_back),
		T(request_is_taken_back_unanswered),
		T(run_goes_on_alone),
		T(end_is_told_and_rest_waits_for_nothing),
		T(secrets_are_shared),
		T(no_welcome_means_alone),
		cmocka_unit_test(nobody_there_means_alone),
	};

	return cmocka_run_group_tests_name("join/outer_run", tests, NULL, NULL);
}
