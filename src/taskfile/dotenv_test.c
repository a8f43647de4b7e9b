/* SPDX-License-Identifier: MIT */
#include "taskfile/taskfile.h"

#include "unit.h"

/* L-120 to L-123: a text, and its entries or the error. */
static const char *const table[][2] = {
	{ "A=1\nB=2\n", "A=1;B=2;" },
	{ "A: 1\nexport B = 2\n", "A=1;B=2;" },
	{ "exportA=1", "exportA=1;" },
	{ "A=1\r\nB=2\r\n", "A=1;B=2;" },
	{ "# c\n\n  A=1 # c\nB=a#b\n", "A=1;B=a#b;" },
	{ "A=x # y # z\n", "A=x # y;" },
	{ "A=\nB=''\n", "A=;B=;" },
	{ "a.b=1\n_C=2\n", "a.b=1;_C=2;" },
	{ "A=1\nA=2\n", "A=2;" },
	{ "A=1\nB=$A-${A}-$C\n", "A=1;B=1-1-;" },
	{ "A=1\nB=\\$A $a ${a} $(A) $(a)\n", "A=1;B=$A $a ${a} 1) $(a);" },
	{ "A='$B \\n'\n", "A=$B \\n;" },
	{ "A='a\nb'\n", "A=a\nb;" },
	{ "A=\"a\\nb\\tc \\\"d\\\" \\$E\"\n", "A=a\nbtc \"d\" $E;" },
	{ "A='x' B='y'\n", "A=x;B=y;" },
	{ "A='x' # c\nB=1\n", "A=x;B=1;" },
	{ "A\n", "! unexpected character \"\\n\" in variable name near \"A\\n\"" },
	{ "A-B=1\n", "! unexpected character \"-\" in variable name near "
		     "\"A-B=1\\n\"" },
	{ "A=\"x\nB=1\n", "! unterminated quoted value \"x" },
	{ "export ", "! zero length string" },
	{ "", "" },
};

static void
texts_are_read_as_go_task_reads_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arena *a cleanup_arena = arena_new();
		struct err e cleanup_err = ERR_INIT;
		struct sb got cleanup_sb = SB_INIT;
		struct map *m = map_new(a);
		const struct map_entry *it;

		if (!dotenv_parse(a, sv_of(table[i][0]), m, &e))
			sb_printf(&got, "! %s", e.message);
		map_each(m, it) {
			sb_printf(&got, "%s=%s;", it->key.p,
			    (const char *)it->value);
		}
		assert_string_equal(sb_cstr(&got), table[i][1]);
	}
}

/* L-116 */
static void
first_file_wins(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct map *m = map_new(a);

	(void)state;
	assert_true(dotenv_parse(a, SV("A=1\n"), m, &e));
	assert_true(dotenv_parse(a, SV("A=2\nB=$A\n"), m, &e));
	assert_string_equal(map_get(m, SV("A")), "1");
	assert_string_equal(map_get(m, SV("B")), "2");
}

/* L-122: what grows by a line more than by its own length has a bound. */
static void
expansion_is_bounded(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb text cleanup_sb = SB_INIT;

	(void)state;
	sb_adds(&text, "A=xx\n");
	for (int i = 0; i < 40; i++)
		sb_adds(&text, "A=$A$A\n");
	assert_false(dotenv_parse(a, sb_sv(&text), map_new(a), &e));
	assert_string_equal(e.message,
	    "variables expand to more than 16777216 bytes");
}

int
test_taskfile_dotenv(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read_as_go_task_reads_them),
		cmocka_unit_test(first_file_wins),
		cmocka_unit_test(expansion_is_bounded),
	};

	return cmocka_run_group_tests_name("taskfile/dotenv", tests, NULL,
	    NULL);
}
