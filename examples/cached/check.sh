#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh PAGE: its title is there, and its links lead to pages.
set -eu
grep -q '<title>.' "$1" || {
	echo "$1 has no title" >&2
	exit 1
}
for to in $(sed -n 's/.*href="\([a-z]*\)\.html".*/\1/p' "$1"); do
	[ -e "pages/$to.txt" ] || {
		echo "$1: there is no page $to" >&2
		exit 1
	}
done
echo "$1 is well"
