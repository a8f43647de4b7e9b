#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154,SC2016 # lib.sh; texts for other shells
# P-1301: the tests of a session in a Slurm queue: their trees are made here,
# those that come up together go in as an array.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "${abs_srcdir:-.}/tests/cli/lib_slurm_fake.sh"

taskfile <<-'END'
version: '3'
silent: true
tasks:
  good: {cmds: ['echo "good $SLURM_JOB_ID $WORKTREE_ID" >>"$SEEN"']}
  fine: {cmds: ['echo "fine $SLURM_JOB_ID $WORKTREE_ID" >>"$SEEN"']}
  bad: {cmds: ['echo "bad $SLURM_JOB_ID" >>"$SEEN"; exit 7']}
  late: {cmds: ['exec sleep 100']}
END
printf '[slurm]\npoll = 200ms\n[worktrees]\nretries = 0\n' >prun.ini
git_repo
git add -A && git commit -qm all
SEEN=$work/seen
export SEEN

run prun --worktrees=3 --executor slurm good fine bad
is "$status" 201 'a test that fails on the cluster fails'
is "$(cut -d' ' -f1 "$SEEN" | sort | tr '\n' ' ')" 'bad fine good ' \
    'each ran once'
is "$(awk '$2 == ""' "$SEEN")" '' 'there (P-1301)'
is "$(awk '$1 != "bad" { print $3 }' "$SEEN" | sort -u | grep -c '^wt-')" 2 \
    'in trees of their own'
like "$(tail -n 1 "$fake/submitted")" '--array=0-2' 'they went in as an array'
like "$out$err" 'bad*exit 7' 'with its reason'
: >"$SEEN"
run prun --worktrees=1 --executor slurm good
is "$status $(cut -d' ' -f1 "$SEEN")" '0 good' 'one that passes passes'

printf '[slurm]\npoll = 200ms\n[worktrees]\nretries = 0\ntimeout = 400ms\n' >prun.ini
run prun --worktrees=1 --executor slurm late
like "$status $out$err" '201 *late*not done after 400ms' 'a timeout there'
is "$(in_queue)" '' 'leaves no job'

printf '[slurm]\npoll = 200ms\n' >prun.ini
"$PRUN" --worktrees=2 --executor slurm late >"$work/bg" 2>&1 &
session=$!
for _ in $(seq 300); do
	[ -z "$(in_queue)" ] || break
	sleep 0.02
done
kill -TERM $session
wait $session
is "$?" 143 'SIGTERM ends it'
is "$(in_queue)" '' 'and its jobs'

"$PRUN" --worktrees=2 --executor slurm late >"$work/bg" 2>&1 &
session=$!
for _ in $(seq 300); do
	[ -z "$(in_queue)" ] || break
	sleep 0.02
done
kill -KILL $session
wait $session 2>/dev/null
isnt "$(in_queue)" '' 'one that is killed leaves its jobs'
run prun good
like "$status $err" '0 *are cancelled' 'which the next run of prun cancels'
is "$(in_queue)" '' 'all of them'

# before another test has its tree: the job would still write there
printf '[slurm]\npoll = 200ms\norphan = adopt\n' >prun.ini
"$PRUN" --worktrees=1 --executor slurm late >"$work/bg" 2>&1 &
session=$!
for _ in $(seq 300); do
	[ -z "$(in_queue)" ] || break
	sleep 0.02
done
kill -KILL $session
wait $session 2>/dev/null
isnt "$(in_queue)" '' 'another that is killed'
run prun --worktrees=1 fine
like "$status $err" '0 *jobs of the killed session * are cancelled*cleaned' \
    'the next session cancels what it left, before it cleans the tree'
is "$(in_queue)" '' 'whatever [slurm] orphan says of runs'

printf '[slurm]\nshared = no\n' >prun.ini
run prun --worktrees=1 --executor slurm good
isnt "$status" 0 'nodes that share nothing'
like "$err" 'shared = no' 'are named'
done_testing
