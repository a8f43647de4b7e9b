#!/bin/sh
# SPDX-License-Identifier: MIT
# Parallel calls: P-101 to P-107, P-115; never-events 3, 12, 33, 34.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

# meet N: waits until N jobs of this name are in the room together, so that a
# run in which they are not side by side ends with a failure.
cat >meet <<'EOF'
#!/bin/sh
mkdir -p room
: >"room/$2"
tries=0
while [ "$(ls room | wc -l)" -lt "$1" ]; do
	tries=$((tries + 1))
	[ $tries -lt 200 ] || exit 9
	sleep 0.02
done
EOF
# alone: fails when another one is at it.
cat >alone <<'EOF'
#!/bin/sh
mkdir inside || exit 8
sleep 0.02
rmdir inside
EOF
chmod +x meet alone

taskfile <<-'EOF'
version: '3'
tasks:
  deps: {deps: [d1, d2, d3], cmds: [echo after]}
  d1: ./meet 3 d1
  d2: ./meet 3 d2
  d3: ./meet 3 d3
  group:
    parallel: true
    cmds: [{task: d1}, {task: d2}, {task: d3}]
  serial:
    cmds: [{task: a1}, {task: a2}, {task: a3}]
  barrier:
    parallel: true
    cmds:
      - task: a1
      - ./alone
      - task: a2
      - ./alone
  for:
    parallel: true
    cmds:
      - for: [d1, d2]
        task: '{{.ITEM}}'
      - defer: 'true'
      - task: no
      - task: d3
  no: {if: 'false', cmds: [exit 1]}
  a1: ./alone
  a2: ./alone
  a3: ./alone
  word:
    cmds: ['task:d1 &', 'task:d2 &', 'task:d3', wait]
  bad: exit 5
  words:
    - task:bad &
    - echo before
    - wait
    - echo not-this
  joined: [task:bad &, echo before]
  vars: 'task:say WHO=you'
  say: echo hello {{.WHO}}
EOF
for t in deps group for word; do
	rm -rf room
	run prun -s -C 4 $t
	is "$status" 0 "P-101 to P-103: side by side ($t)"
done
for t in serial barrier; do
	run prun -s -C 4 $t
	is "$status" 0 "P-102: one after the other ($t)"
done
for t in deps group word; do
	rm -rf room
	sed 's/meet [0-9]/meet 1/' Taskfile.yml >one.yml
	run prun -t one.yml -s --serial $t
	is "$status" 0 "P-107: --serial ($t)"
done
sed 's#\./meet 3 ..#./alone#' Taskfile.yml >one.yml
run prun -t one.yml -s --serial group
is "$status" 0 'P-107: --serial is one at a time'
run env USE_PARALLEL=false "$PRUN" -t one.yml -s group
is "$status" 0 'P-107: USE_PARALLEL=false is the same'
printf '[run]\nparallel = off\n' >prun.ini
run prun -t one.yml -s group
is "$status" 0 'P-107: [run] parallel = off is the same'
rm prun.ini
run prun -s words
is "$status" 201 'P-103: wait fails with what it joins'
is "$out" before 'P-103: and nothing comes after it'
run prun -x -s joined
is "$status" 5 'P-103: the end of the task joins what is left'
run prun -s vars
is "$out" 'hello you' 'P-103: variables behind the name'

# ---- P-107: the same lines and files ----
taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [x, y, z], cmds: [cat x y z > sum, echo end]}
  x: {deps: [w], cmds: [echo x, echo x > x]}
  y: {deps: [w], cmds: [echo y, echo y > y]}
  z: [echo z, echo z > z]
  w: {run: once, cmds: [echo w]}
EOF
run prun -s -C 4 all
parallel=$(echo "$out" | sort) files=$(cat sum)
rm x y z sum
run prun -s --serial all
is "$(echo "$out" | sort)" "$parallel" 'P-107, 33: the same lines'
is "$(cat sum)" "$files" 'P-107, 33: the same files'
is "$(echo "$out" | tr '\n' ' ')" 'w x y z end ' 'P-107: in declared order'

# ---- P-105: a group settles wholly ----
taskfile <<-'EOF'
version: '3'
tasks:
  all:
    deps: [bad, slow, needs]
    cmds: [echo not-this]
  bad: echo gone | tee bad.done; exit 7
  slow: [./after-bad, echo slow >> slow.done]
  needs: {deps: [bad], cmds: [echo not-this-either]}
  ff: {failfast: true, deps: [stuck, bad]}
  stuck: 'trap "exit 1" TERM INT; while [ ! -e never ]; do sleep 0.05; done'
EOF
cat >after-bad <<'EOF'
#!/bin/sh
tries=0
until [ -e bad.done ]; do
	tries=$((tries + 1))
	[ $tries -lt 1000 ] || exit 9
	sleep 0.02
done
EOF
chmod +x after-bad
run prun -s -C 4 all
is "$status" 201 'P-105: the parent fails'
is_file slow.done slow 'P-105: the siblings run to their end'
unlike "$out" not-this 'P-105: dependents are skipped'
rm -f bad.done slow.done
run timeout 20 "$PRUN" -s -C 4 ff
is "$status" 201 'P-105: failfast cancels the siblings'
run timeout 20 "$PRUN" -s -C 4 -F ff
is "$status" 201 'P-105: so does --failfast'

# ---- P-106, D-7, 34: what the end says ----
run prun -C 4 all
like "$err" 'prun: bad (all): exit status 7*log: '"$XDG_STATE_HOME" \
    'P-106: the failed call: status, time, log'
like "$err" 'prun: needs: not run, because bad failed' \
    'P-106: the skipped one with its reason'
like "$(echo "$err" | tail -n 1)" 'prun: FAILED: bad, needs (bad); 2 failed, 1 passed, 2 not run in ' \
    'P-106, 34: the last line names the failed phases'
taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [a, b, c]}
  a: [echo all passed, exit 1]
  b: kill -KILL $$
  c: echo all passed
EOF
for mode in $(modes); do
	run_mixed "$PRUN" -o $mode all
	like "$(echo "$out" | tail -n 1)" 'prun: FAILED: a, b; 2 failed, 1 passed in ' \
	    "34: the verdict is the last line ($mode)"
done
like "$out" 'prun: a (all): exit status 1' 'P-106: all failures: the first'
like "$out" '    | all passed' 'P-106: with the last lines of its log'
like "$out" 'prun: b (all): killed by signal 9' 'P-106: and the second, by its signal'
run_mixed "$PRUN" -s all
like "$(echo "$out" | tail -n 1)" 'prun: FAILED: a, b; 2 failed' '34: --silent as well'
unlike "$out" 'as fast as' 'P-502: --silent shows the failures only'
run_mixed "$PRUN" c
is "$out" "$(printf 'task: [c] echo all passed\nall passed')" \
    'P-502: one call that passes needs no summary'
taskfile <<-'EOF'
version: '3'
tasks:
  tiny: {deps: [c, d]}
  slow: {deps: [x, y]}
  script: "task:x\ntask:y\n"
  c: 'true'
  d: echo
  x: sleep 0.2
  y: sleep 0.2
EOF
run prun -C 2 slow
like "$err" 'prun: 3 calls in * of work, [12].[0-9]x as fast as one by one' \
    'P-502: wall time, sum of times, speed-up'
for how in --serial '-C 1'; do
	for name in tiny slow script; do
		run prun $how $name
		like "$err" 'prun: 3 calls in ' "P-502: $name, $how: wall time"
		unlike "$err" 'as fast' 'P-502: and no speed-up where there is none'
	done
done
taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [bar, other]}
  other: echo
  bar: 'printf "\033[31mred\n10%%\r100%%\r\nend"; exit 1'
EOF
run prun all
like "$err" '    | 100%
    | end
' 'P-106: a line that was drawn over is shown as it was last'
like "$err" "    | end
$(printf '\033')\[0m" 'P-106: and a colour ends with the log'
taskfile <<-'EOF'
version: '3'
tasks: {all: {deps: [c]}, c: echo}
EOF
ln -s "$PRUN" "$work/task"
run "$work/task" all
unlike "$err" 'prun:' 'in compat nothing is added'

# ---- 3 and 12: shared dependencies ----
taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [a, b]}
  a: {deps: [gen], cmds: [cat gen.out]}
  b: {deps: [gen], cmds: [cat gen.out]}
  gen:
    sources: [gen.in]
    generates: [gen.out]
    cmds: [rm -f gen.out, sleep 0.05, cp gen.in gen.out]
  two: {deps: [c, d]}
  after: [{task: c, ignore_error: true}, task: d]
  c: {deps: [once], cmds: [echo not-this]}
  d: {deps: [once], cmds: [echo not-this]}
  once: {run: once, cmds: [exit 3]}
EOF
for n in 1 2 3 4 8; do
	echo "turn $n" >gen.in
	run prun -s -C $n all
	is "$out" "$(printf 'turn %s\nturn %s' $n $n)" \
	    "3: dependents see the new output (-C $n)"
done
for t in two after; do
	run prun -s -C 4 $t
	is "$status" 201 "12: a failed run: once fails all dependents ($t)"
	is "$out" '' "12: none of them runs ($t)"
done

# ---- P-115 ----
taskfile <<-'EOF'
version: '3'
tasks:
  down: '"$PRUN" -s down'
EOF
run env PRUN_LEVEL=98 timeout 60 "$PRUN" -s down
isnt "$status" 0 'P-115: runs that call themselves come to an end'
like "$err" 'runs are nested more than 100 deep' 'P-115: with a message'

# ---- 23: no deadlock on one slot ----
taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [l, r, nest], cmds: [task: shared, 'task:l &', wait, echo end]}
  l: {deps: [shared], cmds: [task: deep]}
  r: {deps: [shared, deep], cmds: ['true']}
  deep: {cmds: [task: shared, 'true']}
  shared: {run: once, cmds: ['true']}
  nest: ['"$PRUN" -s l', 'task:r']
EOF
for n in 1 2; do
	run timeout 60 "$PRUN" -s -C $n all
	is "$status" 0 "23: no deadlock with -C $n"
	is "$out" end "23: and all of it ran (-C $n)"
done

done_testing
