#!/bin/sh
# SPDX-License-Identifier: MIT
# P-605, D-5: whatever a run does, and wherever it is interrupted, the user's
# files and index are as they were (never-event 17).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"
. "$abs_srcdir/tests/cli/lib_kill.sh"

make_template <<EOT
version: '3'
tasks:
  qa: {parallel: true, cmds: [{task: one}, {task: two}]}
  one: $strike/hit task one
  two: grep -q 1 staged
  bad: {commit: true, cmds: [{task: write}, {task: fails}]}
  fails: exit 1
  write: {commit: {push: true}, cmds: ['$strike/hit task write; echo 1 >fresh; $strike/hit task wrote']}
EOT
start_of_user=$(printf '%s\n' "$edits" | user_part)

# the_same NAME: but for what the run declares to write
the_same()
{
	is "$(git rev-list --count "$start"..HEAD) $(test -e fresh &&
	    echo written)" "$2" "$1: as many commits and files as there should be"
	rm -f fresh
	# a commit of just that file takes it from the index as well
	git rm -q --cached --ignore-unmatch fresh
	is "$(tree_of | user_part)" "$start_of_user" \
	    "$1: the user's files and index"
	test ! -e .git/index.lock
	ok $? "$1: no lock"
}
strike_at 0 none qa
the_same 'a run that passes' '0 '
strike_at 0 none bad
the_same 'a run that fails' '0 written'
strike_at 0 none --push qa
the_same 'a gate' '0 '

moments write
the_same 'a run with a commit' '1 written'
{
	echo task one
	grep -v during "$work/moments" |
	    awk -v every="${EVERY:-12}" 'NR % every == 1'
} >"$work/chosen"
for signal in INT TERM; do
	while read -r moment; do
		words='write'
		[ "$moment" = 'task one' ] && words=qa
		strike_at $signal "$moment" $words
		[ -e "$strike/done" ] || fail "$moment was not reached"
		n=$(git rev-list --count "$start"..HEAD)
		[ "$n" -le 1 ] || n='0 or 1'
		written=
		[ -e fresh ] && written=written
		the_same "$signal at: $moment" "$n $written"
	done <"$work/chosen"
done
done_testing
