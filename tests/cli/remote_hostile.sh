#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2119,SC2015
# C-600 to C-612, C-618, C-630: web servers that lead elsewhere or lie, tokens in
# addresses, and copies that were damaged.

. "${abs_srcdir:-.}/tests/cli/lib_remote.sh"
make_keys || skip_all 'openssl makes no certificates'
echo_page one.yml one
echo_page bomb/one.yml one
echo_page short/one.yml one
serve
plain=$port
serve --cert "$keys/server.pem" --key "$keys/server.key" --both
both=$port
at=http://127.0.0.1
TASK_REMOTE_INSECURE=1
export TASK_REMOTE_INSECURE

# ---- redirects ----

# to another host: the address is trusted, not what it leads to
far=$at:$plain/away/$both/one.yml
run prun --trusted-hosts "127.0.0.1:$plain" -t "$far" default
is "$status $err" "104 task: Taskfile \"$far\" not trusted by user: it comes \
from \"127.0.0.1:$both\"" 'a trusted host vouches for no other (C-608)'
[ ! -e .task ]
ok $? 'of which nothing is kept'
run prun --trusted-hosts "127.0.0.1:$both" -t "$far" default
is "$status" 104 'nor is it trusted for what another sends'
run prun --trusted-hosts "127.0.0.1:$plain,127.0.0.1:$both" -t "$far" default
is "$status $out" '0 one' 'both are'
rm -rf .task
run prun -y -t "$far" default
is "$status $out" "0 $(question "$far" | sed "1a\\
It comes from \"127.0.0.1:$both\", where redirects led.")
Continue? [assuming yes]
one" 'the question names the other host (C-607)'
run prun --trusted-hosts "127.0.0.1:$plain" -t "$far" default
is "$status $out" '0 one' 'what was trusted before is the same from anywhere'
rm -rf .task
near=$at:$plain/to/one.yml
run prun --trusted-hosts "127.0.0.1:$plain" -t "$near" default
is "$status $out" '0 one' 'a redirect on one host needs no second trust'

TASK_ASSUME_YES=1
export TASK_ASSUME_YES
for to in file:///etc/passwd file://localhost/etc/passwd ftp://127.0.0.1/x \
    gopher://127.0.0.1:1/x dict://127.0.0.1:1/x data:text/yaml,version: \
    http: http:// %01 'x%0d%0aX-A:%20b'; do
	run prun -t "$at:$plain/loc/$to"
	case $status in 100 | 103) true ;; *) false ;; esac
	ok $? "a redirect to $to leads nowhere (C-612)"
done
: >"$log"
run prun -t "$at:$plain/loop/x.yml"
is "$status $(wc -l <"$log" | tr -d ' ')" '103 11' 'a circle ends at the tenth'

# who the user is, is told to the host of the address alone
cat >.taskrc.yml <<EOT
remote:
  headers:
  - host: 127.0.0.1:$both
    headers: {X-Token: secret}
EOT
: >"$log"
run prun -t "https://u:pw@127.0.0.1:$both/down/$both/one.yml" default
is "$status" 0 'https leads to http with --insecure'
is "$(cat "$log")" "HEAD /down/$both/one.yml secret Basic_dTpwdw==
HEAD /one.yml - -
GET /down/$both/one.yml secret Basic_dTpwdw==
GET /one.yml - -" 'on the way down there is neither password nor header (C-630)'
rm .taskrc.yml
serve --cert "$keys/server.pem" --key "$keys/server.key" --ca "$keys/ca.pem"
asking=$port
serve --cert "$keys/server.pem" --key "$keys/server.key"
set -- --cacert "$keys/ca.pem" --cert "$keys/client.pem" \
    --cert-key "$keys/client.key"
run env TASK_REMOTE_INSECURE=0 "$PRUN" "$@" \
    -t "https://127.0.0.1:$asking/to/one.yml" default
is "$status" 0 'a certificate goes to its host'
run env TASK_REMOTE_INSECURE=0 "$PRUN" "$@" \
    -t "https://127.0.0.1:$port/away/$asking/one.yml" default
is "$status" 103 'and to no other (C-618)'

# ---- bodies ----

run prun -v -t "$at:$plain/bomb/one.yml" default
is "$status" 103 'what becomes too much is given up (C-611)'
like "$out" 'the file is too large' 'as too large'
run prun -v -t "$at:$plain/short/one.yml" default
is "$status" 103 'half of a file is none'
[ -z "$(ls .task/remote/*bomb* .task/remote/*short* 2>/dev/null)" ]
ok $? 'neither is kept'

# ---- tokens in messages ----

page broken.yml <<'EOT'
x: [
EOT
page fails.yml <<'EOT'
version: '3'
includes: {i: none.yml?access_token=geheim}
EOT
for words in "$at:$plain/none.yml?access_token=geheim" \
    "$at:$plain/broken.yml?x=y&private_token=geheim" \
    "$at:$plain/status/401/x?sig=geheim#f" "$at:$plain/fails.yml" \
    "http://geheim@127.0.0.1:$plain/none.yml" \
    "http://u:geheim@127.0.0.1:$plain/none.yml" \
    "http://geheim@127.0.0.1:1/r.git" \
    "--offline $at:$plain/never.yml?token=geheim" \
    "--timeout=100ms $at:$plain/hang/x.yml?token=geheim" \
    "--insecure=false $at:$plain/one.yml?token=geheim" \
    "-v $at:$plain/one.yml?token=geheim" \
    "http://u:geheim@h\\/x.yml" "http://u:geheim@h/x%00"; do
	case $words in
	*\ *) flag=${words%% *} ;;
	*) flag=-s ;;
	esac
	run prun "$flag" -t "${words##* }" default
	unlike "$out$err" geheim "no token is shown: $words (C-601)"
done
run prun -t "$at:$plain/broken.yml?token=geheim"
like "$err" "prun: at $at:$plain/broken.yml[?]token=xxxxx:2:1" \
    'nor does it hide where the mistake is'

# ---- pins ----

sum=0000000000000000000000000000000000000000000000000000000000000000
taskfile pin/Taskfile.yml <<EOT
version: '3'
includes:
  a: $at:$plain/one.yml
  b: {taskfile: '$at:$plain/one.yml', checksum: $sum}
EOT
run prun -d pin a:default
is "$status" 111 'each include has its own pin (C-606)'
echo "version: '3'" >pin/x.yml
taskfile pin/Taskfile.yml <<EOT
version: '3'
includes:
  a: x.yml
  b: {taskfile: x.yml, checksum: $sum}
EOT
run prun -d pin --list
is "$status" 111 'for a local file as well'

# ---- copies ----

rm -rf .task
it=$at:$plain/one.yml
run prun -s -t "$it" default
key=$(echo .task/remote/*.yaml) key=${key%.yaml}
cp "$key.yaml" good
printf "version: '3'\ntasks:" >"$key.yaml"
run prun --offline -t "$it" default
is "$status $err" "106 task: Taskfile \"$it\" is damaged in the cache. Remove \
the --offline flag to use a remote copy or download it using the --download \
flag" 'a copy that is not what was trusted is none (C-606)'
run prun --expiry 1h -s -t "$it" default
is "$status $out" '0 one' 'online it is fetched again'
cmp -s good "$key.yaml"
ok $? 'and whole'
run prun --offline --compat -s -t "$it" default
is "$status $out" '0 one' 'the copy is good again'
rm "$key.yaml" && mkfifo "$key.yaml"
run prun --offline -s -t "$it" default
is "$status" 106 'a pipe in its place is no copy, and nobody waits for it'
run prun -s -t "$it" default
is "$status $out" '0 one' 'online it gives way'
echo elsewhere >victim
rm "$key.yaml" && ln -s "$PWD/victim" "$key.yaml"
run prun -s -t "$it" default
is "$status $out $(cat victim)" '0 one elsewhere' \
    'nothing is written through a link'
rm "$key.timestamp" && mkfifo "$key.timestamp"
run prun --expiry 1h -v -t "$it" default
is "$status" 0 'a time that cannot be read'
like "$out" 'cache expired at 0001-01-01T01:00:00Z' 'is long ago'

# One writes a copy while another reads it: the reader waits.
if [ -r /proc/locks ]; then
	cat >"$work/writer" <<'EOT'
import fcntl, os, sys
key, new = sys.argv[1:]
fd = os.open(os.path.dirname(key), os.O_RDONLY)
fcntl.flock(fd, fcntl.LOCK_EX)
with open(key + ".yaml", "w") as out:
    out.write("version: '3'")
print(os.fstat(fd).st_ino, flush=True)
sys.stdin.readline()
with open(key + ".yaml", "w") as out:
    out.write(open(new).read())
EOT
	mkfifo "$work/in" "$work/said"
	python3 "$work/writer" "$key" good <"$work/in" >"$work/said" &
	writer=$!
	exec 8>"$work/in"
	read -r inode <"$work/said"
	"$PRUN" --offline -s -t "$it" default >"$work/reader" 2>&1 &
	reader=$!
	wait_for grep -q -e "-> FLOCK .*:$inode 0 EOF" /proc/locks
	ok $? 'a reader waits for who writes'
	echo go >&8
	exec 8>&-
	wait "$reader"
	is "$? $(cat "$work/reader")" '0 one' 'and then has what was written'
	wait "$writer"
fi

done_testing
