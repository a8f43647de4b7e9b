#!/bin/sh
# SPDX-License-Identifier: MIT
# Tries the program: out/test.txt
. phases/work.sh
takes 1
failures=0

# try NAME GOT WANT
try()
{
	if [ "$2" = "$3" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1: got '$2', want '$3'"
		failures=$((failures + 1))
	fi
}

{
	try 'a name' "$(out/greet Ada)" 'Hello, Ada!'
	try 'no name' "$(out/greet)" 'Hello, world!'
	try 'a name of two words' "$(out/greet 'Ada L')" 'Hello, Ada L!'
} >out/test.txt
cat out/test.txt
! grep -q '^not ok' out/test.txt
