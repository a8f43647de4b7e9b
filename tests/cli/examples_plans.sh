#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# examples/plans: ten plans, three at a time (P-801, P-802, P-804, P-810).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
for tool in git ps; do
	command -v $tool >/dev/null || skip_all "there is no $tool"
done
. "$abs_srcdir/tests/cli/lib_git.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"
example plans
cd plans || bail_out 'no copy of examples/plans'

run prun --plans 'docs/plans/*.md'
is "$status" 201 'a plan that fails, and one that hangs'
like "$out" 'e2e-test-06 *flaky *2 *e2e-test-07 *failed *2 ' \
    'P-810: the flaky one has passed, and its tries are shown'
like "$out" 'e2e-test-06 passed on try 2; try 1: exit 1' 'P-810: and why'
like "$out" 'e2e-test-08 failed: not done after 3s' \
    'P-804: the one that hangs is ended'
# shellcheck disable=SC2009 # pgrep is not everywhere
is "$(ps -A -o args= | grep -c '^sleep 611$')" 0 \
    'P-804: with all that it had started'
tree=$(printf '%s\n' "$out" |
    sed -n '/^e2e-test-07/,/^$/s/^  worktree *//p')
is "$(cat "$tree/touched")" e2e-test-07 \
    'P-805: the tree of the one that fails is as it left it'
report=$(printf '%s\n' "$out" | sed -n '/^e2e-test-07/,/^$/s/^  report *//p')
like "$(cat "$report")" '# e2e-test-07*2 | its tax | no: fail*2 passed, 1 failed' \
    'P-806: and its report is there'
run prun --results last
like "$out" 'session * failed: 10 tests: 8 passed (1 flaky), 2 failed' \
    'P-810: --results says it again'
run prun --plans 'docs/plans/*-03.md' BATCH_RANGE=1-2
like "$out" 'e2e-test-03 1-2 *passed' 'a range of batches'
is "$(git status --porcelain)" '' 'nothing has changed here'

done_testing
