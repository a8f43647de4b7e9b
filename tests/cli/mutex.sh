#!/bin/sh
# SPDX-License-Identifier: MIT
# P-112: calls that share a mutex never overlap, in this run or in another.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
command -v ps >/dev/null || skip_all 'there is no ps'

cat >alone <<'EOF'
#!/bin/sh
mkdir inside || exit 8
sleep 0.02
rmdir inside
EOF
chmod +x alone
taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [a, b, c]}
  a: {mutex: db, cmds: [./alone]}
  b: {mutex: db, cmds: [./alone]}
  c: {mutex: db, cmds: [./alone]}
  hold: {mutex: db, cmds: ['echo > started; read -r word < gate']}
  nest: {mutex: db, cmds: ['"$PRUN" -s a']}
EOF
run timeout 30 "$PRUN" -s -C 4 all
is "$status" 0 'in one run'
pids=
for _ in 1 2 3 4; do
	timeout 60 "$PRUN" -s -C 4 all >/dev/null 2>&1 &
	pids="$pids $!"
done
bad=0
for pid in $pids; do
	wait "$pid" || bad=$?
done
is "$bad" 0 'in four runs at a time'
run timeout 30 "$PRUN" -s nest
is "$status" 0 'a nested run does not wait for the one around it'

mkfifo started gate
timeout 60 "$PRUN" -s hold >/dev/null 2>&1 &
pid=$!
timeout 30 cat started >/dev/null
kill -s KILL "$(ps -A -o pid= -o ppid= | awk -v p=$pid '$2 == p { print $1; exit }')" 2>/dev/null
wait $pid 2>/dev/null
run timeout 30 "$PRUN" -s a
is "$status" 0 'a run that was killed holds nothing'
exec 7<>gate
echo go >&7

# Who holds it for whom only the outermost run knows; and two that each hold
# what the other wants would wait for ever.
taskfile <<-'EOF'
version: '3'
silent: true
tasks:
  inside: {mutex: m, cmds: ['./alone && echo in >>log']}
  siblings: {deps: [holder, n1, n2]}
  holder: {mutex: m, cmds: ['./alone && task inside']}
  n1: {cmds: ['task inside']}
  n2: {cmds: ['task deeper']}
  deeper: {cmds: ['task inside']}
  x: {mutex: a, cmds: ['echo x >>log', 'task in-b']}
  y: {mutex: b, cmds: ['echo y >>log', 'task in-a']}
  in-a: {mutex: a, cmds: ['echo a >>log']}
  in-b: {mutex: b, cmds: ['echo b >>log']}
  opposite: {deps: [x, y]}
  p: {mutex: a, cmds: ['echo p >>log; sleep 0.1', {task: in-b}]}
  q: {mutex: b, cmds: ['echo q >>log; sleep 0.1', {task: in-a}]}
EOF
for n in 1 2 4; do
	rm -f log
	run timeout 30 "$PRUN" -s -C $n siblings
	is "$status $(sort log | tr '\n' ' ')" '0 in in in ' \
	    "P-112: nested runs beside a call that holds it (-C $n)"
	rm -f log
	run timeout 30 "$PRUN" -s -C $n opposite
	is "$status $(sort log | tr '\n' ' ')" '0 a b x y ' \
	    "P-112: two runs in one, in opposite order (-C $n)"
	rm -f log
	timeout 30 "$PRUN" -s -C $n p >/dev/null 2>&1 &
	p=$!
	timeout 30 "$PRUN" -s -C $n q >/dev/null 2>&1 &
	q=$!
	wait $p
	p=$?
	wait $q
	is "$p $? $(sort log | tr '\n' ' ')" '0 0 a b p q ' \
	    "P-112: two runs in opposite order (-C $n)"
done

done_testing
