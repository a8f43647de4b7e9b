#!/bin/sh
# SPDX-License-Identifier: MIT
# P-504: groups and annotations for CI systems.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [good, 'bad:one']}
  good: echo good
  'bad:one': [echo why, exit 7]
EOF
run env GITHUB_ACTIONS=true "$PRUN" -s -C 1 -o group all
like "$out" '::group::good?good?::endgroup::' 'GitHub: a group'
like "$out" "::error title=Task 'bad%3Aone' failed::exit status 7" \
    'GitHub: an annotation of the call that failed'
is "$(echo "$out" | grep -c '::error title=Task .bad')" 1 'GitHub: just one'
run env GITLAB_CI=true "$PRUN" -s -C 1 -o group-task all
like "$out" 'section_start:[0-9]*:prun_*good?good?*section_end:[0-9]*:prun_' \
    'GitLab: a section'
run env GITHUB_ACTIONS=true "$PRUN" -s -o group --output-group-begin '<' all
unlike "$out" '::group::' "the user's own marks win"
printf '[output]\nci = off\n' >prun.ini
run env GITHUB_ACTIONS=true "$PRUN" -s -o group all
unlike "$out" '::group::' 'ci = off'
rm prun.ini
run env GITHUB_ACTIONS=true "$PRUN" --compat -s -o group all
unlike "$out" '::group::' 'not in compat'
like "$out" "::error title=Task 'all' failed::" "but go-task's own line is there"
run prun -s -o group all
unlike "$out" '::' 'nor anywhere else'

done_testing
