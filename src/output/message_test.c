/* SPDX-License-Identifier: MIT */
/* go-task's lines for the events of a run, and prun's own. */
#include "output/output_fixture.h"

#define CALL "call 1 a\n"

static void
lines_of_a_plain_run(void **state)
{
	static const struct show rows[] = {
		{ .says = "a command is shown before it starts (C-122)",
		    .script = CALL "echo 1 make all\n",
		    .err = "task: [a] make all\n" },
		{ .says = "not when it is silent",
		    .script = CALL "quiet 1 make all\n" },
		{ .says = "in green, its newline inside (C-132, C-134)",
		    .color = true,
		    .script = CALL "echo 1 x\n",
		    .err = "\033[32mtask: [a] x\n\033[0m" },
		{ .says = "up to date, quoted as Go does (C-126, C-127)",
		    .color = true,
		    .script = "call 1 a\"b\nsay UP_TO_DATE 1 0\n",
		    .err = "\033[35mtask: Task \"a\\\"b\" is up to date\n"
			   "\033[0m" },
		{ .says = "a precondition (M-44)",
		    .script = CALL "say PRECONDITION 1 0 it is not there\n",
		    .err = "task: it is not there\n" },
		{ .says = "a directory that cannot be made (M-96)",
		    .script = CALL "say MKDIR_FAILED 1 0 /x | it is a file\n",
		    .err = "task: cannot make directory \"/x\": it is a "
			   "file\n" },
		{ .says = "a prompt that is assumed answered (M-50)",
		    .script = CALL "say PROMPT 1 1 Sure?\n",
		    .out = "Sure? [assuming yes]\n" },
		{ .says = "one that is asked is shown by who asks",
		    .script = CALL "say PROMPT 1 0 Sure?\n" },
		{ .says = "what -v is needed for",
		    .script = CALL
		    "start 1\nsay DYNAMIC_VAR 1 0 date | today\n"
		    "say TASK_SKIPPED 1 1 x\nsay TASK_SKIPPED 1 2 x\n"
		    "say TASK_SKIPPED 1 3 x\nsay CMD_SKIPPED 1 1 x\n"
		    "say CMD_SKIPPED 1 2 x\nsay STATUS_CMD 1 0 x\n"
		    "say STATUS_CMD 1 1 x\nsay CMD_IGNORED 1 0 x\n"
		    "say CALL_IGNORED 1 0 x\nsay TASK_IGNORED 1 0 x\n"
		    "say DEFER_IGNORED 1 0 x\nsay CLEAN_FAILED 1 0 x\n"
		    "say CALL_FINISHED 1 0\nsay CALL_FAILED 1 0 x\n" },
		{ .says = "what is never told",
		    .verbose = true,
		    .script = CALL "say SLOT_WAIT 1 0\nsay QUESTION 1 0\n"
				   "say RUN_STARTED - 0\nsay RUN_DONE - 0\n" },
	};

	(void)state;
	SHOW(rows);
}

static void
lines_of_a_verbose_run(void **state)
{
	static const struct show rows[] = {
		{ .says = "start and end (M-60 to M-62)",
		    .verbose = true,
		    .script = CALL "start 1\nsay CALL_FINISHED 1 0\n"
				   "say CALL_FAILED 1 0 exit status 3\n",
		    .err = "task: \"a\" started\ntask: \"a\" finished\n"
			   "task: \"a\" failed: exit status 3\n" },
		{ .says = "which is red",
		    .verbose = true,
		    .color = true,
		    .script = CALL "say CALL_FAILED 1 0 x\n",
		    .err = "\033[31mtask: \"a\" failed: x\n\033[0m" },
		{ .says = "a dynamic variable, quoted (M-79)",
		    .verbose = true,
		    .script = CALL "say DYNAMIC_VAR 1 0 echo \"x\" | x\n",
		    .err = "task: dynamic variable: \"echo \\\"x\\\"\" "
			   "result: \"x\"\n" },
		{ .says = "platforms (M-72, M-73)",
		    .verbose = true,
		    .script = CALL "say TASK_SKIPPED 1 1\n"
				   "say CMD_SKIPPED 1 1 make\n",
		    .out = "task: \"a\" not for current platform - ignored\n"
			   "task: [a] make not for current platform - "
			   "ignored\n" },
		{ .says = "conditions",
		    .verbose = true,
		    .script = CALL "say TASK_SKIPPED 1 2\n"
				   "say CMD_SKIPPED 1 2 make\n",
		    .out = "task: if condition not met - skipped: \"a\"\n"
			   "task: [a] if condition not met - skipped\n" },
		{ .says = "run: once (M-63)",
		    .verbose = true,
		    .script = CALL "say TASK_SKIPPED 1 3 /x/Taskfile.yml:a\n",
		    .err = "task: skipping execution of task: "
			   "/x/Taskfile.yml:a\n" },
		{ .says = "reasons that the summary tells",
		    .verbose = true,
		    .script = CALL "say TASK_SKIPPED 1 4\n"
				   "say TASK_SKIPPED 1 5\n"
				   "say TASK_SKIPPED 1 6\n"
				   "say TASK_SKIPPED 1 7\n" },
		{ .says = "status commands (M-66, M-67)",
		    .verbose = true,
		    .script = CALL "say STATUS_CMD 1 0 test -f x\n"
				   "say STATUS_CMD 1 2 test -f y\n",
		    .out = "task: status command test -f x exited zero\n"
			   "task: status command test -f y exited non-zero: "
			   "exit status 2\n" },
		{ .says = "errors that were passed over (M-68 to M-71)",
		    .verbose = true,
		    .script = CALL "say CMD_IGNORED 1 0 exit status 1\n"
				   "say CALL_IGNORED 1 0 exit status 2\n"
				   "say TASK_IGNORED 1 0 exit status 3\n"
				   "say DEFER_IGNORED 1 0 exit status 4\n"
				   "say CLEAN_FAILED 1 0 no such file\n",
		    .err = "task: [a] command error ignored: exit status 1\n"
			   "task: [a] task error ignored: exit status 2\n"
			   "task: task error ignored: exit status 3\n"
			   "task: ignored error in deferred cmd: exit status "
			   "4\n"
			   "task: error cleaning status on error: no such "
			   "file\n" },
	};

	(void)state;
	SHOW(rows);
}

/* M-80, M-81 */
static void
signals_are_counted(void **state)
{
	static const struct show rows[] = {
		{ .says = "the third one forces the end, more say nothing",
		    .script = "say SIGNAL - 2\nsay SIGNAL - 15\n"
			      "say SIGNAL - 2\nsay SIGNAL - 2\n",
		    .out = "task: Signal received: \"interrupt\"\n"
			   "task: Signal received: \"terminated\"\n",
		    .err = "task: Signal received for the third time: "
			   "\"interrupt\". Forcing shutdown\n" },
		{ .says = "others have a name as well",
		    .script = "say SIGNAL - 1\nsay SIGNAL - 10\n",
		    .out = "task: Signal received: \"hangup\"\n"
			   "task: Signal received: \"signal\"\n" },
	};

	(void)state;
	SHOW(rows);
}

static void
lines_of_prun_s_own(void **state)
{
#define OWN CALL                                                              \
	"say NOTE - 0 no slots\n"                                             \
	"say WARNING - 0 look\n"                                              \
	"say DRAINING 1 0 sleep 9 &\n"                                        \
	"say ATTEMPT_FAILED 1 1 exit status 1\n"
	static const struct show rows[] = {
		{ .says = "as they are",
		    .script = OWN,
		    .err = "prun: no slots\nprun: look\n"
			   "prun: [a] what it left behind still holds its "
			   "output and is not waited for: sleep 9 &\n"
			   "prun: [a] attempt 1 failed: exit status 1\n" },
		{ .says = "-s: without notes",
		    .silent = true,
		    .script = OWN,
		    .err = "prun: look\n"
			   "prun: [a] what it left behind still holds its "
			   "output and is not waited for: sleep 9 &\n"
			   "prun: [a] attempt 1 failed: exit status 1\n" },
		{ .says = "compat: warnings only",
		    .compat = true,
		    .script = OWN,
		    .err = "prun: look\n" },
	};

	(void)state;
	SHOW(rows);
}

int
test_output_message(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_a_plain_run),
		cmocka_unit_test(lines_of_a_verbose_run),
		cmocka_unit_test(signals_are_counted),
		cmocka_unit_test(lines_of_prun_s_own),
	};

	return cmocka_run_group_tests_name("output/message", tests, NULL,
	    NULL);
}
