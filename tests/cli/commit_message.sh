#!/bin/sh
# SPDX-License-Identifier: MIT
# P-603: the message of the one commit.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
taskfile <<'EOT'
version: '3'
vars: {N: 7}
tasks:
  default:
    deps: [lint, test]
  lint: echo 1 >>f
  test: echo 2 >>g
  all:
    commit:
      message: "Check {{.N}}: {{join \"+\" .PHASES}} in {{.RUN_ID}} after {{.DURATION}}"
      trailers: ['Reviewed-by: A <a@b.c>', 'Issue: 1']
    parallel: true
    cmds: [{task: lint}, {task: noted}]
  noted:
    commit: {message: 'never seen', trailers: {Issue: 1, Noted: 'yes'}}
    cmds: ['echo 3 >>h']
  blank: {commit: {message: '{{.NOTHING}}'}, cmds: ['echo 4 >>f']}
  broken: {commit: {message: '{{.RUN_ID'}, cmds: ['echo 4 >>f']}
  lines: {commit: {message: "one\n\n# two"}, cmds: ['echo 5 >>f']}
EOT
commit_all

run prun --commit
is "$(git log -1 --format=%s)" 'Parallel execution results' \
    'the default subject'
like "$(git log -1 --format=%b)" '- ✅ lint (*s)' 'a line per phase'
like "$(git log -1 --format=%b)" '- ✅ test (*s)' 'and the other one'
is "$(git log -1 --format=%B | sed -n 2p)" '' 'a blank line below the subject'
id=$(git log -1 --format='%(trailers:key=Prun-Run,valueonly)')
like "$(ls "$XDG_STATE_HOME"/prun/*/runs)" "$id" \
    'Prun-Run names the run as a trailer'

run prun --commit ISSUE=42
is "$(git log -1 --format=%s)" 'Parallel execution results for #42' \
    'ISSUE of the command line goes to the default subject'
ISSUE='#43' run prun --commit
is "$(git log -1 --format=%s)" 'Parallel execution results for #43' \
    'ISSUE of the environment, too'
ISSUE=44 run prun --commit='typed {{.RUN_ID}}'
is "$(git log -1 --format=%s)" 'typed {{.RUN_ID}}' \
    'what was typed is taken as it stands'

ISSUE=45 run prun all
id=$(git log -1 --format='%(trailers:key=Prun-Run,valueonly)')
like "$(git log -1 --format=%s)" \
    "Check 7: lint+noted in $id after [0-9]*s" \
    'a message is a template over .PHASES, .RUN_ID and .DURATION'
unlike "$(git log -1 --format=%s)" '#45' \
    'a message of the task gets no issue'
is "$(git log -1 --format='%(trailers:key=Issue,valueonly)')" 1 \
    'the trailers of the task'
is "$(git log -1 --format='%(trailers:key=Noted,valueonly)')" yes \
    'and of those called, each once'
ISSUE=46 run prun noted
is "$(git log -1 --format=%s)" 'never seen' 'a phase alone has its own message'

run prun blank
is "$(git log -1 --format=%s)" 'Parallel execution results' \
    'a message that comes out blank gives way to the default'
run prun lines
is "$(git log -1 --format=%B | sed -n 1,3p)" 'one

# two' 'lines and number signs stay'
head=$(git rev-parse HEAD)
run prun broken
isnt "$status" 0 'a message that is no template fails the run'
is "$(git rev-parse HEAD)" "$head" 'without a commit'
git checkout -q f

printf '[commit]\nmessage = From {{.N}} settings\n' >prun.ini
commit_all
run prun --commit ISSUE=1
is "$(git log -1 --format=%s)" 'From 7 settings' 'the message of prun.ini'
done_testing
