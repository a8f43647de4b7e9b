# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154 # shared with lib.sh and scripts
# Remote caches for the scripts that test them; sourced in place of lib.sh.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

[ -x "${PRUN%/*}/prun-fetch" ] || skip_all 'prun-fetch is not built'
for name in $(env | sed -n 's/^\([A-Za-z_]*_[Pp][Rr][Oo][Xx][Yy]\)=.*/\1/p'); do
	unset "$name"
done
unset name
unset GITHUB_HEAD_REF GITHUB_REF

servers=
at_exit='for server in $servers; do kill "$server" 2>/dev/null; done'

# fake [PEM]: a cache that goes wrong as $store/mode says; sets $url, $port
fake()
{
	command -v python3 >/dev/null || skip_all 'there is no python3'
	store=$work/store
	log=$work/requests
	mkdir -p "$store"
	: >"$log"
	mkfifo "$work/ready"
	sh -c 'fifo=$1; shift; "$@"; [ ! -p "$fifo" ] || echo 0 0 >"$fifo"' \
	    sh "$work/ready" python3 "$abs_srcdir/tests/cache_server.py" \
	    "$store" "$log" "$work/ready" "$@" >"$work/server" 2>&1 </dev/null &
	read -r port server <"$work/ready"
	rm "$work/ready"
	[ "$port" != 0 ] || bail_out "no server: $(cat "$work/server")"
	servers="$servers $server"
	url=http://127.0.0.1:$port
}

# mode [MODE [METHOD [FOLDER]]]: what goes wrong from now on
mode()
{
	rm -f "$store/mode"
	[ $# -eq 0 ] || echo "$1 ${2:-*} ${3:-*}" >"$store/mode"
}

# requests: what was asked for since the last time, "METHOD folder" a line
requests()
{
	sed 's|^\([A-Z]*\) /\([a-z]*\).*|\1 \2|' "$log" | sort | uniq -c |
	    sed 's/^ *//' | tr '\n' ',' | sed 's/,$//'
	: >"$log"
}

# settings LINE…: [cache] with a url
settings()
{
	printf '[cache]\nurl = %s\n' "$url" >prun.ini
	[ $# -eq 0 ] || printf '%s\n' "$@" >>prun.ini
}

# elsewhere: as on another machine: nothing is there but the sources
elsewhere()
{
	rm -rf out .task "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
}

# free_port: one that nobody listens at now
free_port()
{
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# answers PORT: waits until a web server does
answers()
{
	python3 -c 'import http.client, sys, time
for i in range(600):
    try:
        c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), 10)
        c.request("HEAD", "/")
        c.getresponse()
        sys.exit(0)
    except OSError:
        time.sleep(0.05)
sys.exit(1)' "$1"
}

# has TEXT WORDS NAME: the words are somewhere in the text
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
# warnings: lines of the last run that tell of the remote cache
warnings()
{
	printf '%s\n' "$err" | grep -c '^prun: the cache at '
}
now_ms()
{
	python3 -c 'import time; print(int(time.monotonic() * 1000))'
}
