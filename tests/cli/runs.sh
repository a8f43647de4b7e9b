#!/bin/sh
# SPDX-License-Identifier: MIT
# P-507: the runs on record, with what was said of them last.
. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile Taskfile.yml <<'EOT'
version: '3'
silent: true
tasks:
  default: {deps: [lint, 'test:py', 'test:web']}
  lint: echo lint
  test:py: echo bad; exit 1
  test:web: echo web
  again: '"$PRUN" lint'
  waits: {cmds: [{task: lint}, 'echo $$ >pid; exec sleep 1000']}
EOT
export PRUN

run prun --runs
is "$status$out" '0no runs' 'no run so far'
run prun --runs --json
is "$(echo "$out" | python3 -c 'import json, sys; print(json.load(sys.stdin))')" \
    '[]' 'as JSON'

run prun
verdict=$(printf '%s\n' "$err" | sed -n '$s/^prun: \(.*\) in [0-9.]*m*s$/\1/p')
is "$verdict" 'FAILED: test:py; 1 failed, 2 passed' 'a run that fails'
run prun lint 'X=a b'
run prun again
run prun --runs
is "$status" 0 '--runs'
is "$(echo "$out" | grep -c .)" 3 'a run inside of another is part of it'
like "$(echo "$out" | sed -n 1p)" '2*-*-*:* *s *again * 2 passed' 'the newest first'
like "$(echo "$out" | sed -n 2p)" "2*s  *lint 'X=a b'  1 passed" \
    'P-507: the command line, to be pasted'
like "$(echo "$out" | sed -n 3p)" "2*s  *default *  $verdict" \
    'P-507: the verdict is that of the last line'

run prun --runs test:py lint
is "$(echo "$out" | grep -c .)" 2 'tasks: those that called one of them'
run prun --runs test:web
like "$out" '*default*' 'a task that was called by another'
run prun --runs nosuch
is "$out" 'no runs of these tasks' 'one that was not called'

"$PRUN" waits >/dev/null 2>&1 &
id=$!
wait_for test -s pid
run prun --runs
like "$(echo "$out" | sed -n 1p)" '2*  -  *waits *  running: waits' \
    'a run that goes on'
kill -9 "$id"
wait "$id" 2>/dev/null
run prun --runs
like "$(echo "$out" | sed -n 1p)" '2*  killed while running: waits' \
    'one that was killed'
kill "$(cat pid)" 2>/dev/null
run prun --runs --json
is "$(echo "$out" | python3 -c '
import json, sys
for r in json.load(sys.stdin):
    print(r["state"], r["verdict"], r["tasks"], r["argv"], r.get("exit"))')" \
    "killed killed while running: waits ['waits'] ['waits'] None
ended 2 passed ['again'] ['again'] 0
ended 1 passed ['lint'] ['lint', 'X=a b'] 0
ended FAILED: test:py; 1 failed, 2 passed ['default'] [] 201" 'as JSON'

printf 'what is no record\n' >"$(find "$XDG_STATE_HOME" -name events.jsonl |
    sort | tail -n 1)"
run prun --runs
is "$status $(echo "$out" | grep -c .)" '0 3' 'a damaged record is passed over'

mkdir other
cd other || exit 99
taskfile Taskfile.yml <<'EOT'
version: '3'
tasks:
  one: {desc: "\e[31mred", cmds: ['exit 3']}
EOT
run prun -x one "$(printf 'X=\033[2J')"
run prun --runs
unlike "$out" "*$(printf '\033')*" 'no control character of others is printed'
run prun --compat --runs
is "$status" 0 'the same in compat: go-task has no such flag'
done_testing
