# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034 # what run() sets, others read
# Small TAP library for the scripts in tests/cli.  A script reads:
#
#	. "${abs_srcdir:-.}/tests/cli/lib.sh"
#	taskfile <<-'EOT'
#	version: '3'
#	tasks:
#	  a: echo hello
#	EOT
#	run prun a
#	is "$status" 0 'a task that works ends with 0'
#	is "$out" hello 'its output is shown'
#	done_testing
#
# Each script starts in an empty folder of its own, removed at exit, with a
# fixed environment.  One assertion is one line of TAP; the last line of the
# script is done_testing, so a script that dies half way fails.

: "${abs_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${PRUN:=$abs_srcdir/prun}"
case $PRUN in
/*) ;;
*) PRUN=$PWD/$PRUN ;;
esac

# Scripts that the caller leaves out, by name: "slurm guardian".
this=${0##*/}
case " ${TEST_LEAVE_OUT-} " in
*" ${this%.sh} "*)
	echo '1..0 # SKIP left out'
	exit 0
	;;
esac

# What the caller has set must not decide a test.
for name in $(env | sed -n 's/^\(\(TASK\|PRUN\)_[A-Za-z0-9_]*\)=.*/\1/p'); do
	unset "$name"
done
unset name MAKEFLAGS MAKELEVEL MFLAGS CARGO_MAKEFLAGS CI GITHUB_ACTIONS GITLAB_CI
unset FORCE_COLOR CLICOLOR CLICOLOR_FORCE GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
unset CDPATH ENV BASH_ENV TMPDIR_OUTER

work=$(mktemp -d "${TMPDIR:-/tmp}/prun-test.XXXXXX") || exit 99
work=$(cd "$work" && pwd -P) || exit 99
# What a script leaves running it ends itself: at_exit=COMMANDS.
at_exit=:
trap 'eval "$at_exit"; cd / && chmod -R u+rwX "$work" && rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$work/home" "$work/t" "$work/tmp" "$work/runtime"
chmod 700 "$work/runtime"
HOME=$work/home
XDG_CONFIG_HOME=$HOME/.config
XDG_CACHE_HOME=$HOME/.cache
XDG_DATA_HOME=$HOME/.local/share
XDG_STATE_HOME=$HOME/.local/state
XDG_RUNTIME_DIR=$work/runtime
TMPDIR=$work/tmp
LANG=C.UTF-8
LC_ALL=C.UTF-8
TZ=UTC
NO_COLOR=1
TERM=dumb
GIT_CONFIG_NOSYSTEM=1
GIT_AUTHOR_NAME=tester GIT_AUTHOR_EMAIL=tester@example.com
GIT_COMMITTER_NAME=tester GIT_COMMITTER_EMAIL=tester@example.com
export HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_STATE_HOME
export XDG_RUNTIME_DIR TMPDIR LANG LC_ALL TZ NO_COLOR TERM PRUN
export GIT_CONFIG_NOSYSTEM GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL
export GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
cd "$work/t" || exit 99

tests_run=0

# macOS has none; -k and the like are not used by scripts.
command -v timeout >/dev/null ||
    timeout()
    {
	perl -e 'alarm shift; exec @ARGV or exit 127' "$@"
    }

prun()
{
	"$PRUN" "$@"
}

# The names of all output modes.
modes()
{
	"$PRUN" __complete --output '' | grep -v '^:'
}

# taskfile [PATH] <text: writes a Taskfile, Taskfile.yml if not told.
taskfile()
{
	mkdir -p "$(dirname "${1:-Taskfile.yml}")" &&
	    cat >"${1:-Taskfile.yml}"
}

# run COMMAND…: sets $status, $out (standard output) and $err (standard
# error), each without its last newline.
run()
{
	status=0
	"$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	out=$(cat "$work/out")
	err=$(cat "$work/err")
}

# The same with both streams in $out, in the order in which they came.
run_mixed()
{
	status=0
	"$@" >"$work/out" 2>&1 </dev/null || status=$?
	out=$(cat "$work/out")
	err=
}

# git_repo [DIR]: an empty repository on branch main, in the current folder if
# not told.
git_repo()
{
	git init -q -b main "${1:-.}"
}

note()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

pass()
{
	tests_run=$((tests_run + 1))
	echo "ok $tests_run - $*"
}

fail()
{
	tests_run=$((tests_run + 1))
	echo "not ok $tests_run - $*"
}

# ok STATUS NAME: passes when STATUS is 0, as in: test -e x; ok $? 'x exists'
ok()
{
	if [ "$1" -eq 0 ]; then
		shift
		pass "$@"
	else
		shift
		fail "$@"
	fi
}

# is GOT WANT NAME
is()
{
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3"
		note "got:"
		note "$1"
		note "want:"
		note "$2"
	fi
}

isnt()
{
	if [ "$1" != "$2" ]; then
		pass "$3"
	else
		fail "$3"
		note "got what must not be:"
		note "$1"
	fi
}

# like TEXT PATTERN NAME: PATTERN is one of the shell's (*, ?, […]) and must
# match some part of TEXT.
like()
{
	# shellcheck disable=SC2254 # it is a pattern
	case $1 in
	*$2*) pass "$3" ;;
	*)
		fail "$3"
		note "got:"
		note "$1"
		note "which is not like: $2"
		;;
	esac
}

unlike()
{
	# shellcheck disable=SC2254 # it is a pattern
	case $1 in
	*$2*)
		fail "$3"
		note "got:"
		note "$1"
		note "which is like: $2"
		;;
	*) pass "$3" ;;
	esac
}

# is_file PATH TEXT NAME: the file holds just TEXT and a newline.
is_file()
{
	if [ -f "$1" ]; then
		is "$(cat "$1")" "$2" "$3"
	else
		fail "$3"
		note "there is no file $1"
	fi
}

# skip NAME REASON: for what this system cannot do.
skip()
{
	tests_run=$((tests_run + 1))
	echo "ok $tests_run - $1 # SKIP $2"
}

# skip_all REASON: the whole script; ends it.
skip_all()
{
	echo "1..0 # SKIP $*"
	exit 0
}

bail_out()
{
	echo "Bail out! $*"
	exit 1
}

# wait_for COMMAND…: until it succeeds, at most 20 seconds; for what no pipe
# can tell.
wait_for()
{
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 400 ] || return 1
		sleep 0.05
	done
}

done_testing()
{
	echo "1..$tests_run"
}
