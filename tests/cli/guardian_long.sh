#!/bin/sh
# SPDX-License-Identifier: MIT
# P-116: nothing is left of a prun that was killed, at 400 random moments.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

run python3 "$abs_srcdir/tests/cli/guardian.py" "$PRUN" 400 \
    "${GUARDIAN_SEED:-$(date +%j)}"
is "$status" 0 'nothing of a run that was killed is left'
note "$out" "$err"

done_testing
