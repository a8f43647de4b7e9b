#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# C-153, P-401: what prun writes into a pipe, socket or terminal that does not
# wait arrives whole, however slowly it is read; and where nobody reads any
# more, a command that only prints ends by SIGPIPE.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

if ! python3 -c 'import pty' 2>/dev/null; then
	echo '1..0 # SKIP no Python'
	exit 0
fi
slow()
{
	timeout 30 python3 "$abs_srcdir/tests/cli/slow_reader.py" "$@"
}

{
	cat <<-'EOF'
	version: '3'
	vars: {BIG: {sh: seq 10000}}
	tasks:
	  out: {cmds: [seq 20000]}
	  err: {cmds: [seq 20000 >&2]}
	  both: {deps: [out, err]}
	  mixed: {cmds: ['seq 10000; seq 10000 >&2', seq 10]}
	  fails: {cmds: ['seq 20000; exit 3']}
	  dynamic: {cmds: ['echo {{len .BIG}}']}
	  echo: {cmds: ['echo {{.BIG | replace "\n" " "}}']}
	  script: {cmds: ["task:out\ntask:err"]}
	  nested: {cmds: ['"$PRUN" -s out']}
	  long:
	    summary: |
	EOF
	seq -f '      line %g of the text' 2000
	seq -f '  t%g: {desc: "some text that takes its place", cmds: [true]}' 800
} | taskfile

# arrives NAME KIND STREAMS WANT-STATUS COMMAND…: as a file gets it
arrives()
{
	name=$1 kind=$2 streams=$3 want=$4
	shift 4
	case $streams in
	1) "$@" >"$work/want" 2>/dev/null </dev/null ;;
	2) "$@" 2>"$work/want" >/dev/null </dev/null ;;
	esac
	status=0
	slow "$kind" "$streams" "$work/got" "$@" || status=$?
	# times differ
	for f in want got; do
		sed 's/[0-9.]*m\{0,1\}s\b//g; s,runs/[^/]*/,,' "$work/$f" |
		    { [ "$name" = both ] && sort || cat; } >"$work/$f.plain"
	done
	is "$status:$(cksum <"$work/got.plain")" \
	    "$want:$(cksum <"$work/want.plain")" "$name, fd $streams, a $kind: all of it"
}

for kind in pipe socket pty; do
	arrives list $kind 1 0 "$PRUN" --list-all
	arrives json $kind 1 0 "$PRUN" --list-all --json --no-status
	arrives summary $kind 1 0 "$PRUN" --summary long
	arrives schema $kind 1 0 "$PRUN" --schema
	arrives words $kind 1 0 "$PRUN" __complete prun t
	arrives lint $kind 2 1 "$PRUN" --lint
	modes='interleaved group prefixed'
	[ $kind = pipe ] || modes=group
	for mode in $modes; do
		arrives out $kind 1 0 "$PRUN" -s -o $mode out
		arrives err $kind 2 0 "$PRUN" -s -o $mode err
		arrives fails $kind 1 201 "$PRUN" -s -o $mode fails
	done
	arrives both $kind 1 0 "$PRUN" -s both
	arrives dynamic $kind 2 0 "$PRUN" -v dynamic
	arrives echo $kind 2 0 "$PRUN" echo
	arrives dry $kind 2 0 "$PRUN" --dry echo
	arrives script $kind 1 0 "$PRUN" -s script
	arrives nested $kind 1 0 "$PRUN" -s nested
	"$PRUN" -s out >/dev/null
	arrives log $kind 1 0 "$PRUN" --log out
	# as task, and both streams in one place
	ln -sf "$PRUN" "$work/task"
	arrives task $kind 1 0 "$work/task" -s out
	status=0
	slow $kind 12 "$work/got" "$PRUN" -s mixed || status=$?
	is "$status:$(wc -l <"$work/got" | tr -d ' ')" 0:20010 \
	    "both streams in one $kind: no line is lost"
done

# A reader that has gone.
for args in --version '--completion bash' --schema --list --list-all '--list --json' \
    '--summary long' '--plan both' '--graph=dot both' '--explain both' \
    '--log mixed' '__complete prun t'; do
	status=0
	# shellcheck disable=SC2086 # they are words
	slow pipe 1 - "$PRUN" $args || status=$?
	is "$status" 141 "C-153: prun $args ends by SIGPIPE when nobody reads"
done
status=0
slow pipe 1 - "$PRUN" -s mixed || status=$?
is "$status" 1 'C-153: a run goes on to its end, and says 1'
done_testing
