#!/bin/sh
# SPDX-License-Identifier: MIT
# What --stats says can be done (P-1102): each hint with its figures, and not
# where there is nothing to do.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v python3 >/dev/null || skip_all 'python3 makes the histories'

taskfile <<-'EOT'
version: '3'
tasks:
  build: {deps: [gen, slow], sources: ['src/*.c'], cmds: ['true']}
  uses: {deps: [gen], sources: ['src/*.c', 'gen/*.h'], cmds: ['true']}
  gen: {generates: ['gen/*.h'], cmds: ['true']}
  slow: {cmds: ['true']}
  a: {cmds: ['true']}
  b: {cmds: ['true']}
  kept: {cache: true, cmds: ['true']}
EOT
mkdir src gen
touch src/x.c src/y.c gen/x.h
printf '[logs]\nkeep = 1000\n[pool db]\nslots = 2\n' >prun.ini

# runs: a line each of calls "NAME START END [KEY=VALUE]...", ";" in between;
# what is said of the run stands before a colon.  Times are milliseconds.
runs()
{
	rm -rf "$XDG_STATE_HOME"
	prun --stats >/dev/null
	python3 -c '
import json, os, sys
root = sys.argv[1] + "/runs/"
for n, line in enumerate(l for l in sys.stdin if l.strip()):
    head, calls = line.split(":")
    said = dict(w.split("=") for w in head.split())
    name = "20200101-%06d-000000" % n
    os.makedirs(root + name)
    out = open(root + name + "/events.jsonl", "w")
    def say(**o):
        out.write(json.dumps(o) + "\n")
    say(ev="run", format=2, id=name, slots=int(said.get("slots", 4)),
        serial="serial" in said, machine="m", at=n)
    last = 0
    ids = {}
    for i, text in enumerate(calls.split(";"), 1):
        task, start, end, *more = text.split()
        more = dict(w.split("=") for w in more)
        ids[task] = i
        start, end = int(start) * 1000000, int(end) * 1000000
        last = max(last, end)
        call = dict(ev="call", id=i, name=task, task=task, start=start)
        if "of" in more:
            call.update(parent=ids[more["of"]], dep=True)
        say(**call)
        busy = int(more.get("busy", (end - start) // 1000000)) * 1000000
        say(ev="job", id=i, call=i, pool=more.get("pool", ""), start=end - busy,
            slots=1)
        say(ev="job_end", id=i, call=i, start=end - busy, end=end, exit=0)
        say(ev="call_end", id=i, name=task, attempts=1, jobs=1, end=end,
            status=more.get("status", "passed"), job_time=busy,
            slot_wait=int(more.get("wait", 0)) * 1000000)
    say(ev="end", end=last, tree=said.get("tree", ""), exit=0)
' "$(echo "$XDG_STATE_HOME"/prun/*)"
}
hints()
{
	prun --stats | sed -n 's/^hint: //p'
}
hint()
{
	is "$(hints | grep "$1")" "$2" "$3"
}

# ---- two that fail only side by side ----
for n in 1 2 3 4; do
	echo ": a 0 10 status=failed; b 5 15"
	echo ": a 0 10; b 5 15"
	echo ": a 0 10; b 20 30"
done | runs
hint beside 'a fails only beside b: in 4 of 8 runs in which they ran at once, and in none of 4 others; a mutex keeps them apart' \
    'two that fail side by side alone'
for n in 1 2 3 4; do
	echo ": a 0 10 status=failed; b 5 15"
	echo ": a 0 10 status=failed; b 20 30"
	echo ": a 0 10; b 20 30"
done | runs
hint beside '' 'not where it fails alone as well'
for n in 1 2 3 4; do
	echo ": a 0 10 status=failed; b 5 15"
done | runs
hint beside '' 'not where nobody has seen it apart'

# ---- the cache ----
for n in 1 2 3 4 5 6; do
	echo "tree=11: a 0 400; kept 0 400"
done | runs
hint 'of work' 'a ran 5 times on a tree on which it had passed before, 2.0s of work: with sources, generates and cache: true it would not' \
    'work that was done before'
for n in 1 2 3 4 5 6; do
	echo "tree=$n$n: a 0 400"
	echo ": a 0 400"
done | runs
hint 'of work' '' 'not where the tree was another, or is not known'

# ---- pools ----
runs <<'EOT'
: a 0 1000 pool=db; b 0 2000 pool=db busy=1000 wait=1000
EOT
hint pool 'pool db is full: calls of the last run waited 1.0s for its 2 slots, busy 50% of the time' \
    'a pool that is full'
runs <<'EOT'
: a 0 1000 pool=db; b 0 1000 pool=db wait=100
EOT
hint pool '' 'not one that hardly anybody waits for'

# ---- deps ----
runs <<'EOT'
: build 0 3000 busy=1000; gen 0 2000 of=build; slow 0 500 of=build
EOT
hint dep 'build may need its dep gen no more: it waited 1.5s for it in the last run of 3.0s, and none of its 2 sources is among the 1 file that gen generates' \
    'a dep whose files nobody reads'
runs <<'EOT'
: uses 0 3000 busy=1000; gen 0 2000 of=uses
EOT
hint dep '' 'not one whose files are sources'
runs <<'EOT'
: build 0 3000 busy=1000; gen 0 2000 of=build; slow 0 1900 of=build
EOT
hint dep '' 'not where another is waited for as long'
runs <<'EOT'
: build 0 3000 busy=1000; slow 0 2000 of=build
EOT
hint dep '' 'not one that generates nothing'

# ---- what bounds the run, and slots ----
runs <<'EOT'
slots=1: build 0 4000 busy=1000; slow 0 3000 of=build; a 0 3500 busy=100 wait=2000
EOT
hint bounds 'slow bounds the last run: 3.0s of its 4.0s (75%) passed with nothing else on the critical path' \
    'what bounds it'
hint 'critical path of' 'calls of the last run waited 2.0s for its 1 slot; 4.1s of work on a critical path of 4.0s need 2 at least' \
    'how many slots would do'
is "$(prun --stats --json | python3 -c 'import json, sys
print(sum(n.startswith("hint: ") for n in json.load(sys.stdin)["notes"]))')" \
    "$(hints | wc -l | tr -d ' ')" 'the same as JSON'

done_testing
