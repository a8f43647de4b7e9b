#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# --log --follow: the logs of a run while it goes on (P-401, P-117).

. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile <<-'EOF'
version: '3'
tasks:
  chain: {cmds: [task: first, task: second]}
  first: 'echo first; read -r _ <go; printf "torn"'
  second: 'echo second; echo of it >&2; exit 3'
  hold: 'echo before; read -r _ <go; echo after'
  side: {deps: [hold, hold2]}
  hold2: 'echo two; read -r _ <go2'
  twice: {cmds: [{task: word, vars: {W: one}}, {task: word, vars: {W: two}}]}
  word: 'echo {{.W}}'
  quiet: 'true'
  secret:
    vars: {PW: {value: sekrit-0815, secret: true}}
    cmds: ['echo "{{.PW}}"; read -r _ <go', 'echo done']
EOF
mkfifo go go2 shown
newest()
{
	find "$XDG_STATE_HOME" -name events.jsonl | sort | tail -n 1
}

count()
{
	find "$XDG_STATE_HOME" -name events.jsonl 2>/dev/null | grep -c .
}

# start ARGUMENT…: a run in the background, pid $pid, which has its journal
start()
{
	before=$(count)
	"$PRUN" -s "$@" >/dev/null 2>&1 &
	pid=$!
	wait_for more_than "$before"
}

more_than()
{
	[ "$(count)" -gt "$1" ]
}

# begun KIND TEXT: the journal of the newest run has such a line
begun()
{
	grep -qs "\"ev\":\"$1\".*$2" "$(newest)"
}

run prun --log --follow
like "$status $err" '1 *no earlier run is known here' 'P-401 no run at all'

# ---- one that goes on ----
for mode in interleaved group prefixed group-task; do
	start -o $mode hold
	wait_for begun job hold
	"$PRUN" --log --follow hold >shown 2>"$work/err" &
	follower=$!
	exec 7<shown
	read -r line <&7
	is "$line" before "P-117 what a job has printed is shown while it runs ($mode)"
	echo >go
	read -r line <&7
	is "$line" after "P-117 and what it prints then ($mode)"
	wait $follower
	is "$? $(cat "$work/err")" '0 ' "P-117 until the run ends ($mode)"
	exec 7<&-
	wait $pid
done

# ---- a call that comes later, in a run that fails ----
start chain
wait_for begun job first
begun call second
isnt $? 0 'P-117 a call that has not been made'
"$PRUN" --log --follow second >second.out 2>second.err &
late=$!
"$PRUN" --log --follow >all.out 2>all.err &
all=$!
"$PRUN" --log --follow nobody >nobody.out 2>nobody.err &
nobody=$!
"$PRUN" --log --follow --run "$(basename "$(dirname "$(newest)")")" first \
    >first.out 2>first.err &
first=$!
wait_for grep -q first all.out
is "$(cat second.out nobody.out nobody.err)" '' 'P-117 is waited for'
echo >go
wait $pid
wait $late
is "$?" 0 'P-117 how the run ends is not how following ends'
is "$(cat second.out)" "$(printf 'second\nof it')" 'P-117 it has come'
wait $first
is "$? $(cat first.out)" "0 $(printf 'first\ntorn')" 'P-117 a run by its id'
wait $all
is "$? $(cat all.err)" '0 ' 'P-117 all of a run'
is "$(cat all.out)" '--- first
first
torn
--- second
second
of it' 'P-117 with a line in front of each, on a line of its own'
wait $nobody
is "$?" 200 'P-401 a task that was not called in the end'
like "$(cat nobody.err)" 'task "nobody" was not called' 'P-401 is named'

# ---- one that is over ----
run prun --log --follow second
is "$status|$out|$err" "0|$(printf 'second\nof it')|" \
    'P-117 a run that is over is shown to its end'
run prun -s quiet
run prun --log --follow quiet
is "$status|$out" '0|' 'P-401 a call without output'
like "$err" 'quiet has no output (passed)' 'P-401 which is said'
run prun -s twice
run prun --log --follow word
is "$out" 'one
--- word
two' 'P-117 a task that is called twice'

# ---- side by side ----
start -C 2 side
wait_for begun job hold2
wait_for begun job '"log":"logs/[0-9]*-hold.log'
"$PRUN" --log --follow >all.out 2>&1 &
all=$!
wait_for grep -q two all.out
wait_for grep -q before all.out
run prun --log hold
like "$err" '"hold" was not called' 'P-401 --log alone is of one that is over'
run prun --log --run "$(basename "$(dirname "$(newest)")")"
like "$out" '--- hold (not finished)?before*' \
    'P-401 but shows by its id what there is of one that goes on'
echo >go
wait_for begun call_end hold
echo >go2
wait $pid
wait $all
is "$(grep -v '^---' all.out | sort | tr '\n' ' ')" 'after before two ' \
    'P-117 several logs'

# ---- secrets ----
start secret
wait_for begun job secret
"$PRUN" --log --follow >all.out 2>&1 &
all=$!
echo >go
wait $pid
wait $all
like "$(cat all.out)" '\*\*\*\*\**done' 'P-406 a log with secrets is followed'
unlike "$(cat all.out)" sekrit 'P-406 which are masked'

# ---- one that is killed ----
start hold
wait_for begun job hold
"$PRUN" --log --follow hold >hold.out 2>hold.err &
follower=$!
wait_for grep -q before hold.out
kill -KILL $pid
wait $pid
wait $follower
is "$? $(cat hold.out)" '1 before' 'P-117 a run that is killed is noticed'
like "$(cat hold.err)" 'prun: run 2*-*-* was killed' 'P-117 and that is said'
run prun --log --follow hold
is "$status|$out" '1|before' 'P-117 also of one that was killed before'
run prun --log hold
is "$status|$out" '0|before' 'P-401 --log shows what it left'

# ---- a reader who goes ----
start hold
wait_for begun job hold
"$PRUN" --log --follow hold >shown 2>"$work/err" &
follower=$!
exec 7<shown
read -r line <&7
exec 7<&-
echo >go
wait $pid
wait $follower
is "$? $(cat "$work/err")" '141 ' 'C-153, P-401 a reader who goes'

# ---- what earlier versions have left ----
run prun -s quiet
dir=$(dirname "$(newest)")
mkdir "$dir/logs"
echo 'it was so' >"$dir/logs/0001-old.log"
cat >"$dir/events.jsonl" <<-EOF
	{"ev":"run","format":1,"id":"$(basename "$dir")","root":"$PWD","cwd":"$PWD","version":"0.1.0","argv":["quiet"],"tasks":["quiet"],"at":1,"slots":2}
	{"ev":"call","id":1,"name":"old","task":"quiet","key":"quiet","status":"failed","error":"exit status 3","log":"logs/0001-old.log","created":1,"start":2,"end":9,"job_time":7,"exit":3,"jobs":1,"attempts":1,"phase":true}
	{"ev":"end","end":10,"exit":201,"rerun":["quiet"]}
EOF
for flags in --log '--log --follow'; do
	# shellcheck disable=SC2086 # two words
	run prun $flags old
	is "$status|$out|$err" '0|it was so|' \
	    "P-1205 a journal of format 1 ($flags)"
done
run prun --failed
is "$status" 0 'P-507 --failed runs what failed in it'
head -n 2 "$dir/events.jsonl" >"$work/j"
cp "$work/j" "$dir/events.jsonl"
run prun --log --follow --run "$(basename "$dir")" old
is "$status|$out" '1|it was so' 'P-1205 one of format 1 that was killed'

done_testing
