#!/bin/sh
# SPDX-License-Identifier: MIT
# P-108, P-602: runs inside a run that owes a commit.  In the same repository
# theirs is the outer one's; in another one they make it themselves.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

git init -q -b main "$work/t/other"
cat >"$work/t/other/Taskfile.yml" <<'EOT'
version: '3'
tasks:
  there: {commit: {message: 'Over there'}, cmds: ['echo 1 >>there']}
  back:
    commit: {message: 'And back'}
    cmds: ['echo 1 >>back', 'cd "$HERE" && "$PRUN" inner']
EOT
(cd "$work/t/other" && commit_all)
start_repo
HERE=$PWD
export HERE
taskfile <<'EOT'
version: '3'
tasks:
  across:
    commit: {message: Here}
    cmds: ['echo 1 >>here', 'cd ../other && "$PRUN" there']
  round:
    commit: {message: Here}
    cmds: ['cd ../other && "$PRUN" back']
  same:
    commit: {message: Here}
    cmds: ['echo 1 >>here; "$PRUN" inner']
  plain: '"$PRUN" inner; cd ../other && "$PRUN" there'
  inner: {commit: {message: Inner, trailers: {Inner: x}}, cmds: ['echo 1 >>inner']}
  fails: {commit: true, cmds: ['"$PRUN" inner', 'cd ../other && "$PRUN" there', 'exit 1']}
EOT
commit_all
there() { git -C "$work/t/other" log -1 --format=%s; }
n_there() { git -C "$work/t/other" rev-list --count HEAD; }

run prun across
is "$status" 0 'P-108 a run in another repository below one that owes a commit'
is "$(git log -1 --format=%s) $(committed)" 'Here A here' \
    'P-601 the outer commit has what is in its own repository'
is "$(there) $(cd ../other && committed)" 'Over there A there' \
    'P-601 the other one gets a commit of its own'
unlike "$(git log -1 --format=%B)" 'there' \
    'P-603 of which the outer message does not speak'
unlike "$(git log -1 --format=%B)" 'other' 'nor of its folder'
is "$(git -C ../other status --porcelain)" '' 'nothing is left there'

head=$(git rev-parse HEAD)
run prun round
is "$status" 0 'P-108 a run in here, started from over there'
is "$(git rev-parse HEAD~1) $(git log -1 --format=%s) $(committed)" \
    "$head Here A inner" 'P-108 hands its commit to the outermost run of here'
is "$(there)" 'And back' 'P-601 which has no part in that of over there'

head=$(git rev-parse HEAD)
run prun same
is "$(git rev-parse HEAD~1) $(git log -1 --format=%s) $(committed)" \
    "$head Here M here M inner" 'P-602 in the same repository there is one'

n=$(n_there)
head=$(git rev-parse HEAD)
run prun plain
is "$(git rev-parse HEAD~1) $(committed)" "$head M inner" \
    'P-108 a run that owes none itself makes what nested ones here owe'
is "$(n_there)" $((n + 1)) 'P-108 and not what those over there do'

n=$(n_there)
head=$(git rev-parse HEAD)
run prun fails
is "$(git rev-parse HEAD)" "$head" 'P-607 no commit where the outer run fails'
is "$(n_there)" $((n + 1)) \
    'P-607 the run over there had passed by itself'
git checkout -q .

n=$(n_there)
run prun --no-commit across
is "$(n_there)" "$n" 'P-602 --no-commit is for all repositories'
PRUN_NO_COMMIT=1 run prun across
is "$(n_there)" "$n" 'P-602 PRUN_NO_COMMIT is, too'
git -C ../other checkout -q .
git checkout -q .

# what is not committed yet cannot be pushed
git init -q --bare -b main ../o.git
git remote add origin ../o.git && git push -q -u origin main
taskfile push.yml <<'EOT'
version: '3'
tasks:
  pushing: {commit: true, cmds: ['"$PRUN" --push inner']}
EOT
commit_all
head=$(git rev-parse HEAD)
run prun -t push.yml pushing
is "$status $(git rev-parse HEAD)" "201 $head" \
    'P-708 a nested --push cannot push what the outer run will commit'
like "$err" 'not pushed: the commit is not there yet' 'P-708 and says so'
git checkout -q .

# a linked worktree has a branch of its own, a submodule is a repository
git worktree add -q ../linked -b linked
taskfile <<'EOT'
version: '3'
tasks:
  linked: {commit: {message: Here}, cmds: ['echo 2 >>here; cd ../linked && "$PRUN" inner']}
  sub: {commit: {message: Here}, cmds: ['cd sub && "$PRUN" there']}
EOT
git submodule --quiet add "$work/t/other" sub
commit_all
echo mine >mine
n=$(git -C ../linked rev-list --count HEAD)
run prun linked
is "$(committed) / $(cd ../linked && committed)" 'M here / M inner' \
    'P-108 a linked worktree makes a commit of its own'
is "$(git -C ../linked rev-list --count HEAD)" $((n + 1)) \
    'P-108 on its own branch'
rm mine
(cd sub && git checkout -q -b main 2>/dev/null || git checkout -q main)
run prun sub
is "$(cd sub && git log -1 --format=%s) $(committed)" 'Over there M sub' \
    'P-601 a submodule commits, and the outer run takes its new place'
done_testing
