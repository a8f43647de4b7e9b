#!/bin/sh
# SPDX-License-Identifier: MIT
# P-601: what the one commit takes, and what it never takes (never-event 18).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
taskfile <<'EOT'
version: '3'
tasks:
  write: {commit: true, cmds: ['sh write.sh']}
  all: {commit: {paths: all}, cmds: ['sh write.sh']}
  list: {commit: {paths: [./docs/, 'a b']}, cmds: ['sh write.sh']}
  plain: sh write.sh
EOT

# writes TEXT: what the tasks do.
writes()
{
	cat >write.sh
	commit_all 'another script'
}

writes <<'EOT'
mkdir -p new .task/checksum; echo 1 >new/file; echo "#" >>write.sh
echo x >.task/checksum/write
EOT
git update-index --refresh >/dev/null
run prun write
is "$status" 0 'a run that owes a commit ends with 0'
is "$(committed)" 'A new/file M write.sh' \
    'on a clean tree the commit takes what git add . takes'
is "$(git status --porcelain)" '?? .task/' 'fingerprints are not taken'
rm -rf .task

writes <<'EOT'
echo 1 >ours
EOT
run prun plain --commit='by hand'
is "$(git log -1 --format=%s) $(committed)" 'by hand A ours' \
    '--commit makes a commit of any task'
run prun write
like "$err" 'nothing to commit' 'no change: a success that says so'
is "$status" 0 'and is one'

# a file that was dirty before is named, whoever wrote it last
writes <<'EOT'
echo run >>dirty; echo run >>partly; echo run >fresh; rm -f staged
EOT
for i in 1 2 3 4 5 6 7 8 9; do echo $i; done | tee partly >dirty
echo 1 >staged
commit_all
echo user >>dirty
edit partly 's/^1$/one/' && git add partly && edit partly 's/^9$/nine/'
echo user >staged && git add staged
echo mine >untracked
before=$(git ls-files -s partly staged dirty)
run prun write
is "$(committed)" 'A fresh' 'what was dirty before is not committed'
is "$(git ls-files -s partly staged dirty)" "$before" \
    'partly staged hunks stay as they were'
for f in dirty partly staged untracked; do
	like "$err" "changed before the run: $f" "$f is named"
done
run prun write
like "$err" 'nothing to commit' 'a run that wrote only to dirty files'
like "$err" 'changed before the run: dirty' 'it names them, too'

git reset -q --hard
rm -f untracked
echo user >>dirty
run prun all
is "$(committed)" 'M dirty M partly D staged' \
    'paths: all is git add . whatever was dirty'

writes <<'EOT'
mkdir -p docs/x docsother; for f in docs/x/1 docsother/2 'a b' 'a bc'; do
echo 1 >"$f"; done
EOT
run prun list
is "$(committed)" 'A a b A docs/x/1' 'a list names paths and folders'
is "$(git status --porcelain)" '?? "a bc"
?? docsother/' 'and leaves all else alone'
commit_all

# names of all kinds
writes <<'EOT'
nl='new
line'
mkdir -p 'dir with blank' ':(top)'
for f in -dash --all ':(exclude)x' ':!y' ':(top)/z' "$nl" 'ünïcode' '*' '?a' \
    'dir with blank/[x]' '\back' "quote'\"" '#hash' ; do echo 1 >"$f"; done
EOT
run prun write
is "$status" 0 'files with odd names are committed'
is "$(git status --porcelain)" '' 'all of them'
is "$(git diff-tree -r --no-commit-id --name-only -z HEAD | tr -cd '\0' |
    wc -c | tr -d ' ')" 13 'as many as were written'
echo mine >'*x'
echo mine >-x
writes <<'EOT'
rm -- -dash ':!y'; mv 'ünïcode' 'ünï2'; echo 2 >'*'; chmod +x '?a'
rm '#hash'; mkdir '#hash'; echo 1 >'#hash/in'; rm -r ':(top)'; echo 1 >':(top)'
ln -s nowhere '\link'
EOT
echo user >'*x'
run prun write
is "$(git status --porcelain)" ' M *x' \
    'removals, renames, modes, links, a file for a folder: all but the dirty'
unlike "$(committed)" '\*x' 'a pattern in a name is no pattern'
git checkout -q '*x'

# the first commit of a repository
rm -rf "$work/t/new" && mkdir "$work/t/new" && cd "$work/t/new" || exit 1
git_repo
echo mine >mine
echo staged >staged && git add staged
taskfile <<'EOT'
version: '3'
tasks:
  write: {commit: true, cmds: ['echo 1 >first']}
EOT
run prun write
is "$(commits) $(committed)" '1 A first' 'the first commit of a repository'
is "$(git diff --cached --name-only)" staged 'what was staged is staged'

# repositories inside
cd "$work/t/r" || exit 1
git init -q "$work/t/sub" && (cd "$work/t/sub" && echo 1 >f && commit_all)
git submodule --quiet add "$work/t/sub" sub
writes <<'EOT'
echo run >sub/f; git init -q inner; echo 1 >inner/f; echo 1 >beside
EOT
run prun write
is "$(committed)" 'A beside' 'repositories inside are not committed'
like "$err" 'a repository of its own: inner/' 'they are named'
is "$(cat sub/f)" run 'nor is anything in them touched'
rm -rf inner
git -C sub checkout -q f

# very many files
writes <<'EOT'
mkdir many; i=0; while [ $i -lt 1500 ]; do : >many/$i; i=$((i+1)); done
EOT
mkdir -p .git/hooks
printf '#!/bin/sh\nexit 1\n' >.git/hooks/pre-commit
chmod +x .git/hooks/pre-commit
head=$(git rev-parse HEAD)
run prun write
is "$status $(git rev-parse HEAD)" "1 $head" \
    'very many files and a hook that refuses'
is "$(git diff --cached --name-only)" '' 'nothing stays staged'
rm -r many .git/hooks/pre-commit
run prun write
is "$(($(git diff-tree -r --no-commit-id --name-only HEAD | wc -l)))" 1500 \
    'very many files are committed'
is "$(git status --porcelain)" '' 'and nothing is left'
done_testing
