#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2154 # lib.sh; text for tasks
# A session whose processes are killed, is interrupted, or is left to itself:
# nothing of it stays, and the next one repairs (P-804, P-806, P-117).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
for tool in git python3 ps setsid; do
	command -v $tool >/dev/null || skip_all "there is no $tool"
done
. "$abs_srcdir/tests/cli/lib_signals.sh"
STARTED=$PWD/started
MARKS=$work/marks
export STARTED MARKS
mkdir "$MARKS" main
cd main || bail_out 'no folder'
git_repo
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  ok: 'true'
  hold: 'setsid sleep 300 & echo $! >"$STARTED"; wait'
  once: '[ -e "$MARKS/once" ] || { : >"$MARKS/once"; setsid sleep 300 & echo $! >"$STARTED"; wait; }'
EOT
printf '[run]\ngrace = 200ms\n[worktrees]\nretries = 1\n' >prun.ini
git add -A
git commit -qm first
echo mine >mine
git stash -q -u
git branch my-own
git worktree add -q ../my-tree my-own
echo change >>../my-tree/prun.ini
user_state()
{
	git for-each-ref --format='%(refname) %(objectname)' |
	    grep -v 'worktree-wt-\|refs/prun/'
	cat .git/config
	git stash list
	git status --porcelain
	git -C ../my-tree status --porcelain
	git symbolic-ref HEAD
}
user_state >"$work/before"

db()
{
	python3 - "$1" <<'EOT'
import glob, os, sqlite3, sys
path = glob.glob(os.environ["XDG_STATE_HOME"] + "/prun/main-*/sessions.db")[0]
for row in sqlite3.connect("file:%s?mode=ro" % path, uri=True).execute(sys.argv[1]):
    print(" ".join(str(x) for x in row))
EOT
}
last='(select max(id) from parallel_test_sessions)'
workers()
{
	db "select pid from parallel_test_workers where session_id = $last"
}
all_dead()
{
	for one in "$@"; do
		dead "$one" || return 1
	done
}

# ---- a worker is killed ----
start --worktrees=2 once ok
job=$(hear)
worker=$(db "select pid from parallel_test_workers where session_id = $last
    and status = 'busy' and number = 1")
kill -9 "$worker"
wait "$pid"
is "$?" 0 'P-804: the test of a worker that was killed is tried again'
like "$(cat "$work/bg.err")" \
    'prun: worker-[12] died at once; another one takes its place' \
    'P-804: the worker is named'
like "$(cat "$work/bg.err")" 'once failed (worker-[12] died)*try 2 of 2' \
    'P-804: that was a failed try'
like "$(cat "$work/bg.out")" 'once *flaky *2 ' 'P-810: and counts as one'
wait_for all_dead "$job"
ok $? 'P-804: its test ended with it'

# ---- ^C, twice ----
start --worktrees=2 hold ok
job=$(hear)
pids=$(workers)
kill -INT "$pid"
wait "$pid"
is "$?" 130 '^C ends a session'
# shellcheck disable=SC2086 # numbers
all_dead $job $pids
ok $? 'with all of its tests and workers'
like "$(cat "$work/bg.out")" 'hold *cancelled*ok *passed' \
    'and it says what it has come to'
is "$(db "select status, exit from parallel_test_sessions where id = $last")" \
    'cancelled 130' 'P-806: cancelled'
is "$(db "select status from parallel_test_executions where session_id = $last
    order by number" | tr '\n' ' ')" 'cancelled completed ' \
    'P-806: the test too'

# ---- the session is killed ----
start --worktrees=2 hold hold
first=$(hear)
second=$(hear)
pids=$(workers)
kill -9 "$pid"
wait "$pid" 2>/dev/null
# shellcheck disable=SC2086
wait_for all_dead $first $second $pids
ok $? 'P-804: killed with -9, nothing goes on'
run prun --results last
like "$out" 'hold *interrupted*session * interrupted' \
    'P-806: --results knows that nobody is at it any more'
is "$(db "select status from parallel_test_sessions where id = $last")" running \
    'though nobody has written that'
run prun --worktrees=2 ok
is "$status" 0 'P-804: the next session repairs'
is "$(db "select status from parallel_test_sessions order by id desc limit 1
    offset 1")" interrupted 'P-806: and writes down what became of the other'
is "$(db "select count(*) from parallel_test_executions where status in
    ('running', 'pending')")" 0 'P-806: with its tests'
user_state >"$work/after"
is "$(cat "$work/after")" "$(cat "$work/before")" \
    'P-805: what is the user'\''s is as it was'

# ---- left to itself ----
run prun --detach --worktrees=2 hold ok
id=$out
is "$status $err" '0 ' 'P-117: a session can be left'
job=$(hear)
is "$(db "select id from parallel_test_sessions where id = $last")" "$id" \
    'P-117: by its id'
run prun --cancel "$id"
is "$status" 0 'P-117: and cancelled'
run prun --wait "$id"
is "$status" 143 'P-117: it ends as that'
wait_for all_dead "$job"
ok $? 'with its tests'
run prun --detach --worktrees=1 ok
run prun --wait "$out"
is "$status" 0 'P-117: one that passes'
like "$out$err" 'completed: 1 test: 1 passed' 'P-117: its report is shown'
run prun --detach --worktrees nobody
is "$status" 200 'P-117: one that cannot begin says so at once'

done_testing
