#!/bin/sh
# SPDX-License-Identifier: MIT
# A timeout decides by itself: a program that ends with 0 when it is told to
# end has not done its work (L-195, P-110, P-111; never-events 11 and 35).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
command -v python3 >/dev/null || skip_all 'there is no python3'

# It ends with 0 when it is told to.
cat >polite <<'EOF'
#!/usr/bin/env python3
import signal, sys
for s in (signal.SIGINT, signal.SIGTERM):
    signal.signal(s, lambda *a: sys.exit(0))
signal.pause()
EOF
chmod +x polite

taskfile <<-'EOF'
version: '3'
tasks:
  command:
    sources: [polite]
    cmds: [{cmd: ./polite, timeout: 400ms}, echo NEXT]
  last: {cmds: [{cmd: ./polite, timeout: 400ms}]}
  script:
    cmds:
      - cmd: trap 'exit 0' INT; ./polite; exit 0
        timeout: 400ms
      - echo NEXT
  wait: ./polite
  call: {cmds: [{task: wait, timeout: 400ms}, echo NEXT]}
  dep: {deps: [{task: wait, timeout: 400ms}], cmds: [echo NEXT]}
  if: {cmds: [{cmd: echo NEXT, if: ./polite, timeout: 400ms}]}
  body: echo NEXT
  callif: {cmds: [{task: body, if: ./polite, timeout: 400ms}]}
  groupif:
    parallel: true
    cmds: [{task: body, if: ./polite, timeout: 400ms}]
  for: {cmds: [{for: [1, 2], cmd: './polite {{.ITEM}}', timeout: 400ms}]}
  retry: {retries: 1, cmds: [{cmd: ./polite, timeout: 400ms}, echo NEXT]}
  hidden:
    cmds:
      - {cmd: ./polite, timeout: 400ms, ignore_error: true}
      - echo ON
  defer:
    cmds: [{defer: ./polite, timeout: 400ms}, echo ON]
EOF
for t in command last script call dep if callif groupif for retry; do
	run timeout 30 "$PRUN" $t
	is "$status" 208 "35: $t: it is the timeout that counts"
	like "$err" 'command timeout exceeded (400ms)' "35: $t: it says so"
	unlike "$out" NEXT "35: $t: nothing runs after it"
	case $t in
	retry) times=2 ;;
	*if) times=0 ;; # questions are not told
	*) times=1 ;;
	esac
	is "$(grep -c '] .*polite' "$work/err")" $times "P-110: $t: as often"
done
run timeout 30 "$PRUN" command
is "$status" 208 '35: nor is it up to date afterwards'
for t in hidden defer; do
	run timeout 30 "$PRUN" -v $t
	is "$status" 0 "$t: a failure that counts for nothing still does"
	like "$out" ON "$t: and the rest runs"
	like "$err" 'timeout exceeded' "$t: but it is told"
done

# ---- the bound of the run ----

for t in last wait; do
	run timeout 30 "$PRUN" --run-timeout 400ms $t
	is "$status" 208 "P-111: $t: the bound of the run counts"
	like "$err" 'run timeout exceeded (400ms)' "P-111: $t: it says so"
done

done_testing
