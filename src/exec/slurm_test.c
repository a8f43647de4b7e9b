/* SPDX-License-Identifier: MIT */
/* What is read of Slurm's programs, and of the result of a job (P-1301). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/slurm_job.h"

#include <string.h>

#include "unit.h"

static struct slurm_end end;
static struct slurm_result result;

static void
a_result_is_read(void **state)
{
	(void)state;
	assert_true(slurm_result_read(
	    SV("1 139 1700000000000000000 1700000001500000000 n1 12 0 .\n"),
	    &result));
	assert_int_equal(result.status, 139);
	assert_int_equal(result.end_ns - result.start_ns, 1500000000);
	assert_string_equal(result.node, "n1");
	assert_int_equal(result.size[1], 12);
	assert_int_equal(result.size[2], 0);
	assert_false(result.is_revoked);
	assert_true(slurm_result_read(SV("revoked .\n"), &result));
	assert_true(result.is_revoked);
}

/* No part of a result is one. */
static void
a_torn_result_is_none(void **state)
{
	static const char whole[] = "1 0 17 18 n1 12 345 .\n";
	struct slurm_result r;

	(void)state;
	for (size_t n = 0; n < strlen(whole); n++)
		assert_false(slurm_result_read((sv){ whole, n }, &r));
	assert_false(slurm_result_read(SV("2 0 17 18 n1 12 345 .\n"), &r));
	assert_false(slurm_result_read(SV("1 256 17 18 n1 12 345 .\n"), &r));
	assert_false(slurm_result_read(SV("1 -1 17 18 n1 12 345 .\n"), &r));
	assert_false(slurm_result_read(SV("revoked"), &r));
	assert_true(slurm_result_read(SV("1 0 17 18 n1 12 345 .\n"), &r));
}

static void
scontrol_is_read(void **state)
{
	(void)state;
	assert_true(slurm_read_scontrol(
	    SV("JobId=12 ArrayJobId=12 "
	       "JobName=prun-1 JobState=NODE_FAIL Reason=NodeDown "
	       "ExitCode=1:0 DerivedExitCode=0:0 BatchHost=n7\n"),
	    &end));
	assert_string_equal(end.state, "NODE_FAIL");
	assert_int_equal(end.status, 1);
	assert_int_equal(end.signal, 0);
	assert_string_equal(end.node, "n7");
	assert_false(slurm_read_scontrol(SV(""), &end));
	assert_false(slurm_read_scontrol(SV("JobId=12\n"), &end));
}

static void
sacct_is_read(void **state)
{
	(void)state;
	assert_true(slurm_read_sacct(
	    SV("CANCELLED by 1000|0:15|n[1-2]\nFAILED|1:0|n3\n"), &end));
	assert_string_equal(end.state, "CANCELLED");
	assert_int_equal(end.signal, 15);
	assert_true(slurm_read_sacct(SV("OUT_OF_MEMORY|0:125|n4"), &end));
	assert_string_equal(end.state, "OUT_OF_MEMORY");
	assert_string_equal(end.node, "n4");
	assert_false(slurm_read_sacct(SV(""), &end));
	assert_false(slurm_read_sacct(
	    SV("Slurm accounting storage is disabled\n"), &end));
}

/* A state that is not known is no end, so nothing is decided by it. */
static void
ends_are_told_from_other_states(void **state)
{
	static const char *const ends[] = { "COMPLETED", "FAILED", "TIMEOUT",
		"CANCELLED", "OUT_OF_MEMORY", "NODE_FAIL", "BOOT_FAIL",
		"PREEMPTED", "DEADLINE", "REVOKED" };
	static const char *const others[] = { "PENDING", "RUNNING",
		"COMPLETING", "CONFIGURING", "SUSPENDED", "REQUEUED",
		"STAGE_OUT", "", "X" };

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		assert_true(slurm_state_is_end(sv_of(ends[i])));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(slurm_state_is_end(sv_of(others[i])));
}

static void
an_answer_that_tells_nothing(void **state)
{
	struct slurm_ask q = { .status = 1 };

	(void)state;
	sb_adds(&q.err, "sbatch: error: Batch job submission failed: Socket "
			"timed out on send/recv operation\n");
	assert_true(slurm_ask_unanswered(&q));
	sb_clear(&q.err);
	sb_adds(&q.err, "slurm_load_jobs error: Invalid job id specified\n");
	assert_false(slurm_ask_unanswered(&q));
	q.status = 143;
	assert_true(slurm_ask_unanswered(&q));
	sb_free(&q.err);
}

int
test_exec_slurm(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_result_is_read),
		cmocka_unit_test(a_torn_result_is_none),
		cmocka_unit_test(scontrol_is_read),
		cmocka_unit_test(sacct_is_read),
		cmocka_unit_test(ends_are_told_from_other_states),
		cmocka_unit_test(an_answer_that_tells_nothing),
	};

	return cmocka_run_group_tests_name("exec/slurm", tests, NULL, NULL);
}
