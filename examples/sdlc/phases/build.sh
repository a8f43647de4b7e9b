#!/bin/sh
# SPDX-License-Identifier: MIT
# From the sources and the plan to a program: out/greet
. phases/work.sh
takes 0.4
{
	sed -n 1p src/greet.sh
	sed 's/^/# /' out/plan.md
	sed 1d src/greet.sh
} >out/greet
chmod +x out/greet
echo 'built out/greet'
