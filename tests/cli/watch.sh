#!/bin/sh
# SPDX-License-Identifier: MIT
# Watch mode: what starts a task again, what ends it, what is said.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_watch.sh"

mkdir src lib
echo 1 >src/a.txt
echo 1 >lib/b.txt
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  one:
    sources: [src/*.txt]
    cmds: ['echo one >>$log']
  two:
    sources: [lib/*.txt]
    cmds: ['echo two >>$log']
  caller:
    deps: [one]
    cmds: [{task: two}, 'echo caller >>$log']
  deep:
    sources: ['**/*.txt']
    cmds: ['echo deep >>$log']
  value:
    vars: {V: {sh: cat src/a.txt}}
    sources: [src/*.txt]
    cmds: ['echo {{.V}} >>$log']
  bad:
    sources: [src/*.txt]
    cmds: ['echo bad >>$log; grep -q good src/a.txt']
  slow:
    sources: [src/*.txt]
    cmds: ['echo $$ >>$log; exec sleep 100']
  auto:
    watch: true
    sources: [src/*.txt]
    cmds: ['echo auto >>$log']
  plain: echo plain >>$log
  fails: exit 3
EOT

# ---- a task and its sources ----
watch -v -w one
told 1 "$finished"
ok $? 'C-401: a watched task runs at once'
is "$(grep -c . "$log")" 1 'C-401: once'
like "$(cat "$work/err")" 'task: Started watching for tasks: one' 'M-82'
like "$(cat "$work/out")" 'task: watching new dir: src' 'M-77: on stdout'
echo 2 >src/a.txt
ran 2
ok $? 'C-406: a changed source starts it again'
told 2 "$finished"
like "$(cat "$work/err")" "task: received watch event: WRITE         \
\"$work/t/src/a.txt\"" 'M-74, C-413'

echo 1 >src/other.c
told 1 'skipped for file not in sources: src/other.c'
ok $? 'M-75: an event of another file is told with -v'
chmod 600 src/a.txt
echo 2 >src/other.c
told 2 'skipped for file not in sources: src/other.c'
is "$(count 'event: .*a.txt' "$work/err")" 1 'C-405: chmod is no event'
is "$(grep -c . "$log")" 2 'C-407: neither starts anything'

echo new >src/new.txt
ran 3
ok $? 'C-406: a new source starts it'
told 3 "$finished"
echo 3 >src/other.c
told 3 'skipped for file not in sources: src/other.c'
is "$(grep -c . "$log")" 3 'C-405: one new file, one run'
rm src/new.txt
ran 4
ok $? 'C-406: a removed source starts it'
told 4 "$finished"
mv src/a.txt src/a.old
ran 5
ok $? 'a source that is renamed is gone'
told 5 "$finished"
mv src/a.old src/a.txt
ran 6
ok $? 'and is back under its name'
told 6 "$finished"
rm -r src
mkdir src
echo 4 >src/a.txt
ran 7
ok $? 'C-403: a directory made anew is watched again'
ends INT
is "$status" 0 'C-410: SIGINT ends it with 0'
unlike "$(cat "$work/out")" 'Signal received' 'C-410: without a message'

# ---- deps and called tasks ----
watch -w caller
told 1 "$finished"
echo 5 >src/a.txt
ran 5
ok $? 'C-403: the sources of deps count'
told 2 "$finished"
echo 5 >lib/b.txt
ran 7
ok $? 'C-403: and those of called tasks'
told 3 "$finished"
is "$(tr '\n' , <"$log")" one,two,caller,one,caller,two,caller, \
    'C-408: what is up to date is not run'
ends TERM
is "$status" 0 'C-410: SIGTERM too'

# ---- two tasks, a failing one ----
watch -w one bad
told 1 'task: Failed to run task "bad": exit status 1'
ok $? 'C-402: a failure is told'
like "$(cat "$work/err")" 'for tasks: one, bad' 'M-82: all names'
told 1 "$finished"
ok $? 'C-402: the other task goes its way'
echo good >src/a.txt
# M-83
told 1 'task: task "bad" finished running'
ok $? 'C-402: watching goes on after a failure'
told 2 'task: task "one" finished running'
ok $? 'C-402: each says that it has finished'
ends INT
is "$status" 0 'C-410: 0, whatever failed'

# ---- dynamic variables ----
echo first >src/a.txt
watch -w value
told 1 "$finished"
echo second >src/a.txt
wait_for grep -q second "$log"
ok $? 'C-407: dynamic variables are computed anew'
ends INT

# ---- cancelling ----
watch -w slow
ran 1
first=$(cat "$log")
echo 6 >src/a.txt
ran 2
ok $? 'C-407: a change does not wait for the command'
kill -0 "$first" 2>/dev/null
isnt $? 0 'C-407: the command that ran was ended'
echo 7 >src/unrelated
echo 7 >src/a.txt
ran 3
last=$(tail -n 1 "$log")
is "$(grep -c . "$work/err")" 1 'C-402: and nothing is said of it'
ends INT
is "$status" 0 'C-410: 0 while a command runs'
kill -0 "$last" 2>/dev/null
isnt $? 0 'never-event 24: nothing is left behind'

# ---- ignored (M-76) and new directories ----
mkdir node_modules
echo 1 >node_modules/x.txt
watch -v -w deep
told 1 "$finished"
echo 2 >node_modules/x.txt
echo 2 >src/unrelated
told 1 'not in sources: src/unrelated'
unlike "$(cat "$work/out")" 'dir: node_modules' 'C-404: it is not watched'
is "$(grep -c . "$log")" 1 'C-404: what lies there is no source'
mkdir src/below
told 1 'not in sources: src/below'
echo 1 >src/below/c.txt
ran 2
ok $? 'C-403: a new directory is found'
ends INT

# ---- watch: true ----
watch plain auto
told 1 'Started watching for tasks: auto'
told 1 'task: task "auto" finished running'
is "$(tr '\n' , <"$log")" plain,auto, \
    'C-400: tasks without it are run first, and once'
echo 8 >src/a.txt
ran 3
ok $? 'C-400: `watch: true` is enough'
told 2 'task: task "auto" finished running'
ends INT
is "$status" 0 'C-410: it ends with 0 as well'
is "$(cat "$work/out")" 'task: Signal received: "interrupt"' \
    'C-410, M-80: and says of what'
run timeout 20 "$PRUN" fails auto
is "$status" 201 'C-400: a failure before it ends the program'
unlike "$err" 'Started watching' 'C-400: and nothing is watched'
run timeout 20 "$PRUN" -w nope
is "$status" 200 'C-411: an unknown task'
run prun one
run timeout 20 "$PRUN" --status --watch one
is "$status" 0 'C-085: --status looks once'
unlike "$err" 'Started watching' 'C-085: and watches nothing'

done_testing
