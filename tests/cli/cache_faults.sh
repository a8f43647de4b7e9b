#!/bin/sh
# SPDX-License-Identifier: MIT
# P-1004: a remote cache that is dead, slow, or lies.  The run is what it is
# without one, soon over, and one line tells of it.

. "${abs_srcdir:-.}/tests/cli/lib_cache.sh"

fake
taskfile <<-'EOF'
version: '3'
tasks:
  build:
    cache: true
    sources: [src/*]
    generates: [out/all]
    cmds: ['mkdir -p out; cat src/* > out/all; echo told']
  b2: {cache: true, sources: [src/*], generates: [out/b2], cmds: ['cat src/* > out/b2']}
  b3: {cache: true, sources: [src/*], generates: [out/b3], cmds: ['cat src/* > out/b3']}
  b4: {cache: true, sources: [src/*], generates: [out/b4], cmds: ['cat src/* > out/b4']}
  all: {cmds: [{task: build}, {task: b2}, {task: b3}, {task: b4}]}
EOF
mkdir src
git_repo
echo 1 >src/a

# what the remote has, when all goes well
settings 'write = on' 'upload = 20s'
run prun all
is "$status $(warnings)" '0 0' 'all goes well'
cp -R "$store" "$work/good"
restore()
{
	rm -rf "$store/ac" "$store/cas"
	cp -R "$work/good/ac" "$work/good/cas" "$store/"
	: >"$log"
}
# settled WHAT: the last run did what it does without a remote
settled()
{
	is "$status $out $(cat out/all)" '0 told 1' "$1: the run is as without"
	[ "$(warnings)" -le 1 ]
	ok $? "$1: at most one line tells of it"
	hasnt "$err" "$work" "$1: which names no file of ours"
}

# fault MODE METHOD FOLDER WORDS: a lookup is none, for that reason
fault()
{
	what="$1 ${3%%/*}"
	[ "$3" = "${3%/*}" ] || what="$1 a blob"
	restore
	mode "$1" "$2" "$3"
	# what is told from "too late" must not come too late
	case $4 in
	timed*) settings 'timeout = 150ms' ;;
	*) settings 'timeout = 20s' ;;
	esac
	elsewhere
	run prun -v build
	settled "$what"
	has "$err" "the remote one: $4" "$what: and -v tells why"
	has "$err" "prun: the cache at $url " "$what: the line names it"
	mode
}
gone='the answer was cut off'
for folder in ac cas; do
	fault hang '*' $folder 'timed out'
	fault stall '*' $folder 'timed out'
	fault cut '*' $folder "$gone"
	fault reset '*' $folder "$gone"
	fault html '*' $folder 'a web page came in its place'
	fault redirect '*' $folder 'status 302: redirects are not followed'
	fault 401 '*' $folder 'status 401: it wants other credentials'
	fault 500 '*' $folder 'status 500'
done
hasnt "$(cat "$log")" elsewhere 'no redirect was followed'
fault drip '*' cas 'timed out'
fault deaf '*' ac 'timed out'
fault garbage '*' ac ''
fault flip '*' ac ''
fault empty '*' ac 'what came is no ActionResult'
fault swap '*' ac 'its manifest is damaged, or of another key'
fault zipped '*' ac 'what came is no ActionResult'
fault short '*' ac 'what came is no ActionResult'
fault endless '*' ac 'it is longer than it should be'
fault endless '*' cas 'it is longer than it should be'
fault short '*' cas 'its length is '
fault long '*' cas 'its length is '
fault empty '*' cas 'its content is not what it says'
fault flip '*' cas 'its content is not what it says'
fault zipped '*' cas 'its length is '
# the output itself, where all that leads to it is right
one=cas/$(printf '1\n' | python3 -c 'import hashlib, sys
print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
fault stall '*' "$one" 'timed out'
fault cut '*' "$one" "$gone"
fault flip '*' "$one" 'its content is not what it says'
fault endless '*' "$one" 'it is longer than it should be'
fault empty '*' "$one" 'it is shorter than it should be'
fault html '*' "$one" 'a web page came in its place'
fault 500 '*' "$one" 'status 500'
# what is no fault
restore
mode chunked
settings
elsewhere
run prun -v build
has "$err" 'of the remote one' 'an answer without a length is one'
mode
for what in cas/* ac/*; do
	restore
	# shellcheck disable=SC2086 # the pattern is meant
	rm -f "$store"/$what
	elsewhere
	run prun -v build
	settled "$what is gone"
	is "$(warnings)" 0 "$what is gone: a miss like any other"
done
has "$err" 'the remote one: it has none' 'which is said'

# ---- it is never asked for long ----
# bounded MODE: four calls, one after the other
bounded()
{
	restore
	mode "$1"
	elsewhere
	before=$(now_ms)
	run prun all
	took=$(($(now_ms) - before - without))
	settled "$1"
	[ "$took" -le 3000 ]
	ok $? "$1: all of it costs at most three seconds"
	note "$1: $took ms; $err"
	mode
}
printf '' >prun.ini
elsewhere
before=$(now_ms)
run prun all
without=$(($(now_ms) - before))
settings 'write = on'
bounded hang
has "$err" 'is off for this run: it is too slow' 'where it is too slow it is off'
bounded drip
bounded 500
has "$err" 'is off for this run: status 500' 'after three failures it is off'
[ "$(grep -c ^GET "$log")" -le 4 ]
ok $? 'and asked no more'
bounded lie
kill "$server"
wait "$server" 2>/dev/null
bounded dead
has "$err" 'is off for this run: no connection' 'a dead one is off'
is "$(find "$XDG_CACHE_HOME"/prun/*/outputs/tmp -type f)" '' \
    'nothing is left of what came in part'
done_testing
