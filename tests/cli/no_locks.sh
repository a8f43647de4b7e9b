#!/bin/sh
# SPDX-License-Identifier: MIT
# P-112, P-114, P-605: where files cannot be locked all goes on, each with what
# else tells, and one line says so.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

no_locks="python3 $abs_srcdir/tests/cli/no_locks.py"
# shellcheck disable=SC2086 # they are words
$no_locks true 2>/dev/null || skip_all 'flock() cannot be made to fail here'

start_repo
printf '.task\n' >.gitignore
taskfile <<'EOT'
version: '3'
tasks:
  plain: {cmds: ['true']}
  mutex: {mutex: m, cmds: ['"$PRUN" -s inside']}
  inside: {mutex: other, cmds: ['true']}
  source: {sources: [a], generates: [b], cmds: ['cp a b']}
  side: {deps: [source, mutex, plain]}
  commits:
    commit: true
    cmds: ['echo 1 >>made', '"$PRUN" below', '"$PRUN" -p side']
  below: {commit: {message: Below}, cmds: ['echo 1 >>below', '"$PRUN" further']}
  further: {commit: {message: Further}, cmds: ['echo 1 >>further']}
  level: {cmds: ['"$PRUN" -s named']}
  named: {cmds: ['echo $PRUN_LEVEL']}
EOT
echo 1 >a
commit_all

# unlocked WORDS…
unlocked()
{
	# shellcheck disable=SC2086
	run timeout 60 $no_locks "$PRUN" "$@"
	notes=$(grep -c 'cannot be locked' "$work/err")
}

for task in plain mutex source side level; do
	unlocked $task
	is "$status $notes" '0 1' "$task: it passes, and one line says so"
done
is "$out" 2 'P-108 a run inside of it knows that it is one'
unlocked source
like "$err" 'up to date' 'what was done is known'
echo 2 >a
unlocked source
is "$status $(cat b)" '0 2' 'and what was not'
unlocked -p side mutex inside
is "$status $notes" '0 1' 'several at once'
rm b
commit_all b
unlocked commits
is "$status $notes" '0 1' 'P-605 a run that commits'
is "$(commits) $(committed)" '3 A b A below A further A made' \
    'P-108 what is inside of it leaves its commit to it'
unlocked below
is "$status $(commits)" '0 4' 'nothing is left that holds the next one up'
unlike "$err" 'waiting' 'nor does it wait'
unlike "$err" 'still at work' 'nor thinks that another is at work'
unlocked --hook install pre-push
is "$status" 0 'a hook'
unlocked --log
is "$status" 0 'the log'
unlocked --compat plain
is "$status $notes" '0 0' 'go-task has no such line'

# one that was killed is over
if [ -r /proc/self/stat ]; then
	mkfifo "$work/ready"
	export work
	printf "version: '3'\ntasks: {waits: {commit: true, cmds: ['echo 1 >>x; echo >\"\$work/ready\"; exec sleep 60']}}\n" >waits.yml
	commit_all waits
	# shellcheck disable=SC2086
	$no_locks "$PRUN" -t waits.yml waits >/dev/null 2>&1 &
	pid=$!
	timeout 30 cat "$work/ready" >/dev/null
	unlocked below
	like "$err" 'still at work' 'P-605 one that is at work is seen'
	kill -9 $pid
	wait $pid 2>/dev/null
	git checkout -q . && git clean -fdq
	unlocked below
	unlike "$err" 'still at work' 'one that was killed is not'
fi
done_testing
