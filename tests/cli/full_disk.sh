#!/bin/sh
# SPDX-License-Identifier: MIT
# P-902, P-1005: a disk that is full where the history, the cache or the tree
# is costs what would have been written there and nothing else.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

small=$work/small
mkdir "$small"
at_exit='umount "$small" 2>/dev/null'
mount -t tmpfs -o size=128k none "$small" 2>/dev/null ||
    skip_all 'a small disk cannot be mounted here'

taskfile <<-'EOT'
	version: '3'
	tasks:
	  build:
	    cache: true
	    sources: [src]
	    generates: ['out/**']
	    cmds:
	      - mkdir -p out; for i in 1 2 3; do cat src; head -c 60000 /dev/zero; done >out/a
	      - cat src >out/b; echo ran >>ran
	  many: {cmds: ['true']}
EOT
echo one >src
# sound: all that lies in the cache is whole
sound()
{
	find "$cache" -path '*/blob/*' -type f | while read -r f; do
		[ "$(sha256sum <"$f" | cut -d' ' -f1)" = "${f##*/}" ] ||
		    echo "$f"
	done
}

# ---- the cache ----
cache=$small/cache
printf '[cache]\ndir = %s\n' "$cache" >prun.ini
run prun build
is "$status $(cat out/b)" '0 one' 'a full cache: the task runs'
like "$err" 'is not cached: *no space left' 'and it is said why nothing is kept'
is "$(sound)" '' 'no blob is torn'
run prun --cache stats
like "$out" 'entries   0' 'there is no entry without its blobs'
run prun build
like "$err" 'up to date' 'the next run is as ever'
run prun --cache prune
is "$status $(find "$cache" -type f -size +8k)" '0 ' 'what was begun is gone'

# ---- the tree ----
rm -rf "${small:?}"/* out .task ran
cp Taskfile.yml src "$small"
cache=$work/cache
printf '[cache]\ndir = %s\n' "$cache" >prun.ini
cp prun.ini "$small"
run prun build
is "$status $(cat ran)" '0 ran' 'what is kept elsewhere'
cd "$small" || exit 1
head -c 30000 /dev/zero >fill
run prun -v build
isnt "$status" 0 'a full tree: the task fails as it does without a cache'
like "$err" 'not in the cache: *no space left*' 'putting back was tried, and could not'
is "$(find . -name 'prun-stage' -type d -exec ls {} \;)" '' \
    'nothing half put back lies about'
cd "$work/t" || exit 1
is "$(sound)" '' 'the cache is whole'
rm -rf out .task ran
run prun build
is "$status $(cat out/b) $(ls ran 2>/dev/null)" '0 one ' 'and serves others'

# ---- the history ----
umount "$small"
mount -t tmpfs -o size=1m none "$small" || bail_out 'no second disk'
printf '[state]\ndir = %s\n' "$small/state" >prun.ini
for _ in 1 2 3 4 5 6 7 8 9; do
	run prun -s many
done
is "$(ls "$small"/state/*/history.db | wc -l | tr -d ' ')" 1 'there is a history'
head -c 2000000 /dev/zero >"$small/fill" 2>/dev/null
told=
for _ in 1 2 3 4 5 6 7 8 9; do
	run prun -s many
	told="$told$status:$(echo "$err" | grep -c .) "
done
is "$(echo "$told" | tr ' ' '\n' | grep -v '^0:[012]$')" '' \
    'a full state folder: runs pass, with two lines at most'
like "$err" 'no space left on device' 'which say why'
rm -f "$small/fill"
for _ in 1 2 3 4 5 6 7 8 9; do
	run prun -s many
done
is "$status $err" '0 ' 'with room again nothing is said'
run prun --stats many
is "$status $(echo "$out" | grep -c '^many')" '0 1' 'and the history goes on'
done_testing
