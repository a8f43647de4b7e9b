#!/bin/sh
# SPDX-License-Identifier: MIT
# C-410: the first SIGINT or SIGTERM ends watch mode with 0, whenever it comes
# and whatever comes after it; SIGHUP ends it by SIGHUP.  Pipes tell the moment,
# never a clock.  WATCH_ROUNDS=200 does it all that often.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

started=
at_exit='[ -z "$started" ] || kill "$started"'
round=0
bad=0
n=0

mkdir src
echo 0 >src/a.txt
mkfifo file never
exec 7<>never
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  idle: {sources: [src/*.txt], cmds: ['true']}
  auto: {watch: true, sources: [src/*.txt], cmds: ['true']}
  far: {sources: ['far/*/x.txt'], cmds: ['true']}
  busy: {sources: [src/*.txt], cmds: ['echo here >here; exec sleep 100']}
  deps: {deps: [busy, idle], sources: [src/*.txt], cmds: ['true']}
  value:
    vars: {V: {sh: 'echo here >here; exec sleep 100'}}
    sources: [src/*.txt]
    cmds: ['echo {{.V}}']
  asks:
    preconditions: ['echo here >here; exec sleep 100']
    sources: [src/*.txt]
    cmds: ['true']
  status:
    status: ['echo here >here; exec sleep 100']
    sources: [src/*.txt]
    cmds: ['true']
  tidy:
    sources: [src/*.txt]
    cmds: [{defer: 'echo here >here; read -r x <gate'}, 'true']
  slow:
    sources: [src/*.txt]
    cmds:
      - |
        trap 'trap "" INT TERM; echo told >here; read -r x <gate; exit 1' \
            INT TERM
        echo here >here
        while :; do sleep 0.01; done
  around:
    - |
      trap : INT TERM
      "$PRUN" -w busy
      echo $? >status
  inside: 'echo $$ >pid; exec "$PRUN" -w busy'
EOT

# watch ARG…: in the background, prun itself and no timeout(1) around it, which
# sends all signals twice.  A job says at the pipe `here` that it has come so
# far and is let go on by a line in `gate`; stderr is a pipe as well.  All are
# new each time, for nothing may be left in them.
watch()
{
	rm -rf here gate lines .task
	mkfifo here gate lines
	exec 8<>here 9<>gate 5<>lines
	"$PRUN" "$@" >"$work/out" 2>lines </dev/null &
	started=$!
}

# hear WORD: that it has been said at `here`
hear()
{
	word=
	until [ "$word" = "$1" ]; do
		read -r word <&8
	done
}

# told TEXT: a line of stderr has it
told()
{
	line=
	until [ "$line" != "${line#*"$1"}" ]; do
		read -r line <&5
	done
}

change()
{
	n=$((n + 1))
	echo "$n" >src/a.txt
}

signal()
{
	kill -s "$1" "$started"
}

# Signals until there is nobody to hear them.  (Some shells leave the dead lying
# until they are asked for, hence the bound.)
pelt()
{
	i=0
	while [ $i -lt 20000 ] && kill -s "$1" "$started" 2>/dev/null; do
		i=$((i + 1))
	done
}

# over STATUS NAME: in the first round a test of its own
over()
{
	status=0
	wait "$started" || status=$?
	started=
	if [ $round -eq 1 ]; then
		is $status "$1" "$2"
	elif [ $status -ne "$1" ]; then
		note "round $round: $2: $status"
		bad=$((bad + 1))
	fi
}

said()
{
	want=interrupt
	[ "$1" = INT ] || want=terminated
	[ $round -gt 1 ] || is "$(cat "$work/out")" \
	    "task: Signal received: \"$want\"" "M-80: said, and once (SIG$1)"
}

one_signal()
{
	watch -w -t file
	exec 6>file
	signal "$1"
	exec 6>&-
	over 0 "C-410: while the Taskfile is read (SIG$1)"
	watch -w idle
	told 'Started watching'
	signal "$1"
	over 0 "C-410: at the start (SIG$1)"
	watch -w idle
	told 'finished running'
	signal "$1"
	over 0 "C-410: at the end of a generation (SIG$1)"
	watch auto
	told 'finished running'
	signal "$1"
	over 0 "C-410: with \`watch: true\` (SIG$1)"
	said "$1"
	for t in busy deps value asks status tidy; do
		watch -w $t
		hear here
		signal "$1"
		[ $t != tidy ] || echo go >&9
		over 0 "C-410: while a generation runs: $t (SIG$1)"
	done
}

change_and_signal()
{
	watch -w idle
	told 'finished running'
	change
	signal "$1"
	over 0 "C-410: at a change (SIG$1)"
	watch -w idle
	told 'finished running'
	change
	told 'finished running'
	signal "$1"
	over 0 "C-410: after a second generation (SIG$1)"
	watch -w busy
	hear here
	change
	hear here
	signal "$1"
	over 0 "C-410: while a second generation runs (SIG$1)"
	watch -w slow
	hear here
	change
	hear told
	signal "$1"
	echo go >&9
	over 0 "C-410: while a change ends the first (SIG$1)"
}

# By timeout(1), which sends two, and by somebody who does not stop.
many_signals()
{
	watch -w idle
	told 'Started watching'
	pelt "$1"
	over 0 "C-410: many, from the start on (SIG$1)"
	watch -w idle
	told 'finished running'
	pelt "$1"
	over 0 "C-410: many, while nothing runs (SIG$1)"
	watch -w busy
	hear here
	pelt "$1"
	over 0 "C-410: many, while a command runs (SIG$1)"
	watch auto
	told 'finished running'
	pelt "$1"
	over 0 "C-410: many, with \`watch: true\` (SIG$1)"
	said "$1"
	watch -w slow
	hear here
	signal "$1"
	hear told
	signal "$2"
	echo go >&9
	over 0 "C-410: the first decides (SIG$1, then SIG$2)"
}

hangup()
{
	watch -w idle
	told 'finished running'
	signal HUP
	over 129 'C-410: SIGHUP ends it by SIGHUP'
	watch -w busy
	hear here
	signal HUP
	over 129 'C-410: while a command runs, too'
}

# The control of a run around it takes nothing away.
nested()
{
	rm -f status
	watch around
	hear here
	signal TERM
	over 143 'a run with a watch mode in it is ended'
	is_file status 0 'C-410: and the watch mode with it, with 0'
	watch inside
	hear here
	kill -s TERM "$(cat pid)"
	over 0 'C-410: the watch mode in a run is ended, with 0'
}

# What no event tells of is found by a look at everything; -v says so.
rescan()
{
	mkdir -p far/1
	echo 1 >far/1/x.txt
	watch -v -w far
	told 'finished running'
	mkdir far/2
	echo 1 >far/2/x.txt
	wait_for grep -q 'new dir: far/2' "$work/out"
	signal INT
	over 0 'C-410: while it looks for new directories'
}

while [ $round -lt "${WATCH_ROUNDS:-1}" ]; do
	round=$((round + 1))
	one_signal INT
	one_signal TERM
	change_and_signal INT
	change_and_signal TERM
	many_signals INT TERM
	many_signals TERM INT
	hangup
done
is $bad 0 "C-410: in all $round rounds"
round=1
nested
rescan

done_testing
