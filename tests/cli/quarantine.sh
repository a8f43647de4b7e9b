#!/bin/sh
# SPDX-License-Identifier: MIT
# `flaky: {owner, until}` (P-1103): it runs, it is shown, it does not fail the
# run, and it ends.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile <<EOT
version: '3'
silent: true
tasks:
  flaky: {flaky: {owner: ann, until: 2999-12-31}, cmds: ['echo f', 'exit 3']}
  today: {flaky: {owner: ann, until: $(date +%F)}, cmds: ['exit 3']}
  over: {flaky: {owner: bob, until: 2020-01-31}, cmds: ['exit 3']}
  good: {flaky: {owner: ann, until: 2999-12-31}, cmds: ['true']}
  deps: {deps: [flaky, ok], cmds: ['echo went on']}
  calls: {cmds: [{task: flaky}, 'echo went on']}
  group: {parallel: true, cmds: [{task: flaky}, {task: ok}]}
  fast: {failfast: true, deps: [flaky, ok], cmds: ['echo went on']}
  script: {cmds: ['task:flaky && echo the script went on']}
  below: {flaky: {owner: ann, until: 2999-12-31}, deps: [broken]}
  broken: {cmds: ['exit 4']}
  both: {deps: [flaky, broken]}
  tries:
    flaky: {owner: ann, until: 2999-12-31}
    retries: 2
    cmds: ['echo try', 'exit 3']
  slow:
    flaky: {owner: ann, until: 2999-12-31}
    cmds: [{cmd: sleep 5, timeout: 50ms}]
  once1: {deps: [shared], cmds: ['echo one']}
  once2: {deps: [shared], cmds: ['echo two']}
  shared: {run: once, flaky: {owner: ann, until: 2999-12-31}, cmds: ['exit 3']}
  ok: {cmds: ['echo ok']}
EOT

line='prun: flaky failed, which does not count until 2999-12-31 (ann): '
told()
{
	echo "$err" | grep -c "^$line"
}

run prun flaky
is "$status $out $(told)" '0 f 1' 'named: it runs, it is told, and it does not count'
run prun today
is "$status" 0 'its last day is one of them'
run prun good
is "$status $err" '0 ' 'nothing is said of one that passes'
for how in deps calls fast; do
	run prun "$how"
	is "$status $(echo "$out" | tail -1) $(told)" '0 went on 1' "$how: the caller goes on"
done
run prun group
is "$status $(echo "$out" | sort | tr '\n' ' ')$(told)" '0 f ok 1' \
    'in a group'
run prun script
is "$status $(echo "$out" | tail -1)" '0 the script went on' 'in a script'
run prun --parallel once1 once2
is "$status $(echo "$out" | sort | tr '\n' ' ')" '0 one two ' \
    'who shares it goes on'
run prun slow
is "$status" 0 'a timeout of its own is a failure of its own'
run prun tries
is "$status $(echo "$out" | grep -c try)" '0 3' 'it is tried again first'

run prun over
is "$status $(echo "$err" | grep -c '^prun: over failed, and its quarantine until 2020-01-31 is over (bob)')" \
    '201 1' 'it ends'
run prun below
is "$status" 201 'what failed below it counts'
run prun both
is "$status $(told)" '201 1' 'others count'
run prun --compat flaky
is "$status $(echo "$err" | grep -c quarantine)" '201 0' 'not in compat'
run prun -s flaky
is "$status $(told)" '0 1' 'silent: failures are told'
run prun --stats flaky
is "$(echo "$out" | awk 'NR == 2 { print $1, $3 }')" 'flaky 0%' \
    'the history has its failures'
prun --schema | grep -q '"flaky"'
ok $? 'the schema knows it'
taskfile <<-'EOT'
version: '3'
tasks:
  a: {flakyy: 1, cmds: ['true']}
  b: {flaky: {owner: ann, until: 2999-12-31}, cmds: ['true']}
EOT
run prun --lint
is "$(echo "$err$out" | grep -o 'key "flaky[a-z]*"')" 'key "flakyy"' \
    'and --lint takes it for a key'

done_testing
