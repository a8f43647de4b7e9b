#!/bin/sh
# SPDX-License-Identifier: MIT
# sh tools/harness.sh PLAN RANGE: runs batches of a plan, "all", "2" or "1-3".
#
# A plan is a page for people.  "## Batch N: what" begins a batch, and a line
# "- do VERB ..." in it is a step:
#
#	work N		N units of 100 ms; the start of the test is in the first
#	expect FILE TEXT	the file has that text
#	own-tree	the tree is this test's alone, and clean
#	own-port	there is a port that nobody else is given
#	flaky		fails on the first try of a session
#	fail		fails
#	hang		never ends
#
# A batch passes when its steps do.  A report goes to reports/, and what it came
# to is told to the session in $RESULT_FILE.

plan=$1
range=${2:-all}
first=1
last=9999
case $range in
all) ;;
*-*) first=${range%-*} last=${range#*-} ;;
*) first=$range last=$range ;;
esac

name=${plan##*/}
name=${name%.md}
result=${RESULT_FILE-/dev/null}
[ -r "$plan" ] || {
	echo "no plan $plan" >&2
	exit 2
}

started=0
work()
{
	tenths=$1
	hundredths=0
	if [ "$started" = 0 ]; then
		started=1
		tenths=$((tenths - 1)) hundredths=7
	fi
	sleep "$((tenths / 10)).$((tenths % 10))$hundredths"
}

# Between the tries of one session there is nothing but its own folder.
flaky()
{
	[ -n "${RESULT_FILE-}" ] || return 0
	mark=${RESULT_FILE%/*}/tried-$name
	[ -e "$mark" ] && return 0
	: >"$mark"
	return 1
}

own_tree()
{
	[ ! -e touched ] && echo "$name" >touched
}

step()
{
	verb=$1
	shift
	case $verb in
	work) work "$1" ;;
	expect) grep -qF -- "$2" "$1" ;;
	own-tree) own_tree ;;
	own-port) [ "${WORKTREE_PORT_BASE:-1}" -gt 0 ] ;;
	flaky) flaky ;;
	fail) return 1 ;;
	hang) sleep 611 ;;
	*)
		echo "no such step: $verb" >&2
		return 1
		;;
	esac
}

passed=0 failed=0 table='' batch=0 what='' good=''
end_batch()
{
	[ "$batch" -ge "$first" ] && [ "$batch" -le "$last" ] || return 0
	if [ "$good" = yes ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
	echo "batch $batch ($what): $good"
	table="$table| $batch | $what | $good |
"
}

while IFS= read -r line; do
	case $line in
	'## Batch '*)
		[ "$batch" = 0 ] || end_batch
		line=${line#\#\# Batch }
		batch=${line%%:*} what=${line#*: } good=yes
		;;
	'- do '*)
		if [ "$batch" -lt "$first" ] || [ "$batch" -gt "$last" ] ||
		    [ "$good" != yes ]; then
			continue
		fi
		# shellcheck disable=SC2086 # words of the step
		step ${line#- do } || good="no: ${line#- do }"
		;;
	esac
done <"$plan"
[ "$batch" = 0 ] || end_batch

mkdir -p reports
{
	echo "# $name"
	echo
	echo "| batch | | passed |"
	echo "|---|---|---|"
	printf '%s' "$table"
	echo
	echo "$passed passed, $failed failed"
} >"reports/$name.md"
{
	echo "tasks_passed=$passed"
	echo "tasks_failed=$failed"
	echo "report=reports/$name.md"
} >>"$result"
[ "$failed" = 0 ]
