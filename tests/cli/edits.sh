#!/bin/sh
# SPDX-License-Identifier: MIT
# D-2, D-3, never-events 4 to 6: random edits against a fresh build.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

run python3 "$abs_srcdir/tests/cli/edits.py" "$PRUN" 120 1
is "$status" 0 'what is up to date is what a fresh build makes'
note "$out" "$err"

done_testing
