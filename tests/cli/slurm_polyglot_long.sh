#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154,SC2034 # lib.sh
# P-1301, P-1302: the polyglot example's qa-parallel in a real queue, and with
# what finds no slot here: the same results, files, exit statuses, order of
# failures and one commit as on this machine alone.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"
. "$abs_srcdir/tests/cli/lib_slurm.sh"
need_languages
slurm_cpus=16
slurm_up MinJobAge=300
mkdir -p "$work/bin"

# seen FILE [OPTION…]: what of a run is not to depend on where its jobs are.
seen()
{
	file=$1
	shift
	run prun "$@" -t "$file" --commit qa-parallel
	echo "status $status"
	made
	echo "commits $(commits): $(git log --format=%s -1)"
	git status --porcelain
	printf '%s\n' "$err" | sed -n \
	    's/ after .*//; s/ ([^)]*)//; /^prun: FAILED/s/;.*//; /^prun: .*exit status/p; /^prun: .*not run/p; /^prun: FAILED/p' |
	    sed 's/in [0-9.]*m*s$//'
}

# same FILE [OPTION…]: in a fresh copy, as here
same()
{
	rm -rf polyglot
	example polyglot
	cd polyglot || bail_out 'no copy'
	printf 'NEW = 1  \n\n\n' >packages/config/settings/new.py
	[ -z "$broken" ] || echo 'import os' >>packages/config/settings/kinds.py
	# tracked: what was there before a run and is not, stays the user's
	git add packages && git commit -q --amend --no-edit
	seen "$@" >"$work/seen"
	cd ..
	cat "$work/seen"
}

for broken in '' yes; do
	for file in Taskfile.yml Taskfile.parallel.yml Taskfile.shell.yml; do
		what="$file${broken:+, with a failure}"
		here=$(same "$file")
		like "$here" "status $([ -n "$broken" ] && echo 201 || echo 0)" "$what: here"
		like "$here" "commits $([ -n "$broken" ] && echo 1 || echo 2): " 'one commit, or none'
		is "$(same "$file" --executor slurm)" "$here" \
		    "$what: the same on the cluster"
		isnt "$(squeue -h -t all | grep -c .)" 0 'by jobs'
		is "$(same "$file" -C 1 --overflow slurm)" "$here" \
		    "$what: the same with what finds no slot here"
	done
done
printf '%s\n' "$here" | sed 's/^/# /'
done_testing
