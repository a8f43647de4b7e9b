#!/bin/sh
# SPDX-License-Identifier: MIT
# C-332, C-333, C-335, C-336: random patterns against a reference matcher.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

for seed in 1 2; do
	mkdir "$work/t$seed" && cd "$work/t$seed" || exit 99
	run python3 "$abs_srcdir/tests/cli/globs.py" "$PRUN" 2000 "$seed"
	is "$status" 0 "every pattern matches what the rules say (seed $seed)"
	note "$out" "$err"
done

done_testing
