#!/bin/sh
# SPDX-License-Identifier: MIT
# P-402, D-5: what commands can do on a terminal, a table of cases.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

run python3 "$abs_srcdir/tests/cli/terminal_cases.py" "$PRUN"
is "$status" 0 'P-402: who has the terminal, what reads it, ^C, ^Z, modes'
note "$(echo "$out" | grep -A3 '^not ok')" "$err"
is "$(echo "$out" | grep -c '^ok')" "$(echo "$out" | sed -n 's/^1\.\.//p')" \
    'all cases ran'
done_testing
