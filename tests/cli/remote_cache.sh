#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2119,SC2015
# C-300, C-602 to C-609, C-642, M-21, M-23, M-25, M-51, M-52, M-78: copies of
# remote files, and the trust in them.

. "${abs_srcdir:-.}/tests/cli/lib_remote.sh"
serve
TASK_REMOTE_INSECURE=1
export TASK_REMOTE_INSECURE
echo_page dir/one.yml one
it=$url/dir/one.yml
host=127.0.0.1:$port
sum=$(printf %s "$it" | sha256sum 2>/dev/null || printf %s "$it" | sha256)
sum=${sum%% *}
key=.task/remote/http.$host.dir.one.yml.$sum

# The names of copies, of addresses that are asked for nowhere (C-603); the
# checksum is that of the address as messages show it.
key_of()
{
	run prun --offline -v -t "$1"
	printf '%s\n' "$out" | sed -n -e 's|^checking cache for ||' \
	    -e 's|"\(.*\)" in ".task/remote/\(.*\)\.[0-9a-f]*\.yaml"$|\1 \2|p'
}
while read -r address shown name; do
	[ "$shown" != = ] || shown=$address
	is "$(key_of "$address")" "$shown $name" "the name for $address"
done <<'EOT'
https://h.example = http.h.example.
https://h.example/ = http.h.example.
https://h.example/a = http.h.example.a
https://h.example/a/x.yml = http.h.example.x.yml
https://h.example:84/dir/x.yml = http.h.example:84.dir.x.yml
https://h.example/a/../x.yml = http.h.example....x.yml
https://h.example/dir/x.yml?a=1&b#c = http.h.example.dir.x.yml
https://u:p@h.example/x.yml https://u:xxxxx@h.example/x.yml http.h.example.x.yml
https://h.example/a%2Fxy/z.yml = http.h.example.xy.z.yml
https://h.example/ä/x.yml https://h.example/%C3%A4/x.yml http.h.example.ä.x.yml
https://h.example/r.git = git.h.example..
https://h.example/r.git?ref=v1 = git.h.example..
https://h.example/r.git//sub/x.yml = git.h.example.sub.x.yml
https://h.example/o/_git/r//x.yml = git.h.example.x.yml
ssh://git@h.example:22/r.git//a/b/x.yml = git.h.example:22.x.yml
git@h.example:o/r.git//x.yml ssh://git@h.example/o/r.git//x.yml git.h.example.x.yml
EOT
run prun --offline -t 'https://h.example/a%00b'
is "$status" 1 'a name that would be cut off is refused'

# first use
run prun -t "$it"
is "$status $err" "104 task: Taskfile \"$it\" not trusted by user" \
    'without a terminal a new file is not trusted (M-21)'
is "$out" '' 'nobody is asked'
[ ! -e .task ]
ok $? 'and nothing is kept'
run prun --offline -t "$it"
is "$status $err" "106 task: Taskfile \"$it\" was not found in the cache. \
Remove the --offline flag to use a remote copy or download it using the \
--download flag" 'offline without a copy (M-23)'

run prun -y -v -t "$it" default
is "$out" "checking cache for \"$it\" in \"$key.yaml\"
no cache found
downloading remote file: $it
found remote file at \"$it\"
$(question "$it")
Continue? [assuming yes]
caching \"$it\" to \"$key.yaml\"
one" 'what --verbose says (M-78)'
content=$(sha256sum <"$www/dir/one.yml" 2>/dev/null || sha256 <"$www/dir/one.yml")
is "$(cat "$key.checksum")" "${content%% *}" 'the checksum is kept (C-602)'
cmp -s "$key.yaml" "$www/dir/one.yml"
ok $? 'the content, too'
like "$(cat "$key.timestamp")" '20??-??-??T??:??:??Z' 'and the time'
is "$(($(wc -c <"$key.timestamp")))" 20 'without a newline'

# cached
requests >/dev/null
run prun -t "$it"
is "$status $(requests | wc -l | tr -d ' ')" '0 2' \
    'what is known is fetched again without a question (C-604)'
run prun --expiry 1h -v -t "$it"
like "$out" 'cache found' 'a copy is used while it is young'
is "$(requests)" '' 'and nothing is asked for'
run prun --expiry 1h --download -v -t "$it"
like "$out" "cache found
downloading remote file: $it
found remote file" '--download fetches all the same (C-010)'
printf 2020-01-01T00:00:00Z >"$key.timestamp"
run prun --expiry 1h -v -t "$it"
like "$out" 'cache expired at 2020-01-01T01:00:00Z
downloading' 'an old copy is replaced'
printf 2999-01-01T00:00:00Z >"$key.timestamp"
run prun --expiry 1h --offline -v -t "$it" default
is "$(printf '%s\n' "$out" | sed 1d)" \
    'cache expired at 2999-01-01T01:00:00Z
in offline mode, using expired cache
one' 'a time ahead is no valid one; offline uses any copy (C-604)'
rm "$key.timestamp"
run prun --offline -v -t "$it"
like "$out" 'cache expired at 0001-01-01T00:00:00Z' 'nor is none'

# changed
echo_page dir/one.yml two
run prun -t "$it"
is "$status" 104 'a changed file is not trusted'
run prun -y -t "$it" default
is "$out" "The Taskfile at \"$it\" has changed since you last used it!
--- Make sure you trust the source of this Taskfile before continuing ---
Continue? [assuming yes]
two" 'it is asked for (M-52)'

# trusted hosts
echo_page dir/one.yml three
for hosts in 127.0.0.1 "localhost:$port" "$host.example"; do
	run prun --trusted-hosts "$hosts" -t "$it"
	is "$status" 104 "$hosts is another host (C-608)"
done
run env TASK_REMOTE_TRUSTED_HOSTS="$host" "$PRUN" --trusted-hosts x -t "$it"
is "$status" 104 'the flag replaces the environment'
run env TASK_REMOTE_TRUSTED_HOSTS="x, $host ,y" "$PRUN" -t "$it" default
is "$status $out" '0 three' 'a trusted host is not asked for (C-607)'

# pins
taskfile pin/Taskfile.yml <<EOT
version: '3'
includes:
  x:
    taskfile: $it
    checksum: $(cat "$key.checksum")
EOT
run prun -d pin x:default
is "$status $out" '0 three' 'a pinned file is not asked for (C-606)'
sed "s/checksum: .*/checksum: abc/" pin/Taskfile.yml >pin/other.yml
pin_error="task: The checksum of the Taskfile at \"$it\" does not match!
got: \"$(cat "$key.checksum")\"
want: \"abc\""
run prun -t pin/other.yml x:default
is "$status $err" "111 $pin_error" 'another content is refused (M-25)'
run prun -t pin/other.yml --offline x:default
is "$status $err" "111 $pin_error" 'in the cache as well'

# a server that does not answer
slow=$url/hang/one.yml
sum=$(printf %s "$slow" | sha256sum 2>/dev/null || printf %s "$slow" | sha256)
sum=${sum%% *}
cp "$www/dir/one.yml" ".task/remote/http.$host.hang.one.yml.$sum.yaml"
run prun -v --timeout 300ms -t "$slow" default
is "$status" 0 'a copy is used when the time is up (C-605)'
like "$out" 'failed to fetch remote file: context deadline exceeded: using expired cache' \
    'which --verbose says'
run prun -v --timeout 5s -t "http://127.0.0.1:1/x.yml"
is "$status" 103 'no other failure is hidden'

# where copies lie
TASK_ASSUME_YES=1
export TASK_ASSUME_YES
for words in '--temp-dir=a' '--remote-cache-dir=b' \
    "--remote-cache-dir=~/c" "--temp-dir=$work/abs/d"; do
	run prun "$words" -t "$it"
done
for dir in a b "$HOME/c" "$work/abs/d"; do
	set -- "$dir"/remote/http."$host".dir.one.yml.*.yaml
	[ -e "$1" ]
	ok $? "copies lie in ${dir#"$work"}/remote (C-602, C-300)"
done
run env TASK_REMOTE_DIR=e "$PRUN" -t "$it"
[ -d e/remote ]
ok $? 'TASK_REMOTE_DIR says where, too (C-035)'

# --clear-cache
run prun -t "$it" --clear-cache
is "$status $out" '0 ' '--clear-cache says nothing (C-107)'
[ ! -e .task/remote ] && [ -e a/remote ]
ok $? 'and removes the copies'
for flag in --offline --clear-cache; do
	run prun --download $flag
	like "$err" "You can't set both --download and $flag flags" \
	    "--download and $flag (C-070, C-071)"
done

done_testing
