#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/phases: a Taskfile of nothing but ready-made phases (P-1401, P-1402).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"
# a derived task shows only what failed (P-407)
TASK_OUTPUT=group-task
export TASK_OUTPUT
for tool in cc make; do
	command -v $tool >/dev/null || skip_all "there is no $tool"
done
PRUN_TASKFILES=$abs_srcdir/taskfiles
export PRUN_TASKFILES
example phases
cd phases || bail_out 'no copy'

run prun qa-parallel
is "$status" 0 'qa-parallel passes'
like "$err" 'qa-parallel is derived: c:build, then c:lint, c:type-check, c:test, sh:lint' \
    'P-1403: the build comes first'
like "$out" '0 wrong' 'the tests of the library have run'
like "$out$err" '+ sh tests/year.sh' 'those of the script too'
is "$(git status --porcelain)" '' 'nothing is left but what git ignores'

sed 's/ANNO/AD/' scripts/year.sh >new && mv new scripts/year.sh
run prun qa-parallel
is "$status" 201 'a failing test of the script fails the run'
like "$out$err" 'test: failed: tests/year.sh' 'it is named'
like "$(printf '%s\n' "$err" | tail -n 1)" 'FAILED: sh:test' \
    'the last line names the phase'
like "$out" '0 wrong' 'the others finish'
run prun clean
is "$status" 0 'clean passes'
[ ! -e lib/build ]
ok $? 'and removes what was built'
done_testing
