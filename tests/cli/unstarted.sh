#!/bin/sh
# SPDX-License-Identifier: MIT
# What could not be started has no answer, which is not "false": nothing is
# skipped, done or up to date for it (never-event 11).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
shell=$(command -v bash) || skip_all 'there is no bash'

# A shell that goes away: `: [a]*; rm bash` is the last thing that it does.  Text
# with patterns is what neither prun itself nor dash runs.
mkdir "$work/shell"
PATH=$work/shell:$PATH
GONE=$work/shell/bash
export GONE

taskfile <<-'EOF'
version: '3'
vars: {ASK: ': [!a]*; test 1 = 1'}
tasks:
  gone: {cmds: [': [!a]*; rm "$GONE"']}
  if: {deps: [gone], cmds: [task: if-inner]}
  if-inner: {if: '{{.ASK}}', cmds: [echo NEXT]}
  command-if: {deps: [gone], cmds: [{cmd: echo NEXT, if: '{{.ASK}}'}]}
  ignored-if:
    deps: [gone]
    cmds: [{cmd: echo NEXT, if: '{{.ASK}}', ignore_error: true}]
  call-if: {deps: [gone], cmds: [{task: next, if: '{{.ASK}}'}]}
  group-if:
    deps: [gone]
    parallel: true
    cmds: [{task: next, if: '{{.ASK}}'}]
  for-if:
    deps: [gone]
    cmds: [{for: [1, 2], cmd: echo NEXT, if: '{{.ASK}}'}]
  next: echo NEXT
  precondition:
    deps: [gone]
    preconditions: ['{{.ASK}}']
    cmds: [echo NEXT]
  status: {deps: [gone], status: ['{{.ASK}}'], cmds: [echo NEXT]}
  negated: {deps: [gone], cmds: [{cmd: echo NEXT, if: '! {{.ASK}}'}]}
  command: {deps: [gone], cmds: ['{{.ASK}}', echo NEXT]}
  var: {cmds: [task: gone, task: var-inner]}
  var-inner: {vars: {V: {sh: '{{.ASK}}'}}, cmds: ['echo NEXT{{.V}}']}
  defer: {deps: [gone], cmds: [{defer: '{{.ASK}}'}, echo ON]}
  defer-fails: {cmds: [{defer: ': [!a]*; exit 3'}, echo ON]}
  defer-dir:
    dir: inner
    cmds: [{defer: ls}, {defer: ': [!a]*; rmdir "$PWD"'}, echo ON]
EOF
for t in if command-if ignored-if call-if group-if for-if precondition status \
    negated command var; do
	ln -sf "$shell" "$GONE"
	run timeout 20 "$PRUN" $t
	is "$status" 201 "$t: no answer is a failure"
	unlike "$out" NEXT "$t: and not yes"
	like "$err" "fork/exec $GONE: no such file" "$t: the reason is told"
done
ln -sf "$shell" "$GONE"
run timeout 20 "$PRUN" defer
like "$out" ON 'defer: the commands ran'
is "$status" 201 'defer: a clean-up that was never begun is a failure'
ln -sf "$shell" "$GONE"
for t in defer-fails defer-dir; do
	run timeout 20 "$PRUN" $t
	is "$status" 0 "$t: how one ends is none"
done

# ---- descriptors ----

# With so few of them that the run cannot begin, cannot ask, can ask and not
# run, and runs: always one or the other, never a crash.
taskfile few.yml <<-'EOF'
version: '3'
tasks:
  a: {if: ': [!a]*; ls >few', cmds: [': [!a]*; ls >done']}
EOF
bad=
for n in 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 20 24; do
	rm -f "done"
	(
		# shellcheck disable=SC3045 # where it is not there, nothing is bounded
		ulimit -n $n
		exec timeout 20 "$PRUN" -t few.yml a
	) >"$work/out" 2>"$work/err" </dev/null
	status=$?
	if [ $status -eq 0 ]; then
		[ -f "done" ] || bad="$bad $n:skipped"
	elif [ $status -gt 127 ] && [ $status -ne 201 ]; then
		bad="$bad $n:$status"
	fi
done
is "$bad" '' '11: with few descriptors a run fails or runs'
[ -f "done" ]
ok $? '11: and with enough of them it ran'

done_testing
