#!/bin/sh
# SPDX-License-Identifier: MIT
# P-702, P-703, P-704: the gate checks the commits that are pushed, and tells the
# tasks what they are (never-event 13).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
remote=$work/t/o.git
seen=$work/seen
export seen
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa:
    cmds:
      - echo "$PWD" >>$seen
      - echo 'remote={{.PUSH_REMOTE}} url={{.PUSH_URL}} range={{.PUSH_RANGE}}' >>$seen
      - printf '<%s>' {{.CHANGED_FILES}} >>$seen
      - cat >>$seen
      - grep -q good state
      - task: part
  part: {sources: [part/*], cmds: ['echo part >>$seen']}
  other: echo other
EOT
echo good >state
mkdir part && echo 1 >part/1
printf 'ignored*\n.task\n' >.gitignore
commit_all
prun --hook install pre-push >/dev/null

# push ARGS…: sets $status, $err and $ran, what the tasks have seen.
push()
{
	: >"$seen"
	run git push -q "$@"
	ran=$(cat "$seen")
}
pushed() { git -C "$remote" rev-parse -q --verify "$1"; }

push origin main
is "$status" 0 'a good commit is pushed'
first=$(git rev-parse HEAD)
like "$ran" "$PWD
remote=origin url=$remote range=$first" \
    'in place where the tree is clean; the tasks know the remote'
like "$ran" '<.>' 'of a first push everything has changed'
unlike "$ran" 'refs/heads' 'the tasks do not read the list of refs'

echo 1 >'a b' && echo 1 >c && git rm -q part/1 && commit_all
push origin main
like "$ran" "range=$first..$(git rev-parse HEAD)" 'the range of a push'
like "$ran" '<a b><c><part/1>' 'the files in it, as words of a shell'
git checkout -q -b topic && echo 1 >d && commit_all
push origin topic
like "$ran" "range=$(git rev-parse main)..$(git rev-parse topic)
<d>" 'the range of a new branch is from where it left'
git checkout -q main

# a fix that is not committed does not hide a broken commit
echo bad >state && commit_all bad
echo good >state
head=$(git rev-parse HEAD)
before=$(tree_of)
push origin main
isnt "$status" 0 'a broken commit below a fixed tree is refused'
short=$(git rev-parse --short=7 HEAD)
like "$err" "checking commit $short in a work tree of its own; your uncommitted changes are left out" \
    'P-704 it says where it looks'
like "$err" "pre-push refused: qa failed on $short; fix and commit, or git push --no-verify" \
    'with the name of what failed'
isnt "$(pushed main)" "$head" 'nothing was pushed'
unlike "$ran" "$PWD
" 'it ran elsewhere'
is "$(tree_of)" "$before" 'and left the tree as it was'
is "$(($(git worktree list | wc -l)))" 1 'no worktree is left'
git reset -q --hard HEAD~1

# a branch that is not checked out
git checkout -q -b broken && echo bad >state && commit_all bad
git checkout -q main
push origin broken
isnt "$status" 0 'a broken branch that is not checked out is refused'
like "$err" 'in a work tree of its own
' 'P-704 of a tree without changes nothing is left out'
push origin broken:refs/heads/elsewhere main:refs/heads/copy
isnt "$status" 0 'one of several refs is broken: refused'
test -z "$(pushed copy)"
ok $? 'and none is pushed'

# a linked worktree, with a failing test only there
git worktree add -q "$work/t/linked" broken
(cd "$work/t/linked" && echo bad >state && git commit -q --allow-empty -m x)
cd "$work/t/linked" || exit 1
push origin broken
isnt "$status" 0 'a push from a linked worktree checks what it pushes'
like "$ran" "$work/t/linked" 'there'
echo good >state && commit_all fixed
push origin broken
is "$status" 0 'and passes when that is good'
cd "$work/t/r" || exit 1
git worktree remove --force "$work/t/linked"

# hidden changes
echo bad >state && commit_all hidden
git update-index --assume-unchanged state
echo good >state
push origin main
isnt "$status" 0 'a change that git was told not to see hides nothing'
git update-index --no-assume-unchanged state
git reset -q --hard HEAD~1

# deletions, tags, several refs
push origin --delete topic
is "$status $ran" '0 ' 'a push that only deletes runs nothing'
echo 0 >e && commit_all && git tag light && git tag -a -m x annotated && echo 1 >e && commit_all
: >"$seen"
run git push -q origin light annotated main main:main2
is "$status" 0 'tags and branches in one push'
is "$(grep -c '^remote' "$seen")" 2 'each distinct commit is checked once'
git tag blob "$(git rev-parse HEAD:e)"
push origin blob
is "$status" 0 'a tag of a file has nothing to check'
like "$err" 'no commit' 'which is said'

# A git that is killed has not said that it is no commit (never-event 15).
mkdir "$work/killed"
cat >"$work/killed/git" <<EOF
#!/bin/sh
case "\$*" in *--verify*commit*) kill -KILL \$\$ ;; esac
exec $(command -v git) "\$@"
EOF
chmod +x "$work/killed/git"
printf 'refs/heads/main %s refs/heads/main %s\n' "$(git rev-parse HEAD)" \
    0000000000000000000000000000000000000000 >"$work/refs"
run sh -c "PATH=$work/killed:\$PATH exec '$PRUN' --hook run pre-push -- \
    origin '$remote' <'$work/refs'"
isnt "$status" 0 '15: a git that is killed lets nothing pass'
unlike "$err" 'nothing to check' '15: nor is there nothing to check then'
done_testing
