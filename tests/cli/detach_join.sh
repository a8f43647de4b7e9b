#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2009,SC2016,SC2034,SC2094,SC2154 # lib.sh
# Runs of another process (P-117): --wait, --cancel, --log --follow, and a
# second run on the same tree (P-114).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
for tool in python3 ps; do
	command -v $tool >/dev/null || skip_all "there is no $tool"
done
. "$abs_srcdir/tests/cli/lib_signals.sh"
mkfifo go shown
exec 9<>go
taskfile <<-'EOT'
version: '3'
tasks:
  hold: {silent: true, cmds: ['echo $$ >started; echo out; read -r _ <go; echo after']}
  fails: {silent: true, cmds: ['exit 7']}
  both: {deps: [fails, ok]}
  long: {silent: true, cmds: ['exec sleep 1000']}
  ok: {silent: true, cmds: ['echo fine']}
  gentle:
    silent: true
    cmds:
      - defer: 'echo cleaned; echo cleaned >>gentle'
      - |
        trap 'echo term >>gentle; kill $!; exit 1' TERM
        echo $$ >started; sleep 1000 & wait
  lint: {sources: [src], cmds: ['echo lint >>ran; echo $$ >started; read -r _ <go; test ! -e bad']}
  test: {sources: [src], cmds: ['echo test >>ran']}
EOT

folder()
{
	find "$XDG_STATE_HOME" -type d -name "$1"
}

process()
{
	sed -n 's/^live //p' "$(folder "$1")/lock"
}

# leave WORDS…: sets $id
leave()
{
	id=$("$PRUN" --detach "$@" 2>/dev/null)
}

run prun --wait last
like "$status $err" '1 *no earlier run is known here' 'P-117: none so far'

# ---- --wait ----
leave hold
job=$(hear)
# the journal has it a moment later than the job itself
wait_for sh -c '"$PRUN" --wait last --within=0 2>&1 | grep -q hold'
run prun --wait "$id" --within 0
is "$status $out" '75 ' 'P-117: --within 0 says with 75 that it still runs'
like "$err" "prun: run $id is running for *: hold (0 of 1 calls have ended)" \
    'P-117: and what runs, in a line'
is "$(printf '%s\n' "$err" | wc -l | tr -d ' ')" 1 'P-117: in one'
run prun --wait "$id" --within 0.2s
is "$status" 75 'P-117: --within is a bound'
for part in last "${id%???}" "$(date -u +%Y)"; do
	run prun --wait "$part" --within=0
	like "$status $err" "75 prun: run $id is running" "P-117: by $part"
done
run prun --wait 20000101
is "$status $err" '1 prun: there is no run "20000101"' 'P-117: an unknown one'
run prun --wait ../../x
is "$status" 1 'P-117: a path is none'
run prun --wait "$id" hold
like "$status $err" '1 prun: *take the id of one run, and no tasks' \
    'P-117: nor goes a task with it'
run prun --within 3s hold
is "$status $err" '1 prun: --within only applies to --wait' 'P-117: --within alone'
run prun --wait "$id" --within=-1s
is "$status $err" '1 prun: --within wants a time from 0 on' 'P-117: below 0'
run prun --wait "$id" --within soon
like "$status $err" '2 prun: --within wants a time' 'P-117: no time'

# Somebody else edits the Taskfile meanwhile.
cp Taskfile.yml good.yml
echo 'tasks: [' >Taskfile.yml
"$PRUN" --wait "$id" 2>waited &
waiter=$!
"$PRUN" --log --follow --run "$id" -t good.yml hold >shown &
follower=$!
exec 7<shown
read -r line <&7
is "$line" out 'P-117: --log --follow shows it meanwhile'
if [ -r /proc/self/status ]; then
	switches()
	{
		awk '/ctxt_switches/ { n += $2 } END { print n }' \
		    "/proc/$waiter/status"
	}
	settled()
	{
		before=$(switches)
		"$PRUN" -t good.yml ok >/dev/null
		[ "$(switches)" = "$before" ]
	}
	wait_for settled
	before=$(switches)
	for i in 1 2 3 4 5 6; do
		"$PRUN" -t good.yml ok >/dev/null 2>&1
	done
	is "$(switches)" "$before" 'P-117: --wait sleeps until there is something'
else
	skip 'P-117: --wait sleeps until there is something' 'no /proc'
fi
! dead $waiter
ok $? 'P-117: --wait waits, whatever the Taskfile says now'
echo >go
read -r line <&7
is "$line" after 'P-117: --follow goes on'
wait $follower
is $? 0 'P-117: and ends with the run'
exec 7<&-
wait $waiter
is $? 0 'P-117: --wait ends with its status'
like "$(cat waited)" "prun: run $id has passed after " 'P-117: and says it'
cp good.yml Taskfile.yml

leave -x fails
run prun --wait "$id"
is "$status" 7 'P-117: the status of -x'
leave both
run prun --wait "$id"
is "$status" 201 'P-117: the status of one that failed'
like "$err" 'fails (both): exit status 7*prun: FAILED: fails; 1 failed' \
    'P-117: the summary is that of the run'
is "$(printf '%s\n' "$err" | tail -n 1 | sed 's/ after .*//')" \
    "prun: run $id has failed with exit status 201" \
    'P-117: the last line is about the run that was asked for'
run prun --wait "$id"
is "$status" 201 'P-117: again and again'
leave --report json:nowhere/x/report.json ok
chmod a-w . 2>/dev/null
run prun --wait "$id"
status_was=$status
chmod u+w .
is "$status_was" "$(sed 's/ .*//' "$(folder "$id")/exit")" \
    'P-117: the status is that of the program, its reports included'

# One that nobody has left can be waited for, too.
"$PRUN" hold >/dev/null 2>&1 &
pid=$!
hear >/dev/null
"$PRUN" --wait last 2>waited &
waiter=$!
run prun --wait last --within 0
is "$status" 75 'P-117: a run of another terminal'
echo >go
wait $waiter
is $? 0 'P-117: is waited for'
wait $pid

# ---- killed ----
leave hold
job=$(hear)
"$PRUN" --wait "$id" 2>waited &
waiter=$!
kill -9 "$(process "$id")"
wait $waiter
is "$? $(cat waited)" \
    "137 prun: run $id was interrupted: its process was killed before the end" \
    'P-117: a killed one is said to be interrupted'
# where a job has neither leash nor guardian yet, it is still there
kill -9 "$job" 2>/dev/null
run prun --cancel "$id"
like "$status $err" "0 prun: nothing to cancel: run $id was interrupted" \
    'P-117: and cannot be cancelled'

# ---- --cancel ----
leave gentle
hear >/dev/null
run prun --cancel last
is "$status $err" "0 prun: run $id is being ended" 'P-117: --cancel'
run prun --cancel "$id"
is "$status" 0 'P-117: twice is fine'
run prun --wait "$id"
is "$status" 143 'P-117: it ends as by a signal'
like "$err" "prun: run $id was interrupted by SIGTERM after" 'P-117: which is said'
is_file gentle 'term
cleaned' 'P-117: what runs hears of it once, and what is deferred is done'
run prun --cancel "$id"
like "$status $err" \
    "0 prun: nothing to cancel: run $id was interrupted by SIGTERM" \
    'P-117: one that has ended is said to'
run prun --cancel nothing
is "$status" 1 'P-117: one that is not there'
run prun --cancel "$id" --wait "$id"
is "$status" 1 'P-117: not both at once'

# As soon as there is an id it can be ended, whatever has begun by then.
for _ in 1 2 3 4 5 6 7 8; do
	leave long
	prun --cancel "$id" 2>/dev/null
	prun --wait "$id" 2>/dev/null
	echo $?
done | sort -u >statuses
is "$(cat statuses)" 143 'P-117: at once'

# A pid in a file proves nothing: only who holds the lock is meant.
sleep 1000 &
innocent=$!
at_exit="kill $innocent 2>/dev/null"
leave hold
hear >/dev/null
pid=$(process "$id")
echo "live $innocent" >"$(folder "$id")/lock"
run prun --cancel "$id"
if [ -d /proc/self/fd ] && [ -z "${TEST_PORTABLE-}" ]; then
	is "$status" 1 'P-117: another process of that number is not ended'
	like "$err" "prun: run $id is not of this machine or container" \
	    'P-117: and it is said'
	! dead $innocent
	ok $? 'P-117: it lives'
fi
echo "live $pid" >"$(folder "$id")/lock"
echo >go
prun --wait "$id" 2>/dev/null

# ---- a second run on the same tree ----
echo 1 >src
leave qa-parallel
hear >/dev/null
"$PRUN" qa-parallel >second 2>&1 &
pid=$!
wait_for grep -q 'waiting for task "lint" of another run' second
ok $? 'P-114: a second run waits for what the left one is at'
echo >go
wait $pid
is $? 0 'P-114: and is well when that is'
prun --wait "$id" 2>/dev/null
is "$? $(sort ran)" '0 lint
test' 'P-114: nothing has run twice'
like "$(cat second)" 'lint * up to date' 'P-114: which it says'

echo 2 >src
: >bad
: >ran
leave qa-parallel
hear >/dev/null
"$PRUN" qa-parallel >second 2>&1 &
pid=$!
wait_for grep -q 'waiting for task "lint" of another run' second
echo >go
prun --wait "$id" 2>/dev/null
is $? 201 'P-114: where the left one fails'
hear >/dev/null
echo >go
wait $pid
is "$? $(grep -c lint ran)" '201 2' 'P-114: the second tries itself'
done_testing
