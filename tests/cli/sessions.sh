#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2119,SC2154 # lib.sh; text for tasks
# Sessions of tests over work trees: what a test sees, what becomes of one that
# fails, the report, what is written down (P-801 to P-811).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
command -v git >/dev/null || skip_all 'there is no git'
command -v python3 >/dev/null || skip_all 'there is no python3'

mkdir main
cd main || bail_out 'no folder'
git_repo
mkdir plans sub "$work/marks"
MARKS=$work/marks
export MARKS
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  see:
    - pwd >"$MARKS/see.pwd"
    - env >"$MARKS/see.env"
    - git status --porcelain --ignored >"$MARKS/see.status"
  ok: 'true'
  bad: exit 3
  flaky: '[ -e "$MARKS/flaky" ] || { : >"$MARKS/flaky"; exit 1; }'
  dirty: '[ ! -e left ] || exit 9; echo x >left; echo x >>Taskfile.yml; [ -e "$MARKS/dirty" ] || { : >"$MARKS/dirty"; exit 1; }'
  daemon: 'setsid sleep 300 >/dev/null 2>&1 & echo $! >"$MARKS/daemon"'
  hang: 'trap "" TERM; setsid sleep 300 & echo $! >"$MARKS/hang"; wait; sleep 300'
  first: {mutex: m, cmds: ['mkdir "$MARKS/m" && sleep 0.2 && rmdir "$MARKS/m"']}
  second: {cmds: [{task: locked}]}
  locked: {mutex: m, internal: true, cmds: ['mkdir "$MARKS/m" && sleep 0.2 && rmdir "$MARKS/m"']}
  base: 'sleep 0.2; echo base >>"$MARKS/order"'
  above: {deps: [base], cmds: ['echo above >>"$MARKS/order"']}
  above-bad: {deps: [bad], cmds: ['true']}
  say: echo {{.WHO}} >>"$MARKS/said"
  test-plan: 'echo "$PLAN_FILE $BATCH_RANGE {{.PLAN_FILE}} {{.BATCH_RANGE}}" >>"$MARKS/plans"; mkdir -p out; echo fine >out/report.md; printf "tasks_passed=4\ntasks_failed=1\nreport=out/report.md\n" >>"$RESULT_FILE"'
  shared: git config core.bare true
  shared-go: 'git config core.bare true; [ -e "$MARKS/went" ] || { : >"$MARKS/went"; echo >"$MARKS/go"; }'
  beside: '[ -e "$MARKS/beside" ] || { : >"$MARKS/beside"; read -r _ <"$MARKS/go"; }'
  commits: git commit -q --allow-empty -m inside
  hidden: {internal: true, cmds: ['true']}
EOT
cat >prun.ini <<'EOT'
[worktrees]
retries = 1
order = fifo
[run]
grace = 300ms
EOT
echo p >plans/a.md
echo p >plans/b.md
git add -A
git commit -qm first
db()
{
	python3 - "$1" <<'EOT'
import glob, os, sqlite3, sys
path = glob.glob(os.environ["XDG_STATE_HOME"] + "/prun/main-*/sessions.db")[0]
for row in sqlite3.connect("file:%s?mode=ro" % path, uri=True).execute(sys.argv[1]):
    print(" ".join(str(x) for x in row))
EOT
}
alive()
{
	kill -0 "$1" 2>/dev/null && ! ps -o stat= -p "$1" | grep -q Z
}

# ---- what a test sees ----
run prun --worktrees=2 see ok
is "$status" 0 'P-801: all passed'
like "$out" 'see *passed *worker-1 *wt-[12] *1 ' \
    'P-810: verdict, worker, work tree, tries'
like "$out" 'completed: 2 tests: 2 passed' 'P-810: totals'
like "$err" 'prun: session 2*: 2 tests on * with 2 workers' 'what begins is said'
tree=$(printf '%s\n' "$out" | sed -n 's/^see .*\(wt-[12]\) .*/\1/p')
is "$(cat "$MARKS/see.pwd")" "$work/t/main-worktrees/$tree" \
    'P-803: its work tree is the working directory'
is "$(cat "$MARKS/see.status")" '' 'P-803: which is clean'
for name in WORKTREE_ID=wt- WORKER_ID=worker- 'WORKTREE_PORT_BASE=[1-9]' \
    COMPOSE_PROJECT_NAME=main-wt-; do
	grep -q "^$name" "$MARKS/see.env"
	ok $? "P-803: a test has $name"
done
COMPOSE_PROJECT_NAME=mine run prun --worktrees=1 see
grep -q '^COMPOSE_PROJECT_NAME=mine$' "$MARKS/see.env"
ok $? 'P-803: what the user has set stays'
is "$(git status --porcelain)" '' 'the main tree is as it was'
id=$(db 'select id from parallel_test_sessions order by id limit 1')
is "$(db "select status, num_workers, tests_total, tests_passed, tests_failed,
    exit, completed_at > started_at from parallel_test_sessions
    where id = '$id'")" 'completed 2 2 2 0 0 1' 'P-806: a row for the session'
is "$(db "select number, task, status, retry_count, worktree_id like 'wt-%',
    worker_id like 'worker-%', length(test_run_id),
    queued_at <= started_at and started_at <= completed_at
    from parallel_test_executions where session_id = '$id'")" \
    '1 see completed 0 1 1 22 1
2 ok completed 0 1 1 22 1' 'P-806: a row for each test'
test_run=$(db "select test_run_id from parallel_test_executions
    where session_id = '$id' and number = 1")
run prun --log --run "$test_run"
is "$status" 0 'P-806: the run of a test has its logs as any run'
run prun --runs
unlike "$out" "$test_run" 'P-806: but is listed with its session, not alone'
run prun --results "$id"
like "$out" "session $id completed: 2 tests: 2 passed" \
    'P-810: --results prints the report again'
is "$status" 0 'P-810: and ends well'
run prun --results last
like "$out" '1 test: 1 passed' 'P-810: the last one by that word'
run prun --results 1999
is "$status $err" '1 prun: --results: there is no session "1999"' \
    'P-810: one that is not there'
(cd sub && run prun --worktrees=1 see)
is "$(cat "$MARKS/see.pwd")" "$work/t/main-worktrees/wt-1" \
    'P-801: from a folder below it is the place of the Taskfile'

# ---- failures and tries ----
run prun --worktrees=2 bad ok
is "$status" 201 'a failed test fails the session'
like "$err" 'bad failed (exit 3)*try 2 of 2 follows*bad failed*exit 3' \
    'P-802: it is tried again, and that is said'
like "$out" 'bad failed: exit 3*log *run *2' 'P-810: why, and where its log is'
log=$(printf '%s\n' "$out" | sed -n 's/^  log *//p')
like "$(cat "$log")" 'exit status 3' 'P-810: which is there'
run prun --worktrees=1 flaky dirty
is "$status" 0 'P-802: who passes on a retry has passed'
like "$out" 'flaky *flaky *2 *flaky passed on try 2; try 1: exit 1' \
    'P-810: and is named flaky, with why'
like "$out" 'dirty *flaky *2 ' 'P-803: a retry is not in the leftovers'
is "$(db 'select number, attempt, status, exit from parallel_test_attempts
    where session_id = (select max(id) from parallel_test_sessions)
    order by number, attempt')" '1 1 failed 1
1 2 completed 0
2 1 failed 1
2 2 completed 0' 'P-806: each try has a row'
printf '[worktrees]\npreserve_failed = on\nretries = 1\n' >prun.ini
run prun --worktrees=1 bad
tree=$(printf '%s\n' "$out" | sed -n 's/^  worktree *//p')
[ -n "$tree" ] && [ -e "$tree/Taskfile.yml" ]
ok $? 'P-805: preserve_failed keeps the tree and says where'
git checkout -q prun.ini

# ---- ends ----
echo '{"tests":[{"task":"hang"},{"task":"daemon"}],"task_timeout":"400ms",
    "max_retries":0}' >"$work/ends.json"
run sh -c '"$PRUN" --worktrees=2 --tests - <"$0"' "$work/ends.json"
like "$out" 'hang failed: not done after 400ms' 'P-804: its time is bounded'
like "$out" 'daemon *passed' 'the others go on'
! alive "$(cat "$MARKS/hang")"
ok $? 'P-804: nothing of a test that was ended outlives it'
# elsewhere nobody can tell whose it is once its parent is gone
if [ "${TEST_PORTABLE-}" = 1 ]; then
	kill "$(cat "$MARKS/daemon")" 2>/dev/null
else
	! alive "$(cat "$MARKS/daemon")"
	ok $? 'P-804: nor of one that ended by itself'
fi

# ---- order ----
run prun --worktrees=3 first second ok
is "$status" 0 'P-802: tests with one mutex, at whatever depth, are never beside each other'
: >"$MARKS/order"
run prun --worktrees=2 above base
is "$(tr '\n' ' ' <"$MARKS/order")" 'base base above ' \
    'P-802: a test waits for those that its task depends on'
run prun --worktrees=2 above-bad bad
like "$out" 'above-bad not run: it needs bad' \
    'P-802: and is not run where one fails'
is "$status" 201 'which is no success'
: >"$MARKS/said"
cat >list.json <<'EOT'
{"tests": [
  {"task": "say", "vars": {"WHO": "low"}},
  {"task": "say", "vars": {"WHO": "high", "N": 2}, "priority": 5},
  {"task": "say", "vars": {"WHO": "mid"}, "priority": 1}]}
EOT
run prun --worktrees=1 --tests list.json
is "$(tr '\n' ' ' <"$MARKS/said")" 'high mid low ' \
    'P-802: higher priorities first; variables are the test'\''s'
like "$out" 'say #2 ' 'tests of one name are told apart'
rm list.json
printf '[worktrees]\nmax_queue = 1\n' >prun.ini
run prun --worktrees ok see
is "$status $err" '1 prun: the queue is full: 1 tests wait, so see is refused (max_queue in [worktrees] of prun.ini)' \
    'P-802: the queue is bounded, by name'
printf '[worktrees]\nrate = 6 EUR/min\n' >prun.ini
run prun --worktrees=1 --budget 100ms base say
like "$err" 'expected: * of tests, 0.0* EUR; 1 of 2 not known' \
    'P-811: what it will cost is said before'
like "$out" 'base not run: over the budget' \
    'P-811: what the history puts over the budget is left out by name'
run prun --worktrees=1 base
like "$out" 'cost 0.0[0-9]* EUR' 'P-811: and what it has cost behind'
git checkout -q prun.ini

# ---- plans ----
run prun --plans 'plans/*.md' --worktrees=1
is "$status" 0 'P-801: --plans'
is "$(cat "$MARKS/plans")" 'plans/a.md all plans/a.md all
plans/b.md all plans/b.md all' 'P-801: each with its file and range'
is "$(db 'select plan_file, batch_range, tasks_passed, tasks_failed
    from parallel_test_executions
    where session_id = (select max(id) from parallel_test_sessions)')" \
    'plans/a.md all 4 1
plans/b.md all 4 1' 'P-806: what the test said of its tasks'
is_file "$(db 'select report_path from parallel_test_executions
    where report_path != "" limit 1')" fine 'and its report outlives the tree'
run prun --plans 'plans/*.md' --worktrees=1 BATCH_RANGE=1-2
like "$out" 'a 1-2 *passed' 'a range for all of them'
run prun --plans 'none/*.md'
is "$status $err" "1 prun: --plans: no file matches \"none/*.md\" in $PWD" \
    'a pattern without files'

# ---- what is wrong ----
wrong()
{
	printf '%s' "$1" >"$work/wrong.json"
	run prun --tests "$work/wrong.json"
	is "$status $err" "1 prun: --tests: $2" "--tests: $2"
}
wrong '{' 'unexpected end of JSON input'
wrong '[]' '/: must be an object'
wrong '{}' '/tests: must be a list with a test'
wrong '{"tests":[{}]}' '/tests/0: neither task nor plan_file'
wrong '{"tests":[{"tsk":"ok"}]}' '/tests/0: nobody knows the member "tsk"'
wrong '{"tests":[{"task":1}]}' '/tests/0/task: must be a text'
wrong '{"tests":[{"task":"ok","priority":"x"}]}' \
    '/tests/0/priority: must be a whole number'
wrong '{"tests":[{"task":"ok"}],"task_timeout":"x"}' \
    '/task_timeout: must be a time above 0 as in 30m'
wrong '{"tests":[{"task":"ok"}],"max_retries":-1}' \
    '/max_retries: must be 0 or more'
run prun --worktrees=0 ok
is "$status $err" '1 prun: --worktrees=0: must be a number of workers from 1 to 256' \
    'no workers'
run prun --worktrees nobody
is "$status" 200 'a task that is not there'
run prun --worktrees hidden
is "$status" 202 'a task that is internal'
run prun --worktrees --watch ok
is "$status" 1 '--watch is no session'
mkdir ../none
cp Taskfile.yml ../none
run sh -c 'cd ../none && exec "$PRUN" --worktrees ok'
is "$status $(printf '%s' "$err" | sed 's/: .*: .*/: …/')" '1 prun: …' \
    'outside of a repository'
git init -q ../empty
cp Taskfile.yml ../empty
run sh -c 'cd ../empty && exec "$PRUN" --worktrees ok'
is "$status $err" '1 prun: --worktrees: there is no commit yet to test' \
    'without a commit'

# ---- the repository that all trees share ----
run prun --worktrees=1 shared ok
like "$out" 'shared failed: it changed the repository *core.bare ' \
    'P-808: a test that damages the repository is red by name'
is "$(git config core.bare)" false 'P-808: and the damage is undone'
like "$out" 'ok *passed' 'P-808: the test behind it is not blamed'
like "$out" 'shared *failed *worker-1 *wt-[0-9]* *1 ' 'P-808: it is not tried again'
mkfifo "$MARKS/go"
run prun --worktrees=2 beside shared-go
like "$out" 'shared-go failed: it changed the repository' \
    'P-808: beside others it is found out by running alone'
is "$(printf '%s\n' "$out" | grep -c '^beside *\(passed\|flaky\) *worker')" 1 \
    'P-808: and who ran beside it is not blamed'
run prun --worktrees=1 commits
like "$out" 'commits  *refs/prun/kept/' 'P-805: commits that a test made are named'
ref=$(printf '%s\n' "$out" | sed -n 's/^  commits *\([^ ]*\).*/\1/p')
is "$(git log -1 --format=%s "$ref")" inside 'P-805: and reachable'
ln -s "$PWD/sub" link
git add link
git commit -qm link
run prun --worktrees=1 ok
like "$out" 'ok failed: it would use another tree: the link link leads to' \
    'P-809: what leads into the main tree is red by name'
printf '[worktrees]\nforeign = warn\n' >prun.ini
run prun --worktrees=1 ok
is "$status" 0 'P-809: or warned of'
like "$err" 'prun: ok: it would use another tree' 'P-809: by name'
git checkout -q prun.ini
git rm -q link
git commit -qm 'no link'

# ---- what tests change (P-807) ----
git checkout -q -b merges
cat >merge.yml <<'EOT'
version: '3'
silent: true
tasks:
  a: echo a >a.txt; sed 's/one/A/' lines >l; cat l >lines; rm l
  b: echo b >b.txt; sed 's/nine/B/' lines >l; cat l >lines; rm l
  c: sed 's/one/C/' lines >l; cat l >lines; rm l
  n: 'true'
  f: echo f >f.txt; exit 1
EOT
printf '%s\n' one 2 3 4 5 6 7 8 nine >lines
git add -A
git commit -qm lines
head=$(git rev-parse HEAD)
run prun -t merge.yml --worktrees=2 --merge a b n
is "$status" 0 'P-807: --merge'
like "$err" '--merge: 2 tests merged' 'P-807: says what it did'
is "$(tr '\n' ' ' <lines) $(cat a.txt b.txt | tr '\n' ' ')" \
    'A 2 3 4 5 6 7 8 B  a b ' 'P-807: what both changed is in the work tree'
is "$(git status --porcelain) $(git merge-base --is-ancestor "$head" HEAD && echo ahead)" \
    ' ahead' 'P-807: and in the branch'
is "$(git for-each-ref refs/prun/merge)" '' 'P-807: no ref stays'
git reset -q --hard "$head"
run prun -t merge.yml --worktrees=2 --merge a b c
is "$status $(git rev-parse HEAD) $(git status --porcelain)" "1 $head " \
    'P-807: a conflict leaves the branch as it was'
like "$err" 'nothing is merged: c conflicts in lines (with a, b)' \
    'P-807: and names tests and files'
like "$err" 'what c changed is kept: refs/prun/merge/' 'P-807: and what it kept'
is "$(git for-each-ref refs/prun/merge | wc -l | tr -d ' ')" 3 'P-807: which is there'
run prun -t merge.yml --worktrees=2 --merge a f
is "$status $(git rev-parse HEAD)" "201 $head" \
    'P-807: nothing is merged where a test fails'
echo mine >a.txt
run prun -t merge.yml --worktrees=2 --merge a
is "$status $(cat a.txt) $(git rev-parse HEAD)" "1 mine $head" \
    'P-807: nor over what is not committed'
rm a.txt
git checkout -q main

# ---- the pool, by hand ----
run prun --worktrees list
like "$out" 'wt-1 * free' 'P-805: --worktrees list shows the trees'
run prun --worktrees clean
is "$status" 0 'P-805: --worktrees clean'
is "$(git worktree list | wc -l | tr -d ' ')" 1 'P-805: leaves none'
is "$(git log -1 --format=%s "$ref")" inside 'P-805: but what was kept'

# ---- what is not committed is not tested ----
echo '# change' >>Taskfile.yml
run prun --worktrees=1 ok
like "$err" 'not in it: 1 change that is not committed' 'that is said'
git checkout -q Taskfile.yml

# ---- reports, prepare, database ----
run prun --worktrees=2 --report "junit:$work/j.xml" --report "json:$work/j.json" ok bad
like "$(cat "$work/j.xml")" 'name="ok"*name="bad"*<failure message="exit 3"' \
    'P-810: the reporters of runs are those of sessions'
is "$(python3 -c 'import json, sys
report = json.load(open(sys.argv[1]))
print([call["status"] for call in report["calls"]])' "$work/j.json" 2>&1)" \
    "['passed', 'failed']" \
    'P-810: as JSON'
state=$(dirname "$(find "$XDG_STATE_HOME" -name sessions.db)")
echo garbage that is no database, however long it may be here >"$state/sessions.db"
rm -f "$state"/sessions.db-*
run prun --worktrees=1 ok
is "$status" 0 'P-806: a damaged database fails nothing'
is "$(printf '%s\n' "$err" | grep -c 'sessions.db.damaged')" 1 \
    'P-806: it is put aside with one warning'
run prun --results last
is "$status" 0 'P-806: and begins anew'

done_testing
