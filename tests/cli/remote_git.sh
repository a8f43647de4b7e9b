#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2119,SC2015
# C-600, C-603, C-616, C-640, M-97: Taskfiles of git repositories.

. "${abs_srcdir:-.}/tests/cli/lib_remote.sh"
serve
TASK_ASSUME_YES=1
export TASK_ASSUME_YES
at=git://127.0.0.1:$git_port

git_repo "$work/src"
(
	cd "$work/src" || exit 1
	taskfile <<-'EOT'
	version: '3'
	includes: {s: sub/inc.yml}
	tasks:
	  default: {cmds: [echo root], silent: true}
	EOT
	taskfile sub/inc.yml <<-'EOT'
	version: '3'
	includes: {up: ../up.yml}
	tasks:
	  default: {cmds: ['echo {{.TASKFILE}}'], silent: true}
	EOT
	taskfile up.yml <<-'EOT'
	version: '3'
	tasks:
	  default: {cmds: [echo main], silent: true}
	EOT
	git add . && git commit -qm one && git checkout -qb other/v2 &&
	    sed 's/echo main/echo v2/' up.yml >new && mv new up.yml &&
	    mkdir empty && touch empty/x && git add . && git commit -qm two &&
	    git checkout -q main && git clone -q --bare . "$www/r.git"
) || bail_out 'no repository'

# last_line COMMAND…
last_line()
{
	run "$@"
	out=$(printf '%s\n' "$out" | tail -n 1)
}

last_line prun -t "$at/r.git" default
is "$status $out" '0 root' 'the default name at the root of a repository'
last_line prun -t "$at/r.git" s:default
is "$out" "$at/r.git//sub/inc.yml" 'an include beside it (C-616)'
: >"$log"
last_line prun -t "$at/r.git" s:up:default
is "$status $out" '0 main' 'and one above that'
is "$(grep -c CLONE "$log")" 1 'the repository is cloned once'
last_line prun -t "$at/r.git//up.yml?ref=other/v2" default
is "$out" v2 'a file of a branch'
last_line prun -t "$at/r.git//sub/inc.yml?ref=other%2Fv2" up:default
is "$out" v2 'whose includes are of the same branch (C-616)'
is "$(find "$XDG_CACHE_HOME" ! -type d)" '' 'no clone is left'

: >"$log"
taskfile <<EOT
version: '3'
includes:
  a: $at/r.git//up.yml
  b: $at/r.git//up.yml?ref=other/v2
  c: $at/r.git//sub/inc.yml
EOT
run prun --trusted-hosts "127.0.0.1:$git_port" a:default b:default c:up:default
is "$out" 'main
v2
main' 'includes of one repository at two refs'
is "$(grep -c CLONE "$log")" 2 'are two clones'

set -- .task/remote/git.127.0.0.1:"$git_port".sub.inc.yml.*.yaml
[ -e "$1" ]
ok $? 'the name of a copy has folder and file (C-603)'
last_line prun --offline -t "$at/r.git//up.yml" default
is "$status $out" '0 main' 'which is used offline'

run prun -t "$at/r.git//up.yml?ref=none"
is "$status" 1 'a branch that is not there'
like "$err" 'failed to clone repository: *Remote branch none not found' M-97
run prun -t "$at/none.git//up.yml"
is "$status" 1 'a repository that is not there'
run prun -t "$at/r.git//none.yml"
is "$status" 1 'a file that is not there'
like "$err" 'stat */none.yml: no such file or directory' 'is named'
run prun -t "$at/r.git//empty?ref=other/v2"
is "$status $err" '1 file does not exist' 'a folder without a Taskfile'
up=../../../../../../../../../..
echo_page outside.yml outside
run prun -t "$at/r.git//$up$www/outside.yml"
is "$status" 1 'no path leads out of a repository'
run prun -t "$at/r.git//up.yml?ref=--upload-pack=touch%20$work/owned"
[ "$status" = 1 ] && [ ! -e "$work/owned" ]
ok $? 'a ref is no option of git'
is "$(find "$XDG_CACHE_HOME" ! -type d)" '' 'what failed leaves no clone'

run env PATH="$work/nowhere" "$PRUN" -t "$at/r.git//sub"
like "$err" 'failed to clone repository: exec: ' 'without git that is said'

# over http, with a password
run prun -t "$url/git/r.git//up.yml"
is "$status $err" "105 task: Taskfile \"$url/git/r.git\" cannot be downloaded \
over an insecure connection. You can override this by using the --insecure \
flag" 'http needs --insecure (C-601)'
last_line prun --insecure -t "$url/git/r.git//up.yml" default
is "$status $out" '0 main' 'git over http'
listening_git
last_line env PATH="$work/bin:$PATH" "$PRUN" --insecure \
    -t "http://u:geheim@127.0.0.1:$port/lock/r.git//up.yml" default
is "$status $out" '0 main' 'git with a password'
like "$(cat "$work/args")" " http://127.0.0.1:$port/lock/r.git " \
    'which is no argument'
unlike "$(cat "$work/args")" geheim 'of git'
run env GIT_TERMINAL_PROMPT=0 "$PRUN" --insecure \
    -t "http://u:wrong@127.0.0.1:$port/lock/r.git//up.yml" default
is "$status" 1 'another password is not the right one'
unlike "$out$err" wrong 'and is not shown'

run prun --insecure --timeout 500ms -t "$url/hang/r.git//up.yml"
is "$status $err" "108 task: Network connection timed out after 500ms while \
attempting to download Taskfile \"$url/hang/r.git//up.yml\"" \
    'a clone has a time limit (C-614)'

done_testing
