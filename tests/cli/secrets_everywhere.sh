#!/bin/sh
# SPDX-License-Identifier: MIT
# P-406, never-event 32: runs of every kind with secrets from everywhere, and
# then each thing that they have left, shown or started is searched for them.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

# All begin alike, so that one search finds each.  The Taskfile says so only of
# its default, the rest comes at run time.
given=hunter2-given dotted=hunter2-dotted outside=hunter2-outside
export OUTSIDE=$outside work
echo hunter2-shelled >"$work/shelled"
echo hunter2-nested >"$work/nested"

# ---- the project ----

start_repo
add_remote
mkdir inner
printf '.task/\n.env\nout-*\nsrc-*\n' >.gitignore
printf 'DOTTED=%s\n' $dotted >.env
echo x >source
taskfile <<'EOT'
version: '3'
dotenv: ['.env']
vars:
  TOKEN: {value: a-default-that-is-replaced, secret: true}
  SHELLED: {sh: 'cat "$work/shelled"', secret: true}
  PASSED: {ref: .OUTSIDE, secret: true}
env:
  DOTTED: {value: '{{.DOTTED}}', secret: true}
tasks:
  default:
    deps: [label, {task: passed, vars: {OTHER: '{{.SHELLED}}'}}]
    cmds: [{task: inner}, {task: plain}]
  plain: {desc: 'needs {{.TOKEN}}', cmds: [': {{.TOKEN}} {{.SHELLED}} {{.PASSED}} $DOTTED']}
  label:
    desc: 'makes {{.TOKEN}}'
    label: 'label {{.TOKEN}}'
    prefix: 'prefix {{.SHELLED}}'
    sources: [source, 'src-{{.TOKEN}}*']
    generates: ['out-{{.TOKEN}}', 'out-{{.SHELLED}}', 'out-{{.PASSED}}', 'out-{{.DOTTED}}']
    cmds: ['touch out-{{.TOKEN}} out-{{.SHELLED}} out-{{.PASSED}} out-$DOTTED']
  passed: {label: 'passed {{.OTHER}}', sources: [source], generates: ['out-{{.OTHER}}'], cmds: ['touch out-{{.OTHER}}']}
  qa: [{task: label}, {task: plain}]
  dir: {dir: 'out-{{.TOKEN}}-dir', cmds: [': here']}
  nodir: {dir: 'source/{{.SHELLED}}', cmds: [': here']}
  fails: {label: 'fails {{.SHELLED}}', cmds: ['exit 3']}
  last: {cmds: ['exit 3 # {{.SHELLED}}']}
  msg: {preconditions: [{sh: 'false', msg: 'wanted {{.SHELLED}}'}]}
  prompt: {prompt: 'use {{.SHELLED}}?', cmds: [': used']}
  if: {if: '[ {{.SHELLED}} = x ]', cmds: [{if: '[ {{.TOKEN}} = x ]', cmd: ': never'}]}
  defer: {cmds: [{defer: 'exit 3 # {{.SHELLED}}'}, {defer: {task: plain}}, ': done']}
  for: {cmds: [{for: ['{{.TOKEN}}', '{{.SHELLED}}'], task: 'each-{{.ITEM}}'}]}
  each-*: {sources: [source], cmds: [': {{index .MATCH 0}}']}
  unknown: {cmds: [{task: 'none-{{.SHELLED}}'}]}
  enum: {requires: {vars: [{name: TOKEN, enum: [a, b]}]}, cmds: ['true']}
  retry: {label: 'retry {{.SHELLED}}', retries: 1, cmds: ['exit 3 # {{.TOKEN}}']}
  timeout: {label: 'slow {{.SHELLED}}', cmds: [{cmd: 'sleep 60 # {{.TOKEN}}', timeout: 50ms}]}
  template: {cmds: ['{{fail .SHELLED}}']}
  variable: {vars: {X: '{{fail .SHELLED}}'}, cmds: ['echo {{.X}}']}
  question: {vars: {X: {sh: 'exit 3 # {{.SHELLED}}'}}, cmds: ['echo {{.X}}']}
  status: {status: ['[ {{.SHELLED}} = x ]'], cmds: [': {{.SHELLED}}']}
  once: {run: once, label: 'once {{.SHELLED}}', cmds: ['true']}
  changed: {run: when_changed, label: 'changed {{.SHELLED}}', cmds: ['true']}
  mutex: {mutex: 'm-{{.SHELLED}}', cmds: ['true']}
  script: {cmds: ['x={{.SHELLED}}; task:each-$x || true; task:takes X=$x & wait']}
  takes: {label: 'takes {{.X}}', cmds: [': {{.X}}']}
  inner: {cmds: ['"$PRUN" -d inner told OTHER={{.SHELLED}}', '"$PRUN" -d inner own >/dev/null 2>&1']}
  prints: {cmds: ['echo {{.TOKEN}} {{.SHELLED}} {{.PASSED}} $DOTTED; echo $DOTTED >&2; exit 3']}
  prints-inner: {cmds: ['"$PRUN" -d inner prints; exit 4']}
  commits:
    label: 'commits {{.SHELLED}}'
    commit: {message: 'with {{.SHELLED}} by {{join " " .PHASES}}', trailers: ['By: {{.TOKEN}}']}
    cmds: [{task: plain}, 'echo >>made; "$PRUN" -d inner left']
EOT
# its Taskfile does not say that OTHER is a secret, and has one that the other
# has not
taskfile inner/Taskfile.yml <<'EOT'
version: '3'
vars: {OWN: {sh: 'cat "$work/nested"', secret: true}}
tasks:
  told: {label: 'told {{.OTHER}}', sources: [Taskfile.yml], generates: ['out-{{.OTHER}}'], cmds: ['touch out-{{.OTHER}}; : {{.OTHER}}']}
  own: {cmds: ['echo {{.OWN}}']}
  prints: {cmds: ['echo {{.OWN}}; exit 5']}
  left: {label: 'left {{.OWN}}', commit: true, cmds: ['echo >>made']}
EOT
commit_all
git push -q origin main

# ---- what is searched ----

# found FOLDER…: files whose content or name has one
found()
{
	grep -rlaF -e hunter2- "$@" 2>/dev/null
	find "$@" -name '*hunter2-*' 2>/dev/null
}

# Objects of git are compressed.
found_in_git()
{
	git cat-file --batch-all-objects --batch-check='%(objecttype) %(objectname)' |
	    while read -r type id; do
		# a tree has names of files, which are the user's
		[ "$type" = tree ] && continue
		git cat-file -p "$id" | grep -aqF -e hunter2- &&
		    echo "$type $id"
	    done
	git for-each-ref | grep -aF -e hunter2-
}

# nothing_left NAME: after a run, whatever it was
nothing_left()
{
	is "$(found "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$TMPDIR" \
	    "$XDG_RUNTIME_DIR" .task inner/.task .git "$work/events" &&
	    found_in_git)" '' "P-406 $1: nothing that stays has a secret"
}

# leaves_nothing NAME WORDS…: nor does prun itself show one
leaves_nothing()
{
	_name=$1
	shift
	run timeout 60 "$PRUN" "$@" "TOKEN=$given"
	# the shell's own words about a command are not prun's
	is "$(grep -aF -e hunter2- "$work/out" "$work/err" | grep -v 'gosh:')" '' \
	    "P-406 $_name: nothing is shown"
	nothing_left "$_name"
	rm -rf .task inner/.task
	git clean -fdqx -e .env
}

# ---- the kinds of runs ----

leaves_nothing 'one by one'
is "$status" 0 'and it passes'
leaves_nothing 'side by side' -p -C 4
is "$status" 0 'and it passes'
for mode in $(modes); do
	leaves_nothing "-o $mode" -p -o "$mode" --output-group-begin 'begins {{.TASK}}'
done
leaves_nothing -v -v
leaves_nothing -n -n
leaves_nothing --dry --dry -v
leaves_nothing --events "--events=$work/events"
like "$(cat "$work/events")" '"name":"label \*\*\*\*\*"' 'its lines have the rest of the names'
for task in dir nodir fails last msg prompt if defer for unknown enum retry \
    timeout template variable question status once changed mutex script inner; do
	leaves_nothing "$task" -p "$task"
	leaves_nothing "-v $task" -v "$task" plain
done
leaves_nothing --status --status label
leaves_nothing --list --list
leaves_nothing '--list --json' --list-all --json
leaves_nothing --summary --summary label plain msg
leaves_nothing --plan --plan
for format in dot json mermaid; do
	leaves_nothing "--graph=$format" "--graph=$format"
done
leaves_nothing --explain --explain label
leaves_nothing --lint --lint

# up to date for its second time, then stale: the reasons name files
run prun label "TOKEN=$given"
run prun label "TOKEN=$given"
like "$err" 'up to date' 'P-406 what is kept without secrets tells as much'
echo y >"src-$given"
rm "out-$given"
run prun --explain label "TOKEN=$given"
like "$out" 'src-\*\*\*\*\*' 'and names what has changed'
nothing_left 'a task that is stale'
leaves_nothing 'and runs again' -v label

# what commands print is shown as they print it, and kept without
for how in '' -p '-o group' '-o tidy' '-o prefixed'; do
	# shellcheck disable=SC2086 # they are words
	run_mixed prun $how prints prints-inner plain "TOKEN=$given"
	like "$out" '' "prints $how"
	nothing_left "what a command prints, $how"
done
# a run without secrets around one that has some: its jobs may write their logs
# by themselves
taskfile outer.yml <<'EOT'
version: '3'
tasks:
  default: {deps: [below, beside]}
  below: {cmds: ['"$PRUN" -d inner prints || exit 0']}
  beside: {cmds: ['echo beside']}
EOT
for how in '' -p '-p -o group' '-p -o tidy'; do
	rm -rf "$XDG_STATE_HOME"
	# shellcheck disable=SC2086 # they are words
	run prun -t outer.yml $how
	is "$status" 0 "a run around one with secrets, $how"
	nothing_left "what a nested run prints, $how"
	like "$(cat "$XDG_STATE_HOME"/prun/*/runs/*/logs/*below.log)" '\*\*\*\*\*' \
	    "its line is in the log, $how"
done
rm outer.yml

# ---- commits, hooks, receipts ----

leaves_nothing 'a commit' commits
like "$(git log -1 --format=%B)" 'with \*\*\*\*\* by' 'its message has the rest'
leaves_nothing 'a commit, what was typed' --commit="typed $given" commits
"$PRUN" --hook install pre-push >"$work/out" 2>&1
echo more >>source
commit_all 'more'
run git push origin main
is "$status" 0 'a hook that checks'
is "$(grep -aF -e hunter2- "$work/out" "$work/err")" '' 'P-406 a hook: nothing is shown'
nothing_left 'a hook and its receipt'
rm -f .git/hooks/pre-push

# ---- watch ----

mkfifo "$work/watched"
sed 's|^  plain:|  watched: {sources: [source], cmds: [": {{.SHELLED}}; echo >\\"$work/watched\\""]}\n&|' \
    Taskfile.yml >watch.yml
"$PRUN" -t watch.yml -w watched "TOKEN=$given" >"$work/out" 2>"$work/err" </dev/null &
pid=$!
timeout 30 cat "$work/watched"
echo again >>source
timeout 30 cat "$work/watched"
kill $pid
wait $pid 2>/dev/null
is "$(grep -aF -e hunter2- "$work/out" "$work/err")" '' 'P-406 watch: nothing is shown'
nothing_left 'watch'

# ---- processes, while they run ----

if [ -r /proc/self/environ ]; then
	mkfifo "$work/ready" "$work/go"
	cat >live.yml <<'EOT'
version: '3'
vars: {SHELLED: {sh: 'cat "$work/shelled"', secret: true}, TOKEN: {value: none, secret: true}}
tasks:
  outer: {cmds: ['x={{.SHELLED}}; "$PRUN" -t live.yml inner TOKEN={{.TOKEN}} OTHER=$x']}
  inner:
    env: {HAS_IT: '{{.SHELLED}}'}
    cmds: ['x={{.SHELLED}}; echo >"$work/ready"; read -r x <"$work/go"']
EOT
	"$PRUN" -t live.yml outer "TOKEN=$given" >"$work/out" 2>&1 </dev/null &
	pid=$!
	timeout 30 cat "$work/ready"
	words='' names=''
	for p in /proc/[0-9]*; do
		cat "$p/cmdline" 2>/dev/null | tr '\0' ' ' | grep -qa -e 'hunter2-[sg]' &&
		    words="$words $(cat "$p/comm")"
		cat "$p/environ" 2>/dev/null | tr '\0' '\n' | grep -aF -e hunter2-shelled |
		    grep -qv '^HAS_IT=' && names="$names $(cat "$p/comm")"
		# whose command has it to read, and whoever that starts, no more
		[ "$(cat "$p/comm" 2>/dev/null)" != prun ] ||
		    ! cat "$p/environ" 2>/dev/null | tr '\0' '\n' |
			grep -qaF -e hunter2-shelled || names="$names prun"
	done
	is "$words" '' 'P-406 no process has it among its arguments'
	is "$names" '' 'nor in an environment, but the command that was given it'
	if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
		# shellcheck disable=SC2016 # for the other shell
		other=$(setpriv --reuid=65534 --regid=65534 --clear-groups sh -c '
		    cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null |
			tr "\0" "\n" | grep -a -e "hunter2-[s]helled"
		    find "$1" "$2" -type f -exec cat {} + 2>/dev/null |
			grep -aF -e hunter2-' sh "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR")
		is "$other" '' 'P-406 another user sees none'
	else
		skip 'what another user sees' 'not root'
	fi
	echo >"$work/go"
	wait $pid
else
	skip 'arguments and environments of processes' 'there is no /proc'
fi

done_testing
