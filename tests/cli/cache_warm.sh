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

# ---- asked for before they come up, while others run ----
taskfile <<-'EOF'
version: '3'
tasks:
  all: {cmds: [{task: first}, {task: b1}, {task: wait}, {task: b2}, {task: b3}]}
  first: 'echo first'
  wait: 'test -z "$WAITS" || . "$WAITS"'
  b1: {cache: true, sources: [src/a], generates: [out/b1], cmds: ['mkdir -p out; cp src/a out/b1; echo ran >> ran']}
  b2: {cache: true, sources: [src/a], generates: [out/b2], cmds: ['mkdir -p out; cp src/a out/b2; echo ran >> ran']}
  b3: {cache: true, sources: [out/b2], generates: [out/b3], cmds: ['cp out/b2 out/b3; echo ran >> ran']}
EOF
settings 'write = on' 'upload = 20s'
run prun -s all
is "$status" 0 'the remote one has all of another run'
: >"$log"
elsewhere
rm -f ran
settings
# until two results are in the local cache, that of a call that is yet to come
# among them
cat >"$work/waits" <<EOF
for i in \$(seq 500); do
	set -- "$XDG_CACHE_HOME"/prun/*/outputs/entry/*/*
	[ \$# -lt 2 ] || exit 0
	sleep 0.02
done
exit 1
EOF
run env WAITS="$work/waits" "$PRUN" -v all
is "$status $(test ! -e ran || cat ran)" '0 ' \
    'what comes later is asked for while others run (P-1002)'
is "$(echo "$err" | grep -c 'of the remote one')" 3 'and it is told where it is from'
is "$(grep 'GET /ac' "$log" | sort | uniq -d)" '' 'nothing is asked for twice'
run prun --features
like "$out" '*prefetch * on *1 call did not wait*' 'it is a feature'
elsewhere
rm -f ran
: >"$log"
printf '[features]\nprefetch = off\n' >>prun.ini
sed -i.bak 's/seq 500/seq 5/' "$work/waits"
run env WAITS="$work/waits" "$PRUN" -v all
is "$status" 201 'which can be switched off'

settings
elsewhere
rm -rf "$store/ac" "$store/cas"
mode 500
run prun --cache warm all
is "$status $(echo "$out" | grep -c missing) $(warnings)" '1 4 1' \
    'a remote that is broken: so it says, once'
mode
done_testing
