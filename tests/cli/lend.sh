#!/bin/sh
# SPDX-License-Identifier: MIT
# A slot is lent along what is waited for (P-203, P-108): no nesting hangs.
. "${abs_srcdir:-.}/tests/cli/lib.sh"

# Everything here ends at once; what waits for ever is ended by `timeout`.
# ends NAME WANT COMMAND…: status 0, and the lines of `log` are those words in
# any order.
ends()
{
	name=$1 want=$2
	shift 2
	rm -rf log .task
	run timeout 20 "$@"
	is "$status $(sort log | tr '\n' ' ')" "0 $want " "$name"
}

{
	printf "version: '3'\ntasks:\n  one: {cmds: ['echo >>many; :']}\n"
	printf '  many:\n    deps: [{for: ['
	seq -s, 600
	printf "], task: one, vars: {N: '{{.ITEM}}'}}]\n"
} >many.yml
taskfile <<'END'
version: '3'
silent: true
tasks:
  say: 'echo {{.N}} >>log'
  # whoever calls first has the slot, and `slow` is begun by another
  shared: {deps: [{task: script, vars: {CALLS: slow}}, slow]}
  shared-deep: {deps: [{task: script, vars: {CALLS: above}}, slow]}
  above: {deps: [middle]}
  middle: {cmds: [{task: slow}]}
  slow: {run: once, deps: [{task: say, vars: {N: dep}}], cmds: ['echo slow >>log']}
  script: {priority: 1, cmds: ['task:{{.CALLS}}; echo script >>log']}
  nested: {priority: 1, cmds: ['task {{.CALLS}} && echo nested >>log']}
  locked: {deps: [{task: script, vars: {CALLS: lock2}}, lock1]}
  lock1: {mutex: m, cmds: ['echo one >>log']}
  lock2: {mutex: m, cmds: ['echo two >>log']}
  work: {deps: [{task: script, vars: {CALLS: made}}, made]}
  made: {sources: [Taskfile.yml], cmds: ['echo made >>log']}
  variable: {deps: [{task: script, vars: {CALLS: asks}}, asks]}
  asks: {vars: {V: {sh: 'sleep 0.1; echo v'}}, cmds: ['echo {{.V}} >>log']}
  # the script is over when its call begins, or goes on
  left: {cmds: ['task:say N=left & exit 0', 'echo after >>log']}
  left-deep: {cmds: ['task:inner & exit 0']}
  inner: {cmds: ['task:say N=deep; echo inner >>log']}
  left-nested: {cmds: ['{ task inner; echo >over; } >/dev/null 2>&1 & exit 0', 'until [ -e over ]; do sleep 0.05; done']}
  many: {cmds: ['task -C 0 -t many.yml many']}
  chain: {cmds: ['task:link1; echo chain >>log']}
  # a nested run holds the lock that a link waits for, and needs a slot
  lock-of-run: {cmds: ['task:by-link & a=$!; task five & b=$!; wait $a && wait $b && echo script >>log']}
  by-link: {cmds: ['task:five & wait $!']}
  five: {deps: [six], cmds: ['task:six & exit 0']}
  six: {mutex: m6, cmds: ['sleep 0.03; echo six >>log']}
  link1: {cmds: ['task:link2; echo link1 >>log']}
  link2: {cmds: ['task say N=end; echo link2 >>log']}
END

for n in 1 2 3; do
	ends "P-203: run: once that another has begun (-C $n)" 'dep script slow' \
	    "$PRUN" -C $n shared
	ends "P-203: … behind calls between (-C $n)" 'dep script slow' \
	    "$PRUN" -C $n shared-deep
	ends "P-203: a mutex (-C $n)" 'one script two' "$PRUN" -C $n locked
	ends "P-203: the same work (-C $n)" 'made script' "$PRUN" -C $n work
	ends "P-203: the same variable (-C $n)" 'script v v' \
	    "$PRUN" -C $n variable
	ends "P-108: a call that is left behind (-C $n)" 'after left' \
	    "$PRUN" -C $n left
	ends "P-108: … whose script calls (-C $n)" 'deep inner' \
	    "$PRUN" -C $n left-deep
	ends "P-108: links in links, and a run (-C $n)" 'chain end link1 link2' \
	    "$PRUN" -C $n chain
	ends "P-112: a lock of a nested run (-C $n)" \
	    'script six six six six' "$PRUN" -C $n lock-of-run
done

# More grants than a socket holds.
for how in '-C 0' '-C 500'; do
	rm -f many
	run timeout 60 "$PRUN" $how many
	is "$status $(($(wc -l <many)))" '0 600' \
	    "P-108: a nested run with 600 ready jobs ($how)"
done

done_testing
