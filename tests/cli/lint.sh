#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2119,SC2154 # lib.sh
# D-8: what --lint says, and that a run does not.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
PRUN_TASKFILES=$abs_srcdir/taskfiles
export PRUN_TASKFILES

mkdir sub
cat >sub/Taskfile.yml <<'EOT'
version: '3'
tasks:
  u: echo
  w: {desk: 1, desc: W}
EOT
taskfile <<'EOT'
version: '3'
x-mine: 1
.common: &c {desc: D, internl: true}
silnt: true
includes:
  s: {taskfile: ./sub, optionl: true}
  phases: prun:shell
tasks:
  a:
    description: A
    <<: *c
    cmds:
      - task: used
      - {task: used, silnet: true}
      - for: [x, y]
        task: 'dyn-{{.ITEM}}'
      - task: nope
      - task:b X=1 &
      - wait
      - |
        task:b > log
        echo task:b-is-no-word "task:b"
  b: echo
  used: {internal: true, deps: [chain]}
  chain: {internal: true}
  dyn-x: {internal: true}
  dead: {internal: true, cmds: [{task: dead-too}, {task: dead}]}
  dead-too: {internal: true}
  last: {<<: *c, x-note: 1, deps: [{task: used, if: 'false'}]}
EOT
run prun --lint
is "$status|$out" '1|' 'it found something, which goes to stderr'
is "$err" 'Taskfile.yml:3:23: unknown key "internl" (task a); did you mean "internal"?
Taskfile.yml:4:1: unknown key "silnt" (Taskfile); did you mean "silent"?
Taskfile.yml:6:24: unknown key "optionl" (include s); did you mean "optional"?
Taskfile.yml:7:3: only prun has "prun:shell"; go-task looks for a file of that name
Taskfile.yml:10:5: unknown key "description" (task a); did you mean "desc"?
Taskfile.yml:14:22: unknown key "silnet" (task a); did you mean "silent"?
Taskfile.yml:17:9: task "nope" does not exist
Taskfile.yml:18:9: only prun calls a task here; go-task runs a program named task:b
Taskfile.yml:20:9: only prun calls a task here; go-task runs a program named task:b
Taskfile.yml:23:3: remark: task "b" has no desc, so --list does not show it
Taskfile.yml:27:3: task "dead" is internal, and nothing calls it
Taskfile.yml:29:49: the key "if" counts for nothing here (task last)
sub/Taskfile.yml:3:3: remark: task "s:u" has no desc, so --list does not show it
sub/Taskfile.yml:4:7: unknown key "desk" (task w); did you mean "desc"?' \
    'each with its place, in the order of the files'

mkdir elsewhere
cd elsewhere || exit 1
run prun -d .. --lint
like "$err" '../Taskfile.yml:4:1: unknown key' 'paths are those from here'
cd .. || exit 1

run prun -s b
is "$status|$err" '0|' 'a run is silent about all that'

mkdir lib
printf "version: '3'\ntasks:\n  unused: echo\n" >lib/Taskfile.yml
taskfile <<'EOT'
version: '3'
includes:
  lib: {taskfile: ./lib, internal: true}
tasks:
  default: {desc: 'All of them', cmds: [{task: 'w-{{.X}}'}, {task: al}]}
  w-*: {internal: true}
  aliased: {internal: true, aliases: [al]}
EOT
run prun --lint
is "$status|$out|$err" '0||' 'nothing to say: aliases, patterns, libraries'

# the whole graph: three files in a row, one of them included twice
mkdir mid mid/deep
taskfile <<'EOT'
version: '3'
includes:
  mid: ./mid
tasks:
  default: {desc: D, cmds: [{task: 'mid:go'}]}
EOT
cat >mid/Taskfile.yml <<'EOT'
version: '3'
vars: {KIND: shell}
includes:
  one: ./deep
  two: {taskfile: ./deep, internal: true}
  ready: 'prun:{{.KIND}}'
tasks:
  go: {desc: G, cmds: [{task: 'one:nope'}]}
EOT
cat >mid/deep/Taskfile.yml <<'EOT'
version: '3'
includes:
  gone: {taskfile: prun:nothing, optional: true}
tasks:
  used: {desc: U, sorces: [x]}
  idle: {internal: true}
EOT
run prun --lint
is "$status|$err" '1|mid/Taskfile.yml:6:3: only prun has "prun:shell"; go-task looks for a file of that name
mid/Taskfile.yml:8:24: task "mid:one:nope" does not exist
mid/deep/Taskfile.yml:3:3: only prun has "prun:nothing"; go-task looks for a file of that name
mid/deep/Taskfile.yml:5:19: unknown key "sorces" (task used); did you mean "sources"?
mid/deep/Taskfile.yml:6:3: task "mid:one:idle" is internal, and nothing calls it' \
    'what files deep below include and have, each in its place'

taskfile <<'EOT'
version: '3'
tasks: {a: {desc: [}
EOT
run prun --lint
is "$status" 109 'what is no YAML is the error that a run has'

for file in "$abs_srcdir"/taskfiles/*.yml \
    "$abs_srcdir"/examples/demo/Taskfile.yml \
    "$abs_srcdir"/examples/sdlc/Taskfile.yml \
    "$abs_srcdir"/examples/polyglot/Taskfile.yml; do
	run prun -t "$file" --lint
	is "$status|$err" '0|' "nothing to say of ${file#"$abs_srcdir"/}"
done
run prun --init
run prun -t "$abs_srcdir/examples/polyglot/Taskfile.shell.yml" --lint
unlike "$err" 'unknown' 'the shell-style example has known keys only'
like "$err" 'only prun calls a task here' 'and calls of prun alone'

done_testing
