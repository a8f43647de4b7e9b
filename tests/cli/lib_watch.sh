# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154 # lib.sh and the scripts
# For the scripts about watch mode, after lib.sh.  Commands of their tasks write
# a line into $log each time they run.  Nothing here sleeps to be sure: that a
# change starts nothing is told by a later event, for they come in order.

started=
at_exit='[ -z "$started" ] || kill "$started"'

# watch ARG…: in the background, itself and no timeout(1) around it, which sends
# all signals twice; nothing is up to date
watch()
{
	rm -rf .task
	: >"$work/out"
	: >"$work/err"
	: >"$work/log"
	"$PRUN" "$@" >"$work/out" 2>"$work/err" </dev/null &
	started=$!
}

# ends SIGNAL: sets $status
ends()
{
	kill "-$1" "$started"
	status=0
	wait "$started" || status=$?
	started=
}

count()
{
	grep -c -e "$1" "$2" || true
}

at_least()
{
	[ "$(count "$2" "$3")" -ge "$1" ]
}

# told N PATTERN: N lines of stderr are like that, soon
told()
{
	wait_for at_least "$1" "$2" "$work/err"
}

# ran N: that often a command has run, soon
ran()
{
	wait_for at_least "$1" . "$work/log"
}

finished='task: task ".*" finished running'
log=$work/log
export log
