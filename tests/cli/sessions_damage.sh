#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2119,SC2154 # lib.sh; text for tasks
# Tests that damage what all trees share, or would use another tree, and trees
# that are damaged between two sessions: red by name, and repaired (P-801, P-804,
# P-808, P-809).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
command -v git >/dev/null || skip_all 'there is no git'
"$PRUN" --help all | grep -q -e --worktrees || skip_all 'there are no sessions'

mkdir main
cd main || bail_out 'no folder'
git_repo
# nothing below is for any other repository
[ "$(git rev-parse --show-toplevel)" = "$work/t/main" ] ||
    bail_out 'not in a repository of its own'
mkdir pkg
echo 'exit 0' >pkg/x
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  bare: GIT_DIR=$(git rev-parse --git-dir) git init -q
  hookspath: git config core.hooksPath /dev/null
  hook: 'echo false >"$(git rev-parse --git-common-dir)/hooks/pre-commit"'
  head: 'git -C "$(git rev-parse --git-common-dir)/.." checkout -q mine'
  stash: git stash drop -q
  branch: git branch made-by-a-test
  tag: git tag -d v1
  clean: test -z "$(git status --porcelain)"
EOT
printf '[worktrees]\nretries = 0\norder = fifo\nkeep = node_modules, venv\n' \
    >prun.ini
printf 'node_modules\nvenv\n' >.gitignore
git add -A
git commit -qm first
git branch mine
git tag v1
echo x >>pkg/x
git stash -q
stash=$(git rev-parse --short=12 refs/stash)
config=$(cksum .git/config)
hooks=$(ls .git/hooks)

# ---- what all trees share ----
run prun --worktrees=1 bare hookspath hook head stash branch tag clean
isnt "$status" 0 'a session with such tests fails'
like "$out" 'bare failed: *core.bare was changed from false to true; put back' \
    'P-808: git init with GIT_DIR set'
like "$out" 'hookspath failed: *core.hookspath was set to /dev/null; put back' \
    'P-808: the folder of hooks'
like "$out" 'hook failed: *the hook pre-commit was added; put back' \
    'P-808: a hook'
like "$out" "head failed: *HEAD of $PWD was moved from refs/heads/main to refs/heads/mine" \
    'P-808: HEAD of the main tree'
like "$out" "stash failed: *the stash $stash was dropped; git stash store $stash" \
    'P-808: a stash'
like "$out" 'branch failed: *refs/heads/made-by-a-test was made' \
    'P-808: a branch'
like "$out" 'tag failed: *refs/tags/v1 was removed; git update-ref refs/tags/v1 ' \
    'P-808: a tag'
like "$out" 'clean *passed' 'the test behind them is not blamed'
is "$(cksum .git/config)" "$config" 'config is as it was'
is "$(ls .git/hooks)" "$hooks" 'hooks, too'
git checkout -q main
git branch -qD made-by-a-test

# ---- what leads into another tree ----
run prun --worktrees clean
run prun --worktrees=1 clean
tree=$work/t/main-worktrees/wt-1
[ -f "$tree/Taskfile.yml" ] || bail_out "no tree of the pool: $err"

# foreign NAME WHAT: what was put into the tree of the pool
foreign()
{
	run prun --worktrees=1 clean
	isnt "$status" 0 "P-809: $1 is red"
	like "$out" "clean failed: *another tree: the $2 leads to $PWD/pkg" \
	    "P-809: $1 by name"
	rm -rf "${tree:?}/node_modules" "${tree:?}/venv"
}
mkdir -p "$tree/node_modules/@my"
ln -s "$PWD/pkg" "$tree/node_modules/@my/pkg"
foreign 'a link in node_modules' 'link node_modules/@my/pkg'
mkdir -p "$tree/venv/lib"
echo "$PWD/pkg" >"$tree/venv/lib/my.pth"
foreign 'a .pth file' '.pth file venv/lib/my.pth'
mkdir -p "$tree/venv/lib/my.dist-info"
echo "{\"url\": \"file://$PWD/pkg\", \"dir_info\": {\"editable\": true}}" \
    >"$tree/venv/lib/my.dist-info/direct_url.json"
foreign 'an editable install' \
    'editable install venv/lib/my.dist-info/direct_url.json'
run prun --worktrees=1 clean
is "$status" 0 'without them it is green'

# ---- a tree that somebody damaged meanwhile ----
git -C "$tree" checkout -q mine
index=$(git -C "$tree" rev-parse --path-format=absolute --git-path index)
case $index in
"$work"/*) echo no >"$index" ;;
*) bail_out "not the tree's own index: $index" ;;
esac
echo no >"$tree/Taskfile.yml"
mine=$(git rev-parse mine)
echo 2 >pkg/x
git commit -qam second
run prun --worktrees=1 clean
is "$status" 0 'P-804: HEAD elsewhere and a broken index are repaired'
is "$(git rev-parse mine)" "$mine" 'P-804: no branch of the user has moved'
is "$(git -C "$tree" symbolic-ref HEAD)" refs/heads/worktree-wt-1 \
    'P-804: the tree is on its branch'
rm -rf "${tree:?}"
run prun --worktrees=1 clean
is "$status" 0 'P-804: a tree that is gone is made anew'

# ---- what is the user's ----
run prun --worktrees clean
is "$(git worktree list | wc -l | tr -d ' ')" 1 'P-805: the pool is gone'
git branch worktree-wt-1
run prun --worktrees=1 clean
isnt "$status" 0 'P-801: a branch of the user is not taken'
like "$out$err" 'there is a branch worktree-wt-1 that is not of prun' \
    'P-801: it is named'
is "$(git rev-parse worktree-wt-1)" "$(git rev-parse main)" 'P-801: and stays'

done_testing
