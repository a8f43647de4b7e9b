#!/bin/sh
# SPDX-License-Identifier: MIT
# Every rule number that code and tests refer to stands in docs/rules.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
cd "$abs_srcdir" || bail_out "no $abs_srcdir"

# numbers FILE…: "FILE:RULE" for each number in the files, once each.
numbers()
{
	grep -oE '(^|[^[:alnum:]_-])[LCPDM]-[0-9]+[a-z]?([^[:alnum:]_]|$)' \
	    "$@" /dev/null |
	sed -nE 's/^([^:]*):.*([LCPDM]-[0-9]+[a-z]?).*/\1:\2/p' | sort -u
}

if [ "${1-}" = --index ]; then
	numbers docs/rules/*.md | awk -F: '{ sub(/.*\//, "", $1)
	    print $2 " " $1 }' | sort -t- -k1,1 -k2,2n
	exit 0
fi

untold=
for page in docs/rules/*.md; do
	page=${page##*/}
	[ "$page" = README.md ] || grep -q "($page)" docs/rules/README.md ||
	    untold="$untold $page"
done
is "$untold" '' 'every page has its place in docs/rules/README.md'

numbers docs/rules/*.md | sed 's/.*://' | sort -u >"$work/known"
find src tests \( -name '*.[ch]' -o -name '*.sh' -o -name '*.txt' \) \
    -type f ! -name rules.sh >"$work/files"
# C-207a is known when C-207 is
xargs grep -lE '[LCPDM]-[0-9]' <"$work/files" >"$work/referring"
# shellcheck disable=SC2046 # names without blanks
numbers $(cat "$work/referring") | awk -F: '
	NR == FNR { known[$1] = 1; next }
	{ whole = $2; sub(/[a-z]$/, "", whole) }
	!($2 in known) && !(whole in known)
' "$work/known" - >"$work/unknown"
is "$(cat "$work/unknown")" '' 'every rule referred to is in docs/rules'

[ "$(wc -l <"$work/known")" -gt 3 ]
ok $? 'docs/rules has rules'

echo '/* L-9999: none (C-9998) */' >"$work/t/x.c"
is "$(numbers "$work/t/x.c" | sed 's/.*://' | tr '\n' ' ')" \
    'C-9998 L-9999 ' \
    'references are found'

done_testing
