#!/bin/sh
# SPDX-License-Identifier: MIT
# The last line says "FAILED" where the exit status does, and only there; so
# does the commit's message (P-106, P-603, P-607; never-event 34).

. "${abs_srcdir:-.}/tests/cli/lib.sh"

git_repo
taskfile <<-'EOF'
version: '3'
tasks:
  bad: exit 3
  good: echo good
  deferred: {cmds: [{defer: {task: bad}}, {task: good}]}
  ignored: {cmds: [{task: bad, ignore_error: true}, {task: good}]}
  task-ignored: {ignore_error: true, cmds: [{task: bad}, {task: good}]}
  group-ignored:
    parallel: true
    cmds: [{task: bad, ignore_error: true}, {task: good}]
  deep: {cmds: [{task: ignored}, {task: deferred}]}
  deep-defer: {cmds: [{defer: {task: over}}, {task: good}]}
  over: {cmds: [{task: bad}, {task: good}]}
  script: {cmds: ["task:bad || echo fine\n", {task: good}]}
  again: {retries: 1, cmds: [{task: once-bad}, {task: good}]}
  once-bad: test -e seen || { touch seen; exit 3; }
  # the same with an end that counts
  and-fails: {cmds: [{task: bad, ignore_error: true}, {task: worse}]}
  worse: exit 4
  own: {cmds: [{task: good}, exit 5]}
  own-defer: {cmds: [{defer: {task: bad}}, {task: good}, exit 5]}
  shared: {run: once, cmds: [exit 6]}
  both: {deps: [shared-defer, shared-dep]}
  shared-defer: {cmds: [{defer: {task: shared}}, echo on]}
  shared-dep: {deps: [shared-defer], cmds: [{task: shared}]}
EOF
for t in deferred ignored task-ignored group-ignored deep deep-defer script \
    again; do
	rm -f seen
	run "$PRUN" $t
	is "$status" 0 "34: $t passes"
	unlike "$err" 'FAILED' "34: $t: no line says otherwise"
	unlike "$err" 'run again what failed' "34: $t: nothing is to run again"
	run "$PRUN" --commit -s $t good
	is "$status" 0 "34: $t: with a commit"
	unlike "$err" 'FAILED' "34: $t: no line says otherwise then"
done
while read -r t code names; do
	run "$PRUN" -x $t
	is "$status" "$code" "34: $t fails"
	like "$(tail -n 1 "$work/err")" "prun: FAILED: $names; " \
	    "34: $t: the last line names the phases that failed it"
done <<'EOF'
and-fails 4 worse
own 5 own
own-defer 5 own-defer
both 6 shared-dep (shared)
EOF
run "$PRUN" and-fails
run "$PRUN" -s --failed
is "$status" 201 '34: what failed is repeated'
like "$err" 'prun: worse (and-fails): exit status 4' '34: it alone'
unlike "$err" 'bad' '34: and nothing else'

# ---- the commit ----

echo start >file
git add file
git commit -q -m start
while read -r how; do
	taskfile change.yml <<-EOF
	version: '3'
	includes: {m: {taskfile: Taskfile.yml, flatten: true}}
	tasks:
	  top: {commit: true, cmds: [{task: write}, $how]}
	  write: echo more >>file
	EOF
	run "$PRUN" -t change.yml top
	is "$status" 0 "P-607: $how: a commit is made"
	body=$(git log -1 --format=%b)
	like "$body" '- ✅ write (' "P-603: $how: it tells what passed"
	unlike "$body" '✅ bad' "P-603: $how: not that what failed did"
	like "$body" '- ⚠️ bad (failed, does not count)' \
	    "P-603: $how: it tells that it failed"
done <<'EOF'
{defer: {task: bad}}
{task: bad, ignore_error: true}
EOF

done_testing
