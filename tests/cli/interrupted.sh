#!/bin/sh
# SPDX-License-Identifier: MIT
# D-1, never-events 1 and 9: interrupted work is never up to date, some forms.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

run python3 "$abs_srcdir/tests/cli/interrupted.py" "$PRUN" 7
is "$status" 0 'what was interrupted runs again'
note "$out" "$err"

done_testing
