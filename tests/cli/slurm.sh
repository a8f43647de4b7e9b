#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154,SC2016 # lib.sh; texts for other shells
# P-1301, P-1302: commands in a Slurm queue, against programs that answer in the
# formats of the real ones, or fail as they do where a test has asked for that.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "${abs_srcdir:-.}/tests/cli/lib_slurm_fake.sh"
mkdir sub
printf '[slurm]\npoll = 300ms\n' >prun.ini

taskfile <<-'END'
version: '3'
tasks:
  pass: 'printf out; printf err >&2'
  env: {env: {WORD: "it's ${x}"}, dir: sub, cmd: 'echo "$WORD" "${PWD##*/}" $((SLURM_JOB_ID > 0))'}
  fails: 'test -z "$HOME"'
  many: {deps: [{for: [1, 2, 3, 4, 5], task: one, vars: {N: '{{.ITEM}}'}}]}
  one: 'echo {{.N}} >n{{.N}}'
  asks: {slots: 2, memory: 100M, cmds: [{cmd: 'test -n x', timeout: 90s}]}
  bound: {cmds: [{cmd: 'exec sleep 50', timeout: 300ms}]}
  here: {interactive: true, cmd: 'test -z "$SLURM_JOB_ID"'}
  own: {executor: slurm, cmds: ['test -n "$SLURM_JOB_ID"']}
  stays: {executor: local, cmds: ['test -z "$SLURM_JOB_ID"']}
  calls: 'echo given | task:reads'
  reads: {executor: slurm, cmds: ['cat; test -z "$SLURM_JOB_ID"']}
  long: 'trap "echo ended >ended; exit 1" TERM; echo up >up; sleep 50 & wait'
  ran: 'echo ran >>ran'
  memory: 'kill -KILL $$'
  both: {deps: [w1, w2, w3]}
  w1: &w 'echo "x$SLURM_JOB_ID" >>where; sleep 0.3'
  w2: *w
  w3: *w
END

run prun -s --executor slurm pass --report junit:r.xml \
    --report markdown:r.md --report json:r.json
is "$status:$out:$err" '0:out:err' 'both streams come back (P-1301)'
where=$(python3 -c 'import json
c = json.load(open("r.json"))["calls"][0]
print(c["queue_name"], c["node"])')
like "$(cat r.xml)" "name=\"prun.node\" value=\"${where#* }\"*name=\"prun.job\" value=\"${where% *}\"" \
    'junit names node and job (P-1301)'
like "$(tr -d '\\' <r.md)" "passed*, job ${where% *} on ${where#* } |" 'so does markdown'
run prun -s --executor slurm env
is "$status:$out" "0:it's \${x} sub 1" 'environment, folder, a job'
run prun -s -x --executor slurm fails
is "$status" 1 'a failure with its status'
run prun -s --executor slurm many
is "$status:$(cat n1 n2 n3 n4 n5 | tr '\n' ' ')" '0:1 2 3 4 5 ' \
    'calls side by side'
like "$(tail -n 1 "$fake/submitted")" '--array=0-[1-4]' 'go in as an array'
run prun -s --executor slurm asks
like "$(tail -n 1 "$fake/submitted")" \
    '--cpus-per-task=2 --mem=102400K --time=3 ' 'what a task asks for'
printf '[slurm]\npoll = 300ms\npartition = p\naccount = a\nqos = q\noptions = --nice=5 --hold\n' >prun.ini
run prun -s --executor slurm pass
like "$(tail -n 1 "$fake/submitted")" \
    '--partition=p --account=a --qos=q --nice=5 --hold /' 'what the settings say'
printf '[slurm]\npoll = 300ms\n' >prun.ini
run prun -s --executor slurm bound
is "$status" 208 'a timeout'
is "$(in_queue)" '' 'leaves no job'

run prun -s --executor slurm here
is "$status:$err" '0:prun: here is interactive: it runs on this machine' \
    'an interactive task stays, with a message (P-1302)'
run prun -s calls
is "$status:$out" '0:given' 'what a script hands to a task is read here'
run prun -s own
is "$status:$err" '0:' 'executor: slurm on a task'
run prun -s --executor slurm stays
is "$status:$err" '0:' 'executor: local on a task'
run prun -s -C 1 --overflow slurm both
is "$status:$(sort where | sed 's/[0-9][0-9]*/N/' | tr '\n' ' ')" \
    '0:x xN xN ' 'what finds no slot here goes to the cluster'
run prun -s --executor nomad pass
is "$status:$err" '2:prun: --executor nomad: there is no such executor; there are local and slurm' \
    'an executor that is none'

next_of sbatch late
run prun -s --executor slurm ran
is "$status:$(cat ran)" '0:ran' 'a submission that timed out runs once'
rm -f ran
next_of sbatch refused
run prun -s --executor slurm ran
is "$status" 201 'one that is refused fails'
like "$err" 'Invalid account' 'for its reason'
next_of squeue fail fail
run prun -s --executor slurm asks
is "$status" 0 'a status that cannot be had is no failure'
next_of begin FAILED,0:53
run prun -s --executor slurm ran
is "$status:$(cat ran)" '0:ran' 'where Slurm cannot write the log it runs here'
like "$err" 'does not share' 'and says so'
rm -f ran
next_of end OUT_OF_MEMORY
run prun -s --executor slurm memory
is "$status" 201 'a job that was killed fails'
like "$err" 'out of memory' 'for the reason that Slurm has'
next_of end CANCELLED
run prun -s --executor slurm memory
like "$err" 'cancelled by somebody else' 'a cancel is told apart'
: >"$fake/next.end"

next_of sbatch unshared
run prun -s --executor slurm ran
is "$status:$(cat ran)" '0:ran' 'without shared folders it runs here (P-1302)'
like "$err" 'does not share' 'and says so'
printf '[slurm]\npoll = 300ms\nshared = no\n' >prun.ini
run prun -s --executor slurm pass
like "$err" 'shared = no' 'nor where the settings say so'
run prun -s stays
is "$err" '' 'which is not said where nothing would go there'
printf '[slurm]\npoll = 300ms\n' >prun.ini

"$PRUN" -s --executor slurm long >"$work/bg.out" 2>&1 &
bg=$!
wait_for test -s up
kill -TERM $bg
status=0
wait $bg || status=$?
wait_for test -s ended
is "$(in_queue)" '' 'a signal ends the jobs of a run'
rm -f up ended
"$PRUN" -s --executor slurm long >"$work/bg.out" 2>&1 &
bg=$!
wait_for test -s up
kill -KILL $bg
wait $bg 2>/dev/null
isnt "$(in_queue)" '' 'a run that was killed leaves its job'
run prun -s --executor slurm pass
is "$(in_queue)" '' 'the next one cancels it'
like "$err" 'jobs of the killed run' 'and says so'

PATH=$plain
command -v sbatch >/dev/null || {
	run prun -s --executor slurm pass
	like "$err" 'sbatch is not on the PATH' 'no cluster is an error'
	run prun -s own
	like "$err" 'sbatch is not on the PATH: all tasks run on this' \
	    'but not where a task wants it'
}

done_testing
