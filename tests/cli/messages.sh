#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2119,SC2154 # lib.sh; text for shells
# The messages M-01 to M-98, word for word, with their streams and statuses.
# tests/parity/messages.md says where each of them is tested.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
mkdir "$work/bin"
ln -s "$PRUN" "$work/bin/task"
task()
{
	"$work/bin/task" "$@"
}

# says STATUS OUT ERR NAME WORD…: one run, all of what it says.
says()
{
	want_status=$1 want_out=$2 want_err=$3 name=$4
	shift 4
	run task "$@"
	is "$status
$out
$err" "$want_status
$want_out
$want_err" "$name"
}

# refuses LINE NAME WORD…: exit 2, usage and then the line.
refuses()
{
	want=$1 name=$2
	shift 2
	run task "$@"
	is "$status|$out|$(printf '%s\n' "$err" | sed -n '$p')" "2||$want" "$name"
	like "$err" '--list-all' "$name: behind the usage (C-054)"
}

refuses 'unknown flag: --nope' 'M-01' --nope
refuses "unknown shorthand flag: 'Z' in -Z" 'M-02' -Z
refuses "unknown shorthand flag: 'Z' in -Zx" 'M-02 in a group' -sZx
refuses 'flag needs an argument: --dir' 'M-03' --dir
refuses "flag needs an argument: 'C' in -C" 'M-03 of a letter' -sC
refuses 'invalid argument "x" for "-C, --concurrency" flag: strconv.ParseInt: parsing "x": invalid syntax' \
    'M-04' -C x
refuses 'invalid argument "maybe" for "-c, --color" flag: strconv.ParseBool: parsing "maybe": invalid syntax' \
    'M-05' --color=maybe
refuses 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"' \
    'M-06' --timeout 5
refuses 'invalid argument "x5" for "--timeout" flag: time: invalid duration "x5"' \
    'M-06 of no number' --timeout x5

# Taskfiles that cannot be read
says 100 '' 'task: No Taskfile found at "nope.yml" Run `task --init` to create a new Taskfile.' \
    'M-10 with -t' -t nope.yml
says 100 '' 'task: No Taskfile found at "" (or any of the parent directories). Run `task --init` to create a new Taskfile.' \
    'M-10 of the search' a
echo 'tasks: {}' >none.yml
says 107 '' "task: Missing schema version in Taskfile \"$PWD/none.yml\"" \
    'M-11' -t none.yml
echo "version: '2'" >old.yml
says 107 '' "task: Invalid schema version in Taskfile \"$PWD/old.yml\":
Schema version (2.0.0) no longer supported. Please use v3 or above" \
    'M-13' -t old.yml
echo "version: '99'" >new.yml
says 107 '' "task: Invalid schema version in Taskfile \"$PWD/new.yml\":
Schema version (99.0.0) is greater than the current version of Task (3.54.0)" \
    'M-14' -t new.yml
printf "version: '3'\ntasks: {x: \n" >bad.yml
run task -t bad.yml
is "$status" 109 'M-15'
like "$err" 'task: Failed to parse bad.yml:
yaml: line' 'M-15 has the path from here'
printf "version: '3'\ntasks:\n  a: {cmds: 1}\n" >shape.yml
run task -t shape.yml
is "$status" 102 'M-16'
like "$err" "err:  *
file: $PWD/shape.yml:3:" 'M-16 has the place'
like "$err" '> 3 | ' 'M-16 shows the line'
printf "version: '3'\nincludes: {b: ./b.yml}\n" >a.yml
printf "version: '3'\nincludes: {a: ./a.yml}\n" >b.yml
run task -t a.yml
is "$status" 110 'M-17'
like "$err" 'task: include cycle detected between' 'M-17 says so'

# Remote Taskfiles; more in tests/cli/remote_*.sh
says 105 '' 'task: Taskfile "http://localhost:1/t.yml" cannot be downloaded over an insecure connection. You can override this by using the --insecure flag' \
    'M-22' -t http://localhost:1/t.yml
says 106 '' 'task: Taskfile "https://localhost:1/t.yml" was not found in the cache. Remove the --offline flag to use a remote copy or download it using the --download flag' \
    'M-23' -t https://localhost:1/t.yml --offline
says 103 '' 'task: Download of "https://localhost:1/t.yml" failed' \
    'M-20' -t https://localhost:1/t.yml

taskfile <<'EOT'
version: '3'
tasks:
  default: {desc: D, aliases: [d], cmds: [echo x]}
  fail: exit 7
  deps: {deps: [fail]}
  int: {internal: true}
  x1: {aliases: [same]}
  x2: {aliases: [same]}
  req: {requires: {vars: [A, {name: B, enum: [x, y]}]}}
  ask: {prompt: 'sure?', cmds: [echo p]}
  pre: {preconditions: [{sh: 'false', msg: M}]}
  pre2: {preconditions: ['false']}
  slow: {cmds: [{cmd: sleep 30, timeout: 50ms}]}
  cyc: {cmds: [{task: cyc}]}
  up: {status: ['true'], cmds: [echo u]}
  badm: {method: foo, sources: ['*'], cmds: [echo]}
  badr: {run: foo, cmds: [echo]}
  nf: nosuchprogram
  tmpl: echo {{.X | nofunc}}
  boom: echo {{fail "boom"}}
  syn: 'echo "'
  setb: {set: [zzz], cmds: [echo]}
  shb: {shopt: [zzz], cmds: [echo]}
  dir: {dir: /proc/nope/x, cmds: [echo on]}
  shv: {vars: {V: {sh: exit 3}}, cmds: ['echo {{.V}}']}
  dyn: {silent: true, vars: {V: {sh: 'printf "a\"b"'}}, cmds: ['echo {{.V}}']}
  env: {dotenv: [bad.env], cmds: [echo]}
  ign: {ignore_error: true, cmds: [exit 3]}
  igc: {cmds: [{cmd: exit 3, ignore_error: true}]}
  igt: {cmds: [{task: fail, ignore_error: true}]}
  dfr: {cmds: [{defer: exit 4}, echo a]}
  plt: {platforms: [windows], cmds: [echo]}
  plc: {cmds: [{cmd: echo, platforms: [windows]}]}
  iff: {if: 'false', cmds: [echo]}
  ifc: {cmds: [{cmd: echo, if: 'false'}]}
  st: {status: ['true', 'false'], cmds: [echo]}
  once: {run: once, cmds: [echo o]}
  twice: {deps: [once], cmds: [{task: once}]}
EOT
list='task: Available tasks for this project:
* default:       D      (aliases: d)'

says 200 "$list" 'task: Task "zzzzzz" does not exist' 'M-30, M-53' zzzzzz
says 200 "$list" 'task: Task "defaul" does not exist. Did you mean "default"?' \
    'M-30 with a suggestion' defaul
says 201 '' 'task: [fail] exit 7
task: Failed to run task "deps": task: Failed to run task "fail": exit status 7' \
    'M-31, M-40, M-47' deps
says 202 '' 'task: Task "int" is internal' 'M-32' int
says 203 '' 'task: Found multiple tasks (x1, x2) that match "same"' 'M-33' same
says 205 '' 'task: Failed to run task "ask": task: Task "ask" cancelled because it has a prompt and the environment is not a terminal. Use --yes (-y) to run anyway.' \
    'M-34' ask
says 206 '' 'task: Task "req" cancelled because it is missing required variables: A, B (allowed values: [x y])' \
    'M-35' req
says 207 '' "task: Task \"req\" cancelled because it is missing required variables:
  - B has an invalid value : 'z' (allowed values : [x y])" 'M-36' req A=1 B=z
says 208 '' 'task: [slow] sleep 30
task: Failed to run task "slow": task: [slow] command timeout exceeded (50ms)' \
    'M-38' slow
run task cyc
is "$status" 204 'M-39: a cycle'
like "$err" 'Maximum task call exceeded' 'M-39'
says 0 '' 'task: Task "up" is up to date' 'M-41' up
says 1 '' 'task: Task "fail" is not up-to-date' 'M-42' --status up fail
says 201 '' 'task: M
task: Failed to run task "pre": task: precondition not met' 'M-43, M-44' pre
says 201 '' 'task: `false` failed
task: Failed to run task "pre2": task: precondition not met' \
    'M-44 without a text of its own' pre2
says 201 '' 'task: Failed to run task "badm": task: invalid method "foo"' \
    'M-45' badm
says 201 '' 'task: Failed to run task "badr": task: invalid run "foo"' 'M-46' badr
says 201 '' 'task: [nf] nosuchprogram
"nosuchprogram": executable file not found in $PATH
task: Failed to run task "nf": exit status 127' 'M-48' nf
says 1 '' 'task: output style "loud" not recognized' 'M-49' -o loud
says 0 'sure? [assuming yes]
p' 'task: [ask] echo p' 'M-50 with --yes' -y ask
says 0 "$list" '' 'M-53' -l
printf "version: '3'\ntasks: {a: echo}\n" >plain.yml
says 1 'task: No tasks with description available. Try --list-all to list all tasks' \
    '' 'M-54' -t plain.yml -l
echo "version: '3'" >empty.yml
says 1 'task: No tasks available' '' 'M-55' -t empty.yml -a
says 101 '' 'task: A Taskfile already exists' 'M-12' --init
says 0 'Taskfile created: made.yml' '' 'M-56' --init made.yml
GITHUB_ACTIONS=true says 201 "::error title=Task 'fail' failed::exit status 7" \
    'task: [fail] exit 7
task: Failed to run task "fail": exit status 7' 'M-57' fail
GITHUB_ACTIONS=1 says 202 '::error title=Task failed::task: Task "int" is internal' \
    'task: Task "int" is internal' 'M-57 of no task' int
NO_COLOR='' FORCE_COLOR=1 GITHUB_ACTIONS=1 run task int
is "$out" '::error title=Task failed::task: Task "int" is internal' \
    'M-57 starts its line, coloured or not (C-195)'

# -v
says 0 x 'task: "default" started
task: [default] echo x
task: "default" finished' 'M-60, M-61' -v
says 201 '' 'task: "deps" started
task: "fail" started
task: [fail] exit 7
task: "fail" failed: exit status 7
task: Failed to run task "deps": task: Failed to run task "fail": exit status 7' \
    'M-62' -v deps
run task -v twice
like "$err" "task: skipping execution of task: $PWD/Taskfile.yml:once" 'M-63'
says 0 'task: if condition not met - skipped: "iff"' '' 'M-64' -v iff
run task -v ifc
is "$out" 'task: [ifc] if condition not met - skipped' 'M-65'
run task -v st
is "$(printf '%s\n' "$out" | sed -n '1,2p')" \
    'task: status command true exited zero
task: status command false exited non-zero: exit status 1' 'M-66, M-67'
run task -v igc
like "$err" 'task: [[]igc] command error ignored: exit status 3' 'M-68'
run task -v igt
like "$err" 'task: [[]igt] task error ignored: task: Failed to run task "fail": exit status 7' \
    'M-68 of a call'
run task -v ign
like "$err" 'task: task error ignored: exit status 3' 'M-69'
run task -v dfr
like "$err" 'task: ignored error in deferred cmd: exit status 4' 'M-70'
run task -v plt
is "$out" 'task: "plt" not for current platform - ignored' 'M-72'
run task -v plc
is "$out" 'task: [plc] echo not for current platform - ignored' 'M-73'
run task -v dyn
like "$err" 'task: dynamic variable: "printf \\"a\\\\\\"b\\"" result: "a\\"b"' \
    'M-79'
printf '%s\n' "version: '3'" 'dotenv: [none.env]' \
    'vars: {V: {sh: "echo v; echo x >>dyn.log"}}' \
    "tasks: {a: 'echo {{.V}}'}" >dyn.yml
run task -v -t dyn.yml a
like "$err" 'task: dynamic variable: "echo v; echo x >>dyn.log" result: "v"
task: "a" started' 'M-79, L-117 with a root dotenv, where it runs'
is "$(cat dyn.log)" x 'and it runs once for paths and tasks (L-089)'
run task -v -t dyn.yml -a
is "$err" 'task: dynamic variable: "echo v; echo x >>dyn.log" result: "v"' \
    'M-79 where nothing runs'

# what a task cannot be prepared with
echo 'a b' >bad.env
run task env
is "$status" 1 'M-84 of a task'
printf "version: '3'\ndotenv: [bad.env]\ntasks: {a: echo}\n" >env.yml
run task -t env.yml a
is "$status" 1 'M-84 of the file'
like "$err" "error reading env file $PWD/bad.env: " 'M-84'
says 1 '' 'task: Command "exit 3" failed: exit status 3' 'M-85' shv
mkdir inc
printf "version: '3'\ndotenv: [x]\n" >inc/Taskfile.yml
printf "version: '3'\nincludes: {i: ./inc}\n" >with.yml
says 1 '' "task: Included Taskfiles can't have dotenv declarations. Please, move the dotenv declaration to the main Taskfile" \
    'M-86' -t with.yml a
printf "version: '3'\n" >inc/Taskfile.yml
printf "version: '3.1'\nincludes: {i: ./inc}\n" >with.yml
says 1 '' 'task: Taskfiles versions should match. First is "3.1.0" but second is "3.0.0"' \
    'M-87' -t with.yml a
printf "version: '3'\ntasks: {a: echo}\n" >inc/Taskfile.yml
printf "version: '3'\nincludes: {i: {taskfile: ./inc, flatten: true}}\ntasks: {a: echo}\n" \
    >with.yml
says 203 '' 'task: Found multiple tasks (a) included by "i""' 'M-88' -t with.yml a
run task setb
is "$status" 201 'M-89'
like "$err" 'task: Failed to run task "setb": invalid option: "zzz"' 'M-89'
run task shb
like "$err" 'task: Failed to run task "shb": invalid option name: "zzz"' 'M-89'
TASK_X_GENTLE_FORCE=2 says 0 x \
    'task: Experiment "GENTLE_FORCE" has an invalid value 2 (allowed values: 1)' \
    'M-90' -s
TASK_X_MAP_VARIABLES=1 says 0 x \
    'task: Experiment "MAP_VARIABLES" is released and no longer needs to be enabled' \
    'M-91' -s
says 1 '' 'unknown shell: tcsh' 'M-93' --completion tcsh
says 1 '' 'template: :1: function "nofunc" not defined' 'M-94' tmpl
run task boom
like "$err" 'executing "" at <fail "boom">: error calling fail: boom' \
    'M-94 of a function'
run task syn
is "$status" 201 'M-95'
like "$err" '1:6: reached EOF without closing quote `"`' 'M-95'
run task dir
like "$err" 'task: cannot make directory "/proc/nope/x": mkdir /proc/nope: ' \
    'M-96'
printf 'remote: {headers: [{host: "localhost:1", headers: {"a b": x}}]}\n' \
    >.taskrc.yml
says 1 '' 'remote headers for host "localhost:1": invalid header name "a b"' \
    'M-98' -t https://localhost:1/t.yml
rm .taskrc.yml

# Signals: three of them, each when the one before was told
taskfile sig/Taskfile.yml <<-'EOT'
	version: '3'
	tasks:
	  a: {cmds: [sh job.sh]}
EOT
cat >sig/job.sh <<-'EOT'
	trap '' INT TERM
	echo ready
	exec sleep 30
EOT
cd sig || exit 1
"$work/bin/task" -s a >out 2>err &
pid=$!
wait_for grep -q ready out
kill -TERM $pid
wait_for grep -q 'Signal received: "terminated"' out
kill -HUP $pid
wait_for grep -q 'Signal received: "hangup"' out
kill -TERM $pid
wait $pid
is "$?" 143 'a signal ends a run with its number (D-5)'
is "$(cat out)" 'ready
task: Signal received: "terminated"
task: Signal received: "hangup"' 'M-80'
like "$(cat err)" 'task: Signal received for the third time: "terminated". Forcing shutdown' \
    'M-81'
cd .. || exit 1

# Questions need a terminal
if command -v python3 >/dev/null; then
	cat >dialogue <<-'EOT'
		< sure? [y/N]: 
		> n\r
		< task: Failed to run task "ask": task: Task "ask" cancelled by user
	EOT
	run python3 "$abs_srcdir/tests/cli/terminal.py" dialogue \
	    "$work/bin/task" ask
	is "$status" 205 'M-37, M-50'
	cat >dialogue <<-'EOT'
		< sure? [y/N]: 
		> Yes\r
		< p
	EOT
	run python3 "$abs_srcdir/tests/cli/terminal.py" dialogue \
	    "$work/bin/task" ask
	is "$status" 0 'M-50 answered with yes'
else
	skip 'M-37, M-50' 'no python3'
fi

# The page that lists them lists all, and files that are there.
index=$abs_srcdir/tests/parity/messages.md
awk '/^\| M-/ {
	split($0, cell, "|")
	text = cell[2]
	if (match(text, /M-[0-9]+ to M-[0-9]+/)) {
		split(text, end, /M-| to /)
		for (n = end[2]; n <= end[4] + 0; n++) print n + 0
	} else
		while (match(text, /M-[0-9]+/)) {
			print substr(text, RSTART + 2, RLENGTH - 2) + 0
			text = substr(text, RSTART + RLENGTH)
		}
}' "$index" | sort -n | uniq | tr '\n' ' ' >listed
for n in $(seq 1 6; seq 10 17; seq 20 25; seq 30 57; seq 60 98); do
	printf '%s ' "$n"
done >want
is "$(cat listed)" "$(cat want)" 'messages.md has all numbers'
grep -o '`[a-z]*/[^`]*`' "$index" | tr -d '`' | sort -u |
    while read -r file; do
	[ -f "$abs_srcdir/$file" ] || echo "$file"
done >missing
is "$(cat missing)" '' 'and its files exist'
# number and files of each row, a row of several numbers as often
awk -F'|' '/^\| M-/ {
	files = ""
	text = $4
	while (match(text, /`[a-z]+\/[^`]*`/)) {
		files = files " " substr(text, RSTART + 1, RLENGTH - 2)
		text = substr(text, RSTART + RLENGTH)
	}
	text = $2
	last = -1
	while (match(text, /M-[0-9]+/)) {
		n = substr(text, RSTART + 2, RLENGTH - 2) + 0
		if (last >= 0 && substr(text, 1, RSTART) ~ / to /)
			while (++last < n) printf "M-%02d%s\n", last, files
		printf "M-%02d%s\n", n, files
		last = n
		text = substr(text, RSTART + RLENGTH)
	}
}' "$index" >rows
while read -r number files; do
	# shellcheck disable=SC2086 # a word each
	[ -z "$files" ] || (cd "$abs_srcdir" && cat $files) |
	    grep -qE "$number([^0-9]|\$)" || echo "$number"
done <rows >untold
is "$(cat untold)" '' 'each number stands in a file that is named for it'

done_testing
