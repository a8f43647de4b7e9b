/* SPDX-License-Identifier: MIT */
#include "exec/shell_dialect.h"

#include <stdlib.h>

#include "base/map.h"
#include "exec/capture.h"
#include "unit.h"

static struct arena *a;

static int
dialect_set_up(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
dialect_tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static const char *
names_in(const char *text)
{
	struct sb b cleanup_sb = SB_INIT;
	dialect_finds finds = { 0 };
	const struct dialect_find *f;

	dialect_read(a, sv_of(text), &finds);
	vec_each(&finds, f)
		sb_printf(&b, "%s%s", b.n > 0 ? ", " : "", f->name);
	return sb_take(&b, a).p;
}

static const struct {
	const char *text, *want;
} texts[] = {
	{ "[[ -n $x ]]", "[[ ]]" },
	{ "a && [[ b ]]", "[[ ]]" },
	{ "if [[ a ]]; then b; fi", "[[ ]]" },
	{ "x=$([[ a ]])", "[[ ]]" },
	{ "x=\"$(a; [[ b ]])\"", "[[ ]]" },
	{ "`[[ a ]]`", "[[ ]]" },
	{ "! [[ a ]]", "[[ ]]" },
	{ "A=1 [[ a ]]", "[[ ]]" },
	{ "a=(1 2)", "arrays" },
	{ "a+=(1)", "arrays, +=" },
	{ "a[1]=x", "arrays" },
	{ "echo ${a[@]}", "arrays" },
	{ "echo \"${a[0]}\"", "arrays" },
	{ "echo ${#a[@]}", "arrays" },
	{ "echo ${x//a/b}", "${x/a/b}" },
	{ "echo \"${x/a}\"", "${x/a/b}" },
	{ "echo ${x:1:2}", "${x:1}" },
	{ "echo ${x:$y}", "${x:1}" },
	{ "echo ${x^^} ${y,}", "${x^}, ${x^}" },
	{ "echo ${!x}", "${!x}" },
	{ "echo ${x@Q}", "${x@Q}" },
	{ "echo ${x:-${y//a/b}}", "${x/a/b}" },
	{ "cat <(a) >(b)", "<( ), >( )" },
	{ "cat <<<x", "<<<" },
	{ "a &>b", "&>" },
	{ "a &>>b; [[ c ]]", "&>, [[ ]]" },
	{ "a >&b", ">&FILE" },
	{ "a |& b", "|&" },
	{ "echo $'a'", "$''" },
	{ "function f { a; }", "function NAME" },
	{ "((i++))", "(( )), ++ in $(( ))" },
	{ "for ((i=0; i<3; i++)); do a; done", "(( )), ++ in $(( ))" },
	{ "echo $((2**3))", "** in $(( ))" },
	{ "echo {a,b}.c {1..3}", "{a,b}, {a,b}" },
	{ "declare -A x", "declare" },
	{ "x=1; let y=2", "let" },
	{ "source x", "source" },
	{ "a\npushd x", "pushd" },
	{ "set -euo pipefail", "set -o pipefail" },
	{ "set -o pipefail; a", "set -o pipefail" },
	{ "echo -e 'a\\n'", "echo -e" },
	{ "echo -ne a", "echo -e" },
	{ "[ a == b ]", "== in [ ]" },
	{ "if test a == b; then c; fi", "== in test" },
	{ "read -n 1 x", "an option of read" },
	{ "read -ra x", "an option of read" },
	{ "printf -v x a", "printf -v" },
	{ "a & wait -n", "wait -n" },
	{ "trap 'x' ERR", "trap ERR" },
	{ "echo $RANDOM ${SECONDS}", "$RANDOM, $SECONDS" },
	{ "case x in a) [[ b ]];; esac", "[[ ]]" },
	{ "cat <<E\n[[ x ]]\nE\n[[ y ]]", "[[ ]]" },
	{ "{{.A}} && [[ {{.B}} ]]", "[[ ]]" },
	{ "# it's\n[[ x ]]", "[[ ]]" },
	{ "x=${y%)}; [[ a ]]", "[[ ]]" },
	{ "echo \"a'b\"; [[ c ]]", "[[ ]]" },
	{ "echo ${x:-'}'}; [[ c ]]", "[[ ]]" },
	{ "echo \"${x:-'}\"; [[ c ]]", "[[ ]]" },
	/* what every shell has */
	{ "echo '[[ a ]]' \"a=(1)\" \\$\\'", "" },
	{ "# [[ a ]]", "" },
	{ "echo [[ a ]] x=(", "arrays" },
	{ "grep -E 'a{1,2}' x", "" },
	{ "echo ${x:-a} ${x:=b} ${x:?c} ${x:+d} ${x-a}", "" },
	{ "echo ${#x} ${x%.*} ${x##*/} $# $! ${!} $$", "" },
	{ "cat <<E\n${x//a}\nE", "" },
	{ "cat <<-'E'\n\t[[ a ]]\n\tE\ntrue", "" },
	{ "a 2>&1 >&2 2>&- >&$fd", "" },
	{ "f() { a; }; f", "" },
	{ "case $x in (a|b) c ;; [*) d ;; esac", "" },
	{ "echo $((1 + (2 * 3))) $(( -x ))", "" },
	{ "a() (b)", "" },
	{ "find . -exec x {} \\; -o -name '*.{a,b}'", "" },
	{ "echo {} {a} a{b", "" },
	{ "echo source declare function", "" },
	{ "echo \"source\" ; \"declare\"", "" },
	{ "set -eu; set -- a; set -o errexit", "" },
	{ "echo -n a; echo a -e", "" },
	{ "[ a = b ]; [ \"$a\" != b ]", "" },
	{ "read -r x; read x y", "" },
	{ "wait; wait $!", "" },
	{ "trap 'x' EXIT INT", "" },
	{ "(cd x && make) | tee y", "" },
	{ "x=$(a \"b)\" ')' \\))", "" },
	{ "docker inspect -f {{.Id}} x", "" },
	{ "echo \"{a,b}\" a,b", "" },
	{ "x='a' y=\"b\" cmd", "" },
	{ "", "" },
	{ "echo \"", "" },
	{ "echo $(", "" },
	{ "echo ${", "" },
	{ "echo ${x:", "" },
	{ "cat <<", "" },
	{ "\\", "" },
	{ ")", "" },
	{ "$", "" },
};

static void
constructs_are_found_where_they_stand(void **state)
{
	(void)state; /* L-210 */
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(names_in(texts[i].text), texts[i].want) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", texts[i].text,
			    names_in(texts[i].text), texts[i].want);
}

/* bash has all that is said to need it: the probes hold what they say. */
static void
bash_passes_all_probes(void **state)
{
	struct shell bash = { 0 };
	struct err e cleanup_err = ERR_INIT;
	const struct dialect_find *lack;
	dialect_finds finds = { 0 };

	(void)state; /* L-210 */
	if (!shell_has_bash(a, getenv("PATH")))
		skip();
	assert_true(shell_find(a, getenv("PATH"), &bash, &e));
	bash.is_bash = false; /* so that it is asked */
	bash.answers = map_new(a);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		dialect_read(a, sv_of(texts[i].text), &finds);
	lack = shell_lacks(a, &bash, &finds);
	if (lack != NULL)
		fail_msg("%s: %s", lack->name, lack->probe);
}

/* Any bytes: it ends, and reads nothing behind them. */
static void
any_text_is_read_to_its_end(void **state)
{
	static const char bytes[] = "a=({[<>|&;'\"`$\\)}] \n#-+*,.!0E";
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char *text = xmalloc(24);
		size_t n = (size_t)i % 24;
		dialect_finds finds = { 0 };
		struct arena_mark mark = arena_mark(a);

		for (size_t j = 0; j < n; j++) {
			seed = seed * 1103515245 + 12345;
			text[j] = bytes[(seed >> 16) % (sizeof(bytes) - 1)];
		}
		dialect_read(a, (sv){ text, n }, &finds);
		for (size_t j = 0; j < finds.n; j++)
			assert_true(finds.v[j].at <= n);
		arena_release(a, mark);
		free(text);
	}
}

int
test_exec_shell_dialect(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constructs_are_found_where_they_stand),
		cmocka_unit_test(bash_passes_all_probes),
		cmocka_unit_test(any_text_is_read_to_its_end),
	};

	return cmocka_run_group_tests_name(
	    "exec/shell_dialect", tests, dialect_set_up, dialect_tear_down);
}
