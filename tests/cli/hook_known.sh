#!/bin/sh
# SPDX-License-Identifier: MIT
# P-702, P-707: commits that the remote has, and those that have nothing that
# could be checked.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

seen=$work/seen
export seen
# push ARGS…: sets $status, $err and $ran, the commits that were checked.
push()
{
	: >"$seen"
	run git push -q "$@"
	ran=$(cat "$seen")
}
# nothing NAME ARGS…: is pushed without a check.
nothing()
{
	name=$1
	shift
	push "$@"
	is "$status $ran" '0 ' "$name: nothing is checked"
}
n=0
good() { n=$((n + 1)); echo "good $n" >state; commit_all "$n"; }
bad() { n=$((n + 1)); echo "bad $n" >state; commit_all "$n"; }
at() { git -C "$work/t/o.git" rev-parse -q --verify "$1"; }

start_repo
add_remote
# from before there was a Taskfile, then from before there was the task
echo bad >state && commit_all old && git tag old && git tag -am x old-annotated
printf "version: '3'\ntasks:\n  other: echo\n" >Taskfile.yml
echo .task >.gitignore
commit_all other && git tag no-task
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa: ['git rev-parse HEAD >>$seen', 'echo "{{.CHANGED_FILES}}" >/dev/null',
    grep -q good state]
EOT
good
prun --hook install pre-push >/dev/null
git tag checked
bad && git tag failing
good
push origin main
is "$ran" "$(git rev-parse HEAD)" 'the tip is checked'

# what the remote has
nothing 'tags of commits that the remote has' origin checked failing
like "$err" 'the remote has the commits of 2 refs: nothing to check' 'said once'
nothing 'a new branch' origin main~1:refs/heads/topic
like "$err" 'the remote has the commit of *: nothing to check' 'by name'
nothing 'a push backwards' --force origin main~2:main
nothing 'and forwards to what another branch has' origin main~1:main
git push -q --no-verify origin main
git tag -am 'of a tag' of-a-tag main && git tag -am 'of that' of-that of-a-tag 2>/dev/null
nothing 'an annotated tag, and a tag of it' origin of-a-tag of-that
nothing 'a branch under another name' origin :topic main:refs/heads/renamed
git tag tree 'HEAD^{tree}' && git tag blob HEAD:state
git tag -am x tree-tag tree
nothing 'tags of trees and files' origin tree blob tree-tag
is "$(printf '%s\n' "$err" | grep -c 'no commit')" 3 'each by name'
good && git tag new
push origin --tags
is "$status $ran" "0 $(git rev-parse new)" \
    'of all tags what is new is checked'
bad && git tag -am x bad-tag
push --follow-tags origin main
isnt "$status" 0 'a failing commit is refused, tag or not'
is "$(at bad-tag)" '' 'nothing of it is there'
push origin bad-tag
isnt "$status" 0 'the tag alone is refused as well'
push origin :renamed bad-tag checked
isnt "$status" 0 'so is one among removals and old ones'
is "$(at renamed)" "$(git rev-parse main~2)" 'nothing is removed'
push --all origin
isnt "$status" 0 '--all'
push --mirror origin
isnt "$status" 0 '--mirror'
git tag -d bad-tag >/dev/null && git reset -q --hard HEAD~1
git notes add -m note
push origin 'refs/notes/*:refs/notes/*'
is "$status $ran" '0 ' 'notes have nothing to check'
like "$err" 'refs/notes/commits has no Taskfile' 'which is said'
good
push --mirror origin
is "$status $ran" "0 $(git rev-parse HEAD)" '--mirror of what is good'

# old commits on a remote that has nothing
git init -q --bare -b main "$work/t/fresh.git"
git remote add fresh "$work/t/fresh.git"
git tag -d failing >/dev/null
push fresh --tags
is "$status" 0 'tags from before there was anything to check'
is "$(git -C "$work/t/fresh.git" rev-parse old-annotated^{})" \
    "$(git rev-parse old)" 'are there'
like "$err" 'old has no Taskfile: nothing to check' 'one without a Taskfile'
like "$err" 'no-task has no such task: nothing to check' 'one without the task'
like "$ran" "$(git rev-parse checked)" 'the others are checked'
git init -q --bare -b main "$work/t/fresher.git"
git remote add fresher "$work/t/fresher.git"
run prun --push qa -- fresher --tags
is "$status" 0 '--push lets them pass as well'
is "$(git -C "$work/t/fresher.git" rev-parse no-task)" \
    "$(git rev-parse no-task)" 'with the others'
git remote rm fresher
push fresh no-task^{}:refs/heads/no-task
isnt "$status" 0 'a branch without the task is refused'
push fresh old^{}:refs/heads/old
is "$status" 0 'one from before the Taskfile has nothing to check'

# what is known of a remote is of that remote
git init -q --bare -b main "$work/t/fork.git"
bad
git push -q --no-verify origin main
git remote add fork "$work/t/fork.git"
push fork main
isnt "$status" 0 'another remote has it not'
git remote set-url --push origin "$work/t/fork.git"
push origin main:refs/heads/x
isnt "$status" 0 'nor has one that is pushed to elsewhere'
git config --unset remote.origin.pushurl
git remote add origin/two "$work/t/fork.git" 2>/dev/null ||
    { git config remote.origin/two.url "$work/t/fork.git" &&
    git config remote.origin/two.fetch '+refs/heads/*:refs/remotes/origin/two/*'; }
bad && git push -q --no-verify origin/two main
test "$(git rev-parse refs/remotes/origin/two/main)" = "$(git rev-parse HEAD)"
ok $? 'a remote whose name goes on behind that of another'
push origin main:refs/heads/y
isnt "$status" 0 'tells nothing of the other one'
push "$work/t/o.git" main~1:refs/heads/z
isnt "$status" 0 'a push by address knows of no refs'
git push -q --no-verify fork main
git remote rm origin/two

# a branch of another kind passes, one that lost its Taskfile does not
good
git checkout -q --orphan pages && git rm -qrf . && echo page >page &&
    git add page && git commit -qm page
git checkout -q main
push origin pages
is "$status $ran" '0 ' 'a branch that never had a Taskfile'
like "$err" 'refs/heads/pages has no Taskfile: nothing to check' 'is told of'
git checkout -q pages && echo more >page && git commit -qam more
push origin pages
is "$status $ran" '0 ' 'also where it is checked out'
like "$err" 'has a Taskfile: nothing to check' 'which is said'
push origin pages main:refs/heads/from-pages
isnt "$status" 0 'but not beside one that has a Taskfile'
git checkout -q main
git checkout -q -b lost && git rm -q Taskfile.yml && git commit -qm lost
echo "version: '3'" >"$HOME/Taskfile.yml"
git checkout -q main
push origin lost
isnt "$status" 0 'a branch that lost its Taskfile is refused'
like "$err" 'no Taskfile' 'because of that'
git tag lost-tag lost
push origin lost-tag lost
isnt "$status" 0 'also beside a tag of it'
push origin lost-tag:refs/heads/lost
isnt "$status" 0 'or by the name of a tag'
push origin lost-tag
is "$status" 0 'the tag alone has nothing to check'
git checkout -q -b renamed main
sed 's/qa:/qo:/' Taskfile.yml >x && mv x Taskfile.yml && commit_all renamed
git checkout -q main
push origin renamed
isnt "$status" 0 'a branch that lost the task is refused'
rm "$HOME/Taskfile.yml"

# a Taskfile that nobody commits is no reason to let anything pass
git rm -q --cached Taskfile.yml && echo Taskfile.yml >>.gitignore
git add .gitignore && git commit -qm untracked
git tag untracked
echo dirt >dirt
push origin untracked
isnt "$status" 0 'a tag where the Taskfile is nobody'\''s'
rm dirt

# What lies behind a tip of the remote was never checked as a whole (P-703).
start_repo
add_remote
printf '[hook pre-push]\nonly_changed = on\n' >prun.ini
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa: {deps: [state, other]}
  state: {sources: [state], cmds: ['echo state >>$seen', grep -q good state]}
  other: {sources: [other], cmds: ['echo other >>$seen']}
EOT
echo .task >.gitignore
echo 1 >other
bad
git branch topic && good
prun --hook install pre-push >/dev/null
push origin main
is "$status" 0 'a fix is pushed'
git checkout -q topic && echo 2 >other && commit_all other
push origin topic
isnt "$status" 0 'a branch that left before the fix is refused'
git rebase -q main
push origin topic
is "$status $ran" '0 other' 'one from behind it is narrowed to what it changes'
git checkout -q -b older topic~1 && echo 3 >other && commit_all older
git checkout -q main && good && push origin main
git checkout -q older
push origin older
is "$status $(sort -u "$seen" | tr '\n' ' ')" '0 other state ' \
    'what the remote has changed since counts as changed'

# named ones
start_repo
add_remote
echo .task >.gitignore
commit_all old && git tag old
mkdir sub
printf "version: '3'\ntasks:\n  gate: ['git rev-parse HEAD >>\$seen']\n" \
    >sub/gates.yml
commit_all one && git tag one
sed 's/gate:/pre-push:/' sub/gates.yml >x && mv x sub/gates.yml
commit_all two
prun -t sub/gates.yml --hook install pre-push >/dev/null
echo dirt >dirt
push origin main
is "$status $ran" "0 $(git rev-parse HEAD)" 'the default task of a Taskfile with a name'
push --tags origin main:refs/heads/main2
is "$status" 0 'tags without it are no refusal'
git checkout -q --orphan apart && git rm -qrf . && git commit -q --allow-empty -m x
git checkout -q main
push origin apart
is "$status $ran" '0 ' 'nor is a branch that never had it'
git checkout -q -b moved && git mv sub/gates.yml gates.yml && commit_all moved
git checkout -q main
push origin moved
isnt "$status" 0 'one that lost it is'
prun --hook remove pre-push >/dev/null
prun -t sub/gates.yml --hook install pre-push pre-push >/dev/null
git tag -f one one >/dev/null
git push -q --delete --no-verify origin one old
git reset -q --hard && git branch -f far && git update-ref -d refs/remotes/origin/main
git update-ref -d refs/remotes/origin/main2
git for-each-ref --format='delete %(refname)' refs/remotes | git update-ref --stdin
push --tags origin
is "$status $ran" '0 ' 'nor are tags without the task that was named'
like "$err" 'one has no such task' 'which is said'
done_testing
