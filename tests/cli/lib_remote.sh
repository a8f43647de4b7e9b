# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154 # shared with lib.sh and scripts
# A web server of the test's own, for the scripts about remote Taskfiles; it is
# sourced in place of lib.sh.
#
#	serve [--cert PEM --key PEM [--ca PEM] [--both]]
#
# serves the folder $www and sets $port (http), $git_port (git) and $url.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v python3 >/dev/null || skip_all 'there is no python3'
[ -x "${PRUN%/*}/prun-fetch" ] || skip_all 'prun-fetch is not built'
for name in $(env | sed -n 's/^\([A-Za-z_]*_[Pp][Rr][Oo][Xx][Yy]\)=.*/\1/p'); do
	unset "$name"
done
unset name

www=$work/www
log=$work/requests
servers=
mkdir "$www"
trap 'stop_servers
	cd / && chmod -R u+rwX "$work" && rm -rf "$work"' EXIT

stop_servers()
{
	for server in $servers; do
		kill "$server" 2>/dev/null
	done
}

# The server says when it is ready; where it dies instead, the shell around it
# does, so that nobody waits for ever.
serve()
{
	fifo=$work/ready
	mkfifo "$fifo"
	: >"$log"
	# shellcheck disable=SC2016 # for the inner shell
	sh -c 'fifo=$1; shift; "$@"; [ ! -p "$fifo" ] || echo 0 0 0 >"$fifo"' \
	    sh "$fifo" python3 "$abs_srcdir/tests/remote_server.py" \
	    "$www" "$log" "$fifo" "$@" >"$work/server" 2>&1 </dev/null &
	read -r port git_port server <"$fifo"
	rm "$fifo"
	[ "$port" != 0 ] || bail_out "no server: $(cat "$work/server")"
	servers="$servers $server"
	url=http://127.0.0.1:$port
}

# certificate NAME: one for 127.0.0.1, signed by the test's own authority
certificate()
{
	openssl req -newkey rsa:2048 -nodes -keyout "$keys/$1.key" \
	    -out "$keys/csr" -subj "/CN=$1" 2>/dev/null &&
	    echo 'subjectAltName=IP:127.0.0.1' >"$keys/ext" &&
	    openssl x509 -req -in "$keys/csr" -CA "$keys/ca.pem" \
		-CAkey "$keys/ca.key" -CAcreateserial -days 2 \
		-extfile "$keys/ext" -out "$keys/$1.pem" 2>/dev/null
}

# make_keys: an authority, a server's and a client's certificate in $keys;
# false where that cannot be done
make_keys()
{
	keys=$work/keys
	mkdir "$keys" && command -v openssl >/dev/null &&
	    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$keys/ca.key" \
		-out "$keys/ca.pem" -days 2 -subj /CN=ca \
		-addext basicConstraints=critical,CA:TRUE 2>/dev/null &&
	    certificate server && certificate client
}

# listening_git: a git in $work/bin, which writes its arguments to $work/args
listening_git()
{
	mkdir "$work/bin" && cat >"$work/bin/git" <<-EOT && chmod +x "$work/bin/git"
	#!/bin/sh
	echo "\$*" >>"$work/args"
	PATH=\${PATH#*:} exec git "\$@"
	EOT
}

# requests: what was asked for since the last time, one "METHOD /path" a line.
requests()
{
	sed 's/ [^ ]* [^ ]*$//' "$log"
	: >"$log"
}

# page PATH <text: a file of the server.
page()
{
	mkdir -p "$(dirname "$www/$1")" && cat >"$www/$1"
}

# a task that echoes its argument, as page PATH
echo_page()
{
	page "$1" <<-EOT
	version: '3'
	tasks:
	  default:
	    cmds: [echo $2]
	    silent: true
	EOT
}

# The text of M-51 for an address.
question()
{
	cat <<-EOT
	The task you are attempting to run depends on the remote Taskfile at "$1".
	--- Make sure you trust the source of this Taskfile before continuing ---
	EOT
}
