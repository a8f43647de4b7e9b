#!/bin/sh
# SPDX-License-Identifier: MIT
# P-116: where prun dies without a word, a guardian ends the trees of its jobs
# within a second; otherwise nobody notices it.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
for tool in python3 ps setsid; do
	command -v $tool >/dev/null || skip_all "there is no $tool"
done
mkfifo started
exec 8<>started
export work

# The next word at the pipe `started`, bounded.
hear()
{
	timeout 30 sh -c 'read -r word; echo "$word"' <&8
}

# guardian PID: the guardian of the prun with this pid, if there is one
guardian()
{
	ps -A -o pid= -o ppid= -o args= | while read -r p pp args; do
		[ "$pp" != "$1" ] || [ "$args" != 'prun: guardian' ] || echo "$p"
	done
}

has_guardian()
{
	[ -n "$(guardian "$1")" ]
}

# dead PID: gone, or a zombie that its parent has yet to fetch
dead()
{
	case $(ps -o stat= -p "$1" 2>/dev/null) in
	'' | Z*) return 0 ;;
	esac
	return 1
}

lives()
{
	! dead "$1"
}

taskfile <<-'EOT'
version: '3'
silent: true
tasks:
  long: 'echo $$ >started; exec sleep 1000'
  two:
    deps: [long, other]
  other: 'echo $$ >started; exec sleep 1000'
  short: {cmds: [{for: [1, 2, 3, 4, 5, 6, 7, 8], cmd: sleep 0.04}]}
  daemon: |
    setsid sh -c 'echo $$ >started; exec sleep 1000' >/dev/null 2>&1 &
    sleep 0.3
  quick: 'sleep 1000 >/dev/null 2>&1 & echo $! >started'
  gentle: |
    exec 2>/dev/null
    trap 'echo asked >asked; exit' TERM
    echo $$ >started
    while :; do sleep 0.05 || :; done
  outer: '"$PRUN" inner || echo "inner: $?" >started; exec sleep 1000'
  inner: |
    setsid sh -c 'echo $$ >started; exec sleep 1000' >/dev/null 2>&1 &
    echo $PPID >started
    sleep 1000
EOT

# start WORDS…: prun in the background, its pid in $pid
start()
{
	"$PRUN" "$@" >"$work/bg.out" 2>"$work/bg.err" </dev/null &
	pid=$!
}

# ---- killed ----

run python3 "$abs_srcdir/tests/cli/guardian.py" "$PRUN" 20
is "$status" 0 'P-116: killed at 20 random moments, nothing of a run is left'
[ "$status" = 0 ] || note "$out" "$err"

start gentle
job=$(hear)
wait_for has_guardian "$pid"
g=$(guardian "$pid")
kill -KILL "$pid"
wait "$pid" 2>/dev/null
wait_for dead "$job"
is_file asked asked 'jobs are asked to end before they are killed'
wait_for dead "$g"
ok $? 'the guardian ends with them'

# What is beside prun in its group, as in a script without job control.
sh -c '
	sleep 1000 &
	echo $! >"$work/beside"
	"$PRUN" long 2>/dev/null &
	echo $! >"$work/prun"
	wait
	exec sleep 1000' &
script=$!
job=$(hear)
beside=$(cat "$work/beside")
at_exit='kill $script $beside $pid $alive 2>/dev/null'
wait_for has_guardian "$(cat "$work/prun")"
kill -KILL "$(cat "$work/prun")"
wait_for dead "$job"
ok $? 'a job of a script ends'
lives "$beside" && lives "$script"
ok $? 'the script and what it started beside prun live'

# ---- nested ----

start outer
nested='' alive=''
for word in 1 2; do
	word=$(hear)
	case $(ps -o args= -p "$word") in
	*inner*) nested=$word ;;
	*) alive=$word ;;
	esac
done
wait_for has_guardian "$nested"
g=$(guardian "$nested")
kill -KILL "$nested"
is "$(hear)" 'inner: 137' 'a nested run that is killed ends alone'
wait_for dead "$alive"
ok $? 'what its job had in a session of its own is ended by its guardian'
lives "$pid" && [ -n "$(guardian "$pid")" ]
ok $? 'the run around it goes on'
wait_for dead "$g"
ok $? 'the guardian of the nested run is gone'
kill -TERM "$pid"
wait "$pid" 2>/dev/null

# ---- nobody notices ----

start two
hear >/dev/null && hear >/dev/null
wait_for has_guardian "$pid"
g=$(guardian "$pid")
is "$(guardian "$pid" | wc -l | tr -d ' ')" 1 'one for all jobs'
isnt "$(ps -o pgid= -p "$g" | tr -d ' ')" "$(ps -o pgid= -p "$pid" |
    tr -d ' ')" 'in a group of its own'
if [ -d /proc/self/fd ] && [ "$(id -u)" = "$(ps -o uid= -p "$g" |
    tr -d ' ')" ]; then
	is "$(readlink "/proc/$g/cwd")" / 'it pins no file system'
	is "$(tr '\0' '\n' <"/proc/$g/environ" | grep -v '^LD_')" '' \
	    'its environment tells nothing'
	# shellcheck disable=SC2012 # numbers
	is "$(ls "/proc/$g/fd" | sort -n | tr '\n' ' ')" '0 1 2 ' \
	    'it holds nothing that prun was started with'
	[ -n "$TEST_PORTABLE" ] || is "$(sed -n 's/^Name:[[:space:]]*//p' "/proc/$g/status")" \
	    'prun: guardian' 'its name'
fi
kill -KILL "$g"
wait_for has_guardian "$pid"
ok $? 'where it is killed, another takes its place'
g=$(guardian "$pid")
kill -INT "$g" && kill -TERM "$g" && kill -HUP "$g"
lives "$g"
ok $? 'what is meant for prun does not end it'
kill -TERM "$pid"
wait "$pid"
is $? 143 'a signal ends the run as ever'
dead "$g"
ok $? 'and the guardian with it'

run "$PRUN" daemon
is "$status" 0 'a task leaves a daemon behind'
alive=$(hear)
lives "$alive"
ok $? 'which lives on behind a normal end of the run'
start two
hear >/dev/null && hear >/dev/null
wait_for has_guardian "$pid"
g=$(guardian "$pid")
kill -KILL "$pid"
wait "$pid" 2>/dev/null
wait_for dead "$g"
lives "$alive"
ok $? 'also where another run is killed later'
kill -KILL "$alive"

run "$PRUN" quick
alive=$(hear)
lives "$alive"
ok $? 'so does what stayed in the group of a task of a run that was too short'
kill -KILL "$alive"

# Its stdout ends with prun, not with the guardian.
run timeout 20 sh -c '"$PRUN" daemon | cat; "$PRUN" daemon 2>&1 | cat'
is "$status" 0 'a pipe behind prun ends with the run'
for _ in 1 2; do
	kill -KILL "$(hear)"
done

start short
seen=
while lives "$pid"; do
	seen=$seen$(guardian "$pid")
done
is "$seen" '' 'short jobs have no guardian'

done_testing
