#!/bin/sh
# SPDX-License-Identifier: MIT
# The plan shows the calls that the run makes (P-302), however they are written
# (P-103), shared ones once; what is too much is refused before it grows.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

# ---- calls in words ----
taskfile <<'EOF'
version: '3'
tasks:
  all:
    vars: {N: bb}
    cmds:
      - task:b V=1
      - task:bb V=2 &
      - 'task:{{.N}} V=3'
      - task:w-x
      - wait
  b: {aliases: [bb], label: 'b {{.V}}', cmds: ['echo b{{.V}}']}
  w-*: echo w
  looks:
    cmds:
      - task:b&
      - 'task: b || true'
      - task:none || true
      - task:b; true
EOF
# names TASK: $names are those of its calls
names()
{
	run prun --plan "$@"
	names=$(echo "$out" | sed -n 's/^  [* ] //p' | sed 's/  .*//' |
	    LC_ALL=C sort | tr '\n' ',')
}
names all
is "$status|$names" '0|all,b 1,b 2,b 3,w-x,' \
    'P-302: variables, aliases, templates and patterns'
run "$PRUN" -s all
is "$(echo "$out" | sort | tr '\n' ' ')" 'b1 b2 b3 w ' 'as the run makes them'
run prun --graph=dot all
is "$(echo "$out" | grep -c 'label=')" 5 'P-302: in a graph as well'
names looks
is "$status|$names" '0|looks,' 'P-103: what a shell would look at is no call'
run prun --lint
is "$(echo "$err" | grep -c ':6:9.*named task:b$')" 1 'P-103: lint knows them'
is "$(echo "$err" | grep -c ':7:9.*named task:bb$')" 1 'P-103: by aliases too'
is "$(echo "$err" | grep -c ':15:9.*named task:b$')" 1 \
    'P-104: a word of a script is named'

# ---- shared calls ----
taskfile <<'EOF'
version: '3'
tasks:
  all: {deps: [a, b], cmds: [{task: gen}]}
  a: {deps: [gen], cmds: [echo a]}
  b: {deps: [gen], cmds: [echo b]}
  gen: {run: once, cmds: [echo gen]}
EOF
run prun --plan all
is "$(echo "$out" | grep -c ' gen ')" 1 'P-302: a shared call is shown once'
like "$out" 'gen  (dep of a and 2 more)' 'P-302: with its callers'
like "$out" '4 calls in 3 levels' 'P-302: and counted once'
if command -v python3 >/dev/null; then
	prun --graph=json all | python3 -c '
import json, sys
n = {x["name"]: x for x in json.load(sys.stdin)["nodes"]}
gen = n["gen"]["id"]
assert n["a"]["after"] == n["b"]["after"] == [gen]
assert sorted(n["gen"]["callers"]) == sorted(
    n[x]["id"] for x in ("a", "b", "all"))
assert not n["gen"]["after"]
print("good")' >good
	is "$(cat good)" good 'P-302: JSON has its callers, and edges to it'
else
	skip 'P-302: JSON has its callers, and edges to it' 'there is no python3'
fi

# ---- diamonds of 24 layers ----
# diamond RUN
diamond()
{
	printf "version: '3'\nrun: %s\ntasks:\n" "$1"
	i=0
	while [ $i -lt 24 ]; do
		for x in a b; do
			echo "  $x$i: {deps: [a$((i + 1)), b$((i + 1))]," \
			    "cmds: ['true']}"
		done
		i=$((i + 1))
	done
	printf "  a24: 'true'\n  b24: 'true'\n"
}

# bounded ARG…: runs prun within 10 s and memory that no tree of calls fits
# into; a sanitizer needs its address space.
bounded()
{
	if [ -n "${TEST_SANITIZED:-}" ]; then
		run timeout 60 "$PRUN" "$@"
	else
		# shellcheck disable=SC3045 # where ulimit -v is not known
		run timeout 10 sh -c 'ulimit -v 262144 2>/dev/null
			exec "$@"' sh "$PRUN" "$@"
	fi
}
diamond once >Taskfile.yml
bounded --plan a0
is "$status" 0 'P-302: a diamond is planned'
like "$out" '49 calls in 25 levels' 'P-302: it has as many calls as tasks'
bounded --graph=dot a0
is "$status|$(echo "$out" | grep -c -e '->')" '0|94' 'P-302: a graph too'
bounded a0
is "$status" 0 'P-301: so has the run'
diamond always >Taskfile.yml
for args in --plan --graph=mermaid --dry ''; do
	# shellcheck disable=SC2086 # none is no argument
	bounded $args a0
	is "$status" 204 "P-302: 2^24 calls are refused (${args:-the run})"
	like "$err" 'Maximum task call exceeded (100000)' 'for this reason'
	like "$err" 'run: once' 'with a way out'
	unlike "$err" 'task: \[' 'and nothing has run'
done
# what may end is not refused by that; the plan is bounded all the same
sed "s/deps/if: 'false', deps/" Taskfile.yml >t && mv t Taskfile.yml
bounded --plan a0
is "$status" 204 'P-302: conditional calls are bounded'
like "$err" 'the plan has more than 100000 calls' 'and the message says so'
bounded a0
is "$status" 0 'the run decides'

# ---- what is known of a run that failed (P-301) ----
taskfile <<'EOF'
version: '3'
tasks:
  all: {deps: [good, bad], cmds: [echo never]}
  good: sleep 0.01
  bad: {cmds: [{task: sub}, sleep 0.01, exit 3]}
  sub: sleep 0.01
  serial: {cmds: [{task: good}, {task: stuck}]}
  stuck: {cmds: ['>there', sleep 60]}
  alone: sleep 0.12
  retried: {retries: 1, cmds: ['test -e again || { touch again; exit 1; }']}
  both: {deps: [retried, good]}
EOF
# known TASK: are times of it known?
known()
{
	prun --plan "$1" | grep -q "^  [* ] $1  [0-9]"
}
# after NAME ARG…: afterwards the times of good are known
after()
{
	name=$1
	shift
	rm -rf "${XDG_STATE_HOME:?}"
	run prun "$@"
	isnt "$status" 0 "$name: it failed"
	known good
	ok $? "P-301: $name: the times of what passed are known"
}
after 'a failed dep' all
known sub
ok $? 'P-301: those below the failed call too'
! known bad
ok $? 'P-301: not those of what failed'
after 'a failed command' --parallel good bad
after 'failfast' --failfast good bad
after 'a bound of the run' --run-timeout 500ms serial
rm -f there
rm -rf "${XDG_STATE_HOME:?}"
"$PRUN" serial >/dev/null 2>&1 &
pid=$!
while [ ! -e there ]; do sleep 0.02; done
kill -TERM $pid
wait $pid
known good
ok $? 'P-301: a signal: the times of what passed are known'
rm -rf "${XDG_STATE_HOME:?}"
run prun alone
known alone
ok $? 'P-301: a call that ran alone is known'
run prun both
known good && ! known retried
ok $? 'P-301: what passed on a retry says nothing'

done_testing
