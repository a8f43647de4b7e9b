#!/bin/sh
# SPDX-License-Identifier: MIT
# P-606: the commit is pushed where it shall be; a push that fails leaves it.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  write: {commit: {push: true}, cmds: ['echo 1 >>written']}
  quiet: {commit: true, cmds: ['echo 1 >>quietly']}
  still: {commit: {push: true}, cmds: ['true']}
EOT
commit_all
git push -q -u origin main
remote() { git -C "$work/t/o.git" rev-parse main; }

run prun write
is "$status" 0 'push: true'
is "$(remote)" "$(git rev-parse HEAD)" 'the commit is pushed'
like "$err" "pushed $(git rev-parse HEAD~1 | cut -c1-10)..$(git rev-parse HEAD |
    cut -c1-10)" 'which is said'
run prun quiet
isnt "$(remote)" "$(git rev-parse HEAD)" 'no push where none was asked for'
run prun still
is "$status $(remote)" "0 $(git rev-parse HEAD)" \
    'nothing to commit, yet something to push'

# it never forces
old=$(remote)
git commit -q --amend -m rewritten
run prun write
is "$status" 1 'a push that is rejected fails the run'
like "$err" 'the commit stays, *\[rejected\]*repeat it with: git push' \
    'with the reason and the command'
like "$(printf '%s\n' "$err" | tail -n 1)" 'FAILED' 'on its last line, too'
is "$(committed)" 'M written' 'the commit stays'
is "$(remote)" "$old" 'nothing is forced'
git reset -q --hard "$old"

printf '#!/bin/sh\necho hook says no >&2\nexit 1\n' >.git/hooks/pre-push
chmod +x .git/hooks/pre-push
run prun write
is "$status $(remote)" "1 $old" 'a hook that refuses the push'
like "$err" 'hook says no' 'is heard'
rm .git/hooks/pre-push
git config remote.origin.url "$work/nowhere"
run prun write
is "$status" 1 'a remote that is away'
like "$err" 'fatal: *nowhere' 'is named'
git config remote.origin.url "$work/t/o.git"

printf '[commit]\npush = on\n' >prun.ini
commit_all
run prun quiet
is "$status $(remote)" "0 $(git rev-parse HEAD)" '[commit] push = on'
git checkout -q -b lonely
run prun write
is "$status" 1 'a branch without an upstream'
like "$err" 'no upstream' 'is named'
done_testing
