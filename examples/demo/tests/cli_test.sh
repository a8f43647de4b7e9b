#!/bin/sh
# SPDX-License-Identifier: MIT
# The program from outside.
words=${1:-build/words}
failures=0

# check NAME GOT WANT
check()
{
	if [ "$2" = "$3" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1: got '$2', want '$3'"
		failures=$((failures + 1))
	fi
}

check 'one line a word' \
    "$(printf 'to be or not\nto be\n' | "$words" 2)" "$(printf '2 be\n2 to')"
check 'no words, no lines' "$("$words" </dev/null)" ''
check 'ten words if not told' \
    "$(echo a b c d e f g h i j k | "$words" | wc -l | tr -d ' ')" 10
"$words" many </dev/null 2>/dev/null
check 'what is no number is refused' $? 2
exit "$failures"
