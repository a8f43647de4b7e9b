#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs in another PID namespace, a container say, share folders with others:
# locks tell who lives, not pids (P-104, P-114, P-703).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"
unshare -p -f --mount-proc true 2>/dev/null ||
    skip_all 'no other PID namespace can be made here'
# shellcheck disable=SC2034 # lib.sh evaluates it
at_exit="exec 7>&- 8>&- 9>&-; wait"

# elsewhere COMMAND…: as the first process of a namespace of its own
elsewhere()
{
	unshare -p -f --mount-proc "$@"
}

# The next word at the pipe `said`, bounded.
hear()
{
	timeout 30 sh -c 'read -r word; echo "$word"' <&8
}
export work
pipes()
{
	rm -f "$work/t/said" "$work/t/gate"
	mkfifo "$work/t/said" "$work/t/gate"
	exec 8<>"$work/t/said" 9<>"$work/t/gate"
}
pipes

# ---- sockets ----

taskfile <<-'EOT'
version: '3'
silent: true
tasks:
  first: 'echo first >said; read -r word <gate; task:called || exit'
  second: 'task:called || exit'
  called: echo called
EOT
"$PRUN" first >"$work/first.out" 2>"$work/first.err" &
first=$!
hear >/dev/null
run elsewhere "$PRUN" second
is "$status $out" '0 called' 'a run in another namespace calls tasks'
echo go >&9
wait $first
is "$? $(cat "$work/first.out")" '0 called' \
    'P-104: and takes nothing from a run that it cannot see'
is "$(find "$XDG_RUNTIME_DIR" -name '*-??????')" '' 'nothing of both is left'

# ---- two with one pid do one task ----

taskfile <<-'EOT'
version: '3'
silent: true
tasks:
  build:
    sources: [in]
    generates: [out]
    cmds:
      - echo "$PPID" >said; read -r word <gate; echo built >>out
EOT
echo 1 >in
elsewhere "$PRUN" build >"$work/first.out" 2>&1 &
first=$!
is "$(hear)" 1 'a run is process 1 of its namespace'
elsewhere "$PRUN" build >"$work/second.out" 2>&1 &
second=$!
wait_for grep -q 'waiting for task' "$work/second.out"
ok $? 'P-114: another process 1 waits for it'
echo go >&9
wait $first
is $? 0 'the first ends'
# so that this does not hang where the second had begun as well
echo go >&9
wait $second
is "$? $(cat out)" '0 built' 'and what it built is up to date'

# ---- work trees of the gate ----

pipes
start_repo
cat >Taskfile.yml <<-EOT
version: '3'
silent: true
tasks:
  qa:
    cmds:
      - |
        echo \$\$ >'$work/t/said'
        [ "\$(cat state)" = quick ] || read -r word <'$work/t/gate'
        cat state
EOT
printf '.task\n' >.gitignore
echo slow >state
commit_all
echo quick >state
commit_all

zero=$(printf '%040d' 0)
for name in HEAD HEAD~; do
	echo "refs/heads/x $(git rev-parse $name) refs/heads/x $zero" \
	    >"$work/$name"
done
set -- --hook run pre-push -- o "$work/t/o.git"
echo dirty >>state # so that the gate needs work trees

"$PRUN" "$@" <"$work/HEAD~" >"$work/first.out" 2>&1 &
first=$!
isnt "$(hear)" '' 'a gate is at work'
is "$(git worktree list | wc -l)" 2 'in a work tree of its own'
run elsewhere sh -c '"$PRUN" "$@" <"$work/HEAD"' sh "$@"
is "$status" 0 'so is one in another namespace'
[ "$status" -eq 0 ] || note "$out" "$err"
is "$(git worktree list | wc -l)" 2 \
    'P-703: which leaves the work tree of the first alone'
echo go >&9
wait $first
is $? 0 'the first ends well'
like "$(cat "$work/first.out")" slow 'in its own tree'
is "$(find "$XDG_STATE_HOME" -path '*gate/*')" '' 'nothing of both is left'

# What is killed leaves a work tree, which the next one removes.  Only the kernel
# of Linux ends the run of a gate that was killed.
if [ "$TEST_PORTABLE" = 1 ]; then
	skip 'P-116: the run of a gate that is killed' 'the portable build'
	done_testing
	exit 0
fi
hear >/dev/null # of the second
echo slower >state && commit_all # which no receipt is for
echo "refs/heads/x $(git rev-parse HEAD) refs/heads/x $zero" >"$work/new"
echo quick >state
"$PRUN" "$@" <"$work/new" >"$work/first.out" 2>&1 &
first=$!
job=$(hear)
run_of_job=$(ps -o ppid= -p "$job" | tr -d ' ')
is_guarded()
{
	ps -A -o ppid= -o args= | grep -q "^ *$run_of_job prun: guardian"
}
is_gone()
{
	! kill -0 "$job" 2>/dev/null
}
wait_for is_guarded
kill -KILL $first
wait $first 2>/dev/null
wait_for is_gone
ok $? 'P-116: the run of a gate that is killed ends with its jobs'
is "$(git worktree list | wc -l)" 2 'it leaves its work tree'
echo go >&9
"$PRUN" "$@" <"$work/new" >"$work/first.out" 2>&1
is "$? $(find "$XDG_STATE_HOME" -path '*gate/*')" '0 ' \
    'which the next one removes'

done_testing
