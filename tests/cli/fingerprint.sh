#!/bin/sh
# SPDX-License-Identifier: MIT
# Never-events 1, 2 and 4 to 8: nothing passes for done that is not.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

# A task that stands half way has told its pid to the pipe `started` and waits
# at the pipe `gate`; this shell holds both ends of both.
mkfifo gate started
exec 8<>started 9<>gate

# half_way CMD…: starts it and waits until the task says so; its pid in $pid,
# the task's in $job.
half_way()
{
	"$@" >"$work/bg.out" 2>&1 </dev/null &
	pid=$!
	read -r job <&8
}

state_sum()
{
	find .task "$XDG_STATE_HOME" -type f -exec cksum {} + 2>/dev/null |
	    sort -k3
	# times to the nanosecond: by GNU find, or by stat of the BSDs
	{ find .task -printf '%p %T@\n' ||
	    find .task -exec stat -f '%N %Fm' {} +; } 2>/dev/null | sort
}

write_taskfile()
{
	taskfile <<-'EOT'
	version: '3'
	tasks:
	  build:
	    sources: [in]
	    cmds:
	      - echo half > out
	      - echo $$ > started; read -r word < gate; test "$word" = go
	      - cp in out
	EOT
}

# ---- 1: interrupted work ----
for sig in KILL TERM HUP; do
	rm -rf .task out
	write_taskfile
	echo 1 >in
	half_way "$PRUN" build
	kill -s "$sig" "$pid"
	wait "$pid" 2>/dev/null
	# A killed prun cannot end it, and it must not hear the next word.
	kill -s KILL "$job" 2>/dev/null
	rm gate && mkfifo gate
	exec 9<>gate
	half_way "$PRUN" build
	pass "1: after SIG$sig the task runs again"
	echo go >&9
	wait "$pid"
	is "$?" 0 "1: and ends well"
	run prun build
	like "$err$out" 'up to date' "1: and is up to date then (SIG$sig)"
done

rm -rf .task
half_way "$PRUN" build
echo stop >&9
wait "$pid"
isnt "$?" 0 '1: a failing task fails'
half_way "$PRUN" build
pass '1: after a failure the task runs again'
echo go >&9
wait "$pid"

# ---- 2: another process's unfinished work ----
echo 2 >in
half_way "$PRUN" build
first=$pid
"$PRUN" build >"$work/second" 2>&1 </dev/null &
second=$!
echo stop >&9
wait "$first"
isnt "$?" 0 '2: the first run fails'
read -r job <&8
pass '2: the second one runs the task itself'
echo stop >&9
wait "$second"
isnt "$?" 0 '2: and does not say that it was done'

# ---- 4: edits of the task ----
taskfile <<-'EOT'
version: '3'
vars: {V: one}
env: {E: one}
tasks:
  t:
    sources: [in]
    vars: {W: one}
    env: {F: one}
    cmds:
      - echo {{.V}} {{.W}} $E $F >> log
      - ./tool.sh
  'd:in':
    sources: [in]
    dir: .
    cmds: ['true']
EOT
printf '#!/bin/sh\necho 1\n' >tool.sh
chmod +x tool.sh
runs_again()
{
	run prun t
	unlike "$err$out" 'up to date' "4: $1 counts"
	run prun t
	like "$err$out" 'up to date' "4: and once only ($1)"
}
run prun t
edit()
{
	sed "$1" Taskfile.yml >new && mv new Taskfile.yml
}
edit 's/echo {{/echo . {{/'
runs_again 'an edited command'
edit 's/V: one/V: two/'
runs_again 'a variable of the file'
edit 's/W: one/W: two/'
runs_again 'a variable of the task'
edit 's/E: one/E: two/'
runs_again 'the environment of the file'
edit 's/F: one/F: two/'
runs_again 'the environment of the task'
edit 's/    cmds:/    set: [pipefail]\n    cmds:/'
runs_again 'a shell option'
echo 'echo 2' >>tool.sh
runs_again 'a program of the project'

# ---- 4: edits of what is called, however it is called ----
taskfile <<-'EOT'
version: '3'
vars: {G: one, S: {sh: 'echo ran >> sh.log; echo s'}}
tasks:
  t:
    sources: [in]
    cmds:
      - {task: a, vars: {V: one}}
      - task: loop
      - task:word
      - |
        true
        task:script && true
      - defer: {task: last}
  a:
    deps: [dep]
    cmds:
      - {task: b, vars: {W: '{{.V}}w'}}
      - 'echo {{.S}} >> log'
  b: {env: {E: one}, cmds: ['echo {{.W}} {{.G}} >> log', ./tool.sh]}
  dep: 'echo dep >> log'
  loop:
    vars: {L: {sh: 'echo x y'}}
    cmds: [{for: {var: L}, task: item, vars: {I: '{{.ITEM}}'}}]
  item: 'echo item >> log'
  word: 'echo word >> log'
  script: 'echo script >> log'
  last: 'echo last >> log'
  loops:
    sources: [in]
    cmds: [{task: less, vars: {N: 9}}]
  less:
    if: test {{.N}} -gt 0
    cmds:
      - {task: less, vars: {N: '{{sub .N 1}}'}}
      - {task: less, vars: {N: '{{sub .N 4}}'}}
EOT
run prun t
: >sh.log
run prun t
like "$err$out" 'up to date' '4: nothing changed in what is called'
is_file sh.log '' '4: and no variable of it was asked for'
edit 's/echo dep/echo dep2/'
runs_again 'a dependency of a called task'
edit 's/echo item/echo item2/'
runs_again 'a task that a loop calls'
edit 's/echo word/echo word2/'
runs_again 'a task that is called in one word'
edit 's/echo script/echo script2/'
runs_again 'a task that a script calls'
edit 's/echo last/echo last2/'
runs_again 'a deferred task'
edit 's/{V: one}/{V: two}/'
runs_again 'a variable of a call'
edit 's/{G: one,/{G: two,/'
runs_again 'a variable of the file in a called task'
edit 's/{E: one}/{E: two}/'
runs_again 'the environment of a called task'
edit 's/echo x y/echo x z/'
runs_again 'the command behind a variable of a called task'
edit 's/sh.log; echo s/sh.log; echo S/'
runs_again 'the command behind a variable of the file in a called task'
echo 'echo 3' >>tool.sh
runs_again 'a program of the project in a called task'
run prun loops
run timeout 10 "$PRUN" loops
like "$err$out" 'up to date' '4: a recursion that conditions end has an end'

# ---- 5: other variables ----
taskfile <<-'EOT'
version: '3'
tasks:
  all:
    cmds:
      - task: gen
        vars: {N: 1}
      - task: gen
        vars: {N: 2}
  one: [{task: last, vars: {N: 1}}]
  two: [{task: last, vars: {N: 2}}]
  gen:
    sources: [in]
    generates: ['out-{{.N}}']
    cmds: ['echo {{.N}} > out-{{.N}}']
  last:
    sources: [in]
    cmds: ['echo {{.N}} > out']
  cli:
    sources: [in]
    cmds: ['echo {{.N}} > out']
EOT
run prun all
is_file out-1 1 '5: the first call has its output'
is_file out-2 2 '5: the second one as well'
run prun all
is "$(printf '%s\n' "$err$out" | grep -c 'is up to date')" 2 \
    '5: both are up to date then'
for n in 1 2 1; do
	run prun cli N=$n
	is_file out $n "5: N=$n on the command line is heard"
done
for n in one:1 two:2 one:1; do
	run prun "${n%:*}"
	is_file out "${n#*:}" "5: N=${n#*:} of a call is heard without outputs"
done
run prun one
like "$err$out" 'up to date' '5: and the last one is up to date'

# ---- 6: outputs ----
taskfile <<-'EOT'
version: '3'
tasks:
  t:
    sources: [in]
    generates: ['o/*']
    cmds: [mkdir -p o, 'echo aaaa > o/a', 'echo bbbb > o/b']
EOT
run prun t
rm o/b
run prun t
is_file o/b bbbb '6: one of two outputs is made again'
touch -r o/a ref
echo aaab >o/a
touch -r ref o/a
run prun t
is_file o/a aaaa '6: an edit that keeps size and time is seen'
chmod +x o/a
run prun t
unlike "$err$out" 'up to date' '6: a changed mode is seen'
run prun t
like "$err$out" 'up to date' '6: and nothing runs without a reason'

# ---- 7: edits while the task runs ----
taskfile <<-'EOT'
version: '3'
tasks:
  early:
    sources: [in]
    cmds:
      - cp in tmp
      - echo $$ > started; read -r word < gate
      - cp tmp out
  late:
    sources: [in]
    cmds:
      - echo $$ > started; read -r word < gate
      - cp in out
EOT
echo old >in
half_way "$PRUN" early
echo new >in
echo go >&9
wait "$pid"
half_way "$PRUN" early
echo go >&9
wait "$pid"
is_file out new '7: what was read too early is read again'

echo old >in
half_way "$PRUN" late
echo new >in
echo go >&9
wait "$pid"
echo old >in
half_way "$PRUN" late
echo go >&9
wait "$pid"
is_file out old '7: what was read too late is read again'
run prun late
like "$err$out" 'up to date' '7: undisturbed it is up to date'

# ---- 8: looking changes nothing ----
echo other >in
before=$(state_sum)
for flag in --status --dry '--list' '--list-all' '--list --json' --summary; do
	# shellcheck disable=SC2086 # two words
	run prun $flag late
	is "$(state_sum)" "$before" "8: $flag changes no state"
done

done_testing
