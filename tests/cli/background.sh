#!/bin/sh
# SPDX-License-Identifier: MIT
# A call that fails in the background of a script which does not look at its
# status fails the command (P-104; never-event 40).

. "${abs_srcdir:-.}/tests/cli/lib.sh"

# go SCRIPT…: runs a task with these lines.
go()
{
	{
		cat <<-'EOF'
		version: '3'
		silent: true
		tasks:
		  bad: exit 7
		  good: 'true'
		  slow-bad: 'sleep 0.2; exit 7'
		  all:
		    cmds:
		      - |
		EOF
		printf '        %s\n' "$@"
		echo '        echo end'
	} >Taskfile.yml
	run timeout 30 "$PRUN" all
}

lost()
{
	go "$@"
	is "$status" 201 "40: not green: $*"
	like "$err" 'bad (*): failed in the background, exit status 7' \
	    "P-104: the summary names it: $*"
	like "$(tail -n 1 "$work/err")" 'prun: FAILED: ' \
	    "34: and the last line: $*"
}

seen()
{
	go "$@"
	is "$status/$out" 0/end "P-104: the script decides: $*"
	unlike "$err" 'FAILED' "34: and no line says otherwise: $*"
}

lost 'task:bad & A=$!' 'task:good & B=$!' 'wait $A $B'
lost 'task:bad & A=$!' 'task:good & B=$!' 'if wait $A $B; then :; fi'
lost 'task:bad & A=$!' 'task:good & B=$!' 'P="$A $B"' 'wait $P'
lost 'task:bad &' 'task:good &' wait
lost 'task:bad & wait'
lost 'task:bad >log 2>&1 &' wait
lost 'task:bad | cat &' wait
lost 'task:bad &' 'while kill -0 $! 2>/dev/null; do sleep 0.01; done'
lost 'task:slow-bad &'
lost 'task:slow-bad & task:good' wait
lost "sh -c 'task:bad & wait'"
lost "sh -c 'task:bad & task:good & wait'"
lost "sh -c 'task:bad & A=\$!; task:good & wait \$A \$!'"
lost '(task:bad &' 'wait)'
lost '{ task:bad; } &' wait
lost 'task:bad & A=$!' 'task:good & B=$!' 'wait $B' 'wait'
lost 'task:bad & A=$!' 'task:bad & B=$!' 'wait $A || true' 'wait $B $A || true'

seen 'task:bad || true'
seen 'if task:bad; then exit 1; fi'
seen '! task:bad'
seen 'task:bad &' 'wait $! || true'
seen 'task:bad & A=$!' 'task:good & B=$!' 'wait $A || true' 'wait $B'
seen 'task:bad & A=$!' 'task:good &' 'wait $A || true' wait
seen 'P=' 'for i in 1 2 3; do task:bad & P="$P $!"; done' \
    'for p in $P; do wait $p || true; done'
seen '(task:bad || true) &' wait
seen 'task:bad & wait %1 || true'
seen "sh -c 'task:bad & wait \$! || true'"
seen "trap '' INT" 'task:bad || true'
seen 'set +e' "trap '' INT" 'task:bad'
seen 'set +e' 'task:bad'
seen 'task:good & task:good &' wait
seen 'task:bad & A=$!' 'wait "$A" && exit 9'

# What the script says by itself is told as ever.
go 'task:bad &' 'wait $!'
is "$status" 201 'P-104: a status that the script passes on'
unlike "$err" 'in the background' 'P-104: is no hidden one'
go 'task:good &' 'task:good &' 'wait; (exit 0) & wait $!' \
    'wait 4999999 || test $? -eq 127'
is "$status/$out" 0/end 'P-104: wait is what it was'

done_testing
