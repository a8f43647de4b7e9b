#!/bin/sh
# SPDX-License-Identifier: MIT
# P-203, P-108, P-112: random nests of scripts, runs inside of runs, shared
# executions and mutexes end, with real processes; src/run/nest_test.c has more
# of them without.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

python3 "$abs_srcdir/tests/cli/nests.py" "$PRUN" 24 1 >log 2>&1
ok $? 'P-203: every nest ends'
note "$(tail -n 150 log)"
done_testing
