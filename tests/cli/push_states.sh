#!/bin/sh
# SPDX-License-Identifier: MIT
# P-702 to P-708, never-events 13, 14 and 17: random repositories, states of
# trees and pushes, compared with a plain clone of what was pushed.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"
command -v python3 >/dev/null || skip_all 'there is no python3'

run python3 "$abs_srcdir/tests/cli/push_states.py" "$PRUN" "${PUSHES:-60}" 1
is "$status" 0 'what was pushed passes in a clone of it; the rest is as it was'
note "$out" "$err"
done_testing
