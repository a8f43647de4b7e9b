#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# examples/cluster: here, and against programs that answer as Slurm's (P-1301).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"
. "$abs_srcdir/tests/cli/lib_slurm_fake.sh"
command -v awk >/dev/null || skip_all 'there is no awk'
example cluster

PATH=$plain
run prun -d cluster --executor local check
is "$status:$(cut -c1-3 cluster/build/pi)" '0:3.1' 'it runs on a machine without a cluster'
here=$(cksum cluster/build/*)
PATH=$fake/bin:$plain
run prun -d cluster --plan check
like "$out" 'part *on slurm  (dep of estimate)' 'the plan says what would go there (P-1301)'
like "$out" 'check *here' 'and what would not'
run prun -d cluster clean
run prun -d cluster check
is "$status:$(cksum cluster/build/*)" "0:$here" 'on a cluster the same files come of it'
like "$err" 'queued *, on * as job 1_' 'and the summary names its jobs (P-1301)'
is "$(sed -n 's/.*\(array=[^ ]*\).*/\1/p' "$fake/submitted")" 'array=0-11' 'all parts together'
run prun -d cluster --log part
like "$out" 'part 12 on ' 'the log of a part, as the README says'
is "$(git -C cluster status --porcelain)" '' 'nothing is left but what git ignores'
done_testing
