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
  slow: sleep 1.1; printf slow
  quiet: 'true'
  version: echo 1.2.3
  deep: ['echo a', {task: version}]
  value:
    vars: {V: {sh: '"$PRUN_TO_START" -o group deep'}}
    cmds: ['echo "<{{.V}}>"']
  nested: '"$PRUN_TO_START" -o group deep'
  captured: 'echo "<$("$PRUN_TO_START" -o group-task deep 2>/dev/null)>"'
  odd: {label: "a\n::stop-commands::x", cmds: [echo odd]}
EOF
run env GITHUB_ACTIONS=true "$PRUN" -C 1 -o group all
like "$out" '::group::good?good?::endgroup::' 'GitHub: a group'
run env GITHUB_ACTIONS=true "$PRUN" -C 1 -o group-task all
like "$out" '::endgroup::?--- bad:one?why?*' \
    'GitHub: what failed is outside of groups'
is "$(echo "$out" | grep -c '^::endgroup::')" 1 'GitHub: one group, one end'
like "$out" "::error title=Task 'bad%3Aone' failed::why (exit status 7)" \
    'GitHub: an annotation of the call that failed'
is "$(echo "$out" | grep -c '::error title=Task .bad')" 1 'GitHub: just one'
run env GITLAB_CI=true "$PRUN" -C 1 -o group-task all
like "$out" 'section_start:[0-9]*:prun_*good?good?*section_end:[0-9]*:prun_' \
    'GitLab: a section'
like "$out" 'section_start:*collapsed=true*good?good?*section_end' \
    'GitLab: what passed is folded'
like "$out" 'section_start:*collapsed=false*bad:one?why?*section_end' \
    'GitLab: what failed is open'
cr=$(printf '\r')
esc=$(printf '\033')
before=$(date +%s)
run env GITLAB_CI=true "$PRUN" -o group slow quiet
start=$(echo "$out" |
    sed -n "s/^$esc\[0Ksection_start:\([0-9]*\):\(prun_[0-9_]*\)\[collapsed=true\]$cr$esc\[0Kslow$/\1 \2/p")
end=$(echo "$out" |
    sed -n "s/^$esc\[0Ksection_end:\([0-9]*\):\(prun_[0-9_]*\)$cr$esc\[0K$/\1 \2/p")
isnt "$start" '' 'GitLab: a section begins collapsed, with its name as head'
is "${start#* }" "${end#* }" 'GitLab: begin and end have the same name'
[ "${start% *}" -ge "$before" ] && [ "${end% *}" -gt "${start% *}" ]
ok $? "GitLab: each has the time it was: $start, $end"
is "$(echo "$out" | grep -c "^slow$")" 1 'GitLab: an end without newline gets one'
run env GITHUB_ACTIONS=true "$PRUN" -o group slow quiet
is "$out" "$(printf '::group::slow\nslow\n::endgroup::')" \
    'GitHub: so that the mark begins a line'
run env GITLAB_CI=true "$PRUN" -C 1 all
like "$out" "ERROR: task bad:one failed: exit status 7" \
    'GitLab: a line for each call that failed'
is "$(echo "$out" | grep -c 'ERROR: ')" 1 'GitLab: and for it alone'
run env GITLAB_CI=true "$PRUN" 'bad:one'
like "$out" "ERROR: task bad:one failed: exit status 7" \
    'GitLab: also where it is the only one'
run env GITHUB_ACTIONS=true "$PRUN" -o group odd quiet
like "$out" '::group::a%0A::stop-commands::x?odd' 'GitHub: a label is no command'
run env GITLAB_CI=true "$PRUN" -o group odd quiet
is "$(echo "$out" | grep -c '^::stop')" 0 'GitLab: nor is it two lines'
run env GITHUB_ACTIONS=true "$PRUN" -o group quiet quiet
is "$out" '' 'no output, no marks'
run env GITHUB_ACTIONS=true "$PRUN" -o group --output-group-begin '<' all
unlike "$out" '::group::' "the user's own marks win"
printf '[output]\nci = off\n' >prun.ini
run env GITHUB_ACTIONS=true "$PRUN" -o group all
unlike "$out" '::group::' 'ci = off'
rm prun.ini
run env GITHUB_ACTIONS=true "$PRUN" --compat -o group all
unlike "$out" '::group::' 'not in compat'
like "$out" "::error title=Task 'all' failed::" "but go-task's own line is there"
run prun -o group all
unlike "$out" '::' 'nor anywhere else'

# GitHub shows ten annotations of a step: the named task's is one of them.
{
	printf "version: '3'\ntasks:\n  all: {deps: [%s]}\n" \
	    "$(seq -s, -f 't%g' 11)"
	seq -f "  t%g: 'false'" 11
} >eleven.yml
run env GITHUB_ACTIONS=true "$PRUN" -t eleven.yml all
is "$(echo "$out" | grep -c '^::error')" 10 'GitHub: ten annotations at most'
is "$(echo "$out" | grep '^::error' | tail -n 1)" '::error::2 more calls failed' \
    'GitHub: the last one says how many more'
run env GITLAB_CI=true "$PRUN" -t eleven.yml all
is "$(echo "$out" | grep -c 'ERROR: ')" 10 'GitLab: as many'
like "$out" 'ERROR: 2 more calls failed' 'GitLab: and how many more'

# What a script may take as a value has no marks, whatever the CI system.
PRUN_TO_START=$PRUN
export PRUN_TO_START
for ci in GITHUB_ACTIONS GITLAB_CI; do
	for mode in group group-task; do
		run env $ci=true "$PRUN" -s -o $mode version
		is "$out" 1.2.3 "$ci, $mode: a silent run"
		run env $ci=true "$PRUN" -s -o $mode version deep
		is "$(echo "$out" | tr '\n' ' ' | sed 's/a 1.2.3 $/1.2.3 a /')" \
		    '1.2.3 1.2.3 a ' "$ci, $mode: a silent run of several tasks"
		run env $ci=true "$PRUN" -o $mode version
		is "$out" 1.2.3 "$ci, $mode: a run of one task that calls none"
		run env $ci=true "$PRUN" -o $mode deep
		like "$out" '*deep?a?*' "$ci, $mode: one that does is folded"
		like "$out" '*version?1.2.3?*' "$ci, $mode: with what it calls"
	done
	run env $ci=true "$PRUN" -s value
	is "$out" "<a$(printf '\n1.2.3')>" "$ci: a variable"
	run env $ci=true "$PRUN" captured
	is "$out" "<1.2.3$(printf '\na')>" "$ci: a run inside of a command"
	run env $ci=true "$PRUN" nested
	is "$out" "a$(printf '\n1.2.3')" "$ci: a run inside of a run"
	run env $ci=true "$PRUN" -s all
	unlike "$out" 'ERROR' "$ci: a silent run that fails: prun's own on stderr"
	unlike "$out" 'bad%3A' "$ci: and not on stdout"
	like "$err" 'bad?*one*failed' "$ci: is there"
done

# ---- what a log says first of why, and the file that it names ----
mkdir -p ws/sub/src
cd ws || exit 99
: >sub/src/a.c
taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [one, two]}
  one:
    dir: sub
    cmds:
      - "echo building; echo 'src/a.c:3:5: error: 100% wrong, really'; exit 2"
  two: 'echo why; exit 1'
EOF
run env GITHUB_ACTIONS=true GITHUB_WORKSPACE="$PWD" "$PRUN" all
like "$out" "*::error file=sub/src/a.c,line=3,col=5,title=Task 'one' failed::error: 100%25 wrong, really (exit status 2)*" \
    'P-504: an annotation has file, line and the text of the log'
is "$(echo "$out" | grep -c '^::error')" 2 'P-504: one a failure, none of its callers'
run env GITHUB_ACTIONS=true GITHUB_WORKSPACE=/elsewhere "$PRUN" one
like "$out" "*::error title=Task 'one' failed::src/a.c:3:5: error: 100%25 wrong, really (exit status 2)*" \
    'P-504: a file that is not in the checkout is none'
is "$(echo "$out" | grep -c '^::error')" 1 'P-504: so for a task alone'
run env GITLAB_CI=true CI_PROJECT_DIR="$PWD" "$PRUN" all
like "$out" "*ERROR: task one failed: exit status 2: sub/src/a.c:3: error: 100% wrong, really*" \
    'GitLab: the same in a line'
run env GITHUB_ACTIONS=true "$PRUN" --compat all
like "$out" "::error title=Task 'all' failed::*exit status*" "compat: go-task's own"

# ---- where the logs are when the machine is gone ----
git init -q
like "$(GITHUB_ACTIONS=true "$PRUN" all 2>&1)" \
    '*prun: logs: */runs/*, which go with this machine; [[]logs] dir = FOLDER*' \
    'CI: the logs are in no folder to keep'
printf '[logs]\ndir = out/logs\nkeep = 2\n' >prun.ini
run env GITHUB_ACTIONS=true "$PRUN" all
like "$err" "*prun: logs: $PWD/out/logs/2* (keep this folder to have them)*" \
    '[logs] dir: the line names it'
is "$(cat out/logs/*/logs/*-two.log)" why 'the log is there'
is "$(git status --porcelain out)" '' 'git sees nothing of it'
run "$PRUN" --log two
is "$out" why '--log finds it there'
run "$PRUN" two
run "$PRUN" two
is "$(find out/logs -name events.jsonl | grep -c .)" 2 'as many as [logs] keep says'
unlike "$err" 'prun: logs:' 'no such line elsewhere'
: >file
printf '[logs]\ndir = file\n' >prun.ini
run prun two
is "$status" 201 'no folder can be there: the run goes on'
like "$err" '*prun: *file*' 'and says so'

done_testing
