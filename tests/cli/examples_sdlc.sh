#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/sdlc: phases that commit alone, and one commit when run together.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"

start()
{
	sh "$abs_srcdir/examples/sdlc/start.sh" "$1" >/dev/null 2>&1 ||
	    bail_out 'start.sh failed'
	cd "$1" || bail_out "no $1"
}

# milliseconds, where the system has them
now()
{
	date +%s%N | sed 's/......$//'
}

subject()
{
	git log -1 --format=%s
}

# the bound of slots must not depend on the machine
PRUN_JOBS=2
export PRUN_JOBS

start "$work/t/parallel"
began=$(now)
run prun sdlc-parallel ISSUE=42
parallel=$(($(now) - began))
is "$status" 0 'all phases together pass'
is "$(commits)" 2 'P-601: there is one commit'
is "$(subject)" 'Plan, build, test, review and document for #42' \
    'P-603: its subject is what the task says'
message=$(git log -1 --format=%B)
for phase in plan build test review document; do
	like "$message" "- ✅ $phase (" "P-603: the message lists $phase"
done
like "$message" 'Prun-Run: ' 'P-603: and the run'
is "$(git status --porcelain)" '' 'everything that was made is in it'
is "$(git -C ../parallel.git rev-parse main)" "$(git rev-parse HEAD)" \
    'P-601: it is pushed'
tree=$(git rev-parse 'HEAD^{tree}')

start "$work/t/serial"
began=$(now)
run prun --serial sdlc-parallel ISSUE=42
serial=$(($(now) - began))
is "$status" 0 'one after the other they pass'
is "$(git rev-parse 'HEAD^{tree}')" "$tree" 'P-107: with the same files'
case $(date +%N) in
*[!0-9]*) skip 'time of the parallel run' 'date has no %N' ;;
*)
	[ $((parallel * 100)) -le $((serial * 80)) ]
	ok $? "side by side they take ${parallel} ms, not ${serial} ms"
	;;
esac

PHASE_SECONDS=0
export PHASE_SECONDS
start "$work/t/alone"
count=1
for phase in plan build test review document; do
	run prun "$phase"
	count=$((count + 1))
	is "$status $(commits)" "0 $count" "P-601: $phase alone commits"
done
is "$(git log --format=%s --reverse | tr '\n' ,)" \
    'Want a greeting,Plan the steps,Build the program,Test the program,Review the program,Document the program,' \
    'each says what it did'
is "$(git rev-parse 'HEAD^{tree}')" "$tree" 'the files are the same again'
is "$(git -C ../alone.git rev-list --count main)" 1 'and nothing is pushed'

start "$work/t/failing"
sed 's/Hello, /Hallo, /' src/greet.sh >new && mv new src/greet.sh
git commit -q -a -m 'Greet in German'
run prun sdlc-parallel
is "$status" 201 'a failing test fails the run'
is "$(commits)" 2 'P-607: there is no commit'
is "$(git -C ../failing.git rev-list --count main)" 1 'and no push'
[ -s out/manual.md ] && [ -s out/review.md ]
ok $? 'P-105: its siblings finish'
like "$err" 'not ok - a name: got *Hallo, Ada' 'P-106: the log is shown'
like "$(printf '%s\n' "$err" | tail -n 1)" 'FAILED: test' \
    'P-106: the last line names the phase'
done_testing
