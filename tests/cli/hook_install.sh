#!/bin/sh
# SPDX-License-Identifier: MIT
# P-701, P-707: hooks are written, kept, put back, and refuse without prun
# (never-event 15).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
cp "$PRUN" "$work/prun" || bail_out 'no prun'
real=$work/prun
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  pre-push: echo gate ran
  other: echo other ran
  commit-msg: 'grep -q good {{.HOOK_ARG_1}}'
EOT
commit_all

run "$real" --hook status
is "$out" 'no hook is installed' 'no hook at first'
run "$real" --hook install pre-push
is "$status" 0 'a hook is installed'
# git names the remote; without it no refs are an error (P-702)
is "$(git -C . hook run pre-push -- origin x 2>&1 </dev/null; echo $?)" 0 \
    'git finds it'
run "$real" --hook status
like "$out" 'pre-push: *hooks/pre-push' 'status lists it'
sum=$(cksum .git/hooks/pre-push)
touch -t 200101010000 .git/hooks/pre-push
touch -t 200201010000 "$work/later"
run "$real" --hook install pre-push
like "$out" 'already' 'installing it again says so'
is "$(cksum .git/hooks/pre-push)$(find .git/hooks/pre-push -newer "$work/later")" \
    "$sum" 'and changes nothing'
run git push origin main
like "$err$out" 'gate ran' 'a push runs the task'
is "$status" 0 'and goes through'
run "$real" --hook install pre-push other
git commit -q --allow-empty -m 2
run git push origin main
like "$err$out" 'other ran' 'with the tasks that were named'

# never-event 15: each must refuse the push
refuses()
{
	git commit -q --allow-empty -m "$1"
	run git push origin main
	isnt "$status" 0 "$1: the push is refused"
	is "$(printf '%s\n' "$err" | grep -c 'pre-push refused')" 1 \
	    "$1: one line says so"
	isnt "$(git rev-parse HEAD)" "$(git -C "$work/t/o.git" rev-parse main)" \
	    "$1: nothing has been pushed"
}
mv "$real" "$real.away"
refuses 'prun is missing'
PRUN_HOOKS=0 run git push origin main
is "$status" 0 'PRUN_HOOKS=0 gets past a prun that is missing'
: >"$real"
refuses 'prun cannot be executed'
printf '#!/bin/sh\nkill -KILL $$\n' >"$real" && chmod +x "$real"
refuses 'prun dies of a signal'
printf '#!/nonexistent/interpreter\n' >"$real"
refuses 'prun cannot be started'
mv "$real.away" "$real"
git commit -q --allow-empty -m 'empty PATH'
git rev-parse HEAD >"$work/id"
hook=$PWD/.git/hooks/pre-push
id=$(git rev-parse HEAD)
status=0
echo "refs/heads/main $id refs/heads/main $id" |
    PATH='' "$hook" origin url 2>"$work/err" || status=$?
isnt "$status" 0 'an empty PATH refuses'

# a hook that is there already
run "$real" --hook remove pre-push
test ! -e .git/hooks/pre-push
ok $? 'remove takes the hook away'
run "$real" --hook remove pre-push
like "$out" 'left as it is' 'removing it again says so'
cat >"$work/old" <<'EOT'
#!/bin/sh
echo "old hook: $# $(cat)"
test ! -e refuse
EOT
cp "$work/old" .git/hooks/pre-push
chmod +x .git/hooks/pre-push
run "$real" --hook install pre-push
run "$real" --hook install pre-push other
like "$("$real" --hook status)" 'that was there before' 'status tells of it'
run_mixed git push origin main
like "$out" "old hook: 2 refs/heads/main $id*other" \
    'the old hook runs first, with all that git gives'
touch refuse
git commit -q --allow-empty -m 3
run git push origin main
isnt "$status" 0 'it can refuse'
unlike "$err$out" 'other ran' 'and then nothing else runs'
rm refuse
run "$real" --hook remove pre-push
cmp -s "$work/old" .git/hooks/pre-push && test -x .git/hooks/pre-push
ok $? 'remove puts the old one back'
rm .git/hooks/pre-push
ln -s ../../nowhere .git/hooks/pre-push
run "$real" --hook install pre-push
run "$real" --hook remove pre-push
is "$(readlink .git/hooks/pre-push)" ../../nowhere 'a link to nowhere, too'
rm .git/hooks/pre-push

# core.hooksPath, and a linked worktree
git config core.hooksPath 'my hooks'
run "$real" --hook install pre-push other
test -x 'my hooks/pre-push' && test ! -e .git/hooks/pre-push
ok $? 'core.hooksPath is honoured'
git commit -q --allow-empty -m 4
run git push origin main
like "$err$out" 'other on ' 'and the hook runs from there'
run "$real" --hook remove pre-push
test ! -e 'my hooks/pre-push'
ok $? 'and is removed from there'
git config --unset core.hooksPath
git worktree add -q "$work/t/linked" -b linked
cd "$work/t/linked" || exit 1
run "$real" --hook install pre-push other
test -x "$work/t/r/.git/hooks/pre-push"
ok $? 'a linked worktree has the hooks of its repository'
git commit -q --allow-empty -m 5
run git push origin linked
like "$err$out" 'other ran' 'which run there'
cd "$work/t/r" || exit 1

# other hooks
run "$real" --hook install commit-msg
run git commit -q --allow-empty -m 'bad words'
isnt "$status" 0 'commit-msg refuses'
run git commit -q --allow-empty -m 'good words'
is "$status" 0 'commit-msg lets pass'
run "$real" --hook install nonsense
isnt "$status" 0 'an unknown hook is refused'

# a Taskfile that does not lie at the root
mkdir "$work/t/mono" && cd "$work/t/mono" || exit 1
git_repo && mkdir sub
printf "version: '3'\ntasks:\n  qa: echo in \$PWD\n" >sub/Taskfile.yml
commit_all
git remote add origin "$work/t/o2.git" && git init -q --bare "$work/t/o2.git"
(cd sub && "$real" --hook install pre-push >/dev/null)
run git push origin main
like "$err$out" "in $work/t/mono/sub" 'a Taskfile below the root is found'

# the Taskfile that was named is the one of the hook (P-701)
cp "$PRUN" "$real" && chmod +x "$real"
start_repo
add_remote
mkdir -p deep
for name in gates.yml 'deep/more gates.yml' Taskfile.yml; do
	printf "version: '3'\ntasks: {pre-push: 'echo from %s'}\n" "$name" \
	    >"$name"
done
commit_all
run "$real" -t gates.yml --hook install pre-push
run git push -q origin main
like "$out$err" 'from gates.yml' 'a Taskfile named by -t'
cd deep || exit 1
run "$real" -t 'more gates.yml' --hook install pre-push
git commit -q --allow-empty -m 2
run git push -q origin main
like "$out$err" 'from deep/more gates.yml' 'also from a folder below'
cd .. && touch untracked
git commit -q --allow-empty -m 3
run git push -q origin main
is "$status" 0 'and where the commit is checked apart'

# P-702: by hand
rm untracked
"$real" --hook install pre-push >/dev/null
run .git/hooks/pre-push
is "$status" 1 'no refs from what is no terminal: an error, no pass'
like "$err" 'pre-push refused: no refs' 'which says so'
run .git/hooks/pre-push origin "$work/t/o.git"
is "$status" 0 'git has nothing to push: a pass'
run timeout 20 python3 -c '
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))' \
    .git/hooks/pre-push
is "$status" 0 'on a terminal it does not wait for refs'
like "$out" 'from Taskfile.yml' 'and checks HEAD'
done_testing
