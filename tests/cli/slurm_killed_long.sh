#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154,SC2016,SC2034 # lib.sh; texts for other shells
# P-1301: prun is killed with 20 jobs on a real queue, some running and some
# waiting; the next run ends or adopts them.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "${abs_srcdir:-.}/tests/cli/lib_slurm.sh"
slurm_cpus=12
slurm_up MinJobAge=300

taskfile <<-'END'
version: '3'
tasks:
  all: {deps: [{for: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20], task: one, vars: {N: '{{.ITEM}}'}}]}
  one: |
    echo {{.N}} >>ran
    until [ -e go ]; do sleep 0.2; done
    echo {{.N}} >>over
  other: 'echo other'
END
git_repo .
git add Taskfile.yml
git commit -qm start

in_queue()
{
	squeue -h -r | grep -c .
}
is_full()
{
	[ "$(in_queue)" -eq 20 ] && [ -s ran ]
}
is_idle()
{
	[ "$(in_queue)" -eq 0 ]
}
killed_run()
{
	rm -f ran over go
	"$PRUN" -s --executor slurm all >"$work/bg.out" 2>&1 &
	bg=$!
	wait_for is_full
	ok $? 'all are in the queue'
	kill -KILL $bg
	wait $bg 2>/dev/null
}

printf '[slurm]\npoll = 1s\n' >prun.ini
killed_run
run prun -s other
is "$status" 0 'orphan = cancel: the next run'
wait_for is_idle
ok $? 'leaves none'
is "$(cat over 2>/dev/null)" '' 'of which any has come to its end'

printf '[slurm]\npoll = 1s\norphan = adopt\n' >prun.ini
killed_run
"$PRUN" -s --executor slurm all >"$work/bg.out" 2>"$work/bg.err" &
bg=$!
wait_for grep -q 'go on' "$work/bg.err"
touch go
wait $bg
is "$?" 0 'orphan = adopt: the next run goes on with them'
is "$(sort -n ran | uniq -c | awk '$1 != 1' | grep -c .):$(grep -c . over)" '0:20' \
    'nothing runs twice, nothing is lost (P-1301)'
done_testing
