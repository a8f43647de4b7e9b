#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# What prun says in its own words, where go-task's are no use to anybody: usage,
# help, files that are not there, keys with a letter missing.  Under the
# name task all is as it was: tests/cli/messages.sh, options.sh.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
mkdir "$work/bin" empty
ln -s "$PRUN" "$work/bin/task"

# says STATUS LINE NAME WORD…: one line on stderr, nothing on stdout.
says()
{
	want="$1||$2" name=$3
	shift 3
	run prun "$@"
	is "$status|$out|$err" "$want" "$name"
}

says 2 'prun: unknown flag --lsit; did you mean --list? (prun --help)' \
    'two letters that changed places' --lsit
says 2 'prun: unknown flag --parrallel; did you mean --parallel? (prun --help)' \
    'a letter too many' --parrallel
says 2 'prun: unknown flag --qqqqqqqq (prun --help)' 'nothing is near' \
    --qqqqqqqq
says 2 'prun: unknown flag -Q (prun --help)' 'a letter' -sQ
says 2 'prun: --concurrency wants a whole number, not "x" (prun --help)' \
    'a number' -C x
says 2 'prun: --interval wants a time (300ms, 5s, 2m), not "soon" (prun --help)' \
    'a time' -I soon
says 2 'prun: --color wants true or false, not "maybe" (prun --help)' \
    'a truth' --color=maybe
says 2 'prun: --dir needs a value: where to look for the Taskfile, and to run it (prun --help)' \
    'a value that is missing' --dir
says 1 'prun: -j is --json, and only applies to --list or --list-all; for a number of jobs write -j2 or -C 2' \
    '-j with a number' -j 2 a
says 1 'prun: --json only applies to --list or --list-all' '-j alone' -j
says 1 "prun: You can't set both --global and --dir" 'what excludes itself' \
    -g -d .

cd empty || exit 1
says 100 'prun: no Taskfile here or above; prun --init writes one' \
    'no Taskfile'
says 100 'prun: no Taskfile at "x.yml"; prun --init writes one' \
    'none of that name' -t x.yml
says 100 "prun: no Taskfile in \"$PWD\" or above; prun --init writes one" \
    'none in that folder' -d "$PWD"
run "$work/bin/task"
like "$err" 'task: No Taskfile found at ""*' 'under the name task as ever'
cd .. || exit 1

# --help: on stdout, in 80 columns, what is used most first.
run prun --help
is "$status|$err" '0|' '--help is what was asked for: stdout'
is "$(printf '%s\n' "$out" | grep -cE '^  (-., |    )--[a-z]')" 12 \
    'what is used most'
like "$out" '*prun --help all*running, what, output, looking, git, remote, setup' \
    'and where the rest is'
unlike "$out" '*default true*' 'no values of flags'
for topic in '' all running what output looking git remote setup; do
	# shellcheck disable=SC2086 # none at all
	run prun --help $topic
	is "$status|$(printf '%s\n' "$out" | awk 'length > 80')" '0|' \
	    "--help $topic: 80 columns"
	[ "$topic" = '' ] || printf '%s\n' "$out" |
	    grep -oE '^  (-., |    )--[a-z-]+' >"of.${topic}"
done
cat of.running of.what of.output of.looking of.git of.remote of.setup |
    sort >parts
is "$(sort of.all)" "$(cat parts)" 'the topics are all there is, each flag once'
says 2 'prun: --help knows no topic "nothing" (prun --help)' 'no such topic' \
    --help nothing
run "$work/bin/task" --help
is "$out" '' 'under the name task it is on stderr'
like "$err" '*Options:*--cacert string*' 'in one list'

# Keys that look like known ones.
mkdir inc
cat >inc/Taskfile.yml <<'EOT'
version: '3'
tasks: {a: {desciption: x, cmds: [echo inc]}}
EOT
taskfile <<'EOT'
version: '3'
includes: {inc: ./inc}
tasks:
  a: {paralel: true, sorces: [x], cmds: [echo a]}
  b: {x-own: 1, zzzzzz: 2, cmds: ['"$PRUN" a']}
EOT
run prun -s a
is "$err" '' 'with --silent nothing is said of keys'
run prun a
is "$status|$out" '0|a' 'an unknown key does not fail a run'
is "$(printf '%s\n' "$err" | grep -c 'unknown key')" 2 \
    'a known key is near: said once for each file'
like "$err" '*Taskfile.yml:4:7: unknown key "paralel" (task a); did you mean "parallel"[?] (prun --lint)*' \
    'where it is and what was meant'
run "$work/bin/task" a
unlike "$err" 'unknown key' 'under the name task as ever'
PRUN=$PRUN run prun b
is "$(printf '%s\n' "$err" | grep -c 'unknown key')" 2 \
    'a run inside of a run does not say it again'
run prun --list-all
unlike "$err" 'unknown key' 'a listing does not'

# Watching what cannot change.
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  none: echo none
  some: {sources: [Taskfile.yml], cmds: [echo some]}
  calls: [{task: some}]
EOT
mkfifo said
for name in none calls; do
	"$PRUN" --watch "$name" >said 2>"err.$name" &
	watcher=$!
	head -n 1 said >first
	kill "$watcher"
	wait "$watcher"
done
like "$(cat err.none)" '*prun: none has no sources: no change will start it again*' \
    'a task without sources is named'
unlike "$(cat err.calls)" 'has no sources' 'not one that calls a task with some'
done_testing
