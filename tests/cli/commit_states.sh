#!/bin/sh
# SPDX-License-Identifier: MIT
# P-601, P-605, never-events 17, 21 to 23: random states of index and work tree
# compared with git's own view, and some more in which prun is killed.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"
command -v python3 >/dev/null || skip_all 'there is no python3'

run python3 "$abs_srcdir/tests/cli/commit_states.py" "$PRUN" "${STATES:-40}" 1
is "$status" 0 'the commit is what the run changed, the rest is as it was'
note "$out" "$err"
run python3 "$abs_srcdir/tests/cli/commit_states.py" "$PRUN" "${KILLS:-25}" 2 kill
is "$status" 0 'killed at any moment: all of it or nothing'
note "$out" "$err"
done_testing
