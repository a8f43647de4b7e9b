#!/bin/sh
# SPDX-License-Identifier: MIT
# --cache warm (P-1002): what a run would need comes from the remote cache into
# the local one, and nothing else happens.

. "${abs_srcdir:-.}/tests/cli/lib_cache.sh"

fake
taskfile <<-'EOF'
version: '3'
vars: {ALL: [b2, b3]}
tasks:
  build:
    cache: true
    sources: [src/*]
    generates: ['out/all']
    cmds: ['mkdir -p out; cat src/* > out/all; echo ran >> ran']
  part:
    cache: true
    vars: {MADE: {sh: 'echo made'}}
    sources: [src/*]
    generates: ['out/{{.NAME}}']
    cmds: ['mkdir -p out; echo {{.MADE}} > out/{{.NAME}}; echo ran >> ran']
  nokey: {cache: true, sources: [src/*], cmds: ['true']}
  plain: {cmds: ['echo ran >> ran']}
  never: {platforms: [plan9], cmds: [{task: gone}]}
  all:
    deps: [build, build, nokey]
    cmds:
      - for: {var: ALL}
        task: part
        vars: {NAME: '{{.ITEM}}'}
      - task: plain
      - task: never
  round: {cmds: [{task: round2}]}
  round2: {cmds: [{task: round, vars: {N: '{{add (.N | default 0) 1}}'}}]}
EOF
mkdir src
git_repo
echo 1 >src/a

run prun --cache warm all
is "$status $err" \
    '1 prun: --cache warm: there is no remote cache; [cache] url in prun.ini names it' \
    'without a remote cache'
settings 'write = on' 'upload = 20s'
run prun all
is "$status" 0 'the remote one has all'
: >"$log"

elsewhere
rm -f ran
settings
run prun --cache warm all
is "$status $(echo "$out" | sed '$d' | sort)
$(echo "$out" | tail -n 1)" '0 brought  build
brought  part
brought  part
no key   nokey: it generates nothing
3 brought, 0 here already, 0 missing, 1 without a key' \
    'each call of the run, those of loops too, once'
[ ! -e out ] && [ ! -e ran ] && [ ! -e .task ]
ok $? 'nothing ran, and the tree is as before'
run prun --cache warm all
is "$status $(echo "$out" | tail -n 1)" \
    '0 0 brought, 3 here already, 0 missing, 1 without a key' 'the second time'
: >"$log"
run prun all
is "$(cat ran) $(cat out/b3) $(requests)" 'ran made ' \
    'the run has all, and asks for nothing'

echo 2 >src/a
run prun --cache warm build
is "$status $out" '0 missing  build: source changed: src/a; the remote one: it has none
0 brought, 0 here already, 1 missing, 0 without a key' \
    'what the remote does not have is said, with what differs here'
run prun --cache warm gone
is "$status" 200 'a task that is none'
run prun --cache warm round
is "$status" 0 'calls that go round are followed to some depth'
run prun --cache cold
like "$err" 'takes stats, clear, prune or warm, not "cold"' 'a word that is none'
run prun --offline --cache warm build
is "$status $err" '1 prun: --cache warm: nothing can be brought with --offline' \
    '--offline'
printf '[features]\noutput_cache = off\n' >>prun.ini
run prun --cache warm build
is "$status" 1 'with the cache off'

settings
elsewhere
rm -rf "$store/ac" "$store/cas"
mode 500
run prun --cache warm all
is "$status $(echo "$out" | grep -c missing) $(warnings)" '1 4 1' \
    'a remote that is broken: so it says, once'
mode
done_testing
