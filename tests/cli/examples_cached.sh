#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/cached: what its README promises, and a week of it (P-1001).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"
command -v awk >/dev/null || skip_all 'there is no awk'
example cached
cd cached || bail_out 'no copy of examples/cached'

# commands: how many the last run has started.
commands()
{
	printf '%s\n' "$err" | grep -c '^task: \[[^]]*\] '
}
from_cache()
{
	printf '%s\n' "$err" | grep -c 'is from the cache'
}
sum()
{
	find site checked words.txt -type f -exec cksum {} + | sort -k 3
}

run prun -o interleaved
is "$status $(find site checked words.txt -type f | wc -l | tr -d ' ')" '0 26' \
    'the first run makes 26 files'
first=$(sum)
run prun -o interleaved
is "$status $(commands) $(from_cache)" '0 0 0' 'the second one finds nothing to do'
git clean -fdxq
run prun -o interleaved
is "$status $(commands) $(from_cache)" '0 0 26' 'in a clean tree nothing is made again'
is "$(sum)" "$first" 'and all is as it was'

cp pages/ice.txt "$work/ice"
echo 'It is [cold].' >>pages/ice.txt
run prun -o interleaved
is "$status" 201 'a link to a page that there is not fails its check'
cp "$work/ice" pages/ice.txt
echo 'It is cold.' >>pages/ice.txt
run prun -o interleaved
is "$status $(from_cache)" '0 0' 'a page is edited'
run sh -c 'grep -l "It is cold" site/*.html words.txt'
is "$out" 'site/ice.html' 'its page alone says so'
git checkout -q pages/ice.txt
run prun -o interleaved
is "$status $(commands) $(from_cache)" '0 0 4' 'taken back, its share is in the cache'
is "$(sum)" "$first" 'and all is as it was'

# ---- a week ----
cd "$work" || bail_out 'no folder'
example cached week
cd week || bail_out 'no copy of examples/cached'
run sh week.sh
is "$status" 0 'the week works'
like "$out" '30 runs: *' 'it has thirty runs'
share=$(printf '%s\n' "$out" | sed -n 's/.* \([0-9]*\) % hits/\1/p')
[ "$share" -gt 80 ]
ok $? "more than 80 % come from the cache ($share %)"
git checkout -q HEAD
git clean -fdxq
run prun
before=$(sum)
run prun --force
is "$(sum)" "$before" 'at its end the site is what it is without a cache'

done_testing
