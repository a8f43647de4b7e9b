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
  s1: &s {vars: {W: '{{.TASK}}'}, cmds: ['echo "{{.W}} $WORKTREE_ID ${SLURM_ARRAY_JOB_ID:-none}" >>"$SEEN"']}
  s2: *s
  s3: *s
END
git_repo
git add Taskfile.yml
git commit -qm start
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

SEEN=$work/seen
export SEEN
run prun --worktrees=3 --executor slurm s1 s2 s3
is "$status $(cut -d' ' -f1 "$SEEN" | sort | tr '\n' ' ')" '0 s1 s2 s3 ' \
    'the tests of a session run there (P-1301)'
is "$(cut -d' ' -f2 "$SEEN" | sort | tr '\n' ' ')" 'wt-1 wt-2 wt-3 ' \
    'each in its tree'
is "$(cut -d' ' -f3 "$SEEN" | sort -u | grep -c '^[0-9]')" 1 'as one array'
done_testing
