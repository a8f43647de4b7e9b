/* SPDX-License-Identifier: MIT */
#include "exec/posix.h"

#include "unit.h"

static struct arena *a;

static int
posix_set_up(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
posix_tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static const char *const usual[] = { "PATH=/usr/bin:/bin", "HOME=/home/ann",
	"LANG=C.UTF-8", "WORD=abc", "TWO=a b", "STAR=*", "NUM=7",
	"NONE=", NULL };

static const char *
script_in(const char *text, const char *const *env)
{
	struct posix_job job = { sv_of(text), (char *const *)env, "/",
		"/bin/bash" };

	return posix_script(a, &job);
}

static void
assert_all(const char *const *texts, bool accepted)
{
	for (; *texts != NULL; texts++)
		if ((script_in(*texts, usual) != NULL) != accepted)
			fail_msg("%s: %s", accepted ? "refused" : "accepted",
			    *texts);
}

static void
takes_what_both_shells_do_alike(void **state)
{
	static const char *const texts[] = {
		"true; false",
		"echo a && echo b || echo c",
		"! false",
		"n=3; if [ \"$n\" -gt 2 ]; then echo big; else echo small; fi",
		"echo a | cat",
		"echo a | { read v; echo \"$v\"; }",
		"echo a | while read -r v; do echo \"$v\"; done; echo end",
		"for i in 1 2 3; do echo $i; done",
		"for f in *.c; do echo \"$f\"; done",
		"i=0; while [ $i -lt 3 ]; do i=$((i + 1)); done",
		"i=0; until [ $i -ge 3 ]; do i=$((i+1)); [ $i = 2 ] && break; "
		"done",
		"case $WORD in a*|b) echo 1;; [0-9]) echo 2;; *) echo 3;; esac",
		"f() { echo \"$1\"; return 3; }; f a || echo $?",
		"(cd usr && ls)",
		"x=$(cat f | sort); echo \"$x\"",
		"x=`pwd`; echo \"$x\"",
		"echo ${x:-a} ${x:+b} \"${WORD%.*}\" \"${WORD##*/}\"",
		"cat <<EOF\na $WORD \\$ $((1+2))\nEOF\necho b",
		"cat <<-'E'\n\ta `b`\n\tE\n",
		"printf '%s\\n' \"$STAR\" a",
		"printf '%5d|%-3o\\n' 3 8",
		"export A=b B; unset A",
		"ls >/dev/null 2>&1; ls 2>/dev/null; echo a >&2",
		"LC_ALL=C sort </dev/null",
		"if command -v ls >/dev/null; then echo a; fi",
		"echo $WORD $TWO $NUM",
		"set -e\nls # all\n\nls\n",
		"ls ~/a {} '*' \\*",
		"ls >f; echo a >>\"d/$WORD\" && cat <f | sort >/x/y 2>&1",
		"for i in a b; do echo $i; done >list",
		"cat <<E >f\nE\n",
		NULL,
	};

	(void)state;
	assert_all(texts, true);
}

static void
leaves_the_rest_to_bash(void **state)
{
	static const char *const texts[] = {
		/* descriptors that dash takes for words */
		"echo a 12>out",
		"12>out echo a",
		"cat 10<in",
		/* a failure that `!` does not turn round */
		"! { cat in; } >out",
		"! for i in 1; do true; done >out",
		/* a status that what asks for the file would change */
		"false || echo \"$?\" >out",
		"false || echo \"${?}\" <in",
		"false || { echo \"$?\"; } <in",
		"false || x=1 cat $? <in",
		/* constructs */
		"a=(1 2)",
		"a[1]=2",
		"x+=1",
		"[[ a = a ]]",
		"((1))",
		"echo {a,b}",
		"echo {1..3}",
		"echo a{b",
		"echo $'a'",
		"echo $\"a\"",
		"echo $[1]",
		"cat <<<a",
		"cat <(ls)",
		"ls |& cat",
		"ls &>f",
		"ls &",
		"function f { ls; }",
		"f() ( ls )",
		"select x in a; do ls; done",
		"coproc ls",
		"time ls",
		"case a in a) ls;& b) ls;; esac",
		"echo ${x:0:1}",
		"echo ${x/a/b}",
		"echo ${!x}",
		"echo ${x^}",
		"echo ${x@Q}",
		"echo ${x?}",
		"echo ${x:?}",
		"echo ${a[1]}",
		"echo $((x++))",
		"echo $((--x))",
		"echo $((2**3))",
		"echo $((1,2))",
		"echo $((010))",
		"echo $((0x1f))",
		"echo $((1/n))",
		"echo $((1<<n))",
		"echo $((TWO))",
		"n=$(cat f); echo $((n))",
		"echo $((a-$NUM))",
		"echo $((1+))",
		/* variables */
		"echo $RANDOM",
		"echo $SECONDS",
		"echo $BASH_VERSION",
		"echo $EUID",
		"echo $HOSTNAME",
		"echo $LINENO",
		"echo $SHLVL",
		"echo $_",
		"echo $-",
		"echo $!",
		"IFS=,; ls",
		"PATH=/x; ls",
		"LC_ALL=C; ls",
		"HOME=/; ls",
		"echo $OLDPWD",
		"echo $SHELL",
		/* words whose values nobody knows */
		"echo $STAR",
		"for i in $(ls); do echo; done",
		"echo $1 $@",
		"x=$(ls); echo $x",
		"read x; echo $x",
		"$WORD",
		"\"ls\"",
		"case a in $STAR) ls;; esac",
		"ls .*",
		"ls **",
		"ls [!a]",
		"ls ?",
		"echo ${#WORD}",
		"echo \"${WORD%?}\"",
		"ls ~root",
		"ls x=~/a",
		/* builtins */
		"local x=1",
		"source f",
		". ./f",
		"eval ls",
		"exec ls",
		"trap ls EXIT",
		"shift",
		"type ls",
		"ulimit -n",
		"kill -0 1",
		"wait",
		"let x=1",
		"declare x",
		"readonly x",
		"printf '%q' a",
		"printf '%b' a",
		"printf '%c' a",
		"printf '\\x41'",
		"printf $WORD",
		"printf -v x a",
		"printf '%d' \"$WORD\"",
		"read",
		"read -n 1 x",
		"read -p a x",
		"[ a == a ]",
		"[ -v x ]",
		"[ a -nt b ]",
		"[ a -a b ]",
		"[ a \\< b ]",
		"[ $TWO = a ]",
		"[ \"$WORD\" -eq 1 ]",
		"test -t 1 -a b",
		"set -u",
		"set -x",
		"set -o pipefail",
		"set",
		"export",
		"export -p",
		"export A=$TWO",
		"unset -f f",
		"cd",
		"cd -",
		"cd \"$WORD\"",
		"cd -P a",
		"cd a/../b",
		"command ls",
		"command -v cd",
		"return 1",
		"break",
		"exit -1",
		"exit 256",
		/* programs */
		"no-such-program; ls",
		"env; ls",
		"printenv | cat",
		"ls; chdir a",
		/* redirections */
		"ls >$WORD",
		"ls >f 2>g",
		"ls >f <g",
		"set +e; ls >f",
		"f() { ls >f; }; f",
		"echo $(ls) >f",
		"ls >/dev/tty",
		"{ ls;\n} >f",
		"ls 2>/dev/null >f",
		">f",
		"echo a 2>f",
		"echo a 2>&1",
		"ls >|f",
		"ls <>f",
		"ls 3>/dev/null",
		"ls <&-",
		"ls >&f",
		"{ ls; } 2>&1",
		/* what bash does with the last part of a pipe */
		"echo a | read x; echo \"$x\"",
		"echo a | exit 3 || ls",
		"echo a | cd usr; ls",
		"ls | while read x; do n=1; done; echo $n",
		/* failures in substitutions, where they do not count */
		"if x=$(false; echo a); then echo; fi",
		"x=$(false; ls) || ls",
		/* no programs at all */
		"if",
		"ls )",
		"ls;;",
		"ls &&",
		"{ ls; ",
		"ls\n}",
		"for i in 1; ls",
		"case a in",
		"cat <<E\na",
		"echo \"a",
		"echo 'a",
		"; ls",
		"ls ; ;",
		"",
		" # a",
		"f() { ls; }; f() { ls; }",
		"ls\r\n",
		"ls \001",
		"echo a\\",
		"if ls; then f() { ls; }; fi; f",
		NULL,
	};

	(void)state;
	assert_all(texts, false);
}

/* Only what needs it is put before the text. */
static void
changes_no_more_than_it_must(void **state)
{
	(void)state;
	assert_string_equal(
	    script_in("echo a; exit 3", usual), "echo a; exit 3");
	assert_string_equal(
	    script_in("if true; then ls; fi", usual), "if true; then ls; fi");
	assert_string_equal(script_in("ls; ls", usual), "ls; ls");
	assert_non_null(
	    strstr(script_in("x='\\n'; echo $NUM \"$x\"", usual), "echo() { "));
	assert_null(strstr(script_in("x=a; echo -n \"$x\"", usual), "echo() "));
	assert_non_null(strstr(script_in(":\nls >f; ls", usual),
	    ":\n{ prun_writes '\n: >>\"$1\"' f; ls >f; }; ls"));
	assert_non_null(strstr(script_in("ls >f || ls", usual),
	    "{ prun_writes ': >>\"$1\"' f && ls >f; } || ls"));
	assert_non_null(strstr(script_in("command -v ls || ls", usual),
	    "prun_command_v ls || ls"));
	assert_non_null(
	    strstr(script_in(":\ncd usr", usual), "prun_cd '\ncd \"$1\"' usr"));
}

static bool
is_alike(const char *const *env)
{
	return posix_env_is_alike((char *const *)env);
}

static void
looks_at_the_environment(void **state)
{
	const char *path = "PATH=/usr/bin:/bin";
	static const char *const unlike[] = { "A-B=c",
		"BASH_FUNC_f%%=() { :; }", "IFS=,", "POSIXLY_CORRECT=1",
		"CDPATH=/", "OPTIND=3", "SHLVL=x", "BASH_COMPAT=31",
		"COLUMNS=80", "nothing", "SHELLOPTS=noglob" };
	static const char *const alike[] = { "SHLVL=12", "BASH_ENV=/x",
		"_=/bin/ls", "OLDPWD=/", "HOSTNAME=a", "LANG=de_DE.UTF-8" };

	(void)state;
	for (size_t i = 0; i < sizeof(unlike) / sizeof(*unlike); i++) {
		const char *const env[] = { path, unlike[i], NULL };

		if (is_alike(env))
			fail_msg("accepted: %s", unlike[i]);
	}
	for (size_t i = 0; i < sizeof(alike) / sizeof(*alike); i++) {
		const char *const env[] = { path, alike[i], NULL };

		if (!is_alike(env))
			fail_msg("refused: %s", alike[i]);
	}
	{
		const char *const relative[] = { "PATH=/bin:.", NULL };
		const char *const none[] = { "A=b", NULL };

		assert_false(is_alike(relative));
		assert_false(is_alike(none));
	}
}

/* dash counts bytes, and knows their order alone. */
static void
looks_at_the_locale(void **state)
{
	const char *const c[] = { "PATH=/usr/bin:/bin", "X=a", NULL };
	const char *const german[] = { "PATH=/usr/bin:/bin", "X=a",
		"LC_ALL=de_DE.UTF-8", NULL };
	const char *const latin[] = { "PATH=/usr/bin:/bin", "LANG=de_DE",
		NULL };

	(void)state;
	assert_non_null(script_in("echo ${#X}; ls ?", c));
	assert_null(script_in("echo ${#X}; ls", usual));
	assert_null(script_in("ls ?; ls", usual));
	assert_non_null(script_in("ls *; ls", usual));
	assert_null(script_in("ls *; ls", german));
	assert_non_null(script_in("echo \"$X\"; ls", german));
	assert_null(script_in("ls; ls", latin));
}

int
test_exec_posix(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_both_shells_do_alike),
		cmocka_unit_test(leaves_the_rest_to_bash),
		cmocka_unit_test(changes_no_more_than_it_must),
		cmocka_unit_test(looks_at_the_environment),
		cmocka_unit_test(looks_at_the_locale),
	};

	return cmocka_run_group_tests_name(
	    "exec/posix", tests, posix_set_up, posix_tear_down);
}
