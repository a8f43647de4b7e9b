#!/bin/sh
# SPDX-License-Identifier: MIT
# What the scripts see through tests/cli/terminal.py is what there is.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

run python3 "$abs_srcdir/tests/cli/terminal_driver.py"
is "$status" 0 'keys, signals, modes, job control and a screen'
note "$out" "$err"
done_testing
