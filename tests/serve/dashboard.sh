#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2034,SC2154 # lib.sh; text for eval
# The dashboard in a real browser (P-1206): dashboard.py says what is looked at.
# With prun-serve beside prun the page is that of the server; without, and for
# what only a double can do, that of double.py.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

tests=$abs_srcdir/tests/serve
page=$abs_srcdir/src/serve/page
command -v python3 >/dev/null || skip_all 'no python3'
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
python3 "$tests/dashboard.py" browser >/dev/null || skip_all 'no chromium'

mkdir "$work/shop" && cd "$work/shop" || exit 99
git_repo
cp "$tests/shop.yml" Taskfile.yml
mkdir -p docs/plans
for i in 1 2 3 4 5; do
	echo "# plan $i" >docs/plans/e2e-test-0$i.md
done
git add . && git commit -qm first
prun qa >/dev/null 2>&1
mkdir "$work/browser"

server=
at_exit='[ -z "$server" ] || kill "$server" 2>/dev/null'
# serve NAME: starts it, $address says where; the first line tells.
serve()
{
	rm -f "$work/address" && mkfifo "$work/address"
	if [ "$1" = double ]; then
		python3 "$tests/double.py" "$page" "$PRUN" "$PWD" \
		    >"$work/address" 2>"$work/server.log" &
	else
		"$PRUN" --serve --listen 127.0.0.1:0 \
		    >"$work/address" 2>"$work/server.log" &
	fi
	server=$!
	address=$(sed -n 's|.*\(http://[^ ]*\).*|\1|p;/http/q' <"$work/address")
}

look()
{
	serve "$1"
	if [ -z "$address" ]; then
		fail "$1 starts"
		note "$(cat "$work/server.log")"
		return
	fi
	python3 "$tests/dashboard.py" "$2" "$address" "$work/browser" \
	    "$tests_run" >"$work/tap" 2>"$work/py.log"
	status=$?
	cat "$work/tap"
	tests_run=$(grep -c '^\(not \)\{0,1\}ok ' "$work/tap" |
	    awk -v n="$tests_run" '{ print n + $1 }')
	[ "$status" -eq 0 ]
	ok $? "$1: looked at to the end"
	[ "$status" -eq 0 ] || note "$(cat "$work/py.log" "$work/server.log")"
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	server=
}

if [ -x "$(dirname "$PRUN")/prun-serve" ]; then
	what=all
	prun __complete --plan | grep -q -e '^--plans' || what=runs
	look real $what
	[ $what = all ] || skip 'sessions of prun-serve' 'prun has none'
else
	skip 'the page of prun-serve' 'it was not built'
	look double all
fi
look double lost
mkdir "$work/fresh" && cd "$work/fresh" && cp "$tests/shop.yml" Taskfile.yml
look double fresh

done_testing
