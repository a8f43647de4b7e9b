#!/bin/sh
# SPDX-License-Identifier: MIT
# P-708: check, the one commit, push; the last line tells (never-events 11, 34).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
seen=$work/seen
export seen
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa: ['echo qa >>$seen', 'grep -q good state', 'echo "args=<{{.CLI_ARGS}}>"']
  fix:
    commit: {message: 'Fixed by hand', push: true}
    cmds: ['echo fix >>$seen', 'echo good >state', 'grep -q good state']
  late: {deps: [fix], cmds: ['exit 1']}
EOT
echo good >state
commit_all

# push WORDS…: prun --push, $last is the last line
push()
{
	: >"$seen"
	run_mixed prun --push "$@"
	last=$(printf '%s\n' "$out" | tail -n 1)
	ran=$(paste -sd ' ' "$seen")
}
short() { git rev-parse "$1" | cut -c1-10; }

push
is "$status" 1 'without an upstream branch: not pushed'
like "$last" 'not pushed: fatal: The current branch main has no upstream' \
    'the last line has the reason'
push -- -u origin main
is "$status" 0 'words behind -- are for git push'
is "$last" "pushed 0000000000..$(short HEAD)" 'a new branch'
like "$out" '
 \* \[new branch\]      main -> main
' 'P-708 as git says it to people'
unlike "$out" 'refs/heads' 'P-708 and not as it does to programs'
old=$(short HEAD)
git commit -q --allow-empty -m 2 && echo 1 >f && commit_all
push
is "$last" "pushed $old..$(short HEAD)" 'pushed OLD..NEW'
is "$ran" qa 'after the default tasks'
like "$out" 'args=<>' 'what is for git push is not for the tasks'
push qa
is "$status $last" '0 not pushed: the remote has it all' 'nothing to push'

git checkout -q -b topic && echo t >t && commit_all
git checkout -q main && echo 2 >f && commit_all
push qa -- origin topic main
is "$last" "pushed $(short HEAD~1)..$(short HEAD)" \
    'of several branches the one that is checked out'
echo 3 >f && commit_all
push qa -- --dry-run
is "$last" 'not pushed: it was a dry run' 'a dry run of git push'

# refused
echo bad >state && commit_all bad
push
is "$status" 1 'a check that fails'
like "$last" 'not pushed: *qa failed' 'names what failed'
isnt "$(git -C "$work/t/o.git" rev-parse main)" "$(git rev-parse HEAD)" \
    'and nothing is pushed'
push -- --no-such-option
like "$last" 'not pushed: ' 'whatever comes behind --'

# the one commit: the tasks, the commit, a check of it, the push
old=$(short '@{push}')
push fix
is "$status" 0 'tasks that owe a commit'
is "$(git log -1 --format=%s) $(committed)" 'Fixed by hand M state' \
    'the commit is made'
is "$last" "pushed $old..$(short HEAD)" 'and pushed'
is "$ran" 'fix fix' 'its tree is checked once'
head=$(git rev-parse HEAD)
push late
isnt "$status" 0 'a task that fails'
like "$last" 'not pushed: ' 'last line'
is "$(git rev-parse HEAD)" "$head" 'no commit'

# the remote has moved on
git clone -q "$work/t/o.git" "$work/t/other"
(cd "$work/t/other" && echo 1 >g && commit_all && git push -q origin main)
echo 5 >f && commit_all
push qa
is "$status" 1 'a push that the remote rejects'
like "$last" 'not pushed: main \[rejected\] (fetch first)' \
    'says why'
like "$out" ' ! \[rejected\]        main -> main (fetch first)*hint: Updates were rejected' \
    'P-708 behind what git says to people'
like "$last" 'repeat it with: git push' 'and how to repeat it'
git config remote.origin.url "$work/nowhere"
push qa
like "$last" 'not pushed: fatal: ' 'a remote that is away'
git config remote.origin.url "$work/t/o.git"

# the hook of git push finds the receipt
git pull -q --rebase origin main
prun --hook install pre-push qa >/dev/null
push qa
is "$ran $status" 'qa 0' 'the tasks run once, not again in the hook'
like "$out" 'pre-push: qa on * passed before' 'which says so'

# a dirty tree hides nothing
echo bad >state && commit_all && echo good >state
push qa
is "$status $(cat state)" '1 good' 'an edit does not hide a broken commit'
done_testing
