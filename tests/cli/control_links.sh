#!/bin/sh
# SPDX-License-Identifier: MIT
# `task:NAME` inside of scripts (P-104).
. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile <<'END'
version: '3'
silent: true
tasks:
  build-python:
    cmds:
      - 'echo compiling'
      - 'echo a warning >&2'
  bad: {cmds: ['exit 7']}
  say: {cmds: ['echo "got {{.WHAT}} and {{.SCRIPT_ONLY | default "nothing"}}"']}
  upper: {cmds: ['tr a-z A-Z']}
  issue:
    cmds:
      - |
        task:build-python > python-build.log 2>&1 &
        PID=$!
        wait $PID
        echo "python ended with $?"
        cat python-build.log
  status:
    cmds:
      - |
        SCRIPT_ONLY=secret; export SCRIPT_ONLY
        task:bad || echo "bad gave $?"
        task:say WHAT='two words'
        echo through a pipe | task:upper | cat
  fails:
    cmds:
      - |
        echo first
        task:bad
        echo never
  unjoined:
    cmds:
      - |
        task:late PID=$$ &
        echo over
  left:
    cmds:
      - |
        (while kill -0 $$ 2>/dev/null; do sleep 0.01; done
        task:mark) >left.log 2>&1 &
        echo over
  mark: {cmds: ['echo marked']}
  late:
    cmds:
      - while kill -0 {{.PID}} 2>/dev/null; do sleep 0.05; done; exit 7
  unknown:
    cmds:
      - |
        task:nobody
        echo never
  recursion:
    cmds:
      - |
        task:recursion
  words:
    cmds:
      - |
        task:say nonsense
  long:
    cmds:
      - |
        echo $$ > long.pid
        sleep 60
  killed:
    cmds:
      - |
        task:long &
        PID=$!
        until test -s long.pid; do sleep 0.05; done
        kill $PID
        wait $PID || echo "the link gave $?"
        tries=0
        while kill -0 $(cat long.pid) 2>/dev/null && test $tries -lt 100; do
          sleep 0.05; tries=$((tries + 1))
        done
        kill -0 $(cat long.pid) 2>/dev/null || echo 'the call has ended'
  two:
    cmds:
      - |
        task:one-of NAME=a & task:one-of NAME=b &
        wait
  one-of: {cmds: ['echo "{{.NAME}}1"', 'sh -c "echo {{.NAME}}2"']}
END

for how in '-C 4' '-C 1' '--serial'; do
	run timeout 20 "$PRUN" $how issue
	is "$status" 0 "P-104 the script of the issue runs ($how)"
	like "$out" 'python ended with 0' "P-104 a link's status is there ($how)"
	like "$out" compiling "P-104 its output went to the log ($how)"
	like "$out" 'a warning' "P-104 its errors as well ($how)"
	rm -f python-build.log
done

run timeout 20 env USE_PARALLEL=false "$PRUN" two
case $(echo $out) in
'a1 a2 b1 b2' | 'b1 b2 a1 a2') both=0 ;;
*) both=1 ;;
esac
ok $both 'P-107 one call of a script after the other, as they came'

run timeout 20 "$PRUN" -C 1 status
is "$status" 0 'P-104 a failure that the script handles is none'
like "$out" 'bad gave 7' 'P-104 the exit status is the command'\''s'
like "$out" 'got two words and nothing' \
    'P-104 words arrive, the environment of the script does not'
like "$out" 'THROUGH A PIPE' 'P-104 the streams are those of the link'
unlike "$err" 'FAILED' 'P-104 and the verdict does not name it'

run timeout 20 "$PRUN" -x fails
is "$status" 7 'P-104 a failing link ends the script'
is "$out" first 'P-104 at once'
like "$err" 'task: Failed to run task "bad": exit status 7' \
    'P-104 the link says why'
like "$err" 'fails *because of bad' 'P-106 the summary says what it was'

run timeout 20 "$PRUN" -C 1 unjoined
is "$status" 201 'P-103 what a script did not wait for counts in the end'
like "$out" over 'P-103 the script went on'

run timeout 20 "$PRUN" -C 1 left
is "$status" 0 'P-103 a call that comes when the script is over'
is_file left.log marked 'P-103 is made'

run timeout 20 "$PRUN" unknown
is "$status" 201 'P-104 there is no link for what is no task'
like "$err" 'task:nobody: command not found' 'P-104 as the shell says'

run timeout 60 "$PRUN" -C 1 recursion
isnt "$status" 0 'D-9 a script that calls its own task ends'
isnt "$status" 124 'D-9 soon'

run timeout 20 "$PRUN" words
isnt "$status" 0 'P-104 words that are no variables are refused'
like "$err" 'NAME=value' 'P-104 by name'

run timeout 20 "$PRUN" killed
is "$status" 0 'P-104 a link can be killed'
like "$out" 'the link gave 143' 'P-104 it dies of it'
like "$out" 'the call has ended' 'P-104 and its call is cancelled'

is "$(ls "$XDG_RUNTIME_DIR/prun")" '' 'P-901 nothing is left in the folder'
done_testing
