#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2119,SC2154 # lib.sh; text for shells
# Options that no other script has: C-072 to C-155, under the name task.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
mkdir "$work/bin" sub
ln -s "$PRUN" "$work/bin/task"
task()
{
	"$work/bin/task" "$@"
}
says()
{
	want_status=$1 want_out=$2 want_err=$3 name=$4
	shift 4
	run task "$@"
	is "$status
$out
$err" "$want_status
$want_out
$want_err" "$name"
}

taskfile <<'EOT'
version: '3'
tasks:
  default: {desc: D, cmds: [echo x]}
  pre: {preconditions: ['false'], status: ['true'], cmds: [echo ran]}
  quiet: {silent: true, cmds: [echo q]}
  calls: {cmds: [{task: default, silent: true}, {cmd: echo c, silent: true}]}
  ask: {prompt: [one, two], cmds: [echo p]}
  in: cat
  lines: printf 'a\nb'; printf 'c\n' >&2
  two: {cmds: [echo 1, echo 2]}
  many: {deps: [default, two, quiet], cmds: [{task: two}]}
  where: {silent: true, cmds: ['echo {{.USER_WORKING_DIR}}', pwd]}
EOT

says 1 '' "task: You can't set both --global and --dir" 'C-072' -g -d x
TASK_OUTPUT_GROUP_BEGIN=x says 1 '' \
    "task: You can't set --output-group-begin without --output=group" \
    'C-081: the environment counts'
TASK_REMOTE_OFFLINE=1 says 1 '' \
    "task: You can't set both --download and --offline flags" \
    'C-081: with a flag' --download
says 1 '' 'task: output style "loud" not recognized' 'C-082' -o loud
TASK_OUTPUT=loud says 1 '' 'task: output style "loud" not recognized' \
    'C-082: of the environment'

cp Taskfile.yml sub/Other.yml
says 0 "$PWD
$PWD" '' 'C-093: the search goes up, the task runs where the file is' \
    -d sub where
says 0 "$PWD
$PWD/sub" '' 'C-093: -t alone' -t sub/Other.yml where
says 0 "$PWD
$PWD" '' 'C-093: -t and -d' -t sub/Other.yml -d . where
says 0 ran 'task: [pre] echo ran' 'C-099: --force skips preconditions and status' \
    -f pre
says 0 x '' 'C-100: --silent' -s
says 0 q 'task: "quiet" started
task: [quiet] echo q
task: "quiet" finished' 'C-101: --verbose wins over silent' -v -s quiet
run task -s -C 1 many
is "$status $(printf '%s\n' "$out" | sort | tr '\n' ' ')" '0 1 1 2 2 q x ' \
    'C-102: one slot is enough'
says 0 'one [assuming yes]
two [assuming yes]
p' 'task: [ask] echo p' 'C-105: each prompt is answered' -y ask
says 0 'x
c' '' 'C-123: silent where it is called' calls
echo data | task in >out 2>/dev/null
is "$(cat out)" data 'C-125: commands read standard input'
NO_COLOR='' TASK_COLOR_RED=1,2,3 FORCE_COLOR=1 run task zzzz
like "$err" "$(printf '\033')\[38;2;1;2;3mtask: Task" 'C-133, C-134: a colour of one'\''s own'
esc=$(printf '\033')
NO_COLOR='' FORCE_COLOR=1 run task --experiments
is "$out" "$(printf '%s\n' "E[33m* E[0mE[32mGENTLE_FORCEE[0mE[0m:   off" \
    "E[0mE[33m* E[0mE[32mENV_PRECEDENCEE[0mE[0m: off" 'E[0m' |
    sed "s/E\\[/${esc}[/g")" 'C-106, C-134: the experiments in colour'
NO_COLOR='' says 0 '' 'task: [default] echo x' 'C-136: the last --color counts' \
    --color --color=false --dry
says 0 'B two
1
E
B two
2
E' 'task: [two] echo 1
task: [two] echo 2' 'C-145, C-146, C-149: a group for each command' \
    -o group --output-group-begin 'B {{.TASK}}' --output-group-end E two
says 0 '[lines] a
[lines] bc' "task: [lines] printf 'a\\nb'; printf 'c\\n' >&2" \
    'C-155: one buffer for both streams' -o prefixed lines

"$PRUN" <&- >&- 2>&-
is "$?" 0 'C-125: closed streams are as good as /dev/null'
"$PRUN" -a <&- >&- 2>&-
is "$?" 0 'C-125: for a list too'
is "$(find "$XDG_STATE_HOME" -type f ! -name '*.log' \
    -exec grep -lx x {} +)" '' 'C-125: no file of prun gets the output'

echo 'verbose: maybe' >.taskrc.yml
run task --nope
is "$status $(printf '%s\n' "$err" | sed -n '$p')" '2 unknown flag: --nope' \
    'C-504: a broken configuration is told after a wrong flag'
run task --version
is "$status $err" '0 ' 'C-504, C-720: the version can be asked for'
run task --help
is "$status" 0 'C-504: and the usage'
run task -l
is "$status" 109 'C-504: nothing else can'
rm .taskrc.yml

done_testing
