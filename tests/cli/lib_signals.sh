# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
# For the scripts that send signals to a run.  Sourced behind lib.sh.

# A job says at the pipe `started` who it is; this shell holds both ends.
mkfifo started
exec 8<>started

start()
{
	# what a shell starts with & would ignore SIGINT for ever
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$PRUN" "$@" \
	    >"$work/bg.out" 2>"$work/bg.err" </dev/null &
	pid=$!
}

# the next word at `started`, bounded
hear()
{
	timeout 30 sh -c 'read -r word; echo "$word"' <&8
}

# dead PID: gone, or a zombie that its parent has yet to fetch
dead()
{
	case $(ps -o stat= -p "$1" 2>/dev/null) in
	'' | Z*) return 0 ;;
	esac
	return 1
}
