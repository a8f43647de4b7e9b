#!/bin/sh
# SPDX-License-Identifier: MIT
# Keys of [worktrees] that a session goes by: prepare with its key (P-801), keep
# (P-803), cleanup (P-805), workers = auto (P-802).

. "${abs_srcdir:-.}/tests/cli/lib.sh"

LOG=$work/prepared
export LOG
: >"$LOG"
mkdir main && cd main || bail_out 'no folder'
git_repo
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  setup: {cmds: ['mkdir -p deps; cat lock >deps/made; echo made >>"$LOG"']}
  bad-setup: {cmds: ['exit 4']}
  a: {cmds: ['cat deps/made; echo left >deps/by-a']}
  b: {cmds: ['test -e deps/made; rm -f deps/by-a']}
EOT
echo deps >.gitignore
echo v1 >lock
keys()
{
	printf '[worktrees]\n' >prun.ini
	printf '%s\n' "$@" >>prun.ini
	git add -A
	git commit -qm keys
}
made()
{
	grep -c made "$LOG"
}
keys 'prepare = setup' 'prepare_key = lock' 'keep = deps' 'retries = 0'
run prun --worktrees=1 a b
is "$status $(made)" '0 1' 'P-801: prepare readies a tree once'
run prun --worktrees=1 a b
is "$status $(made)" '0 1' 'P-801: and not again while its key is the same'
echo v2 >lock
git commit -qam v2
run prun --worktrees=1 a
is "$status $(made)" '0 2' 'P-801: another lock file readies it anew'
keys 'prepare = bad-setup' 'retries = 0'
run prun --worktrees=1 a
is "$status" 201 'P-801: where that fails the test has failed'
like "$out$err" 'bad-setup (prepare): exit 4' 'for that reason'
keys 'workers = auto' 'retries = 0' 'prepare = setup'
run prun --worktrees a b
is "$status" 0 'P-802: workers = auto'
like "$err" 'with * worker' 'says how many there may be'
keys 'cleanup = on' 'retries = 0' 'prepare = setup'
run prun --worktrees=2 a b
is "$status $(git worktree list | grep -c .) $(git branch | tr -d ' ')" \
    '0 1 *main' 'P-805: cleanup leaves no tree and no branch'
[ ! -e ../main-worktrees ]
ok $? 'nor their folder'
done_testing
