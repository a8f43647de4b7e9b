#!/bin/sh
# SPDX-License-Identifier: MIT
# P-1001, P-1005: kept outputs under many random edits, against fresh builds.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

for seed in 2 3; do
	mkdir "$work/t$seed" && cd "$work/t$seed" || exit 99
	run python3 "$abs_srcdir/tests/cli/cache_edits.py" "$PRUN" 2000 "$seed"
	is "$status" 0 "what is kept is what a fresh build makes ($seed)"
	note "$out" "$err"
done

done_testing
