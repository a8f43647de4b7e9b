#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154,SC2016 # lib.sh; texts for other shells
# P-1301: what Slurm says of jobs without a result, and of submissions that were
# not answered, as far as a real one cannot be made to say it.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "${abs_srcdir:-.}/tests/cli/lib_slurm_fake.sh"
printf '[slurm]\npoll = 300ms\n' >prun.ini
taskfile <<-'END'
version: '3'
tasks:
  ran: 'echo ran >>ran'
END

# one STATUS RUNS WHAT: a run of it, and how often its command has run.
one()
{
	rm -f ran
	run prun -s -x --executor slurm ran
	touch ran
	is "$status:$(grep -c . ran)" "$1:$2" "$3 (P-1301)"
}

next_of sbatch lost
one 0 1 'a submission that never came in is repeated'
rm -f "$fake/ended"
next_of sbatch tardy
one 0 1 'one that comes in after it was repeated'
wait_for test -s "$fake/ended"
has_both()
{
	[ "$(grep -c . "$fake/ended")" -eq 2 ]
}
wait_for has_both
is "$(grep -c . ran)" 1 'does not run'

next_of begin NODE_FAIL,1:0
one 0 1 'a node that failed: once more'
like "$err" 'its node failed; it is run once more' 'says so'
next_of begin PREEMPTED,0:15
one 0 1 'preempted: once more'
next_of begin NODE_FAIL,1:0 BOOT_FAIL,1:0 NODE_FAIL,1:0
one 1 0 'three times lost is a failure'
next_of begin OUT_OF_MEMORY,0:125
one 137 0 'out of memory'
like "$err" 'out of memory' 'says so'
next_of begin TIMEOUT,0:15
one 143 0 'its time limit'
next_of begin CANCELLED,0:15
one 143 0 'cancelled by somebody else'
next_of begin FAILED,7:0
one 7 0 'failed without a result'
next_of begin FAILED,0:9
next_of scontrol away away away away
one 137 0 'the controller is away when it is asked'
next_of begin FAILED,0:9
next_of scontrol away
printf '#!/bin/sh\necho "slurm_load_jobs error: Invalid job id specified" >&2; exit 1\n' >"$fake/bin/scontrol"
next_of sacct 'OUT_OF_MEMORY|0:125|n7'
one 137 0 'forgotten by the controller, known to the accounting'
like "$err" 'on n7: out of memory' 'says so'
next_of begin FAILED,0:9
one 0 1 'known to nobody: once more'
like "$err" 'does not know it any more; it is run once more' 'says so'
done_testing
