#!/bin/sh
# SPDX-License-Identifier: MIT
# P-604: what is refused before anything runs, and what a task began meanwhile.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
cat >"$work/Taskfile.yml" <<'EOT'
version: '3'
tasks:
  write: {commit: true, cmds: ['echo ran >>ran']}
  loose: {commit: {detached: true}, cmds: ['echo loose >>loose']}
  deep: {deps: [write]}
  alias: {aliases: [as], commit: true, cmds: ['echo ran >>ran']}
  words: {cmds: ['task:as X=1']}
  pattern: {cmds: [{task: p-x}]}
  p-*: {commit: true, cmds: ['echo ran >>ran']}
  plain: echo plain >>plain
  begin: {commit: true, cmds: ['git update-ref MERGE_HEAD HEAD']}
  leave: {commit: true, cmds: ['echo 1 >>left', 'git checkout -q --detach']}
EOT
cp "$work/Taskfile.yml" .
echo 1 >f
commit_all

# refused WORD NAME: `prun write` says WORD, runs nothing and commits nothing.
refused()
{
	head=$(git rev-parse HEAD)
	run prun write
	isnt "$status" 0 "$2: refused"
	like "$err" "no commit can be made: *$1" "$2: says so"
	test ! -e ran && test "$(git rev-parse HEAD)" = "$head"
	ok $? "$2: nothing has run"
}

git checkout -q -b other && echo 2 >f && commit_all other
git checkout -q main && echo 3 >f && commit_all main
git merge -q other >/dev/null 2>&1
refused 'merge' 'unmerged paths'
run prun plain
is "$status" 0 'a run that owes none goes on'
rm plain
echo 4 >f && git add f
refused 'a merge is in progress' 'a merge'
git merge --abort
git cherry-pick other >/dev/null 2>&1
refused 'cherry-pick' 'a cherry-pick'
git cherry-pick --abort
git revert --no-edit HEAD~1 >/dev/null 2>&1
git show HEAD~1 >/dev/null
[ -e .git/REVERT_HEAD ] || git update-ref REVERT_HEAD HEAD
git reset -q --hard
git update-ref REVERT_HEAD HEAD
refused 'revert' 'a revert'
git update-ref -d REVERT_HEAD
git rebase other >/dev/null 2>&1
refused 'rebase' 'a rebase'
git rebase --abort
git bisect start >/dev/null
refused 'bisect' 'a bisect'
git bisect reset >/dev/null 2>&1

git checkout -q --detach
refused 'HEAD is detached' 'a detached HEAD'
run prun deep
like "$err" 'HEAD is detached' 'also for a task that is called'
for task in words pattern; do
	run prun $task
	like "$err" 'no commit can be made: *HEAD is detached' \
	    "P-604: also where $task calls it"
	test ! -e ran
	ok $? "P-604: $task: nothing has run"
done
run prun loose
is "$status $(committed)" '0 A loose' 'detached: true allows it'
git checkout -q main

(
	unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL
	unset GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL EMAIL
	git config user.useConfigOnly true
	run prun write
	printf '%s\n%s\n' "$status" "$err" >"$work/said"
)
like "$(cat "$work/said")" '1
*does not know who you are' 'no identity: refused'
test ! -e ran
ok $? 'no identity: nothing has run'

# what was not there before
head=$(git rev-parse HEAD)
run prun begin
like "$err" 'a merge is in progress' 'a merge that a task began'
is "$(git rev-parse HEAD)" "$head" 'no commit in the middle of it'
git update-ref -d MERGE_HEAD
rm -f .git/MERGE_HEAD
run prun leave
like "$err" 'HEAD is detached' 'a branch that a task left'
is "$status" 1 'fails the run'

mkdir "$work/none" && cd "$work/none" && cp "$work/Taskfile.yml" . || exit 1
run prun write
like "$err" 'not in a git repository' 'outside of a repository: refused'
test ! -e ran
ok $? 'and nothing has run'
run prun plain --commit=x
like "$err" 'not in a git repository' '--commit outside of a repository'
run prun plain
is "$status" 0 'other tasks run there'
done_testing
