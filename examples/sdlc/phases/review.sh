#!/bin/sh
# SPDX-License-Identifier: MIT
# Reads the program as a reviewer would: out/review.md
. phases/work.sh
takes 1
{
	echo '# Review'
	echo
	if sh -n out/greet; then
		echo '- the shell can read it'
	fi
	if awk 'length($0) > 80 { long = 1 } END { exit long }' out/greet; then
		echo '- no line is too long'
	fi
	if grep -q '^# usage: ' out/greet; then
		echo '- it says how it is used'
	fi
} >out/review.md
[ "$(grep -c '^- ' out/review.md)" -eq 3 ] || {
	cat out/review.md
	exit 1
}
echo 'reviewed out/greet'
