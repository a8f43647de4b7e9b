#!/bin/sh
# SPDX-License-Identifier: MIT
# P-708: after the one commit of --push its tree is checked once, unless the
# readers ran on exactly it (never-events 13, 14).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
seen=$work/seen
export seen
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  both: {commit: true, deps: [fmt, lint, test]}
  everything: {commit: {paths: all}, deps: [fmt, lint, test]}
  part: {commit: {paths: [src]}, deps: [fmt, lint, test]}
  late: {commit: true, cmds: [{task: named}, {task: fmt}, {task: test}]}
  asked:
    commit: true
    vars: {V: {sh: 'cat src/text'}}
    cmds: [{task: fmt}, {task: named, vars: {V: '{{.V}}'}}]
  decided: {commit: true, parallel: true, cmds: [{task: fmt}, {task: lint, if: 'test -e src/text'}]}
  unready: {commit: true, preconditions: ['test -e src/text'], cmds: [{task: fmt}, {task: lint}]}
  only-writes: {commit: true, deps: [fmt]}
  litter: {commit: true, deps: [fmt, drop]}
  writer-test: {commit: true, deps: [fmt, touch-it]}
  hidden: {commit: true, deps: [fmt, lint]}
  fmt: {writes: true, cmds: ['echo fmt >>$seen', 'echo good >src/text']}
  lint: {cmds: ['echo lint >>$seen', 'grep -q good src/text']}
  test: {cmds: ['echo test >>$seen', 'grep -q good src/text']}
  named: {cmds: ['echo named >>$seen']}
  drop: {cmds: ['echo drop >>$seen', 'echo x >litter']}
  touch-it: {cmds: ['echo touch >>$seen', 'echo $$ >>src/touched']}
EOT
mkdir src && echo bad >src/text
printf '.task\nignored\n' >.gitignore
commit_all
git push -q -u origin main

# pushes TASK WANT NAME: --push of TASK runs WANT in all (in any order) and pushes
# HEAD.
pushes()
{
	: >"$seen"
	run_mixed prun --push $1
	ran=$(LC_ALL=C sort "$seen" | paste -sd ' ')
	is "$status $ran" "0 $2" "$3"
	is "$(git -C "$work/t/o.git" rev-parse main)" "$(git rev-parse HEAD)" \
	    'which is pushed'
}
# spoil: there is something to write again, on a tree that never was
n=0
spoil()
{
	n=$((n + 1))
	echo $n >number
	echo bad >src/text && commit_all 'spoiled' && git push -q --no-verify
}

pushes both 'fmt lint test' 'writers first, then the readers on what they left'
like "$out" 'push: both on * passed before' 'their receipt is what is found'
is "$(git log -1 --format=%s)" 'Parallel execution results' 'with a commit'
spoil
pushes late 'fmt fmt named named test test' \
    'a reader that ran before a writer: checked once more'
spoil
pushes asked 'fmt fmt named named' \
    'a variable that was asked for before a writer: checked once more'
spoil
pushes decided 'fmt fmt lint lint' 'an if that was decided before it'
spoil
pushes unready 'fmt fmt lint lint' 'a precondition that was checked before it'
spoil
pushes only-writes 'fmt fmt' 'no reader at all: checked once'

# what the readers saw is more, or less, than what is pushed
spoil
: >"$seen"
run_mixed prun --push litter
is "$(git show --format= --name-only HEAD | paste -sd ' ')" 'litter src/text' \
    'a reader that writes a file'
is "$(LC_ALL=C sort "$seen" | paste -sd ' ')" 'drop drop fmt fmt' \
    'saw another tree: checked once more'
git rm -q litter && commit_all && git push -q --no-verify
spoil
echo user >mine
pushes both 'fmt fmt lint lint test test' \
    'a file that is not tracked was seen and is not pushed'
is "$(cat mine)" user 'it stays'
rm mine
spoil
echo user >>Taskfile.yml.txt; echo user >>src/other
pushes part 'fmt fmt lint lint test test' 'paths: leave something out'
rm -f Taskfile.yml.txt; git checkout -q . ; git clean -qfd
spoil
echo user >src/mine
pushes everything 'fmt lint test' \
    'paths: all takes what was there before: the readers saw it'
is "$(git show --format= --name-only HEAD | paste -sd ' ')" \
    'src/mine src/text' 'with the commit'
spoil
git update-index --assume-unchanged .gitignore
echo ignored2 >>.gitignore
pushes both 'fmt fmt lint lint test test' \
    'a change that git was told not to see'
git update-index --no-assume-unchanged .gitignore
git checkout -q .gitignore
spoil
echo 1 >ignored
pushes both 'fmt lint test' 'files that are ignored are no part of the tree'
rm ignored

# whoever changes the commit: the tree is another one
spoil
printf '#!/bin/sh\necho hook >hooked; git add hooked\n' >.git/hooks/pre-commit
chmod +x .git/hooks/pre-commit
: >"$seen"
run_mixed prun --push both
like "$(LC_ALL=C sort "$seen" | paste -sd ' ')" 'fmt fmt lint lint test test' \
    'a pre-commit hook that adds a file: checked once more'
rm .git/hooks/pre-commit

# options that make it no whole run
git reset -q --hard; git clean -qfd; spoil
pushes 'both --force' 'fmt fmt lint lint test test' 'a forced run attests nothing'
spoil
pushes 'both --no-receipt' 'fmt fmt lint lint test test' \
    '--no-receipt: always checked'

# the hook of git push finds the receipt
prun --hook install pre-push both >/dev/null
spoil
pushes both 'fmt lint test' 'nor does the hook run them again'
like "$out" 'pre-push: both on * passed before' 'which says so'
done_testing
