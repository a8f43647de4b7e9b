#!/bin/sh
# SPDX-License-Identifier: MIT
# P-704, D-5: a signal to the gate reaches the tasks, and the work tree of the
# gate goes; what a killed gate left goes with the next one (never-event 20).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
mkfifo "$work/up"
up=$work/up
export up
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa:
    - defer: echo deferred >>$up.log
    - |
      trap 'echo got it >>$up.log; exit 1' INT TERM HUP
      echo $$ >$up.pid
      echo $PWD >$up
      while :; do sleep 0.05; done
EOT
commit_all
git branch old
git commit -q --allow-empty -m 2
echo 1 >user
user_edits
before=$(tree_of)
id=$(git rev-parse old)
zero=0000000000000000000000000000000000000000

# gate SIGNAL: starts one, waits until its task is up, sends the signal
gate()
{
	: >"$up.log"
	echo "refs/heads/old $id refs/heads/old $zero" >"$work/refs"
	"$PRUN" --hook run pre-push -- origin url <"$work/refs" \
	    >"$work/said" 2>&1 &
	pid=$!
	read -r dir <"$up"
	kill -"$1" $pid
	status=0
	wait $pid 2>/dev/null || status=$?
}

for s in TERM:143 HUP:129; do
	want=${s#*:} s=${s%:*}
	gate "$s"
	is "$status" "$want" "$s: the status tells of it"
	is "$(sort "$up.log")" 'deferred
got it' "$s: the task got it once, and its defer ran"
	test ! -e "$dir"
	ok $? "$s: the work tree is gone"
	is "$(($(git worktree list | wc -l)))" 1 "$s: and so is git's note of it"
	is "$(tree_of)" "$before" "$s: the user's tree is as it was"
done

git worktree add -q "$work/t/mine" -b mine
git worktree add -q "$work/t/away" -b away
mv "$work/t/away" "$work/t/unmounted"
gate KILL
test -d "$dir"
ok $? 'a killed gate leaves its work tree'
is "$(($(git worktree list | wc -l)))" 4 'registered'
# its child is nobody's any more
kill -s KILL "$(cat "$up.pid")"
printf "version: '3'\ntasks: {qa: 'true'}\n" >Taskfile.yml
git commit -q Taskfile.yml -m good
run git push -q origin main
# no receipt is for this tree
echo new >new && git add new && git commit -q -m new
git commit -q --allow-empty -m better
prun --hook install pre-push >/dev/null
run git push -q origin HEAD~1:refs/heads/x
is "$status" 0 'the next gate works'
test ! -e "$dir"
ok $? 'it removes what the dead one left'
is "$(git worktree list --porcelain | sed -n 's/^worktree //p')" "$work/t/r
$work/t/away
$work/t/mine" "and nobody else's, also where it is not mounted"

# registered, but the folder is gone
gone=$(dirname "$dir")/999999-0
git worktree add -q --detach "$gone"
rm -rf "$gone"
echo newer >new && git commit -q -m newer new
git commit -q --allow-empty -m even
touch "$dir"
run git push -q origin HEAD~1:refs/heads/y main
is "$(git worktree list | grep -c 999999)" 0 \
    'a note without a folder goes as well'
done_testing
