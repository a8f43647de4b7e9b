#!/bin/sh
# SPDX-License-Identifier: MIT
# P-602, P-605, P-607: no commit where a phase failed, where it is not wanted,
# or where git says no; then all is as it was.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
taskfile <<'EOT'
version: '3'
tasks:
  write:
    commit: true
    cmds: ['echo run >run; rm old; rm other; mkdir other; echo 1 >other/in']
  fail: {commit: true, deps: [good, bad-phase]}
  good: echo run >run
  bad-phase: exit 3
  nest:
    commit: true
    cmds: ['echo 1 >outer; $PRUN inner; echo "no=$PRUN_NO_COMMIT"']
  inner: {commit: {message: inner}, cmds: ['echo 1 >inner']}
  caller: {cmds: ['$PRUN inner']}
  plain: echo 1 >plain
  env: echo "no=$PRUN_NO_COMMIT"
EOT
mkdir .git/hooks 2>/dev/null
echo 1 >old && echo 1 >other
user_edits
before=$(tree_of)
head=$(git rev-parse HEAD)

run prun fail
isnt "$status" 0 'a phase that failed fails the run'
like "$err" '*bad-phase*' 'it is named'
like "$(printf '%s\n' "$err" | tail -n 1)" 'bad-phase' 'on the last line'
is "$(git rev-parse HEAD)" "$head" 'and there is no commit'
rm run
is "$(tree_of)" "$before" "the user's files and index are as they were"

# what is there after the run and before the commit
run prun --no-commit write
like "$err" 'no commit was made' '--no-commit says so'
is "$status $(git rev-parse HEAD)" "0 $head" '--no-commit makes none'
ran=$(tree_of)
undo_run()
{
	rm -rf run other && echo 1 >other && echo 1 >old
}
undo_run

# says_no HOOK TEXT
says_no()
{
	printf '#!/bin/sh\necho "%s" >&2\nexit 1\n' "$2" >.git/hooks/"$1"
	chmod +x .git/hooks/"$1"
	run prun write
	rm .git/hooks/"$1"
	is "$status $(git rev-parse HEAD)" "1 $head" "$1 says no: no commit"
	like "$err" "the commit was not made: *$2" 'its reason is named'
	like "$(printf '%s\n' "$err" | tail -n 1)" 'FAILED' 'the last line too'
	is "$(tree_of)" "$ran" 'index and files are as without the commit'
	undo_run
}
says_no pre-commit 'not today'
says_no commit-msg 'no such words'

# somebody else's lock is waited for, never removed (never-event 22)
: >.git/index.lock
(
	prun write >"$work/said" 2>&1
	echo $? >"$work/ended"
) &
wait_for test -e other/in
wait_for grep -q "prun: waiting for .*/\.git/index\.lock" "$work/said"
test ! -e "$work/ended" && test -e .git/index.lock
ok $? 'P-605 a foreign index.lock is waited for, which is said'
rm .git/index.lock
wait
is "$(cat "$work/ended")" 0 'once it is gone the commit is made'
is "$(committed)" 'D old D other A other/in A run' 'whole'
is "$(git status --porcelain)" ' D deleted
 M link
 M mode
MM partly
M  staged
 M unstaged
?? "un tracked"' "the user's edits are as they were"

# but not for ever
edits=$(tree_of)
: >.git/index.lock
run prun --commit plain
is "$status" 1 'P-605 a lock that stays: no commit'
like "$err" 'the commit was not made: */.git/index.lock is still there*' \
    'P-605 and the file is named'
rm .git/index.lock plain
is "$(tree_of)" "$edits" 'P-605 all is as it was'

# nested runs leave it to the outer one
head=$(git rev-parse HEAD)
run prun nest
is "$(git rev-parse HEAD~1)" "$head" 'a nested run makes no commit of its own'
is "$(committed)" 'A inner A outer' 'the one commit has its files'
like "$out" 'no=1' 'children are told'
git reset -q --soft "$head" && git rm -q --cached inner outer && rm inner outer
run prun caller
is "$(git rev-parse HEAD~1)" "$head" 'a commit that only a nested run owes'
like "$err" 'left to the run that started' 'is made by the outer run'
run prun --no-commit env
is "$out" no=1 '--no-commit is for the children, too'
PRUN_NO_COMMIT=1 run prun inner
like "$err" 'no commit was made' 'PRUN_NO_COMMIT is heeded'
run prun --dry inner --commit
is "$status $(git rev-parse HEAD~1)" "0 $head" 'a dry run commits nothing'
done_testing
