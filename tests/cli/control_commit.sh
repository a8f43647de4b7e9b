#!/bin/sh
# SPDX-License-Identifier: MIT
# The commit that a nested run owes is the outer run's to make (P-108, P-602).
. "${abs_srcdir:-.}/tests/cli/lib.sh"

git_repo
taskfile <<'END'
version: '3'
silent: true
tasks:
  outer: {cmds: ['"$PRUN" -t inner.yml write', 'echo later > later.txt']}
  failing: {cmds: ['"$PRUN" -t inner.yml write', 'exit 1']}
END
taskfile inner.yml <<'END'
version: '3'
silent: true
tasks:
  write:
    commit: true
    cmds: ['date > written.txt; echo more >> mine.txt']
END
echo mine >mine.txt
git add . && git commit -qm one
echo edited >>mine.txt

run timeout 20 "$PRUN" failing
is "$(git log --oneline | wc -l | tr -d ' ')" 1 \
    'P-607 no commit when the outer run fails'
rm -f written.txt
run timeout 20 "$PRUN" outer
is "$status" 0 'P-108 a run around one that owes a commit'
is "$(git log --oneline | wc -l | tr -d ' ')" 2 'P-601 one commit is made'
is "$(git show --format= --name-only HEAD | sort | tr '\n' ' ')" \
    'later.txt written.txt ' \
    'P-602 by the outer run, at its end, without what was dirty before'

# A nested run in another repository is that one's business.
mkdir other && git_repo other
cp inner.yml other/Taskfile.yml
(cd other && git add . && git commit -qm one)
taskfile <<'END'
version: '3'
silent: true
tasks:
  across: {cmds: ['cd other && "$PRUN" write']}
END
run timeout 20 "$PRUN" across
is "$status" 0 'P-602 a nested run in another repository'
is "$(git -C other log --oneline | wc -l | tr -d ' ')" 2 \
    'P-602 makes its own commit there'
is "$(git log --oneline | wc -l | tr -d ' ')" 2 'P-602 and none here'
done_testing
