#!/bin/sh
# SPDX-License-Identifier: MIT
# P-702, P-703, P-704: what a check may not do, and the settings of [hook NAME].
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
seen=$work/seen
export seen
echo good >state
printf 'ignored*\n.task\n' >.gitignore
commit_all

# push ARGS…: sets $status, $err and $ran, what the tasks have seen.
push()
{
	: >"$seen"
	run git push -q "$@"
	ran=$(cat "$seen")
}

# what a check may not do
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  pre-push: echo more >>state
EOT
commit_all
prun --hook install pre-push >/dev/null
push origin main
isnt "$status" 0 'tasks that change the tree: refused'
like "$err" 'prun --push' 'the line names prun --push'
git checkout -q state
printf "version: '3'\ntasks:\n  qa: {commit: true, cmds: ['true']}\n" >Taskfile.yml
commit_all
push origin main
isnt "$status" 0 'tasks that owe a commit: refused'
like "$err" 'owe a commit; use: prun --push' 'the line names prun --push'
printf "version: '3'\ntasks:\n  qa: git commit -q --allow-empty -m x\n" \
    >Taskfile.yml
commit_all
echo 1 >untracked
head=$(git rev-parse HEAD)
push origin main
like "$err" 'made a commit' 'tasks that commit: refused'
is "$(git rev-parse HEAD)" "$head" 'the branch stays where it was'
rm untracked

# settings
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa: {cmds: ['echo "$PWD" >>$seen', {task: a}, {task: b}]}
  a: {sources: [a*], cmds: ['echo ran-a >>$seen']}
  b: {sources: [part/*], cmds: ['echo ran-b >>$seen']}
  ready: echo ready >>$seen; mkdir deps
  spoil: echo 1 >>a
EOT
set_hook()
{
	printf '[hook pre-push]\n%s\n' "$@" >prun.ini
	commit_all "$*"
}
mkdir -p part; echo 1 >part/1; echo 1 >a
commit_all
set_hook 'only_changed = on'
push origin main
echo 2 >a && commit_all
push origin main
like "$ran" 'ran-a' 'only_changed: what has changed is checked'
unlike "$ran" 'ran-b' 'only_changed: what has not is skipped'
set_hook 'isolate = always'
push origin main
unlike "$ran" "$PWD
" 'isolate = always: never in place'
echo 1 >ignored
set_hook 'isolate = never' 
echo 2 >untracked; echo user >>a
before=$(tree_of)
push origin main
is "$status" 0 'isolate = never: a tree with changes is no hindrance'
like "$ran" "$PWD
" 'isolate = never: always in place'
is "$(tree_of)" "$before" 'which stays as it was'
rm untracked && git checkout -q a
printf '[hook pre-push]\nisolate = always\nprepare = ready\n' >prun.ini
commit_all
push origin main
is "$status" 0 'prepare readies a fresh worktree'
like "$ran" 'ready
*' 'before the tasks'
printf '[hook pre-push]\nisolate = always\nprepare = spoil\n' >prun.ini
commit_all
push origin main
like "$err" 'spoil changed a' 'a prepare that changes what is checked: refused'
rm prun.ini
commit_all

# a list that no command line holds
cat >Taskfile.yml <<'EOT'
version: '3'
tasks: {qa: "echo '{{.CHANGED_FILES}}' >>$seen"}
EOT
commit_all
git push -q --no-verify origin main
mkdir many
(cd many && i=0 && while [ $i -lt 1200 ]; do
	: >"a name that is long enough for a hundred thousand bytes in the end, and more of it $i"
	i=$((i + 1)); done)
commit_all
push origin main
is "$status $ran" '0 .' 'very many changed files stand as the whole tree'
printf 'nonsense\n' | prun --hook run pre-push -- origin url >/dev/null 2>&1
isnt $? 0 'a line that is no ref update refuses'
run prun --hook run pre-push -- origin https://me:secret@host/x </dev/null
is "$status" 0 'an empty list of refs passes'
git commit -q --allow-empty -m url
printf "version: '3'\ntasks: {qa: 'echo {{.PUSH_URL}}'}\n" >Taskfile.yml
commit_all
id=$(git rev-parse HEAD)
out=$(echo "refs/heads/main $id refs/heads/main $(git rev-parse HEAD~1)" |
    prun --hook run pre-push -- origin https://me:secret@host/x 2>/dev/null)
is "$out" https://host/x 'a password in the URL is not passed on'
done_testing
