#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual, from the program itself: out/manual.md
. phases/work.sh
takes 1
{
	echo '# greet'
	echo
	out/greet --help | sed 's/^/    /'
	echo
	sed 1,2d out/plan.md
} >out/manual.md
echo 'wrote out/manual.md'
