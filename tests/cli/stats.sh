#!/bin/sh
# SPDX-License-Identifier: MIT
# The history (P-902), --stats (P-1101, P-1102), and what is said at the end of
# a run of calls that are slow today or slower for good (P-1103).

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v python3 >/dev/null || skip_all 'python3 makes the histories'

taskfile <<-'EOT'
version: '3'
tasks:
  a: {cmds: ['sleep {{.S | default "0.51"}}']}
  bad: {cmds: ['exit 3']}
  b: {cmds: ['true']}
  other: {cmds: [{task: a, vars: {S: '1.05'}}]}
EOT

state()
{
	echo "$XDG_STATE_HOME"/prun/*
}
# Many runs of `a` in the past, of these milliseconds each: their journals, for
# the next one to take.
past()
{
	python3 - "$(state)/runs" "$@" <<-'EOF'
	import json, os, sys, glob
	runs = sys.argv[1]
	some = sorted(glob.glob(runs + "/*/events.jsonl"))[0]
	lines = [json.loads(l) for l in open(some)]
	for n, ms in enumerate(sys.argv[2:]):
	    name = "20200101-%02d%02d00-000000" % (n // 60, n % 60)
	    os.makedirs(runs + "/" + name)
	    with open(runs + "/" + name + "/events.jsonl", "w") as f:
	        for o in lines:
	            o = dict(o)
	            if o["ev"] == "run":
	                o["id"] = name
	                o["head"] = "%010d" % n + 30 * "a"
	            if o["ev"] == "call_end":
	                o["job_time"] = int(ms) * 1000000
	            f.write(json.dumps(o) + "\n")
	EOF
}

run prun --stats
is "$status $out" '0 no run is in the history' 'before the first run'
run prun a
is "$status $(echo "$err" | grep -c slow)" '0 0' 'one run says nothing'
run prun --stats
echo "$out" | sed -n 2p | grep -q '^a  *1  *100%  *100%  *-  *5[0-9][0-9]ms'
ok $? 'a run is in the history'
run prun bad
run prun b
run prun --stats bad b
is "$(echo "$out" | awk 'NR > 1 { print $1, $2, $3 }' | tr '\n' ' ')" \
    'b 1 100% bad 1 0% ' 'short runs and failed ones are, when asked for'
run prun --stats zz
is "$status $err" '200 prun: no run of task "zz" is in the history' \
    'a task without a history'
run prun --stats a --json
is "$(echo "$out" | python3 -c 'import json, sys
o = json.load(sys.stdin)
c, = o["calls"]
print(o["runs"], c["task"], c["runs"], c["verdicts"], c["timed"],
    0.5 < c["p50"] < 0.9)')" "3 a 1 {'passed': 1, 'of': 1} 1 True" \
    'as JSON'

# ---- slow today ----
rm -rf "$XDG_STATE_HOME"
prun a 2>/dev/null
printf '[logs]\nkeep = 100\n' >prun.ini
past 500 520 510 505 515 500 510 520
run prun other
is "$(echo "$err" | grep -c 'slow today')" 0 \
    'with other variables it is another call'
taskfile <<-'EOT'
version: '3'
tasks:
  a: {cmds: ['sleep 1.05']}
EOT
run prun a
echo "$err" | grep -q \
    '^prun: slow today: a took 1\.[0-9]*s, usually 5[0-9][0-9]ms; load '
ok $? 'slow today is said, with the load'
run prun -s a
is "$err" '' 'but not with --silent'

# ---- slower for good: once ----
taskfile <<-'EOT'
version: '3'
tasks:
  a: {cmds: ['sleep 0.52']}
EOT
rm -rf "$XDG_STATE_HOME"
prun a 2>/dev/null
rm -f "$(state)"/history.db*
past 450 453 451 452 449 450 454 448 451 452 450 449 520 522 519 523 521
run prun a
note "$err"
echo "$err" | grep -q \
    '^prun: slower since run 20200101-001200-000000: a takes 5[0-9][0-9]ms, before 45[0-9]ms (+1[0-9]%); commits 0000000011\.\.0000000012$'
ok $? 'slower for good: since which run, and its commits'
run prun a
is "$(echo "$err" | grep -c slower)" 0 'it is said once'
run prun --stats
echo "$out" | grep -q '^a is slower since run 20200101-001200-000000: 5[0-9][0-9]ms, .*; commits 0000000011\.\.0000000012$'
ok $? '--stats shows it still'
run prun --stats --json
is "$(echo "$out" | python3 -c 'import json, sys
print(json.load(sys.stdin)["calls"][0]["change"]["run"])')" \
    20200101-001200-000000 'and so does the JSON'

# ---- a chart, on a terminal alone ----
is "$(prun --stats a | grep -c '█')" 0 'no chart in a pipe'
chart=$(LC_ALL=C.UTF-8 python3 -c '
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execve(sys.argv[1], [sys.argv[1], "--stats", "a"],
        dict(os.environ, TERM="xterm", NO_COLOR=""))
text = b""
while True:
    try:
        piece = os.read(fd, 65536)
    except OSError:
        break
    if not piece:
        break
    text += piece
os.waitpid(pid, 0)
row = [l for l in text.decode().splitlines() if l.startswith("a ")][0]
print(row.split()[-1])' "$PRUN")
is "$(printf %s "$chart" | LC_ALL=C.UTF-8 wc -m | tr -d ' ') \
$(printf %s "$chart" | grep -c '▁.*█')" '20 1' \
    'the last 20 times, lower ones before the step'

# ---- what is wrong with the file costs the history alone ----
db=$(state)/history.db
echo 'this is no database, and longer than its head is by far, so to say' >"$db"
rm -f "$db"-*
run prun a
is "$status $(echo "$err" | grep -c '^prun: the history is damaged')" '0 1' \
    'damaged: one warning'
run prun a
is "$status $(echo "$err" | grep -c 'history')" '0 0' 'it began anew'
[ -e "$db.damaged" ]
ok $? 'what there was is kept'
# set_version N [SQL]: what another prun would have left
set_version()
{
	python3 -c 'import sqlite3, sys
d = sqlite3.connect(sys.argv[1])
d.execute("pragma user_version = " + sys.argv[2])
for sql in sys.argv[3:]:
    d.execute(sql)
d.commit()' "$db" "$@"
}
set_version 99
run prun a
is "$status $(echo "$err" | grep -c '^prun: no history is kept: .*newer prun')" \
    '0 1' 'of a newer prun: one warning'
set_version 1 'drop table said' 'alter table runs drop column mem_wait' \
    'alter table calls drop column blocks_read' \
    'alter table calls drop column blocks_written'
run prun a
is "$status $(echo "$err" | grep -c history) $(python3 -c 'import sqlite3, sys
d = sqlite3.connect(sys.argv[1])
print(*d.execute("pragma user_version").fetchone(),
    *d.execute("select count(*) from sqlite_master where name = ?",
    ["said"]).fetchone())' "$db")" '0 0 3 1' \
    'of an older prun: brought up to date'
rm -f "${db:?}" "$db"-*
mkdir "$db"
run prun a
is "$status $(echo "$err" | grep -c '^prun: no history is kept: ')" '0 1' \
    'not a file: one warning'
rmdir "$db"
ln -s "$work/elsewhere" "$db"
run prun a
is "$status $(echo "$err" | grep -c '^prun: no history is kept: ')" '0 1' \
    'a link is not followed'
[ ! -e "$work/elsewhere" ]
ok $? 'nothing is made behind it'
rm "$db"
runs()
{
	prun --stats a --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["calls"][0]["runs"])'
}
prun a 2>/dev/null
before=$(runs)
(
	trap '' XFSZ
	ulimit -f 16
	prun a
) >out 2>err
is "$? $(grep -c '^prun: no history is kept: ' err) $(grep -c prun: err)" \
    '0 1 1' 'no room for it: one warning'
is "$(runs)" $((before + 1)) \
    'what was there is there, and the run that could not be written'
rm -f "${db:?}" "$db"-*
printf '[features]\nhistory = off\n' >prun.ini
run prun a
[ ! -e "$db" ]
ok $? 'switched off'
rm prun.ini

# ---- two at once ----
before=$(runs)
prun a 2>/dev/null &
first=$!
run prun a
wait $first
is "$(runs)" $((before + 2)) 'two at once: both are in it'

# ---- killed: the next one takes what it left ----
taskfile <<-'EOT'
version: '3'
tasks:
  half:
    cmds:
      - task: quick
      - |
        until grep -q '"name":"quick","status"' \
            "$XDG_STATE_HOME"/prun/*/runs/*/events.jsonl; do sleep 0.05; done
        kill -9 $PPID; sleep 5
  quick: {cmds: ['true']}
EOT
run prun half
[ "$status" -ne 0 ]
ok $? 'a run was killed'
# its guardian may hold the lock of the run for a moment longer
for _ in 1 2 3 4 5 6 7 8 9 10; do
	run prun --stats quick
	[ "$status" -ne 0 ] || break
	sleep 0.2
done
is "$status $(echo "$out" | awk 'NR == 2 { print $1, $2, $3 }')" \
    '0 quick 1 100%' 'what had ended by then is known'

# ---- runs that had nothing to do ----
mkdir idle
cd idle || bail_out 'no folder'
echo 1 >in
taskfile <<-'EOT'
version: '3'
tasks:
  all: {deps: [made]}
  made: {sources: [in], generates: [out], cmds: ['cp in out']}
EOT
idle()
{
	last=$(ls -d "$XDG_STATE_HOME"/prun/idle-*/runs/* | tail -n 1)
	tail -n 1 "$last/events.jsonl" | grep -c '"idle":true'
}
run prun all
is "$(idle)" 0 'P-902: a command ran'
run prun all
is "$(idle)" 1 'P-902: nothing ran'
run prun all -f
is "$(idle)" 0 'P-902: forced'
run prun --stats made
is "$status $(echo "$out" | awk 'NR == 2 { print $1, $2, $3 }')" \
    '0 made 2 100%' 'P-902: what was up to date is no run of it'

# ---- short runs are taken a few at a time, many in one second too ----
rm -rf "$XDG_STATE_HOME"
taskfile <<-'EOT'
version: '3'
tasks:
  b: {cmds: ['true']}
EOT
prun -s b
prun --stats b >/dev/null
db=$(state)/history.db
touch -r "$db" seen
n=0
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	prun -s b
	[ -z "$(find "$db" -newer seen)" ] || {
		n=$((n + 1))
		touch -r "$db" seen
	}
done
# two times, and a run that was held up for half a second is taken at once
[ "$n" -ge 2 ] && [ "$n" -le 5 ]
ok $? "P-902: 20 short runs go into the history a few times, not $n"

done_testing
