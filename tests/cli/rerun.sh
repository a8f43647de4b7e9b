#!/bin/sh
# SPDX-License-Identifier: MIT
# The command that runs again what failed or was skipped, and just that (P-106).
. "${abs_srcdir:-.}/tests/cli/lib.sh"

# again: runs what the last run proposed
again()
{
	command=$(printf '%s\n' "$err" | sed -n 's/^prun: run these again: //p')
	run sh -c "$command"
}

mkdir 'a folder'
taskfile 'a folder/my file.yml' <<'EOT'
version: '3'
silent: true
tasks:
  all: {deps: [good, lint, use, 'odd name; true', each]}
  good: echo good
  lint: {deps: [lint-a, lint-b]}
  lint-a: echo lint-a; test -e fixed
  lint-b: echo lint-b
  gen: {run: once, cmds: ['echo gen; test -e fixed']}
  use: {deps: [gen, good], cmds: ['echo "use {{.WHO}}"']}
  also: {deps: [gen], cmds: [echo also]}
  odd name; true: echo odd; test -e fixed
  each:
    deps: [{for: [x, y], task: one, vars: {ITEM: '{{.ITEM}}'}}]
  one: echo one {{.ITEM}}; test {{.ITEM}} = x || test -e fixed
  hidden: {internal: true, cmds: ['echo hidden; test -e fixed']}
  caller: {cmds: [{task: good}, {task: hidden}]}
  twice: {deps: [use, also]}
EOT
run prun -t 'a folder/my file.yml' all 'WHO=you & me'
is "$status" 201 'tasks fail'
like "$command$err" "prun: run these again: *-t *a folder/my file.yml" \
    'P-106: the command has the Taskfile'
: >'a folder/fixed'
again
is "$status" 0 'P-106: the command can be pasted'
is "$(printf '%s\n' "$out" | sort | tr '\n' ,)" \
    'gen,good,lint-a,odd,one x,one y,use you & me,' \
    'P-106: it runs what failed and what was skipped, with its variables'
rm 'a folder/fixed'

run prun -t 'a folder/my file.yml' -d 'a folder' caller
: >'a folder/fixed'
again
is "$status$out" '0good
hidden' 'P-106: an internal task is run by its caller'
rm 'a folder/fixed'

# what shares a run is told once
run prun -t 'a folder/my file.yml' twice
is "$(printf '%s\n' "$err" | grep -c ' gen (.*): exit status 1')" 1 \
    'P-106: a shared failure is told once'
is "$(printf '%s\n' "$err" | grep -cE '^ *(FAIL|✗) gen ')" 1 \
    'P-502: and is one line of the table'
for task in use also; do
	like "$err" "$task: not run, because gen failed" "P-106: $task was not run, and why"
done
like "$(printf '%s\n' "$err" | grep 'run these again')" 'gen*use*also' \
    'P-106: all of them are run again'
# the words behind the dashes are part of it, as they were
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  all: {deps: [args, good]}
  good: echo good
  args: 'for x in {{.CLI_ARGS}}; do echo "<$x>"; done; test -e fixed'
EOT
run prun all WHO=me -- -x 'two words' '' "it's" '$HOME;`x`*' --plan -- A=b \
    'two
lines'
like "$err" "run these again: *'WHO=me' args -- -x " \
    'P-106: what stands behind -- comes last'
printf "%s\n" "$err" | sed -n "s,^prun: run these again: ,,p" >"$work/again"
: >fixed
if command -v bash >/dev/null; then
	run bash "$work/again"
	is "$status$out" '0<-x>
<two words>
<>
<it'"'"'s>
<$HOME;`x`*>
<--plan>
<-->
<A=b>
<two
lines>' 'P-106: each word as it was'
fi
rm fixed
run prun all
unlike "$(printf '%s\n' "$err" | grep 'run these again')" '--' \
    'P-106: no dashes where there were none'
run prun all --
is "$(printf '%s\n' "$err" | grep -c 'again: .* args$')" 1 'nor where nothing follows'
done_testing
