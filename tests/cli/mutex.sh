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

done_testing
