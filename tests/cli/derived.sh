#!/bin/sh
# SPDX-License-Identifier: MIT
# Tasks that prun makes of what a Taskfile has (P-1403, P-1404).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
# a derived task shows only what failed (P-407)
TASK_OUTPUT=interleaved
export TASK_OUTPUT
PRUN_JOBS=4
export PRUN_JOBS

# Each of the two waits for the other: only side by side can they pass.
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  all:
    cmds:
      - task: build
      - task: test-left
      - task: test-right
      - echo after >>order
      - task: clean-up
      - task: last
  build: echo build >>order
  test-left: {cmds: [{task: meet, vars: {ME: l, THEM: r}}]}
  test-right: {cmds: [{task: meet, vars: {ME: r, THEM: l}}]}
  meet: |
    touch {{.ME}}
    n=0
    until [ -e {{.THEM}} ]; do
      n=$((n + 1))
      [ $n -lt 400 ] || exit 1
      sleep 0.05
    done
    echo met >>order
  clean-up: echo clean-up >>order
  last: echo last >>order
  plain: echo plain
  own-parallel: echo own
  own: [{task: plain}]
EOT

run prun all-parallel
is "$status" 0 'P-1403: consecutive calls run side by side'
is "$(tr '\n' ' ' <order)" 'build met met after clean-up last ' \
    'P-1403: build, clean-up and a command are barriers'
like "$err" 'prun: all-parallel is derived: build, then test-left, test-right, then echo after*, then clean-up, then last' \
    'P-1403: what it is is said'
run prun plain-parallel
is "$status" 200 'P-1403: a task without calls has no parallel form'
is "$err" "prun: no plain-parallel: plain makes no calls; there is qa-parallel, all-parallel" \
    'P-1403: why, and what there is'
run prun nothing-parallel
is "$status" 200 'P-1403: nor has what is not there'
like "$err" 'prun: no nothing-parallel: there is no task nothing;*' \
    'P-1403: why'
run prun own-parallel
is "$out" own "P-1403: the Taskfile's own task wins"
unlike "$err" derived 'P-1403: and nothing is said'
run prun --list-all
unlike "$out" 'all-parallel' 'P-1403: listings do not show it'
is "$err" 'prun: derived: qa-parallel, all-parallel' 'P-1404: a line beside them does'
run prun --list-all --silent
is "$err" '' 'P-1404: but not beside bare names'
run prun --list-all --compat
unlike "$err" derived 'P-1404: nor in compat'
run prun --list-all --json
is "$err" '' 'P-1404: nor beside what programs read'
run prun all-paralel
like "$err" '*Did you mean "all-parallel"[?]' 'P-1404: it may be meant'
run prun __complete ''
like "$out" '*all-parallel*' 'P-1404: completion knows it'
printf '[run]\ncompat = on\n' >prun.ini
run prun __complete ''
unlike "$out" all-parallel 'P-1404: but not in compat'
rm prun.ini
run prun --compat all-parallel
is "$status" 200 'P-1403: not in compat'
printf '[features]\nderived_tasks = off\n' >prun.ini
run prun all-parallel
is "$status" 200 'P-1403: not where it is turned off'
rm prun.ini

rm -f order
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  fmt: echo fmt
  fmt:check: echo fmt-check
  format-check: echo format-check
  lint: echo lint
  typecheck: echo types
  test:unit: echo unit
  test:e2e: echo e2e
  test:watch: echo watch
  build: echo build
  validate: echo validate
  audit: echo audit
  docs: echo docs
  deploy: echo deploy
EOT
run prun qa-parallel
is "$status" 0 'P-1404: qa-parallel of a repository that never heard of it'
is "$(printf '%s\n' "$out" | head -n 1)" build 'P-1404: build comes first'
is "$(printf '%s\n' "$out" | sort | tr '\n' ' ')" \
    'audit build fmt-check lint types unit validate ' \
    'P-1404: one of each kind, no formatter, nothing that watches'
like "$err" 'prun: qa-parallel is derived: build, then lint, fmt:check, typecheck, test:unit, validate, audit' \
    'P-1404: what it is is said'
run prun --silent qa-parallel
unlike "$err" derived 'P-1404: but not with --silent'
run prun --plan qa-parallel
is "$status" 0 'P-1404: --plan knows it'
like "$out" 'build*lint*fmt:check*typecheck' 'P-1404: and shows it'
run prun --list-all
unlike "$out" 'qa-parallel' 'P-1404: listings do not show it'

run prun --eject qa-parallel
is "$status" 0 'P-1404: --eject prints it'
{
	cat Taskfile.yml
	printf '%s\n' "$out"
} | taskfile ejected.yml
run prun -t ejected.yml qa-parallel
is "$status" 0 'P-1404: as part of the Taskfile it passes'
is "$(printf '%s\n' "$out" | sort | tr '\n' ' ')" \
    'audit build fmt-check lint types unit validate ' \
    'P-1404: and does the same'
unlike "$err" derived "P-1404: being the Taskfile's own"

# P-1403: all that the serial task says is in what --eject prints.
cp Taskfile.yml qa.yml
mkdir -p sub lib
cat >anchors.yml <<'EOT'
version: '3'
silent: true
includes: {lib: {taskfile: lib/lib.yml, vars: {FROM: root}}}
x-base: &base {env: {E: 'it''s'}, vars: {V: "a\tb", N: 5, L: [1, two], M: {map: {k: v}}}}
tasks:
  all:
    <<: *base
    aliases: [every]
    dir: sub
    requires: {vars: [NEED]}
    preconditions: [{sh: test -d ../sub, msg: no}]
    deps: [{task: show, vars: {WHAT: 'dep {{.N}}'}}]
    x-own: 1
    cmds:
      -
      - defer: echo deferred "$E" {{.V}}
      - {task: show, vars: {WHAT: '{{.NEED}} {{index .M "k"}} {{kindOf .N}}'}}
      - task: show
        if: '[ -n "" ]'
        vars: {WHAT: never}
      - {for: {var: L}, task: show, vars: {WHAT: 'of {{.ITEM}}'}}
      - {task: build-it, ignore_error: true}
      - |
        echo two \
          lines "$E"
        basename "$PWD"
      - {cmd: exit 3, ignore_error: true}
      - {task: show, silent: false, vars: {WHAT: "ün\x09ïcode"}}
  show: echo "show {{.WHAT}}"
  build-it: echo build
EOT
cat >lib/lib.yml <<'EOT'
version: '3'
tasks:
  all: {vars: {W: 'x: y'}, cmds: [{task: one, vars: {A: '{{.W}}'}}, {task: one}]}
  one: {silent: true, cmds: ['echo "{{.FROM}} {{.A}}"']}
EOT
cp anchors.yml Taskfile.yml
for name in all-parallel lib:all-parallel; do
	run prun $name NEED=need
	is "$status" 0 "P-1403: $name runs"
	printf '%s\n' "$out" | sort >"derived.$name"
	run prun --eject $name
	is "$status" 0 "P-1403: --eject $name"
	printf '%s\n' "$out" >"ejected.$name"
done
cat ejected.all-parallel >>Taskfile.yml
like "$(cat ejected.lib:all-parallel)" '*# for */lib/lib.yml*' \
    'P-1403: where the task of an include belongs is said'
cat ejected.lib:all-parallel >>lib/lib.yml
for name in all-parallel lib:all-parallel; do
	run prun $name NEED=need
	is "$status" 0 "P-1403: what was ejected runs ($name)"
	unlike "$err" derived "P-1403: being the file's own ($name)"
	is "$(printf '%s\n' "$out" | sort)" "$(cat "derived.$name")" \
	    "P-1403: it does the same ($name)"
done
run prun all-parallel
is "$status" 206 'P-1403: and wants the same variables'
run prun --eject all-parallel
is "$status" 200 'P-1403: it is there already'
rm -r lib sub
mv qa.yml Taskfile.yml

git_repo .
git add . && git commit -q -m start
sed 's/echo docs/echo docs >manual/' Taskfile.yml >new && mv new Taskfile.yml
git commit -q -a -m docs
run prun sdlc-parallel
is "$status" 0 'P-1404: sdlc-parallel passes'
is "$(git log -1 --format=%s)" 'Parallel execution results' \
    'P-1404: and makes one commit'
is "$(git show --name-only --format= HEAD)" manual 'P-1404: of what it made'

taskfile <<'EOT'
version: '3'
tasks:
  deploy: echo deploy
EOT
run prun qa-parallel
is "$status" 200 'P-1404: of nothing, nothing is derived'
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  lint: echo lint
  qa: [{task: lint}, 'echo qa']
EOT
run prun qa-parallel
is "$out" 'lint
qa' 'P-1403: where qa exists, qa-parallel is made of it'

# One failure never hides another: what looks and what builds goes on behind a
# failed check, all else does not.
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  lint: [{task: lint:a}, {task: lint:b}]
  lint:a: exit 3
  lint:b: echo lint:b
  build: echo build
  test: [{task: test:a}, {task: test:b}]
  test:a: exit 4
  test:b: echo test:b
  deploy: echo deploy
  broken-build: exit 5
  all: [{task: lint}, {task: build}, {task: test}, {task: deploy}]
  bad: [{task: lint}, {task: broken-build}, {task: test}]
  mixed: [{task: lint}, 'echo command', {task: test}]
EOT
run prun all-parallel
is "$status" 201 'P-1403: a failed check fails the task'
is "$(printf '%s\n' "$out" | sort | tr '\n' ' ')" 'build lint:b test:b ' \
    'P-1403: and hides no other, while nothing is deployed'
like "$err" '*lint:a*test:a*' 'P-1403: both are named'
like "$err" '*not run*deploy*' 'P-1403: and what was not run'
run prun bad-parallel
is "$out" lint:b 'P-1403: a failed build ends it'
run prun mixed-parallel
is "$out" lint:b 'P-1403: so does a command behind a failed check'
run prun -F all-parallel
unlike "$out" test:b 'P-1403: with failfast the first failure ends it'
run prun all
is "$out" '' 'P-1403: a task of the Taskfile stops as it always did'

# Nothing side by side is said; what is shared runs once.
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  restart: [{task: stop}, {task: start}]
  stop: echo stop
  start: echo start
  lint: {deps: [install], cmds: [echo lint]}
  test: {deps: [install], cmds: [echo test]}
  install: echo install
EOT
run prun restart-parallel
is "$status $out" '0 stop
start' 'P-1403: what has an order keeps it'
like "$err" '*; none of these runs beside another, as it does in qa-parallel*' \
    'P-1403: which is said'
run prun qa-parallel
is "$(printf '%s\n' "$out" | sort | tr '\n' ' ')" 'install lint test ' \
    'P-1404: what two checks need runs once'
run prun --eject qa-parallel
like "$out" '*# give install "run: when_changed"*' \
    'P-1404: which the YAML cannot do, but say'
run prun --eject lint-parallel
is "$status" 0 'P-1403: a task that has deps alone has a parallel form'
run prun --eject no-parallel
like "$err" '*nothing to derive "no-parallel" from: there is no task no*' \
    'P-1403: --eject says why there is none'
done_testing
