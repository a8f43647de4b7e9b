#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2154 # lib.sh; text for tasks
# Twenty sessions at once in one repository, with work trees and with clones:
# they share the trees, and no test sees another's files (P-803, P-804).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
command -v git >/dev/null || skip_all 'there is no git'
command -v python3 >/dev/null || skip_all 'there is no python3'
MARKS=$work/marks
export MARKS
mkdir "$MARKS"

for kind in worktree clone; do
	mkdir "$work/t/$kind"
	cd "$work/t/$kind" || bail_out 'no folder'
	git_repo
	taskfile <<'EOT'
version: '3'
silent: true
tasks:
  one: {cmds: [{task: own, vars: {WHO: one}}]}
  two: {cmds: [{task: own, vars: {WHO: two}}]}
  three: {cmds: [{task: own, vars: {WHO: three}}]}
  own:
    internal: true
    cmds:
      - '[ ! -e mine ] && [ -z "$(git status --porcelain)" ]'
      - 'echo {{.WHO}}-$PPID >mine && mkdir "$MARKS/$WORKTREE_ID"'
      - 'sleep 0.05; case $(cat mine) in {{.WHO}}-*) rmdir "$MARKS/$WORKTREE_ID" ;; *) exit 1 ;; esac'
EOT
	printf '[worktrees]\nretries = 0\nkind = %s\n' "$kind" >prun.ini
	git add -A
	git commit -qm first
	cp .git/config "$work/config"
	i=0
	pids=
	while [ $i -lt 20 ]; do
		i=$((i + 1))
		prun --worktrees=2 one two three >"$work/out.$i" 2>"$work/err.$i" </dev/null &
		pids="$pids $!"
	done
	failed=0
	for pid in $pids; do
		wait "$pid" || failed=$((failed + 1))
	done
	is "$failed" 0 "P-804: $kind: twenty sessions at once all pass"
	[ "$failed" = 0 ] || grep -h 'failed' "$work"/out.* "$work"/err.* |
	    sort | uniq -c | head -20 | sed 's/^/# /'
	is "$(grep -h -c 'completed: 3 tests: 3 passed' "$work"/out.* | sort -u)" 1 \
	    "P-810: $kind: and say so"
	is "$(cat .git/config)" "$(cat "$work/config")" \
	    "P-808: $kind: git's config is as it was"
	is "$(find "$MARKS" -mindepth 1 | wc -l | tr -d ' ')" 0 \
	    "P-803: $kind: no two tests were in one tree"
	is "$(git status --porcelain)" '' "$kind: nothing has changed"
	rm -f "$work"/out.* "$work"/err.*
done

done_testing
