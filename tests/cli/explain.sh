#!/bin/sh
# SPDX-License-Identifier: MIT
# P-507: --explain says why a task would run or be skipped, and changes nothing.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile <<-'EOF'
version: '3'
vars: {V: one}
tasks:
  build:
    deps: [gen]
    sources: [src/*]
    generates: [out]
    env: {NAME: value}
    cmds: ['cat src/* > out; : {{.V}}']
  gen: {status: [test -e gen.done], cmds: [touch gen.done]}
  always: echo hello
  never: {if: 'false', cmds: [echo no]}
EOF
mkdir src
echo a >src/a
state_sum()
{
	find . "$XDG_STATE_HOME" -path ./src -prune -o -type f -exec cksum {} + \
	    2>/dev/null | sort -k3
}
# explains PATTERN NAME [ARG…]
explains()
{
	pattern=$1 name=$2
	shift 2
	before=$(state_sum)
	run prun --explain "${1:-build}"
	is "$status" 0 "$name: exit status"
	like "$out" "$pattern" "$name"
	is "$(state_sum)" "$before" "$name: no state is changed"
}
explains 'build would run:*- never run' 'the first time'
like "$out" 'gen would run:*status fails: test -e gen.done' 'and its dep'
run prun build
explains 'build is up to date' 'after success'
like "$out" 'gen is up to date' 'and its dep'
echo b >src/b
explains 'src/b' 'a file is added'
run prun build
echo c >src/b
explains 'changed*src/b' 'a file is changed'
run prun build
rm src/b
explains 'src/b' 'a file is removed'
run prun build
sed 's/V: one/V: two/' Taskfile.yml >new && mv new Taskfile.yml
explains 'V' 'a variable is changed'
run prun build
sed 's/NAME: value/NAME: other/' Taskfile.yml >new && mv new Taskfile.yml
explains 'NAME' 'the environment is changed'
unlike "$out" other 'by its name only'
run prun build
rm out
explains 'out' 'an output is missing'
explains 'always would run:*no sources and no status' 'nothing to go by' always
explains 'never would be skipped: if: false' 'a condition' never
printf "version: '3'\ntasks: {note: {status: ['# holds'], cmds: [x]}}\n" |
    taskfile note.yml
run prun -t note.yml --explain note
is "$out" 'note is up to date' 'P-507 a status that is a comment holds'
taskfile <<-'EOT'
version: '3'
tasks:
  s:
    vars: {KEY: {value: sekrit-0815, secret: true}}
    sources: [src/*]
    generates: ['{{.KEY}}']
    status: ['test x{{.KEY}} = y']
    cmds: ['true {{.KEY}}']
  c:
    vars: {KEY: {value: sekrit-0815, secret: true}}
    if: 'test x{{.KEY}} = y'
    cmds: [echo no]
EOT
run prun --explain s
like "$out" 'status fails: test x\*\*\*\*\* = y' '32: a status command is shown'
unlike "$out" sekrit '32: without its secret'
run prun --explain c
like "$out" 'if: test x\*\*\*\*\* = y' '32: a condition as well'
run prun --explain nothing
is "$status" 200 'an unknown task'

done_testing
