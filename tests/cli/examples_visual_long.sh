#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/visual is at least five times as fast side by side.  So it is with
# go-task, which GO_TASK names; what it computes it computes on more threads, and
# is given more room here.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"

command -v python3 >/dev/null || skip_all 'there is no python3'
case $(date +%N) in
*[!0-9]*) skip_all 'date has no %N' ;;
esac

# took COMMAND...: milliseconds
took()
{
	began=$(date +%s%N)
	"$@" >/dev/null 2>&1
	echo $((($(date +%s%N) - began) / 1000000))
}

example visual
cd visual || exit 1
parallel=$(took prun visual)
cp build/results.json ../parallel.json
serial=$(took prun --serial visual)
cmp -s build/results.json ../parallel.json
ok $? 'the results are the same'
[ $((parallel * 5)) -le "$serial" ]
ok $? "side by side they take $parallel ms, not $serial ms"
go_task=${GO_TASK:-$(command -v task || command -v go-task)}
if "${go_task:-false}" --version 2>/dev/null | grep -q '^v\{0,1\}3\.'; then
	parallel=$(took "$go_task" visual)
	cmp -s build/results.json ../parallel.json
	ok $? 'go-task has the same'
	serial=$(took "$go_task" -C 1 visual)
	[ $((parallel * 3)) -le "$serial" ]
	ok $? "in $parallel ms, not $serial ms"
else
	skip 'go-task has the same' 'no go-task'
fi

done_testing
