#!/bin/sh
# SPDX-License-Identifier: MIT
# SIGINT, SIGTERM and SIGHUP at any moment (D-5): the whole tree of processes
# ends, with 130, 143 and 129, and one signal is enough.  Never-events 1, 24,
# 25 and 26.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
for tool in python3 ps; do
	command -v $tool >/dev/null || skip_all "there is no $tool"
done
# macOS has none
if ! command -v setsid >/dev/null; then
	mkdir "$work/bin"
	cat >"$work/bin/setsid" <<-'EOF'
	#!/usr/bin/env python3
	import os, sys
	if os.getpgrp() == os.getpid() and os.fork() > 0:
	    sys.exit(0)
	os.setsid()
	os.execvp(sys.argv[1], sys.argv[1:])
	EOF
	chmod +x "$work/bin/setsid"
	PATH=$work/bin:$PATH
fi

. "$abs_srcdir/tests/cli/lib_signals.sh"
mkfifo gate
exec 9<>gate

taskfile <<-'EOF'
version: '3'
tasks:
  plain: 'echo $$ > started; exec sleep 100'
  script:
    - |
      sleep 100 &
      echo $! > started
      wait
  deaf: "trap '' INT TERM HUP; echo $$ > started; while :; do sleep 1; done"
  session:
    - setsid sh -c 'echo $$ > started; exec sleep 100'; sleep 100
  forked: "(sleep 100 & echo $! > started); sleep 100"
  nested: '"$PRUN" plain'
  all:
    deps: [plain, script, forked]
  after: [task: plain, 'touch not-this']
  clean: [{defer: 'echo cleaned >> log'}, 'echo $$ > started; sleep 100']
EOF
printf '[run]\ngrace = 2s\n' >prun.ini

status_of()
{
	case $1 in
	INT) echo 130 ;;
	TERM) echo 143 ;;
	HUP) echo 129 ;;
	esac
}

for sig in INT TERM HUP; do
	for t in plain script session forked nested after clean; do
		for mode in interleaved group; do
			# a shell's background child ignores SIGINT, which
			# costs the whole grace where that cannot be told
			[ $sig != INT ] || [ $mode = interleaved ] || continue
			case $TEST_PORTABLE$sig$t in
			1INTforked | 1INTscript | 1INTsession) continue ;;
			esac
			start -o $mode "$t"
			job=$(hear)
			kill -s $sig $pid
			status=0
			wait $pid || status=$?
			is "$status" "$(status_of $sig)" \
			    "SIG$sig: exit status ($t, $mode)"
			dead "$job"
			ok $? "24: nothing is left after SIG$sig ($t, $mode)"
		done
	done
	[ ! -e not-this ]
	ok $? "SIG$sig: what comes after does not start"
done
is "$(sort log | uniq -c | tr -s ' ')" ' 5 cleaned' \
    'P-110: after a signal, defers run once each'

# Three at a time, and one that hears nothing: KILL after the grace.
start -C 4 all
one=$(hear)
two=$(hear)
three=$(hear)
kill -s TERM $pid
status=0
wait $pid || status=$?
is "$status" 143 'several at once: exit status'
dead "$one" && dead "$two" && dead "$three"
ok $? '24: several at once: nothing is left'

start deaf
job=$(hear)
kill -s INT $pid
status=0
wait $pid || status=$?
is "$status" 130 '24: one that ignores signals: one signal is enough'
dead "$job"
ok $? '24: and it is gone'

# ---- 24: a timeout ends the tree as well ----
taskfile <<-'EOF'
version: '3'
tasks:
  t:
    - cmd: 'sleep 100 & echo $! > started; wait'
      timeout: 300ms
  s:
    - cmd: setsid sh -c 'echo $$ > started; exec sleep 100'; sleep 100
      timeout: 300ms
  run: "sleep 100 & echo $! > started; wait"
EOF
for t in t s '--run-timeout=300ms run'; do
	# shellcheck disable=SC2086 # an option and a task
	start $t
	job=$(hear)
	status=0
	wait $pid || status=$?
	isnt "$status" 0 "24: a timeout is no success ($t)"
	dead "$job"
	ok $? "24: nothing is left after a timeout ($t)"
done

# ---- a background child that holds its pipe (D-5) ----
taskfile <<-'EOF'
version: '3'
tasks:
  daemon: ['sleep 100 & echo $! > started; echo up', echo next]
  quiet: ['sleep 100 >/dev/null 2>&1 & echo $! > started; echo up']
EOF
for mode in interleaved prefixed group; do
	start -o $mode daemon
	job=$(hear)
	status=0
	wait $pid || status=$?
	is "$status" 0 "a child that holds its pipe: the run ends ($mode)"
	like "$(cat "$work/bg.out")" 'up?*next' "its output is there ($mode)"
	! dead "$job"
	ok $? "a daemon lives on at a normal end ($mode)"
	kill "$job"
	[ $mode = group ] ||
	    like "$(cat "$work/bg.err")" 'holds its output' "it is said ($mode)"
done
start quiet
job=$(hear)
wait $pid
is "$(cat "$work/bg.err" | grep -c 'holds')" 0 \
    'a child without the pipe: nothing to say'
kill "$job"

# ---- 25: once, and to everybody ----
taskfile <<-'EOF'
version: '3'
tasks:
  count:
    - |
      trap 'echo parent >> heard' TERM INT
      sh -c 'trap "echo child >> heard" TERM; echo $$ > started
          while ! read -r x < gate; do :; done' &
      wait; wait
EOF
for sig in TERM INT; do
	rm -f heard
	start count
	job=$(hear)
	kill -s $sig $pid
	[ $TEST_PORTABLE$sig = 1INT ] || wait_for grep child heard
	wait_for grep parent heard
	echo x >&9
	wait $pid
	want=' 1 child; 1 parent;'
	# a shell's background child cannot hear SIGINT: TERM, when its shell
	# is over, is its one signal where that can be told
	[ $TEST_PORTABLE$sig != 1INT ] || want=' 1 parent;'
	is "$(sort heard | uniq -c | tr -s ' ' | tr '\n' ';')" "$want" \
	    "25: SIG$sig comes once to each"
done

# ---- 26: what was written before the end is there ----
taskfile <<-'EOF'
version: '3'
tasks:
  big:
    - |
      i=0
      while [ $i -lt 16384 ]; do
        i=$((i + 1))
        printf '%063d\n' $i
      done
      printf 'no line end'
      echo $$ > started
      exec sleep 100
EOF
for mode in $(modes); do
	start -o $mode big
	job=$(hear)
	kill -s TERM $pid
	status=0
	wait $pid || status=$?
	is "$status" 143 "26: exit status ($mode)"
	log=$(find "$XDG_STATE_HOME" -name '*-big.log' -o -name '*-big' |
	    sort | tail -n 1)
	is "$(($(wc -c <"$log")))" 1048587 "26: every byte is in the log ($mode)"
	is "$(tail -c 11 "$log")" 'no line end' "26: its end as well ($mode)"
	is "$(grep -c 'no line end' "$work/bg.out")" 1 \
	    "26: and on the terminal ($mode)"
done
start -o group big
job=$(hear)
kill -s KILL $pid
wait $pid 2>/dev/null
kill -s KILL "$job"
log=$(find "$XDG_STATE_HOME" -name '*-big*' | sort | tail -n 1)
is "$(($(wc -c <"$log")))" 1048587 '26: also when prun itself is killed'

done_testing
