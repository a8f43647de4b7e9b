#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2009,SC2016,SC2034,SC2094,SC2154 # lib.sh
# Runs that are left to themselves (P-117): --detach, and what it outlives.
# --wait and --cancel are in detach_join.sh.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
for tool in python3 ps setsid; do
	command -v $tool >/dev/null || skip_all "there is no $tool"
done
. "$abs_srcdir/tests/cli/lib_signals.sh"
mkfifo go
exec 9<>go
taskfile <<-'EOT'
version: '3'
tasks:
  hold: {silent: true, cmds: ['echo $$ >started; echo out; echo err >&2; read -r _ <go; echo after']}
  quick: {silent: true, cmds: ['echo quick']}
  input: {silent: true, cmds: ['cat; echo "in: $?"; test -t 0 || test -t 1 || test -t 2 || echo no terminal']}
  tty: {silent: true, cmds: ['(exec </dev/tty) 2>/dev/null || echo no tty; ps -o tty= -p $$']}
  outer: {silent: true, cmds: ['"$PRUN" --detach hold >inner']}
  flip: {silent: true, cmds: ['test -e tried || { touch tried; exit 1; }', 'echo $$ >started; read -r _ <go']}
  again: {silent: true, cmds: ['"$PRUN" --detach --failed >inner']}
  forever: {cmds: ['"$PRUN" --detach forever']}
EOT

# folder ID, log ID: where it is, what it has printed
folder()
{
	find "$XDG_STATE_HOME" -type d -name "$1"
}

log()
{
	cat "$(folder "$1")/output.log"
}

# process ID: of prun, from the run's lock
process()
{
	sed -n 's/^live //p' "$(folder "$1")/lock"
}

# ---- asked, and gone ----
run prun --detach hold
id=$out
like "$id" '[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9][0-9][0-9]-' \
    'P-117: --detach prints the id'
is "$status $(printf '%s\n' "$out" | wc -l | tr -d ' ') $err" '0 1 ' \
    'P-117: in one line, and nothing else'
job=$(hear)
pid=$(process "$id")
! dead "$job" && ! dead "$pid"
ok $? 'P-117: the run goes on'
is "$(ps -o tty= -p "$pid" | tr -d ' ')" '?' 'P-117: without a terminal'
isnt "$(ps -o sess= -p "$pid" | tr -d ' ')" "$(ps -o sess= -p $$ | tr -d ' ')" \
    'P-117: in another session'
isnt "$(ps -o sess= -p "$pid" | tr -d ' ')" "$pid" \
    'P-117: which it does not lead, so that it gets no terminal again'
echo >go
run prun --wait "$id"
is "$status $out" '0 ' 'P-117: --wait ends as it does'
is "$(log "$id")" 'out
err
after' 'P-117: output.log has what it prints'
is "$(cat "$(folder "$id")"/logs/*)" 'out
err
after' 'P-401: and its calls have their logs'
like "$(cat "$(folder "$id")/events.jsonl")" '"ev":"end"' 'P-1205: and the journal'

run prun --detach input
prun --wait "$out" 2>/dev/null
is "$(log "$out")" 'in: 0
no terminal' 'P-117: it has no input'
run prun --detach tty
prun --wait "$out" 2>/dev/null
is "$(log "$out" | tr -d ' ')" 'notty
?' 'P-117: its jobs find no terminal either'

# Whoever waits for the end of a descriptor that it gave does not wait for it.
start_ns=$(date +%s)
run sh -c '"$PRUN" --detach hold 7>&1 8>&2 | cat'
id=$out
test $(($(date +%s) - start_ns)) -lt 15
ok $? 'P-117: it holds no descriptor of the caller'
hear >/dev/null
echo >go
prun --wait "$id" 2>/dev/null

# ---- before it begins ----
run prun --detach nosuch
is "$status $out" '200 task: No tasks with description available. Try --list-all to list all tasks' \
    'P-117: an error before the run: its status'
is "$err" 'task: Task "nosuch" does not exist' 'P-117: and its message'
run prun --detach -t missing.yml hold
is "$status $out" '100 ' 'P-117: no Taskfile: its status'
like "$err" missing.yml 'P-117: no Taskfile: its message'
run env XDG_STATE_HOME=/dev/null/x "$PRUN" --detach hold
is "$status $out" '1 ' 'P-117: where no folder can be, nothing is left'
like "$err" '--detach: there is no folder for its output' 'P-117: and it is said'
for flag in --list --watch --dry --status --events=-; do
	run prun --detach $flag quick
	is "$status $out" '1 ' "P-117: --detach $flag is refused"
	like "$err" 'prun: --detach ' "P-117: --detach $flag: in one line"
done
run sh -c '"$PRUN" --detach quick >/dev/full'
is "$status" 1 'P-117: an id that cannot be printed'
prun --wait last 2>/dev/null

printf '%s\n' "version: '3'" 'tasks: {piped: {cmds: [{cmd: "echo piped; cat", silent: true}]}}' |
    "$PRUN" --detach -t - piped >piped
prun --wait "$(cat piped)" 2>/dev/null
is "$(log "$(cat piped)")" piped 'P-117: a Taskfile from the input is read before'

# ---- what it outlives ----
cat >hang_up.py <<'EOT'
# A shell on a terminal leaves a run; then the terminal goes away.
import os, pty, signal, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c",
        '"$PRUN" --detach hold; trap "" HUP; exec sleep 1000'])
out = b""
while b"--cancel" not in out or out.count(b"\n") < 2:
    out += os.read(fd, 4096)
sys.stdout.write(out.decode())
sys.stdout.flush()
os.close(fd)
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
EOT
run python3 hang_up.py
id=$(printf '%s\n' "$out" | sed -n 's/^\([0-9][0-9-]*\).*/\1/p')
like "$out" "prun --wait $id, prun --log --follow --run $id, prun --cancel $id" \
    'P-117: on a terminal people are told what there is'
job=$(hear)
! dead "$job" && ! dead "$(process "$id")"
ok $? 'P-117: it outlives the terminal, hung up'
echo >go
run prun --wait "$id"
is "$status" 0 'P-117: and ends well'
unlike "$(log "$id")" "$(printf '\033')" 'P-117: nothing is coloured in its output'

# A call that is ended with all that it started, as agents and CI do.
setsid sh -c 'echo $$ >group; "$PRUN" --detach hold >id; exec sleep 1000' &
wait_for test -s id
hear >/dev/null
kill -9 -"$(cat group)"
wait $! 2>/dev/null
! dead "$(process "$(cat id)")"
ok $? 'P-117: it outlives the group that it was started from, killed'
echo >go
run prun --wait "$(cat id)"
is "$status" 0 'P-117: and ends well'

# A run that is over takes nothing of it along.
run prun outer
is "$status" 0 'P-117: a task may leave a run'
hear >/dev/null
id=$(cat inner)
! dead "$(process "$id")"
ok $? 'P-117: which goes on when the outer one is over'
echo >go
run prun --wait last
is "$status" 0 'P-117: as a run of its own'
like "$err" "$id" 'P-117: which the last one is'

run prun flip
run prun again
hear >/dev/null
id=$(cat inner)
echo >go
run prun --wait "$id"
is "$status" 0 'P-117: also one that repeats what failed'
unlike "$(cat "$(folder "$id")/events.jsonl")" '"parent":"2' 'P-117: for itself'

# One that leaves itself again and again ends as any that calls itself.
run prun --detach forever
deep()
{
	grep -rqs 'runs are nested more than 100 deep' "$XDG_STATE_HOME"
}
wait_for deep
ok $? 'P-115: runs that leave runs come to an end'

# ---- what ends it ----
run prun --detach hold
id=$out
job=$(hear)
pid=$(process "$id")
guarded()
{
	ps -A -o ppid= -o args= | grep -q "^ *$pid prun: guardian"
}
wait_for guarded
kill -9 "$pid"
wait_for dead "$job"
ok $? 'P-116: killed, nothing of it is left'
done_testing
