/* SPDX-License-Identifier: MIT */
/* Logs as tools write them, and what each says first of why. */
#include "store/culprit.h"

#include "unit.h"

/* The files that are there. */
static const char *
known_file(void *ctx, struct arena *a, sv name)
{
	static const char *const names[] = { "src/a.c", "src/a.rs", "a.py",
		"tests/test_a.py", "src/a.ts", "a.js", "/w/a.js", "A.java",
		"a.rb", "./spec/a_spec.rb", "x.sh", "x.pl", "x.php", "a.go",
		"/w/pkg/a.go", "Dockerfile", "lib/a.ex", "a.kt", "main.tf" };

	(void)ctx;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (sv_is(name, names[i]))
			return arena_printf(a, "repo/%s", names[i]);
	return NULL;
}

static const struct {
	const char *says, *log, *want;
} culprit_rows[] = {
	{ "nothing", "", "" },
	{ "an empty log", "\n \n", "" },
	{ "no word of an error: the last line", "one\ntwo\n\n", "two" },
	{ "the first line that speaks of one",
	    "building\nld: cannot find -lfoo\ncollect2: error: ld returned 1\n",
	    "ld: cannot find -lfoo" },
	{ "what counts none is none",
	    "0 errors, 0 failures\nTests failed: 2\nbye\n", "Tests failed: 2" },
	{ "gcc, clang",
	    "src/a.c: In function 'main':\n"
	    "src/a.c:3:5: warning: unused variable 'x'\n"
	    "src/a.c:4:1: note: declared here\n"
	    "src/a.c:9:12: error: expected ';' before '}' token\n"
	    "src/a.c:11:2: error: another one\n",
	    "repo/src/a.c:9:12 error: expected ';' before '}' token" },
	{ "colours", "\033[1msrc/a.c:9:12: \033[31merror: \033[0mno\033[K\n",
	    "repo/src/a.c:9:12 error: no" },
	{ "a progress bar", "10%\r90%\rsrc/a.c:2: error: x\r\n",
	    "repo/src/a.c:2:0 error: x" },
	{ "a warning only: the last line", "src/a.c:3:5: warning: x\ndone\n",
	    "done" },
	{ "linters that have no word for it", "a.py:1:1: F401 'os' imported\n",
	    "repo/a.py:1:1 F401 'os' imported" },
	{ "go build", "# example.com/x\n./b.go:3:2: declared and not used: y\n",
	    "./b.go:3:2: declared and not used: y" },
	{ "go test, in the folder of a package",
	    "=== RUN   TestX\n    x_test.go:12: got 1, want 2\n"
	    "--- FAIL: TestX (0.00s)\nFAIL\n",
	    "x_test.go:12: got 1, want 2" },
	{ "a panic of Go",
	    "panic: index out of range [3] with length 2\n\n"
	    "goroutine 1 [running]:\nmain.f(...)\n\t/w/pkg/a.go:12 +0x1d\n",
	    "repo//w/pkg/a.go:12:0 panic: index out of range [3] with "
	    "length 2" },
	{ "rustc",
	    "warning: unused\n --> src/a.rs:1:1\n"
	    "error[E0308]: mismatched types\n --> src/a.rs:4:18\n  |\n",
	    "repo/src/a.rs:4:18 error[E0308]: mismatched types" },
	{ "a panic of Rust",
	    "running 1 test\nthread 'main' panicked at src/a.rs:3:5:\n"
	    "assertion failed: 1 == 2\nnote: run with RUST_BACKTRACE=1\n",
	    "repo/src/a.rs:3:5 assertion failed: 1 == 2" },
	{ "a traceback of Python",
	    "Traceback (most recent call last):\n"
	    "  File \"a.py\", line 7, in <module>\n    f()\n"
	    "  File \"/usr/lib/python3/json.py\", line 3, in f\n    g()\n"
	    "ValueError: no value\n",
	    "repo/a.py:7:0 ValueError: no value" },
	{ "pytest",
	    "    def test_a():\n>       assert 1 == 2\nE       assert 1 == "
	    "2\n\n"
	    "tests/test_a.py:2: AssertionError\n"
	    "FAILED tests/test_a.py::test_a - assert 1 == 2\n",
	    "repo/tests/test_a.py:2:0 assert 1 == 2" },
	{ "tsc", "src/a.ts(3,5): error TS2322: Type 'x' is not y.\n",
	    "repo/src/a.ts:3:5 error TS2322: Type 'x' is not y." },
	{ "tsc, in colours", "src/a.ts:3:5 - error TS2322: no.\n",
	    "repo/src/a.ts:3:5 error TS2322: no." },
	{ "eslint",
	    "\n/w/a.js\n  1:1  warning  odd  rule\n"
	    "  3:10  error  'x' is not defined  no-undef\n\n2 problems\n",
	    "repo//w/a.js:3:10 error  'x' is not defined  no-undef" },
	{ "a stack of Node",
	    "/nowhere/b.js:3\n    throw new TypeError('no')\n    ^\n\n"
	    "TypeError: no\n    at f (/nowhere/b.js:3:9)\n"
	    "    at Object.<anonymous> (a.js:9:1)\n",
	    "repo/a.js:9:1 TypeError: no" },
	{ "javac", "A.java:3: error: ';' expected\n",
	    "repo/A.java:3:0 error: ';' expected" },
	{ "Maven", "[ERROR] A.java:[3,5] cannot find symbol\n",
	    "repo/A.java:3:5 cannot find symbol" },
	{ "Kotlin", "e: file://a.kt:3:5 unresolved reference: x\n",
	    "repo/a.kt:3:5 unresolved reference: x" },
	{ "Ruby", "a.rb:3:in 'f': undefined method (NoMethodError)\n",
	    "repo/a.rb:3:0 in 'f': undefined method (NoMethodError)" },
	{ "rspec",
	    "  Failure/Error: expect(1).to eq(2)\n\n   expected: 2\n"
	    "   # ./spec/a_spec.rb:3:in 'block'\n",
	    "repo/./spec/a_spec.rb:3:0 Failure/Error: expect(1).to eq(2)" },
	{ "a shell", "x.sh: line 3: foo: command not found\n",
	    "repo/x.sh:3:0 foo: command not found" },
	{ "Perl", "Can't locate object at x.pl line 3.\n",
	    "repo/x.pl:3:0 Can't locate object at x.pl line 3." },
	{ "PHP", "PHP Fatal error:  no f() in x.php on line 3\n",
	    "repo/x.php:3:0 PHP Fatal error:  no f() in x.php on line 3" },
	{ "a file without an ending", "Dockerfile:3 DL3006 Always tag\n",
	    "repo/Dockerfile:3:0 DL3006 Always tag" },
	{ "Elixir",
	    "** (ArithmeticError) bad argument\n    lib/a.ex:3: A.f/1\n",
	    "repo/lib/a.ex:3:0 ** (ArithmeticError) bad argument" },
	{ "Terraform",
	    "Error: Unsupported argument\n\n  on main.tf line 3, in x:\n",
	    "repo/main.tf:3:0 Error: Unsupported argument" },
	{ "times and addresses are no places",
	    "12:30:45 start\nlistening on http://localhost:8080: ok\n"
	    "12:30:46 src/a.c:3: fatal: no\n",
	    "repo/src/a.c:3:0 fatal: no" },
	{ "a number that is none", "src/a.c:0: x\nsrc/a.c:99999999999: y\n",
	    "src/a.c:99999999999: y" },
};

static void
first_line_that_says_why(void **state)
{
	size_t bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(culprit_rows) / sizeof(culprit_rows[0]);
	     i++) {
		struct arena *a = arena_new();
		const char *got;
		struct culprit c;

		culprit_find(
		    a, sv_of(culprit_rows[i].log), known_file, NULL, &c);
		got = c.file == NULL ? c.text
				     : arena_printf(a, "%s:%d:%d %s", c.file,
					   c.line, c.column, c.text);
		if (strcmp(got, culprit_rows[i].want) != 0) {
			print_error("%s\n got %s\nwant %s\n",
			    culprit_rows[i].says, got, culprit_rows[i].want);
			bad++;
		}
		arena_free(a);
	}
	assert_int_equal(bad, 0);
}

/* Whatever stands there, one line comes out, of a bounded length. */
static void
odd_logs_are_read(void **state)
{
	struct arena *a = arena_new();
	struct sb log cleanup_sb = SB_INIT;
	struct culprit c;

	(void)state;
	for (int i = 0; i < 5000; i++)
		sb_printf(&log, "%s", i % 7 ? ":1" : "(");
	culprit_find(a, sb_sv(&log), known_file, NULL, &c);
	assert_int_equal(strlen(c.text), 300);
	culprit_find(a, (sv){ "a\0b\nc\0error", 11 }, known_file, NULL, &c);
	assert_string_equal(c.text, "c");
	culprit_find_in(a, "/no/such/log", known_file, NULL, &c);
	assert_string_equal(c.text, "");
	arena_free(a);
}

int
test_store_culprit(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_line_that_says_why),
		cmocka_unit_test(odd_logs_are_read),
	};

	return cmocka_run_group_tests_name("store/culprit", tests, NULL, NULL);
}
