#!/bin/sh
# SPDX-License-Identifier: MIT
# P-402: the same on a terminal under the name `task`.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

ln -s "$PRUN" "$work/task"
run python3 "$abs_srcdir/tests/cli/terminal_cases.py" "$work/task"
is "$status" 0 'P-402: compat changes nothing in who has the terminal'
note "$(echo "$out" | grep -A3 '^not ok')" "$err"
done_testing
