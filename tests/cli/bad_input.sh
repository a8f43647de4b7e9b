#!/bin/sh
# SPDX-License-Identifier: MIT
# Every refusal has a message with the place in the file, go-task's exit
# status, and leaves everything as it was.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

# refused STATUS PATTERN NAME ARG…: and nothing is on standard output, and no
# command has run.
refused()
{
	want=$1 pattern=$2 name=$3
	shift 3
	rm -f ran
	run timeout 20 "$PRUN" "$@"
	is "$status" "$want" "$name: exit status $want"
	like "$err" "$pattern" "$name: the message"
	[ ! -e ran ]
	ok $? "$name: nothing ran"
}

refused 100 'prun: no Taskfile here or above; prun --init writes one' 'no Taskfile' a
refused 100 'prun: no Taskfile at "'"$work"'/t/nope.yml"; prun --init writes one' 'a named one' \
    -t "$work/t/nope.yml" a

printf 'version: "3"\ntasks:\n  a: touch ran\n  b: [x\n  c: y\n' >Taskfile.yml
refused 109 'Failed to parse Taskfile.yml:?yaml: line' 'broken YAML' a
like "$err" 'prun: at Taskfile.yml:5:' 'broken YAML: line and column'

printf 'version: "3"\ntasks:\n  a:\n    cmds: {a: touch ran}\n' >Taskfile.yml
refused 102 "file: $work/t/Taskfile.yml:4:5" 'a map for a list' a
printf 'version: "3"\ntasks:\n\ta: touch ran\n' >Taskfile.yml
refused 109 'prun: at Taskfile.yml:3:1' 'a tab' a
printf 'version: "9"\ntasks:\n  a: touch ran\n' >Taskfile.yml
refused 107 'Invalid schema version' 'a version of the future' a
printf 'tasks:\n  a: touch ran\n' >Taskfile.yml
refused 107 'schema version' 'no version' a
: >Taskfile.yml
refused 107 'version' 'an empty file' a
head -c 300 /dev/zero >Taskfile.yml
refused 109 'control characters are not allowed' 'not even text' a
mkdir folder && mkdir folder/Taskfile.yml
refused 100 'prun: no Taskfile at ' 'a folder in place of a file' \
    -t folder/Taskfile.yml a
taskfile <<-'EOF'
version: '3'
tasks: &t
  a: *nobody
EOF
refused 109 'unknown anchor' 'an alias of nothing' a

taskfile <<-'EOF'
version: '3'
tasks:
  build: touch ran
  deploy: {desc: d, cmds: [touch ran]}
  hidden: {internal: true, cmds: [touch ran]}
EOF
refused 200 'Task "biuld" does not exist. Did you mean "build"?' \
    'an unknown task' biuld
refused 200 'Task "nonsense" does not exist' 'nothing like it' nonsense
unlike "$err" 'Did you mean' 'nothing like it: no guess'
refused 200 'Task "x" does not exist' 'a good one before it' build x
refused 202 'Task "hidden" is internal' 'an internal one' hidden
refused 2 'prun: unknown flag --nope' 'an unknown flag' --nope build
refused 2 'prun: --concurrency wants a whole number, not "x"' 'a bad number' --concurrency x build

taskfile <<-'EOF'
version: '3'
tasks:
  dep: {deps: [none], cmds: [touch ran]}
  call:
    cmds:
      - task: none
      - touch ran
  var: {requires: {vars: [NAME]}, cmds: [touch ran]}
  func: 'touch ran {{.X | nofunc}}'
  args: 'touch ran {{index .X 7 | upper}}'
  folder: {dir: Taskfile.yml, cmds: [touch ran]}
  loop: {deps: [{for: [b], task: 'no-{{.ITEM}}'}], cmds: [touch ran]}
  needs: [{task: var}]
EOF
at=$work/t/Taskfile.yml
refused 200 'prun: none (dep): Task "none" does not exist' \
    'a dep on nothing' dep
like "$err" "at $at:3:16: dep: {deps: [[]none], cmds: [[]touch ran]}" \
    'P-502: a dep on nothing: the place and the line'
refused 200 'Task "none" does not exist' 'a call of nothing' call
like "$err" "at $at:6:9: - task: none" 'a call of nothing: the place'
refused 200 'Task "no-b" does not exist' 'a loop over nothing' loop
like "$err" "at $at:12:17: loop: {deps: *" 'a loop over nothing: the place'
refused 206 'missing required variables: NAME' 'a call without a variable' needs
like "$err" "at $at:13:11: needs: [[]{task: var}]" 'the place is that of the call'
refused 206 'missing required variables: NAME' 'a variable is missing' var
like "$err" "prun: at $at:8:3" 'a variable is missing: the place'
refused 1 'function "nofunc" not defined' 'a function that is none' func
like "$err" "prun: at $at:9:3" 'a function that is none: the place'
refused 1 'template:' 'a template that fails' args
refused 201 'Taskfile.yml is not a directory' 'a file for a folder' folder

# ---- D-9: cycles ----
taskfile <<-'EOF'
version: '3'
tasks:
  d1: {deps: [d2], cmds: [touch ran]}
  d2: {deps: [d1], cmds: [touch ran]}
  c1: [touch ran, task: c2]
  c2: [task: c1]
  self: {deps: [self]}
  once1: {run: once, deps: [once2]}
  once2: {run: once, deps: [once1]}
  grows: ['echo {{.N}}', {task: grows, vars: {N: '{{.N}}x'}}]
  down:
    - echo {{.N}}
    - task: down
      if: '[ {{.N}} -gt 0 ]'
      vars: {N: '{{sub .N 1}}'}
EOF
for t in d1 c1 self once1; do
	refused 204 'probably an cyclic dep or infinite loop' \
	    "D-9: a cycle ($t)" $t
	like "$err" "prun: at $at:" "D-9: the place ($t)"
done
run timeout 60 "$PRUN" -s down N=5
is "$status" 0 'D-9: a recursion that ends is none'
is "$(echo "$out" | tr '\n' ' ')" '5 4 3 2 1 0 ' 'D-9: and runs to its end'

# ---- includes ----
taskfile <<-'EOF'
version: '3'
includes:
  lib: ./lib
tasks: {a: touch ran}
EOF
refused 100 "No Taskfile found at \"$work/t/lib\"" 'a missing include' a
like "$err" "prun: at $at:3:3" 'a missing include: the place'
mkdir lib
printf 'version: "3"\nincludes: {up: ..}\n' >lib/Taskfile.yml
refused 110 'include cycle detected between' 'an include cycle' a
like "$err" "prun: at $work/t/*Taskfile.yml:?:?" 'an include cycle: the place'
printf 'version: "3"\ntasks:\n  b: [\n' >lib/Taskfile.yml
refused 109 'prun: at lib/Taskfile.yml:4:1' 'broken YAML in an include' a
printf 'version: "3"\ntasks:\n  b: {cmds: 1}\n' >lib/Taskfile.yml
refused 102 "file: $work/t/lib/Taskfile.yml:3" 'a bad include' a
printf 'version: "3"\nnonsense: 1\ntasks: {b: touch ran}\n' >lib/Taskfile.yml
run prun lib:b
is "$status" 0 'an unknown key is passed over, as by go-task'

# ---- commands that do not exist ----
taskfile <<-'EOF'
version: '3'
tasks:
  word: no-such-command
  path: ./no-such-file
  shell: no-such-command | cat; exit 3
  noexec: ./Taskfile.yml
  syntax: 'echo "${"'
  all:
    deps: [word, good]
  good: touch good
EOF
run prun word
is "$status" 201 'no such command: exit status 201'
like "$err" '"no-such-command": executable file not found in $PATH' \
    'no such command: the name'
run prun -x word
is "$status" 127 'no such command: 127 with -x'
run prun path
is "$status" 201 'no such file: exit status 201'
like "$err" "stat $work/t/no-such-file: no such file or directory" \
    'no such file: its name'
run prun shell
is "$status" 201 'in a script: what the script says counts'
like "$err" 'no-such-command: command not found' 'in a script: the name'
run prun -x noexec
is "$status" 127 'a file that is no program: 127 with -x'
like "$err" 'permission denied' 'a file that is no program: why'
run prun syntax
is "$status" 201 'a script that cannot be parsed'
run prun all
is "$status" 201 'beside others: exit status 201'
[ -e good ]
ok $? 'beside others: they run to their end'

done_testing
