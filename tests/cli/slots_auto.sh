#!/bin/sh
# SPDX-License-Identifier: MIT
# A bound that follows what calls use of the processor (P-1105), and calls that
# are over at once and share a slot (P-1106).

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v python3 >/dev/null || skip_all 'python3 reads the journals'
[ -z "${TEST_PORTABLE:-}" ] || skip_all 'which processors it may have is a feature of Linux'
command -v taskset >/dev/null || skip_all 'taskset lets it have one processor'
taskset -cp "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')" $$ >/dev/null

{
	printf "version: '3'\nsilent: true\ntasks:\n  all:\n    deps: ["
	for i in 1 2 3 4; do printf 'net%d, ' $i; done
	printf 'net5]\n  tiny:\n    deps: ['
	for i in 1 2 3 4; do printf 'small%d, ' $i; done
	printf 'small5]\n'
	for i in 1 2 3 4 5; do
		# shorter than it takes to be let in for being idle
		printf '  net%d: {cmds: ["sleep 0.2"]}\n' $i
		printf '  small%d: {cmds: ["sleep 0.2"]}\n' $i
	done
} | taskfile

# at_once RUN: how many of its jobs ran at the same time
journal()
{
	ls -d "$XDG_STATE_HOME"/prun/*/runs/*/ | sort | tail -1
}
at_once()
{
	python3 - "$(journal)events.jsonl" <<-'EOF'
	import json, sys
	now = most = 0
	end = {}
	for line in open(sys.argv[1]):
	    o = json.loads(line)
	    if o["ev"] == "job":
	        now += 1
	        most = max(most, now)
	    elif o["ev"] == "job_end":
	        now -= 1
	    elif o["ev"] == "end":
	        end = o
	print(most, *("%s=%d" % (k, end[k])
	    for k in ("batched", "light", "admitted") if end.get(k)))
	EOF
}
# what the history says: USECONDS/CPU NAME...
known()
{
	times=$1
	shift
	for name; do
		echo "$times :$name"
	done >"$(echo "$XDG_STATE_HOME"/prun/*)/durations"
}
nets='net1 net2 net3 net4 net5'
smalls=$(echo "$nets" | sed 's/net/small/g')
run prun -s net1
# shellcheck disable=SC2086 # a list
known 200000/2000 $nets
run prun -s all
is "$status $(at_once)" '0 1' 'the default bound stays as it is'
printf '[run]\njobs = auto\n' >prun.ini
# shellcheck disable=SC2086
known 200000/2000 $nets
run prun -s all
is "$status $(at_once)" '0 5 light=4' \
    'auto: what waits for the network holds nobody up'
# shellcheck disable=SC2086
known 200000/200000 $nets
run prun -s all
is "$status $(at_once)" '0 1' 'auto: what uses the processor does'
known 200000/2000 nobody
run prun -s all
is "$status $(at_once)" '0 1' 'auto: of what is not known it is taken to'
# shellcheck disable=SC2086
known 200000/2000 $nets
run prun -s --serial all
is "$status $(at_once)" '0 1' 'one after the other is what was asked for'
printf '[run]\njobs = auto\n[features]\nadaptive_slots = off\n' >prun.ini
run prun -s all
is "$status $(at_once)" '0 1' 'switched off: the default bound'
rm prun.ini
PRUN_JOBS=auto
export PRUN_JOBS
# shellcheck disable=SC2086
known 200000/2000 $nets
run prun -s all
is "$status $(at_once)" '0 5 light=4' 'the same by PRUN_JOBS'
run prun --jobs automatic all
is "$status $(echo "$err" | grep -c 'max or auto')" '2 1' 'no such word'
unset PRUN_JOBS

# shellcheck disable=SC2086
known 1000/1000 $smalls
run prun -s tiny
is "$status $(at_once)" '0 4 batched=3' \
    'calls that were over in less than 5 ms share a slot, as many as four'
is "$(grep -c '"ev":"call_end"' "$(journal)events.jsonl") \
$(grep -c '"ev":"job_end"' "$(journal)events.jsonl")" '6 5' \
    'each has its own lines in the journal'
# shellcheck disable=SC2086
known 5000/5000 $smalls
run prun -s tiny
is "$status $(at_once)" '0 1' 'those that take longer do not'
# shellcheck disable=SC2086
known 1000/1000 $smalls
run prun -s -C 2 tiny
is "$status $(at_once)" '0 2' 'a bound that was asked for is kept'
# shellcheck disable=SC2086
known 1000/1000 $smalls
printf '[features]\nbatching = off\n' >prun.ini
run prun -s tiny
is "$status $(at_once)" '0 1' 'switched off'

done_testing
