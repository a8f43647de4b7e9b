#!/bin/sh
# check.sh FILE: fails for what is no pi.
set -eu
awk '{ exit !($1 > 3.1 && $1 < 3.2) }' "$1" || {
	echo "$(cat "$1") is not near pi" >&2
	exit 1
}
