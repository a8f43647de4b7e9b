#!/bin/sh
# SPDX-License-Identifier: MIT
# How output is shown where nobody says how (P-407), and when a command's line
# is (P-502).
# shellcheck disable=SC1091,SC2016,SC2154 # lib.sh
. "${abs_srcdir:-.}/tests/cli/lib.sh"
unset TASK_OUTPUT

taskfile <<-'EOT'
version: '3'
silent: true
tasks:
  group: {parallel: true, cmds: [task: a, task: b, task: quiet]}
  a: ['echo a1', 'until [ -e b1 ]; do sleep 0.01; done', 'echo a2; touch a2']
  b: ['echo b1; touch b1', 'until [ -e a2 ]; do sleep 0.01; done', 'echo b2']
  quiet: 'true'
  below: {parallel: true, cmds: [task: caller, task: quiet]}
  caller: [task: a-said, echo own]
  a-said: echo said
  deps: {deps: [a, b]}
  plain: echo plain
  own: {parallel: true, cmds: [task: quiet, echo alone]}
EOT
both()
{
	rm -f a2 b1
	run_mixed "$PRUN" -s "$@"
}
both group
is "$status" 0 'P-407: a group passes'
case $out in
*"a1
a2"*"--- b
b1
b2"* | *"b1
b2"*"--- a
a1
a2"*) pass 'P-407: what a call prints comes in one piece below its name' ;;
*) fail "P-407: what a call prints comes in one piece below its name" "$out" ;;
esac
unlike "$out" '--- quiet' 'P-407: what printed nothing has no piece'
both below
is "$out" '--- a-said
said
--- caller
own' 'P-407: and so does what is called from a group'
both own
is "$out" alone "P-407: the group's own commands are shown as they come"
both deps
is "$(printf '%s\n' "$out" | sort | tr '\n' ' ')" 'a1 a2 b1 b2 ' \
    'P-407: deps come as ever'
both plain
is "$out" plain 'P-407: so does a task alone'
both -o interleaved group
unlike "$out" '---' 'P-407: -o wins'
printf '[output]\nmode = interleaved\n' >prun.ini
both group
unlike "$out" '---' 'P-407: so does prun.ini'
rm prun.ini
TASK_OUTPUT=interleaved both group
unlike "$out" '---' 'P-407: and the environment'
both --compat group
unlike "$out" '---' 'P-407: compat shows what go-task does'

# no key of prun's
taskfile <<-'EOT'
version: '3'
tasks:
  qa: {cmds: [task: lint, task: test]}
  lint: echo linted
  test: echo tested; exit 3
EOT
run prun qa
is "$out" 'linted
tested' 'P-407: a Taskfile without keys of prun is shown as go-task shows it'
run prun qa-parallel
is "$out" '' 'P-407: a derived task is tidy'
like "$err" 'lint *test *3*tested' 'P-407: and shows what failed'
like "$(echo "$err" | tail -n 1)" 'prun: FAILED: test; 1 failed, 1 passed in ' \
    'P-106: the last line names, counts and times'
is "$(echo "$err" | grep -c 'exit status 3')" 3 \
    'P-106: its line, its row and its reason, and no chain besides'

run prun --failed
is "$out" '' 'P-507: --failed shows it in the same way'

# P-502: one slot; the second is shown when the first is over
taskfile <<-'EOT'
version: '3'
tasks:
  all: {deps: [one, two]}
  one: echo 1
  two: echo 2
EOT
run_mixed "$PRUN" -C 1 all
is "$(echo "$out" | sed '/^$/,$d')" 'task: [one] echo 1
1
task: [two] echo 2
2' 'P-502: the line of a command is shown when it starts'
run_mixed "$PRUN" -n all
like "$out" 'one *would run*two *would run' 'P-502: a dry run says what it is'
unlike "$out" 'calls in' 'P-502: and has no times'
done_testing
