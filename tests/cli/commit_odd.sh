#!/bin/sh
# SPDX-License-Identifier: MIT
# P-601, P-604, P-605: the one commit where git is set up in unusual ways.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

# fresh: a repository in which `prun write` changes f and adds new
fresh()
{
	start_repo
	cat >Taskfile.yml <<-'EOT'
	version: '3'
	tasks:
	  write: {commit: true, cmds: ['sh write.sh']}
	  push: {commit: {push: true}, cmds: ['sh write.sh']}
	  many:
	    commit: true
	    sources: [f]
	    cmds: ['mkdir many; i=0; while [ $i -lt 1100 ]; do : >many/$i; i=$((i+1)); done']
	EOT
	echo 'echo 1 >>f; echo 2 >new' >write.sh
	echo 1 >f
	printf '.task\n' >.gitignore
	commit_all
	head=$(git rev-parse HEAD)
}
# undone NAME: no commit; files written, nothing staged
undone()
{
	is "$status $(git rev-parse HEAD)" "1 $head" "$1: no commit"
	is "$(git status --porcelain)" ' M f
?? new' "$1: what the run wrote is there, the index as before"
}

fresh
git config commit.gpgsign true
git config gpg.program false
run prun write
undone 'P-605 a signature that fails'
like "$err" 'the commit was not made: *sign' 'P-605 is named'

fresh
git config core.autocrlf true
git config core.safecrlf true
run prun write
undone 'P-605 line ends that git refuses'
like "$err" 'LF would be replaced' 'P-605 are named'
git config core.safecrlf false
git checkout -q . && rm new
run prun write
is "$status $(committed)" '0 M f A new' 'P-601 core.autocrlf'

fresh
for setting in 'status.showUntrackedFiles no' 'color.ui always' \
    'core.quotePath true' 'commit.verbose true' 'commit.cleanup scissors' \
    'core.commentChar -' 'status.relativePaths true' \
    'diff.ignoreSubmodules all' 'commit.status true' 'core.fsync none'; do
	# shellcheck disable=SC2086 # name and value
	git config $setting
done
run prun write
is "$status $(git -c color.ui=never diff-tree --no-commit-id --name-only HEAD |
    paste -sd ' ')" '0 f new' "P-601 the user's settings of output"
is "$(git log --color=never -1 --format=%B | sed -n 3p | cut -c1-11)" \
    '- ✅ write' 'P-603 change nothing in the message'

fresh
mkdir in out && echo 1 >in/a && echo 1 >out/b && commit_all
git sparse-checkout set in >/dev/null 2>&1
echo 'mkdir -p out; echo 2 >out/b; echo 3 >out/c; echo 2 >>in/a' >write.sh
git commit -qam sparse
run prun write
is "$status $(committed)" '0 M in/a M out/b A out/c' \
    'P-601 a sparse checkout: what was written outside of it'

fresh
echo mine >mine && git add -N mine
run prun write
is "$(committed) $(git status --porcelain)" 'M f A new  A mine' \
    'P-601 what the user announced to git stays announced'

fresh
git clone -q --bare . ../o.git && git clone -q --depth 1 "file://$work/t/o.git" ../shallow
cd ../shallow || exit 1
run prun push
is "$status $(git -C ../o.git rev-parse main)" "0 $(git rev-parse HEAD)" \
    'P-606 a shallow clone pushes'

fresh
GIT_DIR=/nonexistent GIT_WORK_TREE=/nowhere GIT_INDEX_FILE=/none run prun write
is "$status $(committed)" '0 M f A new' \
    'P-705 what a hook exports does not decide where the commit is made'

# fingerprints that nobody ignores, and very many files
fresh
git rm -q .gitignore && commit_all
run prun many
is "$(git ls-files | grep -c .task/)" 0 \
    'P-601 fingerprints are not among very many files'
is "$(git ls-files many | wc -l)" 1100 'P-601 which are all there'

# refused, with the reason that git has
fresh
bin=$work/bin
mkdir "$bin"
for p in sh echo; do
	ln -s "$(command -v $p)" "$bin/$p"
done
(
	PATH=$bin
	status=0
	"$PRUN" write >/dev/null 2>"$work/err" || status=$?
	echo "$status" >"$work/ended"
)
is "$(cat "$work/ended")" 1 'P-604 without git: refused'
like "$(cat "$work/err")" 'no commit can be made: *git*not found' \
    'P-604 which is what is missing'
if [ "$(id -u)" -eq 0 ] && chown 12345 . .git 2>/dev/null; then
	run prun write
	chown 0 . .git
	like "$err" 'no commit can be made: *dubious ownership' \
	    "P-604 somebody else's repository: git's reason"
	is "$(git status --porcelain)" '' 'P-604 and nothing has run'
else
	skip "somebody else's repository" 'needs root'
fi
mkdir .git/rebase-apply && : >.git/rebase-apply/applying
run prun write
like "$err" 'is in progress' 'P-604 patches that are being applied'
rm -r .git/rebase-apply
git worktree add -q ../linked -b linked && cd ../linked || exit 1
git update-ref MERGE_HEAD HEAD
run prun write
like "$err" 'a merge is in progress in *linked' \
    'P-604 a merge in a linked worktree'
done_testing
