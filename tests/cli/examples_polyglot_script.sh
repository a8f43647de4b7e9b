#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/polyglot: tasks called from a script with redirections, $!, wait PID,
# a check of the status, and cat of the log (P-104).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"
need_languages
example polyglot
cd polyglot || bail_out 'no copy'

run prun -t Taskfile.shell.yml build-parallel-safe
is "$status" 0 'the script passes'
like "$(cat build/log/python.log)" 'built build/settings.pyz' \
    'P-104: a redirection takes what the task prints'
like "$(cat build/log/node.log)" 'built build/integration' \
    'P-104: each task has its own'
unlike "$out" 'built build' 'P-104: and the run prints none of it'
like "$(cat build/manifest)" 'build/settings.pyz' 'what follows has run'
made=$(made)

rm -rf build
USE_PARALLEL=false
export USE_PARALLEL
run prun -t Taskfile.shell.yml build-parallel-safe
unset USE_PARALLEL
is "$status" 0 'P-107: serial: it passes'
is "$(made)" "$made" 'P-107: serial: the same files'

rm -rf build
mkdir -p build/settings.pyz
run prun -t Taskfile.shell.yml build-parallel-safe
is "$status" 201 'a failing build fails the script'
like "$out" 'The build of packages/config failed:*settings.pyz' \
    'P-104: wait hands on its status, and the log is shown'
unlike "$out" 'packages/integration failed' 'the other build passed'
[ -f build/integration/digests.json ]
ok $? 'and is finished'
[ ! -e build/manifest ]
ok $? 'what follows has not run'
like "$(printf '%s\n' "$err" | sed '1,/^prun: [0-9]* calls/d')" 'build-python' \
    'the failed call is named'
done_testing
