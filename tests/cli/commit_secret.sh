#!/bin/sh
# SPDX-License-Identifier: MIT
# P-406: a secret does not reach the message of a commit, by whatever way.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
taskfile <<'EOT'
version: '3'
vars:
  KEY: {value: sekrit-0815, secret: true}
tasks:
  all:
    commit:
      message: 'with {{.KEY}} by {{join "+" .PHASES}}'
      trailers: ['Used: sekrit-0815', 'Dyn: found-4711']
    cmds: [{task: labelled}, {task: dynamic}]
  labelled: {label: 'on {{.KEY}}', cmds: ['echo 1 >>f']}
  dynamic:
    vars: {DYN: {sh: 'echo found-4711', secret: true}}
    cmds: ['echo {{.DYN}} >>g']
  env:
    env: {TOKEN: {value: 'hidden in env', secret: true}}
    cmds: ['echo $TOKEN >>g']
EOT
commit_all

run prun all
is "$status" 0 'a message with a secret in it'
message=$(git log -1 --format=%B)
like "$message" 'with \*\*\*\*\* by on \*\*\*\*\*+dynamic' \
    'P-406 the template and the names of phases are masked'
unlike "$message" 'sekrit-0815' 'P-406 it is nowhere else either'
like "$message" 'Used: \*\*\*\*\*' 'P-406 the trailers are masked'
unlike "$message" 'found-4711' 'P-406 with the values of commands'
run prun env --commit='typed hidden in env'
is "$(git log -1 --format=%s)" 'typed *****' \
    'P-406 what was typed is masked, and secrets of the environment are'
unlike "$(cat "$XDG_STATE_HOME"/prun/*/runs/*/message 2>/dev/null)" \
    'sekrit-0815' 'P-406 as is what is kept of the message'
done_testing
