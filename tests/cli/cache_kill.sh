#!/bin/sh
# SPDX-License-Identifier: MIT
# P-1002, P-1005: a cache whose users are killed, or are many.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

mkdir "$work/kill" && cd "$work/kill" || exit 99
# what a kill cannot part is a thing of Linux, and not of the sanitizers
run python3 "$abs_srcdir/tests/cli/cache_kill.py" "$PRUN" 30 1 \
    ${TEST_PORTABLE:+parts} ${TEST_SANITIZED:+parts}
is "$status" 0 'killed at any moment, outputs are old or new and the cache is whole'
note "$out" "$err"

mkdir "$work/share" && cd "$work/share" || exit 99
run python3 "$abs_srcdir/tests/cli/cache_share.py" "$PRUN" 3 1
is "$status" 0 'side by side no byte is wrong, and the bound holds'
note "$out" "$err"

done_testing
