#!/bin/sh
# SPDX-License-Identifier: MIT
# P-706: what a receipt attests, and what it does not (never-event 14).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
seen=$work/seen
export seen
cat >Taskfile.yml <<'EOT'
version: '3'
includes:
  extra: {taskfile: ./extra.yml, optional: true}
  outside: {taskfile: ../outside.yml, optional: true}
tasks:
  qa: {cmds: ['echo qa >>$seen', {task: lint}]}
  lint: {sources: [src/*], cmds: ['echo lint']}
  edit: echo edit >>'ünïcode'
  back: git checkout -q .
EOT
mkdir src && echo 1 >src/1
echo 1 >'ünïcode'
printf 'extra.yml\nignored\n.task\n' >.gitignore
commit_all
prun --hook install pre-push >/dev/null
zero=0000000000000000000000000000000000000000

# gated: sets $ran to what the hook ran for HEAD, "" where a receipt was found.
gated()
{
	: >"$seen"
	id=$(git rev-parse HEAD)
	echo "refs/heads/main $id refs/heads/main $zero" >"$work/refs"
	status=0
	prun --hook run pre-push -- origin url <"$work/refs" >"$work/out" \
	    2>"$work/err" || status=$?
	err=$(cat "$work/err")
	ran=$(cat "$seen")
}
# fresh: another tree, with no receipt
n=0
fresh()
{
	n=$((n + 1))
	echo $n >counter
	commit_all "$n"
}
# none NAME: no receipt is there
none()
{
	gated
	is "$ran" qa "$1: no receipt"
}

fresh
run prun qa
gated
is "$status $ran" '0 ' 'a run that passed whole on a clean tree spares the hook'
like "$err" 'passed before (run 2*)' 'which says so'
run prun --receipts
like "$out" "qa on $(git rev-parse 'HEAD^{tree}' | cut -c1-10)" \
    '--receipts lists it'
: >"$seen"
id=$(git rev-parse HEAD)
prun --hook run pre-push --no-receipt -- origin url <"$work/refs" \
    >/dev/null 2>&1
is "$(cat "$seen")" qa '--no-receipt ignores it'
git commit -q --allow-empty -m same
gated
is "$ran" '' 'another commit of the same tree'

fresh; prun qa --force >/dev/null 2>&1; none 'a forced run'
fresh; prun qa --changed=HEAD >/dev/null 2>&1; none 'a narrowed run'
fresh; prun qa -- -k one >/dev/null 2>&1; none 'words behind --'
fresh; prun lint >/dev/null 2>&1; none 'other tasks'
fresh; prun --dry qa >/dev/null 2>&1; none 'a dry run'
fresh; prun qa X=1 >/dev/null 2>&1; none 'other variables'
fresh; prun --no-receipt qa >/dev/null 2>&1; none '--no-receipt'
fresh; echo 2 >>src/1; prun qa >/dev/null 2>&1; git checkout -q .
none 'an edit that is not committed'
fresh; echo 2 >untracked; prun qa >/dev/null 2>&1; rm untracked
none 'an untracked file'
fresh; rm src/1; prun qa >/dev/null 2>&1; git checkout -q .
none 'a removal that is not staged'
fresh; echo 2 >'ünïcode'; prun qa >/dev/null 2>&1; git checkout -q .
none 'an edit of a name that is not ASCII'
fresh; prun qa edit >/dev/null 2>&1; git checkout -q .
none 'an edit by the run'
fresh; git update-index --assume-unchanged src/1; echo 3 >src/1
prun qa >/dev/null 2>&1; git update-index --no-assume-unchanged src/1
git checkout -q .
none 'an edit that git does not look for'
fresh; echo "version: '3'" >extra.yml; prun qa >/dev/null 2>&1; rm extra.yml
none 'an included file that git ignores'
fresh; echo "version: '3'" >../outside.yml; prun qa >/dev/null 2>&1
rm ../outside.yml
none 'an included file outside of the repository'
fresh; prun edit back qa >/dev/null 2>&1
none 'a list of other tasks'

# tools whose versions count
echo 1 >"$work/version"
printf '[receipt]\ntools = cat %s/version\n' "$work" >prun.ini
fresh; prun qa >/dev/null 2>&1
gated
is "$ran" '' 'the tools are the same'
echo 2 >"$work/version"
none 'another version of a tool'
gated
is "$ran" '' 'the gate leaves a receipt of its own'

# core.hooksPath, a linked worktree
git config core.hooksPath .hooks
echo .hooks >>.git/info/exclude
rm -rf "$XDG_STATE_HOME"
prun --hook install pre-push >/dev/null
fresh; prun qa >/dev/null 2>&1
gated
is "$ran" '' 'receipts are left where hooks lie elsewhere'
git worktree add -q "$work/t/linked" -b linked
cd "$work/t/linked" || exit 1
prun --hook install pre-push >/dev/null
fresh; prun qa >/dev/null 2>&1
gated
is "$ran" '' 'and in a linked worktree'
cd "$work/t/r" || exit 1
prun --hook remove pre-push >/dev/null
fresh; run prun qa; run prun --receipts
unlike "$out" "$(git rev-parse 'HEAD^{tree}' | cut -c1-10)" \
    'none are left where no hook is'

# fingerprints that nobody ignores
sed -i.bak '/^\.task/d' .gitignore && rm .gitignore.bak
prun --hook install pre-push >/dev/null
rm -rf .task; fresh; prun qa >/dev/null 2>&1
test -d .task
ok $? 'fingerprints are there'
gated
is "$ran" '' 'they are no change of the tree'
fresh
gated
is "$status" 0 'not in a gate either'
done_testing
