#!/bin/sh
# SPDX-License-Identifier: MIT
# P-507: --failed runs again what failed or was skipped in the last run.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

run prun --failed
isnt "$status" 0 'without a Taskfile it is refused'
taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [good, bad, after]}
  good: echo good
  bad: 'echo bad {{.WHO}}; test -e fixed'
  after: {deps: [bad], cmds: [echo after]}
  quiet: 'true'
EOF
run prun --failed
isnt "$status" 0 'without an earlier run as well'
like "$err" 'no earlier run' 'and says so'
run prun -C 2 all WHO=me
is "$status" 201 'a run that fails'
run prun -s --failed
is "$status" 201 'still broken'
like "$out" 'bad me' 'the same variables'
unlike "$out" good 'not what passed'
touch fixed
mkdir sub && cd sub || exit 99
run prun -s --failed
cd ..
is "$status" 0 'repaired'
like "$out" 'after' 'what was skipped runs too'
unlike "$out" good 'what passed does not'
run prun -s --failed
is "$status" 0 'nothing failed'
is "$out" '' 'so nothing runs'
like "$err" 'nothing failed in the last run' 'and says so'
older=$(prun --runs | tail -n 1)
run prun -s --failed --run "${older%% *}"
is "$status" 0 'an older run, by its id'
like "$out" 'bad me' 'what failed there'
unlike "$out" good 'and not what passed there'
run prun --failed --run 20200101
is "$status" 1 'a run that is not there'
mv Taskfile.yml other.yml
rm fixed
run prun -t other.yml bad
touch fixed
cp other.yml Taskfile.yml
run prun --failed -v
is "$status" 0 'another Taskfile'
like "$err" 'task: "bad" started' 'flags of now are added'
rm fixed
run prun --concurrency=-1 -I 1m bad
touch fixed
run prun -s --failed
is "$status $err" '0 ' 'flags keep their values as they were given'

# a hook checks a commit in a tree of its own, which is gone by then
command -v git >/dev/null || done_testing
command -v git >/dev/null || exit 0
git_repo hooked
cd hooked || exit 99
taskfile <<-'EOF'
version: '3'
tasks:
  qa: {deps: [good, bad]}
  good: echo good
  bad: echo bad; test -e fixed
EOF
git add Taskfile.yml && git commit -q -m start
git init -q --bare ../there.git
run prun --hook install pre-push qa
echo more >>Taskfile.yml.bak
run git push -q ../there.git HEAD:refs/heads/x
isnt "$status" 0 'a push is refused'
is "$(printf '%s\n' "$err" | grep '^prun: run again')" \
    'prun: run again what failed: prun --failed' \
    'P-106: one line, without what the hook was told'
: >fixed
run prun -s --failed
is "$status|$out" '0|bad' "P-507: it runs in the user's tree"

done_testing
