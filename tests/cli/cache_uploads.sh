#!/bin/sh
# SPDX-License-Identifier: MIT
# P-1004: what goes to a remote cache and when it is asked at all; runs that are
# interrupted meanwhile.

. "${abs_srcdir:-.}/tests/cli/lib_cache.sh"

fake
taskfile <<-'EOF'
version: '3'
tasks:
  build:
    cache: true
    sources: [src/*]
    generates: ['out/**']
    cmds: ['mkdir -p out; cat src/* > out/all; cp out/all out/again', 'echo told']
  side: {cache: true, sources: [src/*], generates: [out/side], cmds: ['mkdir -p out; echo 1 > out/side']}
  both: {deps: [build, side]}
  fails: {cache: true, sources: [src/*], generates: [out/f], cmds: ['mkdir -p out; touch out/f; exit 3']}
  plain: {sources: [src/*], generates: [out/p], cmds: ['mkdir -p out; touch out/p']}
EOF
mkdir src
git_repo
echo 1 >src/a

# ---- order, and what there is already ----
settings 'write = on' 'upload = 20s'
run prun build
is "$(sed -n 's|^\(PUT\) /\([a-z]*\).*|\2|p' "$log" | tr '\n' ' ')" \
    'cas cas cas ac ' 'blobs, the manifest among them, before the result'
is "$(requests)" '1 GET ac,2 HEAD cas,1 PUT ac,3 PUT cas' \
    'and nothing is sent that was not asked for'
elsewhere
echo 1 >src/b
rm src/a
run prun build
is "$(requests)" '1 GET ac,2 HEAD cas,1 PUT ac,1 PUT cas' \
    'what is there is not sent again'
mode 405 HEAD
elsewhere
mv src/b src/c
run prun build
is "$(warnings) $(requests)" '0 1 GET ac,2 HEAD cas,1 PUT ac,3 PUT cas' \
    'a server without HEAD gets all'
mode
# a blob that was cut on its way is sent anew
blob=$(find "$store/cas" -size -3c -type f)
: >"$blob"
elsewhere
mv src/c src/d
run prun build
is "$(cat "$blob")" 1 'what has another length is sent again'
elsewhere
: >"$log"
run prun fails
is "$(requests)" '1 GET ac' 'nothing of what failed is sent'
run prun plain
is "$(requests)" '' 'and what is not cached is not asked for'

# ---- a server that does not take it ----
for why in 413 507; do
	rm -rf "$store/cas" "$store/ac"
	mode "$why" PUT
	elsewhere
	run prun build
	is "$status $(warnings)" '0 1' "$why: one line tells of it"
	has "$err" "took 1 upload not: status $why: that is too much for it" \
	    "$why: and why"
done
mode 401 PUT
elsewhere
: >"$log"
for name in 1 2 3 4; do
	printf '  c%s: {cache: true, sources: [src/*], generates: [out/c%s], cmds: ["mkdir -p out; touch out/c%s"]}\n' \
	    $name $name $name
done >>Taskfile.yml
run prun c1 c2 c3
has "$err" 'took 3 uploads not: status 401: it wants other credentials' \
    'one that lets others write'
run prun c4
isnt "$(grep -c '^GET.*401' "$log")" 1 'is still asked'
mode

# ---- the end of a run ----
rm -rf "$store/cas" "$store/ac"
mode hang PUT
elsewhere
settings 'write = on' 'upload = 300ms'
before=$(now_ms)
run prun build
took=$(($(now_ms) - before))
is "$status $out" '0 told' 'uploads that hang do not count'
has "$err" 'did not get 1 upload in time' 'they are told'
[ $took -ge 300 ] && [ $took -le 3000 ]
ok $? 'and waited for as long as the setting says'
mode
is "$(find "$store" -path '*/ac/*')" '' 'no result without its blobs'

# begins MODE: a run that waits for the remote; sets $pid and $helper
begins()
{
	mode "$@"
	elsewhere
	: >"$log"
	settings 'timeout = 60s' 'write = on' 'upload = 60s'
	"$PRUN" -v build >"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	wait_for grep -q " $1 " "$log"
	# shellcheck disable=SC2009 # by its parent
	helper=$(ps -A -o pid= -o ppid= -o comm= |
	    awk -v p="$pid" '$2 == p && $3 ~ /prun-fetch/ { print $1 }')
}
gone()
{
	[ -n "$1" ] && ! kill -0 "$1" 2>/dev/null
}
begins hang GET
isnt "$helper" '' 'prun-fetch is at work'
kill "$pid"
before=$(now_ms)
status=0
wait "$pid" || status=$?
[ $(($(now_ms) - before)) -le 5000 ]
ok $? 'TERM ends a run that waits for an answer'
is "$status" 143 'as it ends any run'
gone "$helper"
ok $? 'and prun-fetch with it'
begins hang PUT
kill "$pid"
before=$(now_ms)
wait "$pid" 2>/dev/null
[ $(($(now_ms) - before)) -le 5000 ]
ok $? 'TERM ends one that waits for an upload, too'
begins hang PUT
kill -KILL "$pid"
wait "$pid" 2>/dev/null
wait_for gone "$helper"
ok $? 'nor does it outlive one that is killed'
mode
settings 'write = on' 'upload = 20s'
rm -rf out .task
run prun build
is "$status $(cat out/all)" '0 1' 'the next run has what it needs'
begins hang GET
kill -KILL "$helper"
wait "$pid"
has "$(cat "$work/err")" 'is off for this run: prun-fetch has ended' \
    'without prun-fetch there is no remote'
is "$(cat "$work/out")" told 'and the work is done'
mode

# ---- when it is not asked ----
settings 'write = on' 'upload = 20s'
elsewhere
prun build side >/dev/null 2>&1
silent()
{
	rm -rf out .task "$XDG_CACHE_HOME"
	: >"$log"
	run "$@"
	is "$(requests)" '' "$*: the remote is not asked"
}
silent prun --offline build
silent prun --compat build
silent prun --force build
silent prun --dry build
silent prun --status build
silent env TASK_REMOTE_OFFLINE=1 "$PRUN" build
settings 'max_size = 3'
elsewhere
run prun -v build
has "$err" 'the remote one: it is larger than the cache may be' \
    'what is too large is not fetched'
settings
rm -rf out .task "$XDG_CACHE_HOME"
prun --force both >/dev/null 2>&1
rm -rf out .task
for known in "$XDG_STATE_HOME"/prun/*/durations; do
	sed 's|^[0-9 /]*:|2000 :|' "$known" >"$work/known"
	cp "$work/known" "$known"
done
run prun -v build
has "$err" 'the remote one: the work is done sooner than it answers' \
    'work that is known to be short is done'
elsewhere
run prun both
is "$(printf '%s\n' "$err" | grep -c 'of the remote one')" 2 \
    'side by side both come'
PRUN_FETCH=/nonexistent/x
export PRUN_FETCH
elsewhere
run prun build
is "$status $out" '0 told' 'without prun-fetch the work is done'
has "$err" 'there is no program /nonexistent/x' 'and that is said'
unset PRUN_FETCH

# ---- settings ----
for bad in ftp://x nonsense http:// 'http://x/?q' 'http://x/#f' /path; do
	printf '[cache]\nurl = %s\n' "$bad" >prun.ini
	run prun build
	has "$err" "prun.ini:2: not an address by http or https: \"$bad\"" \
	    "$bad is none"
done
printf '[cache]\ntimeout = soon\n' >prun.ini
run prun build
has "$err" 'not a time such as 90s:' 'nor is soon a time'
done_testing
