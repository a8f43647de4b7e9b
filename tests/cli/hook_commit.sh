#!/bin/sh
# SPDX-License-Identifier: MIT
# P-701, P-704: pre-commit checks what is about to be committed, whatever the
# tree holds; commit-msg and others see the tree as it is.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  pre-commit: ['grep -q good state', 'test ! -e only-here']
  commit-msg: ['grep -q word {{.HOOK_ARG_1}}', 'test -e only-here']
EOT
echo good >state && echo 1 >f && echo 1 >g
commit_all
touch only-here
prun --hook install pre-commit >/dev/null

# commit ARGS…: sets $status and $made, the commits since before.
commit()
{
	head=$(git rev-parse HEAD)
	run git commit -q -m 'a word' "$@"
	made=$(git rev-list --count "$head"..HEAD)
}

echo 2 >f && git add f && echo bad >state
before=$(git ls-files -s state)
commit
is "$status $made" '0 1' 'a bad change that is not staged does not count'
is "$(git ls-files -s state) $(cat state)" "$before bad" 'and stays as it is'
git add state && echo good >state
commit
isnt "$status" 0 'a bad change that is staged counts, whatever the tree has'
like "$err" 'about to be committed in a work tree of its own*pre-commit refused: pre-commit failed; fix it, or git commit --no-verify' \
    'P-704 it says where it looks, and what to do'
is "$made" 0 'and is not committed'
is "$(git status --porcelain)" 'MM state
?? only-here' 'the index is as it was'
commit -a
is "$status $made" '1 0' 'commit -a of nothing but what HEAD has'
git checkout -q HEAD state
echo bad >state
commit -a
is "$status $made" '1 0' 'commit -a takes the tree: refused'
test ! -e .git/index.lock
ok $? 'no lock is left'
git diff --cached --quiet
ok $? 'and nothing is staged'
echo 3 >f
commit f
is "$status $made" '0 1' 'commit FILE checks just that file'
is "$(committed)" 'M f' 'and commits it'
echo 4 >f && echo 4 >g && git add f g
commit --only g state
is "$status $made" '1 0' 'commit FILE of a bad one is refused'
is "$(git status --porcelain)" 'M  f
M  g
 M state
?? only-here' 'what was staged is staged'
git checkout -q state

# prun's own commit goes through the hook as well
git reset -q --hard && rm only-here
taskfile <<'EOT'
version: '3'
tasks:
  pre-commit: grep -q good state
  spoil: {commit: true, cmds: ['echo bad >state']}
  fine: {commit: true, cmds: ['echo fine >fine']}
EOT
git commit -qam 'another Taskfile' --no-verify
head=$(git rev-parse HEAD)
run prun spoil
is "$status $(git rev-parse HEAD)" "1 $head" \
    'the gate of pre-commit refuses the one commit'
like "$err" 'pre-commit failed' 'and says so'
git checkout -q state
run prun fine
is "$status $(committed)" '0 A fine' 'or lets it pass'

# the first commit
mkdir "$work/t/first" && cd "$work/t/first" && git_repo
printf "version: '3'\ntasks: {pre-commit: 'test -e x'}\n" >Taskfile.yml
prun --hook install pre-commit >/dev/null
git add .
commit 2>/dev/null
isnt "$status" 0 'the first commit is checked'
touch x && git add x
commit 2>/dev/null
is "$status" 0 'and made'

cd "$work/t/r" && prun --hook remove pre-commit >/dev/null
prun --hook install commit-msg >/dev/null
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  commit-msg: ['grep -q word {{.HOOK_ARG_1}}', 'test -e only-here']
EOT
touch only-here
git commit -q --allow-empty -m 'nothing good'
isnt $? 0 'commit-msg reads the message'
git commit -q --allow-empty -m 'a word'
is $? 0 'commit-msg sees the tree as it is'
printf "version: '3'\ntasks: {qa: 'true'}\n" >Taskfile.yml
run git commit -q --allow-empty -m 'a word'
isnt "$status" 0 'commit-msg is no gate: it has no other task'
done_testing
