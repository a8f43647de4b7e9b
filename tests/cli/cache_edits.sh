#!/bin/sh
# SPDX-License-Identifier: MIT
# P-1001, P-1005: kept outputs under random edits, against fresh builds.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

run python3 "$abs_srcdir/tests/cli/cache_edits.py" "$PRUN" 200 1
is "$status" 0 'what is kept is what a fresh build makes, and kept once'
note "$out" "$err"

done_testing
