#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2119
# P-706: a remote Taskfile is part of what a receipt attests (never-event 14).
. "${abs_srcdir:-.}/tests/cli/lib_remote.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"
serve
TASK_ASSUME_YES=1 TASK_REMOTE_INSECURE=1
export TASK_ASSUME_YES TASK_REMOTE_INSECURE
seen=$work/seen
export seen

start_repo
cat >Taskfile.yml <<EOT
version: '3'
includes: {far: "$url/far.yml"}
tasks:
  qa: [{task: 'far:check'}]
EOT
printf '.task\n' >.gitignore
commit_all
# far N: what the remote file says
far()
{
	printf "version: '3'\ntasks: {check: 'echo %s \$FAR_MODE >>\$seen'}\n" "$1" \
	    >"$www/far.yml"
}
far one
id=$(git rev-parse HEAD)
echo "refs/heads/main $id refs/heads/main 0000000000000000000000000000000000000000" >"$work/refs"
# gated: sets $ran to what the hook ran for HEAD
gated()
{
	: >"$seen"
	status=0
	prun --hook run pre-push -- origin url <"$work/refs" >"$work/out" \
	    2>&1 || status=$?
	ran=$(cat "$seen")
}

prun --hook install pre-push >/dev/null
run prun qa
is "$status" 0 'a task of a remote Taskfile'
gated
is "$status $ran" '0 ' 'P-706 its receipt spares the hook'
far two
gated
is "$status $ran" '0 two' 'P-706 not once the remote Taskfile is another'
gated
is "$status $ran" '0 ' 'P-706 of which there is a receipt now'
export FAR_MODE=quick
gated
is "$status $ran" '0 two quick' 'P-706 nor with another value of what only the remote one names'
gated
is "$status $ran" '0 ' 'P-706 but with the same one'
done_testing
