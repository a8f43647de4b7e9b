#!/bin/sh
# SPDX-License-Identifier: MIT
# L-210: 20,000 snippets, and those of the examples, print,
# leave and end with the same whether bash alone runs them or what is faster.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v bash >/dev/null || skip_all 'bash is not installed'
command -v python3 >/dev/null || skip_all 'python3 is not installed'
dash=$(command -v dash) || skip_all 'dash is not installed'
[ "$(readlink -f "$dash")" = "$(readlink -f /bin/sh)" ] ||
    skip_all 'sh is not dash'

steps=$abs_srcdir/tests/cli/shell_steps.py

# share STEP: how many of a thousand snippets it took
share()
{
	printf '%s\n' "$out" |
	    sed -n "s/^\([0-9]*\) snippets.*[ ]$1 \([0-9]*\).*/\2 \1/p" |
	    while read -r n total; do echo $((n * 1000 / total)); done
}

for seed in 1 2 3 4; do
	run python3 "$steps" "$PRUN" --count 5000 --seed "$seed"
	is "$status" 0 "5,000 snippets, seed $seed"
	note "$out"
	[ "$(share stepped)" -ge 40 ]
	ok $? 'prun itself took some of them'
	[ "$(share by_dash)" -ge 80 ]
	ok $? 'dash took others'
	[ "$(share bash)" -ge 100 ]
	ok $? 'and bash the rest'
done
run python3 "$steps" "$PRUN" --taskfiles "$abs_srcdir/examples"
is "$status" 0 'snippets of the examples'
note "$out"
done_testing
