#!/bin/sh
# SPDX-License-Identifier: MIT
# D-2, D-3, never-events 4 to 6: many random edits against a fresh build.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

for seed in 11 12 13; do
	mkdir "$work/t$seed" && cd "$work/t$seed" || exit 99
	run python3 "$abs_srcdir/tests/cli/edits.py" "$PRUN" 1000 "$seed"
	is "$status" 0 "what is up to date is what a fresh build makes ($seed)"
	note "$out" "$err"
done

done_testing
