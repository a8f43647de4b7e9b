#!/bin/sh
# SPDX-License-Identifier: MIT
# The output modes: whatever names them knows all of them (C-140 to C-158,
# C-703, P-903).
# shellcheck disable=SC1091,SC2154 # lib.sh

. "${abs_srcdir:-.}/tests/cli/lib.sh"
man=$abs_srcdir/man

names=$(modes)
like "$names" 'interleaved*group*prefixed*group-task' \
    'completion lists the modes'
run prun --help all
line=$(echo "$out" | sed -n 's/^ *-o, --output string *//p')
is "$(echo "$line" | sed 's/ or /, /; s/, /\n/g')" "$names" \
    '--help has them, and no other'
run prun --schema
echo "$out" | sed -n '/"output": {/,/"object"/p' |
    sed -n 's/^[[:space:]]*"\([a-z-]*\)",*$/\1/p' |
    grep -vx -e enum -e object >schema
is "$(cat schema)" "$names" 'and so has the schema'
for mode in $names; do
	for page in prun.1 prun.ini.5 Taskfile.5; do
		grep -Eq "^\\.Cm ([a-z-]+ , )*$mode( ,.*)?\$" "$man/$page"
		ok $? "$page has $mode"
	done
done

write()
{
	taskfile <<-EOT
	version: '3'
	$1
	tasks:
	  default: {silent: true, cmds: ['echo out; echo err >&2']}
	EOT
}
for mode in $names; do
	write ''
	run_mixed prun -o "$mode"
	like "$status $out" '0 *out*err*' "-o $mode"
	run_mixed env TASK_OUTPUT="$mode" "$PRUN"
	like "$status $out" '0 *out*err*' "TASK_OUTPUT=$mode"
	printf '[output]\nmode = %s\n' "$mode" >prun.ini
	run_mixed prun
	like "$status $out" '0 *out*err*' "mode = $mode"
	rm prun.ini
	write "output: $mode"
	run_mixed prun
	like "$status $out" '0 *out*err*' "output: $mode"
done

write ''
run prun -o groups
is "$status" 1 'a mode that is none'
is "$err" 'task: output style "groups" not recognized' 'is named'
printf '[output]\nmode = groups\n' >prun.ini
run prun
like "$err" 'prun.ini:2: not a known value: "groups"; did you mean "group"?' \
    'in prun.ini with the nearest that is one'
rm prun.ini

# By go-task's name: its own modes only (C-703).
ln -s "$PRUN" "$work/tmp/task"
run "$work/tmp/task" __complete --output ''
is "$out" "$(printf 'interleaved\ngroup\nprefixed\n:4')" \
    'as task: the modes of go-task'
done_testing
