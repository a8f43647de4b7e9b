#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154,SC2016 # lib.sh; texts for other shells
# P-1301: the real Slurm, one node, started here in a folder of its own: short
# jobs.  What takes minutes is in slurm_ends_long.sh.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "${abs_srcdir:-.}/tests/cli/lib_slurm.sh"
slurm_up MinJobAge=300

taskfile <<-'END'
version: '3'
tasks:
  both: {deps: [three, crash, {for: [1, 2, 3, 4], task: one, vars: {N: '{{.ITEM}}'}}]}
  three: 'echo "job $((SLURM_JOB_ID > 0))"; echo err >&2; sh -c "exit 3"'
  crash: {cmds: ['kill -SEGV $$'], ignore_error: true}
  one: 'echo {{.N}} >n{{.N}}'
  long: 'echo up; sleep 50; echo no'
END
run prun -x --executor slurm both
is "$status" 3 'jobs of a real queue: the status of the one that failed (P-1301)'
like "$out" 'job 1' 'its output'
like "$err" 'err' 'on both streams'
like "$err" 'Segmentation fault' 'one that crashed'
is "$(cat n1 n2 n3 n4 | tr '\n' ' ')" '1 2 3 4 ' 'the others of its array'
like "$err" 'on n1 as job' 'the summary names the node (P-1301)'
mkfifo log
"$PRUN" -s --executor slurm long >log 2>&1 &
bg=$!
read -r line <log
is "$line" up 'output arrives while the job runs'
kill -TERM $bg
status=0
wait $bg || status=$?
is "$status:$(squeue -h)" '143:' 'a signal ends the jobs of a run'

done_testing
