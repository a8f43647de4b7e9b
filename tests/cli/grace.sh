#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# D-5: what runs has time to end after a signal, and whoever waits is told for
# whom; the second signal ends deferred commands, the third kills.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
command -v python3 >/dev/null || skip_all 'no python3'
. "$abs_srcdir/tests/cli/lib_signals.sh"

taskfile <<-'EOF'
version: '3'
tasks:
  saves: "trap 'sleep 3; echo saved >> log; exit 0' TERM INT;
    echo $$ > started; while :; do sleep 0.1; done"
  deaf: &deaf "trap '' INT TERM HUP; echo $$ > started;
    while :; do sleep 0.1; done"
  quick: {grace: 1s, cmd: *deaf}
  patient: {grace: 1m, cmd: *deaf}
  cleans: [defer: *deaf, 'echo $$ > started; exec sleep 100']
  left: ["trap '' INT TERM; sleep 100 >/dev/null 2>&1 &",
    'echo $$ > started; exec sleep 100']
  limit: {grace: 1m, cmds: [{cmd: *deaf, timeout: 300ms}]}
EOF

# ends STATUS NAME
ends()
{
	want=$1
	shift
	status=0
	wait $pid || status=$?
	is "$status" "$want" "$*: exit status"
}

said()
{
	cat "$work/bg.err"
}

# nth signal: sent once the one before it has been told of
again()
{
	wait_for grep -q "$2" "$work/bg.$1"
	kill -s "$3" $pid
}

start saves
job=$(hear)
kill -s TERM $pid
ends 143 'a program that needs 3 s'
is_file log saved 'it had the time'
like "$(said)" 'prun: waiting for saves; a second signal ends deferred commands, a third one kills' \
    'who is waited for'
unlike "$(said)" 'was killed' 'and nothing else'

for task in quick deaf; do
	[ $task = quick ] || printf '[run]\ngrace = 1s\n' >prun.ini
	start $task
	job=$(hear)
	kill -s INT $pid
	ends 130 "$task"
	dead "$job"
	ok $? "$task: it is gone"
	like "$(said)" "prun: $task did not end within 1s and was killed" \
	    "$task: that is said"
done

start patient
job=$(hear)
kill -s TERM $pid
again out 'Signal received: "terminated"' TERM
again err 'prun: deferred commands are ended; a third signal kills what still runs' TERM
ends 143 'the third signal kills'
dead "$job"
ok $? 'the third signal kills: it is gone'
like "$(said)" 'task: Signal received for the third time: "terminated". Forcing shutdown' \
    'the third signal is told of'

start cleans
hear >/dev/null
kill -s INT $pid
job=$(hear)
again out 'Signal received: "interrupt"' INT
again err 'prun: deferred commands are ended' INT
ends 130 'a deferred command that hears nothing'
dead "$job"
ok $? 'the third signal kills deferred commands'

printf '[run]\ngrace = 1m\n' >prun.ini
start left
hear >/dev/null
kill -s TERM $pid
again err 'prun: waiting for what finished tasks left behind; a third signal kills' TERM
again err 'prun: deferred commands are ended' TERM
ends 143 'what a finished task left behind'
like "$(said)" 'third time' 'the third signal reaches prun then, too'

start limit
job=$(hear)
ends 208 'P-110: a time limit'
dead "$job"
ok $? 'P-110: keeps the grace of 2 s'

printf '[run]\ngrace = 3s\n' >prun.ini
for mode in --silent --compat; do
	start $mode deaf
	hear >/dev/null
	kill -s TERM $pid
	ends 143 "$mode"
	unlike "$(said)" 'prun: waiting' "$mode: no notes"
	unlike "$(said)" 'was killed' "$mode: none"
done

printf '[run]\njobs = 2\ngrace = soon\n' >prun.ini
run prun saves
is "$status" 1 'a grace that is no time'
like "$err" 'prun.ini:3: not a time such as 90s: "soon"' 'and where'
rm prun.ini
echo '{version: 3, tasks: {a: {grace: -1s}}}' >Taskfile.yml
run prun --lint
isnt "$status" 0 'a grace below nothing, --lint'
like "$err$out" 'Taskfile.yml:1:33' 'and where'

done_testing
