#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs inside of runs (P-108, P-203, never-events 11 and 23).
. "${abs_srcdir:-.}/tests/cli/lib.sh"

# No task on PATH but the run's own.
PATH=$(printf '%s' "$PATH" | tr : '\n' | while read -r dir; do
	[ -e "$dir/task" ] || printf '%s:' "$dir"
done)
PATH=${PATH%:}
export PATH

# Jobs count themselves: how many run at once is written by each.
cat >count.sh <<'END'
#!/bin/sh
# one line per begin and end, in order: appends are whole
echo + >>count.log
sleep 0.05
echo - >>count.log
END
chmod +x count.sh
peak()
{
	awk '/\+/ { n++; if (n > max) max = n } /-/ { n-- } END { print max + 0 }' \
	    count.log
}

printf 'all:\n\ttask leaf\n' >Makefile
taskfile <<'END'
version: '3'
silent: true
tasks:
  level1: {cmds: ['task level2 && echo one']}
  level2: {cmds: ['"$PRUN" level3 && echo two']}
  level3: {cmds: ['sh -c "echo three"'], deps: [leaf, leaf2]}
  leaf: {cmds: ['sh -c "echo leaf"']}
  leaf2: {cmds: ['sh -c "echo leaf2"']}
  make: {cmds: ['make -s all']}
  version: {cmds: ['task --version']}
  bad: {cmds: ['exit 3']}
  outer-bad: {cmds: ['task bad']}
  outer-fine: {cmds: ['task bad || true']}
  job: {cmds: ['./count.sh {{.N}}']}
  four:
    deps:
      - {task: job, vars: {N: 1}}
      - {task: job, vars: {N: 2}}
      - {task: job, vars: {N: 3}}
      - {task: job, vars: {N: 4}}
  wide:
    cmds:
      - |
        for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
          task four &
        done
        wait
  loop: {cmds: ['task loop']}
  compat: {cmds: ['echo "compat is ${PRUN_COMPAT:-off}"; task inner']}
  inner: {cmds: ['echo "inner ${PRUN_COMPAT:-off}"; true']}
  gen: {sources: [Makefile], cmds: ['cat Makefile >gen.txt']}
  asks: {cmds: ['task gen']}
  again: {sources: [Makefile], cmds: ['[ -e deep ] || { touch deep; task again; }']}
  hold:
    cmds:
      - |
        task held; echo back >>held.log
  held:
    cmds:
      - |
        echo up >held.up
        cat go >/dev/null
        echo on >>held.log
      - sh -c 'echo second >>held.log'
END

for how in '-C 1' '-C 2' '--serial'; do
	run timeout 30 "$PRUN" $how level1
	is "$status" 0 "P-203 three levels on few slots ($how)"
	is "$(printf '%s\n' "$out" | sort | tr '\n' ' ')" \
	    'leaf leaf2 one three two ' "P-108 all of it ran ($how)"
	like "$err" 'task level2' "P-108 the nested run shows ($how)"
done

run timeout 20 "$PRUN" -C 1 make
is "$out" leaf 'P-108 task works in a recipe of make'
run timeout 20 "$PRUN" version
like "$out" '3.54.0+prun' 'P-108 it is prun'

run timeout 20 "$PRUN" outer-bad
is "$status" 201 'P-108 a failing nested run fails its task'
is "$(printf '%s\n' "$err" | grep -c '^prun: FAILED: ')" 1 \
    'P-106 the outermost run alone says what failed'
like "$err" 'outer-bad *because of task bad' 'P-106 and why'
run timeout 20 "$PRUN" outer-fine
is "$status" 0 'P-108 what the script forgives is forgiven'
unlike "$err" FAILED 'P-108 in the summary as well'

run timeout 60 "$PRUN" -C 2 wide
is "$status" 0 'P-108 twenty nested runs end'
is "$(grep -c + count.log)" 80 'P-108 each did all its work'
is "$(peak)" 2 'P-108 no more jobs at once than the bound'

run timeout 60 "$PRUN" -C 1 loop
isnt "$status" 0 'P-115 a Taskfile that calls itself ends'
isnt "$status" 124 'P-115 soon'
like "$err" 'nested more than 100 deep' 'P-115 with a message'

run timeout 20 "$PRUN" compat
like "$out" 'inner off' 'P-108 the name task is not compat inside of a run'
run timeout 20 "$PRUN" --compat compat
like "$out" 'inner 1' 'P-108 the outermost run decides'

run timeout 20 "$PRUN" -C 1 -p gen asks asks
is "$status" 0 'P-114 what an outer run is at is not waited for inside of it'
run timeout 20 "$PRUN" -C 1 again
is "$status" 0 'P-114 nor what it is part of'

# The outer run is killed: its guardian ends the nested one, which is a job of its
# (P-116), before what waits for it can go on.
mkfifo go
"$PRUN" -C 1 hold >/dev/null 2>&1 &
outer=$!
wait_for test -s held.up
kill -9 $outer
wait $outer 2>/dev/null
nobody_reads()
{
	! python3 -c 'import os; os.open("go", os.O_WRONLY | os.O_NONBLOCK)' \
	    2>/dev/null
}
wait_for nobody_reads
ok $? 'P-116 a nested run whose outer run was killed is ended'
# without the list of processes the nested run may end before its script does
[ "$TEST_PORTABLE" = 1 ] || [ ! -e held.log ]
ok $? 'P-116 and nothing goes on'

# A socket that nobody listens to.
run timeout 20 env PRUN_CONTROL=/nonexistent/control "$PRUN" leaf
is "$out" leaf 'P-108 where the outer run is gone it runs on its own'

run timeout 20 "$PRUN" leaf
is "$(ls "$XDG_RUNTIME_DIR/prun")" '' 'P-901 what a dead run left is removed'
done_testing
