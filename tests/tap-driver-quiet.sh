#!/bin/sh
# SPDX-License-Identifier: MIT
# The TAP driver of automake, but with one line for all that passed in a
# script instead of a line each; what did not pass is shown as it comes.
# The logs and result files are those of the driver.

name=
for arg; do
	test "$last" = --test-name && name=$arg
	last=$arg
done
"${0%/*}/../build-aux/tap-driver.sh" "$@" | awk -v name="$name" '
	/^[^ ]*PASS: / && !/^[^ ]*XPASS: / { passed++; next }
	{ print; other++ }
	END {
		if (passed)
			printf "%s: %d passed%s\n", name, passed, other ? ", see above" : ""
	}'
