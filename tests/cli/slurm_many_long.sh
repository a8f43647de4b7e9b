#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154,SC2016,SC2034 # lib.sh; texts for other shells
# P-1301: 500 short calls, and 200 of a loop as one array, in a real queue.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "${abs_srcdir:-.}/tests/cli/lib_slurm.sh"
slurm_cpus=64
slurm_up MinJobAge=300

# What is asked of Slurm, and when.
mkdir "$work/count"
for tool in sbatch squeue scontrol sacct scancel; do
	real=$(command -v $tool) || continue
	printf '#!/bin/sh\necho "$(date +%%s%%N) $*" >>%s\nexec %s "$@"\n' \
	    "$work/$tool.asked" "$real" >"$work/count/$tool"
	chmod +x "$work/count/$tool"
	: >"$work/$tool.asked"
done
PATH=$work/count:$PATH

numbers()
{
	seq -s ', ' "$1"
}
taskfile <<-END
version: '3'
tasks:
  loop: {deps: [{for: [$(numbers 200)], task: one, vars: {N: '{{.ITEM}}'}}]}
  many: {deps: [{for: [$(numbers 500)], task: one, vars: {N: '{{.ITEM}}'}}]}
  one: 'echo {{.N}} >>ran.{{.N}}'
END

all_ran()
{
	[ "$(cat ran.* | sort -n | tr '\n' ' ')" = "$(seq -s ' ' "$1") " ]
}

printf '[slurm]\njobs = 250\n' >prun.ini
begin=$(date +%s)
run prun -s --executor slurm loop
all_ran 200
is "$status:$?" '0:0' '200 calls of a loop (P-1301)'
is "$(grep -c array=0-199 "$work/sbatch.asked"):$(grep -c . "$work/sbatch.asked")" \
    '1:1' 'are one array'
note "200: $(($(date +%s) - begin)) s"

rm ran.* prun.ini
: >"$work/squeue.asked"
begin=$(date +%s)
run prun -s --executor slurm many
all_ran 500
is "$status:$?" '0:0' '500 calls, each once'
note "500: $(($(date +%s) - begin)) s," \
    "$(grep -c . "$work/sbatch.asked") submissions," \
    "$(grep -c . "$work/squeue.asked") status calls"
awk 'last && $1 - last < 4.9e9 { bad = 1 } { last = $1 } END { exit bad }' \
    "$work/squeue.asked"
ok $? 'a status call every 5 s at most'
is "$(cat "$work/scontrol.asked" "$work/sacct.asked" "$work/scancel.asked")" \
    '' 'and nothing else is asked'
done_testing
