#!/bin/sh
# SPDX-License-Identifier: MIT
# What failed or was skipped runs again, and just that, in the way of the run
# before (P-106, P-507).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
# a derived task shows only what failed (P-407)
TASK_OUTPUT=interleaved
export TASK_OUTPUT

# again: runs what the last run proposed
again()
{
	command=$(printf '%s\n' "$err" |
	    sed -n 's/^prun: run again what failed: prun/"$PRUN"/p')
	run sh -c "$command"
}

# what LINES...: the lines of output of the tasks, sorted
what()
{
	printf '%s\n' "$out" | sort | tr '\n' ,
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
like "$err" "prun: run again what failed: prun -t *a folder/my file.yml* --failed" \
    'P-106: the command has the Taskfile'
: >'a folder/fixed'
again
is "$status" 0 'P-106: the command can be pasted'
is "$(what)" 'gen,good,lint-a,odd,one y,use you & me,' \
    'P-106: it runs what failed and what was skipped, with its variables'
rm 'a folder/fixed'

run prun -t 'a folder/my file.yml' -d 'a folder' caller
: >'a folder/fixed'
again
is "$status$out" '0hidden' 'P-106: an internal task alone'
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
: >'a folder/fixed'
again
is "$(what)" 'also,gen,good,use ,' 'P-106: all of them are run again, once'

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
is "$(printf '%s\n' "$err" | sed -n 's/^prun: run again //p')" \
    'what failed: prun --failed' 'P-106: one line without variables or words'
: >fixed
again
is "$status$out" '0<-x>
<two words>
<>
<it'"'"'s>
<$HOME;`x`*>
<--plan>
<-->
<A=b>
<two
lines>' 'P-507: each word as it was'
rm fixed

# ---- what no command line could say ----

taskfile <<'EOT'
version: '3'
silent: true
tasks:
  same:
    deps:
      - {task: one, vars: {N: 1}}
      - {task: one, vars: {N: 2}}
      - {task: one, vars: {N: 2}}
  one: {label: 'one', cmds: ['echo one {{.N}}; test {{.N}} = 1 || test -e fixed']}
  deep: {cmds: [{task: middle, vars: {W: a}}, {task: middle, vars: {W: b}}, echo deep]}
  middle:
    cmds: [{task: leaf, vars: {W: '{{.W}}1'}}, {task: leaf, vars: {W: '{{.W}}2'}}]
  leaf: echo leaf {{.W}}; test {{.W}} != b1 || test -e fixed
  torn: {cmds: [{task: up}, {defer: {task: down}}, {task: leaf, vars: {W: b1}}]}
  up: echo up
  down: echo down
  checked: {sources: [src], cmds: [{task: up}, {task: leaf, vars: {W: b1}}]}
  whole: {deps: [up], cmds: ['echo whole; test -e fixed']}
  half: {deps: [up, {task: leaf, vars: {W: b1}}], cmds: [echo half]}
  qa: {cmds: [{task: l}, {task: build}, {task: t}]}
  l: echo l; test -e fixed
  build: echo build
  t: echo t; test -e fixed
  two: {deps: [l, t, build]}
  fixme: {cmds: [{task: up}, {task: 'start:x'}, {task: 'start:y'}]}
  'start:*': 'echo start {{index .MATCH 0}}; test {{index .MATCH 0}} = x || test -e fixed'
EOT
: >src
while IFS='|' read -r task words says; do
	rm -f fixed
	run prun -C 1 $task
	isnt "$status" 0 "$task fails"
	run prun --failed
	isnt "$status" 0 "$task fails again"
	: >fixed
	run prun --failed
	is "$status|$(what)" "0|$words" "P-507: $task: $says"
	run prun --failed
	is "$status|$out" '0|' "P-507: $task: and then nothing is left"
done <<'EOF'
same|one 2,one 2,|of calls of one task those that failed
deep|deep,leaf b1,leaf b2,|calls inside of calls, by their variables
torn|down,leaf b1,up,|what is torn down at the end is set up again
checked|leaf b1,up,|what would pass for up to date runs whole
whole|up,whole,|what fails by itself runs with all that it needs
half|half,leaf b1,|what was asked for does not repeat what has passed
fixme|start y,|one of the names that a wildcard has
qa-parallel|build,l,t,|a derived task, its barriers behind what failed
EOF

# in the way of the run before: side by side, and all of it
rm fixed
run prun -C 1 -o prefixed two
run prun --failed
is "$(what)" '[l] l,[t] t,' 'P-507: one failure does not hide the other'

# a part of it passes, and what is left is what failed
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  all: {deps: [a, b, c]}
  a: echo a; test -e fixed-a
  b: echo b; test -e fixed-b
  c: echo c
EOT
run prun all
: >fixed-a
run prun --failed
is "$status|$(what)" '201|a,b,' 'P-507: a part of it passes'
run prun --failed
is "$status|$(what)" '201|b,' 'P-507: then the other part is left'
: >fixed-b
run prun --failed
is "$status|$(what)" '0|b,' 'P-507: till nothing is'

# a killed run has no end: what had passed is not repeated
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  all: {cmds: [{task: a}, {task: b}, {task: c}]}
  a: echo a
  # not before it is on record that a has ended
  b: |
    echo b
    test -e fixed && exit
    until grep -qs call_end "$XDG_STATE_HOME"/prun/*/runs/*/events.jsonl; do
      sleep 0.01
    done
    kill -KILL $PPID
  c: echo c
EOT
rm -f fixed
XDG_STATE_HOME=$work/killed
export XDG_STATE_HOME
run prun all
is "$status" 137 'a run that is killed'
: >fixed
run prun --failed
is "$status|$(what)" '0|b,c,' 'P-507: a killed run goes on'

# a task that is gone
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  all: {deps: [good, bad]}
  good: echo good
  bad: 'false'
EOT
run prun all
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  all: {deps: [good, new]}
  good: echo good
  new: echo new
EOT
run prun -s --failed
is "$status|$out" '0|new' 'P-507: what took its place runs'
like "$err" 'task "bad", which failed in the last run, is gone from the Taskfile' \
    'P-507: that a task is gone is said'
taskfile <<'EOT'
version: '3'
tasks:
  all: {deps: [bad]}
  bad: 'false'
EOT
run prun all
taskfile <<'EOT'
version: '3'
tasks:
  good: echo good
EOT
run prun --failed
is "$status|$out" '200|' 'P-507: without what was asked for nothing runs'
like "$err" 'task "all" of the last run (*) is gone from the Taskfile' \
    'P-507: which is said'
# what is committed was checked as a whole (P-607)
git_repo commit
cd commit || bail_out 'no repository'
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  all: {commit: true, parallel: true, cmds: [task: lint, task: gen]}
  lint: '! grep bad source'
  gen: 'echo x >>made; test -e ../fixed'
EOT
echo good >source
: >made
git add . && git commit -q -m start
rm -f ../fixed
run prun all
is "$status" 201 'one of two fails'
git checkout -q made
: >../fixed
echo bad >>source
git commit -q -a -m 'the lint would fail now'
run prun --failed
is "$status" 0 'P-507: what failed passes now'
is "$(git log -1 --format=%s)" 'the lint would fail now' \
    'P-607: nothing is committed that was not checked'
like "$err" 'no commit was made: what had passed before was not run again' \
    'P-607: which is said'
git checkout -q made
run prun all
is "$status" 201 'and the whole fails'
run prun --failed
like "$err" '*prun: 2 calls in *' 'P-507: what is left out is not counted'
cd ..

done_testing
