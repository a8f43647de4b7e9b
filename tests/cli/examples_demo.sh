#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/demo: what the first command of the README runs.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"
# a derived task shows only what failed (P-407)
TASK_OUTPUT=group-task
export TASK_OUTPUT
for tool in cc make; do
	command -v $tool >/dev/null || skip_all "there is no $tool"
done
example demo

# P-1403: the Taskfile has qa alone
run prun -d demo qa-parallel
is "$status" 0 'qa-parallel passes'
like "$err" 'prun: qa-parallel is derived: build, then lint, type-check, test-unit, test-cli' \
    'P-1403: it is derived from qa, and what it is is said'
like "$out" 'ok - all words of three letters' 'the unit tests have run'
like "$out" 'ok - one line a word' 'the tests from outside have run'
parallel=$(settled "$out")
is "$(git -C demo status --porcelain)" '' 'nothing is left but what git ignores'

run prun -d demo clean
run prun -d demo qa
is "$status" 0 'qa passes'
is "$(settled "$out")" "$parallel" 'with the same lines'

# what it says of a failure is what the README promises
printf '/* x */ \n' >>demo/words.c
run prun -d demo qa-parallel
is "$status" 201 'a blank at the end of a line is a failure'
like "$out" 'words.c:*: blanks at the end of the line' 'it is named'
like "$out" 'ok - one line a word' 'the other checks finish'
like "$(printf '%s\n' "$err" | tail -n 1)" 'FAILED: lint' \
    'the last line names it'
like "$err" 'run again what failed: prun -d demo --failed' 'and how to run it again'

run prun -d demo --eject qa-parallel
is "$status" 0 'qa-parallel can be ejected'
printf '\n%s\n' "$out" >>demo/Taskfile.yml
git -C demo checkout -q words.c
run prun -d demo qa-parallel
is "$status" 0 'what was ejected works'
unlike "$err" 'is derived' 'and is the one that runs'
done_testing
