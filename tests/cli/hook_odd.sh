#!/bin/sh
# SPDX-License-Identifier: MIT
# P-701, P-702, P-704, P-707: pushes of unusual things, from unusual places; each
# refusal says that it is one.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

seen=$work/seen
export seen
fresh()
{
	start_repo
	add_remote
	cat >Taskfile.yml <<-'EOT'
	version: '3'
	tasks:
	  qa: ['echo "$PWD" >>$seen', 'test -e ok']
	EOT
	# no receipt of another test is for this tree
	echo "$1" >name
	: >ok
	printf '.task\n' >.gitignore
	commit_all
	prun --hook install pre-push >/dev/null
}
# push WORDS…: sets $status, $err and $ran, how often qa did
push()
{
	: >"$seen"
	run git push -q "$@"
	ran=$(wc -l <"$seen" | tr -d ' ')
}
# refused NAME REASON
refused()
{
	isnt "$status" 0 "$1: refused"
	like "$err" "$2" "$1: the reason"
	is "$(printf '%s\n' "$err" | grep -c 'pre-push refused: ')" 1 \
	    "$1: one line says that it is a refusal"
}

fresh 'no Taskfile'
git checkout -q --orphan pages && git rm -rfq . && echo 1 >page
git add page && git commit -qm page && git checkout -q main
# what never had a Taskfile has nothing to check; hook_known.sh has the others
push origin pages
is "$status $ran" '0 0' 'P-702 a branch that never had a Taskfile passes'
like "$err" 'refs/heads/pages has no Taskfile: nothing to check' \
    'P-702 which is said'
git notes add -m hi
push origin refs/notes/commits
is "$status $ran" '0 0' 'P-702 so do notes'
like "$err" 'refs/notes/commits has no Taskfile: nothing to check' \
    'P-702 which is said, too'
git checkout -q pages
push origin main
refused 'P-707 from a branch without one' 'No Taskfile found'
git checkout -q main
printf "version: '3'\ntasks: [\n" >Taskfile.yml && commit_all
push origin main
refused 'P-707 a Taskfile that cannot be read' 'yaml: line'
printf "version: '3'\ntasks: {x: 'true'}\n" >Taskfile.yml && commit_all
push origin main
refused 'P-702 a Taskfile without a task for it' 'has nothing to run'
prun --hook install pre-push nosuch >/dev/null
push origin main
refused 'P-702 a task that is not there' 'nosuch'
status=0
XDG_STATE_HOME=/dev/null/x git push -q origin main 2>"$work/err" || status=$?
err=$(cat "$work/err")
refused 'P-707 a state folder that cannot be' /dev/null
is "$(git -C "$work/t/o.git" rev-parse -q --verify main)" '' \
    'nothing of that was pushed'

fresh detached
git checkout -q --detach
push origin HEAD:refs/heads/x
is "$status $ran" '0 1' 'P-704 a detached HEAD'
git commit -q --allow-empty -m 2 && echo other >name && commit_all
push --dry-run origin HEAD:refs/heads/y
is "$status $ran" '0 1' 'P-704 git push --dry-run is checked as well'
git tag t && git push -q --no-verify origin t
push origin :t
is "$status $ran" '0 0' 'P-702 a tag that goes'
echo 3 >name && commit_all
push origin :x HEAD:refs/heads/z
is "$status $ran" '0 1' 'P-702 a branch that goes beside one that comes'

# a submodule has its git directory elsewhere, with core.worktree
fresh sub
git push -q --no-verify origin main
mkdir ../super && git init -q -b main ../super && cd ../super || exit 1
git submodule --quiet add "$work/t/o.git" sub && cd sub || exit 1
prun --hook install pre-push >/dev/null
echo sub >name && commit_all
push origin HEAD:x
is "$status $(cat "$seen")" "0 $PWD" 'P-704 a submodule is checked in place'
git rm -q ok && git commit -qm broken && : >ok
push origin HEAD:y
is "$status $ran" '1 1' 'P-704 or in a work tree, which hides nothing'
is "$(git worktree list | wc -l)" 1 'P-704 that is gone again'

fresh shallow
git push -q --no-verify origin main
git clone -q --depth 1 "file://$work/t/o.git" ../shallow && cd ../shallow || exit 1
prun --hook install pre-push >/dev/null
echo other >name && commit_all
push origin main
is "$status $ran" '0 1' 'P-704 a shallow clone'

if git init -q --object-format=sha256 -b main "$work/t/s" 2>/dev/null; then
	git init -q --bare --object-format=sha256 "$work/t/s.git"
	cp "$work/t/r/Taskfile.yml" "$work/t/s" && cd "$work/t/s" || exit 1
	: >ok && commit_all && git remote add origin ../s.git
	prun --hook install pre-push >/dev/null
	push -u origin main
	is "$status $ran" '0 1' 'P-702 ids of 64 digits'
	echo other >name && commit_all
	run_mixed prun --push
	like "$out" "pushed $(git rev-parse HEAD~1 | cut -c1-10)..$(git rev-parse HEAD | cut -c1-10)" \
	    'P-708 and in --push'
else
	skip 'ids of 64 digits' 'git has them not'
fi

# names with what a shell minds
fresh 'odd names'
bin="$work/a b'c"
mkdir "$bin" && cp "$PRUN" "$bin/p\"r \$x"
"$bin/p\"r \$x" --hook install pre-push >/dev/null
push origin main
is "$status $ran" '0 1' 'P-701 a prun with an odd name'
nl='new
line'
printf "version: '3'\ntasks:\n  qa: printf '<%%s>' {{.CHANGED_FILES}} >>\$seen\n" >Taskfile.yml
echo 1 >"$nl" && echo 1 >"quote'\"" && echo 1 >'ünï' && git mv ok 'o k'
ln -s nowhere link && commit_all
push origin main
is "$(cat "$seen")" "<Taskfile.yml><link><$nl><o k><ok><quote'\"><ünï>" \
    'P-702 files with odd names, a link, a renamed one'

# what is in the way of somebody else
fresh busy
: >.git/index.lock
push origin main
is "$status $ran" '0 1' 'P-704 a foreign index.lock does not matter'
test -e .git/index.lock
ok $? 'P-704 and stays'
rm .git/index.lock
git checkout -q -b other && echo other >name && commit_all
git checkout -q main && echo ours >name && commit_all
git merge other >/dev/null 2>&1
before=$(tree_of)
push origin main
is "$status $ran" '0 1' 'P-704 in the middle of a merge'
is "$(tree_of)" "$before" 'P-707 which stays as it was'
prun --hook install pre-commit >/dev/null
echo 4 >name && git add name
: >"$seen"
run git commit -q -m merged
is "$status $(git log -1 --format=%p | wc -w) $(wc -l <"$seen")" '0 2 1' \
    'P-704 the commit that ends it is checked'

# a folder of hooks for all repositories
fresh shared
prun --hook install pre-commit >"$work/out"
unlike "$(cat "$work/out")" core.hooksPath 'P-701 a folder of its own'
git config --global core.hooksPath "$work/all hooks"
run prun --hook install pre-push
like "$out" "$work/all hooks (core.hooksPath)" \
    'P-701 a folder of hooks for all repositories is named'
done_testing
