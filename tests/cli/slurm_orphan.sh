#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154,SC2016 # lib.sh; texts for other shells
# P-1301: prun is killed with 20 jobs on the cluster; the next run ends or adopts
# them.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "${abs_srcdir:-.}/tests/cli/lib_slurm_fake.sh"

taskfile <<-'END'
version: '3'
tasks:
  all: {deps: [{for: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20], task: one, vars: {N: '{{.ITEM}}'}}]}
  one: |
    echo {{.N}} >>ran
    echo begun {{.N}}
    until [ -e go ]; do sleep 0.1; done
    echo {{.N}} >>over
    echo ended {{.N}}
    [ {{.N}} -ne 7 ] || [ ! -e bad ]
  other: 'echo other'
END
echo v1 >source
git_repo .
git add Taskfile.yml source
git commit -qm start

lines()
{
	[ ! -e "$1" ] || grep -c . "$1"
}
in_queue()
{
	find "$fake/queue" -type f ! -name '*.pid' | grep -c .
}
is_idle()
{
	[ "$(in_queue)" -eq 0 ]
}
all_ran()
{
	[ "$(lines ran)" -eq "$1" ]
}

# killed_run [FOLDER]: one that dies with 20 jobs that run.
killed_run()
{
	rm -f ran over go
	"$PRUN" -s --executor slurm all >"$work/bg.out" 2>&1 &
	bg=$!
	wait_for all_ran 20
	kill -KILL $bg
	wait $bg 2>/dev/null
}

printf '[slurm]\npoll = 300ms\n' >prun.ini
killed_run
is "$(in_queue)" 20 'a run that was killed leaves its jobs'
run prun -s other
is "$status:$(in_queue)" '0:0' 'orphan = cancel: the next run leaves none, wherever its own commands run (P-1301)'
like "$err" 'jobs of the killed run * are cancelled' 'and says so'
run prun -s other
is "$err" '' 'the one after it has nothing to say'

killed_run
next_of squeue fail fail
run prun -s other
like "$err" 'jobs of the killed run * may go on: Slurm does not answer' \
    'a controller that is away is said'
run prun -s other
is "$err" '' 'and not asked again by a run that does not use it'
: >"$fake/next.squeue"
printf '[slurm]\npoll = 300ms\norphan = adopt\n' >prun.ini
run prun -s other
is "$(in_queue)" 20 'orphan = adopt: a run that does not use the cluster leaves them'
SSH_TTY=/dev/pts/7 "$PRUN" -s --executor slurm all >"$work/bg.out" 2>"$work/bg.err" &
bg=$!
wait_for grep -q 'go on' "$work/bg.err"
run prun -s --executor slurm other
is "$(in_queue):$err" '20:' 'what one run has adopted another leaves alone'
touch go
wait $bg
is "$?:$(lines ran):$(lines over)" '0:20:20' \
    'the next run goes on with them: nothing runs twice (P-1301)'
like "$(cat "$work/bg.err")" '20 jobs of the killed run * go on' 'and says so'
is "$(grep -c begun "$work/bg.out"):$(grep -c ended "$work/bg.out")" '20:20' \
    'with their output from the beginning'
run prun -s --executor slurm other
is "$err" '' 'and nothing of them is left'

killed_run
touch go bad
wait_for is_idle
run prun -s -x --executor slurm all
is "$status:$(lines ran)" '1:20' 'what has failed meanwhile has failed'
rm -f bad

killed_run
echo v2 >source
run prun -s --executor slurm other
is "$status:$(in_queue)" '0:0' 'for another source none goes on'
like "$err" 'are cancelled' 'and it says so'

killed_run
touch go
wait_for is_idle
git commit -qam v2
run prun -s --executor slurm all
is "$status:$(lines ran)" '0:40' 'nor for another commit: all run again'

killed_run
sed 's/echo ended/echo done/' Taskfile.yml >new
touch go
wait_for is_idle
git update-index --assume-unchanged Taskfile.yml
mv new Taskfile.yml
run prun -s --executor slurm all
is "$status:$(lines ran)" '0:40' 'nor does another command'
done_testing
