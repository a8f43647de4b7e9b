#!/bin/sh
# SPDX-License-Identifier: MIT
# P-601: a Taskfile that is read from standard input can owe a commit: that of
# the repository of the working directory.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
mkdir sub && echo 1 >sub/old
commit_all
cat >"$work/piped.yml" <<'EOT'
version: '3'
tasks:
  write: {commit: {message: 'by a pipe'}, cmds: ['echo 1 >new']}
  plain: echo 1 >"plain-{{.N}}"
EOT
# piped WORDS…: prun with the Taskfile on standard input
piped()
{
	status=0
	prun -t - "$@" <"$work/piped.yml" >"$work/out" 2>"$work/err" ||
	    status=$?
	err=$(cat "$work/err")
}

cd sub || exit 1
piped write
is "$status $(committed)" '0 A sub/new' 'P-601 the key `commit`'
is "$(git log -1 --format=%s)" 'by a pipe' 'P-603 its message'
piped plain N=1 --commit=typed
is "$status $(committed)" '0 A sub/plain-1' 'P-601 --commit'
piped plain N=2 --changed=HEAD
is "$status" 0 'P-703 --changed'
piped plain N=3 --push
is "$status" 1 'P-708 --push cannot read it a second time'
like "$err" 'not pushed: *standard input' 'and says so'
test ! -e plain-3
ok $? 'before anything has run'
mkdir "$work/none" && cd "$work/none" || exit 1
piped write
is "$status" 1 'P-604 outside of a repository'
like "$err" "$work/none is not in a git repository" 'the folder is named'
done_testing
