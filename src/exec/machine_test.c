/* SPDX-License-Identifier: MIT */
#include "exec/machine.h"

#include "base/io.h"
#include "exec/exec_fixture.h"
#include "unit.h"

static void
put(const char *path, sv text)
{
	struct err e cleanup_err = ERR_INIT;

	assert_true(write_atomic(path, text, 0644, &e));
}

/* P-201 */
static void
quota_of_a_group_and_those_above_it(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	char *root = fixture_mkdir(a);

	(void)state;
	assert_true(mkdir_all(arena_printf(a, "%s/a/b", root), 0755, &e));
	put(arena_printf(a, "%s/a/b/cpu.max", root), SV("max 100000\n"));
	assert_int_equal(cores_of_cgroup(SV("0::/a/b\n"), root), 0);
	put(arena_printf(a, "%s/a/cpu.max", root), SV("250000 100000\n"));
	assert_int_equal(cores_of_cgroup(SV("0::/a/b\n"), root), 3);
	put(arena_printf(a, "%s/a/b/cpu.max", root), SV("50000 100000\n"));
	assert_int_equal(cores_of_cgroup(SV("0::/a/b\n"), root), 1);
	assert_int_equal(cores_of_cgroup(SV("0::/gone\n"), root), 0);
	fixture_rmdir(root);
}

static void
quota_of_the_older_groups(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	char *root = fixture_mkdir(a);
	sv self = SV("5:memory:/x\n4:cpu,cpuacct:/x\n0::/\n");

	(void)state;
	assert_true(mkdir_all(arena_printf(a, "%s/cpu/x", root), 0755, &e));
	put(arena_printf(a, "%s/cpu/x/cpu.cfs_quota_us", root), SV("-1\n"));
	put(arena_printf(a, "%s/cpu/x/cpu.cfs_period_us", root),
	    SV("100000\n"));
	assert_int_equal(cores_of_cgroup(self, root), 0);
	put(arena_printf(a, "%s/cpu/x/cpu.cfs_quota_us", root), SV("200000\n"));
	assert_int_equal(cores_of_cgroup(self, root), 2);
	assert_true(cores_usable() >= 1);
	fixture_rmdir(root);
}

static void
readings_are_parsed(void **state)
{
	struct machine m = MACHINE_INIT;

	(void)state;
	machine_parse_stat(&m, SV("cpu  10 0 10 80 0 0 0 0 0 0\n"));
	assert_true(m.cpu_busy < 0);
	machine_parse_stat(&m, SV("cpu  40 0 10 150 0 0 0 0 0 0\n"));
	assert_true(m.cpu_busy > 0.299 && m.cpu_busy < 0.301);
	machine_parse_meminfo(&m, SV("MemTotal:  2048 kB\nMemFree: 1 kB\n"
	    "MemAvailable:   1024 kB\n"));
	assert_int_equal(m.mem_available, 1024 * 1024);
	assert_int_equal(m.mem_total, 2048 * 1024);
	machine_parse_pressure(&m.pressure,
	    SV("some avg10=12.50 avg60=0.00 avg300=0.00 total=1\n"));
	assert_true(m.pressure > 0.1249 && m.pressure < 0.1251);
	machine_parse_pressure(
	    &m.mem_pressure, SV("some avg10=3.00 avg60=0.00\nfull avg10=1.00"));
	assert_true(m.mem_pressure > 0.0299 && m.mem_pressure < 0.0301);
	machine_parse_pressure(&m.mem_pressure, SV(""));
	assert_true(m.mem_pressure > 0.0299);
	machine_read(&m);
	assert_true(m.load_per_core >= 0);
}

/* P-205 */
static void
gates_close_on_load_and_memory(void **state)
{
	struct machine m = MACHINE_INIT;

	(void)state;
	assert_true(machine_allows(&m, 0.8, 1 << 30));
	m.load_per_core = 0.9;
	assert_false(machine_allows(&m, 0.8, 0));
	m.cpu_busy = 0.5;
	assert_true(machine_allows(&m, 0.8, 0));
	assert_false(machine_allows(&m, 0.4, 0));
	m.mem_available = 100;
	assert_false(machine_allows(&m, 0, 101));
	assert_true(machine_allows(&m, 0, 100));
}

int
test_exec_machine(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quota_of_a_group_and_those_above_it),
		cmocka_unit_test(quota_of_the_older_groups),
		cmocka_unit_test(readings_are_parsed),
		cmocka_unit_test(gates_close_on_load_and_memory),
	};

	return cmocka_run_group_tests_name("exec/machine", tests, NULL, NULL);
}
