#!/bin/sh
# SPDX-License-Identifier: MIT
# P-1004: outputs by way of web servers that know nothing of prun, each that is
# installed.

. "${abs_srcdir:-.}/tests/cli/lib_cache.sh"

command -v python3 >/dev/null || skip_all 'there is no python3'
PATH=$PATH:/usr/sbin:/sbin

taskfile <<-'EOF'
version: '3'
tasks:
  build:
    cache: true
    sources: [src/*]
    generates: ['out/**']
    cmds:
      - mkdir -p out/deep
      - cat src/* > out/deep/all; chmod 751 out/deep/all
      - head -c 3000000 /dev/zero > out/big; cp out/big out/same
      - ': > out/empty; echo x > "out/with a blank"'
      - ln -sf deep/all out/link
      - echo ran >> ran; echo told; echo warned >&2
EOF
mkdir src
git_repo

# nginx_start FOLDER: as of the distribution, for this test alone
nginx_start()
{
	command -v nginx >/dev/null || return
	mkdir -p "$1/data/ac" "$1/data/cas" "$1/tmp" &&
	    sed "s/@PORT@/$port/; s/@USER@/$(id -un)/" \
		"$abs_srcdir/tests/cache_nginx.conf" >"$1/nginx.conf" &&
	    nginx -p "$1" -c "$1/nginx.conf" -e "$1/error.log" \
		>"$1/said" 2>&1 && answers "$port" &&
	    server=$(cat "$1/nginx.pid")
}

# apache_start FOLDER: with mod_dav, a second opinion on what HTTP is
apache_start()
{
	modules=/usr/lib/apache2/modules
	command -v apache2 >/dev/null && [ -e $modules/mod_dav_fs.so ] || return
	user=$(id -un) group=$(id -gn)
	mkdir -p "$1/data/ac" "$1/data/cas" || return
	# which does not serve as root
	if [ "$user" = root ]; then
		user=www-data group=www-data
		chmod 711 "$work" && chown -R $user:$group "$1" || return
	fi
	sed "s|@PORT@|$port|; s|@D@|$1|; s|@MODULES@|$modules|
	    s|@USER@|$user|; s|@GROUP@|$group|" \
	    "$abs_srcdir/tests/cache_apache.conf" >"$1/apache.conf" &&
	    apache2 -f "$1/apache.conf" >"$1/said" 2>&1 && answers "$port" &&
	    server=$(cat "$1/apache.pid")
}

# misnamed: blobs whose name is not their digest
misnamed()
{
	python3 -c 'import hashlib, os, sys
for name in os.listdir(sys.argv[1]):
    with open(os.path.join(sys.argv[1], name), "rb") as f:
        if hashlib.sha256(f.read()).hexdigest() != name:
            print(name)' "$store/cas"
}
count()
{
	find "$store/$1" -type f | wc -l | tr -d ' '
}

# with SERVER FOLDER: all that is to be seen with one
with()
{
	echo "$1" >src/a
	store=$2/data
	url=http://127.0.0.1:$port/
	settings 'write = on' 'upload = 20s'
	elsewhere
	run prun -v build
	is "$status $out" '0 told' "$1: the work is done"
	has "$err" 'the remote one: it has none' "$1: and why, is said"
	is "$(warnings)" 0 "$1: there is nothing to warn of"
	is "$(count ac)" 1 "$1: one result is there"
	# all; big and same; empty; the one with a blank; log; manifest
	is "$(count cas)" 6 "$1: each content is there once"
	is "$(misnamed)" '' "$1: under its own digest"
	cp -R out kept

	elsewhere
	settings
	rm -f ran
	run prun -v build
	is "$status $out" '0 told' "$1: elsewhere what was printed is, too"
	has "$err" 'from the cache: 6 files of the remote one' "$1: and it is told"
	has "$err" warned "$1: each stream on its own"
	[ ! -e ran ]
	ok $? "$1: nothing ran"
	run diff -r --no-dereference kept out
	is "$status$out" 0 "$1: the outputs are the same"
	is "$(find out -type f -perm 751)" out/deep/all "$1: with their modes"
	run prun build
	has "$err" 'is up to date' "$1: and up to date"
	run prun --cache stats
	has "$out" 'remote    1 of these hits' "$1: statistics know it"
	elsewhere
	mkdir -p "$work/clone" && cp -R . "$work/clone"
	run sh -c 'cd "$1" && "$PRUN" -v build' sh "$work/clone"
	has "$err" 'of the remote one' "$1: another folder is the same to it"
	elsewhere
	prun build >/dev/null 2>&1
	rm -rf out .task "$store"/cas/* "$store"/ac/*
	run prun -v build
	has "$err" 'from the cache: 6 files, saves' "$1: from then on it is here"
	echo "$1 again" >src/a
	run prun -v build
	has "$err" 'source changed: src/a; the remote one: it has none' \
	    "$1: what differs is known of what came, too"
	is "$(count ac)" 0 "$1: without write = on nothing is sent"
	rm -rf kept
}

seen=
for kind in nginx apache; do
	port=$(free_port)
	if "${kind}_start" "$work/$kind"; then
		servers="$servers $server"
		seen=$kind
		with "$kind" "$work/$kind"
	elif [ -s "$work/$kind/said" ]; then
		ok 1 "$kind starts"
		note "$(cat "$work/$kind/said")"
	else
		skip "$kind" 'it is not installed'
	fi
done

# ---- what is sent, as others read it ----
if command -v protoc >/dev/null && [ -n "$seen" ]; then
	echo decoded >src/a
	settings 'write = on' 'upload = 20s'
	elsewhere
	prun build >/dev/null 2>&1
	run sh -c 'cat "$1"/ac/* | protoc --decode_raw' sh "$store"
	is "$status" 0 'a result is a message of protobuf'
	digest='"[0-9a-f]\{64\}"'
	is "$(printf '%s\n' "$out" | tr -s ' \n' ' ' |
	    sed "s/$digest/D/g; s|\"prun/[0-9][^\"]*\"|WHO|; s/D 2: [0-9]* } } } 12/D 2: N } } } 12/")" \
	    '2 { 1: "out/big" 2 { 1: D 2: 3000000 } } 2 { 1: "out/deep/all" 2 { 1: D 2: 8 } 4: 1 } 2 { 1: "out/empty" 2 { 1: D } } 2 { 1: "out/same" 2 { 1: D 2: 3000000 } } 2 { 1: "out/with a blank" 2 { 1: D 2: 2 } } 6 { 1: D 2: 12 } 9 { 1: WHO 11 { 1: "prun/manifest" 2 { 1: D 2: N } } } 12 { 1: "out/link" 2: "deep/all" } ' \
	    'an ActionResult, with its worker'
else
	skip 'the ActionResult' 'there is no protoc, or no server'
fi
done_testing
