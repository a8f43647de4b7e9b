#!/bin/sh
# SPDX-License-Identifier: MIT
# What bash does and go-task's own shell does not (L-217): the lists of
# tests/parity/differences.md, each with what prun makes of it.
. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v bash >/dev/null || skip_all 'bash is not installed'

# status, what is printed (lines parted by /), command
cat >rows <<'END'
0|on|! true | false; echo on
0|on|! ! true; echo on
0|on|! { false; true; }; echo on
1||shift 5; echo on
1||readonly x=1; unset x; echo on
2||return 3; echo on
2||eval 'echo "'; echo on
0|126|/etc/passwd || echo $?
0|0|true & wait -n; echo $?
127||wait 99999999
0|2|declare -i n=1+1; echo $n
0|0 1 0|true | false | true; echo ${PIPESTATUS[@]}
0|f|f() { echo $FUNCNAME; }; f
0|'abc'|x=abc; echo ${x@Q}
0|a|printf -v x %s a; echo $x
0|a\ b/|printf '%q\n' 'a b'; echo
0|1970|TZ=UTC printf '%(%Y)T\n' 0
1|0|printf '%d\n' abc
0|y|read -n 1 x <<< yz; echo $x
0|y|read -p prompt x <<< y; echo $x
1||echo $((08)); echo on
1||echo $((1/0)); echo on
1||echo $(( 1 + )); echo on
1||echo ${x[0}; echo on
0|0077|umask 077; umask
0|got/on|trap 'echo got' USR1; kill -USR1 $$; echo on
0|x|exec 3>f; echo x >&3; cat f
137||kill -9 $$
0||shopt -q nullglob || true
0|0|coproc true; wait $!; echo $?
0||time true
0|on|ulimit -n >/dev/null; echo on
0|on|compgen -c >/dev/null; echo on
0|on|enable -n echo; enable echo; echo on
END
{
	echo "version: '3'"
	echo 'silent: true'
	echo 'tasks:'
	n=0
	while IFS= read -r row; do
		n=$((n + 1))
		printf "  t%d: {cmds: ['%s']}\n" $n \
		    "$(printf '%s' "${row#*|*|}" | sed "s/'/''/g")"
	done <rows
} | taskfile

n=0
while IFS= read -r row; do
	n=$((n + 1))
	rest=${row#*|}
	run prun -x t$n
	is "$status $(printf '%s\n' "$out" | sed '/^$/d' | tr '\n' / | sed 's,/$,,')" \
	    "${row%%|*} $(printf '%s' "${rest%%|*}" | sed 's,/$,,')" \
	    "L-217 ${row#*|*|}"
done <rows

# Each of them stands in the list.
list=$abs_srcdir/tests/parity/differences.md
for what in '`! a' '`! ! a`' '`! { a; b; }`' '`shift 5`' '`unset`' '`return 3`' "\`eval 'echo \"'\`" \
    '126' '`wait -n`' '`wait N`' '`declare -i`' '`${PIPESTATUS' '`$FUNCNAME`' '`${x@Q}`' \
    '`printf -v' '`printf %q`' '`%(%Y)T`' '`printf %d abc`' '`read -n`' '`read -p' '`$((08))`' \
    '`$((1/0))`' '`$(( 1 + ))`' '`${x[0}`' '`umask`' "\`trap '…' USR1\`" '`exec 3>f`' '`kill`' \
    '`shopt -q`' '`coproc`' '`time a`' '`ulimit`' '`compgen`' '`enable`'; do
	grep -qF -e "$what" "$list"
	ok $? "L-217 $what is in the list"
done
done_testing
