#!/bin/sh
# SPDX-License-Identifier: MIT
# P-1001, P-1002, P-1005: kept outputs for a long time: many random edits against
# fresh builds, many kills, a minute of runs side by side, many entries.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

# play NAME SCRIPT COUNT SEED [WORD…]
play()
{
	name=$1 script=$2
	mkdir "$work/$2$4" && cd "$work/$2$4" || exit 99
	shift 2
	run python3 "$abs_srcdir/tests/cli/cache_$script.py" "$PRUN" "$@"
	is "$status" 0 "$name"
	note "$out" "$err"
}
play 'what is kept is what a fresh build makes' edits 2000 2
play 'and with another seed' edits 2000 3
play 'killed at any moment, outputs are old or new' kill 300 2 \
    ${TEST_PORTABLE:+parts} ${TEST_SANITIZED:+parts}
play 'side by side no byte is wrong' share 60 2
PRUN_TEST_ENTRIES=100000
export PRUN_TEST_ENTRIES
# shellcheck disable=SC2154 # of the build
run "$abs_builddir/tests/unit/unit" store/cache
is "$status" 0 'a cold look among 100,000 entries takes less than 0.3 ms'
note "$out" "$err"

done_testing
