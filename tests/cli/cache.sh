#!/bin/sh
# SPDX-License-Identifier: MIT
# P-1001, P-1002, P-1005: outputs that are kept, and put back.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile <<-'EOF'
version: '3'
tasks:
  build:
    cache: true
    sources: [src/*]
    generates: ['out/**', {exclude: out/mine}]
    env: {FLAG: '{{.FLAG}}'}
    cmds:
      - mkdir -p out/deep
      - cat src/* > out/deep/all; chmod 755 out/deep/all
      - ln -sf deep/all out/link
      - echo "$FLAG $FROM_OUTSIDE" > out/flag
      - echo ran >> ran; echo told; echo warned >&2
  all: {deps: [build], cmds: ['cat out/deep/all']}
  bad: {cmds: ['false']}
  part:
    cache: true
    sources: [src/*]
    generates: [part/*]
    cmds: ['mkdir -p part; cp src/a part/varies; echo same > part/same']
  word:
    cache: true
    sources: [src/*]
    generates: [word]
    vars: {W: '{{.W}}'}
    cmds: ['{{if eq .W "x"}}touch began; {{else}}while [ ! -e began ]; do sleep 0.01; done; {{end}}echo {{.W}} > word']
  both: {deps: [{task: word, vars: {W: x}}, {task: word, vars: {W: y}}]}
  quick:
    cache: true
    sources: [src/*]
    generates: [q]
    cmds: ['sh change; cat src/a > q']
  links:
    cache: true
    sources: [src/*]
    generates: ['links/{to,{a,b}*,deep/**}']
    cmds: ['mkdir -p links/deep; ln -sfn deep links/to; ln -sfn nowhere links/deep/none; touch links/a1 links/b2']
  half: {deps: [build, bad]}
  fails: {cache: true, sources: [src/*], generates: [bad], cmds: ['touch bad; exit 3']}
  bare: {cache: true, cmds: ['echo bare']}
  status: {cache: true, sources: [src/*], generates: [s], status: ['false'], cmds: ['touch s']}
  calls: {cache: true, sources: [src/*], generates: [c], cmds: [{task: bare}, 'touch c']}
  folder: {cache: true, sources: [src/*], generates: [made], cmds: ['mkdir -p made; touch made/x']}
  outside: {cache: true, sources: [src/*], generates: [../away], cmds: ['touch ../away']}
  leads: {cache: true, sources: [src/*], generates: [leads], cmds: ['ln -sf /etc/passwd leads']}
  secret:
    cache: true
    vars: {WORD: {value: hunter22, secret: true}}
    sources: [src/*]
    generates: [sec]
    cmds: ['printf hunter; sleep 0.02; echo 22; touch sec']
  edits:
    cache: true
    sources: [src/*]
    generates: [e]
    cmds: ['cat src/* > e; echo more >> src/a']
EOF
mkdir src
echo 1 >src/a
git init -q .

# has TEXT WORDS NAME: as like(), of the words as they are
has()
{
	case $1 in
	*"$2"*) pass "$3" ;;
	*) is "$1" "$2" "$3" ;;
	esac
}
hasnt()
{
	case $1 in
	*"$2"*) isnt "$1" "$1" "$3" ;;
	*) pass "$3" ;;
	esac
}
# runs: how often the commands of build ran
runs()
{
	wc -l <ran | tr -d ' '
}
entries()
{
	run prun --cache stats
	printf '%s\n' "$out" | sed -n 's/^entries *//p'
}
away()
{
	rm -rf out .task
}

run prun build
is "$status $out" '0 told' 'the first run does the work'
is "$(runs) $(entries)" '1 1' 'and one entry is kept'
away
run prun build
is "$status $out" '0 told' 'what was printed is printed again'
has "$err" 'warned' 'on its own stream'
has "$err" 'prun: task "build" is from the cache: 3 files, saves' 'it says so'
hasnt "$err" 'cat src' 'no command is shown'
is "$(runs)" 1 'and none ran'
is "$(cat out/deep/all) $(readlink out/link) $(cat out/flag)" '1 deep/all  ' \
    'the files are back'
[ -x out/deep/all ] && [ ! -x out/flag ]
ok $? 'with their modes'
run prun build
has "$err" 'up to date' 'then it is up to date'
run prun --log build
is "$status" 0 'there is a log of the run'

# ---- what decides ----
miss()
{
	away
	run "$@"
	case $err in
	*'from the cache'*) ok 1 "$why: a miss" ;;
	*) ok 0 "$why: a miss" ;;
	esac
}
hit()
{
	away
	run "$@"
	has "$err" 'from the cache' "$why: a hit"
}
why='another content' && echo 2 >src/a && miss prun -v build
has "$err" 'not in the cache: source changed: src/a' '-v says what differs'
why='the content from before' && echo 1 >src/a && hit prun build
why='an exec bit' && chmod +x src/a && miss prun build
chmod -x src/a
why='another name' && mv src/a src/b && miss prun build
mv src/b src/a
why='a variable' && miss prun build FLAG=x
is "$(cat out/flag)" 'x ' 'which the outputs show'
why='a variable from before' && hit prun build FLAG=x
FROM_OUTSIDE=y
export FROM_OUTSIDE
why='the environment that is named' && miss prun build
unset FROM_OUTSIDE
printf '[cache]\ntools = cat %s/version, ./tool\n' "$work" >prun.ini
echo 1 >"$work/version"
printf '#!/bin/sh\ntouch "%s/was-run"\n' "$work" >tool
chmod +x tool
why='a tool' && miss prun build
why='the same tool' && hit prun build
echo 2 >"$work/version"
why='another version' && miss prun build
PATH=$PWD:$PATH
printf '[cache]\ntools = tool\n' >prun.ini
prun build >/dev/null 2>&1
ln -s "$PWD" "$work/also-here"
PATH=$work/also-here:$PATH
printf '[cache]\ntools = tool, %s/tool x, %s/tool\n' "$PWD" "$work/also-here" >prun.ini
prun build >/dev/null 2>&1
[ ! -e "$work/was-run" ]
ok $? 'no program of the repository is asked for its version'
printf '[features]\noutput_cache = off\n' >prun.ini
why='switched off' && miss prun build
rm prun.ini
why='compat' && miss prun --compat build
why='forced' && miss prun --force build

# ---- replacing ----
away
mkdir -p out/deep
echo old >out/deep/stale
echo mine >out/mine
run prun build
has "$err" 'from the cache' 'with files in the way it is a hit'
[ ! -e out/deep/stale ] && [ "$(cat .task/kept/out/deep/stale)" = old ]
ok $? 'what the entry lacks goes, and a copy of what nobody made stays'
has "$err" '.task/kept/out/deep/stale' 'which is named'
is "$(cat out/mine)" mine 'what generates excludes is left alone'
echo 3 >src/a
prun build >/dev/null 2>&1
echo edited >out/flag
echo 1 >src/a
run prun build
is "$(cat out/flag)$(cat .task/kept/out/flag)" ' edited' \
    'an edited output is kept aside'
[ "$(find .task/kept -name all)" = '' ]
ok $? 'one that the task made itself is not'
away
mkdir elsewhere
ln -s elsewhere out
run prun -v build
has "$err" 'a link or a file is in the way of out/' 'no path leads through a link'
[ "$status" = 0 ] && [ -d out/deep ]
ok $? 'and the task runs'
rm -rf out elsewhere
away
chmod 555 .
run prun build
chmod 755 .
is "$(find .task/prun-stage -type f 2>/dev/null)" '' 'nothing is left staged'

# one output of two differs between the versions
echo one >src/a
prun part >/dev/null 2>&1
echo two >src/a
prun part >/dev/null 2>&1
touch -t 200001010000 part/same
inode=$(ls -i part/same)
echo one >src/a
run prun part
has "$err" 'from the cache: 2 files' 'a version from before'
is "$(cat part/varies) $(ls -i part/same)" "one $inode" 'what is right already stays'
is "$(find part/same -newer Taskfile.yml)" part/same 'with the time of the others'
rm -rf .task
echo mine >part/same
chmod 600 part/varies
run prun part
has "$err" '.task/kept/part/same' 'without a record what is not known is kept aside'
is "$(cat part/*) $(find part/varies -perm 644)" 'same
one part/varies' 'and all is put back, with its modes'

# links are outputs themselves, and braces name outputs
rm -rf links
prun links >/dev/null 2>&1
rm -rf links .task
run prun links
has "$err" 'from the cache: 4 files' 'links and what braces name are kept'
is "$(readlink links/to) $(readlink links/deep/none)" 'deep nowhere' 'and lead where they led'

# two at work on the same, and what changes while a task runs
run prun both
like "$err" '*not cached: another call was at work on the same outputs' \
    'what two calls may have mixed is not kept'
printf 'touch -r src/a stamp; echo TWO > src/a; touch -r stamp src/a\n' >change
echo two >src/a
run prun quick
rm -f q
echo two >src/a
: >change
run prun quick
is "$(cat q)" two 'nor what saw another source than the key says, by its time or not'
echo 1 >src/a

# ---- a call that is cached is one that passed ----
away
run prun -o tidy all
is "$out" 1 'what depends on it runs'
has "$err" 'cached' 'tidy says it'
away
run prun -o group all
is "$out" "told
warned
1" 'a group has both streams'
away
run prun -o prefixed all
has "$out" '[build] told' 'prefixes are there'
away
run prun all --report junit:r.xml --report html:r.html --report json:r.json \
    --report trace:r.trace --report ctrf:r.ctrf --report markdown:r.md
has "$err" '-  cached' 'the summary has its word'
is "$(grep -c '<testcase' r.xml) $(grep -c '<skipped\|<failure\|<error' r.xml)" \
    '2 0' 'in junit it is a test that passed'
for report in html json trace ctrf md; do
	grep -q cached "r.$report"
	ok $? "P-503 $report says cached"
done
away
run prun half
has "$err" '1 failed, 1 cached' 'the last line counts it'
run prun --features
like "$out" '*output_cache *on *1 call was put back from the cache*' \
    'P-904 --features says what was spared'
away
run prun --failed
hasnt "$err" 'from the cache' '--failed leaves it out as one that passed'
run sh -c "grep -h call_end '$XDG_STATE_HOME'/prun/*/runs/*/events.jsonl | grep -c cached"
[ "$out" -ge 4 ]
ok $? 'so has the journal'
away
git add -A
git commit -qm first
echo 3 >src/a
run prun --commit=done build
has "$(git log -1 --format=%s)" 'done' 'a run with a hit makes its commit'
has "$(git show --stat HEAD)" 'out/deep/all' 'with the outputs'

# ---- what is not kept ----
n=$(entries)
run prun fails
is "$status $(entries)" "201 $n" 'nothing of what failed'
run prun bare
has "$err" 'prun: task "bare" is not cached: it has no sources' 'no sources'
run prun status
has "$err" 'not cached: its status decides' 'status'
run prun calls
has "$err" 'not cached: it calls other tasks' 'calls'
run prun folder
has "$err" 'not cached: made is no file' 'a folder'
run prun outside
has "$err" 'not cached: ' 'outside of the tree'
run prun leads
has "$err" 'leads is a link that leads out of the tree' 'a link that leads out'
run prun edits
is "$(entries)" "$n" 'nor of what changed its sources'
run prun secret
n=$((n + 1))
is "$(entries)" "$n" 'what prints a secret is kept'
grep -rq 'hunter22' "$XDG_CACHE_HOME"
[ $? = 1 ]
ok $? 'without it, also where it came in two pieces'
rm -rf sec .task
run prun secret
is "$out" '*****' 'which is how it is printed again'

# ---- --explain, and damage ----
away
echo 3 >src/a
run prun --explain build
has "$out" '- its outputs are in the cache' '--explain knows it'
[ ! -e out ]
ok $? 'and changes nothing'
for blob in "$XDG_CACHE_HOME"/prun/*/outputs/blob/*/*; do
	printf X | dd of="$blob" conv=notrunc 2>/dev/null
done
away
run prun -v build
is "$(cat out/deep/all)" 3 'a damaged blob is never put back'
has "$err" 'gone or damaged' 'and named'
away
run prun build
has "$err" 'from the cache' 'the next run finds it whole'
for entry in "$XDG_CACHE_HOME"/prun/*/outputs/entry/*/*; do
	echo x >>"$entry"
done
away
run prun -v build
has "$err" 'its entry was damaged, and is removed' 'so is a damaged entry'
away
run prun build
has "$err" 'from the cache' 'and then it is there again'

# ---- --cache ----
run prun --cache stats
has "$out" 'hits ' 'stats has hits'
has "$out" 'saved ' 'and what they saved'
printf '[cache]\nmax_size = 1\n' >prun.ini
run prun --cache prune
has "$out" 'removed 1 entry' 'prune removes what is too much'
rm prun.ini
is "$(find "$XDG_CACHE_HOME"/prun/*/outputs/blob -type f)" '' \
    'and what nothing names'
away
prun build >/dev/null 2>&1
printf '[cache]\nttl = 1ms\n' >prun.ini
why='too old' && miss prun build
rm prun.ini
run prun --cache clear
is "$status $(entries)" '0 0' 'clear removes all'
run prun --cache nonsense
is "$err" 'prun: --cache takes stats, clear, prune or warm, not "nonsense"' \
    'another word is an error'
printf '[cache]\nmax_size = 4K\n' >prun.ini
i=0
while [ $i -lt 12 ]; do
	i=$((i + 1))
	echo $i >src/a
	prun build >/dev/null 2>&1
done
rm prun.ini
size=$(find "$XDG_CACHE_HOME"/prun/*/outputs/blob "$XDG_CACHE_HOME"/prun/*/outputs/entry \
    -type f -exec cat {} + | wc -c)
[ "$size" -le 5500 ]
ok $? 'runs keep the bound'
printf '[cache]\ndefault = on\ndir = kept-outputs\n' >prun.ini
away
run prun build
[ -d kept-outputs/entry ]
ok $? '[cache] dir says where'

done_testing
